"""Reductions to sums, means, products and truth values; cumulative sums and products; norms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minitorch import dtypes
from minitorch.autograd.graph import this_thread
from minitorch.autograd.views import requires_grad
from minitorch.dtypes import dtype
from minitorch.functions.arguments import dimension, dimensions, numpy_dtype, tensor_argument
from minitorch.functions.public import public
from minitorch.ops import elementwise as ew, reduction as ops
from minitorch.user_warnings import warn_user

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def _summable(input: Tensor, dtype: dtype | None) -> tuple[Tensor, Any]:
    """`input` and the NumPy dtype in which to sum: `dtype`, or by default int64 for integers and booleans."""
    if dtype is not None:
        wanted = numpy_dtype(dtype)
        if wanted.kind != "f" and requires_grad(input) and this_thread.grad_enabled:
            raise RuntimeError(
                f"Autograd not support dtype: {dtype}: detach() the tensor, or convert it with .to(dtype)"
            )
        return input.to(dtype), wanted
    d = input._array.dtype
    return input, d if d.kind == "f" else dtypes.int64.numpy


@public("function method out")
def sum(
    input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, dtype: dtype | None = None
) -> Tensor:
    """The sum over the dimensions `dim` (a number, several, or None for all); int64 for integers and booleans."""
    x, d = tensor_argument(input, "sum"), input._array.dtype
    if dtype is not None or d.kind != "f":
        x, d = _summable(input, dtype)
    return ops.sum(x, dimensions(dim, x._array.ndim), keepdim, d)


@public("function method out")
def nansum(
    input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, dtype: dtype | None = None
) -> Tensor:
    """Like `sum`, but NaN counts as 0."""
    if tensor_argument(input, "nansum")._array.dtype.kind == "f":
        input = ew.where(ew.isnan(input), 0.0, input)
    return sum(input, dim, keepdim, dtype=dtype)


def _floating(name: str, input: Tensor, dtype: dtype | None) -> Tensor:
    if dtype is not None:
        input = input.to(dtype)
    if tensor_argument(input, name)._array.dtype.kind != "f":
        raise RuntimeError(
            f"{name}(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {dtypes.of(input._array.dtype)}"
        )
    return input


@public("function method out")
def mean(
    input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, dtype: dtype | None = None
) -> Tensor:
    """The mean over the dimensions `dim`.

    Raises:
        RuntimeError: for integers and booleans.
    """
    x = _floating("mean", input, dtype)
    return ops.mean(x, dimensions(dim, x._array.ndim), keepdim)


def _deviation(op: Any, name: str, input: Tensor, dim: Any, unbiased: Any, correction: Any, keepdim: bool) -> Tensor:
    if isinstance(dim, bool):  # var(unbiased)
        dim, unbiased = None, dim
    if unbiased is not None and correction is not None:
        raise TypeError(f"{name}(): expected `unbiased` or `correction`, but got both; `unbiased` is correction=1 or 0")
    if tensor_argument(input, name)._array.dtype.kind != "f":
        raise RuntimeError(f"{name} and std support tensors of floating point dtypes only, but got {input.dtype}")
    free = correction if correction is not None else 1 if unbiased is None or unbiased else 0
    dims = dimensions(dim, input._array.ndim)
    if dim is None or not input._array.ndim:
        op = ops.var_of_all if op is ops.var else ops.std_of_all
    if (math.prod(input._array.shape[d] for d in dims) if input._array.size else 0) <= free:
        warn_user(
            f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor "
            "(input numel divided by output numel)."
        )
    return op(input, dims, keepdim, free)


@public("function method out")
def var(
    input: Tensor,
    dim: int | Sequence[int] | None = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """The variance over the dimensions `dim`, with n - correction (default 1) in the denominator."""
    return _deviation(ops.var, "var", input, dim, unbiased, correction, keepdim)


@public("function method out")
def std(
    input: Tensor,
    dim: int | Sequence[int] | None = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """The square root of `var`."""
    return _deviation(ops.std, "std", input, dim, unbiased, correction, keepdim)


@public("function")
def var_mean(
    input: Tensor,
    dim: int | Sequence[int] | None = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """Variance and mean over the dimensions `dim`."""
    over = None if isinstance(dim, bool) else dim
    spread = _deviation(ops.var, "var_mean", input, dim, unbiased, correction, keepdim)
    return spread, mean(input, over, keepdim)


@public("function")
def std_mean(
    input: Tensor,
    dim: int | Sequence[int] | None = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """Standard deviation and mean over the dimensions `dim`."""
    over = None if isinstance(dim, bool) else dim
    spread = _deviation(ops.std, "std_mean", input, dim, unbiased, correction, keepdim)
    return spread, mean(input, over, keepdim)


@public("function method out")
def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """The product over the dimension `dim`, or over all elements; int64 for integers and booleans."""
    if isinstance(dim, tuple | list):
        raise TypeError(f"prod(): argument 'dim' must be int, not {type(dim).__name__}")
    x, d = _summable(tensor_argument(input, "prod"), dtype)
    return ops.prod(x, dimensions(dim, x._array.ndim), keepdim, d)


def _dimensions_or_none(dim: Any, ndim: int) -> tuple[int, ...]:
    """`dimensions`, but an empty sequence means none."""
    return () if isinstance(dim, Sequence) and not len(dim) else dimensions(dim, ndim)


@public("function method out")
def all(input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """Whether no element over the dimensions `dim` is 0 (uint8 for uint8, else bool); for ``()``, each itself."""
    out = ops.all(tensor_argument(input, "all"), _dimensions_or_none(dim, input._array.ndim), keepdim)
    return out.to(dtypes.uint8) if input._array.dtype == "uint8" else out


@public("function method out")
def any(input: Tensor, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> Tensor:
    """Whether some element over the dimensions `dim` is not 0 (uint8 for uint8, else bool); for ``()``, each itself."""
    out = ops.any(tensor_argument(input, "any"), _dimensions_or_none(dim, input._array.ndim), keepdim)
    return out.to(dtypes.uint8) if input._array.dtype == "uint8" else out


@public("function method", varargs="dim")
def count_nonzero(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """How many elements over the dimensions `dim` are not 0 (int64)."""
    return ops.count_nonzero(input, dimensions(dim, input._array.ndim))


@public("function method out")
def logsumexp(input: Tensor, dim: int | Sequence[int], keepdim: bool = False) -> Tensor:
    """ln Σ exp(input) over the dimensions `dim`, without overflow."""
    if dim is None:
        raise TypeError("logsumexp(): argument 'dim' must be int or a sequence of ints, not NoneType")
    return ops.logsumexp(input, dimensions(dim, input._array.ndim), keepdim)


@public("function method inplace out")
def cumsum(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """For each element, the sum of the elements up to and including it along `dim`; int64 for integers and booleans."""
    x, d = _summable(input, dtype)
    along = dimension(dim, x._array.ndim)
    return ops.cumsum(x, along, d) if x._array.ndim else x.to(dtypes.of(d)).clone()


@public("function method inplace out")
def cumprod(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """For each element, the product of those up to and including it along `dim`; int64 for integers and booleans."""
    x, d = _summable(input, dtype)
    along = dimension(dim, x._array.ndim)
    return ops.cumprod(x, along, d) if x._array.ndim else x.to(dtypes.of(d)).clone()


def vector_norm(
    x: Tensor,
    ord: float = 2,
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
) -> Tensor:
    """(Σ |x|ᵒʳᵈ)^(1/ord) over the dimensions `dim`.

    Raises:
        RuntimeError: for integers and booleans; for a `dtype` that is narrower than the tensor's; and over no elements,
            if `ord` is negative or infinite.
    """
    if x._array.dtype.kind != "f":
        raise RuntimeError(f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {x.dtype}")
    if dtype is not None and (not dtype.is_floating_point or dtype.itemsize < x.dtype.itemsize):
        raise RuntimeError(
            f"linalg.vector_norm: the dtype of the input ({x.dtype}) should be convertible without narrowing to the "
            f"specified dtype ({dtype})"
        )
    x = x if dtype is None else x.to(dtype)
    dims = dimensions(dim, x._array.ndim)
    if (ord < 0 or ord == math.inf) and 0 in [x._array.shape[d] for d in dims]:
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {ord:g} norm of no elements because the operation does not have an "
            f"identity: expected a size of at least 1 in every dimension to reduce, but got {list(x._array.shape)}"
        )
    return ops.norm(x, float(ord), dims, keepdim)


@public("function method out")
def norm(
    input: Tensor,
    p: float | str | None = "fro",
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    dtype: dtype | None = None,
) -> Tensor:
    """The vector norm over `dim` (None: all dimensions); "fro" is the 2-norm.

    Raises:
        RuntimeError: for "nuc", which needs a singular value decomposition, or an unknown word; for "fro" over more
            than two dimensions, because it is a norm of matrices.
    """
    if isinstance(p, str) and p != "fro":
        raise RuntimeError(f"norm: expected p to be a number or 'fro', but got {p!r}")
    if p == "fro" and isinstance(dim, tuple | list) and len(dim) > 2:
        raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {' '.join(map(str, dim))}; use p=2")
    return vector_norm(input, 2 if p is None or isinstance(p, str) else p, dim, keepdim, dtype=dtype)
