"""The gradient of normalization on NumPy: a block of groups at a time, in the cache."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from kernels.backend import Array
from kernels.normalization import standardize_grad

BLOCK = 1 << 15
"""How many numbers are computed at a time, if a group has no more."""


def _in_rows(g: Array, out: Array, scale: Array, dims: tuple[int, ...]) -> bool:
    """Whether the last dimension is normalized, and all arrays have one dtype (for float16, `scale` is float32)."""
    return g.size > 0 and g.ndim - 1 in dims and g.dtype == out.dtype == scale.dtype


@standardize_grad.on("numpy", when=_in_rows)
def standardize_grad_numpy(g: Array, out: Array, scale: Array, dims: tuple[int, ...]) -> Array:
    """`standardize_grad` with sums in the dtype of g, pairwise and by BLAS: the means are small next to g."""
    result = np.empty_like(g)
    count = math.prod(g.shape[d] for d in dims)
    for rows, y, factor, to in _blocks(dims, g, out, scale, result):
        block, slope = (np.array(a, order="C").reshape(-1, count) for a in (rows, y))
        mean = block.sum(axis=1) / count
        slope *= (np.vecdot(block, slope) / count)[:, None]
        block -= mean[:, None]
        block -= slope
        block *= factor.reshape(-1, 1)
        to[...] = block.reshape(to.shape)
    return result


def _blocks(dims: tuple[int, ...], *arrays: Array) -> Iterator[tuple[Array, ...]]:
    """Views of the arrays, which have the same dimensions but for `dims`: some groups of each, with `dims` last."""
    kept = [d for d in range(arrays[0].ndim) if d not in dims]
    turned = [a.transpose(*kept, *dims) for a in arrays]
    if not kept:
        yield tuple(turned)
        return
    first = turned[0]
    step = max(1, BLOCK * len(first) // first.size)
    for start in range(0, len(first), step):
        yield tuple([a[start : start + step] for a in turned])
