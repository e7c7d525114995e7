"""Comparing whole tensors, and elements up to a tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import kernels
from minitorch import dtypes
from minitorch.autograd.mixed_devices import check_same_device
from minitorch.functions.arguments import tensor_argument
from minitorch.functions.public import public
from minitorch.ops import elementwise as ops

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


@public("function method")
def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """|input - other| ≤ atol + rtol · |other|, or equal (infinities), or, if `equal_nan`, both NaN.

    Raises:
        TypeError: if an operand is not a tensor.
        RuntimeError: if the dtypes differ or a tolerance is negative.
    """
    a, b = tensor_argument(input, "isclose").detach(), tensor_argument(other, "isclose", 2, "other").detach()
    if a._array.dtype != b._array.dtype:
        raise RuntimeError(f"{a.dtype} did not match {b.dtype}")
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if not tolerance >= 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {tolerance}")
    close = ops.eq(a, b)
    if a._array.dtype.kind == "f":
        near = ops.logical_and(ops.le(ops.abs(a - b), atol + rtol * ops.abs(b)), ops.isfinite(b))
        close = ops.logical_or(close, near)
        if equal_nan:
            close = ops.logical_or(close, ops.logical_and(ops.isnan(a), ops.isnan(b)))
    elif a._array.dtype.kind != "b":
        close = ops.logical_or(close, ops.le(ops.abs(a - b), atol + rtol * ops.abs(b)))
    return close


@public("function method")
def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether `isclose` is true for every pair of elements."""
    return bool(isclose(input, other, rtol, atol, equal_nan)._array.all())


@public("function method")
def equal(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same shape and the same elements."""
    a, b = tensor_argument(input, "equal")._array, tensor_argument(other, "equal", 2, "other")._array
    check_same_device("equal", input, other)
    with kernels.on_device_of(a):
        return a.shape == b.shape and bool((a == b).all())


@public("function method")
def isreal(input: Tensor) -> Tensor:
    """Whether each element is a real number: always True."""
    x = tensor_argument(input, "isreal")
    return x.new_full(x.shape, True, dtype=dtypes.bool_)
