"""The dtypes of random numbers: which dtypes torch accepts, in which it computes, and which integers they contain."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minitorch.random.rounding import Array, libm


def floating(dtype: DTypeLike, name: str) -> np.dtype[Any]:
    """`dtype`; raises if it is not floating point."""
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise NotImplementedError(f'"{name}" not implemented for {dtype}: expected a floating-point dtype')
    return dtype


def continuous(dtype: DTypeLike, distribution: str) -> np.dtype[Any]:
    """`dtype`; raises torch's other error if it is not floating point."""
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise RuntimeError(
            f"{distribution} distribution is a continuous probability distribution. dtype must be a floating point but "
            f"you specified {dtype}"
        )
    return dtype


def computed_in(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype in which torch computes results of a floating-point dtype."""
    return np.dtype(np.float64 if dtype == np.float64 else np.float32)


def cast(values: Array, dtype: np.dtype[Any]) -> Array:
    """`values` converted to `dtype`; to float16 through float32 (rounded twice), as in torch."""
    with np.errstate(over="ignore"):
        if dtype == np.float16:
            values = values.astype(np.float32, copy=False)
        return values.astype(dtype, copy=False)


def libm_for(dtype: np.dtype[Any], name: str, x: Array) -> Array:
    """The function of that name at the float64 array `x`, for a result in `dtype`.

    Only for float64 results does the rounding of the function matter; for others NumPy's faster form is used.
    """
    result: Array = libm(getattr(math, name), x) if dtype == np.float64 else getattr(np, name)(x)
    return result


def precision(dtype: np.dtype[Any]) -> int:
    """The bits of a floating-point dtype's significand."""
    return int(np.finfo(dtype).nmant) + 1


def integer_range(dtype: np.dtype[Any]) -> tuple[float, float, int]:
    """The smallest and the largest number of `dtype`, and the last number up to which all integers are exact."""
    if dtype == np.bool_:
        return 0, 1, 1
    if dtype.kind == "f":
        return float(np.finfo(dtype).min), float(np.finfo(dtype).max), 2 ** precision(dtype)
    limits = np.iinfo(dtype)
    return int(limits.min), int(limits.max), int(limits.max)


def inside(bound: int, dtype: np.dtype[Any], step: int) -> int:
    """The bound of a range of integers, moved inwards as in torch if the dtype would round it out of the range.

    `step` is the direction inwards: 1 for a lower bound, -1 for an upper one.
    """
    next_in = bound + step
    converted = cast(np.array([next_in], np.int64), dtype)[0]
    if np.isinf(converted):
        return bound
    rounded = int(converted)
    if rounded < bound if step > 0 else rounded >= bound:
        return rounded + step * (1 << (abs(next_in).bit_length() - precision(dtype)))
    return bound
