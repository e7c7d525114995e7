"""torch's elementwise functions: simple ones are made from their op's row in a table, the others are written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

import numpy as np

import kernels
from minitorch import dtypes
from minitorch.autograd.graph import Variable, wrap
from minitorch.functions.arguments import integer, number_or_tensor, refuse_booleans, scalar_argument, tensor_argument
from minitorch.functions.public import Function, public
from minitorch.ops import elementwise as ops, promotion
from minitorch.ops.pointwise import POINTWISE, Pointwise
from minitorch.ops.shape import row_major
from minitorch.scalars import scalar_to, single_scalar_to
from minitorch.types import Number
from minitorch.user_warnings import warn_user

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def _unary(row: Pointwise) -> Function:
    """The function of an op of one tensor."""
    op, name, refused = row.op, row.op.name, row.refused

    def function(input: Tensor) -> Tensor:
        x = input if isinstance(input, Variable) else tensor_argument(input, name)
        if refused and x._array.dtype.kind in refused:
            raise _not_implemented(name, dtypes.of(x._array.dtype))
        return op(x)

    return function


def _binary(row: Pointwise) -> Function:
    """The function of an op of two tensors."""
    op, name, refused = row.op, row.op.name, row.refused

    def function(input: Tensor, other: Tensor) -> Tensor:
        x, y = tensor_argument(input, name), tensor_argument(other, name, 2, "other")
        if refused:
            _refuse(name, refused, x, y)
        return op(x, y)

    return function


def _comparison(row: Pointwise) -> Function:
    """The function of an op of a tensor and a tensor or number."""
    op, name = row.op, row.op.name

    def function(input: Tensor, other: Tensor | Number) -> Tensor:
        return op(tensor_argument(input, name), other)

    return function


def _arithmetic(row: Pointwise) -> Function:
    """The function of an op of two operands; either may be a number."""
    op, name, refused = row.op, row.op.name, row.refused

    def function(input: Tensor | Number, other: Tensor | Number) -> Tensor:
        if not isinstance(input, Variable):
            input = number_or_tensor(name, input, other)
        if refused:
            _refuse(name, refused, input, other)
        return op(input, other)

    return function


def _refuse(name: str, refused: str, *operands: Any) -> None:
    """Raise NotImplementedError if `name` is not implemented for the kind of the operands' common dtype."""
    common = promotion.result_type(*operands)
    if common.numpy.kind in refused:
        raise _not_implemented(name, common)


def _not_implemented(name: str, dtype: dtypes.dtype) -> NotImplementedError:
    return NotImplementedError(f'"{name}" not implemented for {dtype}: convert an operand with .to(dtype)')


_MAKERS = {(1, ""): _unary, (2, ""): _binary, (2, "other"): _comparison, (2, "either"): _arithmetic}

for _row in POINTWISE:
    _function = _MAKERS[_row.operands, _row.numbers](_row)
    _function.__name__ = _function.__qualname__ = _row.op.name
    _function.__doc__ = _row.op.__doc__
    _op = _row.op if _row.numbers == "either" and not _row.refused else None
    globals()[_row.op.name] = public(_row.variants, _row.also, operator=_row.operator, op=_op, checks=False)(_function)


@public("function method inplace out")
def sign(input: Tensor) -> Tensor:
    """-1, 0 or 1; booleans are unchanged."""
    if tensor_argument(input, "sign")._array.dtype.kind == "b":
        return input.clone()
    return ops.sign(input)


def _as_number(x: Any) -> Any:
    """The number in a tensor without dimensions that needs no gradient; anything else as it is."""
    return x._array.item() if isinstance(x, Variable) and x._array.ndim == 0 and not x._requires_grad else x


@public("function method inplace out", also="clip")
def clamp(input: Tensor, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Tensor:
    """The elements clipped to [min, max]; None means no bound. If min > max, the result is `max`.

    Raises:
        RuntimeError: if both bounds are None.
        NotImplementedError: if all operands are boolean.
    """
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if min is not None and max is not None and isinstance(min, Variable) is not isinstance(max, Variable):
        min, max = (_as_number(x) for x in (min, max))
    if min is not None and max is not None and isinstance(min, Variable) is not isinstance(max, Variable):
        raise TypeError(
            "clamp() received an invalid combination of arguments: expected `min` and `max` to be both tensors or both "
            f"numbers, but got {type(min).__name__} and {type(max).__name__}; wrap the number in torch.tensor()"
        )
    if not isinstance(min, Variable) and not isinstance(max, Variable):
        refuse_booleans("clamp", *(x for x in (input, min, max) if x is not None))
    bounds = (min, max)
    if not (isinstance(min, Variable) or isinstance(max, Variable)):
        d = input._array.dtype
        if d.kind != "f":
            d = promotion.result_type(input, *(x for x in bounds if x is not None)).numpy
        bounds = (None if min is None else scalar_to(min, d), None if max is None else scalar_to(max, d))
    return ops.clamp(input, *bounds)


@public("function method inplace out")
def clamp_min(input: Tensor, min: Tensor | Number) -> Tensor:
    """The larger of each element and `min`."""
    return clamp(input, min=min)


@public("function method inplace out")
def clamp_max(input: Tensor, max: Tensor | Number) -> Tensor:
    """The smaller of each element and `max`."""
    return clamp(input, max=max)


@public("function method inplace out")
def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """Rounded to `decimals` places, half to even.

    Raises:
        NotImplementedError: for booleans, and for integers with `decimals`.
    """
    refuse_booleans("round", input)
    decimals = integer(decimals, "round", "decimals")
    if decimals:
        _refuse("round", "iu", input)
    return ops.round(input, decimals)


@public("function method inplace out")
def frac(input: Tensor) -> Tensor:
    """input - trunc(input).

    Raises:
        NotImplementedError: for integers and booleans.
    """
    _refuse("frac", "biu", tensor_argument(input, "frac"))
    return ops.frac(input)


@overload
def where(condition: Tensor) -> tuple[Tensor, ...]: ...
@overload
def where(condition: Tensor, input: Tensor | Number, other: Tensor | Number) -> Tensor: ...
@public("function out")
def where(
    condition: Tensor, input: Tensor | Number | None = None, other: Tensor | Number | None = None
) -> Tensor | tuple[Tensor, ...]:
    """`input` where `condition` is true, else `other`. With `condition` only, the coordinates of its true elements.

    Raises:
        RuntimeError: if the condition is not boolean.
    """
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    if input is None or other is None:
        raise TypeError("where() received an invalid combination of arguments: expected both input and other, or none")
    d = tensor_argument(condition, "where", 1, "condition")._array.dtype
    if d.kind != "b" and d != "uint8":
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype {dtypes.of(d)}"
        )
    if d.kind != "b":
        warn_user(
            "where received a uint8 condition tensor. This behavior is deprecated and will be removed in a future "
            "version of PyTorch. Use a boolean condition instead."
        )
    mask = condition if d.kind == "b" else condition.to(dtypes.bool_)
    if not isinstance(input, Variable) and not isinstance(other, Variable):
        input = wrap(kernels.backend_of(mask._array).asarray(input, promotion.result_type(input).numpy))
    elif not isinstance(input, Variable) or not isinstance(other, Variable):
        d = promotion.result_type(input, other).numpy
        input, other = (x if isinstance(x, Variable) else single_scalar_to(x, d) for x in (input, other))
    return ops.where(mask, input, other)


@public("function method inplace")
def masked_fill(input: Tensor, mask: Tensor, value: Tensor | Number) -> Tensor:
    """`input` with `value` (a number, or a tensor without dimensions) where `mask` is true, in the dtype of `input`.

    Raises:
        RuntimeError: if the mask is not boolean, or the value has dimensions.
    """
    if mask._array.dtype.kind != "b":
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    if isinstance(value, Variable):
        if value._array.ndim:
            raise RuntimeError(
                "masked_fill_ only supports a 0-dimensional value tensor, "
                f"but got tensor with {value._array.ndim} dimension(s)."
            )
        return row_major(ops.where(mask, scalar_argument(value, input._array.dtype).to(input.dtype), input))
    return row_major(ops.where(mask, scalar_to(value, input._array.dtype), input))


@public("function method inplace out")
def nan_to_num(
    input: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """NaN and infinities replaced by numbers: by default 0, the largest and the smallest number of the dtype."""
    if input._array.dtype.kind != "f":
        return input.clone()
    limits = np.finfo(input._array.dtype)
    out = ops.where(ops.isnan(input), 0.0 if nan is None else nan, input)
    out = ops.where(ops.eq(input, float("inf")), float(limits.max) if posinf is None else posinf, out)
    return ops.where(ops.eq(input, float("-inf")), float(limits.min) if neginf is None else neginf, out)
