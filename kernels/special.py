"""The error function, its complement and its inverse, which NumPy does not have.

Every value is computed in float64 from a published rational approximation and rounded once to the dtype of x, so
float16 and float32 come out as the nearest number, or next to it, and float64 within a few units in the last place.
"""

from __future__ import annotations

import math
from typing import Any

from kernels.backend import Array, namespace
from kernels.dispatch import kernel
from kernels.half_precision import widened
from kernels.memory_order import converted

Coefficients = tuple[float, ...]

# Sun Microsystems' fdlibm, s_erf.c. Numerators and denominators, highest power first.
# |x| < 0.84375: erf(x) = x + x·P(x²)/Q(x²); the addition of x comes last and so rounds once.
_NEAR, _MIDDLE, _FAR, _END = 0.84375, 1.25, 1 / 0.35, 28.0
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
# |x| < 1.25: erf(x) = erf(1), rounded to 24 bits, + P(x - 1)/Q(x - 1).
_ERF_ONE = 8.45062911510467529297e-1
_ERF_MIDDLE = (
    (
        -2.16637559486879084300e-3,
        3.54783043256182359371e-2,
        -1.10894694282396677476e-1,
        3.18346619901161753674e-1,
        -3.72207876035701323847e-1,
        4.14856118683748331666e-1,
        -2.36211856075265944077e-3,
    ),
    (
        1.19844998467991074170e-2,
        1.36370839120290507362e-2,
        1.26171219808761642112e-1,
        7.18286544141962662868e-2,
        5.40397917702171048937e-1,
        1.06420880400844228286e-1,
        1.0,
    ),
)
# Beyond, up to 1/0.35 and after: erfc(x) = e^(-x² - 0.5625 + R(1/x²)/S(1/x²)) / x.
_ERFC_FAR = (
    (
        0.0,
        -9.81432934416914548592,
        -8.12874355063065934246e1,
        -1.84605092906711035994e2,
        -1.62396669462573470355e2,
        -6.23753324503260060396e1,
        -1.05586262253232909814e1,
        -6.93858572707181764372e-1,
        -9.86494403484714822705e-3,
    ),
    (
        -6.04244152148580987438e-2,
        6.57024977031928170135,
        1.08635005541779435134e2,
        4.29008140027567833386e2,
        6.45387271733267880336e2,
        4.34565877475229228821e2,
        1.37657754143519042600e2,
        1.96512716674392571292e1,
        1.0,
    ),
)
_ERFC_END = (
    (
        0.0,
        -4.83519191608651397019e2,
        -1.02509513161107724954e3,
        -6.37566443368389627722e2,
        -1.60636384855821916062e2,
        -1.77579549177547519889e1,
        -7.99283237680523006574e-1,
        -9.86494292470009928597e-3,
    ),
    (
        -2.24409524465858183362e1,
        4.74528541206955367215e2,
        2.55305040643316442583e3,
        3.19985821950859553908e3,
        1.53672958608443695994e3,
        3.25792512996573918826e2,
        3.03380607434824582924e1,
        1.0,
    ),
)

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
    y = converted(x, xp.float64)
    size = xp.abs(y)
    near = xp.minimum(size, _NEAR)
    near = near + near * _ratio(_ERF_NEAR, near * near)
    beyond = xp.where(size < _MIDDLE, _ERF_ONE + _erf_middle(size, xp), 1.0 - _erfc_far(size, xp))
    return xp.asarray(xp.copysign(xp.where(size < _NEAR, near, beyond), y)).astype(x.dtype)


@kernel
def erfc(x: Array) -> Array:
    """1 - erf(x), accurate where that is near 0."""
    xp = namespace(x)
    y = converted(x, xp.float64)
    size = xp.abs(y)
    near = xp.minimum(size, _NEAR)
    near = 0.5 - ((near - 0.5) + near * _ratio(_ERF_NEAR, near * near))
    beyond = xp.where(size < _MIDDLE, (1.0 - _ERF_ONE) - _erf_middle(size, xp), _erfc_far(size, xp))
    right = xp.where(size < _NEAR, near, beyond)
    return xp.where(y < 0, 2.0 - right, right).astype(x.dtype)


@kernel
def ndtr(x: Array) -> Array:
    """The normal distribution function ∫ e^(-t²/2) dt / √(2π) from -∞ to x. Half precision is computed in single."""
    return (0.5 * erfc(widened(x) * -math.sqrt(0.5))).astype(x.dtype, copy=False)


@kernel
def erfinv(x: Array) -> Array:
    """The y with erf(y) = x: ±∞ at ±1, NaN outside.

    It is Φ⁻¹((1 + x) / 2) / √2 with the normal quantile Φ⁻¹, improved by a step of Newton's method.
    """
    xp = namespace(x)
    signed = converted(x, xp.float64)
    size = xp.minimum(xp.abs(signed), 1.0)
    middle = xp.minimum(size, 0.85)
    centre = middle * (math.sqrt(0.125) * _ratio(_QUANTILE_CENTRE, 0.180625 - 0.25 * middle * middle))
    r = xp.sqrt(-xp.log(0.5 * xp.maximum(1.0 - size, 1e-300)))
    tail = math.sqrt(0.5) * xp.where(r <= 5.0, _ratio(_QUANTILE_SIDE, r - 1.6), _ratio(_QUANTILE_TAIL, r - 5.0))
    y = xp.where(size <= 0.85, centre, xp.minimum(tail, 6.0))
    missing = xp.where(size < 0.5, size - erf(y), erfc(y) - (1.0 - size))
    y = y + missing * (0.5 * math.sqrt(math.pi)) * xp.exp(y * y)
    y = xp.where(size < 1.0, y, xp.where(xp.abs(signed) == 1.0, xp.inf, xp.nan))
    return xp.asarray(xp.copysign(y, signed)).astype(x.dtype)


def _erf_middle(size: Array, xp: Any) -> Array:
    """erf - erf(1) for 0.84375 ≤ size < 1.25, any number elsewhere."""
    return _ratio(_ERF_MIDDLE, xp.clip(size, _NEAR, _MIDDLE) - 1.0)


def _erfc_far(size: Array, xp: Any) -> Array:
    """erfc for size ≥ 1.25, any number below."""
    y = xp.clip(size, _MIDDLE, _END)
    inverse = 1.0 / (y * y)
    ratio = xp.where(y < _FAR, _ratio(_ERFC_FAR, inverse), _ratio(_ERFC_END, inverse))
    coarse = y.astype(xp.float32).astype(xp.float64)  # its square is exact, where the error of y² would grow with it
    value = xp.exp(-coarse * coarse - 0.5625) * xp.exp((coarse - y) * (coarse + y) + ratio) / y
    return xp.where(size < _END, value, xp.where(size == size, 0.0, size))


def _ratio(coefficients: tuple[Coefficients, Coefficients], x: Array) -> Array:
    """The quotient of two polynomials at x."""
    above, below = coefficients
    numerator, denominator = above[0], below[0]
    for a, b in zip(above[1:], below[1:], strict=True):
        numerator = numerator * x + a
        denominator = denominator * x + b
    return numerator / denominator
