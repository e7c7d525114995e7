"""Products of matrices small enough that BLAS computes them in the calling thread.

OpenBLAS divides a product of some size among its threads, which wait for each other in a busy loop: for a product of
ten microseconds that gains little, and where another program has one of the processors, each product may take a
millisecond. So medium products are cut into pieces that stay below that size.
"""

from __future__ import annotations

import numpy as np

from kernels.backend import Array

ALONE = 1 << 19
"""OpenBLAS computes products of fewer multiplications than this in the calling thread."""
LEAST = 32
"""A piece has at least so many rows or columns: thinner ones are slow."""


def pieces(rows: int, depth: int, columns: int) -> int:
    """Into how many pieces a product of these sizes is cut so that each is computed alone; 0 if they would be thin."""
    count = rows * depth * columns // ALONE + 1
    return count if max(rows, columns) >= count * LEAST or count == 1 else 0


def matmul(a: Array, b: Array, out: Array) -> Array:
    """``np.matmul(a, b, out=out)``, cut along the longer side of the result."""
    rows, columns = out.shape[-2:]
    count = pieces(rows, a.shape[-1], columns)
    if count < 2:
        return np.matmul(a, b, out=out)
    step = -(-max(rows, columns) // count)
    for start in range(0, max(rows, columns), step):
        part = slice(start, start + step)
        if columns >= rows:
            np.matmul(a, b[..., part], out=out[..., part])
        else:
            np.matmul(a[..., part, :], b, out=out[..., part, :])
    return out
