"""Convolution on CuPy: windows copied out as columns by a kernel of our own, products of matrices by cuBLAS.

A part of the batch at a time, so that the columns take no more than `COLUMNS` bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from kernels import fold
from kernels.backend import Array, namespace
from kernels.conv import conv2d, conv2d_input_grad, conv2d_weight_grad
from kernels.cuda.launch import Template, contiguous
from kernels.cuda.linear_algebra import product
from kernels.cuda.reduction import total
from kernels.half_precision import wide, widened
from kernels.tf32 import TF32
from kernels.windows import ConvOptions, Pair, Window

COLUMNS = 1 << 28
"""Bytes of columns to hold at a time."""

SMALL = 1 << 14
"""The elements of a small weight. On an H200, weights of 16 × 25 and 32 × 400 gain by a product for each image."""

im2col = Template("conv.cu", "im2col")
col2im = Template("conv.cu", "col2im")


@conv2d.on("cupy", when=lambda x, weight, bias, options: x.size > 0 and im2col.takes(x, weight, bias))
def conv2d_cupy(x: Array, weight: Array, bias: Array | None, options: ConvOptions) -> Array:
    """`conv2d`: im2col, which writes the bias to y, and a product of matrices for each image and group, added to it."""
    xp = namespace(x)
    n, out, groups = x.shape[0], weight.shape[0], options.groups
    window = options.window(weight.shape)
    sizes = window.counts(x.shape)
    rows, windows = prod(weight.shape[1:]), prod(sizes)
    matrices = weight.reshape(groups, out // groups, rows)
    y = xp.empty((n, groups, out // groups, windows), x.dtype)
    for images in _batch_slices(n, groups * rows * windows * x.itemsize):
        columns = xp.empty((images.stop - images.start, groups, rows, windows), x.dtype)
        _im2col(x[images], columns, window, sizes, groups * rows * windows, windows, bias, y[images])
        product(matrices, columns, out=y[images], add=bias is not None, tf32=TF32.convolution)
    return y.reshape(n, out, *sizes)


@conv2d_input_grad.on("cupy", when=col2im.takes)
def conv2d_input_grad_cupy(g: Array, weight: Array, input_shape: tuple[int, ...], options: ConvOptions) -> Array:
    """`conv2d_input_grad`: a product of matrices for each image and group, and col2im."""
    xp = namespace(g)
    n, out, height, width = g.shape
    groups, rows, windows = options.groups, prod(weight.shape[1:]), height * width
    matrices = weight.reshape(groups, out // groups, rows).swapaxes(1, 2)
    incoming = g.reshape(n, groups, out // groups, windows)
    x_grad = xp.empty(input_shape, g.dtype)
    sums = wide(g.dtype)  # columns are added up before they are rounded
    size = groups * rows * windows
    for images in _batch_slices(n, size * sums.itemsize):
        columns = xp.empty((images.stop - images.start, groups, rows, windows), sums)
        product(matrices, incoming[images], out=columns, tf32=TF32.convolution)
        _col2im(columns, x_grad[images], options.window(weight.shape), (height, width), size, windows)
    return x_grad


@conv2d_weight_grad.on("cupy", when=im2col.takes)
def conv2d_weight_grad_cupy(g: Array, x: Array, weight_shape: tuple[int, ...], options: ConvOptions) -> Array:
    """`conv2d_weight_grad`: im2col, and products of matrices.

    For a small weight a product for each image, and their sum: one product for all images would be few sums of very
    many terms, with which cuBLAS keeps few multiprocessors busy. Otherwise one product for each group, for which the
    windows of all images are side by side.
    """
    xp = namespace(g)
    n, out, height, width = g.shape
    groups, rows, windows = options.groups, prod(weight_shape[1:]), height * width
    sums = xp.empty((groups, out // groups, rows), wide(g.dtype))
    each = g.reshape(n, groups, out // groups, windows)
    alone = g.size > 0 and 0 < out // groups * rows <= SMALL
    for images in _batch_slices(n, groups * rows * windows * x.itemsize):
        count, window = images.stop - images.start, options.window(weight_shape)
        if alone:
            columns = xp.empty((count, groups, rows, windows), x.dtype)
            _im2col(x[images], columns, window, (height, width), groups * rows * windows, windows)
            products = xp.empty((count, *sums.shape), sums.dtype)
            product(each[images], columns.swapaxes(2, 3), out=products, tf32=TF32.convolution)
            sums = sums + total(products, (0,)) if images.start else total(products, (0,))
            continue
        columns = xp.empty((groups, rows, count * windows), x.dtype)
        _im2col(x[images], columns, window, (height, width), windows, count * windows)
        here = each[images].transpose(1, 2, 0, 3).reshape(groups, out // groups, count * windows)
        product(here, columns.swapaxes(1, 2), out=sums, add=images.start > 0, tf32=TF32.convolution)
    return sums.reshape(weight_shape).astype(g.dtype, copy=False)


@fold.im2col.on("cupy", when=im2col.takes)
def im2col_cupy(x: Array, window: Window) -> Array:
    """`im2col` in one launch."""
    counts = window.counts(x.shape)
    rows, windows = x.shape[1] * prod(window.kernel), prod(counts)
    columns = namespace(x).empty((x.shape[0], rows, windows), x.dtype)
    _im2col(x, columns, window, counts, rows * windows, windows)
    return columns


@fold.col2im.on("cupy", when=col2im.takes)
def col2im_cupy(columns: Array, output_size: Pair, window: Window) -> Array:
    """`col2im` in one launch."""
    n, rows, windows = columns.shape
    out = namespace(columns).empty((n, rows // prod(window.kernel), *output_size), columns.dtype)
    _col2im(contiguous(widened(columns)), out, window, window.counts(output_size), rows * windows, windows)
    return out


def _im2col(
    x: Array,
    columns: Array,
    window: Window,
    counts: Pair,
    sample_step: int,
    row_step: int,
    bias: Array | None = None,
    y: Array | None = None,
) -> None:
    """Write the windows of x (N, C, H, W) into `columns`, from image to image and from row to row in these steps.

    A bias (out) is written to y (N, out, windows), for every image and window.
    """
    n, channels, height, width = x.shape
    kernel, stride, padding, dilation, _ = window
    sizes = channels, height, width, *counts, *kernel, *stride, *padding, *dilation, sample_step, row_step
    total = n * channels * prod(counts)
    if bias is None:
        im2col.each(x, total, contiguous(x), columns, *sizes, None, None, 0)
    else:
        im2col.each(x, total, contiguous(x), columns, *sizes, contiguous(bias), y, bias.size)


def _col2im(columns: Array, out: Array, window: Window, counts: Pair, sample_step: int, row_step: int) -> None:
    """Write the sums of `columns`, which has these steps from image to image and from row to row, into `out`."""
    kernel, stride, padding, dilation, _ = window
    sizes = *out.shape[1:], *counts, *kernel, *stride, *padding, *dilation, sample_step, row_step
    col2im.each(out, out.size, columns, out, *sizes)


def _batch_slices(n: int, size: int) -> Iterator[slice]:
    """A batch of n images in slices of at most `COLUMNS` bytes, an image taking `size`; one slice if it is empty."""
    images = max(1, COLUMNS // max(1, size))
    for start in range(0, max(n, 1), images):
        yield slice(start, min(n, start + images))
