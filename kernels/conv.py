"""Convolution in two dimensions, and its gradients.

The three kernels are one trilinear form, Σ g · x · weight over matching positions, each with one factor left out.
So each is linear in both of its arrays, and its gradients are the two others.
"""

from __future__ import annotations

from kernels.backend import Array, namespace
from kernels.dispatch import kernel
from kernels.half_precision import widened
from kernels.windows import Pair, add_patches, conv_output_sizes, patches


@kernel
def conv2d(
    x: Array, weight: Array, bias: Array | None, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Array:
    """y[n, o, h, w] = bias[o] + Σ weight[o, c, i, j] · x[n, c, h·stride + i·dilation − padding, …] over c, i, j.

    The input is zero outside. With groups, the channels of x and of y fall into that many blocks, and a block of y sees
    its own block of x only. This is what deep learning calls convolution: the kernel is not flipped.

    Gradients for an incoming `g` of y's shape: x: ``conv2d_input_grad(g, weight, x.shape, …)``; weight:
    ``conv2d_weight_grad(g, x, weight.shape, …)``; bias: `g` summed over all dimensions but the second.

    Args:
        x: (N, C, H, W).
        weight: (out, C / groups, kernel height, kernel width).
        bias: (out,), or None.
        stride, padding, dilation: two ints each, for height and width; padding on both sides alike.
        groups: divides C and out.

    Returns:
        (N, out, H', W') of x's dtype, with sizes from `conv_output_size`. Half precision is summed in single.
    """
    xp = namespace(x)
    cols = _columns(x, weight.shape, stride, padding, dilation, groups)
    y = xp.matmul(_matrices(weight, groups), cols)  # (N, groups, out / groups, windows)
    sizes = conv_output_sizes(x.shape, weight.shape[2:], stride, padding, dilation)
    y = y.reshape(x.shape[0], weight.shape[0], *sizes)
    if bias is not None:
        y += bias[:, None, None]
    return y.astype(x.dtype, copy=False)


@kernel
def conv2d_input_grad(
    g: Array, weight: Array, input_shape: tuple[int, ...], stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Array:
    """The gradient of `conv2d` with respect to x, of shape `input_shape`: every g[n, o, h, w] · weight[o] added where
    window (h, w) lay. As a layer of its own it is the transposed convolution.

    Gradients for an incoming `h` of shape `input_shape`: g: ``conv2d(h, weight, None, …)``; weight:
    ``conv2d_weight_grad(g, h, weight.shape, …)``.
    """
    xp = namespace(g)
    n, out, *sizes = g.shape
    matrices = _matrices(weight, groups).swapaxes(1, 2)  # (groups, C / groups · taps, out / groups)
    cols = xp.matmul(matrices, widened(g).reshape(n, groups, out // groups, sizes[0] * sizes[1]))
    cols = cols.reshape(n, input_shape[1], *weight.shape[2:], *sizes)
    return add_patches(cols, input_shape, stride, padding, dilation).astype(g.dtype, copy=False)


@kernel
def conv2d_weight_grad(
    g: Array, x: Array, weight_shape: tuple[int, ...], stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Array:
    """The gradient of `conv2d` with respect to its weight, of shape `weight_shape`:
    Σ g[n, o, h, w] · x[n, c, h·stride + i·dilation − padding, …] over n, h, w.

    Gradients for an incoming `h` of shape `weight_shape`: g: ``conv2d(x, h, None, …)``; x:
    ``conv2d_input_grad(g, h, x.shape, …)``.
    """
    xp = namespace(g)
    n, out, *sizes = g.shape
    cols = _columns(x, weight_shape, stride, padding, dilation, groups)
    each = xp.matmul(widened(g).reshape(n, groups, out // groups, sizes[0] * sizes[1]), cols.swapaxes(2, 3))
    return each.sum(axis=0).reshape(weight_shape).astype(g.dtype, copy=False)


def _matrices(weight: Array, groups: int) -> Array:
    """The weight as one matrix (out / groups, C / groups · taps) for each group."""
    out, channels, kh, kw = weight.shape
    return widened(weight).reshape(groups, out // groups, channels * kh * kw)


def _columns(
    x: Array, weight_shape: tuple[int, ...], stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Array:
    """Every window of x as a column: (N, groups, C / groups · taps, windows). The well-known "im2col"."""
    _, channels, kh, kw = weight_shape
    sizes = conv_output_sizes(x.shape, (kh, kw), stride, padding, dilation)
    seen = patches(widened(x), (kh, kw), stride, padding, dilation, sizes)
    return seen.reshape(x.shape[0], groups, channels * kh * kw, sizes[0] * sizes[1])
