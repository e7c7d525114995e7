"""Pooling on CuPy: one kernel forward and one backward; no sum depends on the order in which threads run."""

from __future__ import annotations

from math import prod

import numpy as np

from kernels import pooling as reference
from kernels.backend import Array, namespace
from kernels.cuda import launch
from kernels.cuda.launch import NUMBERS, Template, contiguous
from kernels.windows import Pair, Window

max_pool2d = Template("pooling.cu", "max_pool2d", NUMBERS)
max_pool2d_gather = Template("pooling.cu", "max_pool2d_gather", NUMBERS)
list_outputs = Template("pooling.cu", "list_outputs", (np.dtype("int64"),))
add_listed = Template("pooling.cu", "add_listed")
avg_pool2d = Template("pooling.cu", "avg_pool2d")
avg_pool2d_grad = Template("pooling.cu", "avg_pool2d_grad")
adaptive_avg_pool2d = Template("pooling.cu", "adaptive_avg_pool2d")
adaptive_avg_pool2d_grad = Template("pooling.cu", "adaptive_avg_pool2d_grad")


@reference.max_pool2d.on("cupy", when=max_pool2d.takes)
def max_pool2d_cupy(x: Array, window: Window) -> tuple[Array, Array]:
    """`max_pool2d`: a thread for each window."""
    xp = namespace(x)
    counts = window.counts(x.shape)
    values = xp.empty((*x.shape[:2], *counts), x.dtype)
    positions = xp.empty(values.shape, "int64")
    sizes = *x.shape[2:], *counts, *window.kernel, *window.stride, *window.padding, *window.dilation
    max_pool2d.each(x, values.size, contiguous(x), values, positions, *sizes)
    return values, positions


@reference.max_pool2d_grad.on("cupy", when=lambda g, indices, input_shape: add_listed.takes(g))
def max_pool2d_grad_cupy(g: Array, indices: Array, input_shape: tuple[int, ...]) -> Array:
    """`max_pool2d_grad`: a list of outputs for each position, and then their sum in their order."""
    xp = namespace(g)
    x_grad = xp.empty(input_shape, g.dtype)
    numbers = "int32" if max(x_grad.size, g.size) < launch.INT32_LIMIT else "int64"
    heads, nexts = xp.zeros(x_grad.size, numbers), xp.empty(g.size, numbers)
    planes = prod(input_shape[2:]), prod(g.shape[2:])
    list_outputs.each(indices, g.size, contiguous(indices), heads, nexts, *planes)
    add_listed.each(g, x_grad.size, contiguous(g), heads, nexts, x_grad)
    return x_grad


@reference.max_pool2d_gather.on("cupy", when=lambda x, indices: max_pool2d_gather.takes(x))
def max_pool2d_gather_cupy(x: Array, indices: Array) -> Array:
    """`max_pool2d_gather`: a thread for each element of the result."""
    out = namespace(x).empty(indices.shape, x.dtype)
    planes = prod(x.shape[2:]), prod(indices.shape[2:])
    max_pool2d_gather.each(x, out.size, contiguous(x), contiguous(indices), out, *planes)
    return out


@reference.avg_pool2d.on("cupy", when=avg_pool2d.takes)
def avg_pool2d_cupy(x: Array, window: Window, count_include_pad: bool, divisor_override: int | None) -> Array:
    """`avg_pool2d`: a thread for each window."""
    counts = window.counts(x.shape)
    out = namespace(x).empty((*x.shape[:2], *counts), x.dtype)
    sizes = *x.shape[2:], *counts, *window.kernel, *window.stride, *window.padding
    avg_pool2d.each(x, out.size, contiguous(x), out, *sizes, count_include_pad, divisor_override or 0)
    return out


@reference.avg_pool2d_grad.on("cupy", when=avg_pool2d_grad.takes)
def avg_pool2d_grad_cupy(
    g: Array, input_shape: tuple[int, ...], window: Window, count_include_pad: bool, divisor_override: int | None
) -> Array:
    """`avg_pool2d_grad`: a thread for each element of the input."""
    x_grad = namespace(g).empty(input_shape, g.dtype)
    sizes = *input_shape[2:], *g.shape[2:], *window.kernel, *window.stride, *window.padding
    avg_pool2d_grad.each(g, x_grad.size, contiguous(g), x_grad, *sizes, count_include_pad, divisor_override or 0)
    return x_grad


@reference.adaptive_avg_pool2d.on("cupy", when=adaptive_avg_pool2d.takes)
def adaptive_avg_pool2d_cupy(x: Array, output_size: Pair) -> Array:
    """`adaptive_avg_pool2d`: a thread for each window."""
    out = namespace(x).empty((*x.shape[:2], *output_size), x.dtype)
    adaptive_avg_pool2d.each(x, out.size, contiguous(x), out, *x.shape[2:], *output_size)
    return out


@reference.adaptive_avg_pool2d_grad.on("cupy", when=adaptive_avg_pool2d_grad.takes)
def adaptive_avg_pool2d_grad_cupy(g: Array, input_shape: tuple[int, ...]) -> Array:
    """`adaptive_avg_pool2d_grad`: a thread for each element of the input."""
    x_grad = namespace(g).empty(input_shape, g.dtype)
    adaptive_avg_pool2d_grad.each(g, x_grad.size, contiguous(g), x_grad, *input_shape[2:], *g.shape[2:])
    return x_grad
