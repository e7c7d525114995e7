"""Embedding: the rows of a table by their index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import kernels
from minitorch._variable import Variable
from minitorch.autograd.inplace import watch
from minitorch.autograd.mixed_devices import check_same_device
from minitorch.functions.arguments import index_out_of_range
from minitorch.ops.embedding import embedding as rows

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of `weight` whose numbers are in `input`.

    Args:
        input: row numbers, of any shape (…), int64 or int32.
        weight: the table, (V, D).
        padding_idx: the number of a row that gets no gradient; negative numbers count from the end.
        max_norm: used rows with a larger norm are first scaled down to this norm, in place.
        norm_type: the p of this norm.
        scale_grad_by_freq: whether to divide the gradient of a row by how often it occurs in `input`.
        sparse: must be False: minitorch has no sparse tensors.

    Returns:
        (…, D).

    Raises:
        IndexError: if a row number is out of range.
        RuntimeError: for other dtypes, or if `weight` is not a matrix.
        AssertionError: if `padding_idx` is not a row number.
    """
    if not isinstance(input, Variable) or not isinstance(weight, Variable):
        wrong = type(weight if isinstance(input, Variable) else input).__name__
        raise TypeError(f"embedding(): argument 'indices' (position 2) must be Tensor, not {wrong}")
    check_same_device("embedding", input, weight)
    index = input._array
    if index.dtype not in ("int64", "int32"):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            f"{input.dtype} instead; convert it with .long()"
        )
    if weight._array.ndim != 2:
        raise RuntimeError(f"'weight' must be 2-D, but got {list(weight._array.shape)}")
    if sparse:
        raise NotImplementedError("embedding: sparse=True is not supported, there are no sparse tensors; leave it out")
    count = weight._array.shape[0]
    if padding_idx is not None:
        if not -count <= padding_idx < count:
            raise AssertionError(f"Padding_idx must be within num_embeddings, but got {padding_idx} with {count} rows")
        padding_idx %= count
    worst = index_out_of_range(index, 0, count)
    if worst is not None:
        raise IndexError(f"index out of range in self: expected numbers from 0 to {count - 1}, but got {worst}")
    if max_norm is not None:
        with kernels.on_device_of(index):
            _limit(weight, index, max_norm, norm_type)
    with kernels.on_device_of(index):
        return watch(rows(weight, index, _factor(weight._array, index, padding_idx, scale_grad_by_freq)), input)


def _factor(table: Any, index: Any, padding_idx: int | None, by_frequency: bool) -> Any:
    """The factor of the gradient of each looked-up row, (…, 1); None means 1."""
    if padding_idx is None and not by_frequency:
        return None
    xp = kernels.namespace(index)
    factor = xp.ones(index.shape, table.dtype)
    if by_frequency:
        factor /= xp.bincount(index.reshape(-1), minlength=table.shape[0])[index].astype(table.dtype)
    if padding_idx is not None:
        factor *= index != padding_idx  # not by writing at a mask: that would wait for the GPU
    return factor[..., None]


def _limit(weight: Any, index: Any, max_norm: float, norm_type: float) -> None:
    """Scale the rows in `index` down to the norm `max_norm`, in place."""
    xp = kernels.namespace(index)
    named = xp.unique(index)
    found = weight._array[named]
    norms = kernels.vector_norm(found, float(norm_type), (1,), True)
    scale = xp.where(norms > max_norm, max_norm / (norms + 1e-7), xp.ones_like(norms))
    weight._array[named] = found * scale.astype(found.dtype)
    weight._counter[0] += 1
