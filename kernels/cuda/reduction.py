"""Sums and means on CuPy: in double, in an order that depends on the shape alone, with blocks enough for a GPU.

CuPy's own sum gives each result to one block of threads, however many terms it has. Its argmax and argmin return any of
several NaNs; here it is the first.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from math import prod
from typing import Any

import numpy as np

from kernels import reduction as reference, shape as reference_shape
from kernels.backend import Array, namespace
from kernels.cuda.launch import CHUNK, Template, address, contiguous
from kernels.shape import repeated

sum_terms = Template("reduction.cu", "sum_terms")
add_parts = Template("reduction.cu", "add_parts")
sum_chunks, sum_columns, sum_each = (Template("reduction.cu", f"sum_{of}") for of in ("chunks", "columns", "each"))
extreme_of_rows = Template("reduction.cu", "extreme_of_rows")
extreme_of_each = Template("reduction.cu", "extreme_of_each")
THREADS = 512  # as in `reduction.cu`
NEIGHBOURS = 8
"""Columns that a block takes together, if there are as many: 32 bytes of float32, which a GPU reads at once."""
BLOCKS = 264
"""Blocks among which the terms are divided where there are few results: two for each multiprocessor of an H100."""
PART = 8192
"""The least number of terms of a part. With up to eight times as many, a result is not divided."""
LARGE = 1 << 16
"""From how many elements on threads read chunks of 16 bytes."""
ENOUGH = 1 << 16
"""From how many chunks of results on a thread sums each alone."""
FEW = 32
"""Up to how many elements one thread searches for the largest."""
MANY = 1 << 12
"""From how many interleaved rows on a thread takes a row: neighbouring threads then read neighbouring numbers."""


def total(x: Array, dims: tuple[int, ...], divisor: float = 1.0) -> Array:
    """Σ x / divisor over `dims` of a contiguous x that `sums` takes, in one launch or two; without these dimensions."""
    xp, sizes = namespace(x), _collapsed(x.shape, dims)
    assert sizes is not None
    outer, rows, inner, columns = sizes
    results, count = rows * columns, outer * inner
    out = xp.empty(tuple(n for d, n in enumerate(x.shape) if d not in dims), x.dtype)
    if x.size >= LARGE and address(x) % CHUNK == 0 and _total_of_chunks(x, out, sizes, divisor):
        return out
    together = min(NEIGHBOURS, _power_of_two(columns))
    while count * together < THREADS and together < results:  # few terms: more results for the threads
        together *= 2
    blocks = -(-results // together)
    parts = min(BLOCKS // blocks, count // PART) if count > 8 * PART else 1
    layout = outer, rows, inner, columns, together
    if parts <= 1:
        sum_terms.rows(x, blocks, THREADS, x, out, None, *layout, 1, count, np.float64(divisor))
        return out
    sums = xp.empty(results * parts, "float64")
    sum_terms.rows(x, blocks * parts, THREADS, x, None, sums, *layout, parts, -(-count // parts), np.float64(divisor))
    add_parts.rows(x, results, parts, sums, out, parts, np.float64(divisor))
    return out


def _total_of_chunks(x: Array, out: Array, sizes: tuple[int, int, int, int], divisor: float) -> bool:
    """`total` of a large x whose memory begins at a multiple of `CHUNK`; whether its sizes allow reading chunks."""
    outer, rows, inner, columns = sizes
    length, by = CHUNK // x.dtype.itemsize, np.float64(divisor)
    if columns == 1 and inner % length == 0:
        inner //= length
        count = outer * inner
        parts = min(BLOCKS // rows, count * length // PART) if count * length > 8 * PART else 1
        if parts <= 1:
            sum_chunks.rows(x, rows, -(-count // 4), x, out, None, outer, rows, inner, 1, count, by)
            return True
        sums, size = namespace(x).empty(rows * parts, "float64"), -(-count // parts)
        sum_chunks.rows(x, rows * parts, -(-size // 4), x, None, sums, outer, rows, inner, parts, size, by)
        add_parts.rows(x, rows, parts, sums, out, parts, by)
        return True
    if columns == 1 or columns % length:
        return False
    columns //= length
    results, count = rows * columns, outer * inner
    if results >= ENOUGH:
        sum_each.each(x, results, x, out, outer, rows, inner, columns, by)
        return True
    together = min(NEIGHBOURS, _power_of_two(columns))
    while together > 2 and results < together * BLOCKS:
        together //= 2
    if count > 8 * PART and results < together * BLOCKS:
        return False  # few results of many terms: in parts
    blocks = -(-results // together)
    sum_columns.rows(x, blocks, min(THREADS, count * together), x, out, outer, rows, inner, columns, together, by)
    return True


def sums(x: Array, dims: tuple[int, ...]) -> bool:
    """Whether `total` can sum: floats in row-major order, summed over one or two runs of dimensions."""
    return sum_terms.takes(x) and x.size > 0 and x.flags.c_contiguous and _collapsed(x.shape, dims) is not None


@lru_cache(4096)
def _collapsed(shape: tuple[int, ...], dims: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """The shape as (summed, kept, summed, kept), by joining neighbouring dimensions; None if it is not of this form."""
    runs = [
        (summed, prod(shape[d] for d in run))
        for summed, run in groupby((d for d, n in enumerate(shape) if n != 1), lambda d: d in dims)
    ]
    sizes = [n for _, n in runs]
    if runs and not runs[0][0]:
        sizes.insert(0, 1)
    if len(sizes) <= 2:
        sizes = [1, 1, *sizes]  # columns, which neighbouring threads read
    if len(sizes) > 4:
        return None
    outer, rows, inner, columns = *sizes, *[1] * (4 - len(sizes))
    return outer, rows, inner, columns


def _power_of_two(n: int) -> int:
    """The largest that is at most n."""
    return 1 << (n.bit_length() - 1)


def _kept(x: Array, dims: tuple[int, ...], keepdim: bool) -> tuple[int, ...]:
    return tuple(1 if d in dims else n for d, n in enumerate(x.shape) if keepdim or d not in dims)


def _reshaped(x: Array, shape: tuple[int, ...]) -> Array:
    """x in a shape. In its own it stays as it is: a view would be copied where it becomes the gradient of a leaf."""
    return x if x.shape == shape else x.reshape(shape)


@reference.sum.on("cupy", when=lambda x, dims, keepdim, dtype: x.dtype == dtype and sums(x, dims))
def sum_cupy(x: Array, dims: tuple[int, ...], keepdim: bool, dtype: Any) -> Array:
    """`sum` in one launch or two."""
    return _reshaped(total(x, dims), _kept(x, dims, keepdim))


@reference.mean.on("cupy", when=lambda x, dims, keepdim: sums(x, dims))
def mean_cupy(x: Array, dims: tuple[int, ...], keepdim: bool) -> Array:
    """`mean` in one launch or two."""
    return _reshaped(total(x, dims, float(prod(x.shape[d] for d in dims))), _kept(x, dims, keepdim))


@reference_shape.sum_to.on("cupy", when=lambda x, shape: sums(x, repeated(x.shape, shape)))
def sum_to_cupy(x: Array, shape: tuple[int, ...]) -> Array:
    """`sum_to` in one launch or two."""
    dims = repeated(x.shape, shape)
    return _reshaped(total(x, dims) if dims else x, shape)


@reference.argmax.on("cupy", when=lambda x, dim, keepdim: extreme_of_rows.takes(x) and x.ndim > 0 < x.size)
def argmax_cupy(x: Array, dim: int, keepdim: bool) -> Array:
    """`argmax` in one launch."""
    return _place_of_extreme(x, dim, keepdim, least=False)


@reference.argmin.on("cupy", when=lambda x, dim, keepdim: extreme_of_rows.takes(x) and x.ndim > 0 < x.size)
def argmin_cupy(x: Array, dim: int, keepdim: bool) -> Array:
    """`argmin` in one launch."""
    return _place_of_extreme(x, dim, keepdim, least=True)


def _place_of_extreme(x: Array, dim: int, keepdim: bool, *, least: bool) -> Array:
    size, inner = x.shape[dim], prod(x.shape[dim + 1 :])
    rows = x.size // size
    out = namespace(x).empty(_kept(x, (dim,), keepdim), "int64")
    if size <= FEW or (rows >= MANY and inner >= NEIGHBOURS):
        extreme_of_each.each(x, rows, contiguous(x), out, size, inner, least)
    else:
        extreme_of_rows.rows(x, rows, size, contiguous(x), out, size, inner, least)
    return out
