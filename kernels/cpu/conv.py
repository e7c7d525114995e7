"""Convolution on NumPy: large products of matrices with shifted copies of the input, made a few images at a time.

Copy out what each column j of the kernel sees, S[c, j, r, w] = x[c, r − padding, w·stride + j·dilation − padding].
Then what row i of the kernel sees is S from row i·dilation on: a matrix (C · kernel width, H'·W') with contiguous rows,
which BLAS reads without a copy. So y = Σᵢ weightᵢ · Sᵢ, with kernel-width copies of the input where im2col makes kernel
height times as many. With a vertical stride s, the rows r are sorted by r mod s, and a row of the kernel sees one sort.

- All taps are copied out, as by im2col, where matrices would have few rows, where no two rows of the kernel see the
  same input, and where the weight has more elements than the copies, so that it is multiplied as it lies in memory.
- Small images are put beside each other, S[c, j, r, n, w], so that the products stay large.
- Taps that see nothing but padding are left out: of a 3 × 3 kernel on an image of one pixel, all but one.
- A tile of images (and of groups) at a time keeps the copies in the cache, and the memory they take small. Products
  that BLAS would not divide among threads run in two halves (`in_halves`).

The gradient of the input is a correlation of g with the flipped weight, for each position modulo the stride with those
taps that reach it; or, for few windows, one product whose results are added window by window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from math import gcd

import numpy as np

from kernels.backend import Array
from kernels.conv import conv2d, conv2d_input_grad, conv2d_weight_grad
from kernels.cpu.products import ALONE, matmul, pieces
from kernels.cpu.threads import Result, in_halves
from kernels.half_precision import wide, widened
from kernels.windows import ConvOptions, Pair

TILE = 1 << 19
"""Bytes of shifted copies to hold at a time: with the products, they fit into a core's second-level cache."""
THIN = 32
"""Matrices of fewer rows than this are not worth a separate product."""
SMALL = 128
"""Images with fewer windows than this are put beside each other, so that one product is for several images."""
LITTLE = 1 << 16
"""Images whose products have fewer multiplications than this are put beside each other too."""

DEEP = 64
"""To multiply with fewer rows of copies than this takes less time than to transpose the other factor first."""


@conv2d.on("numpy")
def conv2d_numpy(x: Array, weight: Array, bias: Array | None, options: ConvOptions) -> Array:
    """`conv2d`: a correlation of the input."""
    y = np.empty((x.shape[0], weight.shape[0], *options.window(weight.shape).counts(x.shape)), wide(x.dtype))
    _correlate(x, widened(weight), bias, y, options)
    return y.astype(x.dtype, copy=False)


@conv2d_input_grad.on("numpy")
def conv2d_input_grad_numpy(g: Array, weight: Array, input_shape: tuple[int, ...], options: ConvOptions) -> Array:
    """`conv2d_input_grad`: correlations of g, or windows added one by one."""
    weight = widened(weight)
    out, channels, kh, kw = weight.shape
    n, _, height, width = g.shape
    stride, padding, dilation, groups = options
    x = np.empty(input_shape, wide(g.dtype))
    dimensions = zip((kh, kw), stride, padding, dilation, strict=True)
    reaching = [[_reaching(first, *dimension) for first in range(dimension[1])] for dimension in dimensions]
    products = 1  # of a correlation, for each pair of channels
    for taps, step, size in zip(reaching, stride, input_shape[2:], strict=True):
        products *= sum(len(range(first, size, step)) * len(steps) for first, (steps, _, _) in enumerate(taps))
    windows = height * width
    if 2 * windows * kh * kw <= products or n * windows <= out // groups:
        _add_windows(g, weight, x, options)
        return x.astype(g.dtype, copy=False)
    flipped = weight.reshape(groups, out // groups, channels, kh, kw).swapaxes(1, 2)
    for (a, (rows, p, d)), (b, (columns, q, e)) in product(*map(enumerate, reaching)):
        part = flipped[:, :, :, rows.start : rows.stop : rows.step, columns.start : columns.stop : columns.step]
        part = part[..., ::-1, ::-1].reshape(groups * channels, out // groups, len(rows), len(columns))
        _correlate(g, part, None, x[:, :, a :: stride[0], b :: stride[1]], ConvOptions((1, 1), (p, q), (d, e), groups))
    return x.astype(g.dtype, copy=False)


@conv2d_weight_grad.on("numpy")
def conv2d_weight_grad_numpy(g: Array, x: Array, weight_shape: tuple[int, ...], options: ConvOptions) -> Array:
    """`conv2d_weight_grad`: the products of g with the copies of x, summed over the tiles."""
    out, channels, kh, kw = weight_shape
    groups, each, dtype = options.groups, out // options.groups, wide(g.dtype)
    copies = _Copies(x, (kh, kw), (g.shape[2], g.shape[3]), options, each)

    def run(part: slice) -> Array:
        sums = np.zeros(
            (groups, copies.products, *((each, copies.depth) if copies.beside else (copies.depth, each))), dtype
        )
        known = slice(0, 0)  # the groups of the tile before
        for tile_groups, images, matrices in copies.of(part):
            incoming = g[images, tile_groups.start * each : tile_groups.stop * each]
            if copies.beside:
                incoming = incoming.transpose(1, 2, 0, 3)
            windows = matrices[0].shape[-1]
            incoming = incoming.reshape(len(matrices[0]), -1, each, windows)
            if not copies.beside:
                incoming = incoming.swapaxes(2, 3)
            if copies.beside or copies.products * copies.depth > DEEP:
                incoming = np.ascontiguousarray(incoming)
            incoming = incoming.astype(dtype, copy=False)
            for i, matrix in enumerate(matrices):
                target = sums[tile_groups, i]
                if not copies.beside:  # the faster order, but of a large weight the result would be costly to transpose
                    target += _product_over_images(matrix, incoming)
                elif tile_groups == known:
                    target += np.matmul(incoming[0], matrix[0].swapaxes(1, 2))
                else:
                    np.matmul(incoming[0], matrix[0].swapaxes(1, 2), out=target)
            known = tile_groups
        return sums

    parts = copies.all(run)
    sums = parts[0] if len(parts) == 1 else parts[0] + parts[1]
    if not copies.beside:
        sums = sums.swapaxes(2, 3)
    rows, columns = copies.rows, copies.columns
    if copies.products == 1:
        seen = sums.reshape(out, channels, len(rows), len(columns))
    else:
        seen = sums.reshape(groups, len(rows), each, channels, len(columns)).transpose(0, 2, 3, 1, 4)
        seen = seen.reshape(out, channels, len(rows), len(columns))
    if seen.shape != weight_shape:
        total = np.zeros(weight_shape, dtype)
        total[:, :, rows.start : rows.stop, columns.start : columns.stop] = seen
        seen = total
    return seen.astype(g.dtype, order="C", copy=False)


def _product_over_images(a: Array, b: Array) -> Array:
    """Σ a · b over the images, of matrices (images, groups, rows, windows) and (images, groups, windows, columns).

    The windows are cut so that OpenBLAS takes its way for small products.
    """
    n, groups, rows, windows = a.shape
    columns = b.shape[3]
    size = rows * windows * columns
    parts = next((k for k in range(1, 17) if windows % k == 0 and size <= k * ALONE), 1)
    a = a.reshape(n, groups, rows, parts, windows // parts).swapaxes(2, 3)
    b = b.reshape(n, groups, parts, windows // parts, columns)
    return np.matmul(a, b).sum(axis=(0, 2))


def _correlate(x: Array, weight: Array, bias: Array | None, y: Array, options: ConvOptions) -> None:
    """Write `conv2d` into y (N, out, H', W'). The padding may be negative, and another one on the far side."""
    out, channels = weight.shape[:2]
    groups, each = options.groups, out // options.groups
    copies = _Copies(x, (weight.shape[2], weight.shape[3]), (y.shape[2], y.shape[3]), options, each)
    rows, columns = copies.rows, copies.columns
    seen = weight[:, :, rows.start : rows.stop, columns.start : columns.stop]
    seen = seen.reshape(
        groups, each, channels, copies.products, len(rows) // copies.products if rows else 0, len(columns)
    )
    factors = seen.transpose(0, 3, 2, 4, 5, 1).reshape(groups, copies.products, copies.depth, each)
    factors = np.ascontiguousarray(factors).swapaxes(2, 3)
    if each < THIN:  # the other order is faster only for more rows
        factors = np.ascontiguousarray(factors)
    bias = None if bias is None else bias.reshape(groups, each, 1)
    direct = y.reshape(len(y), groups, each, -1) if y.flags.c_contiguous and y.size and not copies.beside else None

    def run(part: slice) -> None:
        work: Array = np.empty(0)
        for tile_groups, images, matrices in copies.of(part):
            shape = (len(matrices[0]), len(matrices[0][0]), each, matrices[0].shape[-1])
            sums = np.empty(shape, y.dtype) if direct is None else direct[images, tile_groups]
            matmul(factors[tile_groups, 0], matrices[0], sums)
            if len(matrices) > 1 and work.shape != shape:
                work = np.empty(shape, y.dtype)
            for i, matrix in enumerate(matrices[1:], 1):
                sums += matmul(factors[tile_groups, i], matrix, work)
            if bias is not None:
                sums += bias[tile_groups]
            if direct is None:
                target = y[images, tile_groups.start * each : tile_groups.stop * each]
                if copies.beside:
                    target = target.transpose(1, 2, 0, 3)
                target[...] = sums.reshape(target.shape)

    copies.all(run)


def _add_windows(g: Array, weight: Array, x: Array, options: ConvOptions) -> None:
    """Write `conv2d_input_grad` into x: one product for all windows, then each window added at its position."""
    out, channels, kh, kw = weight.shape
    stride, padding, dilation, groups = options
    n, _, height, width = g.shape
    incoming = g.reshape(n, groups, out // groups, height, width).transpose(1, 3, 4, 0, 2)
    incoming = np.array(incoming, x.dtype, order="C").reshape(groups, height * width * n, out // groups)
    windows = np.matmul(incoming, weight.reshape(groups, out // groups, channels * kh * kw))
    windows = windows.reshape(groups, height, width, n, channels, kh, kw)
    x[...] = 0
    images = x.reshape(n, groups, channels, *x.shape[2:]).swapaxes(0, 1)
    for h, w in product(range(height), range(width)):
        rows, to_rows = _overlap(h * stride[0] - padding[0], dilation[0], kh, x.shape[2])
        columns, to_columns = _overlap(w * stride[1] - padding[1], dilation[1], kw, x.shape[3])
        images[..., to_rows, to_columns] += windows[:, h, w, :, :, rows, columns]


class _Copies:
    """Shifted copies of x, a tile at a time.

    Attributes:
        rows, columns: of the kernel, those that see anything but padding.
        products: how many matrices there are for a tile: one with all taps, or one for each of the rows.
        depth: the rows of each matrix: C / groups · the taps that it has.
        beside: whether the images of a tile are put beside each other.
        tiles: slices of the groups, and of the batch.
    """

    def __init__(self, x: Array, kernel: Pair, sizes: Pair, options: ConvOptions, out: int) -> None:
        """`out`: the number of outputs of a group."""
        stride, padding, dilation, groups = options
        n, c, height, width = x.shape
        windows, channels = sizes[0] * sizes[1], c // groups
        self.x, self.sizes, self.channels = x, sizes, channels
        rows, columns = (
            _seeing(*along) for along in zip(kernel, sizes, (height, width), stride, padding, dilation, strict=True)
        )
        self.rows, self.columns = rows, columns
        thin = channels * len(columns) < min(THIN, 2 * out)  # to copy all taps takes less than to add up products
        whole = thin or len(rows) <= stride[0] or n * windows <= out
        self.products = 1 if whole else len(rows)
        offsets = [i * dilation[0] - padding[0] for i in rows]
        across = [_overlap(j * dilation[1] - padding[1], stride[1], sizes[1], width) for j in columns]
        if whole:
            taps, reach = len(rows) * len(columns), sizes[0]
            self.starts = [0]
            down = [
                (i * len(columns), 0, _overlap(offset, stride[0], reach, height)) for i, offset in enumerate(offsets)
            ]
        else:
            steps = [divmod(i * dilation[0], stride[0]) for i in range(len(rows))]
            sorts = sorted({sort for _, sort in steps})
            taps, length = len(columns), sizes[0] + steps[-1][0]
            reach = len(sorts) * length
            self.starts = [sorts.index(sort) * length + step for step, sort in steps]
            down = [
                (0, i * length, _overlap(offsets[0] + sort, stride[0], length, height)) for i, sort in enumerate(sorts)
            ]
        self.depth, self.taps, self.reach = channels * taps, taps, reach
        self.copied = [
            (tap + j, slice(start + to_rows.start, start + to_rows.stop), from_rows, to_columns, from_columns)
            for tap, start, (to_rows, from_rows) in down
            for j, (to_columns, from_columns) in enumerate(across)
        ]
        self.beside = windows < SMALL or windows * self.depth * out < LITTLE
        size = max(1, self.depth * reach * sizes[1] * wide(x.dtype).itemsize)  # of an image's group
        images = max(TILE // size, -(-SMALL // max(1, windows)) if self.beside else 1)
        images = max(1, min(n, images))
        at_once = max(1, min(groups, TILE // (size * images)))
        still = stride == (1, 1) and offsets == [0] and across == [(slice(0, width), slice(0, width))]
        self.copies = not (still and sizes == (height, width) and x.dtype == wide(x.dtype) and x.flags.c_contiguous)
        self.copies = self.copies or self.beside
        self.tiles = [
            (slice(g, min(groups, g + at_once)), slice(i, min(n, i + images)))
            for g in range(0, groups, at_once)
            for i in range(0, n, images)
        ]
        width = windows * (images if self.beside else 1)
        # With fewer results per copied number most of the time is copies, for which two threads wait for each other.
        self.alone = min(out, self.depth) >= 32 and pieces(out, self.depth, width) > 0

    def all(self, run: Callable[[slice], Result]) -> list[Result]:
        """The results of `run` for the tiles, in two halves if that is faster."""
        return in_halves(run, len(self.tiles)) if self.alone else [run(slice(0, len(self.tiles)))]

    def of(self, part: slice) -> Iterator[tuple[slice, slice, list[Array]]]:
        """The tiles of a part.

        Yields:
            Slices of the groups and of the batch, and the matrices (images, groups, depth, windows), which the next
            tile overwrites; if the images are beside each other, (1, groups, depth, windows of all of them).
        """
        width = self.sizes[1]
        buffer: Array = np.empty(0)
        for groups, images in self.tiles[part]:
            x = self.x[images, groups.start * self.channels : groups.stop * self.channels]
            n, c, _, _ = x.shape
            if not self.copies:
                yield groups, images, [x.reshape(n, -1, self.channels, self.sizes[0] * width)]
                continue
            side = n if self.beside else 1
            shape = (n // max(1, side), c, self.taps, self.reach, side, width)
            if buffer.shape != shape:
                buffer = np.zeros(shape, wide(x.dtype))
            source = x.transpose(1, 2, 0, 3)[None] if self.beside else x[:, :, :, None]
            for tap, to_rows, from_rows, to_columns, from_columns in self.copied:
                buffer[:, :, tap, to_rows, :, to_columns] = source[:, :, from_rows, :, from_columns]
            flat = buffer.reshape(shape[0], groups.stop - groups.start, self.depth, self.reach * side * width)
            step = side * width
            yield groups, images, [flat[..., at * step : (at + self.sizes[0]) * step] for at in self.starts]


def _seeing(kernel: int, count: int, size: int, stride: int, padding: int, dilation: int) -> range:
    """The taps from the first to the last that see one of `size` positions in any of `count` windows."""
    seeing = [i for i in range(kernel) if _overlap(i * dilation - padding, stride, count, size)[0].stop]
    return range(seeing[0], seeing[-1] + 1) if seeing else range(0)


def _reaching(first: int, kernel: int, stride: int, padding: int, dilation: int) -> tuple[range, int, int]:
    """The taps that reach the positions first, first + stride, …, and the padding and dilation of the correlation.

    Tap i of window h reaches h·stride + i·dilation − padding. So for position first + k·stride it is that of the window
    h = k + (first + padding − i·dilation) / stride, where that is a whole number.
    """
    taps = [i for i in range(kernel) if (first + padding - i * dilation) % stride == 0]
    if not taps:
        return range(0), 0, 1
    step = stride // gcd(stride, dilation)
    return (
        range(taps[0], taps[-1] + 1, step),
        (taps[-1] * dilation - first - padding) // stride,
        step * dilation // stride,
    )


def _overlap(offset: int, stride: int, count: int, size: int) -> tuple[slice, slice]:
    """The q < count with 0 ≤ offset + q·stride < size, and these positions; both slice(0, 0) if there are none."""
    first = max(0, -(offset // stride))
    last = min(count, -((offset - size) // stride))
    if first >= last:
        return slice(0, 0), slice(0, 0)
    return slice(first, last), slice(offset + first * stride, offset + (last - 1) * stride + 1, stride)
