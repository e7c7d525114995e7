"""The number of threads of matrix products on the CPU."""

from __future__ import annotations

from typing import Any

from kernels.cpu.threads import use_second_thread

_limit: Any = None  # keeps the limit in effect


def set_num_threads(threads: int) -> None:
    """Set the number of threads of matrix products; with 1, other kernels run in the calling thread alone too.

    Raises:
        RuntimeError: if `threads` is not a positive integer.
    """
    global _limit
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise RuntimeError(f"set_num_threads expects a positive integer, but got {threads!r}")
    from threadpoolctl import threadpool_limits

    _limit = threadpool_limits(threads, user_api="blas")
    use_second_thread(threads > 1)


def get_num_threads() -> int:
    """The number of threads of matrix products."""
    from threadpoolctl import threadpool_info

    return max([library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"], default=1)
