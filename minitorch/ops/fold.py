"""Windows as columns and back: each linear, and the adjoint of the other."""

from __future__ import annotations

import kernels
from minitorch.autograd.op import Op

im2col = Op(
    kernels.im2col,
    x=lambda g, x_shape, kernel_size, stride, padding, dilation: col2im(
        g, x_shape[2:], kernel_size, stride, padding, dilation
    ),
)
col2im = Op(
    kernels.col2im,
    columns=lambda h, kernel_size, stride, padding, dilation: im2col(h, kernel_size, stride, padding, dilation),
)
