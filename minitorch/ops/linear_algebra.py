"""Products of matrices and vectors."""

from __future__ import annotations

from typing import Any

import kernels
from minitorch.autograd.basic import sum_to
from minitorch.autograd.op import Op
from minitorch.ops.shape import permute


def transposed(x: Any) -> Any:
    """The matrices x, transposed."""
    n = len(x.shape)
    return permute(x, (*range(n - 2), n - 1, n - 2))


matmul = Op(kernels.matmul, x=lambda g, y: matmul(g, transposed(y)), y=lambda g, x: matmul(transposed(x), g))
linear = Op(
    kernels.linear,
    x=lambda g, weight: matmul(g, weight),
    weight=lambda g, x: linear_weight_grad(g, x),
    bias=lambda g, bias_shape: sum_to(g, bias_shape),
)
linear_weight_grad = Op(
    kernels.linear_weight_grad,
    name="linear_backward",
    g=lambda d, x: linear(x, d, None),
    x=lambda d, g: matmul(g, d),
)
