"""Two halves of a kernel's work at the same time: NumPy lets other threads run while it computes.

The work is cut in two whatever the machine, so that the results do not depend on the number of its processors.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Result = TypeVar("Result")


class _Second:
    """One more thread, started when it is first needed; after a fork, which copies no threads, another one.

    Attributes:
        used: whether a process may use it: not if it has one processor, or was started with one thread for BLAS.
    """

    def __init__(self) -> None:
        self.pool: ThreadPoolExecutor | None = None
        limits = os.environ.get("OPENBLAS_NUM_THREADS"), os.environ.get("OMP_NUM_THREADS")
        processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        self.used = "1" not in limits and processors != 1

    def forget(self) -> None:
        self.pool = None

    def get(self) -> ThreadPoolExecutor:
        pool = self.pool
        if pool is None:
            from concurrent.futures import ThreadPoolExecutor  # some milliseconds that few programs need

            pool = self.pool = ThreadPoolExecutor(1, thread_name_prefix="kernels")
        return pool


_second = _Second()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_second.forget)


def use_second_thread(used: bool) -> None:
    """Whether `in_halves` may use a second thread from now on. The results are the same."""
    _second.used = used


def uses_second_thread() -> bool:
    """Whether `in_halves` uses a second thread."""
    return _second.used


def in_halves(run: Callable[[slice], Result], n: int) -> list[Result]:
    """The results of `run` for the first and the second half of `range(n)`, run at the same time if possible.

    Args:
        run: must call no kernel that uses `in_halves`, and write only what belongs to its half.
        n: the number of parts. Of a single one, `run` gets all.
    """
    if n < 2:
        return [run(slice(0, n))]
    halves = slice(0, n // 2), slice(n // 2, n)
    if not _second.used:
        return [run(half) for half in halves]
    other = _second.get().submit(copy_context().run, run, halves[1])  # with the caller's handling of overflow
    try:
        first = run(halves[0])
    finally:
        other.exception()  # wait: the arrays that it writes are the caller's
    return [first, other.result()]
