"""Softmax and its logarithm along one dimension."""

from __future__ import annotations

from kernels.backend import Array, namespace
from kernels.dispatch import contiguous_kernel
from kernels.half_precision import widened
from kernels.reduction import sum


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


@contiguous_kernel
def softmax_grad(g: Array, y: Array, dim: int) -> Array:
    """y · (g - Σ g · y) with the sum along `dim`: the gradient of y = softmax(x). Half precision is computed in single.

    Gradients for an incoming `h`: g: ``softmax_grad(h, y, dim)``; y: h · (g - Σ g · y) - g · Σ h · y.
    """
    h, p = widened(g), widened(y)
    return (p * (h - _total(h * p, dim))).astype(g.dtype, copy=False)


@contiguous_kernel
def log_softmax_grad(g: Array, y: Array, dim: int) -> Array:
    """g - eʸ · Σ g with the sum along `dim`: the gradient of y = log_softmax(x). Half precision is computed in single.

    Gradients for an incoming `h`: g: h - Σ h · eʸ; y: -h · eʸ · Σ g.
    """
    h = widened(g)
    return (h - namespace(g).exp(widened(y)) * _total(h, dim)).astype(g.dtype, copy=False)


def _total(x: Array, dim: int) -> Array:
    """Σ x along `dim`, which keeps size 1; of a number itself."""
    return sum(x, (dim,) if x.ndim else (), True, x.dtype)
