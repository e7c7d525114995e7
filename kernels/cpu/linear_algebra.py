"""Products on NumPy: without a call of another kernel, and in the form that NumPy and BLAS are fastest at."""

from __future__ import annotations

import numpy as np

from kernels import linear_algebra as reference
from kernels.backend import Array
from kernels.half_precision import HALF

ROWS, WEIGHTS, RESULTS = 32, 1 << 14, 1200
"""`linear` of at most so many rows, at least so many weights and more than so many results is computed transposed."""


def _product(x: Array, y: Array) -> Array:
    """xy for two matrices. NumPy gives BLAS no product over a single index, which is slow, and multiplies it out."""
    return np.multiply(x, y) if x.shape[1] == 1 else np.matmul(x, y)


@reference.matmul.on("numpy")
def matmul_numpy(x: Array, y: Array) -> Array:
    """`matmul`; half precision is left to the reference."""
    if x.dtype == HALF:
        return reference.matmul.reference(x, y)
    return _product(x, y) if x.ndim == y.ndim == 2 else np.matmul(x, y)


@reference.linear.on("numpy")
def linear_numpy(x: Array, weight: Array, bias: Array | None) -> Array:
    """`linear`. For x · weightᵀ OpenBLAS rearranges the whole weight in memory, for (weight · xᵀ)ᵀ only the rows of x.

    It does neither where the result is small, and where there are many rows the first takes less time.
    """
    if x.ndim != 2 or x.dtype == HALF:
        return reference.linear.reference(x, weight, bias)
    if len(x) <= ROWS and weight.size >= WEIGHTS and len(x) * len(weight) > RESULTS:
        turned = np.matmul(weight, x.T).T
        return np.add(turned, 0 if bias is None else bias, out=np.empty(turned.shape, turned.dtype))
    out = _product(x, weight.T)
    if bias is not None:
        out += bias
    return out


@reference.linear_weight_grad.on("numpy")
def linear_weight_grad_numpy(g: Array, x: Array) -> Array:
    """`linear_weight_grad`."""
    if x.ndim != 2 or x.dtype == HALF:
        return reference.linear_weight_grad.reference(g, x)
    return _product(g.T, x)
