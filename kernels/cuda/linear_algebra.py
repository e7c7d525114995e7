"""Products of matrices on CuPy: by cuBLAS, or by our own kernel during the capture of a CUDA graph."""

from __future__ import annotations

from math import prod

import numpy as np

from kernels import linear_algebra as reference
from kernels.backend import Array, backend_of, namespace
from kernels.cuda.launch import Template, contiguous
from kernels.half_precision import widened

tiles = Template("linear_algebra.cu", "matmul", (np.dtype("float32"), np.dtype("float64")))
TILE, THREADS = 16, 256  # as in `linear_algebra.cu`
BLOCKS, TERMS = 264, 256
"""A product of fewer tiles than BLOCKS, twice an H100's multiprocessors, is split into sums of at least TERMS terms."""


@reference.matmul.on("cupy")
def matmul_cupy(x: Array, y: Array) -> Array:
    """`matmul`."""
    return product(widened(x), widened(y)).astype(x.dtype, copy=False)


def product(x: Array, y: Array, out: Array | None = None) -> Array:
    """xy, in `out` if given, for matrices x (..., n, k) and y (..., k, m) of one dtype, in which it is summed."""
    if backend_of(x).is_capturing() and tiles.takes(x, y):
        return in_tiles(x, y, out)
    if out is None and x.ndim == y.ndim == 3 and len(x) == len(y) == 1:
        # CuPy passes a transposed matrix to cuBLAS without a copy, but copies a batch of transposed matrices first: a
        # batch of one is therefore unpacked.
        return namespace(x).matmul(x[0], y[0])[None]
    return namespace(x).matmul(x, y, out=out)


def in_tiles(x: Array, y: Array, out: Array | None = None) -> Array:
    """`product` by our own kernel; `out` is contiguous."""
    xp = namespace(x)
    batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    if out is None:
        out = xp.empty((*batch, x.shape[-2], y.shape[-1]), x.dtype)
    count = prod(batch)
    n, k, m = x.shape[-2], x.shape[-1], y.shape[-1]
    (x, x_steps), (y, y_steps) = (_as_batch(a, batch) for a in (x, y))
    blocks = count * -(-n // TILE) * -(-m // TILE)
    parts = min(-(-BLOCKS // blocks), k // TERMS) if count == 1 and blocks else 1
    if parts < 2:
        tiles.rows(out, blocks, THREADS, x, y, out, n, k, k, m, *x_steps, *y_steps)
        return out
    # The parts of the sums are a batch of products; their results are added in order.
    terms = -(-k // parts)
    parts = -(-k // terms)
    sums = xp.empty((parts, n, m), out.dtype)
    x_steps, y_steps = (terms * x_steps[2], *x_steps[1:]), (terms * y_steps[1], *y_steps[1:])
    tiles.rows(out, parts * blocks, THREADS, x, y, sums, n, terms, k - (parts - 1) * terms, m, *x_steps, *y_steps)
    return xp.sum(sums, axis=0, out=out.reshape(n, m)).reshape(out.shape)


def _as_batch(a: Array, batch: tuple[int, ...]) -> tuple[Array, tuple[int, int, int]]:
    """Contiguous matrices, and the steps from one to the next, from row to row, and from column to column.

    A single matrix for the whole batch is not repeated, and transposed matrices are not copied to row-major order.
    """
    xp, (n, m), alone = namespace(a), a.shape[-2:], a.ndim == 2
    each = a if alone else xp.broadcast_to(a, (*batch, n, m))
    apart = 0 if alone else n * m
    transposed = each.swapaxes(-1, -2)
    if transposed.flags.c_contiguous:
        return transposed, (apart, 1, n)
    return contiguous(each), (apart, m, 1)
