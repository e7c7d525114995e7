"""One number in, one number out, for every element: arithmetic, comparison, logic and the elementary functions.

Operands are of one dtype (or Python scalars) and broadcast. Most of these are the array module's own functions.
"""

from __future__ import annotations

import builtins
from typing import Any

from kernels.backend import Array, namespace
from kernels.dispatch import UniversalKernel, kernel
from kernels.half_precision import widened
from kernels.memory_order import converted, dense_like


def unary(name: str, function: str, formula: str) -> UniversalKernel:
    """The kernel `name` of one array that is the array module's `function`."""

    def reference(x: Array) -> Array:
        return getattr(namespace(x), function)(x)

    reference.__doc__ = formula
    return UniversalKernel(reference, function, name)


def binary(name: str, function: str, formula: str) -> UniversalKernel:
    """The kernel `name` of two arrays that is the array module's `function`."""

    def reference(x: Array, y: Array) -> Array:
        return getattr(namespace(x), function)(x, y)

    reference.__doc__ = formula
    return UniversalKernel(reference, function, name)


add = binary("add", "add", "x + y")
sub = binary("sub", "subtract", "x - y")
mul = binary("mul", "multiply", "x · y")
div = binary("div", "true_divide", "x / y")
floor_divide = binary("floor_divide", "floor_divide", "⌊x / y⌋")
fmod = binary("fmod", "fmod", "x - y·trunc(x / y), of the sign of x")
maximum = binary("maximum", "maximum", "max(x, y), NaN if either is")
minimum = binary("minimum", "minimum", "min(x, y), NaN if either is")
atan2 = binary("atan2", "arctan2", "the angle of the point (y, x)")
logaddexp = binary("logaddexp", "logaddexp", "ln(eˣ + eʸ) without overflow")

eq = binary("eq", "equal", "x = y")
ne = binary("ne", "not_equal", "x ≠ y")
lt = binary("lt", "less", "x < y")
le = binary("le", "less_equal", "x ≤ y")
gt = binary("gt", "greater", "x > y")
ge = binary("ge", "greater_equal", "x ≥ y")
logical_and = binary("logical_and", "logical_and", "x ≠ 0 and y ≠ 0")
logical_or = binary("logical_or", "logical_or", "x ≠ 0 or y ≠ 0")
logical_xor = binary("logical_xor", "logical_xor", "exactly one of x, y is not 0")
logical_not = unary("logical_not", "logical_not", "x = 0")
bitwise_and = binary("bitwise_and", "bitwise_and", "x & y, bit by bit")
bitwise_or = binary("bitwise_or", "bitwise_or", "x | y, bit by bit")
bitwise_xor = binary("bitwise_xor", "bitwise_xor", "x ^ y, bit by bit")
bitwise_left_shift = binary("bitwise_left_shift", "left_shift", "x · 2ʸ, without the bits that do not fit")
bitwise_right_shift = binary("bitwise_right_shift", "right_shift", "⌊x / 2ʸ⌋")
bitwise_not = unary("bitwise_not", "invert", "~x, bit by bit; logical not for booleans")
isnan = unary("isnan", "isnan", "whether x is NaN")
isinf = unary("isinf", "isinf", "whether x is +∞ or -∞")
isfinite = unary("isfinite", "isfinite", "whether x is neither infinite nor NaN")

neg = unary("neg", "negative", "-x")
abs = unary("abs", "absolute", "|x|")
sqrt = unary("sqrt", "sqrt", "√x")
square = unary("square", "square", "x²")
exp = unary("exp", "exp", "eˣ")
exp2 = unary("exp2", "exp2", "2ˣ")
expm1 = unary("expm1", "expm1", "eˣ - 1, accurate near 0")
log = unary("log", "log", "ln x")
log2 = unary("log2", "log2", "log₂ x")
log10 = unary("log10", "log10", "log₁₀ x")
log1p = unary("log1p", "log1p", "ln(1 + x), accurate near 0")
sin = unary("sin", "sin", "sin x")
cos = unary("cos", "cos", "cos x")
tan = unary("tan", "tan", "tan x")
asin = unary("asin", "arcsin", "arcsin x")
acos = unary("acos", "arccos", "arccos x")
atan = unary("atan", "arctan", "arctan x")
sinc = unary("sinc", "sinc", "sin(πx) / (πx), 1 at 0")
sinh = unary("sinh", "sinh", "sinh x")
cosh = unary("cosh", "cosh", "cosh x")
tanh = unary("tanh", "tanh", "tanh x")
asinh = unary("asinh", "arcsinh", "arsinh x")
acosh = unary("acosh", "arccosh", "arcosh x")
atanh = unary("atanh", "arctanh", "artanh x")
floor = unary("floor", "floor", "⌊x⌋")
ceil = unary("ceil", "ceil", "⌈x⌉")
trunc = unary("trunc", "trunc", "x without its fraction")


@kernel
def remainder(x: Any, y: Any) -> Array:
    """x - y·⌊x / y⌋, of the sign of y; a zero has the sign of x."""
    xp = namespace(x if hasattr(x, "dtype") else y)
    out = xp.remainder(x, y)
    return xp.where(out == 0, xp.copysign(out, x), out) if out.dtype.kind == "f" else out


@kernel
def pow(x: Any, y: Any) -> Array:
    """x to the power of y. For integers and negative powers, 1 / xⁿ truncated, but 0 where x is 0."""
    array = x if hasattr(x, "dtype") else y
    xp = namespace(array)
    if array.dtype.kind != "i" or not hasattr(y, "dtype"):  # a number is not negative
        return xp.power(x, y)
    whole = xp.power(x, xp.maximum(y, 0))
    return xp.where(xp.less(y, 0), xp.where(xp.equal(xp.abs(x), 1), x ** (y & 1), 0).astype(whole.dtype), whole)


@kernel
def round(x: Array, decimals: int) -> Array:
    """x rounded to `decimals` places, halves to even."""
    xp = namespace(x)
    if decimals == 0:
        return xp.rint(x) if x.dtype.kind == "f" else converted(x, x.dtype)
    scale = 10.0 ** builtins.abs(decimals)
    return xp.rint(x * scale) / scale if decimals > 0 else xp.rint(x / scale) * scale


@kernel
def sign(x: Array) -> Array:
    """-1, 0 or 1; 0 for NaN."""
    xp = namespace(x)
    if x.dtype.kind == "b":
        return x.copy()
    return xp.where(xp.isnan(x), 0, xp.sign(x)) if x.dtype.kind == "f" else xp.sign(x)


@kernel
def trunc_divide(x: Array, y: Array) -> Array:
    """trunc(x / y), of floating-point numbers."""
    xp = namespace(x) if hasattr(x, "dtype") else namespace(y)
    return xp.trunc(x / y)


@kernel
def xlogy(x: Array, y: Array) -> Array:
    """x·ln y, 0 where x is 0 (but NaN where y is NaN)."""
    xp = namespace(x)
    zero = (x == 0) & ~xp.isnan(y)
    return xp.where(zero, 0, x * xp.log(xp.where(zero, 1, y)))


@kernel
def reciprocal(x: Array) -> Array:
    """1 / x."""
    return 1 / x


@kernel
def rsqrt(x: Array) -> Array:
    """1 / √x."""
    return 1 / namespace(x).sqrt(x)


@kernel
def sigmoid(x: Array) -> Array:
    """1 / (1 + e⁻ˣ). Half precision, in which e⁻ˣ overflows for x below -11, is computed in single."""
    return (1 / (1 + namespace(x).exp(-widened(x)))).astype(x.dtype, copy=False)


@kernel
def sigmoid_grad(g: Array, y: Array) -> Array:
    """g · (1 - y) · y: the gradient of y = sigmoid(x). Half precision is computed in single."""
    wide = widened(y)
    return (widened(g) * ((1 - wide) * wide)).astype(g.dtype, copy=False)


@kernel
def tanh_grad(g: Array, y: Array) -> Array:
    """g · (1 - y²): the gradient of y = tanh(x). Half precision is computed in single."""
    wide = widened(y)
    return (widened(g) * (1 - wide * wide)).astype(g.dtype, copy=False)


@kernel
def relu(x: Array) -> Array:
    """max(x, 0), NaN where x is NaN."""
    return namespace(x).maximum(0, x)  # of two zeros NumPy takes the second: −0 stays −0


@kernel
def relu_grad(g: Array, y: Array) -> Array:
    """0 where y ≤ 0, else g: the gradient of y = relu(x)."""
    return where(y <= 0, 0.0, g)


@kernel
def clamp(x: Array, lower: Any, upper: Any) -> Array:
    """min(max(x, lower), upper); None is no bound."""
    xp = namespace(x)
    if lower is not None:
        x = xp.maximum(lower, x)  # of two zeros NumPy takes the second: −0 stays −0
    return x if upper is None else xp.minimum(upper, x)


@kernel
def where(condition: Array, x: Any, y: Any) -> Array:
    """x where `condition` holds, else y."""
    return namespace(condition).where(condition, x, y)


@kernel
def lerp(x: Array, end: Array, weight: Any) -> Array:
    """x + weight · (end - x), computed from the nearer end. Half precision is computed in single."""
    xp, dtype = namespace(x), x.dtype
    x, end = widened(x), widened(end)
    weight = widened(weight) if hasattr(weight, "dtype") else weight
    near = x + weight * (end - x)
    far = end - (end - x) * (1 - weight)
    return xp.where(xp.abs(weight) < 0.5, near, far).astype(dtype, copy=False)


@kernel
def addcmul(x: Array, a: Array, b: Array, value: Any) -> Array:
    """x + value · a · b. Half precision is computed in single."""
    return (widened(x) + value * widened(a) * widened(b)).astype(x.dtype, copy=False)


@kernel
def addcdiv(x: Array, a: Array, b: Array, value: Any) -> Array:
    """x + value · a / b. Half precision is computed in single."""
    return (widened(x) + value * (widened(a) / widened(b))).astype(x.dtype, copy=False)


@kernel
def clone(x: Array) -> Array:
    """A copy of x, its dimensions in the same order in memory."""
    if x.flags.c_contiguous:
        return x.copy()
    out = dense_like(x)
    out[...] = x
    return out


@kernel
def contiguous(x: Array) -> Array:
    """A copy of x in row-major order."""
    return x.copy(order="C")


@kernel
def cast(x: Array, dtype: Any) -> Array:
    """x in another dtype; floating-point numbers lose their fraction on the way to integers."""
    return converted(x, dtype)


@kernel
def zeros_like(x: Array) -> Array:
    """Zeros of the shape and dtype of x."""
    if x.flags.c_contiguous or 0 not in x.strides:
        return namespace(x).zeros_like(x)
    out = dense_like(x)
    out[...] = 0
    return out


@kernel
def ones_like(x: Array) -> Array:
    """Ones of the shape and dtype of x."""
    return namespace(x).ones_like(x)


@kernel
def fill(x: Array, value: Any) -> Array:
    """The shape and dtype of x, every element `value` (a scalar or an array without dimensions)."""
    return namespace(x).full_like(x, value)


@kernel
def copy(x: Array, source: Array) -> Array:
    """`source`, broadcast to the shape of x and in its dtype."""
    out = namespace(x).empty_like(x)
    out[...] = source
    return out
