"""Softmax and its logarithm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minitorch.autograd.op import Op
from minitorch.dtypes import dtype
from minitorch.functions.arguments import dimension, numpy_dtype, tensor_argument
from minitorch.functions.public import public
from minitorch.ops import softmax as ops
from minitorch.ops.shape import reshape_result

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


@public("function method out")
def softmax(input: Tensor, dim: int, dtype: dtype | None = None) -> Tensor:
    """exp(input) / Σ exp(input) along `dim`; if `dtype` is given, `input` is converted first.

    Raises:
        NotImplementedError: for integers and booleans.
    """
    return _along(ops.softmax, input, dim, dtype)


@public("function method out")
def log_softmax(input: Tensor, dim: int, dtype: dtype | None = None) -> Tensor:
    """ln softmax(input) along `dim`; if `dtype` is given, `input` is converted first.

    Raises:
        NotImplementedError: for integers and booleans.
    """
    return _along(ops.log_softmax, input, dim, dtype)


def _along(op: Op, input: Tensor, dim: int, dtype: dtype | None) -> Tensor:
    tensor_argument(input, op.name)
    if dtype is not None:
        numpy_dtype(dtype)
        input = input.to(dtype)
    if input._array.dtype.kind != "f":
        raise NotImplementedError(
            f'"{op.name}_lastdim_kernel_impl" not implemented for {input.dtype}: expected floating point'
        )
    d = dimension(dim, input._array.ndim)
    if input._array.ndim == 0:
        return reshape_result(op(input.reshape(1), 0), ())
    return op(input, d)
