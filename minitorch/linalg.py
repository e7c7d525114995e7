"""The part of ``torch.linalg`` that minitorch has: norms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from minitorch.dtypes import dtype
from minitorch.functions import reduction
from minitorch.functions.variants import out_variant, with_numpy_names

if TYPE_CHECKING:
    from minitorch._tensor import Tensor

__all__ = ["norm", "vector_norm"]


@overload
def vector_norm(
    x: Tensor,
    ord: float = 2,
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
) -> Tensor: ...


@overload
def vector_norm(
    x: Tensor,
    ord: float = 2,
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor,
) -> Tensor: ...


@out_variant
@with_numpy_names
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
        RuntimeError: for integers and booleans.
    """
    return reduction.vector_norm(x, ord, dim, keepdim, dtype=dtype)


@overload
def norm(
    A: Tensor,
    ord: float | str | None = None,
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
) -> Tensor: ...


@overload
def norm(
    A: Tensor,
    ord: float | str | None = None,
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor,
) -> Tensor: ...


@out_variant
@with_numpy_names
def norm(
    A: Tensor,
    ord: float | str | None = None,
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
) -> Tensor:
    """The vector norm over `dim`; with `ord` 1, -1, inf, -inf or "fro" and two dimensions a matrix norm.

    Raises:
        RuntimeError: for norms that need singular values.
    """
    x = A if dtype is None else A.to(dtype)
    dims: Any = dim if isinstance(dim, tuple | list) else None if dim is None else (dim,)
    matrix = ord is not None and (len(dims) == 2 if dims is not None else A.ndim == 2)
    if ord is None or ord == "fro":
        return vector_norm(x, 2, dim, keepdim)
    if not matrix and not isinstance(ord, str):
        return vector_norm(x, ord, dim, keepdim)
    if isinstance(ord, str) or abs(ord) not in (1, float("inf")):
        raise RuntimeError(
            f"linalg.norm: a matrix norm of order {ord} needs singular values, which minitorch does not compute"
        )
    rows, columns = dims if dims is not None else (0, 1)
    over, rest = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = x.abs().sum(over, keepdim=True)
    out = sums.amax(rest, keepdim=True) if ord > 0 else sums.amin(rest, keepdim=True)
    return out if keepdim else out.squeeze((rows, columns))
