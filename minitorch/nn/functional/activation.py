"""Activations."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from minitorch.autograd.inplace import inplace as in_place
from minitorch.functions import elementwise
from minitorch.functions.arguments import tensor_argument
from minitorch.ops import elementwise as ops

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(input, 0).

    Raises:
        RuntimeError: for booleans.
    """
    x = tensor_argument(input, "relu")
    if x._array.dtype.kind == "b":
        raise RuntimeError("Boolean inputs not supported for relu: expected numbers; convert with .float()")
    return in_place(ops.relu, x) if inplace else ops.relu(x)


def relu_(input: Tensor) -> Tensor:
    """`relu` in place."""
    return relu(input, inplace=True)


def sigmoid(input: Tensor) -> Tensor:
    """1 / (1 + e^−input)."""
    return input.sigmoid()


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent."""
    return input.tanh()


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """exp(input) / Σ exp(input) along `dim`.

    Args:
        input: any shape, floating point unless `dtype` is given.
        dim: without it torch's old choice is taken, with a warning: 0 for 0, 1 or 3 dimensions, else 1.
        dtype: what `input` is converted to before.

    Raises:
        IndexError: if there is no such dimension.
        NotImplementedError: for integers.
    """
    return elementwise.softmax(input, _dim(dim, "softmax", input, _stacklevel), dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """ln softmax(input) along `dim`, computed without overflow. Arguments and errors as for `softmax`."""
    return elementwise.log_softmax(input, _dim(dim, "log_softmax", input, _stacklevel), dtype)


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """softmax(−input) along `dim`. Arguments and errors as for `softmax`."""
    return elementwise.softmax(-input, _dim(dim, "softmin", input, _stacklevel), dtype)


def _dim(dim: int | None, name: str, input: Tensor, stacklevel: int) -> int:
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=stacklevel,
    )
    return 0 if tensor_argument(input, name)._array.ndim in (0, 1, 3) else 1
