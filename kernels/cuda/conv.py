"""Convolution on CuPy: windows copied out as columns by a kernel of our own, products of matrices by cuBLAS.

A part of the batch at a time, so that the columns take no more than `COLUMNS` bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from kernels import fold
from kernels.backend import Array, namespace
from kernels.conv import conv2d, conv2d_input_grad, conv2d_weight_grad
from kernels.cuda.launch import Template, contiguous
from kernels.cuda.linear_algebra import product
from kernels.half_precision import widened
from kernels.windows import Pair, conv_output_sizes

COLUMNS = 1 << 28
"""Bytes of columns to hold at a time."""

im2col = Template("conv.cu", "im2col")
col2im = Template("conv.cu", "col2im")


@conv2d.on("cupy")
def conv2d_cupy(
    x: Array, weight: Array, bias: Array | None, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Array:
    """`conv2d`: im2col, and one product of matrices for each image and group."""
    if not im2col.takes(x, weight):
        return conv2d.reference(x, weight, bias, stride, padding, dilation, groups)
    xp = namespace(x)
    n, out = x.shape[0], weight.shape[0]
    kernel, sizes = weight.shape[2:], conv_output_sizes(x.shape, weight.shape[2:], stride, padding, dilation)
    matrices = widened(weight).reshape(groups, out // groups, prod(weight.shape[1:]))
    y = xp.empty((n, groups, out // groups, prod(sizes)), matrices.dtype)
    rows = weight.shape[1] * prod(kernel)
    for part in _parts(n, groups * rows * prod(sizes) * y.itemsize):
        cols = xp.empty((part.stop - part.start, groups, rows, prod(sizes)), y.dtype)
        _im2col(x[part], cols, kernel, sizes, stride, padding, dilation, groups * rows * prod(sizes), prod(sizes))
        product(matrices, cols, y[part])
    y = y.reshape(n, out, *sizes)
    if bias is not None:
        y += bias[:, None, None]
    return y.astype(x.dtype, copy=False)


@conv2d_input_grad.on("cupy")
def conv2d_input_grad_cupy(
    g: Array, weight: Array, input_shape: tuple[int, ...], stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Array:
    """`conv2d_input_grad`: one product of matrices for each image and group, and col2im."""
    if not col2im.takes(g, weight):
        return conv2d_input_grad.reference(g, weight, input_shape, stride, padding, dilation, groups)
    xp = namespace(g)
    n, out, *sizes = g.shape
    kernel, rows = weight.shape[2:], weight.shape[1] * prod(weight.shape[2:])
    matrices = widened(weight).reshape(groups, out // groups, rows).swapaxes(1, 2)
    incoming = widened(g).reshape(n, groups, out // groups, prod(sizes))
    x_grad = xp.empty(input_shape, g.dtype)
    for part in _parts(n, groups * rows * prod(sizes) * incoming.itemsize):
        cols = contiguous(product(matrices, incoming[part]))
        col2im.each(
            g,
            x_grad[part].size,
            cols,
            x_grad[part],
            *input_shape[1:],
            *sizes,
            *kernel,
            *stride,
            *padding,
            *dilation,
            groups * rows * prod(sizes),
            prod(sizes),
        )
    return x_grad


@conv2d_weight_grad.on("cupy")
def conv2d_weight_grad_cupy(
    g: Array, x: Array, weight_shape: tuple[int, ...], stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> Array:
    """`conv2d_weight_grad`: im2col with the windows of all images side by side, and one product for each group."""
    if not im2col.takes(g, x):
        return conv2d_weight_grad.reference(g, x, weight_shape, stride, padding, dilation, groups)
    xp = namespace(g)
    n, out, *sizes = g.shape
    kernel, rows, windows = weight_shape[2:], prod(weight_shape[1:]), prod(sizes)
    incoming = widened(g).reshape(n, groups, out // groups, windows).transpose(1, 2, 0, 3)
    total: Array = None
    for part in _parts(n, groups * rows * windows * incoming.itemsize):
        images = part.stop - part.start
        cols = xp.empty((groups, rows, images * windows), incoming.dtype)
        _im2col(x[part], cols, kernel, sizes, stride, padding, dilation, windows, images * windows)
        seen = incoming[:, :, part].reshape(groups, out // groups, images * windows)
        each = product(seen, cols.swapaxes(1, 2))
        total = each if total is None else total + each
    return total.reshape(weight_shape).astype(g.dtype, copy=False)


@fold.im2col.on("cupy")
def im2col_cupy(x: Array, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair) -> Array:
    """`im2col` in one launch; of half precision it is the reference, as the kernel's columns are in single."""
    if not im2col.takes(x) or widened(x) is not x:
        return fold.im2col.reference(x, kernel_size, stride, padding, dilation)
    sizes = conv_output_sizes(x.shape, kernel_size, stride, padding, dilation)
    rows, windows = x.shape[1] * prod(kernel_size), prod(sizes)
    cols = namespace(x).empty((x.shape[0], rows, windows), x.dtype)
    _im2col(x, cols, kernel_size, sizes, stride, padding, dilation, rows * windows, windows)
    return cols


@fold.col2im.on("cupy")
def col2im_cupy(
    columns: Array, output_size: Pair, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair
) -> Array:
    """`col2im` in one launch."""
    if not col2im.takes(columns):
        return fold.col2im.reference(columns, output_size, kernel_size, stride, padding, dilation)
    n, rows, windows = columns.shape
    channels = rows // prod(kernel_size)
    sizes = conv_output_sizes(output_size, kernel_size, stride, padding, dilation)
    out = namespace(columns).empty((n, channels, *output_size), columns.dtype)
    places = *output_size, *sizes, *kernel_size, *stride, *padding, *dilation, rows * windows, windows
    col2im.each(columns, out.size, contiguous(widened(columns)), out, channels, *places)
    return out


def _im2col(
    x: Array,
    cols: Array,
    kernel: Sequence[int],
    sizes: Sequence[int],
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    sample_step: int,
    row_step: int,
) -> None:
    """Write the windows of x into `cols`."""
    n, channels, height, width = x.shape
    im2col.each(
        x,
        n * channels * prod(sizes),
        contiguous(x),
        cols,
        channels,
        height,
        width,
        *sizes,
        *kernel,
        *stride,
        *padding,
        *dilation,
        sample_step,
        row_step,
    )


def _parts(n: int, size: int) -> Iterator[slice]:
    """A batch of n images in slices of at most `COLUMNS` bytes, an image taking `size`; one slice if it is empty."""
    images = max(1, COLUMNS // max(1, size))
    for start in range(0, max(n, 1), images):
        yield slice(start, min(n, start + images))
