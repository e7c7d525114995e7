"""Elementwise ops: each line has a kernel, its derivative and, for simple functions, the public names."""

from __future__ import annotations

import math
from typing import Any

import kernels
from kernels.floating_point_errors import silent
from minitorch.autograd.basic import zeros_like
from minitorch.autograd.op import Op
from minitorch.ops.constant_gradient import flat
from minitorch.ops.pointwise import binary, comparison, in_single, unary, unary_float
from minitorch.ops.promotion import common, floating


def _twice(x: Any) -> Any:
    """2x."""
    return 2 * x


@silent
def _frac(x: Any) -> Any:
    """x - trunc(x)."""
    return x - kernels.trunc(x)


def _cleared(x: Any, p: Any) -> Any:
    """Zeros in place of x, for the draws with probability p that are written there."""
    return kernels.zeros_like(x)


PI, LN2, LN10 = math.pi, math.log(2), math.log(10)

# Arithmetic
add = Op(kernels.add, promote=common(2), x=lambda g: g, y=lambda g: g)
sub = Op(kernels.sub, promote=common(2), x=lambda g: g, y=lambda g: -g)
mul = binary(
    kernels.mul,
    half_in_single=(0, 1),
    numbers="either",
    also="multiply",
    operator="mul",
    x=lambda g, y: g * y,
    y=lambda g, x: g * x,
)
div = Op(
    kernels.div, promote=floating(2), half_in_single=(0, 1), x=lambda g, y: g / y, y=lambda g, x, y: -g * ((x / y) / y)
)
floor_divide = Op(
    kernels.floor_divide,
    promote=common(2),
    half_in_single=(1,),
    x=lambda g: _not_differentiable("floor_divide"),
    y=lambda g: _not_differentiable("floor_divide"),
)
div_floor, div_trunc = (  # `div` with a rounding mode; unlike `floor_divide`, it has the gradient 0
    Op(k, name="div", promote=floating(2), half_in_single=(1,), x=lambda g: zeros_like(g), y=lambda g: zeros_like(g))
    for k in (kernels.floor_divide, kernels.trunc_divide)
)
remainder = Op(kernels.remainder, promote=common(2), x=lambda g: g, y=lambda g, x, y: -g * div_floor(x, y))
fmod = Op(kernels.fmod, promote=common(2), x=lambda g: g, y=lambda g, x, y: -g * div_trunc(x, y))
pow = Op(
    kernels.pow,
    promote=common(2),
    x=lambda g, x, y: _pow_grad(g, x, y),
    y=lambda g, x, y, out: g * _pow_log(x, y, out),
)
neg = Op(kernels.neg, x=lambda g: -g)
reciprocal = unary_float(kernels.reciprocal, x=lambda g, out: -g * out * out)
abs = unary(kernels.abs, also="absolute", refused="b", operator="abs", x=lambda g, x: g * sign(x))
sign = Op(kernels.sign, x=lambda g: zeros_like(g))
square = Op(kernels.square, x=lambda g, x: g * twice(x))
twice = Op(_twice, name="mul", x=flat(lambda g, x: 2 * g))  # torch records the derivative of x², then of 2x
maximum = binary(
    kernels.maximum,
    variants="function method out",
    x=lambda g, x, y: _chosen_grad(g, gt(y, x), eq(x, y)),
    y=lambda g, x, y: _chosen_grad(g, gt(x, y), eq(x, y)),
)
minimum = binary(
    kernels.minimum,
    variants="function method out",
    x=lambda g, x, y: _chosen_grad(g, lt(y, x), eq(x, y)),
    y=lambda g, x, y: _chosen_grad(g, lt(x, y), eq(x, y)),
)
clamp = Op(
    kernels.clamp,
    promote=common(3),
    x=lambda g, x, lower, upper: where(_between(x, lower, upper), g, 0.0),
    lower=lambda g, x, lower, upper: where(_below(x, lower, upper), g, 0.0),
    upper=lambda g, x, lower, upper: where(_above(x, lower, upper), g, 0.0),
)
lerp = Op(
    kernels.lerp,
    x=lambda g, weight: g * (1 - weight),
    end=lambda g, weight: g * weight,
    weight=lambda g, x, end: g * (end - x),
)
addcmul = Op(
    kernels.addcmul,
    promote=common(3),
    x=lambda g: g,
    a=lambda g, b, value: g * b * value,
    b=lambda g, a, value: g * a * value,
)
addcdiv = Op(
    kernels.addcdiv,
    promote=floating(3),
    x=lambda g: g,
    a=lambda g, b, value: g * value / b,
    b=lambda g, a, b, value: -g * value * a / (b * b),
)
mul.one_pass = div.one_pass = addcdiv.one_pass = True  # torch saves a number as a tensor

# Rounding: constant between the jumps
floor = unary(kernels.floor, refused="b", x=lambda g: zeros_like(g))
ceil = unary(kernels.ceil, refused="b", x=lambda g: zeros_like(g))
trunc = unary(kernels.trunc, also="fix", refused="b", x=lambda g: zeros_like(g))
frac = Op(_frac, name="frac", x=lambda g: g)
round = Op(kernels.round, x=lambda g: zeros_like(g))

# Powers, exponentials, logarithms
half_power = Op(kernels.sqrt, name="pow", x=lambda g, x: g * (0.5 * minus_half_power(x)))  # x to the power of 0.5
minus_half_power = Op(kernels.rsqrt, name="pow", x=lambda g, x, out: g * (-0.5 * (out / x)))  # rounds less than rsqrt's
sqrt = unary_float(kernels.sqrt, x=lambda g, out: g / (2 * out))
rsqrt = unary_float(kernels.rsqrt, x=lambda g, out: -0.5 * g * (out * out * out))
exp = unary_float(kernels.exp, x=lambda g, out: g * out)
exp2 = unary_float(kernels.exp2, x=lambda g, out: g * out * LN2)
expm1 = unary_float(kernels.expm1, x=lambda g, out: g * (out + 1))
log = unary_float(kernels.log, x=lambda g, x: g / x)
log2 = unary_float(kernels.log2, x=lambda g, x: g / (x * LN2))
log10 = unary_float(kernels.log10, x=lambda g, x: g / (x * LN10))
log1p = unary_float(kernels.log1p, x=lambda g, x: g / (x + 1))
logaddexp = binary(
    kernels.logaddexp,
    variants="function method out",
    refused="biu",
    promote=floating(2),
    x=lambda g, x, y: g / (1 + exp(y - x)),
    y=lambda g, x, y: g / (1 + exp(x - y)),
)

xlogy = Op(
    kernels.xlogy,
    promote=floating(2),
    x=lambda g, x, y: where(logical_and(eq(x, 0), le(y, 0)), 0.0, xlogy(g, y)),
    y=lambda g, x, y: g * x / y,
)

# Trigonometry
sin = unary_float(kernels.sin, x=lambda g, x: g * cos(x))
cos = unary_float(kernels.cos, x=lambda g, x: g * -sin(x))
tan = unary_float(kernels.tan, x=lambda g, out: g * (1 + out * out))
asin = unary_float(kernels.asin, also="arcsin", x=lambda g, x: g * rsqrt(1 - x * x))
acos = unary_float(kernels.acos, also="arccos", x=lambda g, x: g * -rsqrt(1 - x * x))
atan = unary_float(kernels.atan, also="arctan", x=lambda g, x: g / (x * x + 1))
atan2 = binary(
    kernels.atan2,
    also="arctan2",
    promote=floating(2),
    x=lambda g, x, y: _angle_grad(g, y, x),
    y=lambda g, x, y: -_angle_grad(g, x, y),
)
sinc = unary_float(
    kernels.sinc,
    x=lambda g, x: where(eq(x * x, 0), 0.0, g * (x * PI * cos(x * PI) - sin(x * PI)) / (x * x * PI)),
)
sinh = unary_float(kernels.sinh, x=lambda g, x: g * cosh(x))
cosh = unary_float(kernels.cosh, x=lambda g, x: g * sinh(x))
tanh = unary_float(kernels.tanh, x=lambda g, out: tanh_grad(g, out))
tanh_grad = Op(
    kernels.tanh_grad,
    name="tanh_backward",
    g=lambda h, y: tanh_grad(h, y),
    y=in_single(lambda h, g, y: h * g * (-2 * y)),
)
asinh = unary_float(kernels.asinh, also="arcsinh", x=lambda g, x: g * rsqrt(x * x + 1))
acosh = unary_float(kernels.acosh, also="arccosh", x=lambda g, x: g * rsqrt(x * x - 1))
atanh = unary_float(kernels.atanh, also="arctanh", x=lambda g, x: g / (1 - x * x))

# Sigmoid-shaped
sigmoid = unary_float(kernels.sigmoid, x=lambda g, out: sigmoid_grad(g, out))
sigmoid_grad = Op(
    kernels.sigmoid_grad,
    name="sigmoid_backward",
    g=lambda h, y: sigmoid_grad(h, y),
    y=in_single(lambda h, g, y: h * g * (1 - 2 * y)),  # where y is near 1/2, 1 - 2y is exact, and (1 - y) - y is not
)
relu = unary(kernels.relu, variants="function method inplace", refused="b", x=lambda g, out: relu_grad(g, out))
relu_grad = Op(kernels.relu_grad, name="threshold_backward", g=lambda h, y: relu_grad(h, y), y=lambda h: zeros_like(h))
erf = unary_float(kernels.erf, x=lambda g, x: g * (2 / math.sqrt(math.pi) * exp(-x * x)))
erfc = unary_float(kernels.erfc, x=lambda g, x: g * (-2 / math.sqrt(math.pi) * exp(-x * x)))
erfinv = unary_float(kernels.erfinv, x=lambda g, x: g * (math.sqrt(math.pi) / 2 * exp(square(erfinv(x)))))

# Choice and comparison
where = Op(
    kernels.where,
    promote=lambda op, args: _promote_where(op, args),
    x=lambda g, condition: where(condition, g, 0.0),
    y=lambda g, condition: where(condition, 0.0, g),
)
eq, ne = comparison(kernels.eq), comparison(kernels.ne, also="not_equal")
lt, le = comparison(kernels.lt, also="less"), comparison(kernels.le, also="less_equal")
gt, ge = comparison(kernels.gt, also="greater"), comparison(kernels.ge, also="greater_equal")
logical_and, logical_or, logical_xor = (
    binary(kernel) for kernel in (kernels.logical_and, kernels.logical_or, kernels.logical_xor)
)
bitwise_left_shift = binary(kernels.bitwise_left_shift, numbers="either", refused="bf", operator="lshift")
bitwise_right_shift = binary(kernels.bitwise_right_shift, numbers="either", refused="bf", operator="rshift")
bitwise_and = binary(kernels.bitwise_and, numbers="either", refused="f", operator="and")
bitwise_or = binary(kernels.bitwise_or, numbers="either", refused="f", operator="or")
bitwise_xor = binary(kernels.bitwise_xor, numbers="either", refused="f", operator="xor")
logical_not, bitwise_not = unary(kernels.logical_not), unary(kernels.bitwise_not, refused="f")
isnan, isinf, isfinite = (
    unary(kernel, variants="function method") for kernel in (kernels.isnan, kernels.isinf, kernels.isfinite)
)

# Writing: the ops of `fill_`, `copy_` and `bernoulli_`
fill = Op(kernels.fill, x=lambda g: zeros_like(g), value=lambda g: g)
copy = Op(kernels.copy, x=lambda g: zeros_like(g), source=lambda g: g)
bernoulli = Op(_cleared, name="bernoulli", x=lambda g: zeros_like(g), p=lambda g: zeros_like(g))


def _is_number(x: Any) -> bool:
    return isinstance(x, int | float)


def _pow_grad(g: Any, x: Any, y: Any) -> Any:
    """The derivative y·xʸ⁻¹ of a power by its base; 0 for the exponent 0, also where x is 0."""
    if not _is_number(y):
        return where(eq(y, 0), zeros_like(g), g * y * pow(x, y - 1))
    return zeros_like(g) if y == 0 else g * (y * pow(x, y - 1))


def _pow_log(x: Any, y: Any, out: Any) -> Any:
    """The derivative xʸ ln x of a power by its exponent; 0 where x is 0 and y is not negative."""
    if not _is_number(x):
        return where(logical_and(eq(x, 0), ge(y, 0)), zeros_like(out), out * log(x))
    if x == 0:
        return where(ge(y, 0), zeros_like(out), out * -math.inf)
    return out * (math.log(x) if x > 0 else math.nan)


def _angle_grad(g: Any, a: Any, b: Any) -> Any:
    """g·a / (a² + b²), 0 at the origin: the derivative of the angle of (a, b) by b."""
    square = a * a + b * b
    return g * where(eq(square, 0), 0.0, a / square)


def _not_differentiable(name: str) -> Any:
    raise RuntimeError(f"derivative for aten::{name} is not implemented")


def _chosen_grad(g: Any, other: Any, equal: Any) -> Any:
    """The gradient of one operand of a maximum: 0 where the other was chosen, half of `g` where both are equal."""
    return where(other, 0.0, where(equal, g / 2, g))


def _between(x: Any, lower: Any, upper: Any) -> Any:
    if lower is None:
        return le(x, upper)
    return ge(x, lower) if upper is None else logical_and(ge(x, lower), le(x, upper))


def _below(x: Any, lower: Any, upper: Any) -> Any:
    return lt(x, lower) if upper is None else logical_and(lt(x, lower), lt(lower, upper))


def _above(x: Any, lower: Any, upper: Any) -> Any:
    return gt(x, upper) if lower is None else logical_or(gt(x, upper), gt(lower, upper))


def _promote_where(op: Op, args: tuple[Any, ...]) -> tuple[Any, ...]:
    condition, x, y = args
    promoted = common(2)(op, (x, y))
    return args if promoted[0] is x and promoted[1] is y else (condition, *promoted)
