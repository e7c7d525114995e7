"""The same elements in another shape or order of dimensions: views where torch returns views."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import kernels
from minitorch import dtypes
from minitorch.autograd.graph import wrap
from minitorch.autograd.views import requires_grad, shares_memory
from minitorch.dtypes import dtype
from minitorch.functions import arguments
from minitorch.functions.arguments import dimension, dimensions, int_tuple, integer, new_shape, tensor_argument
from minitorch.functions.public import public
from minitorch.layout import Layout, layout_of, resize, set_layout
from minitorch.ops import shape as ops

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def _whole(shape: tuple[int, ...], count: int) -> tuple[int, ...]:
    """`shape` with -1 replaced by the size that `count` elements need.

    Raises:
        RuntimeError: if the elements do not fit, or more than one size is -1.
    """
    if math.prod(shape) == count and min(shape, default=0) >= 0:
        return shape
    if min(shape, default=0) < -1:
        raise RuntimeError(f"invalid shape dimension {next(n for n in shape if n < -1)}")
    if shape.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    if -1 in shape:
        rest = -math.prod(shape)
        if rest == 0:
            raise RuntimeError(
                f"cannot reshape tensor of {count} elements into shape {list(shape)} because the unspecified dimension "
                "size -1 can be any value and is ambiguous"
            )
        if count % rest == 0:
            return tuple([count // rest if n == -1 else n for n in shape])
    raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {count}")


@public("function method", varargs="shape")
def reshape(input: Tensor, shape: Sequence[int]) -> Tensor:
    """The elements in row-major order in another shape: a view where the strides allow it. One size may be -1.

    Raises:
        RuntimeError: if the number of elements differs.
    """
    x = tensor_argument(input, "reshape")
    return ops.reshape(x, _whole(int_tuple(shape, "reshape", "shape"), x._array.size))


@overload
def view(self: Tensor, size: Sequence[int]) -> Tensor: ...
@overload
def view(self: Tensor, dtype: dtype) -> Tensor: ...
@public("method", varargs="size")  # type: ignore[misc]  # `dtype` may be passed as `size`
def view(self: Tensor, size: Sequence[int] | dtype | None = None, *, dtype: dtype | None = None) -> Tensor:
    """The same memory in another shape, or, for a dtype, reinterpreted bit by bit (not differentiable).

    Raises:
        RuntimeError: if the number of elements differs, or the strides do not allow it.
    """
    if dtype is not None or isinstance(size, dtypes.dtype):
        return _reinterpret(self, size if dtype is None else dtype)
    whole = _whole(int_tuple(size, "view"), self._array.size)
    if not _viewable(self._array, whole):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            f"contiguous subspaces). Use .reshape(...) instead. Size {list(self._array.shape)}, "
            f"stride {list(self.stride())}, asked for {list(whole)}."
        )
    return ops.reshape(self, whole)


def _viewable(array: Any, shape: tuple[int, ...]) -> bool:
    if array.flags.c_contiguous or array.size == 0:
        return True
    with kernels.on_device_of(array):
        return shares_memory(array.reshape(shape), array)


def _reinterpret(self: Tensor, dtype: Any) -> Tensor:
    old, new = self._array.itemsize, dtype.itemsize
    _, strides, offset = layout_of(self)
    if old != new:
        if strides and strides[-1] != 1:
            raise RuntimeError(
                f"self.stride(-1) must be 1 to view {self.dtype} as {dtype} (different element sizes), "
                f"but got {strides[-1]}"
            )
        if any(n * old % new for n in (offset, *strides[:-1])):
            raise RuntimeError(
                f"the strides {list(strides)} and the storage_offset {offset} must be divisible by {new // old} "
                f"to view {self.dtype} as {dtype} (different element sizes); use .contiguous() first"
            )
        strides, offset = (*(n * old // new for n in strides[:-1]), *strides[-1:]), offset * old // new
    try:
        t = wrap(self._array.view(dtype.numpy))
    except ValueError as error:
        raise RuntimeError(
            f"view: cannot reinterpret {self.dtype} of shape {list(self.shape)} as {dtype}: {error}"
        ) from None
    t._counter = self._counter
    set_layout(t, t._array, Layout(t._array.shape, strides, offset))
    return t


@public("method")
def view_as(self: Tensor, other: Tensor) -> Tensor:
    """`view` with the shape of `other`."""
    return view(self, other._array.shape)


@public("method")
def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """`reshape` with the shape of `other`."""
    return reshape(self, other._array.shape)


@public("function method")
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dimensions from `start_dim` to `end_dim` merged into one.

    Raises:
        RuntimeError: if `start_dim` comes after `end_dim`.
    """
    x = tensor_argument(input, "flatten")
    shape = x._array.shape
    start, end = dimension(start_dim, len(shape)), dimension(end_dim, len(shape))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not shape:
        return ops.reshape(x, (1,))
    if start == end:
        return x
    return ops.reshape(x, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


@public("function method")
def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """The dimension `dim` split into `sizes`, one of which may be -1.

    Raises:
        RuntimeError: if the product of `sizes` is not the dimension's size, or there is no dimension.
    """
    split = int_tuple(sizes, "unflatten", "sizes")
    shape = input._array.shape
    d = dimension(dim, len(shape))
    if not shape:
        raise RuntimeError("unflatten: expected a tensor with at least one dimension, but got one without dimensions")
    try:
        parts = _whole(split, shape[d])
    except RuntimeError:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(split)} don't multiply up to the size of dim {d} ({shape[d]}) "
            "in the input tensor"
        ) from None
    return ops.reshape(input, (*shape[:d], *parts, *shape[d + 1 :]))


@public("function method")
def ravel(input: Tensor) -> Tensor:
    """All dimensions merged into one: a view if the tensor is contiguous, else a copy."""
    return reshape(contiguous(tensor_argument(input, "ravel")), (-1,))


@public("function method inplace", view=True)
def squeeze(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """A view without the dimensions of size 1. If `dim` is given, only the dimensions in it are left out."""
    x = tensor_argument(input, "squeeze")
    shape = x._array.shape
    candidates = (
        range(len(shape))
        if dim is None
        else ()
        if isinstance(dim, Sequence) and not dim
        else dimensions(dim, len(shape))
    )
    return ops.squeeze(x, tuple(d for d in candidates if shape[d] == 1))


@public("function method inplace", view=True)
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A view with a dimension of size 1 inserted at `dim`."""
    x = tensor_argument(input, "unsqueeze")
    return ops.unsqueeze(x, dimension(dim, x._array.ndim + 1))


@public("function method inplace", also="swapdims", view=True)
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """A view with two dimensions exchanged."""
    x = tensor_argument(input, "transpose")
    n = x._array.ndim
    a, b = dimension(dim0, n), dimension(dim1, n)
    dims = list(range(n))
    if n:
        dims[a], dims[b] = b, a
    return ops.permute(x, tuple(dims))


@public("function method inplace", view=True)
def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """`transpose`, as NumPy calls it."""
    return transpose(input, axis0, axis1)


@public("function method inplace", view=True)
def t(input: Tensor) -> Tensor:
    """A view of a matrix with rows and columns exchanged; a vector unchanged.

    Raises:
        RuntimeError: for more than two dimensions.
    """
    if input._array.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input._array.ndim}D")
    return ops.permute(input, tuple(reversed(range(input._array.ndim))))


@public("function method", varargs="dims")
def permute(input: Tensor, dims: Sequence[int]) -> Tensor:
    """A view whose dimension i is dimension ``dims[i]``.

    Raises:
        RuntimeError: if `dims` is not a permutation.
    """
    n = tensor_argument(input, "permute")._array.ndim
    order = int_tuple(dims, "permute", "dims")
    if len(order) != n:
        raise RuntimeError(
            "permute: number of dimensions in the tensor input does not match the length of the desired ordering of "
            f"dimensions i.e. input.dim() = {n} is not equal to len(dims) = {len(order)}"
        )
    order = tuple(dimension(d, n) for d in order)
    if len(set(order)) != n:
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return ops.permute(input, order)


@public("function method", also="moveaxis")
def movedim(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """A view with dimensions `source` moved to positions `destination`; the others keep their order.

    Raises:
        RuntimeError: if the numbers of `source` and `destination` differ, or a dimension is given twice.
    """
    n = tensor_argument(input, "movedim")._array.ndim
    if isinstance(source, Sequence) != isinstance(destination, Sequence):
        raise TypeError(
            "movedim(): expected two integers or two tuples of integers as source and destination, but got "
            f"{type(source).__name__} and {type(destination).__name__}"
        )
    sources = [dimension(d, n) for d in (source if isinstance(source, Sequence) else (source,))]
    targets = [dimension(d, n) for d in (destination if isinstance(destination, Sequence) else (destination,))]
    if len(sources) != len(targets):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({sources} dims) should contain the same number of "
            f"dims as destination ({targets} dims)"
        )
    if len(set(sources)) != len(sources) or len(set(targets)) != len(targets):
        raise RuntimeError(f"movedim: repeated dim in `source` ({sources}) or `destination` ({targets})")
    if not n:
        return ops.alias(input)
    order = [d for d in range(n) if d not in sources]
    for target, d in sorted(zip(targets, sources, strict=True)):
        order.insert(target, d)
    return ops.permute(input, tuple(order))


@public("method")
def unfold(self: Tensor, dimension: int, size: int, step: int) -> Tensor:  # torch's names
    """A view of all windows of `size` elements, `step` apart, along a dimension; the last dimension is a window's.

    Raises:
        RuntimeError: if the window is larger than the dimension, `size` is negative, or `step` is not positive.
    """
    x = ops.reshape(self, (1,)) if self._array.ndim == 0 else self
    d = arguments.dimension(dimension, x._array.ndim)
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if size > x._array.shape[d]:
        raise RuntimeError(f"maximum size for tensor at dimension {d} is {x._array.shape[d]} but size is {size}")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    windows = ops.unfold(x, d, size, step)
    return windows if self._array.ndim else ops.select(windows, (0,))  # without dimensions: the window


@public("function method", varargs="dims")
def flip(input: Tensor, dims: Sequence[int]) -> Tensor:
    """A copy with the order along `dims` reversed."""
    n = tensor_argument(input, "flip")._array.ndim
    given = int_tuple(dims, "flip", "dims")
    return ops.flip(input, dimensions(given, n) if given else ())


@public("function method")
def roll(input: Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] = ()) -> Tensor:
    """The elements shifted by `shifts` positions along `dims`, elements shifted beyond the end come in at the start.

    Without `dims`, the flattened tensor is shifted.


    Raises:
        RuntimeError: if the numbers of shifts and dimensions differ.
    """
    moves = tuple(shifts) if isinstance(shifts, Sequence) else (integer(shifts, "roll", "shifts"),)
    if dims is None or (isinstance(dims, Sequence) and not dims):
        if len(moves) != 1:
            raise RuntimeError(f"shifts and dimensions must align. shifts: {len(moves)}, dims:0")
        return ops.reshape_result(ops.roll(reshape(input, (-1,)), moves, (0,)), input._array.shape)
    places = tuple(dims) if isinstance(dims, Sequence) else (dims,)
    if len(places) != len(moves):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(moves)}, dims:{len(places)}")
    if not input._array.size:
        return clone(input)
    if not input._array.ndim:
        raise IndexError(f"Dimension specified as {places[0]} but tensor has no dimensions")
    return ops.roll(input, moves, tuple(dimension(d, input._array.ndim) for d in places))


@public("function method")
def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy. It is recorded, so gradients reach `input`."""
    return ops.clone(tensor_argument(input, "clone"))


@public("method")
def contiguous(self: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor itself if it is contiguous (in row-major order without gaps), else a contiguous copy."""
    return self if self._array.flags.c_contiguous else ops.contiguous(self)


@public("method", varargs="size")
def resize_(self: Tensor, size: Sequence[int], *, memory_format: Any = None) -> Tensor:
    """Another shape in place, in row-major order. The elements stay in their places in memory.

    If there is not enough memory, the tensor gets its own; in torch other tensors on the same memory go on sharing it.

    Raises:
        RuntimeError: for a tensor in a graph.
    """
    if requires_grad(self):
        raise RuntimeError("cannot resize variables that require grad")
    shape, writes = new_shape(size, "resize_"), self._counter[0]
    if shape != self._array.shape:
        resize(self, shape)
        self._counter[0] = writes + 1  # torch counts it as a write
    return self
