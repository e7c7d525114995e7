"""Activations on NumPy: their formulas, block by block (`kernels.cpu.blocks`)."""

from kernels.activation import elu, gelu, hardtanh, leaky_relu, log_sigmoid, log_sigmoid_grad, silu, softplus
from kernels.cpu.blocks import blockwise

for _kernel in (elu, gelu, hardtanh, leaky_relu, log_sigmoid, log_sigmoid_grad, silu, softplus):
    _kernel.on("numpy")(blockwise(_kernel.reference))
