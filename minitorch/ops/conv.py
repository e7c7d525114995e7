"""Convolution. It and its gradients are one trilinear form, so the gradients of each are the two others."""

from __future__ import annotations

import kernels
from minitorch.autograd.op import Op
from minitorch.ops.constant_gradient import constant
from minitorch.ops.reduction import sum

conv2d = Op(
    kernels.conv2d,
    name="convolution",
    x=lambda g, weight, x_shape, x_origin, options: constant(conv2d_input_grad(g, weight, x_shape, options), x_origin),
    weight=lambda g, x, weight_shape, weight_origin, options: constant(
        conv2d_weight_grad(g, x, weight_shape, options), weight_origin
    ),
    bias=lambda g, bias_dtype, x_origin, weight_origin: constant(
        sum(g, (0, 2, 3), False, bias_dtype), x_origin, weight_origin
    ),
)


def _adjoint(name: str) -> Op:
    """The gradient of `conv2d` with respect to x, which is also the transposed convolution."""
    return Op(
        kernels.conv2d_input_grad,
        name=name,
        g=lambda h, weight, options: conv2d(h, weight, None, options),
        weight=lambda h, g, weight_shape, options: conv2d_weight_grad(g, h, weight_shape, options),
    )


conv_transpose2d = _adjoint("convolution")
conv2d_input_grad = _adjoint("convolution_backward")
conv2d_weight_grad = Op(
    kernels.conv2d_weight_grad,
    name="convolution_backward",
    g=lambda h, x, options: conv2d(x, h, None, options),
    x=lambda h, g, x_shape, options: conv2d_input_grad(g, h, x_shape, options),
)
