"""Products of matrices and vectors, with torch's shapes and messages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minitorch.autograd.graph import Variable
from minitorch.functions.arguments import dimension, refuse_booleans, tensor_argument
from minitorch.functions.broadcasting import expand
from minitorch.functions.public import public
from minitorch.ops import linear_algebra as ops
from minitorch.ops.elementwise import scale
from minitorch.ops.shape import permute, reshape, reshape_result
from minitorch.scalars import operand_to
from minitorch.types import Number

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def _same_dtype(name: str, *tensors: Tensor) -> None:
    first = tensor_argument(tensors[0], name)
    for i, x in enumerate(tensors):
        if tensor_argument(x, name, i + 1)._array.dtype != first._array.dtype:
            raise RuntimeError(
                f"{name}: expected all tensors to have the same dtype, but got: {first.dtype} and {x.dtype}; "
                "convert one with .to(dtype)"
            )


def check_product(name: str, x: Tensor, y: Tensor) -> None:
    """Check that two tensors have the same dtype, and that it has products unless a tensor is empty.

    Raises:
        RuntimeError: for different dtypes.
        NotImplementedError: for booleans.
    """
    _same_dtype(name, x, y)
    vectors = x._array.ndim == y._array.ndim == 1
    if x._array.dtype.kind == "b" and (vectors or (x._array.size and y._array.size)):
        raise NotImplementedError(f'"{name}" not implemented for torch.bool: convert to a tensor of numbers')


@public("function method out", operator="matmul")
def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The matrix product: of matrices, of a vector and a matrix, of vectors; leading dimensions broadcast.

    Raises:
        RuntimeError: if the inner sizes or the dtypes differ, or a tensor has no dimensions.
        NotImplementedError: for booleans.
    """
    a, b = input._array.shape, other._array.shape
    if not a or not b:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {len(a)}D and {len(b)}D")
    inner = b[0] if len(b) == 1 else b[-2]
    if a[-1] != inner:
        if len(a) == len(b) == 1:
            raise RuntimeError(
                f"inconsistent tensor size, expected tensor {list(a)} and src {list(b)} to have the same number of "
                "elements"
            )
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({_as_matrix(a)} and {_as_matrix(b)})")
    if input._array.dtype is not other._array.dtype or input._array.dtype.kind == "b":
        check_product("matmul", input, other)
    x = reshape(input, (1, *a)) if len(a) == 1 else input
    y = reshape(other, (*b, 1)) if len(b) == 1 else other
    try:
        out = ops.matmul(x, y)
    except ValueError:
        raise RuntimeError(
            f"The size of tensor a {list(a[:-2])} must match the size of tensor b {list(b[:-2])}: "
            "leading dimensions do not broadcast"
        ) from None
    shape = out._array.shape
    if len(a) == 1:
        shape = shape[:-2] + shape[-1:]
    if len(b) == 1:
        shape = shape[:-1]
    return reshape_result(out, shape)


def _as_matrix(shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return f"{shape[0]}"
    return f"{math.prod(shape[:-1])}x{shape[-1]}" if len(shape) > 2 else f"{shape[0]}x{shape[1]}"


def _ranks(name: str, *wanted: tuple[str, Tensor, int]) -> None:
    for argument, x, n in wanted:
        if x._array.ndim != n:
            raise RuntimeError(
                f"{name}: expected {argument} to be {n}D, but got a tensor of shape {list(x._array.shape)}"
            )


@public("function method out")
def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of matrices (n, k) and (k, m)."""
    _ranks("mm", ("self", input, 2), ("mat2", mat2, 2))
    return matmul(input, mat2)


@public("function method out")
def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """The products of the matrices of two batches (b, n, k) and (b, k, m)."""
    _ranks("bmm", ("batch1", input, 3), ("batch2", mat2, 3))
    a, b = input._array.shape, mat2._array.shape
    if a[0] != b[0]:
        raise RuntimeError(f"batch1 and batch2 must have same number of batches, got {a[0]} and {b[0]}")
    if a[2] != b[1]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{a[0]}, {a[2]}] "
            f"but got: [{b[0]}, {b[1]}]."
        )
    return matmul(input, mat2)


@public("function method out")
def mv(input: Tensor, vec: Tensor) -> Tensor:
    """The product of a matrix (n, k) and a vector (k)."""
    _ranks("mv", ("self", input, 2), ("vec", vec, 1))
    return matmul(input, vec)


@public("function method out")
def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """Σ input · tensor of two vectors of one length."""
    if input._array.ndim != 1 or tensor._array.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {input._array.ndim}D and {tensor._array.ndim}D tensors")
    return matmul(input, tensor)


@public("function method out", also="ger")
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """The products (n, m) of the elements of two vectors (n) and (m)."""
    _ranks("outer", ("self", input, 1), ("vec2", vec2, 1))
    return reshape(input, (-1 if input._array.size else 0, 1)) * vec2


@public("function method out")
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """beta · input + alpha · mat1 mat2."""
    _same_dtype("addmm", input, mat1, mat2)
    return _blend(input, mm(mat1, mat2), beta, alpha)


@public("function method out")
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """beta · input + alpha · batch1 batch2, for batches of matrices."""
    _same_dtype("baddbmm", input, batch1, batch2)
    return _blend(input, bmm(batch1, batch2), beta, alpha)


def _blend(input: Tensor, product: Tensor, beta: Any, alpha: Any) -> Tensor:
    """beta · input + alpha · product, `input` expanded; for integers, the factors are truncated."""
    beta, alpha = (operand_to(factor, product._array.dtype) for factor in (beta, alpha))
    product = product if alpha == 1 else scale(product, alpha)
    if beta == 0:
        return product  # then NaN and infinities in `input` do not matter
    x = expand(input, product._array.shape)
    return (x if beta == 1 else scale(x, beta)) + product


@public("function method")
def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal of a matrix.

    Raises:
        RuntimeError: if the tensor is no matrix.
        NotImplementedError: for booleans.
    """
    _ranks("trace", ("input", input, 2))
    refuse_booleans("trace", input)
    return input.diagonal().sum()


@public("function out")
def tensordot(a: Tensor, b: Tensor, dims: int | Tensor | Sequence[Sequence[int]] = 2) -> Tensor:
    """The sum of products over pairs of dimensions: the last `dims` of `a`, the first of `b`; or two lists.

    A dimension of size 1 broadcasts with the one that it is paired with.

    Raises:
        RuntimeError: if paired dimensions differ in size, and neither is 1.
    """
    if isinstance(dims, Variable):
        dims = dims.tolist()
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(a._array.ndim, b._array.ndim):
            raise RuntimeError(
                f"tensordot expects dims of at most {min(a._array.ndim, b._array.ndim)}, as both tensors have them, "
                f"but got dims={dims}"
            )
        dims = (list(range(a._array.ndim - dims, a._array.ndim)), list(range(dims)))
    if len(dims[0]) != len(dims[1]):
        raise RuntimeError("both dimension lists should have same length")
    left = [dimension(d, a._array.ndim) for d in dims[0]]
    right = [dimension(d, b._array.ndim) for d in dims[1]]
    for i, j in zip(left, right, strict=True):
        m, n = a._array.shape[i], b._array.shape[j]
        if n == 1 != m:
            a = a.sum(i, True, dtype=a.dtype)
        elif m == 1 != n:
            b = b.sum(j, True, dtype=b.dtype)
        elif m != n:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {m} in dim {i} "
                f"and second has size {n} in dim {j}"
            )
    sa, sb = a._array.shape, b._array.shape
    rest_a = [d for d in range(len(sa)) if d not in left]
    rest_b = [d for d in range(len(sb)) if d not in right]
    inner = math.prod(sa[i] for i in left)
    x = reshape(permute(a, (*rest_a, *left)), (math.prod(sa[d] for d in rest_a), inner))
    y = reshape(permute(b, (*right, *rest_b)), (inner, math.prod(sb[d] for d in rest_b)))
    _same_dtype("tensordot", a, b)
    return reshape(ops.matmul(x, y), tuple(sa[d] for d in rest_a) + tuple(sb[d] for d in rest_b))
