"""Resizing: linear. Resizing and its gradient are adjoint to each other."""

from __future__ import annotations

import kernels
from minitorch.autograd.op import Op

resize = Op(
    kernels.resize,
    name="upsample",
    x=lambda g, x_shape, mode, scales, align_corners, antialias: resize_grad(
        g, x_shape[2:], mode, scales, align_corners, antialias
    ),
)
resize_grad = Op(
    kernels.resize_grad,
    name="upsample_backward",
    g=lambda h, g_shape, mode, scales, align_corners, antialias: resize(
        h, g_shape[2:], mode, scales, align_corners, antialias
    ),
)
