"""Pooling. The gradient of a maximum goes to the position of the maximum; the mean is linear."""

from __future__ import annotations

import kernels
from minitorch.autograd.op import Op
from minitorch.ops.constant_gradient import flat

max_pool2d = Op(
    kernels.max_pool2d,
    name="max_pool2d_with_indices",
    outputs=("out", "indices"),
    x=flat(lambda g, x_origin, indices, x_shape: max_pool2d_grad(g[0], indices, x_shape)),
)
max_pool2d_grad = Op(
    kernels.max_pool2d_grad,
    name="max_pool2d_with_indices_backward",
    g=lambda h, indices: max_pool2d_gather(h, indices),
)
max_pool2d_gather = Op(
    kernels.max_pool2d_gather,
    x=lambda g, indices, x_shape: max_pool2d_grad(g, indices, x_shape),
)

avg_pool2d = Op(
    kernels.avg_pool2d,
    x=flat(
        lambda g, x_origin, x_shape, window, count_include_pad, divisor_override: avg_pool2d_grad(
            g, x_shape, window, count_include_pad, divisor_override
        )
    ),
)
avg_pool2d_grad = Op(
    kernels.avg_pool2d_grad,
    name="avg_pool2d_backward",
    g=lambda h, window, count_include_pad, divisor_override: avg_pool2d(h, window, count_include_pad, divisor_override),
)

adaptive_avg_pool2d = Op(
    kernels.adaptive_avg_pool2d,
    x=flat(lambda g, x_origin, x_shape: adaptive_avg_pool2d_grad(g, x_shape)),
)
adaptive_avg_pool2d_grad = Op(
    kernels.adaptive_avg_pool2d_grad,
    name="adaptive_avg_pool2d_backward",
    g=lambda h, g_shape: adaptive_avg_pool2d(h, (g_shape[2], g_shape[3])),
)
avg_pool2d.one_pass = True  # torch saves the input
