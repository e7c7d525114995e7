"""Products of matrices small enough that BLAS computes them in the calling thread.

OpenBLAS divides a product of some size among its threads, which wait for each other in a busy loop: for a product of
ten microseconds that gains little, and where another program has one of the processors, each product may take a
millisecond. So medium products are cut into pieces that stay below that size.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from kernels.backend import Array

ALONE = 1 << 19
"""OpenBLAS computes products of fewer multiplications than this in the calling thread."""
LEAST = 32
"""A piece has at least so many rows or columns: thinner ones are slow."""
MOST = 8
"""Into how many pieces `times` cuts a factor at most: all rows of the other one are read for each."""


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


def times(b: Array, rows: int) -> Callable[[Array, Array], None]:
    """A function that writes a · b into its second argument, for many a of up to `rows` rows.

    The columns of b are cut, and copied, so that OpenBLAS takes its way for small products: it copies neither factor
    first, which for few rows takes as long as the product itself.

    Args:
        b: (..., depth, columns).
        rows: of a (..., rows, depth) and the result (..., rows, columns).
    """
    *batch, depth, columns = b.shape
    size, divisors = rows * depth * columns, (n for n in range(1, MOST + 1) if columns % n == 0)
    parts = next((n for n in divisors if size <= n * ALONE and columns // n >= LEAST // 2), 1)
    if parts < 2:
        return partial(_product, np.ascontiguousarray(b))
    cut = np.ascontiguousarray(b.reshape(*batch, depth, parts, columns // parts).swapaxes(-2, -3))
    return partial(_product_in_parts, cut)


def _product(b: Array, a: Array, out: Array) -> None:
    np.matmul(a, b, out=out)


def _product_in_parts(b: Array, a: Array, out: Array) -> None:
    parts, _, columns = b.shape[-3:]
    np.matmul(a[..., None, :, :], b, out=out.reshape(*out.shape[:-1], parts, columns).swapaxes(-2, -3))
