"""Functions that compare elements: extrema and their positions, sorting, medians."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from minitorch import dtypes
from minitorch.autograd.graph import Variable
from minitorch.autograd.inplace import watch
from minitorch.autograd.op import Op
from minitorch.functions import return_types
from minitorch.functions.arguments import dimension, dimensions, integer, refuse_booleans, tensor_argument
from minitorch.functions.public import public
from minitorch.functions.reduction import sum
from minitorch.ops import elementwise as ew, indexing, reduction as ops
from minitorch.ops.shape import contiguous, ordered_like, reshape_result

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def _not_empty(name: str, x: Tensor, dims: tuple[int, ...], given: bool, error: type[Exception] = RuntimeError) -> None:
    for d in dims:
        if x._array.ndim and x._array.shape[d] == 0 and (given or x._array.size == 0):
            if given:
                raise IndexError(f"{name}(): Expected reduction dim {d} to have non-zero size.")
            raise error(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. "
                "Specify the reduction dim with the 'dim' argument."
            )


@public("function method out")
def amax(input: Tensor, dim: int | Sequence[int] = (), keepdim: bool = False) -> Tensor:
    """The largest element over the dimensions `dim`; equal elements share the gradient.

    Raises:
        IndexError: if a dimension is empty.
    """
    dims = dimensions(dim, tensor_argument(input, "amax")._array.ndim)
    _not_empty("amax", input, dims, dim is not None and dim not in ((), []))
    return ops.amax(input, dims, keepdim)


@public("function method out")
def amin(input: Tensor, dim: int | Sequence[int] = (), keepdim: bool = False) -> Tensor:
    """The smallest element over the dimensions `dim`; equal elements share the gradient.

    Raises:
        IndexError: if a dimension is empty.
    """
    dims = dimensions(dim, tensor_argument(input, "amin")._array.ndim)
    _not_empty("amin", input, dims, dim is not None and dim not in ((), []))
    return ops.amin(input, dims, keepdim)


def _flat(x: Tensor, dim: Any) -> tuple[Tensor, int]:
    """`x` and the dimension to search; for None the flattened `x` and its only dimension."""
    if dim is None:
        return x.reshape(-1), 0
    return (x.reshape(1) if x._array.ndim == 0 else x), dimension(dim, x._array.ndim)


def _place(op: Op, input: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    if tensor_argument(input, op.name)._array.dtype.kind == "b":
        raise RuntimeError(f"{op.name}(): does not support bool input: convert the tensor with .to(dtype)")
    x, d = _flat(input, dim)
    _not_empty(op.name, x, (d,), dim is not None, IndexError)
    out = op(x.detach(), d, keepdim)
    if dim is None or input._array.ndim == 0:
        return reshape_result(out, (1,) * input._array.ndim if keepdim else ())
    return out


@public("function method out")
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index (int64) of the largest element along `dim`, or in the flattened tensor; of equal ones the first."""
    return _place(ops.argmax, input, dim, keepdim)


@public("function method out")
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index (int64) of the smallest element along `dim`, or in the flattened tensor; of equal ones the first."""
    return _place(ops.argmin, input, dim, keepdim)


def _of_all(op: Op, input: Tensor) -> Tensor:
    """The extremum of all elements."""
    every = tuple(range(tensor_argument(input, op.name)._array.ndim))
    _not_empty(op.name, input, every, False)
    return op(input, every, False)


def _along(op: Op, name: str, input: Tensor, dim: int, keepdim: bool) -> tuple[Tensor, Tensor]:
    """The extrema along a dimension and their indices, which `op` finds."""
    x, d = _flat(tensor_argument(input, name), dim)
    _not_empty(name, x, (d,), True)
    places = op(x.detach(), d, True)
    return _kept(watch(indexing.gather(x, d, places._array), places), places, d, input._array.ndim, keepdim)


def _kept(values: Tensor, places: Tensor, d: int, ndim: int, keepdim: bool) -> tuple[Tensor, Tensor]:
    """Two results of size 1 along `d`; that dimension is removed unless `keepdim`. The input has `ndim` dimensions."""
    if ndim == 0:
        return reshape_result(values, ()), reshape_result(places, ())
    if keepdim:
        return values, places
    shape = values._array.shape[:d] + values._array.shape[d + 1 :]
    return reshape_result(values, shape), reshape_result(places, shape)


@overload
def max(input: Tensor) -> Tensor: ...
@overload
def max(input: Tensor, dim: int, keepdim: bool = False) -> return_types.max: ...
@overload
def max(input: Tensor, other: Tensor) -> Tensor: ...
@public("function method out")  # type: ignore[misc]  # `other` may be passed as `dim`
def max(
    input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False, *, other: Tensor | None = None
) -> Tensor | return_types.max:
    """The largest element; along `dim`, the elements and their indices; with a second tensor, `maximum`.

    Raises:
        IndexError: if the dimension is empty.
        RuntimeError: if the tensor is empty.
    """
    tensor_argument(input, "max")
    if other is not None or isinstance(dim, Variable):
        return ew.maximum(input, dim if other is None else other)
    if dim is None:
        return _of_all(ops.max_of_all, input)
    return return_types.max(*_along(ops.argmax, "max", input, dim, keepdim))


@overload
def min(input: Tensor) -> Tensor: ...
@overload
def min(input: Tensor, dim: int, keepdim: bool = False) -> return_types.min: ...
@overload
def min(input: Tensor, other: Tensor) -> Tensor: ...
@public("function method out")  # type: ignore[misc]  # `other` may be passed as `dim`
def min(
    input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False, *, other: Tensor | None = None
) -> Tensor | return_types.min:
    """The smallest element; along `dim`, the elements and their indices; with a second tensor, `minimum`.

    Raises:
        IndexError: if the dimension is empty.
        RuntimeError: if the tensor is empty.
    """
    tensor_argument(input, "min")
    if other is not None or isinstance(dim, Variable):
        return ew.minimum(input, dim if other is None else other)
    if dim is None:
        return _of_all(ops.min_of_all, input)
    return return_types.min(*_along(ops.argmin, "min", input, dim, keepdim))


@public("function method out")
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> return_types.aminmax:
    """`amin` and `amax` along `dim`, or over all elements."""
    over = () if dim is None else dimension(dim, input._array.ndim)
    return return_types.aminmax(amin(input, over, keepdim), amax(input, over, keepdim))


@public("function method out")
def argsort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Tensor:
    """The indices (int64) that sort along `dim`; equal elements keep their order, NaN is the largest."""
    return sort(input, dim, descending).indices


@public("function method out")
def sort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool | None = False) -> return_types.sort:
    """The elements sorted along `dim`, and their old indices; equal elements keep their order, NaN is the largest."""
    d = dimension(dim, input._array.ndim)
    if input._array.ndim == 0:
        return return_types.sort(input.clone(), input.new_zeros((), dtype=dtypes.int64))
    order = ops.argsort(input.detach(), d, descending)
    values = watch(indexing.gather(input, d, order._array), order)
    return return_types.sort(ordered_like(values, input), ordered_like(order, input))


@public("function method out")
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> return_types.topk:
    """The `k` largest (or smallest) elements along `dim`, sorted, and their indices in `input`.

    Raises:
        RuntimeError: if there are fewer than `k` elements, or for booleans.
    """
    if input._array.dtype.kind == "b":
        raise RuntimeError("topk does not support bool dtypes on CPU: convert the tensor with .to(dtype)")
    d, k = dimension(dim, input._array.ndim), integer(k, "topk", "k")
    if k < 0 or k > (input._array.shape[d] if input._array.ndim else 1):
        raise RuntimeError("selected index k out of range")
    values, indices = sort(input, d, largest)
    if input._array.ndim:
        values, indices = contiguous(values.narrow(d, 0, k)), contiguous(indices.narrow(d, 0, k))
    return return_types.topk(values, indices)


@overload
def median(input: Tensor) -> Tensor: ...
@overload
def median(input: Tensor, dim: int, keepdim: bool = False) -> return_types.median: ...
@public("function method out")
def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor | return_types.median:
    """The middle element in sorted order (the lower of two), NaN if an element is NaN; along `dim`, with its index.

    The median of no elements is NaN; for integers, NaN converted to the dtype. Elements equal to the median of all
    elements share its gradient; along `dim`, the element at the index gets it.

    Raises:
        NotImplementedError: for booleans.
    """
    refuse_booleans("median", tensor_argument(input, "median"))
    if dim is None:
        return (
            ops.median_of_all(input)
            if input._array.size
            else (sum(input, dtype=dtypes.float64) * math.nan).to(input.dtype)
        )
    x, d = _flat(input, dim)
    order = ops.argsort(x.detach(), d, False)
    place = order.narrow(d, (x._array.shape[d] - 1) // 2, 1)
    if x._array.dtype.kind == "f":
        missing = ew.isnan(x.detach())
        place = ew.where(ops.any(missing, (d,), True), ops.argmax(missing.to(dtypes.uint8), d, True), place)
    value = watch(indexing.gather(x, d, place._array), place)
    return return_types.median(*_kept(value, place, d, input._array.ndim, keepdim))


@public("function method out")
def cummax(input: Tensor, dim: int) -> return_types.cummax:
    """For each element, the largest one so far along `dim`, and its index; NaN counts as largest.

    Of equal elements, the last one's index is returned, and the last one gets the gradient.
    """
    d = dimension(dim, tensor_argument(input, "cummax")._array.ndim)
    if input._array.ndim == 0:
        return return_types.cummax(input.clone(), input.new_zeros((), dtype=dtypes.int64))
    indices = ops.cumargmax(input.detach(), d)
    return return_types.cummax(watch(indexing.gather(input, d, indices._array), indices), indices)
