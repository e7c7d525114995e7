"""Half precision is computed in single: with 11 bits, a sum stops growing after a few thousand terms."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.backend import Array

HALF, SINGLE = np.dtype("float16"), np.dtype("float32")


def wide(dtype: Any) -> Any:
    """The dtype in which numbers of `dtype` are summed: single for half, otherwise the same."""
    return SINGLE if dtype == HALF else dtype


def widened(x: Array) -> Array:
    """x in single precision if it is in half, otherwise x itself."""
    return x.astype(SINGLE) if x.dtype == HALF else x
