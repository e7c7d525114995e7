"""Python's numbers as elements of a dtype, by the rules of `Scalar` in torch's C++ code."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_C_NAMES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "int32": "int",
    "int64": "int64_t",
    "float16": "c10::Half",
    "float32": "float",
    "float64": "double",
}
_LIMITS: dict[np.dtype[Any], tuple[Any, Any]] = {
    **{np.dtype(d): (int(np.iinfo(d).min), int(np.iinfo(d).max)) for d in _C_NAMES if "int" in d},
    **{np.dtype(d): (float(np.finfo(d).min), float(np.finfo(d).max)) for d in _C_NAMES if "float" in d},
}
"""The smallest and the largest number of each dtype."""


def check_scalar(value: Any) -> None:
    """Check that torch's functions accept a number.

    Raises:
        OverflowError: for an integer that has more than 64 bits.
    """
    if type(value) is int and not -(2**63) <= value < 2**64:
        raise OverflowError(
            f"int too big to convert: expected a number of at most 64 bits, but got {_shown(value)}"
            if value > 0
            else f"can't convert negative int to unsigned: expected at least -2**63, but got {_shown(value)}"
        )


def _shown(value: Any) -> str:
    return f"an integer of {value.bit_length()} bits" if type(value) is int and value.bit_length() > 64 else str(value)


def scalar_to(value: Any, d: np.dtype[Any]) -> Any:
    """`value`, a Python number or a NumPy scalar, converted to dtype `d`, as a Python number.

    Floats are truncated to integers. A negative integer wraps around in an unsigned dtype, if its
    absolute value fits.

    Raises:
        RuntimeError: if `value` is outside the range of `d`: NaN and infinities are outside integer ranges.
        OverflowError: for an integer that has more than 64 bits.
    """
    value = value.item() if isinstance(value, np.generic) else value
    if d.kind == "b":
        check_scalar(value)
        return bool(value)
    least, most = _LIMITS[d]
    check_scalar(value)
    if d.kind == "f":
        if not least <= value <= most and math.isfinite(value):
            raise _does_not_fit(value, d)
        return float(value)
    if isinstance(value, float):
        if not float(least) <= value <= float(most):
            raise _does_not_fit(value, d)
        return min(int(value), most) if value != 2.0**63 else least  # as the processor's conversion instruction does
    if d.kind == "u":
        if not -most <= value <= most:
            raise _does_not_fit(value, d)
        return int(value) & most
    if not least <= value <= most:
        raise _does_not_fit(value, d)
    return int(value)


def single_scalar_to(value: Any, d: np.dtype[Any], size: int = 1) -> Any:
    """`scalar_to` for writing to `size` elements, where a single float16 may overflow to infinity, as in torch."""
    return scalar_to(value, np.dtype("float64")) if size == 1 and d == "float16" else scalar_to(value, d)


def operand_to(value: Any, d: np.dtype[Any]) -> Any:
    """`scalar_to` for a factor of an operation on arrays of dtype `d`, which for float16 computes in float32."""
    return scalar_to(value, np.dtype("float32") if d == "float16" else d)


def _does_not_fit(value: Any, d: np.dtype[Any]) -> RuntimeError:
    least, most = _LIMITS[d]
    return RuntimeError(
        f"value cannot be converted to type {_C_NAMES[d.name]} without overflow: expected a number between "
        f"{least} and {most}, but got {_shown(value)}"
    )
