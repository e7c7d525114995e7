"""Tensors made from a shape or a range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack, overload

import numpy as np

import kernels
from kernels.memory_order import memory_order
from minitorch import devices, dtypes
from minitorch._variable import Variable
from minitorch.functions.arguments import integer, new_leaf, new_shape
from minitorch.functions.options import LikeOptions, Placement, TensorOptions, placement
from minitorch.functions.public import public
from minitorch.scalars import scalar_to, single_scalar_to
from minitorch.types import Number

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def _made(fill: str, shape: tuple[int, ...], where: Placement) -> Tensor:
    """A tensor from the array library's function `fill`: ``zeros``, ``ones`` or ``empty``."""
    backend = where.device.backend
    with backend.on(where.device.index):
        return new_leaf(getattr(backend.xp, fill)(shape, dtype=where.dtype), where.requires_grad)


def _full(shape: tuple[int, ...], value: Any, where: Placement) -> Tensor:
    number = single_scalar_to(value, where.dtype, math.prod(shape))
    t = _made("empty", shape, where)
    kernels.assign(t._array, number)
    return t


def _shape_in_memory(input: Variable) -> tuple[int, ...]:
    """The sizes of the dimensions of `input`, in their order in its memory, the slowest first."""
    return tuple(input._array.shape[d] for d in memory_order(input._array))


def _like(input: Variable, made: Tensor) -> Tensor:
    """`made`, which has the shape `_shape_in_memory(input)`, with its dimensions permuted as in `input`."""
    order = memory_order(input._array)
    made._array = made._array.transpose([order.index(d) for d in range(len(order))])
    return made


def _from_host(values: Any, where: Placement) -> Tensor:
    """A tensor with the values of a host array."""
    return new_leaf(devices.put(kernels.cast(values, where.dtype), where.dtype, where.device), where.requires_grad)


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, Variable | np.number) else value


@public("function out", varargs="size")
def zeros(size: Sequence[int], **options: Unpack[TensorOptions]) -> Tensor:
    """A tensor of zeros of shape `size`."""
    return _made("zeros", new_shape(size, "zeros"), placement("zeros", options))


@public("function out", varargs="size")
def ones(size: Sequence[int], **options: Unpack[TensorOptions]) -> Tensor:
    """A tensor of ones of shape `size`."""
    return _made("ones", new_shape(size, "ones"), placement("ones", options))


@public("function out", varargs="size")
def empty(size: Sequence[int], **options: Unpack[LikeOptions]) -> Tensor:
    """An uninitialized tensor of shape `size`."""
    return _made("empty", new_shape(size, "empty"), placement("empty", options))


@public("function out")
def full(size: Sequence[int], fill_value: Number, **options: Unpack[TensorOptions]) -> Tensor:
    """A tensor of shape `size`, every element `fill_value`; the default dtype depends on the type of the value."""
    value = _number(fill_value)
    where = placement("full", options, default=dtypes.of_number(value))
    return _full(new_shape(size, "full"), value, where)


@public("function")
def zeros_like(input: Tensor, **options: Unpack[LikeOptions]) -> Tensor:
    """Zeros of the shape, and by default the dtype and device, of `input`."""
    where = placement("zeros_like", options, input)
    return _like(input, _made("zeros", _shape_in_memory(input), where))


@public("function")
def ones_like(input: Tensor, **options: Unpack[LikeOptions]) -> Tensor:
    """Ones of the shape, and by default the dtype and device, of `input`."""
    where = placement("ones_like", options, input)
    return _like(input, _made("ones", _shape_in_memory(input), where))


@public("function")
def empty_like(input: Tensor, **options: Unpack[LikeOptions]) -> Tensor:
    """An uninitialized tensor of the shape, and by default the dtype and device, of `input`."""
    where = placement("empty_like", options, input)
    return _like(input, _made("empty", _shape_in_memory(input), where))


@public("function")
def full_like(input: Tensor, fill_value: Number, **options: Unpack[LikeOptions]) -> Tensor:
    """A tensor of the shape, and by default the dtype and device, of `input`, every element `fill_value`."""
    where = placement("full_like", options, input)
    return _like(input, _full(_shape_in_memory(input), _number(fill_value), where))


@public("method", varargs="size")
def new_zeros(self: Tensor, size: Sequence[int], **options: Unpack[TensorOptions]) -> Tensor:
    """Zeros of shape `size`, by default of this tensor's dtype and device."""
    return _made("zeros", new_shape(size, "new_zeros"), placement("new_zeros", options, self))


@public("method", varargs="size")
def new_ones(self: Tensor, size: Sequence[int], **options: Unpack[TensorOptions]) -> Tensor:
    """Ones of shape `size`, by default of this tensor's dtype and device."""
    return _made("ones", new_shape(size, "new_ones"), placement("new_ones", options, self))


@public("method", varargs="size")
def new_empty(self: Tensor, size: Sequence[int], **options: Unpack[TensorOptions]) -> Tensor:
    """An uninitialized tensor of shape `size`, by default of this tensor's dtype and device."""
    return _made("empty", new_shape(size, "new_empty"), placement("new_empty", options, self))


@public("method")
def new_full(self: Tensor, size: Sequence[int], fill_value: Number, **options: Unpack[TensorOptions]) -> Tensor:
    """A tensor of shape `size` filled with `fill_value`, by default of this tensor's dtype and device."""
    return _full(new_shape(size, "new_full"), _number(fill_value), placement("new_full", options, self))


@overload
def arange(end: Number, **options: Unpack[TensorOptions]) -> Tensor: ...
@overload
def arange(start: Number, end: Number, step: Number = 1, **options: Unpack[TensorOptions]) -> Tensor: ...
@public("function out")  # type: ignore[misc]  # `end` is first if there is no `start`
def arange(
    start: Number | None = None,
    end: Number | None = None,
    step: Number = 1,
    **options: Unpack[TensorOptions],
) -> Tensor:
    """The numbers start, start + step, … below `end`: ⌈(end - start) / step⌉ of them. With one argument, `start` is 0.

    int64 if all arguments are integers, else the default floating-point dtype.

    Raises:
        RuntimeError: if `step` is 0 or leads away from `end`.
        ValueError: if `step` is 0 or leads away from `end` after conversion to int64.
        TypeError: if no number is given.
    """
    if end is None:
        start, end = None, start
    if end is None:
        raise TypeError("arange() missing 1 required argument: 'end'")
    first, last, stride = _number(0 if start is None else start), _number(end), _number(step)
    integral = all(isinstance(x, int) for x in (first, last, stride))
    where = placement("arange", options, default=dtypes.int64 if integral else None)
    if where.dtype.kind == "b":
        raise NotImplementedError('"arange_cpu" not implemented for torch.bool: use another dtype and .to(torch.bool)')
    if not (math.isfinite(first) and math.isfinite(last)):
        raise RuntimeError(f"unsupported range: {first} -> {last}")
    _check_range(first, last, stride, RuntimeError)
    if where.dtype.kind == "f":
        wide = np.dtype("float32" if where.dtype == "float16" else "float64")
        first, last, stride = (scalar_to(x, wide) for x in (first, last, stride))
    if where.dtype == "int64":
        first, last, stride = (scalar_to(x, where.dtype) for x in (first, last, stride))
        _check_range(first, last, stride, ValueError)  # as torch: 0.5 is a step, but not in int64
    count = (
        -(-(last - first) // stride)
        if type(first) is type(last) is type(stride) is int
        else math.ceil((last - first) / stride)
    )
    if count >= 2**60:
        raise RuntimeError(f"invalid size, possible overflow? The range from {first} to {last} has {count} numbers")
    steps = np.arange(count)
    if where.dtype.kind == "f":
        return _from_host(first + steps.astype("float64") * stride, where)
    first, stride = (scalar_to(x, np.dtype("int64")) for x in (first, stride))
    return _from_host(first + steps * stride, where)


def _check_range(first: Any, last: Any, step: Any, error: type[Exception]) -> None:
    if step == 0 or math.isnan(step):
        raise error("step must be nonzero")
    if (last - first) * step < 0:
        raise error("upper bound and lower bound inconsistent with step sign")


@public("function out")
def linspace(start: Number | Tensor, end: Number | Tensor, steps: int, **options: Unpack[TensorOptions]) -> Tensor:
    """`steps` numbers at equal distances from `start` to `end`, both included; the second half is computed from `end`.

    Raises:
        RuntimeError: if `steps` is negative, or if `start` or `end` is a tensor with dimensions.
    """
    for parameter, x in (("start", start), ("end", end)):
        if isinstance(x, Variable) and x._array.ndim:
            raise RuntimeError(
                "linspace only supports 0-dimensional start and end tensors, "
                f"but got {parameter} with {x._array.ndim} dimension(s)."
            )
    steps = integer(steps, "linspace", "steps")
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    where = placement("linspace", options)
    if where.dtype.kind == "b":
        raise NotImplementedError(
            '"linspace_cpu" not implemented for torch.bool: use another dtype and .to(torch.bool)'
        )
    wide = np.dtype("float64" if where.dtype.kind != "f" or where.dtype.itemsize == 8 else "float32")
    first, last = (wide.type(single_scalar_to(_number(x), where.dtype, 1 if steps == 1 else 2)) for x in (start, end))
    # torch's vectorized loop fuses the product and the sum, which rounds once: the same by way of double precision.
    exact: Any = np.float64 if wide == np.float32 else np.longdouble
    with np.errstate(all="ignore"):
        step: Any = (last - first) / wide.type(max(steps - 1, 1))
        i: Any = np.arange(steps).astype(wide)
        values: Any = np.where(
            np.arange(steps) < steps // 2,
            (exact(first) + exact(step) * i.astype(exact)).astype(wide),
            (exact(last) - exact(step) * (wide.type(steps - 1) - i).astype(exact)).astype(wide),
        )
    return _from_host(np.array([first]) if steps == 1 else values, where)


@public("function out")
def eye(n: int, m: int | None = None, **options: Unpack[TensorOptions]) -> Tensor:
    """A matrix (n, m) with ones on the diagonal, m defaulting to n.

    Raises:
        RuntimeError: if a size is negative.
    """
    rows, columns = new_shape((integer(n, "eye", "n"), integer(n if m is None else m, "eye", "m")), "eye")
    where = placement("eye", options)
    return _from_host(np.eye(rows, columns, dtype=where.dtype), where)


@public("function")
def scalar_tensor(s: Number, **options: Unpack[TensorOptions]) -> Tensor:
    """A tensor without dimensions of the value `s`, in the default floating-point dtype even for an integer."""
    return _full((), s, placement("scalar_tensor", options))
