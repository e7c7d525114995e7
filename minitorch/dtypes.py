"""torch's dtypes, and the rules for operands of different dtypes.

Rules: https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np


class dtype:
    """The type of a tensor's elements.

    Attributes:
        numpy: NumPy's dtype for the same type.
        is_floating_point: whether it is a floating-point type.
        is_signed: whether it has negative values.
        is_complex: False; minitorch has no complex types.
        itemsize: bytes per element.
    """

    is_complex = False

    def __init__(self, name: str) -> None:
        self._name = name
        self.numpy = np.dtype(name)
        self.is_floating_point = self.numpy.kind == "f"
        self.is_signed = self.numpy.kind in "if"
        self.itemsize = self.numpy.itemsize

    def __repr__(self) -> str:
        return f"torch.{self._name}"

    def __reduce__(self) -> str:
        return self._name + "_" if self._name == "bool" else self._name


uint8, int8, int16, int32, int64 = (dtype(name) for name in ("uint8", "int8", "int16", "int32", "int64"))
float16, float32, float64 = (dtype(name) for name in ("float16", "float32", "float64"))
bool_ = dtype("bool")
half, float_, double, short, int_, long = float16, float32, float64, int16, int32, int64

ALL = (uint8, int8, int16, int32, int64, float16, float32, float64, bool_)
_BY_NUMPY: dict[np.dtype[Any], dtype] = {d.numpy: d for d in ALL}
BY_PYTHON: dict[type, dtype] = {float: float64, int: int64, bool: bool_}  # torch takes these types for dtypes
_default = float32


def of(numpy_dtype: Any) -> dtype:
    """The dtype for a dtype of NumPy.

    Raises:
        TypeError: for types that tensors do not have (strings, objects, complex and unsigned numbers over 8 bits).
    """
    found = _BY_NUMPY.get(numpy_dtype) or _BY_NUMPY.get(np.dtype(numpy_dtype).newbyteorder("="))
    if found is None:
        names = ", ".join(d._name for d in ALL)
        raise TypeError(f"can't convert np.ndarray of type {numpy_dtype}. The only supported types are: {names}.")
    return found


def hint(value: Any) -> str:
    """What to write instead of the name of a dtype that was given as text; empty for anything else."""
    names = {d._name for d in ALL} | {"float", "double", "half", "short", "int", "long"}
    return f": write minitorch.{value}, without quotes" if isinstance(value, str) and value in names else ""


def get_default_dtype() -> dtype:
    """The dtype of new floating-point tensors; float32 unless `set_default_dtype` changed it."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Set the dtype of new floating-point tensors.

    Raises:
        TypeError: if `d` is not a floating-point dtype.
    """
    global _default
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeError(f"only floating-point types are supported as the default type, but got {d!r}")
    _default = d


@functools.cache
def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The dtype of operations on both: floating point before integers before booleans, then the wider one."""
    for position, d in enumerate((type1, type2), 1):
        if not isinstance(d, dtype):
            raise TypeError(
                f"promote_types(): argument 'type{position}' (position {position}) must be torch.dtype, not "
                f"{type(d).__name__}"
            )
    for x, y in ((type1, type2), (type2, type1)):
        if x.is_floating_point and not y.is_floating_point:
            return x
    return _BY_NUMPY[np.promote_types(type1.numpy, type2.numpy)]


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether a result of `from_` may be written into `to`: not if it has a higher category (see `rank`)."""
    return rank(from_.numpy) <= rank(to.numpy)


def rank(d: np.dtype[Any]) -> int:
    """The category of a NumPy dtype: 0 for booleans, 1 for integers, 2 for floating point."""
    return {"b": 0, "u": 1, "i": 1, "f": 2}[d.kind]


def of_number(value: Any) -> dtype:
    """The dtype of a Python number: bool, int64 or the default floating-point dtype."""
    if isinstance(value, bool):
        return bool_
    return int64 if isinstance(value, int) else _default


def result_of(dimensioned: list[dtype], zero_dim: list[dtype], numbers: list[dtype]) -> dtype:
    """The dtype of an operation: decided by operands with dimensions first, then by those without, then by numbers.

    A later group counts only if its category (boolean, integer, floating point) is higher than the earlier groups'.
    """
    result: dtype | None = None
    for group in (dimensioned, zero_dim, numbers):
        if group:
            found = functools.reduce(promote_types, group)
            if result is None:
                result = found
            elif rank(found.numpy) > rank(result.numpy):
                result = promote_types(result, found)
    if result is None:
        raise ValueError("result_type: expected at least one operand")
    return result


class finfo:
    """The limits of a floating-point dtype: bits, eps, max, min, tiny, smallest_normal, resolution.

    Args:
        type: the dtype; by default the default dtype.
    """

    def __init__(self, type: dtype | None = None) -> None:
        d = type or _default
        if not d.is_floating_point:
            raise TypeError(f"torch.finfo() requires a floating point input type. Use torch.iinfo to handle '{d!r}'")
        info = np.finfo(d.numpy)
        self.dtype = d._name
        self.bits = info.bits
        self.eps, self.max, self.min = float(info.eps), float(info.max), float(info.min)
        self.tiny = self.smallest_normal = float(info.tiny)
        self.resolution = 10.0**-info.precision

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
            f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype})"
        )


class iinfo:
    """The limits of an integer dtype: bits, max, min."""

    def __init__(self, type: dtype) -> None:
        if type.is_floating_point or type is bool_:
            raise TypeError(f"torch.iinfo() requires an integer input type. Use torch.finfo to handle '{type!r}'")
        info = np.iinfo(type.numpy)
        self.dtype = type._name
        self.bits, self.max, self.min = info.bits, int(info.max), int(info.min)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"
