"""Many numbers in, one out, along the dimensions `dims` (a tuple of non-negative ints; empty: none)."""

from __future__ import annotations

import math
from typing import Any

from kernels.backend import Array, namespace
from kernels.dispatch import contiguous_kernel, kernel
from kernels.half_precision import wide, widened


def _count(x: Array, dims: tuple[int, ...]) -> int:
    return math.prod(x.shape[dim] for dim in dims)


@contiguous_kernel
def sum(x: Array, dims: tuple[int, ...], keepdim: bool, dtype: Any) -> Array:
    """Σ x in `dtype`. Half precision is summed in single."""
    return x.sum(axis=dims, keepdims=keepdim, dtype=wide(dtype)).astype(dtype, copy=False)


@contiguous_kernel
def mean(x: Array, dims: tuple[int, ...], keepdim: bool) -> Array:
    """Σ x / n. Half precision is summed in single."""
    total = x.sum(axis=dims, keepdims=keepdim, dtype=wide(x.dtype))
    return (total / namespace(x).asarray(_count(x, dims), total.dtype)).astype(x.dtype, copy=False)


@contiguous_kernel
def var(x: Array, dims: tuple[int, ...], keepdim: bool, correction: float) -> Array:
    """Σ (x - mean)² / max(n - correction, 0), with the mean taken first (two passes); NaN if n is 0.

    Half is computed in single.
    """
    return _var(widened(x), dims, keepdim, correction).astype(x.dtype, copy=False)


def _var(x: Array, dims: tuple[int, ...], keepdim: bool, correction: float) -> Array:
    xp, count = namespace(x), _count(x, dims)
    centred = x - x.sum(axis=dims, keepdims=True) / xp.asarray(count, x.dtype)
    total = xp.square(centred).sum(axis=dims, keepdims=keepdim)
    return total / xp.asarray(max(count - correction, 0) if count else 0, x.dtype)


@contiguous_kernel
def std(x: Array, dims: tuple[int, ...], keepdim: bool, correction: float) -> Array:
    """The square root of `var`, taken before half precision is rounded."""
    return namespace(x).sqrt(_var(widened(x), dims, keepdim, correction)).astype(x.dtype, copy=False)


@contiguous_kernel
def vector_norm(x: Array, p: float, dims: tuple[int, ...], keepdim: bool) -> Array:
    """(Σ |x|ᵖ)^(1/p); for p = 0 the number of non-zeros, for ∞ max |x|, for -∞ min |x|. Half is summed in single."""
    xp = namespace(x)
    y = widened(x)
    if p == 0:
        out = (y != 0).sum(axis=dims, keepdims=keepdim, dtype=y.dtype)
    elif p == math.inf:
        out = xp.abs(y).max(axis=dims, keepdims=keepdim)
    elif p == -math.inf:
        out = xp.abs(y).min(axis=dims, keepdims=keepdim)
    elif p == 1:
        out = xp.abs(y).sum(axis=dims, keepdims=keepdim)
    elif p == 2:
        out = xp.sqrt(xp.square(y).sum(axis=dims, keepdims=keepdim))
    else:
        out = (xp.abs(y) ** p).sum(axis=dims, keepdims=keepdim) ** (1 / p)
    return out.astype(x.dtype, copy=False)


@contiguous_kernel
def prod(x: Array, dims: tuple[int, ...], keepdim: bool, dtype: Any) -> Array:
    """Π x in `dtype`. Half precision is multiplied in single."""
    return x.prod(axis=dims, keepdims=keepdim, dtype=wide(dtype)).astype(dtype, copy=False)


@contiguous_kernel
def amax(x: Array, dims: tuple[int, ...], keepdim: bool) -> Array:
    """The largest element, NaN if there is one."""
    return x.max(axis=dims, keepdims=keepdim)


@contiguous_kernel
def amin(x: Array, dims: tuple[int, ...], keepdim: bool) -> Array:
    """The smallest element, NaN if there is one."""
    return x.min(axis=dims, keepdims=keepdim)


@contiguous_kernel
def argmax(x: Array, dim: int, keepdim: bool) -> Array:
    """The index of the largest element along `dim`: the first of equals, or the first NaN."""
    out = namespace(x).argmax(x, axis=dim)
    return namespace(x).expand_dims(out, dim) if keepdim else out


@contiguous_kernel
def argmin(x: Array, dim: int, keepdim: bool) -> Array:
    """The index of the smallest element along `dim`: the first of equals, or the first NaN."""
    out = namespace(x).argmin(x, axis=dim)
    return namespace(x).expand_dims(out, dim) if keepdim else out


@contiguous_kernel
def all(x: Array, dims: tuple[int, ...], keepdim: bool) -> Array:
    """Whether no element is 0."""
    return x.all(axis=dims, keepdims=keepdim)


@contiguous_kernel
def any(x: Array, dims: tuple[int, ...], keepdim: bool) -> Array:
    """Whether some element is not 0."""
    return x.any(axis=dims, keepdims=keepdim)


@contiguous_kernel
def count_nonzero(x: Array, dims: tuple[int, ...]) -> Array:
    """How many elements are not 0."""
    return (x != 0).sum(axis=dims, dtype="int64")


@contiguous_kernel
def logsumexp(x: Array, dims: tuple[int, ...], keepdim: bool) -> Array:
    """m + ln Σ exp(x - m) with m = max x, which cannot overflow; m = 0 where max x is infinite."""
    xp = namespace(x)
    if x.size == 0:
        return xp.log(xp.exp(x).sum(axis=dims, keepdims=keepdim))
    top = x.max(axis=dims, keepdims=True)
    top = xp.where(xp.isfinite(top), top, xp.zeros_like(top))
    out = xp.log(xp.exp(x - top).sum(axis=dims, keepdims=True)) + top
    return out if keepdim else out.reshape(tuple(n for i, n in enumerate(out.shape) if i not in dims))


@contiguous_kernel
def cumsum(x: Array, dim: int, dtype: Any) -> Array:
    """Σ of the elements up to and including each, along `dim`, in the next wider precision: half in single."""
    out = namespace(x).cumsum(x, axis=dim, dtype=_wider(dtype)).astype(dtype, copy=False)
    if out.dtype.kind == "f":
        out += 0  # as if begun at 0: a sum of negative zeros is 0
    return out


@contiguous_kernel
def cumprod(x: Array, dim: int, dtype: Any) -> Array:
    """Π of the elements up to and including each, along `dim`, in the next wider precision: half in single."""
    return namespace(x).cumprod(x, axis=dim, dtype=_wider(dtype)).astype(dtype, copy=False)


def _wider(dtype: Any) -> Any:
    """The precision in which torch adds up and multiplies one after the other: double for single precision."""
    return "float64" if dtype == "float32" else wide(dtype)


@kernel
def argsort(x: Array, dim: int, descending: bool) -> Array:
    """The order that sorts x along `dim`; equals keep their order, NaN counts as largest."""
    xp = namespace(x)
    if not descending:
        return xp.argsort(x, axis=dim, kind="stable")
    backward = xp.argsort(xp.flip(x, dim), axis=dim, kind="stable")
    return x.shape[dim] - 1 - xp.flip(backward, dim)


@kernel
def cumargmax(x: Array, dim: int) -> Array:
    """The index of the largest element so far, along `dim`: of equal ones the last; NaN counts as largest."""
    xp = namespace(x)
    rows, out = xp.moveaxis(x, dim, 0), xp.zeros(x.shape, "int64")
    largest, indices = rows[:1].copy(), xp.moveaxis(out, dim, 0)
    for i in range(1, len(rows)):
        larger = (rows[i : i + 1] >= largest) | (rows[i : i + 1] != rows[i : i + 1])
        xp.copyto(largest, rows[i : i + 1], where=larger)
        indices[i : i + 1] = xp.where(larger, i, indices[i - 1 : i])
    return out
