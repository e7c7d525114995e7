"""Convolution. It and its gradients are one trilinear form, so the gradients of each are the two others."""

from __future__ import annotations

import kernels
from minitorch.autograd.op import Op
from minitorch.ops.reduction import sum

conv2d = Op(
    kernels.conv2d,
    name="convolution",
    x=lambda g, weight, x_shape, stride, padding, dilation, groups: conv2d_input_grad(
        g, weight, x_shape, stride, padding, dilation, groups
    ),
    weight=lambda g, x, weight_shape, stride, padding, dilation, groups: conv2d_weight_grad(
        g, x, weight_shape, stride, padding, dilation, groups
    ),
    bias=lambda g, bias_dtype: sum(g, (0, 2, 3), False, bias_dtype),
)
conv2d_input_grad = Op(
    kernels.conv2d_input_grad,
    name="convolution_backward",
    g=lambda h, weight, stride, padding, dilation, groups: conv2d(h, weight, None, stride, padding, dilation, groups),
    weight=lambda h, g, weight_shape, stride, padding, dilation, groups: conv2d_weight_grad(
        g, h, weight_shape, stride, padding, dilation, groups
    ),
)
conv2d_weight_grad = Op(
    kernels.conv2d_weight_grad,
    name="convolution_backward",
    g=lambda h, x, stride, padding, dilation, groups: conv2d(x, h, None, stride, padding, dilation, groups),
    x=lambda h, g, x_shape, stride, padding, dilation, groups: conv2d_input_grad(
        g, h, x_shape, stride, padding, dilation, groups
    ),
)
conv_transpose2d = Op(  # the same as the gradient, under the name that it has as a layer
    kernels.conv2d_input_grad,
    name="convolution",
    g=lambda h, weight, stride, padding, dilation, groups: conv2d(h, weight, None, stride, padding, dilation, groups),
    weight=lambda h, g, weight_shape, stride, padding, dilation, groups: conv2d_weight_grad(
        g, h, weight_shape, stride, padding, dilation, groups
    ),
)
