"""Bringing the operands of an op to one dtype, by torch's promotion rules; the conversions are recorded.

`common` keeps the category of the operands; `floating` turns integers and booleans into the default floating-point
dtype. Both are used as an op's `promote`, and return the same tuple object if nothing has to change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import kernels
from minitorch import dtypes
from minitorch.autograd.basic import cast
from minitorch.autograd.graph import Variable, wrap
from minitorch.autograd.op import Op
from minitorch.dtypes import dtype
from minitorch.scalars import check_scalar

Promote = Callable[[Op, tuple[Any, ...]], tuple[Any, ...]]


def array_of(x: Any) -> Any:
    """The array of a tensor; any other value unchanged."""
    return x._array if isinstance(x, Variable) else x


def result_type(*operands: Any) -> dtype:
    """The dtype of an arithmetic operation on these tensors, arrays and Python numbers.

    torch leaves an operation on a tensor and a NumPy array to NumPy, and so to NumPy's rules.
    """
    if any(isinstance(x, np.ndarray) for x in operands):
        return dtypes.of(np.result_type(*[getattr(array_of(x), "dtype", x) for x in operands]))
    dimensioned: list[dtype] = []
    zero_dim: list[dtype] = []
    numbers: list[dtype] = []
    for x in operands:
        array = array_of(x)
        if isinstance(x, bool | int | float | np.generic):
            numbers.append(dtypes.of_number(_python_number(x)))
        elif kernels.is_array(array):
            (dimensioned if array.ndim else zero_dim).append(dtypes.of(array.dtype))
        else:
            raise TypeError(f"expected Tensor or Number as operand, but got {type(x).__name__}")
    return dtypes.result_of(dimensioned, zero_dim, numbers)


def _python_number(x: Any) -> Any:
    """A NumPy scalar as a Python number; otherwise NumPy's dtype would take part in promotion."""
    return x.item() if isinstance(x, np.generic) else x


def convert(x: Any, d: dtype) -> Any:
    """An operand in dtype `d`; Python numbers are unchanged if the array library then computes in `d`."""
    x = _python_number(x)
    if isinstance(x, bool | int | float):
        check_scalar(x)
        if d.is_floating_point:
            return float(x)
        exact = -(2**63) <= x < 2**63 if d is dtypes.int64 else -128 <= x < 128 and d.is_signed
        return x if exact else wrap(_wrapped(int(x), d))
    if array_of(x).dtype == d.numpy:
        return x
    converted = cast(x, d.numpy)
    if isinstance(x, Variable):
        converted._inference = x._inference  # what an op saves is the operand that it was given
    return converted


def _wrapped(value: int, d: dtype) -> Any:
    """An integer converted to a narrower type, as in torch: modulo the number of values of the type."""
    host = kernels.get_backend("cpu")
    if d is dtypes.bool_:
        return host.asarray(bool(value))
    return host.asarray(value & (2 ** (8 * d.itemsize) - 1), f"uint{8 * d.itemsize}").astype(d.numpy)


def common(operands: int) -> Promote:
    """Bring the first `operands` arguments to their common dtype."""

    def promote(op: Op, args: tuple[Any, ...]) -> tuple[Any, ...]:
        if operands == 2 and agree(args[0], args[1]):
            return args
        return _promoted(op, args, operands, result_type(*_present(args[:operands])))

    return promote


def floating(operands: int) -> Promote:
    """Bring the first `operands` arguments to their common dtype, or the default one if that is not floating point."""

    def promote(op: Op, args: tuple[Any, ...]) -> tuple[Any, ...]:
        x = args[0]
        if operands == 1:
            d = x._array.dtype
            return args if d.kind == "f" else (cast(x, dtypes.get_default_dtype().numpy), *args[1:])
        if operands == 2 and agree(x, args[1], float_only=True):
            return args
        d = result_type(*args[:operands])
        if not d.is_floating_point:
            by_numpy = any(isinstance(x, np.ndarray) for x in args[:operands])
            d = dtypes.float64 if by_numpy else dtypes.get_default_dtype()
        return _promoted(op, args, operands, d)

    return promote


def agree(x: Any, y: Any, float_only: bool = False) -> bool:
    """Whether two operands need no conversion, fast for the most frequent cases."""
    if isinstance(x, Variable):
        d = x._array.dtype
        if isinstance(y, Variable):
            return y._array.dtype is d and not (float_only and d.kind != "f")
        return d.kind == "f" and type(y) in (float, int)
    return isinstance(y, Variable) and y._array.dtype.kind == "f" and type(x) in (float, int)


def _present(operands: tuple[Any, ...]) -> list[Any]:
    return [x for x in operands if x is not None]


def _promoted(op: Op, args: tuple[Any, ...], operands: int, d: dtype) -> tuple[Any, ...]:
    changed = [x if x is None else convert(x, d) for x in args[:operands]]
    if op.half_in_single and d is dtypes.float16 and any(getattr(array_of(x), "ndim", 0) for x in args[:operands]):
        for p in op.half_in_single:
            if isinstance(args[p], Variable) and not args[p]._array.ndim and args[p]._array.dtype != "float16":
                changed[p] = convert(args[p], dtypes.float32)
    if all(new is old for new, old in zip(changed, args, strict=False)):
        return args
    return (*changed, *args[operands:])
