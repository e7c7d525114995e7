"""Arithmetic whose functions do more than call their op: `add` with a factor, division with rounding, powers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import kernels
from minitorch import dtypes
from minitorch.autograd.graph import Variable
from minitorch.functions.arguments import (
    is_boolean,
    number_argument,
    number_or_tensor,
    refuse_booleans,
    tensor_argument,
)
from minitorch.functions.public import public
from minitorch.ops import elementwise as ops, promotion
from minitorch.ops.shape import row_major
from minitorch.scalars import operand_to, scalar_to
from minitorch.types import Number

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def _scaled(name: str, input: Any, other: Any, alpha: Any) -> Any:
    """``alpha * other``, in the dtype of the operation with `input`.

    Raises:
        RuntimeError: for a floating-point `alpha` with integer operands.
        TypeError: if `alpha` is not a number.
    """
    number_argument(alpha, name, None, "alpha")
    d = promotion.result_type(input, other)
    if isinstance(alpha, float) and not d.is_floating_point:
        raise RuntimeError(f"{name}(): For integral input tensors, argument alpha must not be a floating point number.")
    if isinstance(alpha, bool) and d is not dtypes.bool_:
        raise RuntimeError(f"{name}(): Boolean alpha only supported for Boolean results, but the result is of {d}")
    if d is dtypes.bool_:
        return ops.logical_and(promotion.convert(other, d), scalar_to(alpha, d.numpy))
    other, factor = promotion.convert(other, d), scalar_to(alpha, d.numpy)
    return ops.scale(other, factor) if isinstance(other, Variable) else other * factor


@public("function method inplace out", operator="add", op=ops.add, checks=False)
def add(input: Tensor | Number, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    """input + alpha · other."""
    if not isinstance(input, Variable):
        input = number_or_tensor("add", input, other)
    return ops.add(input, other if type(alpha) is int and alpha == 1 else _scaled("add", input, other, alpha))


@public("function method inplace out", also="subtract", operator="sub", checks=False)
def sub(input: Tensor | Number, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    """input - alpha · other.

    Raises:
        RuntimeError: for boolean tensors.
    """
    if not isinstance(input, Variable):
        input = number_or_tensor("sub", input, other)
    if is_boolean(input) or is_boolean(other):
        if is_boolean(input) and is_boolean(other):
            raise RuntimeError(
                "Subtraction, the `-` operator, with two bool tensors is not supported. "
                "Use the `^` or `logical_xor()` operator instead."
            )
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. "
            "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return ops.sub(input, other if type(alpha) is int and alpha == 1 else _scaled("sub", input, other, alpha))


@public("function")
def rsub(input: Tensor, other: Tensor | Number, alpha: Number = 1) -> Tensor:
    """other - alpha · input."""
    return sub(other, tensor_argument(input, "rsub"), alpha=alpha)


@public("function method inplace out", also="divide", operator="truediv")
def div(input: Tensor | Number, other: Tensor | Number, *, rounding_mode: str | None = None) -> Tensor:
    """input / other, rounded as `rounding_mode` says: not at all (None), toward zero ("trunc") or down ("floor").

    Raises:
        RuntimeError: for another rounding mode, or an integer division by zero.
    """
    if not isinstance(input, Variable):
        input = number_or_tensor("div", input, other)
        if rounding_mode is None and isinstance(input, bool | int | float):
            return ops.mul(ops.reciprocal(other), input)  # as in torch: does not save `other`
    if rounding_mode is None:
        return ops.div(input, other)
    d = promotion.result_type(input, other)
    if rounding_mode == "floor":
        return ops.div_floor(input, other) if d.is_floating_point else floor_divide(input, other)
    if rounding_mode != "trunc":
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    if d.is_floating_point:
        return ops.div_trunc(input, other)
    quotient, rest = floor_divide(input, other), ops.fmod(input, other)
    return quotient + ops.logical_and(ops.ne(rest, 0), ops.lt(quotient, 0)).to(quotient.dtype)


@public("function method inplace out")
def true_divide(input: Tensor | Number, other: Tensor | Number) -> Tensor:
    """`div` without rounding."""
    return div(input, other)


def _check_divisor(name: str, input: Any, other: Any) -> None:
    d = promotion.result_type(input, other)
    if d.is_floating_point:
        return
    divisor = promotion.array_of(promotion.convert(other, d))
    divisor = divisor if kernels.is_array(divisor) else np.asarray(divisor)
    if isinstance(input, Variable) and not input._array.size:
        return  # nothing is divided
    with kernels.on_device_of(divisor):
        zero = kernels.backend_of(divisor).can_read_values() and not bool(divisor.all())
    if zero:
        raise RuntimeError(f"ZeroDivisionError: {name}() of integers by zero")


@public("function method inplace out", operator="floordiv")
def floor_divide(input: Tensor | Number, other: Tensor | Number) -> Tensor:
    """⌊input / other⌋.

    Raises:
        RuntimeError: for an integer division by zero.
        NotImplementedError: if both operands are boolean.
    """
    input = number_or_tensor("floor_divide", input, other)
    refuse_booleans("floor_divide", input, other)
    _check_divisor("floor_divide", input, other)
    return ops.floor_divide(input, other)


@public("function method inplace out", operator="mod")
def remainder(input: Tensor | Number, other: Tensor | Number) -> Tensor:
    """input - other · ⌊input / other⌋, with the sign of `other`.

    Raises:
        RuntimeError: for an integer division by zero.
        NotImplementedError: if both operands are boolean.
    """
    input = number_or_tensor("remainder", input, other)
    refuse_booleans("remainder", input, other)
    _check_divisor("remainder", input, other)
    return ops.remainder(input, other)


@public("function method inplace out")
def fmod(input: Tensor, other: Tensor | Number) -> Tensor:
    """input - other · trunc(input / other), with the sign of `input`.

    Raises:
        RuntimeError: for an integer division by zero.
        NotImplementedError: if both operands are boolean.
    """
    refuse_booleans("fmod", tensor_argument(input, "fmod"), other)
    _check_divisor("fmod", input, other)
    return ops.fmod(input, other)


@public("function method inplace out", operator="pow")
def pow(input: Tensor | Number, exponent: Tensor | Number) -> Tensor:
    """input to the power of `exponent`.

    Raises:
        RuntimeError: for an integer tensor to the power of a negative integer.
        NotImplementedError: if both operands are boolean.
    """
    if type(exponent) is bool and is_boolean(input):  # the only power of booleans that torch has
        return ops.logical_or(input, not exponent)
    refuse_booleans("pow", input, exponent)
    if isinstance(exponent, float | int) and isinstance(input, Variable):
        if input._array.dtype.kind == "f":
            if exponent == 2:
                return ops.square(input)
            if exponent == 0.5:
                return ops.half_power(input)
        elif isinstance(exponent, int) and exponent < 0:
            raise RuntimeError("Integers to negative integer powers are not allowed.")
        d = promotion.result_type(input, exponent).numpy
        if d.kind != "f" or d == "float16":
            exponent = scalar_to(exponent, d)
    power = ops.pow(input, exponent)
    return power if isinstance(input, Variable) else row_major(power)


@public("function method inplace out")
def float_power(input: Tensor | Number, exponent: Tensor | Number) -> Tensor:
    """`pow` computed in float64."""
    base = input.to(dtypes.float64) if isinstance(input, Variable) else input
    if isinstance(exponent, Variable):
        return pow(base, exponent.to(dtypes.float64))
    number_argument(exponent, "float_power", 2, "exponent")
    return pow(base, float(exponent))


@public("function method inplace out")
def square(input: Tensor) -> Tensor:
    """input · input; int64 for booleans."""
    return pow(input, 2) if is_boolean(tensor_argument(input, "square")) else ops.square(input)


@public("function method inplace out", also="negative", operator="neg")
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


@public("function method", operator="pos")
def positive(input: Tensor) -> Tensor:
    """`input` itself.

    Raises:
        RuntimeError: for a boolean tensor.
    """
    if tensor_argument(input, "positive")._array.dtype.kind == "b":
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


@public("function method inplace out")
def lerp(input: Tensor, end: Tensor, weight: Tensor | Number) -> Tensor:
    """input + weight · (end - input).

    Raises:
        RuntimeError: if the dtypes differ.
        NotImplementedError: for integers and booleans.
    """
    tensor_argument(end, "lerp", 2, "end")
    if tensor_argument(input, "lerp")._array.dtype.kind != "f":
        raise NotImplementedError(f'"lerp" not implemented for {input.dtype}: expected floating point')
    if isinstance(weight, Variable) and not weight._array.ndim:
        weight = promotion.convert(weight, dtypes.of(input._array.dtype))
    for name, x in (("end", end), ("weight", weight)):
        if isinstance(x, Variable) and x._array.dtype != input._array.dtype:
            raise RuntimeError(f"expected dtype {input._array.dtype} for `{name}` but got dtype {x._array.dtype}")
    if not isinstance(weight, Variable):
        weight = operand_to(weight, input._array.dtype)
    return ops.lerp(input, end, weight)


@public("function method inplace out")
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
    """input + value · tensor1 · tensor2; for integers, `value` loses its fraction."""
    refuse_booleans("addcmul", input, tensor1, tensor2)
    d = promotion.result_type(input, tensor1, tensor2).numpy
    return ops.addcmul(input, tensor1, tensor2, operand_to(value, d))


@public("function method inplace out")
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
    """input + value · tensor1 / tensor2.

    Raises:
        RuntimeError: if both tensors are integer.
    """
    if tensor1._array.dtype.kind != "f" and tensor2._array.dtype.kind != "f":
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported; use (input + value * torch.trunc(tensor1 / tensor2))"
        )
    d = promotion.result_type(input, tensor1, tensor2).numpy
    return ops.addcdiv(input, tensor1, tensor2, operand_to(value, d))


@public("function method inplace out")
def xlogy(input: Tensor | Number, other: Tensor | Number) -> Tensor:
    """input · ln(other), 0 where `input` is 0 (but NaN where `other` is NaN)."""
    d = promotion.result_type(input, other)
    d = d if d.is_floating_point else dtypes.get_default_dtype()
    like: Any = input if isinstance(input, Variable) else other
    operands = (
        x if isinstance(x, Variable) else like.new_full((), x, dtype=dtypes.float64).to(d) for x in (input, other)
    )
    return ops.xlogy(*operands)
