"""Sums in NumPy that lose no more than PyTorch's.

Along the axis with the smallest stride NumPy adds pairwise; along any other it adds one number after the other, and the
error grows with their count. So a long axis of the second kind is folded: first rows far apart are added, few at a
time, and then their sums. That is faster too, because folding makes the innermost loop longer.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import kernels.reduction as reference
from kernels.half_precision import wide
from kernels.shape import repeated, sum_to

FOLD = 32
"""The largest count of numbers that are added one after the other."""
LONG = 64
"""The smallest number of terms for which folding is worth it."""

SHORT = 32
"""A row has few numbers if it has no more than this."""


@reference.sum.on("numpy")
def sum_numpy(x: Any, dims: tuple[int, ...], keepdim: bool, dtype: Any) -> Any:
    """Σ x in `dtype`, folded where there are many terms."""
    return _sum(x, dims, keepdim, wide(dtype)).astype(dtype, copy=False)


@reference.mean.on("numpy")
def mean_numpy(x: Any, dims: tuple[int, ...], keepdim: bool) -> Any:
    """Σ x / n, folded where there are many terms."""
    total = _sum(x, dims, keepdim, wide(x.dtype))
    count = math.prod(x.shape[d] for d in dims)
    return (total / total.dtype.type(count)).astype(x.dtype, copy=False)


@reference.var.on("numpy")
def var_numpy(x: Any, dims: tuple[int, ...], keepdim: bool, correction: float) -> Any:
    """The reference in double precision: in single, the squares of numbers above 1e19 overflow."""
    return reference.var.reference(x.astype("float64", copy=False), dims, keepdim, correction).astype(x.dtype)


@reference.std.on("numpy")
def std_numpy(x: Any, dims: tuple[int, ...], keepdim: bool, correction: float) -> Any:
    """The reference in double precision."""
    return reference.std.reference(x.astype("float64", copy=False), dims, keepdim, correction).astype(x.dtype)


@sum_to.on("numpy")
def sum_to_numpy(x: Any, shape: tuple[int, ...]) -> Any:
    """x summed, folded where there are many terms, over the dimensions that `expand` from `shape` repeats."""
    dims = repeated(x.shape, shape)
    return (_sum(x, dims, True, wide(x.dtype)).astype(x.dtype, copy=False) if dims else x).reshape(shape)


def _sum(x: Any, dims: tuple[int, ...], keepdim: bool, dtype: Any) -> Any:
    if x.ndim == 2 and dims == (1,) and x.dtype == dtype and x.dtype.char in "fd" and _few(x):
        total = x @ np.ones(x.shape[1], dtype)  # faster than NumPy's sum of a short row
        return total[:, None] if keepdim else total
    if math.prod([x.shape[d] for d in dims]) > LONG and x.dtype.kind == "f":
        last = min(range(x.ndim), key=lambda d: (x.shape[d] == 1, abs(x.strides[d])))  # of the smallest stride
        far = sorted((d for d in dims if d != last), key=lambda d: -abs(x.strides[d]))
        for axis in far:
            if math.prod([x.shape[d] for d in far]) > LONG:
                x = _folded(x, axis, dtype)
    return x.sum(axis=dims, keepdims=keepdim, dtype=dtype)


def _few(x: Any) -> bool:
    """Whether x is many rows of few numbers, one after the other in memory."""
    rows, columns = x.shape
    return 1 < columns <= SHORT < rows and x.flags.c_contiguous


def _folded(x: Any, axis: int, dtype: Any) -> Any:
    """The sum over an axis, which keeps a size of 1."""
    fold, rest = divmod(x.shape[axis], FOLD)
    if fold < 2:
        return x.sum(axis=axis, keepdims=True, dtype=dtype)
    before = (slice(None),) * axis
    rows = x[(*before, slice(fold * FOLD))].reshape((*x.shape[:axis], FOLD, fold, *x.shape[axis + 1 :]))
    total = _folded(rows.sum(axis=axis, dtype=dtype), axis, dtype)
    if rest:
        total += x[(*before, slice(fold * FOLD, None))].sum(axis=axis, keepdims=True, dtype=dtype)
    return total
