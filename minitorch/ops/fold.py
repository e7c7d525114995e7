"""`unfold`, windows as columns, and `fold`, the way back. Both are linear, and each is the adjoint of the other."""

from __future__ import annotations

import kernels
from minitorch.autograd.op import Op

im2col = Op(kernels.im2col, x=lambda g, x_shape, window: col2im(g, x_shape[2:], window))
col2im = Op(kernels.col2im, columns=lambda h, window: im2col(h, window))
