"""Arithmetic with the same rounding as torch's compiled CPU loops.

The same seed gives the same numbers only if every intermediate result is rounded as in torch. torch's loops are built
for x86 processors with AVX2: the compiler fuses ``a * b + c`` into one rounding, float32 normals go through the
polynomials of Cephes (S. L. Moshier, *Methods and Programs for Mathematical Functions*, 1989: ``logf`` and ``sinf``),
and float64 functions are the C library's. On other processors torch itself differs in the last place.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

_TILE = 32768  # how many normals at a time: the intermediate arrays stay in the cache


def libm(function: Callable[[float], float], x: Array) -> Array:
    """`function` of the module math, the C library's, at every element of the float64 array `x`.

    Torch's float64 loops call it too. NumPy's vectorised functions are faster, but sometimes differ in the last place.
    """
    return np.fromiter(map(function, x.ravel().tolist()), np.float64, x.size).reshape(x.shape)


def fused_multiply_add(a: Array, b: float, c: float) -> Array:
    """``a * b + c`` with one rounding, in the dtype of `a` (float32 or float64); `b` and `c` are values of that dtype.

    In float32 the exact product fits into float64, where the sum is taken. In float64 the errors of the product and of
    the sum are computed without rounding and added at the end (T. J. Dekker, *A floating-point technique for extending
    the available precision*, Numerische Mathematik 18, 1971). A second rounding changes about one result in 10^8.
    """
    if a.dtype == np.float32:
        return (a.astype(np.float64) * b + c).astype(np.float32)
    product = a * b
    if c == 0 or not abs(b) < 2.0**900:  # nothing to add, or the splitting below would overflow
        return product + c
    a_high, b_high = _high_half(a), _high_half(b)
    a_low, b_low = a - a_high, b - b_high
    product_error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    total = product + c
    of_c = total - product
    sum_error = (product - (total - of_c)) + (c - of_c)
    correction = sum_error + product_error
    return total + np.where(np.isfinite(correction), correction, 0)  # it is NaN where the total is infinite


def _high_half(x: Any) -> Any:
    """The upper 26 bits of a float64 (G. W. Veltkamp): products of such halves are exact."""
    shifted = x * 134217729.0  # 2^27 + 1
    return shifted - (shifted - x)


def box_muller_(u: Array) -> None:
    """Turn uniforms in [0, 1), float32 or float64, into standard normals in place; their number is a multiple of 16.

    In blocks of 16, the first 8 (u1) against the last 8 (u2): ``r = sqrt(-2 log(1 - u1))`` and ``t = 2 pi u2`` give
    ``r cos(t)`` and ``r sin(t)`` in their places (G. E. P. Box and M. E. Muller, 1958).
    """
    for start in range(0, u.size, _TILE):
        u1, u2 = u[start : start + _TILE].reshape(-1, 2, 8).transpose(1, 0, 2)
        log, cos_sin = (_log, _cos_sin) if u.dtype == np.float32 else (_log_double, _cos_sin_double)
        radius = log(1 - u1)
        radius *= -2
        np.sqrt(radius, out=radius)
        cosine, sine = cos_sin(u.dtype.type(2 * math.pi) * u2)
        u1[...] = radius * cosine
        u2[...] = radius * sine


def _log_double(x: Array) -> Array:
    return libm(math.log, x)


def _cos_sin_double(x: Array) -> tuple[Array, Array]:
    return np.cos(x), np.sin(x)


def _single(*values: float) -> list[np.float32]:
    return [np.float32(value) for value in values]


def _double(*values: float) -> list[Array]:
    """Values rounded to float32, as float64 arrays: so that `_fma` multiplies in float64."""
    return [np.array(np.float32(value), np.float64) for value in values]


(_SQRT_HALF, _LN2_HIGH, _LN2_LOW, _FOUR_OVER_PI) = _single(math.sqrt(0.5), 0.693359375, -2.12194440e-4, 4 / math.pi)
_LOG = _double(
    7.0376836292e-2,
    -1.1514610310e-1,
    1.1676998740e-1,
    -1.2420140846e-1,
    1.4249322787e-1,
    -1.6668057665e-1,
    2.0000714765e-1,
    -2.4999993993e-1,
    3.3333331174e-1,
)
# pi / 2 in three parts; products of the first two with the quadrant are exact
_HALF_PI_HIGH, _HALF_PI_MIDDLE = _single(1.5703125, 4.837512969970703125e-4)
(_HALF_PI_LOW,) = _double(7.54978995489188216e-8)
# the coefficients of the cosine and of the sine, highest power first
_COS_SIN = [
    np.array(pair, np.float32).astype(np.float64).reshape(2, 1, 1)
    for pair in (
        (2.443315711809948e-5, -1.9515295891e-4),
        (-1.388731625493765e-3, 8.3321608736e-3),
        (4.166664568298827e-2, -1.6666654611e-1),
    )
]


def _fma(a: Array, b: Array, c: Array) -> Array:
    """``a * b + c`` rounded once to float32; one factor is float64, so the product is exact."""
    product = a * b
    product += c
    return product.astype(np.float32)


def _log(x: Array) -> Array:
    """Cephes' ``logf`` for x in (0, 1]: ``x = 2^e (1 + f)``, 1 + f in [sqrt(1/2), sqrt(2)), and a polynomial in f."""
    mantissa, exponent = np.frexp(x)
    low = mantissa < _SQRT_HALF
    f = np.ldexp(mantissa, low)
    f -= 1
    e = np.subtract(exponent, low, dtype=np.float32)
    wide = f.astype(np.float64)
    y = _fma(wide, _LOG[0], _LOG[1])
    for coefficient in _LOG[2:]:
        y = _fma(y, wide, coefficient)
    y *= f
    square = f * f
    y = _fma(y, square.astype(np.float64), e * _LN2_LOW)
    square *= np.float32(0.5)
    y -= square
    f += y
    e *= _LN2_HIGH
    f += e
    return f


def _cos_sin(x: Array) -> tuple[Array, Array]:
    """Cephes' ``cosf`` and ``sinf`` for x in [0, 2 pi]: reduced by the nearest multiple of pi / 2, two polynomials."""
    quadrant = (x * _FOUR_OVER_PI).astype(np.uint32)
    quadrant += 1
    quadrant >>= 1
    q = quadrant.astype(np.float32)
    x = x - q * _HALF_PI_HIGH
    x -= q * _HALF_PI_MIDDLE
    x = _fma(q, -_HALF_PI_LOW, x)
    square = x * x
    wide = square.astype(np.float64)
    both = _fma(wide, _COS_SIN[0], _COS_SIN[1])
    both = _fma(both, wide, _COS_SIN[2])
    both *= square
    square *= np.float32(0.5)
    cosine = _fma(both[0], wide, -square)
    cosine += 1
    sine = _fma(both[1], x.astype(np.float64), x)
    # On the bits: in odd quadrants sine and cosine are exchanged, then the signs of the quadrant are set.
    cosine_bits, sine_bits = cosine.view(np.uint32), sine.view(np.uint32)
    exchange = (cosine_bits ^ sine_bits) & -(quadrant & 1)
    cosine_bits ^= exchange ^ (((quadrant + 1) & 2) << 30)
    sine_bits ^= exchange ^ ((quadrant & 2) << 30)
    return cosine, sine
