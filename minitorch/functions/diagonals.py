"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minitorch.functions.arguments import dimension, integer, tensor_argument
from minitorch.functions.public import public
from minitorch.ops import shape as ops

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


@public("function method")
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A view of the elements (i, i + offset) of the planes (dim1, dim2), as the last dimension.

    Raises:
        RuntimeError: if the dimensions are the same.
    """
    a, b = dimension(dim1, input._array.ndim), dimension(dim2, input._array.ndim)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return ops.diagonal(input, integer(offset, "diagonal", "offset"), a, b)


@public("function method out")
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The diagonal of a matrix (a copy), or a square matrix with a vector on its diagonal.

    Raises:
        RuntimeError: for other numbers of dimensions.
    """
    if input._array.ndim == 2:
        return ops.clone(ops.diagonal(input, diagonal, 0, 1))
    if input._array.ndim != 1:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input._array.ndim}D")
    n = input._array.shape[0] + abs(diagonal)
    return ops.diagonal_grad(input, (n, n), diagonal, 0, 1)


@public("function method")
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Square matrices in the dimensions (dim1, dim2) with the vectors of the last dimension on their diagonals."""
    n = input._array.shape[-1] + abs(offset)
    a, b = dimension(dim1, input._array.ndim + 1), dimension(dim2, input._array.ndim + 1)
    shape = list(input._array.shape[:-1])
    for d in sorted((a, b)):
        shape.insert(d, n)
    return ops.diagonal_grad(input, tuple(shape), offset, a, b)


def _triangle(op: Any, name: str, input: Tensor, diagonal: int) -> Tensor:
    if tensor_argument(input, name)._array.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")
    return op(input, integer(diagonal, name, "diagonal"))


@public("function method inplace out")
def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrices of the last two dimensions, zero above the diagonal number `diagonal`."""
    return _triangle(ops.tril, "tril", input, diagonal)


@public("function method inplace out")
def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrices of the last two dimensions, zero below the diagonal number `diagonal`."""
    return _triangle(ops.triu, "triu", input, diagonal)
