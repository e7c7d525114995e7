"""Softmax and its logarithm."""

from __future__ import annotations

from typing import Any

import kernels
from minitorch.autograd.graph import Variable
from minitorch.autograd.op import Op
from minitorch.ops.elementwise import exp
from minitorch.ops.pointwise import in_single
from minitorch.ops.reduction import sum


def _total(x: Any, dim: int) -> Any:
    array = x._array if isinstance(x, Variable) else x
    return sum(x, (dim,) if array.ndim else (), True, array.dtype)


softmax = Op(kernels.softmax, x=lambda g, out, dim: softmax_grad(g, out, dim))
log_softmax = Op(kernels.log_softmax, x=lambda g, out, dim: log_softmax_grad(g, out, dim))
softmax_grad = Op(
    kernels.softmax_grad,
    name="_softmax_backward_data",
    g=lambda h, y, dim: softmax_grad(h, y, dim),
    y=in_single(lambda h, g, y, dim: h * (g - _total(g * y, dim)) - g * _total(h * y, dim)),
)
log_softmax_grad = Op(
    kernels.log_softmax_grad,
    name="_log_softmax_backward_data",
    g=in_single(lambda h, y, dim: h - _total(h * exp(y), dim)),
    y=in_single(lambda h, g, y, dim: -h * exp(y) * _total(g, dim)),
)
