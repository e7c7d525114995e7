"""Joining tensors (copies), and splitting them (views)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from minitorch import dtypes
from minitorch.autograd.graph import Variable
from minitorch.functions.arguments import check_elements, dimension, int_tuple, integer
from minitorch.functions.public import public
from minitorch.functions.shape import reshape
from minitorch.ops import shape as ops
from minitorch.ops.promotion import convert

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def _tensors(tensors: Any, name: str) -> list[Tensor]:
    if isinstance(tensors, Variable) or not isinstance(tensors, Sequence):
        raise TypeError(
            f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {type(tensors).__name__}"
        )
    found = list(tensors)
    if not found:
        # as in torch: ValueError for cat, RuntimeError for the others
        error = ValueError if name == "torch.cat()" else RuntimeError
        raise error(f"{name}: expected a non-empty list of Tensors")
    check_elements(found, 0)
    d = found[0]._array.dtype
    if len({x._array.dtype for x in found}) > 1:
        common = dtypes.of(d)
        for x in found:
            common = dtypes.promote_types(common, dtypes.of(x._array.dtype))
        found = [convert(x, common) for x in found]
    return found


@public("function out", also="concat concatenate")
def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors concatenated along `dim`, in their common dtype. Empty vectors are left out.

    Raises:
        RuntimeError: if their other sizes differ.
    """
    found = _tensors(tensors, "torch.cat()")
    if all(x._array.shape == (0,) for x in found):
        return ops.cat(0, *found)  # torch does not check `dim` in this case
    used = found if all(x._array.ndim == 1 for x in found) else [x for x in found if x._array.shape != (0,)]
    n = used[0]._array.ndim
    if n == 0:
        raise RuntimeError("zero-dimensional tensor (at position 0) cannot be concatenated")
    d = dimension(dim, n)
    for i, x in enumerate(used):
        if x._array.ndim != n:
            raise RuntimeError(f"Tensors must have same number of dimensions: got {n} and {x._array.ndim}")
        for k in range(n):
            if k != d and x._array.shape[k] != used[0]._array.shape[k]:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {d}. Expected size {used[0]._array.shape[k]} "
                    f"but got size {x._array.shape[k]} for tensor number {i} in the list."
                )
    return ops.cat(d, *found)


@public("function out")
def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors, all of one shape, joined along a new dimension `dim`.

    Raises:
        RuntimeError: if their shapes differ.
    """
    found = _tensors(tensors, "stack")
    shapes = [x._array.shape for x in found]
    if shapes.count(shapes[0]) < len(shapes):
        i, other = next((i, shape) for i, shape in enumerate(shapes) if shape != shapes[0])
        raise RuntimeError(
            f"stack expects each tensor to be equal size, but got {list(shapes[0])} at entry 0 "
            f"and {list(other)} at entry {i}"
        )
    return ops.stack(dimension(dim, found[0]._array.ndim + 1), *found)


@public("function out")
def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """The tensors concatenated along dimension 1, vectors along dimension 0."""
    found = [reshape(x, (1,)) if x._array.ndim == 0 else x for x in _tensors(tensors, "hstack")]
    return cat(found, 0 if found[0]._array.ndim == 1 else 1)


@public("function out", also="row_stack")
def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """The tensors concatenated along dimension 0, vectors as rows."""
    return cat([reshape(x, (1, -1)) if x._array.ndim < 2 else x for x in _tensors(tensors, "vstack")], 0)


@public("function method")
def narrow(input: Tensor, dim: int, start: int | Tensor, length: int) -> Tensor:
    """A view of `length` elements along `dim` from `start` on.

    Raises:
        RuntimeError: if start + length exceeds the size of the dimension.
    """
    shape = input._array.shape
    if not shape:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    d, first = dimension(dim, len(shape)), int(start)
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if not -shape[d] <= first <= shape[d]:
        raise IndexError(f"start out of range (expected to be in range of [{-shape[d]}, {shape[d]}], but got {first})")
    first += shape[d] if first < 0 else 0
    if first + length > shape[d]:
        raise RuntimeError(f"start ({first}) + length ({length}) exceeds dimension size ({shape[d]}).")
    return ops.select(input, (slice(None),) * d + (slice(first, first + length),))


@public("function")  # the method names the second parameter `split_size`
def split(tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Views along `dim`, all of one size (the last may be smaller), or of the sizes in a list.

    Raises:
        RuntimeError: if the sizes do not sum to the dimension's size.
    """
    given: Any = split_size_or_sections
    if isinstance(given, Sequence):
        split_size_or_sections = int_tuple(given, "split_with_sizes", "split_sizes")
    else:
        split_size_or_sections = integer(given, "split", "split_size")
    shape = tensor._array.shape
    if not shape:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    d = dimension(dim, len(shape))
    if isinstance(split_size_or_sections, int):
        step = split_size_or_sections
        if step < 0 or (step == 0 and shape[d]):
            raise RuntimeError(
                f"split expects split_size be non-negative, but got split_size={step}"
                if step < 0
                else "split_size can only be 0 if dimension size is 0"
            )
        sections = [min(step, shape[d] - start) for start in range(0, shape[d], step)] if shape[d] else [0]
    else:
        sections = [int(n) for n in split_size_or_sections]
        if sum(sections) != shape[d] or min(sections, default=0) < 0:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {shape[d]} (input tensor's size at dimension "
                f"{d}), but got split_sizes={sections}"
            )
    ends = [0, *accumulate(sections)]
    before = (slice(None),) * d
    return tuple([ops.select(tensor, (*before, slice(start, end))) for start, end in pairwise(ends)])


@public("function method")
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` views along `dim`, all of one size (the last may be smaller).

    Raises:
        RuntimeError: if `chunks` is not positive.
    """
    chunks = integer(chunks, "chunk", "chunks")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    if input._array.ndim == 0:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    n = input._array.shape[dimension(dim, input._array.ndim)]
    return split(input, -(-n // chunks), dim) if n else split(input, [0] * chunks, dim)


@public("function method")
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """Views of the slices along `dim`, without that dimension."""
    return tuple(select(input, dim, i) for i in range(input._array.shape[dimension(dim, input._array.ndim)]))


@public("function method")
def select(input: Tensor, dim: int, index: int | Tensor) -> Tensor:
    """A view of slice number `index` along `dim`, without that dimension.

    Raises:
        IndexError: if `index` is out of range.
    """
    shape = input._array.shape
    if not shape:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    d, i = dimension(dim, len(shape)), integer(index, "select", "index")
    if not -shape[d] <= i < shape[d]:
        raise IndexError(f"select(): index {i} out of range for tensor of size {list(shape)} at dimension {d}")
    return ops.select(input, (slice(None),) * d + (i,))
