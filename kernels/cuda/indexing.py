"""Adding at indices that may repeat, on CuPy: with the same rounding in every run, in any dtype.

CuPy's own `add.at` adds in the order in which threads run, so its rounding differs from run to run, and it does not
take int64. Here the indices are sorted, and values with equal indices are added in their original order, as NumPy does.
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


@reference.gather_grad.on("cupy")
def gather_grad_cupy(g: Array, shape: tuple[int, ...], dim: int, index: Array) -> Array:
    """`gather_grad`."""
    xp = namespace(g)
    out = xp.zeros(shape, g.dtype)
    _add_at(out, along(xp, index, dim), g)
    return out


@reference.scatter_add.on("cupy")
def scatter_add_cupy(x: Array, dim: int, index: Array, source: Any) -> Array:
    """`scatter_add`."""
    out = x.copy(order="C")
    if getattr(source, "ndim", 0):
        source = source[tuple(slice(n) for n in index.shape)]
    _add_at(out, along(namespace(x), index, dim), source)
    return out


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
