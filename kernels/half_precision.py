"""Half precision is computed in single: with 11 bits, a sum stops growing after a few thousand terms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kernels.backend import Array
from kernels.floating_point_errors import silent
from kernels.memory_order import converted

HALF, SINGLE, DOUBLE = np.dtype("float16"), np.dtype("float32"), np.dtype("float64")


def wide(dtype: Any) -> Any:
    """The dtype in which numbers of `dtype` are summed: single for half, otherwise the same."""
    return SINGLE if dtype == HALF else dtype


@silent
def in_single(run: Callable[..., Array], *operands: Any) -> Array:
    """``run(*operands)`` of arrays of half precision and numbers, or 0-d arrays, that it may not hold: in single."""
    return run(*[widened(x) if hasattr(x, "dtype") else x for x in operands]).astype(HALF)


def widened(x: Array) -> Array:
    """x in single precision if it is in half, otherwise x itself."""
    return converted(x, SINGLE) if x.dtype == HALF else x
