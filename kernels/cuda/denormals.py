"""Denormal numbers: CuPy's kernels and minitorch's keep them, as NumPy and PyTorch do.

CuPy compiles every kernel with ``-ftz=true``, which makes 0 of float32 numbers below 1.2e-38: log(1e-40) is then −∞,
and 1e-40 == 0 holds. It appends the option itself, and no setting prevents that.
"""

from __future__ import annotations

import functools
from typing import Any

from cupy.cuda import compiler

FLUSH = "-ftz=true"


class _Options(tuple[str, ...]):
    """A kernel's options, to which `FLUSH` cannot be appended."""

    def __add__(self, more: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*self, *(option for option in more if option != FLUSH))


def keep_denormals() -> None:
    """Compile without `FLUSH` from now on, for the whole process.

    A kernel's options are part of its name in CuPy's cache, so other processes keep their kernels. A later version of
    CuPy without the function below compiles as it likes.
    """
    compile_cached = getattr(compiler, "_compile_with_cache_cuda", None)
    if compile_cached is None or hasattr(compile_cached, "__wrapped__"):
        return

    @functools.wraps(compile_cached)
    def with_denormals(source: str, options: tuple[str, ...], *args: Any, **kwargs: Any) -> Any:
        return compile_cached(source, _Options(options), *args, **kwargs)

    compiler._compile_with_cache_cuda = with_denormals
