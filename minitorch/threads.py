"""How many threads the matrix products on the CPU use."""

from __future__ import annotations

from typing import Any

_limit: Any = None  # keeps the limit in force


def set_num_threads(threads: int) -> None:
    """Let matrix products use this many threads.

    Raises:
        RuntimeError: if it is not a positive integer.
    """
    global _limit
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise RuntimeError(f"set_num_threads expects a positive integer, but got {threads!r}")
    from threadpoolctl import threadpool_limits

    _limit = threadpool_limits(threads, user_api="blas")


def get_num_threads() -> int:
    """How many threads matrix products use."""
    from threadpoolctl import threadpool_info

    return max([library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"], default=1)
