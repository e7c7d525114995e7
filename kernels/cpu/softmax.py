"""Softmax on NumPy along the last dimension: a block of rows at a time, in the cache."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kernels.backend import Array
from kernels.softmax import log_softmax, softmax

BLOCK = 1 << 15
"""How many numbers are computed at a time, if a row has no more."""
SHORT = 128
"""The largest of fewer numbers than this is found faster among the rows of the transposed matrix."""


def _in_rows(x: Array, dim: int) -> bool:
    return x.ndim > 0 and x.size > 0 and dim in (-1, x.ndim - 1) and x.flags.c_contiguous and x.dtype.char in "fd"


@softmax.on("numpy", when=_in_rows)
def softmax_numpy(x: Array, dim: int) -> Array:
    """`softmax` with sums by BLAS."""
    out = np.empty_like(x)
    for rows, to in _blocks(x, out):
        np.subtract(rows, _largest(rows), out=to)
        np.exp(to, out=to)
        to /= _sums(to)
    return out


@log_softmax.on("numpy", when=_in_rows)
def log_softmax_numpy(x: Array, dim: int) -> Array:
    """`log_softmax` with sums by BLAS."""
    out = np.empty_like(x)
    for rows, to in _blocks(x, out):
        np.subtract(rows, _largest(rows), out=to)
        to -= np.log(_sums(np.exp(to)))
    return out


def _blocks(x: Array, out: Array) -> Iterator[tuple[Array, Array]]:
    """Some rows of both."""
    size = x.shape[-1]
    x, out = x.reshape(-1, size), out.reshape(-1, size)
    step = max(1, BLOCK // size)
    for start in range(0, len(x), step):
        yield x[start : start + step], out[start : start + step]


def _largest(rows: Array) -> Array:
    """The largest number of each row, as a column."""
    if rows.shape[1] < SHORT and len(rows) > 1:
        return np.ascontiguousarray(rows.T).max(axis=0)[:, None]
    return rows.max(axis=1, keepdims=True)


def _sums(rows: Array) -> Array:
    """The sum of each row, as a column: a product with ones is faster than NumPy's sum."""
    return (rows @ np.ones(rows.shape[1], rows.dtype))[:, None]
