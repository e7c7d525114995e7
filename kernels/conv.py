"""Convolution in two dimensions, and its gradients.

The three kernels are one trilinear form, Σ g · x · weight over matching positions, each with one factor left out.
So each is linear in both of its arrays, and its gradients are the two others.
"""

from __future__ import annotations

from kernels.backend import Array, namespace
from kernels.dispatch import kernel
from kernels.half_precision import widened
from kernels.windows import ConvOptions, Pair, Window, add_patches, patches


@kernel
def conv2d(x: Array, weight: Array, bias: Array | None, options: ConvOptions) -> Array:
    """y[n, o, h, w] = bias[o] + Σ weight[o, c, i, j] · x[n, c, h·stride + i·dilation − padding, …] over c, i, j.

    The input is zero outside. With groups, the channels of x and of y are divided into that many blocks, and a block of
    y depends only on the matching block of x. This is what deep learning calls convolution: the kernel is not flipped.

    Gradients for an incoming `g` of y's shape: x: ``conv2d_input_grad(g, weight, x.shape, options)``; weight:
    ``conv2d_weight_grad(g, x, weight.shape, options)``; bias: `g` summed over all dimensions but the second.

    Args:
        x: (N, C, H, W).
        weight: (out, C / groups, kernel height, kernel width).
        bias: (out,), or None.
        options: stride, padding, dilation and groups; groups divides C and out.

    Returns:
        (N, out, H', W') of x's dtype, with sizes from `output_size`. Half precision is summed in single.
    """
    window = options.window(weight.shape)
    sizes = window.counts(x.shape)
    columns = _columns(x, window, sizes, options.groups)
    y = namespace(x).matmul(_matrices(weight, options.groups), columns)  # (N, groups, out / groups, windows)
    y = y.reshape(x.shape[0], weight.shape[0], *sizes)
    if bias is not None:
        y += bias[:, None, None]
    return y.astype(x.dtype, copy=False)


@kernel
def conv2d_input_grad(g: Array, weight: Array, input_shape: tuple[int, ...], options: ConvOptions) -> Array:
    """The gradient of `conv2d` with respect to x, of shape `input_shape`: every g[n, o, h, w] · weight[o] added at the
    positions of window (h, w). Used as a layer, it is the transposed convolution.

    Gradients for an incoming `h` of shape `input_shape`: g: ``conv2d(h, weight, None, options)``; weight:
    ``conv2d_weight_grad(g, h, weight.shape, options)``.
    """
    n, out, *sizes = g.shape
    groups = options.groups
    matrices = _matrices(weight, groups).swapaxes(1, 2)  # (groups, C / groups · taps, out / groups)
    columns = namespace(g).matmul(matrices, widened(g).reshape(n, groups, out // groups, sizes[0] * sizes[1]))
    columns = columns.reshape(n, input_shape[1], *weight.shape[2:], *sizes)
    return add_patches(columns, input_shape, options.window(weight.shape)).astype(g.dtype, copy=False)


@kernel
def conv2d_weight_grad(g: Array, x: Array, weight_shape: tuple[int, ...], options: ConvOptions) -> Array:
    """The gradient of `conv2d` with respect to its weight, of shape `weight_shape`:
    Σ g[n, o, h, w] · x[n, c, h·stride + i·dilation − padding, …] over n, h, w.

    Gradients for an incoming `h` of shape `weight_shape`: g: ``conv2d(x, h, None, options)``; x:
    ``conv2d_input_grad(g, h, x.shape, options)``.
    """
    n, out, height, width = g.shape
    groups = options.groups
    columns = _columns(x, options.window(weight_shape), (height, width), groups)
    each = namespace(g).matmul(widened(g).reshape(n, groups, out // groups, height * width), columns.swapaxes(2, 3))
    return each.sum(axis=0).reshape(weight_shape).astype(g.dtype, copy=False)


def _matrices(weight: Array, groups: int) -> Array:
    """The weight as one matrix (out / groups, C / groups · taps) for each group."""
    out, channels, kh, kw = weight.shape
    return widened(weight).reshape(groups, out // groups, channels * kh * kw)


def _columns(x: Array, window: Window, counts: Pair, groups: int) -> Array:
    """Every window of x as a column: (N, groups, C / groups · taps, windows). The well-known "im2col"."""
    n, channels, _, _ = x.shape
    kh, kw = window.kernel
    seen = patches(widened(x), window, counts)
    return seen.reshape(n, groups, channels // groups * kh * kw, counts[0] * counts[1])
