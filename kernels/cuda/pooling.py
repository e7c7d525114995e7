"""Pooling on CuPy: one kernel each way, and no sum that depends on the order in which threads come."""

from __future__ import annotations

from math import prod

import numpy as np

from kernels import pooling as reference
from kernels.backend import Array, namespace
from kernels.cuda import launch
from kernels.cuda.launch import NUMBERS, Template, contiguous
from kernels.windows import Pair, pool_output_sizes

max_pool2d = Template("pooling.cu", "max_pool2d", NUMBERS)
max_pool2d_gather = Template("pooling.cu", "max_pool2d_gather", NUMBERS)
list_outputs = Template("pooling.cu", "list_outputs", (np.dtype("int64"),))
add_listed = Template("pooling.cu", "add_listed")
avg_pool2d = Template("pooling.cu", "avg_pool2d")
avg_pool2d_grad = Template("pooling.cu", "avg_pool2d_grad")
adaptive_avg_pool2d = Template("pooling.cu", "adaptive_avg_pool2d")
adaptive_avg_pool2d_grad = Template("pooling.cu", "adaptive_avg_pool2d_grad")


@reference.max_pool2d.on("cupy")
def max_pool2d_cupy(
    x: Array, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair, ceil_mode: bool
) -> tuple[Array, Array]:
    """`max_pool2d`: a thread for each window."""
    if not max_pool2d.takes(x):
        return reference.max_pool2d.reference(x, kernel_size, stride, padding, dilation, ceil_mode)
    xp = namespace(x)
    sizes = pool_output_sizes(x.shape, kernel_size, stride, padding, dilation, ceil_mode)
    values = xp.empty((*x.shape[:2], *sizes), x.dtype)
    positions = xp.empty(values.shape, "int64")
    max_pool2d.each(
        x,
        values.size,
        contiguous(x),
        values,
        positions,
        *x.shape[2:],
        *sizes,
        *kernel_size,
        *stride,
        *padding,
        *dilation,
    )
    return values, positions


@reference.max_pool2d_grad.on("cupy")
def max_pool2d_grad_cupy(g: Array, indices: Array, input_shape: tuple[int, ...]) -> Array:
    """`max_pool2d_grad`: a list of outputs for each position, and then their sum in their order."""
    if not add_listed.takes(g):
        return reference.max_pool2d_grad.reference(g, indices, input_shape)
    xp = namespace(g)
    x_grad = xp.empty(input_shape, g.dtype)
    numbers = "int32" if max(x_grad.size, g.size) < launch.INT32_LIMIT else "int64"
    heads, nexts = xp.zeros(x_grad.size, numbers), xp.empty(g.size, numbers)
    planes = prod(input_shape[2:]), prod(g.shape[2:])
    list_outputs.each(indices, g.size, contiguous(indices), heads, nexts, *planes)
    add_listed.each(g, x_grad.size, contiguous(g), heads, nexts, x_grad)
    return x_grad


@reference.max_pool2d_gather.on("cupy")
def max_pool2d_gather_cupy(x: Array, indices: Array) -> Array:
    """`max_pool2d_gather`: a thread for each element of the result."""
    if not max_pool2d_gather.takes(x):
        return reference.max_pool2d_gather.reference(x, indices)
    out = namespace(x).empty(indices.shape, x.dtype)
    planes = prod(x.shape[2:]), prod(indices.shape[2:])
    max_pool2d_gather.each(x, out.size, contiguous(x), contiguous(indices), out, *planes)
    return out


@reference.avg_pool2d.on("cupy")
def avg_pool2d_cupy(
    x: Array,
    kernel_size: Pair,
    stride: Pair,
    padding: Pair,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Array:
    """`avg_pool2d`: a thread for each window."""
    attributes = kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    if not avg_pool2d.takes(x):
        return reference.avg_pool2d.reference(x, *attributes)
    sizes = pool_output_sizes(x.shape, kernel_size, stride, padding, (1, 1), ceil_mode)
    out = namespace(x).empty((*x.shape[:2], *sizes), x.dtype)
    counted = count_include_pad, divisor_override or 0
    avg_pool2d.each(x, out.size, contiguous(x), out, *x.shape[2:], *sizes, *kernel_size, *stride, *padding, *counted)
    return out


@reference.avg_pool2d_grad.on("cupy")
def avg_pool2d_grad_cupy(
    g: Array,
    input_shape: tuple[int, ...],
    kernel_size: Pair,
    stride: Pair,
    padding: Pair,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Array:
    """`avg_pool2d_grad`: a thread for each element of the input."""
    attributes = kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    if not avg_pool2d_grad.takes(g):
        return reference.avg_pool2d_grad.reference(g, input_shape, *attributes)
    x_grad = namespace(g).empty(input_shape, g.dtype)
    counted = count_include_pad, divisor_override or 0
    avg_pool2d_grad.each(
        g,
        x_grad.size,
        contiguous(g),
        x_grad,
        *input_shape[2:],
        *g.shape[2:],
        *kernel_size,
        *stride,
        *padding,
        *counted,
    )
    return x_grad


@reference.adaptive_avg_pool2d.on("cupy")
def adaptive_avg_pool2d_cupy(x: Array, output_size: Pair) -> Array:
    """`adaptive_avg_pool2d`: a thread for each window."""
    if not adaptive_avg_pool2d.takes(x):
        return reference.adaptive_avg_pool2d.reference(x, output_size)
    out = namespace(x).empty((*x.shape[:2], *output_size), x.dtype)
    adaptive_avg_pool2d.each(x, out.size, contiguous(x), out, *x.shape[2:], *output_size)
    return out


@reference.adaptive_avg_pool2d_grad.on("cupy")
def adaptive_avg_pool2d_grad_cupy(g: Array, input_shape: tuple[int, ...]) -> Array:
    """`adaptive_avg_pool2d_grad`: a thread for each element of the input."""
    if not adaptive_avg_pool2d_grad.takes(g):
        return reference.adaptive_avg_pool2d_grad.reference(g, input_shape)
    x_grad = namespace(g).empty(input_shape, g.dtype)
    adaptive_avg_pool2d_grad.each(g, x_grad.size, contiguous(g), x_grad, *input_shape[2:], *g.shape[2:])
    return x_grad
