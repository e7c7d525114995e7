"""Convolution on NumPy: a few shifted copies of the input instead of all of its windows, a few images at a time.

Copy the part of x that column j of the kernel uses: S[c, j, r, w] = x[c, r − padding, w·stride + j·dilation − padding].
Then row i of the kernel reads S from row i·dilation on: a matrix (C · kernel width, H'·W') with contiguous rows,
which BLAS reads without a copy. So y = Σᵢ weightᵢ · Sᵢ, with kernel-width copies of the input where im2col makes
kernel height times as many. A tile of images at a time keeps the copies in the cache, and the memory they take small.

If that does not apply (a vertical stride, matrices too thin for BLAS), the reference runs, tile by tile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from kernels.backend import Array
from kernels.conv import conv2d, conv2d_input_grad, conv2d_weight_grad
from kernels.half_precision import widened
from kernels.windows import ConvOptions, Pair

TILE = 1 << 20
"""Bytes of shifted copies to hold at a time: about a core's second-level cache. Whole windows get four times it."""
THIN = 32
"""Matrices of fewer rows than this are not worth a separate matrix product."""


@conv2d.on("numpy")
def conv2d_numpy(x: Array, weight: Array, bias: Array | None, options: ConvOptions) -> Array:
    """`conv2d`: shifted copies of x."""
    sizes = options.window(weight.shape).counts(x.shape)
    if _shiftable(x, weight.shape[1:], options.stride):
        return _correlate(x, weight, bias, sizes, options)
    tiles = _tiles(x, prod((x.shape[1], *weight.shape[2:], *sizes)), 4 * TILE)
    shape = x.shape[0], weight.shape[0], *sizes
    return _tile_by_tile(tiles, shape, lambda tile: conv2d.reference(x[tile], weight, bias, options))


@conv2d_input_grad.on("numpy")
def conv2d_input_grad_numpy(g: Array, weight: Array, input_shape: tuple[int, ...], options: ConvOptions) -> Array:
    """`conv2d_input_grad`: for a stride of 1, the correlation of g with the flipped weight."""
    c, height, width = input_shape[1:]
    out, channels, kh, kw = weight.shape
    groups, padding, dilation = options.groups, options.padding, options.dilation
    if options.stride == (1, 1) and _shiftable(g, (out // groups, kh, kw), options.stride):
        flipped = weight.reshape(groups, out // groups, channels, kh, kw).swapaxes(1, 2)[..., ::-1, ::-1]
        flipped = flipped.reshape(c, out // groups, kh, kw)
        around = dilation[0] * (kh - 1) - padding[0], dilation[1] * (kw - 1) - padding[1]
        return _correlate(g, flipped, None, (height, width), options._replace(padding=around))

    def run(tile: slice) -> Array:
        return conv2d_input_grad.reference(g[tile], weight, (tile.stop - tile.start, c, height, width), options)

    return _tile_by_tile(_tiles(g, prod((c, kh, kw, *g.shape[2:])), 4 * TILE), input_shape, run)


@conv2d_weight_grad.on("numpy")
def conv2d_weight_grad_numpy(g: Array, x: Array, weight_shape: tuple[int, ...], options: ConvOptions) -> Array:
    """`conv2d_weight_grad`: the products of g with shifted copies of x, summed over the tiles."""
    out, height, width = g.shape[1:]
    _, channels, kh, kw = weight_shape
    groups = options.groups
    if not _shiftable(x, weight_shape[1:], options.stride):
        tiles = _tiles(x, prod((x.shape[1], kh, kw, height, width)), 4 * TILE)
        each = (conv2d_weight_grad.reference(widened(g[t]), widened(x[t]), weight_shape, options) for t in tiles)
        return sum(each).astype(g.dtype, copy=False)
    total: Array = 0  # then (groups, kernel height, channels · kernel width, out / groups)
    for tile, seen in _shifted(x, (kh, kw), (height, width), options):
        images, _, _, _, windows = seen.shape
        incoming = g[tile].reshape(images, groups, 1, out // groups, windows).swapaxes(3, 4)
        total = total + np.matmul(seen, np.ascontiguousarray(incoming)).sum(axis=0)
    total = total.reshape(groups, kh, channels, kw, out // groups)
    return total.transpose(0, 4, 2, 1, 3).reshape(weight_shape)


def _shiftable(x: Array, weight_shape: tuple[int, ...], stride: Pair) -> bool:
    """Whether shifted copies can be used for x and a weight (…, channels, kernel height, kernel width)."""
    channels, kh, kw = weight_shape
    return kh > 1 and channels * kw >= THIN and stride[0] == 1 and x.dtype.char in "fd" and x.size > 0


def _correlate(x: Array, weight: Array, bias: Array | None, sizes: Pair, options: ConvOptions) -> Array:
    """`conv2d` to a given output size. The padding may be negative, and another one on the far side."""
    out, channels, kh, kw = weight.shape
    groups = options.groups
    y = np.empty((x.shape[0], groups, out // groups, sizes[0] * sizes[1]), x.dtype)
    matrices = weight.reshape(groups, out // groups, channels, kh, kw).transpose(0, 3, 1, 2, 4)
    matrices = matrices.reshape(groups, kh, out // groups, channels * kw)
    for tile, seen in _shifted(x, (kh, kw), sizes, options):
        np.matmul(matrices, seen).sum(axis=2, out=y[tile])
        if bias is not None:
            y[tile] += bias.reshape(groups, out // groups, 1)
    return y.reshape(x.shape[0], out, *sizes)


def _shifted(x: Array, kernel: Pair, sizes: Pair, options: ConvOptions) -> Iterator[tuple[slice, Array]]:
    """One tile of the batch after the other, and the part of it that each row of the kernel reads.

    Yields:
        A slice of the batch, and a view (images, groups, kernel height, C / groups · kernel width, windows) of the
        shifted copies, which the next tile overwrites.
    """
    stride, padding, dilation, groups = options
    c, height, width = x.shape[1:]
    reach = sizes[0] + (kernel[0] - 1) * dilation[0]
    tiles = _tiles(x, prod((c, kernel[1], reach, sizes[1])), TILE)
    copies = np.zeros((tiles[0].stop, c, kernel[1], reach, sizes[1]), x.dtype)
    image, channel, column, row, item = copies.strides
    shape = (len(copies), groups, kernel[0], c // groups * kernel[1], sizes[0] * sizes[1])
    seen = as_strided(copies, shape, (image, c // groups * channel, dilation[0] * row, column, item))
    rows, from_rows = _overlap(-padding[0], 1, reach, height)
    spans = [_overlap(j * dilation[1] - padding[1], stride[1], sizes[1], width) for j in range(kernel[1])]
    for tile in tiles:
        images = x[tile]
        for j, (columns, from_columns) in enumerate(spans):
            copies[: len(images), :, j, rows, columns] = images[:, :, from_rows, from_columns]
        yield tile, seen[: len(images)]


def _tiles(x: Array, elements: int, size: int) -> list[slice]:
    """The batch of x in slices that need no more than `size` bytes, where an image needs `elements`; at least one."""
    n = x.shape[0]
    images = max(1, size // max(1, elements * x.itemsize))
    return [slice(start, min(n, start + images)) for start in range(0, n, images)] or [slice(0, 0)]


def _tile_by_tile(tiles: list[slice], shape: tuple[int, ...], run: Callable[[slice], Array]) -> Array:
    """An array of `shape` with the results of `run` for every tile of the batch; of a single tile, its result."""
    first = run(tiles[0])
    if len(tiles) == 1:
        return first
    out = np.empty(shape, first.dtype)
    out[tiles[0]] = first
    for tile in tiles[1:]:
        out[tile] = run(tile)
    return out


def _overlap(offset: int, stride: int, count: int, size: int) -> tuple[slice, slice]:
    """The q < count with 0 ≤ offset + q·stride < size, and these positions."""
    first = max(0, -(offset // stride))
    last = min(count, -((offset - size) // stride))
    if first >= last:
        return slice(0), slice(0)
    return slice(first, last), slice(offset + first * stride, offset + (last - 1) * stride + 1, stride)
