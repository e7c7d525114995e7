"""Adding at indices that may repeat, on CuPy: with the same rounding in every run, in any dtype.

CuPy's own `add.at` adds in the order in which threads run, so its rounding differs from run to run, and it does not
take int64. Here the indices are sorted, and values with equal indices are added in their original order, as NumPy does.
Along one dimension, with few indices, nothing is sorted: a thread for each result looks through the indices.
"""

from __future__ import annotations

from math import prod
from typing import Any

from kernels import indexing as reference
from kernels.backend import Array, namespace
from kernels.cuda.launch import NUMBERS, Template, contiguous
from kernels.half_precision import wide
from kernels.indexing import Key, along

CHUNK = 256
"""How many entries one thread adds up at most."""

FEW = 32
"""Up to how many indices a thread looks through."""

gather = Template("indexing.cu", "gather", NUMBERS)
add_along = Template("indexing.cu", "add_along", NUMBERS)
sum_chunks = Template("indexing.cu", "sum_chunks", NUMBERS)
add_rows = Template("indexing.cu", "add_rows", NUMBERS)


@reference.index_grad.on("cupy")
def index_grad_cupy(g: Array, shape: tuple[int, ...], key: Key) -> Array:
    """`index_grad`, and so the gradient of an embedding."""
    out = namespace(g).zeros(shape, g.dtype)
    _add_at(out, key, g)
    return out


@reference.index_put.on("cupy")
def index_put_cupy(x: Array, values: Array, key: Key, accumulate: bool) -> Array:
    """`index_put`."""
    out = x.copy(order="C")
    if accumulate:
        _add_at(out, key, values)
    else:
        out[key] = values
    return out


@reference.gather.on("cupy", when=lambda x, dim, index: gather.takes(x) and _along_one(x.shape, dim, index.shape))
def gather_cupy(x: Array, dim: int, index: Array) -> Array:
    """`gather` in one launch. An index out of range wraps around."""
    out = namespace(x).empty(index.shape, x.dtype)
    gather.each(x, out.size, contiguous(x), _row_major(index), out, *_sizes(x.shape, dim, index))
    return out


@reference.gather_grad.on("cupy")
def gather_grad_cupy(g: Array, shape: tuple[int, ...], dim: int, index: Array) -> Array:
    """`gather_grad`: with few indices in one launch."""
    xp = namespace(g)
    if add_along.takes(g) and _few_along_one(shape, dim, index.shape):
        out = xp.empty(shape, g.dtype)
        add_along.each(g, out.size, None, _row_major(index), contiguous(g), out, *_sizes(shape, dim, index))
        return out
    out = xp.zeros(shape, g.dtype)
    _add_at(out, along(xp, index, dim), g)
    return out


@reference.scatter_add.on("cupy")
def scatter_add_cupy(x: Array, dim: int, index: Array, source: Any) -> Array:
    """`scatter_add`: with few indices in one launch."""
    if getattr(source, "ndim", 0):
        source = source[tuple(slice(n) for n in index.shape)]
        if add_along.takes(x, source) and _few_along_one(x.shape, dim, index.shape):
            out = namespace(x).empty(x.shape, x.dtype)
            arrays = contiguous(x), _row_major(index), contiguous(source), out
            add_along.each(x, out.size, *arrays, *_sizes(x.shape, dim, index))
            return out
    out = x.copy(order="C")
    _add_at(out, along(namespace(x), index, dim), source)
    return out


def _along_one(shape: tuple[int, ...], dim: int, index: tuple[int, ...]) -> bool:
    """Whether the shapes differ in one dimension at most, so that the kernels for one dimension can run."""
    return len(index) > 0 and shape[dim] > 0 and (*shape[:dim], *shape[dim + 1 :]) == (*index[:dim], *index[dim + 1 :])


def _few_along_one(shape: tuple[int, ...], dim: int, index: tuple[int, ...]) -> bool:
    return _along_one(shape, dim, index) and index[dim] <= FEW


def _row_major(index: Array) -> Array:
    return contiguous(index.astype("int64", copy=False))


def _sizes(shape: tuple[int, ...], dim: int, index: Array) -> tuple[int, int, int]:
    """How many places and indices there are along the dimension, and how many elements after it."""
    return shape[dim], index.shape[dim], prod(shape[dim + 1 :])


def _add_at(out: Array, key: Key, values: Any) -> None:
    """Add `values`, broadcast, to the contiguous `out` at `key`, where repeated positions add up."""
    xp = namespace(out)
    if not add_rows.takes(out):
        xp.add.at(out, key, values)
        return
    numbers = key[0] if isinstance(key, tuple) and len(key) == 1 else key
    if getattr(getattr(numbers, "dtype", None), "kind", None) in ("i", "u") and numbers.ndim and out.ndim:
        shape, inner = (*numbers.shape, *out.shape[1:]), prod(out.shape[1:])
        rows = numbers.astype("int64", copy=False)
        rows = rows % out.shape[0] if rows.size else rows  # negative ones count from the end
    else:
        rows = xp.arange(out.size, dtype="int64").reshape(out.shape)[key]
        shape, inner = rows.shape, 1
    values = contiguous(xp.broadcast_to(xp.asarray(values, dtype=out.dtype), shape))
    rows = rows.reshape(rows.size)
    if not rows.size or not inner:
        return
    order = xp.argsort(rows, kind="stable")
    rows = rows[order]
    chunks = -(-rows.size // CHUNK)
    sums = xp.empty(chunks * inner, wide(out.dtype))
    sizes = rows.size, inner, CHUNK
    sum_chunks.each(out, sums.size, rows, order, values, sums, *sizes)
    add_rows.each(out, rows.size * inner, rows, order, values, sums, out, *sizes)
