"""The error function, its complement and its inverse, which NumPy does not have.

Every value is computed in float64 from a published rational approximation and rounded once to the dtype of x, so
float16 and float32 come out as the nearest number, or next to it, and float64 within a few units in the last place.
"""

from __future__ import annotations

import math
from typing import Any

from kernels.backend import Array, namespace
from kernels.dispatch import kernel

Coefficients = tuple[float, ...]

# erf(x) = x + x·P(x²)/Q(x²) for |x| < 0.84375: Sun Microsystems' fdlibm, s_erf.c. The addition of x comes last and so rounds
# once. Numerator and denominator, highest power first.
_ERF_NEAR = (
    (
        0.0,
        -2.37630166566501626084e-5,
        -5.77027029648944159157e-3,
        -2.84817495755985104766e-2,
        -3.25042107247001499370e-1,
        1.28379167095512558561e-1,
    ),
    (
        -3.96022827877536812320e-6,
        1.32494738004321644526e-4,
        5.08130628187576562776e-3,
        6.50222499887672944485e-2,
        3.97917223959155352819e-1,
        1.0,
    ),
)
# W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23 (1969), 631-637,
# and his CALERF.
_ERFC_MIDDLE = (
    (
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594,
        6.61191906371416295e1,
        2.98635138197400131e2,
        8.81952221241769090e2,
        1.71204761263407058e3,
        2.05107837782607147e3,
        1.23033935479799725e3,
    ),
    (
        1.0,
        1.57449261107098347e1,
        1.17693950891312499e2,
        5.37181101862009858e2,
        1.62138957456669019e3,
        3.29079923573345963e3,
        4.36261909014324716e3,
        3.43936767414372164e3,
        1.23033935480374942e3,
    ),
)
_ERFC_FAR = (
    (
        1.63153871373020978e-2,
        3.05326634961232344e-1,
        3.60344899949804439e-1,
        1.25781726111229246e-1,
        1.60837851487422766e-2,
        6.58749161529837803e-4,
    ),
    (
        1.0,
        2.56852019228982242,
        1.87295284992346047,
        5.27905102951428412e-1,
        6.05183413124413191e-2,
        2.33520497626869185e-3,
    ),
)
_NEAR, _MIDDLE, _FAR = 0.46875, 0.84375, 4.0

# M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988),
# 477-484: PPND16. Numerator and denominator, highest power first.
_QUANTILE_CENTRE = (
    (
        2.5090809287301226727e3,
        3.3430575583588128105e4,
        6.7265770927008700853e4,
        4.5921953931549871457e4,
        1.3731693765509461125e4,
        1.9715909503065514427e3,
        1.3314166789178437745e2,
        3.3871328727963666080,
    ),
    (
        5.2264952788528545610e3,
        2.8729085735721942674e4,
        3.9307895800092710610e4,
        2.1213794301586595867e4,
        5.3941960214247511077e3,
        6.8718700749205790830e2,
        4.2313330701600911252e1,
        1.0,
    ),
)
_QUANTILE_SIDE = (
    (
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258,
        3.64784832476320460504,
        5.76949722146069140550,
        4.63033784615654529590,
        1.42343711074968357734,
    ),
    (
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940,
        2.05319162663775882187,
        1.0,
    ),
)
_QUANTILE_TAIL = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580,
        5.46378491116411436990,
        6.65790464350110377720,
    ),
    (
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ),
)


@kernel
def erf(x: Array) -> Array:
    """2/√π ∫₀ˣ e^(-t²) dt."""
    xp = namespace(x)
    y = x.astype(xp.float64)
    far = xp.copysign(1.0 - _erfc_far(xp.abs(y), xp), y)
    return xp.where(xp.abs(y) <= _MIDDLE, _erf_near(y, xp), far).astype(x.dtype)


@kernel
def erfc(x: Array) -> Array:
    """1 - erf(x), accurate where that is near 0."""
    xp = namespace(x)
    y = x.astype(xp.float64)
    far = _erfc_far(xp.abs(y), xp)
    far = xp.where(y < 0, 2.0 - far, far)
    return xp.where(xp.abs(y) <= _NEAR, 1.0 - _erf_near(y, xp), far).astype(x.dtype)


@kernel
def erfinv(x: Array) -> Array:
    """The y with erf(y) = x: ±∞ at ±1, NaN outside. It is Φ⁻¹((1 + x) / 2) / √2 with the normal quantile Φ⁻¹."""
    xp = namespace(x)
    y = x.astype(xp.float64)
    size = xp.abs(y)
    middle = xp.copysign(xp.minimum(size, 0.85), y)
    centre = middle * (math.sqrt(0.125) * _ratio(_QUANTILE_CENTRE, 0.180625 - 0.25 * middle**2))
    centre = centre - (erf(centre) - middle) * (0.5 * math.sqrt(math.pi)) * xp.exp(centre * centre)  # a step of Newton's method
    r = xp.sqrt(-xp.log(0.5 * xp.maximum(1.0 - size, 1e-300)))
    tail = math.sqrt(0.5) * xp.where(r <= 5.0, _ratio(_QUANTILE_SIDE, r - 1.6), _ratio(_QUANTILE_TAIL, r - 5.0))
    inside = xp.where(size <= 0.85, centre, xp.copysign(tail, y))
    outside = xp.where(size == 1.0, xp.copysign(xp.inf, y), xp.nan)
    return xp.where(size < 1.0, inside, outside).astype(x.dtype)


def _erf_near(y: Array, xp: Any) -> Array:
    """erf for |y| ≤ 0.84375, any number beyond."""
    square = xp.minimum(xp.abs(y), _MIDDLE) ** 2
    return y + y * _ratio(_ERF_NEAR, square)


def _erfc_far(y: Array, xp: Any) -> Array:
    """erfc for y ≥ 0.46875, any number below: e^(-y²) times a rational function."""
    y = xp.minimum(y, 30.0)  # erfc is 0 there
    middle = _ratio(_ERFC_MIDDLE, xp.minimum(y, _FAR))
    beyond = xp.maximum(y, _FAR)
    inverse = 1.0 / (beyond * beyond)
    beyond = (1.0 / math.sqrt(math.pi) - inverse * _ratio(_ERFC_FAR, inverse)) / beyond
    coarse = xp.floor(y * 16.0) / 16.0  # its square is exact, where the error of y² would grow with y² in e^(-y²)
    scale = xp.exp(-coarse * coarse) * xp.exp(-(y - coarse) * (y + coarse))
    return scale * xp.where(y <= _FAR, middle, beyond)


def _ratio(coefficients: tuple[Coefficients, Coefficients], x: Array) -> Array:
    """The quotient of two polynomials at x."""
    above, below = coefficients
    numerator, denominator = above[0], below[0]
    for a, b in zip(above[1:], below[1:], strict=True):
        numerator = numerator * x + a
        denominator = denominator * x + b
    return numerator / denominator
