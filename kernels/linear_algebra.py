"""Products of matrices. Half precision is multiplied and summed in single."""

from __future__ import annotations

import math

from kernels.backend import Array, namespace
from kernels.dispatch import kernel
from kernels.half_precision import HALF, SINGLE


@kernel
def matmul(x: Array, y: Array) -> Array:
    """xy for matrices x (..., n, k) and y (..., k, m); the leading dimensions broadcast."""
    if x.dtype == HALF:
        return matmul(x.astype(SINGLE), y.astype(SINGLE)).astype(HALF)
    return namespace(x).matmul(x, y)


@kernel
def linear(x: Array, weight: Array, bias: Array | None) -> Array:
    """x · weightᵀ + bias for x (..., in), weight (out, in), bias (out) or None."""
    out = matmul(_rows(x), weight.T)
    if bias is not None:
        out += bias
    return out if x.ndim == 2 else out.reshape((*x.shape[:-1], weight.shape[0]))


@kernel
def linear_weight_grad(g: Array, x: Array) -> Array:
    """The gradient of `linear` with respect to its weight: gᵀx over all leading dimensions, (out, in)."""
    return matmul(_rows(g).T, _rows(x))


def _rows(x: Array) -> Array:
    """The vectors of the last dimension as one matrix; −1 in `reshape` would be ambiguous for an empty array."""
    return x if x.ndim == 2 else x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
