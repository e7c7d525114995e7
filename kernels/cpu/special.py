"""The error function on NumPy: block by block, and of single precision with one polynomial in place of four quotients.

With t = 1 / (1 + 0.38 z), e^(z²) · erfc(z) is a polynomial in t without a constant, to 2·10⁻⁸ of itself for all z ≥ 0
(its coefficients are fitted: least squares of the relative error, weighted again and again by where it is largest).
`erf` and `erfc` are computed in double and rounded once. `ndtr`, for `gelu`, is computed in single: the rounding error
of x² makes its far tail as inexact as that of x / √2 makes the reference's.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from kernels.backend import Array
from kernels.cpu.blocks import in_blocks
from kernels.cpu.elementwise import where_numpy
from kernels.memory_order import converted
from kernels.special import erf, erfc, ndtr

SINGLE = np.dtype("float32")
_SCALED = (
    0.058999113738536835,
    -0.26244404911994934,
    0.3642125725746155,
    -0.16187962889671326,
    0.2303304374217987,
    0.1385125070810318,
    0.20394405722618103,
    0.2139137089252472,
    0.21441131830215454,
)
"""e^(z²) · erfc(z) / t, highest power of t first."""
_HALF = tuple(c / 2 for c in _SCALED)
_NEAR = 0.75
_ERF_NEAR = (
    -0.0006749388025969,
    0.00511433044748,
    -0.0268346184248,
    0.1128337647956,
    -0.3761261875269,
    1.128379165497,
)
"""erf(x) / x for |x| ≤ 0.75, highest power of x² first."""


@erf.on("numpy")
def erf_numpy(x: Array) -> Array:
    """`erf`: 1 - erfc, near 0 a polynomial; of single precision computed in double."""
    return _in_blocks(_erf, erf.reference, x)


@erfc.on("numpy")
def erfc_numpy(x: Array) -> Array:
    """`erfc`, of single precision computed in double."""
    return _in_blocks(_erfc, erfc.reference, x)


@ndtr.on("numpy")
def ndtr_numpy(x: Array) -> Array:
    """`ndtr` from the smaller of its two tails, `ndtr(-|x|)`."""
    return _in_blocks(_ndtr, ndtr.reference, x)


def _in_blocks(in_single: Callable[[Array], Array], reference: Callable[[Array], Array], x: Array) -> Array:
    if x.dtype != SINGLE:
        return in_blocks(reference, x)
    return in_blocks(in_single, x) if x.ndim else in_single(x.reshape(1)).reshape(())


def _erf(x: Array) -> Array:
    wide = converted(x, "float64")
    size = np.abs(wide)
    far = np.subtract(1, _tail(size, 1.0, _SCALED))
    near = np.minimum(size, _NEAR)
    value = where_numpy(size < _NEAR, near * _polynomial(_ERF_NEAR, np.square(near)), far)
    return np.copysign(value, wide, out=value).astype(x.dtype)


def _erfc(x: Array) -> Array:
    wide = converted(x, "float64")
    tail = _tail(np.abs(wide), 1.0, _SCALED)
    return where_numpy(wide < 0, 2 - tail, tail).astype(x.dtype)


def _ndtr(x: Array) -> Array:
    tail = _tail(np.abs(x), math.sqrt(0.5), _HALF)
    np.subtract(x > 0, tail, out=tail)  # 1 - tail or -tail
    return np.abs(tail, out=tail)


def _tail(size: Array, scale: float, coefficients: tuple[float, ...]) -> Array:
    """erfc(scale · size) for size ≥ 0 if `coefficients` is `_SCALED`; half of that if it is `_HALF`."""
    t = size * (0.38 * scale)
    t += 1
    np.divide(1, t, out=t)
    value = _polynomial(coefficients, t)
    value *= t
    np.multiply(size, size, out=t)
    t *= -scale * scale
    np.exp(t, out=t)
    value *= t
    return value


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    value = x * coefficients[0]
    value += coefficients[1]
    for c in coefficients[2:]:
        value *= x
        value += c
    return value
