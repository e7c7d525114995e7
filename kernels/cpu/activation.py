"""Activations on NumPy: their formulas, block by block (`kernels.cpu.blocks`)."""

from __future__ import annotations

import numpy as np

from kernels.activation import elu, gelu, hardtanh, leaky_relu, log_sigmoid, log_sigmoid_grad, mish, silu, softplus
from kernels.backend import Array
from kernels.cpu.blocks import blockwise
from kernels.cpu.elementwise import FEW, where_numpy
from kernels.half_precision import widened

for _kernel in (elu, gelu, hardtanh, leaky_relu, log_sigmoid, log_sigmoid_grad, mish, silu):
    _kernel.on("numpy")(blockwise(_kernel.reference))


@softplus.on("numpy")
@blockwise
def softplus_numpy(x: Array, beta: float, threshold: float) -> Array:
    """`softplus`; of many x it looks first whether any is above the threshold."""
    wide = widened(x)
    scaled = wide if beta == 1 else wide * beta
    value = np.log1p(np.exp(scaled))
    if beta != 1:
        value /= beta
    large = scaled > threshold
    if large.size < FEW or large.any():
        value = where_numpy(large, wide, value)
    return value.astype(x.dtype, copy=False)
