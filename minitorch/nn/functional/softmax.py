"""Softmax and its logarithm."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from minitorch.dtypes import dtype
from minitorch.functions import softmax as functions
from minitorch.functions.arguments import tensor_argument

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: dtype | None = None) -> Tensor:
    """exp(input) / Σ exp(input) along `dim`.

    Args:
        input: any shape, floating point unless `dtype` is given.
        dim: None (deprecated) means 0 for 0, 1 or 3 dimensions, else 1, as in early versions of torch.
        dtype: the dtype to which `input` is converted first.

    Raises:
        IndexError: if there is no such dimension.
        NotImplementedError: for integers.
    """
    return functions.softmax(input, _dim(dim, "softmax", input, _stacklevel), dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: dtype | None = None) -> Tensor:
    """ln softmax(input) along `dim`, computed without overflow. Arguments and errors as for `softmax`."""
    return functions.log_softmax(input, _dim(dim, "log_softmax", input, _stacklevel), dtype)


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: dtype | None = None) -> Tensor:
    """softmax(−input) along `dim`. Arguments and errors as for `softmax`."""
    return functions.softmax(-input, _dim(dim, "softmin", input, _stacklevel), dtype)


def _dim(dim: int | None, name: str, input: Tensor, stacklevel: int) -> int:
    """`dim`; for None, warn and use the choice of early versions of torch."""
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=stacklevel,
    )
    return 0 if tensor_argument(input, name)._array.ndim in (0, 1, 3) else 1
