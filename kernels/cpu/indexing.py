"""Adding at positions that repeat, on NumPy: `np.add.at` is fast for one index into one dimension only."""

from __future__ import annotations

import math

import numpy as np

from kernels.backend import Array
from kernels.indexing import Key, gather_grad, index_grad

BLOCK = 1 << 15
"""How many elements are added at a time, if a row has no more."""


def _only_integers(g: Array, shape: tuple[int, ...], key: Key) -> bool:
    """Whether `key` is arrays of integers, so that they name rows of the dimensions after them."""
    entries = key if isinstance(key, tuple) else (key,)
    return g.size > 0 and all(isinstance(k, np.ndarray) and k.dtype.kind == "i" for k in entries)


@index_grad.on("numpy", when=_only_integers)
def index_grad_numpy(g: Array, shape: tuple[int, ...], key: Key) -> Array:
    """`index_grad` with the positions of the elements in memory, in the reference's order."""
    entries = key if isinstance(key, tuple) else (key,)
    return _added(g, shape, np.broadcast_arrays(*entries))


@gather_grad.on("numpy", when=lambda g, shape, dim, index: g.size > 0 and index.ndim > 0)
def gather_grad_numpy(g: Array, shape: tuple[int, ...], dim: int, index: Array) -> Array:
    """`gather_grad` with the positions of the elements in memory, in the reference's order."""
    grids = np.meshgrid(*map(np.arange, index.shape), indexing="ij", sparse=True)
    return _added(g, shape, np.broadcast_arrays(*grids[:dim], index, *grids[dim + 1 :]))


def _added(g: Array, shape: tuple[int, ...], index: tuple[Array, ...]) -> Array:
    """Zeros of `shape` with g added at rows that are named by one array for each of the first dimensions."""
    out = np.zeros(shape, g.dtype)
    rows = np.ravel_multi_index(index, shape[: len(index)], mode="wrap").reshape(-1, 1)
    width = math.prod(shape[len(index) :])
    values, within = g.reshape(len(rows), width), np.arange(width)
    step = max(1, BLOCK // width)
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        np.add.at(out.reshape(-1), (rows[part] * width + within).ravel(), values[part].ravel())
    return out
