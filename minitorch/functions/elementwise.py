"""torch's elementwise functions over the ops: keyword arguments, checks, and those made of several ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

import kernels
from minitorch import dtypes
from minitorch.autograd.mixing import together
from minitorch.autograd.op import Op
from minitorch.autograd.variable import Variable, wrap
from minitorch.functions.arguments import numpy_dtype, tensor_argument
from minitorch.functions.writing import into
from minitorch.ops import elementwise as ops, promotion

if TYPE_CHECKING:
    from minitorch._tensor import Tensor

Operand = Any
"""A tensor or a Python number."""


def _unary(op: Op) -> Callable[..., Any]:
    """torch's function over an op of one tensor."""

    def function(input: Tensor, *, out: Any = None) -> Tensor:
        return into(out, op(tensor_argument(input, op.name)))

    return _named(function, op)


def _numeric(op: Op) -> Callable[..., Any]:
    """torch's function over an op of one tensor that booleans do not have."""

    def function(input: Tensor, *, out: Any = None) -> Tensor:
        no_booleans(op.name, tensor_argument(input, op.name))
        return into(out, op(input))

    return _named(function, op)


def no_booleans(name: str, *operands: Operand) -> None:
    """Refuse booleans that meet no number.

    Raises:
        NotImplementedError: if all operands are booleans.
    """
    if all(_boolean(x) for x in operands):
        raise NotImplementedError(f'"{name}" not implemented for {dtypes.bool_}: convert an operand with .to(dtype)')


def _boolean(x: Operand) -> bool:
    return x._array.dtype.kind == "b" if isinstance(x, Variable) else type(x) is bool


def _binary(op: Op) -> Callable[..., Any]:
    """torch's function over an op of two tensors."""

    def function(input: Tensor, other: Tensor, *, out: Any = None) -> Tensor:
        return into(out, op(tensor_argument(input, op.name), tensor_argument(other, op.name, 2, "other")))

    return _named(function, op)


def _comparison(op: Op) -> Callable[..., Any]:
    """torch's function over an op of a tensor and a tensor or number."""

    def function(input: Tensor, other: Operand, *, out: Any = None) -> Tensor:
        return into(out, op(tensor_argument(input, op.name), other))

    return _named(function, op)


def _named(function: Callable[..., Any], op: Op) -> Callable[..., Any]:
    function.__name__ = function.__qualname__ = op.name
    function.__doc__ = op.__doc__
    return function


abs, relu, floor, ceil, trunc = map(_numeric, (ops.abs, ops.relu, ops.floor, ops.ceil, ops.trunc))
sqrt, rsqrt, reciprocal = map(_unary, (ops.sqrt, ops.rsqrt, ops.reciprocal))
exp, exp2, expm1, log, log2, log10, log1p = map(
    _unary, (ops.exp, ops.exp2, ops.expm1, ops.log, ops.log2, ops.log10, ops.log1p)
)
sin, cos, tan, asin, acos, atan = map(_unary, (ops.sin, ops.cos, ops.tan, ops.asin, ops.acos, ops.atan))
sinh, cosh, tanh, asinh, acosh, atanh = map(_unary, (ops.sinh, ops.cosh, ops.tanh, ops.asinh, ops.acosh, ops.atanh))
sigmoid, erf, erfc, erfinv = map(_unary, (ops.sigmoid, ops.erf, ops.erfc, ops.erfinv))
logical_not, isnan, isinf, isfinite = map(_unary, (ops.logical_not, ops.isnan, ops.isinf, ops.isfinite))
atan2, maximum, minimum = map(_binary, (ops.atan2, ops.maximum, ops.minimum))
eq, ne, lt, le, gt, ge = map(_comparison, (ops.eq, ops.ne, ops.lt, ops.le, ops.gt, ops.ge))
logical_and, logical_or, logical_xor = map(_binary, (ops.logical_and, ops.logical_or, ops.logical_xor))


def square(input: Tensor, *, out: Any = None) -> Tensor:
    """input · input; an int64 for a boolean."""
    return into(out, pow(input, 2) if _boolean(tensor_argument(input, "square")) else ops.square(input))


def logaddexp(input: Tensor, other: Tensor, *, out: Any = None) -> Tensor:
    """ln(exp(input) + exp(other)), without overflow.

    Raises:
        NotImplementedError: if neither operand is of floating-point numbers.
    """
    d = promotion.result_type(tensor_argument(input, "logaddexp"), tensor_argument(other, "logaddexp", 2, "other"))
    if not d.is_floating_point:
        raise NotImplementedError(f'"logaddexp" not implemented for {d}: expected floating-point numbers')
    return into(out, ops.logaddexp(input, other))


def sign(input: Tensor, *, out: Any = None) -> Tensor:
    """-1, 0 or 1; a boolean as it is."""
    if tensor_argument(input, "sign")._array.dtype.kind == "b":
        return into(out, input.clone())
    return into(out, ops.sign(input))


def _scaled(name: str, input: Any, other: Any, alpha: Any) -> Any:
    """``alpha * other``, in the dtype in which it meets `input`.

    Raises:
        RuntimeError: for a floating-point `alpha` with integer operands.
    """
    if alpha == 1:
        return other
    d = promotion.result_type(input, other)
    if isinstance(alpha, float) and not d.is_floating_point:
        raise RuntimeError(f"{name}(): For integral input tensors, argument alpha must not be a floating point number.")
    if d is dtypes.bool_:
        return ops.logical_and(promotion.convert(other, d), bool(alpha))
    return promotion.convert(other, d) * alpha


def add(input: Operand, other: Operand, *, alpha: Any = 1, out: Any = None) -> Tensor:
    """input + alpha · other."""
    return into(out, ops.add(input, _scaled("add", input, other, alpha)))


def sub(input: Operand, other: Operand, *, alpha: Any = 1, out: Any = None) -> Tensor:
    """input - alpha · other.

    Raises:
        RuntimeError: for boolean tensors, which have no difference.
    """
    booleans = _boolean(input), _boolean(other)
    if all(booleans):
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. "
            "Use the `^` or `logical_xor()` operator instead."
        )
    if any(booleans):
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. "
            "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return into(out, ops.sub(input, _scaled("sub", input, other, alpha)))


def rsub(input: Operand, other: Operand, *, alpha: Any = 1) -> Tensor:
    """other - alpha · input."""
    return sub(other, input, alpha=alpha)


def mul(input: Operand, other: Operand, *, out: Any = None) -> Tensor:
    """input · other."""
    return into(out, ops.mul(input, other))


def div(input: Operand, other: Operand, *, rounding_mode: str | None = None, out: Any = None) -> Tensor:
    """input / other, by `rounding_mode` exactly (None), toward zero ("trunc") or down ("floor").

    Raises:
        RuntimeError: for another rounding mode, or an integer division by zero.
    """
    if rounding_mode is None:
        return into(out, ops.div(input, other))
    d = promotion.result_type(input, other)
    if rounding_mode == "floor":
        return into(out, ops.div_floor(input, other) if d.is_floating_point else floor_divide(input, other))
    if rounding_mode != "trunc":
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    if d.is_floating_point:
        return into(out, ops.div_trunc(input, other))
    quotient, rest = floor_divide(input, other), ops.fmod(input, other)
    return into(out, quotient + ops.logical_and(ops.ne(rest, 0), ops.lt(quotient, 0)).to(quotient.dtype))


def _check_divisor(name: str, input: Operand, other: Operand) -> None:
    if not promotion.result_type(input, other).is_floating_point:
        divisor = other._array if isinstance(other, Variable) else np.asarray(other)
        with kernels.on_device_of(divisor):
            zero = kernels.backend_of(divisor).can_read_values() and not bool(divisor.all())
        if zero:
            raise RuntimeError(f"ZeroDivisionError: {name}() of integers by zero")


def floor_divide(input: Operand, other: Operand) -> Tensor:
    """⌊input / other⌋.

    Raises:
        RuntimeError: for an integer division by zero.
    """
    no_booleans("floor_divide", input, other)
    _check_divisor("floor_divide", input, other)
    return ops.floor_divide(input, other)


def remainder(input: Operand, other: Operand) -> Tensor:
    """input - other · ⌊input / other⌋, of the sign of `other`.

    Raises:
        RuntimeError: for an integer division by zero.
    """
    no_booleans("remainder", input, other)
    _check_divisor("remainder", input, other)
    return ops.remainder(input, other)


def fmod(input: Tensor, other: Operand) -> Tensor:
    """input - other · trunc(input / other), of the sign of `input`.

    Raises:
        RuntimeError: for an integer division by zero.
    """
    no_booleans("fmod", input, other)
    _check_divisor("fmod", input, other)
    return ops.fmod(input, other)


def pow(input: Operand, exponent: Operand, *, out: Any = None) -> Tensor:
    """input to the power of `exponent`.

    Raises:
        RuntimeError: for an integer tensor to the power of a negative integer.
        NotImplementedError: for booleans alone.
    """
    if type(exponent) is bool and _boolean(input):  # torch's only power of booleans
        return into(out, ops.logical_or(input, not exponent))
    no_booleans("pow", input, exponent)
    if isinstance(exponent, int) and exponent < 0 and isinstance(input, Variable) and input._array.dtype.kind != "f":
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    if isinstance(exponent, float | int) and isinstance(input, Variable) and input._array.dtype.kind == "f":
        if exponent == 2:
            return into(out, ops.square(input))
        if exponent == 0.5:
            return into(out, ops.sqrt(input))
    return into(out, ops.pow(input, exponent))


def float_power(input: Operand, exponent: Operand) -> Tensor:
    """`pow` computed in float64."""
    base = input.to(dtypes.float64) if isinstance(input, Variable) else input
    power = exponent.to(dtypes.float64) if isinstance(exponent, Variable) else float(exponent)
    return pow(base, power)


def neg(input: Tensor) -> Tensor:
    """-input.

    Raises:
        RuntimeError: for a boolean tensor.
    """
    if tensor_argument(input, "neg")._array.dtype.kind == "b":
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. "
            "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return ops.neg(input)


def positive(input: Tensor) -> Tensor:
    """`input` itself.

    Raises:
        RuntimeError: for a boolean tensor.
    """
    if tensor_argument(input, "positive")._array.dtype.kind == "b":
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


def clamp(input: Tensor, min: Any = None, max: Any = None, *, out: Any = None) -> Tensor:
    """The elements brought into [min, max]; bounds are numbers or tensors, None does not bind; `max` wins over `min`.

    Raises:
        RuntimeError: if both bounds are None.
    """
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if not isinstance(min, Variable) and not isinstance(max, Variable):
        no_booleans("clamp", *(x for x in (input, min, max) if x is not None))
    return into(out, ops.clamp(input, min, max))


def clamp_min(input: Tensor, min: Any) -> Tensor:
    """The elements, but not below `min`."""
    return clamp(input, min=min)


def clamp_max(input: Tensor, max: Any) -> Tensor:
    """The elements, but not above `max`."""
    return clamp(input, max=max)


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """Rounded to `decimals` places, halves to even.

    Raises:
        NotImplementedError: for booleans, and for integers with `decimals`.
    """
    no_booleans("round", input)
    if decimals:
        _only_floats("round", input)
    return ops.round(input, decimals)


def frac(input: Tensor) -> Tensor:
    """input - trunc(input).

    Raises:
        NotImplementedError: for integers and booleans.
    """
    _only_floats("frac", input)
    return input - ops.trunc(input)


def lerp(input: Tensor, end: Tensor, weight: Operand) -> Tensor:
    """input + weight · (end - input).

    Raises:
        RuntimeError: if the dtypes differ.
        NotImplementedError: for integers and booleans.
    """
    _only_floats("lerp", input)
    for name, x in (("end", end), ("weight", weight)):
        if isinstance(x, Variable) and x._array.dtype != input._array.dtype:
            raise RuntimeError(f"expected dtype {input._array.dtype} for `{name}` but got dtype {x._array.dtype}")
    return ops.lerp(input, end, weight)


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """input + value · tensor1 · tensor2; for integers, `value` loses its fraction."""
    if not promotion.result_type(input, tensor1, tensor2).is_floating_point:
        value = int(value)
    return ops.addcmul(input, tensor1, tensor2, value)


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """input + value · tensor1 / tensor2.

    Raises:
        RuntimeError: if both tensors are of integers.
    """
    if tensor1._array.dtype.kind != "f" and tensor2._array.dtype.kind != "f":
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported; use (input + value * torch.trunc(tensor1 / tensor2))"
        )
    return ops.addcdiv(input, tensor1, tensor2, value)


def xlogy(input: Operand, other: Operand) -> Tensor:
    """input · ln(other), 0 where `input` is 0 (but NaN where `other` is)."""
    d = promotion.result_type(input, other)
    x = input if isinstance(input, Variable) else other.new_full((), input, dtype=d)
    return ops.xlogy(x, other if isinstance(other, Variable) else input.new_full((), other, dtype=d))


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """`input` where `condition` holds, else `other`; with the condition alone, the coordinates where it holds.

    Raises:
        RuntimeError: if the condition is not of booleans.
    """
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    d = tensor_argument(condition, "where", 1, "condition")._array.dtype
    if d.kind != "b" and d != "uint8":
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype {dtypes.of(d)}"
        )
    mask = condition if d.kind == "b" else condition.to(dtypes.bool_)
    if not isinstance(input, Variable) and not isinstance(other, Variable):
        input = wrap(kernels.backend_of(mask._array).asarray(input, promotion.result_type(input).numpy))
    return ops.where(mask, input, other)


def masked_fill(input: Tensor, mask: Tensor, value: Operand) -> Tensor:
    """`input` with `value` (a number, or a tensor without dimensions) where `mask` holds, in the dtype of `input`.

    Raises:
        RuntimeError: if the mask is not of booleans, or the value has dimensions.
    """
    if mask._array.dtype.kind != "b":
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    if isinstance(value, Variable):
        if value._array.ndim:
            raise RuntimeError(
                "masked_fill_ only supports a 0-dimensional value tensor, "
                f"but got tensor with {value._array.ndim} dimension(s)."
            )
        return ops.where(mask, value.to(input.dtype), input)
    if input._array.dtype.kind != "f":
        value = bool(value) if input._array.dtype.kind == "b" else int(value)
    return ops.where(mask, value, input)


def _only_integers(name: str, *operands: Any) -> None:
    for x in operands:
        if isinstance(x, float) or (isinstance(x, Variable) and x._array.dtype.kind == "f"):
            d = x.dtype if isinstance(x, Variable) else float
            raise NotImplementedError(f'"{name}" not implemented for {d}: expected integers or booleans')


def _only_floats(name: str, x: Tensor) -> None:
    if tensor_argument(x, name)._array.dtype.kind != "f":
        raise NotImplementedError(f'"{name}" not implemented for {x.dtype}: expected floating point')


def bitwise_and(input: Operand, other: Operand) -> Tensor:
    """Bit by bit; logical for booleans."""
    _only_integers("bitwise_and_cpu", input, other)
    return ops.bitwise_and(input, other)


def bitwise_or(input: Operand, other: Operand) -> Tensor:
    """Bit by bit; logical for booleans."""
    _only_integers("bitwise_or_cpu", input, other)
    return ops.bitwise_or(input, other)


def bitwise_xor(input: Operand, other: Operand) -> Tensor:
    """Bit by bit; logical for booleans."""
    _only_integers("bitwise_xor_cpu", input, other)
    return ops.bitwise_xor(input, other)


def bitwise_not(input: Tensor) -> Tensor:
    """Bit by bit; logical for booleans."""
    _only_integers("bitwise_not_cpu", input)
    return ops.bitwise_not(input)


def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """|input - other| ≤ atol + rtol · |other|, or equal (infinities), or, if `equal_nan`, both NaN.

    Raises:
        RuntimeError: if the dtypes differ or a tolerance is negative.
    """
    if input._array.dtype != other._array.dtype:
        raise RuntimeError(f"{input.dtype} did not match {other.dtype}")
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance < 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {tolerance}")
    a, b = input.detach(), other.detach()
    close = ops.eq(a, b)
    if a._array.dtype.kind == "f":
        near = ops.logical_and(ops.le(ops.abs(a - b), atol + rtol * ops.abs(b)), ops.isfinite(b))
        close = ops.logical_or(close, near)
        if equal_nan:
            close = ops.logical_or(close, ops.logical_and(ops.isnan(a), ops.isnan(b)))
    elif a._array.dtype.kind != "b":
        close = ops.logical_or(close, ops.le(ops.abs(a - b), atol + rtol * ops.abs(b)))
    return close


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether `isclose` holds everywhere."""
    return bool(isclose(input, other, rtol, atol, equal_nan)._array.all())


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same shape and the same elements."""
    a, b = tensor_argument(input, "equal")._array, tensor_argument(other, "equal", 2, "other")._array
    together("equal", input, other)
    with kernels.on_device_of(a):
        return a.shape == b.shape and bool((a == b).all())


def isreal(input: Tensor) -> Tensor:
    """Whether elements are real numbers: all are."""
    x = tensor_argument(input, "isreal")
    return x.new_full(x.shape, True, dtype=dtypes.bool_)


def nan_to_num(input: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """NaN and infinities replaced by numbers; infinities default to the largest and smallest of the dtype."""
    if input._array.dtype.kind != "f":
        return input.clone()
    limits = np.finfo(input._array.dtype)
    out = ops.where(ops.isnan(input), nan, input)
    out = ops.where(ops.eq(input, float("inf")), float(limits.max) if posinf is None else posinf, out)
    return ops.where(ops.eq(input, float("-inf")), float(limits.min) if neginf is None else neginf, out)


def softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """exp(input) / Σ exp(input) along `dim`; computed after a conversion to `dtype` if given."""
    return _normalized("softmax", input, dim, dtype)


def log_softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """ln softmax(input) along `dim`; computed after a conversion to `dtype` if given."""
    return _normalized("log_softmax", input, dim, dtype)


def _normalized(name: str, input: Tensor, dim: int, dtype: Any) -> Tensor:
    from minitorch.functions.arguments import dimension
    from minitorch.ops import softmax as activation

    tensor_argument(input, name)
    if dtype is not None:
        numpy_dtype(dtype)
        input = input.to(dtype)
    if input._array.dtype.kind != "f":
        raise NotImplementedError(
            f'"{name}_lastdim_kernel_impl" not implemented for {input.dtype}: expected floating point'
        )
    d = dimension(dim, input._array.ndim)
    if input._array.ndim == 0:
        return getattr(activation, name)(input.reshape(1), 0).reshape(())
    return getattr(activation, name)(input, d)


# torch's other names
subtract, multiply, divide, true_divide, negative, absolute, clip, fix = sub, mul, div, div, neg, abs, clamp, trunc
arcsin, arccos, arctan, arctan2, arcsinh, arccosh, arctanh = asin, acos, atan, atan2, asinh, acosh, atanh
greater, greater_equal, less, less_equal, not_equal = gt, ge, lt, le, ne
