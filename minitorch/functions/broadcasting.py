"""Broadcasting and repeating: views in which one element occurs several times, and copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from minitorch import dtypes
from minitorch._size import Size
from minitorch.autograd.basic import contiguous
from minitorch.autograd.graph import Variable
from minitorch.autograd.mixed_devices import check_same_device
from minitorch.functions.arguments import check_elements, dimension, int_tuple, integer, tensor_argument
from minitorch.functions.public import public
from minitorch.functions.shape import reshape
from minitorch.ops import shape as ops
from minitorch.user_warnings import warn_user

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


@public("method", varargs="size")
def expand(self: Tensor, size: Sequence[int], *, implicit: bool = False) -> Tensor:
    """A view of shape `size`: new leading dimensions, and dimensions of size 1, repeat the elements; -1 keeps a size.

    Raises:
        RuntimeError: if the tensor's shape does not broadcast to `size`.
    """
    shape = int_tuple(size, "expand")
    own = self._array.shape
    lead = len(shape) - len(own)
    if lead < 0:
        raise RuntimeError(
            f"expand({self.dtype}{list(own)}, size={list(shape)}): the number of sizes provided ({len(shape)}) must be "
            f"greater or equal to the number of dimensions in the tensor ({len(own)})"
        )
    result = []
    for i, n in enumerate(shape):
        old = own[i - lead] if i >= lead else None
        if n == -1:
            if old is None:
                raise RuntimeError(
                    f"The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension {i}"
                )
            n = old
        elif old is not None and old != 1 and old != n:
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({old}) at non-singleton "
                f"dimension {i}. Target sizes: {list(shape)}. Tensor sizes: {list(own)}"
            )
        result.append(n)
    return ops.expand(self, tuple(result))


@public("method")
def expand_as(self: Tensor, other: Tensor) -> Tensor:
    """`expand` to the shape of `other`."""
    return expand(self, other._array.shape)


@public("function method", varargs="size")
def broadcast_to(input: Tensor, size: Sequence[int]) -> Tensor:
    """`expand` as a function."""
    return expand(tensor_argument(input, "broadcast_to"), size)


@public("function")
def broadcast_shapes(*shapes: int | Sequence[int]) -> Size:
    """The shape to which all of `shapes` broadcast.

    Raises:
        RuntimeError: if there is no such shape.
    """
    whole = [(s,) if isinstance(s, int) else tuple(s) for s in shapes]
    try:
        return Size(np.broadcast_shapes(*whole))
    except ValueError:
        raise RuntimeError(
            f"Shape mismatch: objects cannot be broadcast to a single shape: {', '.join(str(list(s)) for s in whole)}"
        ) from None


@public("function")
def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The tensors, expanded to their common shape."""
    shape = broadcast_shapes(*[x._array.shape for x in tensors])
    return tuple(x if x._array.shape == shape else expand(x, shape) for x in tensors)


@public("method", varargs="repeats")
def repeat(self: Tensor, repeats: Sequence[int]) -> Tensor:
    """A copy of the tensor repeated ``repeats[i]`` times along dimension i; extra repeats add leading dimensions.

    Raises:
        RuntimeError: if there are fewer repeats than dimensions.
    """
    counts = int_tuple(repeats, "repeat", "repeats")
    lead = len(counts) - self._array.ndim
    if lead < 0:
        raise RuntimeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    if any(n < 0 for n in counts):
        raise RuntimeError(f"Trying to create tensor with negative dimension: repeats {list(counts)}")
    return ops.repeat(ops.reshape(self, (1,) * lead + self._array.shape), counts)


@public("function method", varargs="dims")
def tile(input: Tensor, dims: Sequence[int]) -> Tensor:
    """`repeat`, where `dims` may have fewer entries than the tensor has dimensions: missing leading ones are 1."""
    counts = int_tuple(dims, "tile", "dims")
    return repeat(tensor_argument(input, "tile"), (1,) * (input._array.ndim - len(counts)) + counts)


@overload
def repeat_interleave(repeats: Tensor, *, output_size: int | None = None) -> Tensor: ...
@overload
def repeat_interleave(
    input: Tensor, repeats: int | Tensor, dim: int | None = None, *, output_size: int | None = None
) -> Tensor: ...
@public("function method")  # type: ignore[misc]  # `repeats` may be the only argument
def repeat_interleave(
    input: Tensor | None = None,
    repeats: int | Tensor | None = None,
    dim: int | None = None,
    *,
    output_size: int | None = None,
) -> Tensor:
    """Each element, or each slice along `dim`, repeated `repeats` times; None: the elements of the flattened tensor.

    Args:
        input: the tensor. If it is the only argument, it is the number of repeats of 0, 1, 2, …
        repeats: a number, or one for each element or slice.
        dim: the dimension, or None.
        output_size: accepted, without effect.

    Raises:
        RuntimeError: if `repeats` is negative or has the wrong length.
        NotImplementedError: if it is a tensor of another dtype than int64 and int32.
    """
    if input is None or repeats is None:
        repeats = tensor_argument(input if repeats is None else repeats, "repeat_interleave", argument="repeats")
        input = repeats.new_tensor(np.arange(repeats._array.size), dtype=dtypes.int64)
    check_same_device("repeat_interleave", input, repeats)
    x = reshape(input, (-1,)) if dim is None else input
    d = 0 if dim is None else dimension(dim, x._array.ndim)
    if isinstance(repeats, Variable) and repeats._array.dtype not in ("int32", "int64"):
        raise NotImplementedError(f"repeat_interleave: repeats of dtype {repeats.dtype} are not implemented; use int64")
    counts = np.asarray(
        repeats.tolist() if isinstance(repeats, Variable) else integer(repeats, "repeat_interleave", "repeats")
    )
    if (counts < 0).any():
        raise RuntimeError("repeats can not be negative")
    if not isinstance(repeats, Variable) and x._array.ndim:
        shape, n = x._array.shape, int(counts)
        repeated = expand(ops.unsqueeze(x, d + 1), (*shape[: d + 1], n, *shape[d + 1 :]))
        return reshape(contiguous(repeated), (*shape[:d], shape[d] * n, *shape[d + 1 :]))
    if counts.ndim and counts.size not in (1, x._array.shape[d]):
        raise RuntimeError("repeats must have the same size as input along dim")
    places = np.repeat(np.arange(x._array.shape[d]), np.asarray(counts, int))  # no counts are no floats
    return x.index_select(d, x.new_tensor(places, dtype=dtypes.int64))


@public("function")
def meshgrid(*tensors: Tensor | Sequence[Tensor], indexing: str | None = None) -> tuple[Tensor, ...]:
    """The coordinates of a grid: from n vectors, n tensors of n dimensions; tensor i varies along dimension i.

    Args:
        tensors: vectors or scalars, one by one or in a sequence.
        indexing: "ij" (default): the first vector varies along rows; "xy": along columns.

    Raises:
        RuntimeError: for an input of more than one dimension, different dtypes or an unknown `indexing`.
    """
    inputs: list[Any] = (
        list(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], list | tuple) else list(tensors)
    )
    check_elements(inputs, 0, "meshgrid")
    if not inputs:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(f"torch.meshgrid: indexing must be one of 'xy' or 'ij', but received: {indexing}")
    if indexing is None:
        warn_user("torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument.")
    for t in inputs:
        if t.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {list(t.shape)}")
    if len({t.dtype for t in inputs}) > 1:
        raise RuntimeError("torch.meshgrid: expected all tensors to have the same dtype; convert them with .to(dtype)")
    check_same_device("meshgrid", *inputs)
    swap = indexing == "xy" and len(inputs) >= 2
    if swap:
        inputs[0], inputs[1] = inputs[1], inputs[0]
    shape = [t.numel() for t in inputs]
    grids = [t.reshape([-1 if i == j else 1 for j in range(len(inputs))]).expand(shape) for i, t in enumerate(inputs)]
    if swap:
        grids[0], grids[1] = grids[1], grids[0]
    return tuple(grids)
