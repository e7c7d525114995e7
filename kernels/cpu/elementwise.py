"""Functions whose error in NumPy's single precision is up to four units in the last place, computed in double.

NumPy uses the fast variants of Intel's vector library. PyTorch's functions are accurate to one unit, and a function
of a result multiplies its error: the derivative of the tangent is a polynomial in it. Computed in double and
rounded, they are exact to single precision. NumPy converts in chunks, so no array of doubles is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import kernels.elementwise as reference
from kernels.memory_order import converted, dense_like

SINGLE = np.dtype("float32")
FEW = 1024
"""For fewer elements than this NumPy's `where` is faster: it takes longer for each element, but it is a single call."""
MANY = 1 << 14
"""Transposed matrices of fewer numbers than this are in the cache anyway."""
STRIP = 64
"""How many columns of a transposed matrix are copied at a time."""
_BITS = {np.dtype(f"float{n}"): np.dtype(f"int{n}") for n in (16, 32, 64)}


def _rounded_once(function: np.ufunc) -> Callable[[Any], Any]:
    """`function` of one array, for single precision computed in double."""

    def run(x: Any) -> Any:
        if x.dtype != SINGLE:
            return function(x)
        out = np.empty_like(x) if x.flags.c_contiguous else dense_like(x)
        return function(x, out=out, dtype="float64", casting="same_kind")

    return run


for _kernel in (reference.log, reference.log10, reference.tan, reference.asin, reference.tanh):
    _kernel.on("numpy")(_rounded_once(getattr(np, _kernel.function)))


@reference.sigmoid.on("numpy")
def sigmoid_numpy(x: Any) -> Any:
    """1 / (1 + e⁻ˣ). NumPy's own exponential is off by two units, which is large after differentiating twice."""
    if x.dtype != SINGLE or not x.ndim:
        return reference.sigmoid.reference(x)
    out = -x
    np.exp(out, out=out, dtype="float64", casting="same_kind")
    out += 1
    return np.divide(1, out, out=out)


@reference.atan2.on("numpy")
def atan2_numpy(x: Any, y: Any) -> Any:
    """The angle of the point (y, x)."""
    if np.result_type(x, y) != SINGLE:
        return np.arctan2(x, y)
    return np.arctan2(x, y, dtype="float64").astype(SINGLE)


@reference.remainder.on("numpy")
def remainder_numpy(x: Any, y: Any) -> Any:
    """NumPy's remainder; its zeros, if there are any, get the sign of x."""
    out = np.remainder(x, y)
    if out.dtype.kind == "f" and not out.all():
        return np.where(out == 0, np.copysign(out, x), out)
    return out


@reference.where.on("numpy")
def where_numpy(condition: Any, x: Any, y: Any) -> Any:
    """(x ⊕ y) · condition ⊕ y, where the bits of x and y are read as integers: exact, also for NaN, ∞ and -0."""
    if (
        condition.size < FEW
        or not condition.ndim
        or condition.dtype != bool
        or (dtype := np.result_type(x, y)) not in _BITS
    ):
        return np.where(condition, x, y)
    x, y = (np.asarray(a, dtype).view(_BITS[dtype]) for a in (x, y))
    if not y.ndim and not y:
        out = np.multiply(condition, x)
    elif not x.ndim and not x:
        out = np.multiply(~condition, y)
    else:
        out = np.multiply(condition, x ^ y)
        out ^= y
    return out.view(dtype)


@reference.addcmul.on("numpy", when=lambda x, a, b, value: x.dtype == a.dtype == b.dtype == SINGLE)
def addcmul_numpy(x: Any, a: Any, b: Any, value: Any) -> Any:
    """The product (value · a) · b and the sum with one rounding, as PyTorch's fused instruction."""
    return np.add(np.multiply(a * value, b, dtype="float64"), x).astype(SINGLE)


@reference.lerp.on("numpy", when=lambda x, end, weight: np.result_type(x, end, weight) == SINGLE)
def lerp_numpy(x: Any, end: Any, weight: Any) -> Any:
    """The reference in double precision: in single, PyTorch rounds once less than its operations do."""
    return reference.lerp.reference(converted(x, "float64"), converted(end, "float64"), weight).astype(SINGLE)


def _transposed(x: Any) -> bool:
    """Whether x is large, and the numbers of a column, not of a row, follow each other in memory."""
    return x.ndim > 1 and x.size >= MANY and x.strides[-2] == x.itemsize < x.strides[-1]


@reference.contiguous.on("numpy", when=_transposed)
def contiguous_numpy(x: Any) -> Any:
    """`contiguous`, a few columns at a time: NumPy writes row by row, and reads each line of the cache many times."""
    out = np.empty(x.shape, x.dtype)
    for start in range(0, x.shape[-1], STRIP):
        part = slice(start, start + STRIP)
        out[..., part] = x[..., part]
    return out
