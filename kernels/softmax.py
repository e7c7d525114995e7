"""Softmax and its logarithm along one dimension."""

from __future__ import annotations

from kernels.backend import Array, namespace
from kernels.dispatch import contiguous_kernel
from kernels.half_precision import widened


@contiguous_kernel
def softmax(x: Array, dim: int) -> Array:
    """exp(x - m) / Σ exp(x - m) with m = max x, which cannot overflow. Half precision is computed in single."""
    xp = namespace(x)
    if x.size == 0:
        return x.copy()
    y = widened(x)
    out = xp.exp(y - y.max(axis=dim, keepdims=True))
    out /= out.sum(axis=dim, keepdims=True)
    return out.astype(x.dtype, copy=False)


@contiguous_kernel
def log_softmax(x: Array, dim: int) -> Array:
    """x - m - ln Σ exp(x - m) with m = max x. Half precision is computed in single."""
    xp = namespace(x)
    if x.size == 0:
        return x.copy()
    y = widened(x)
    out = y - y.max(axis=dim, keepdims=True)
    out -= xp.log(xp.exp(out).sum(axis=dim, keepdims=True))
    return out.astype(x.dtype, copy=False)
