"""Half precision is computed in single: with 11 bits, a sum stops growing after a few thousand terms."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.backend import Array

HALF, SINGLE = np.dtype("float16"), np.dtype("float32")


def wide(dtype: Any) -> Any:
    """The dtype that numbers of `dtype` are summed in: single for half, any other as it is."""
    return SINGLE if dtype == HALF else dtype


def widened(x: Array) -> Array:
    """Half precision as single, anything else as it is."""
    return x.astype(SINGLE) if x.dtype == HALF else x
