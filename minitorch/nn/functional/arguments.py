"""Reading the arguments of layers the way torch does: ints and tuples of them, dtypes, the old names of reductions."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def ints(value: Any, function: str, name: str) -> tuple[int, ...]:
    """An int, or a sequence of ints, as a tuple.

    Raises:
        TypeError: for anything else.
    """
    values = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
    for v in values:
        if isinstance(v, bool) or not hasattr(v, "__index__"):
            raise TypeError(f"{function}(): argument '{name}' must be tuple of ints, but found {type(v).__name__}")
    return tuple(operator.index(v) for v in values)


def window(value: Any, function: str, name: str, count: int = 2) -> tuple[int, ...]:
    """One int for each of `count` dimensions of a pooling window; a single one stands for all.

    Raises:
        RuntimeError: for another number of ints.
        TypeError: for anything but ints.
    """
    values = ints(value, function, name)
    if len(values) not in (1, count):
        expected = "an int" if count == 1 else f"a single int, or a tuple of {count} ints"
        raise RuntimeError(f"{function}: {name} must be {expected}, but got {list(values)}")
    return values * count if len(values) == 1 else values


def flag(value: Any, function: str, name: str) -> bool:
    """A boolean.

    Raises:
        TypeError: for anything else.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{function}(): argument '{name}' must be bool, not {type(value).__name__}")
    return value


def same_dtype(function: str, **tensors: Tensor | None) -> None:
    """Check that the tensors that are there have one dtype.

    Raises:
        RuntimeError: if they do not; names each.
        TypeError: if one is no tensor.
    """
    from minitorch.autograd.variable import Variable

    found = {name: x for name, x in tensors.items() if x is not None}
    for position, (name, x) in enumerate(found.items(), 1):
        if not isinstance(x, Variable):
            raise TypeError(
                f"{function}(): argument '{name}' (position {position}) must be Tensor, not {type(x).__name__}"
            )
    if len({x._array.dtype for x in found.values()}) > 1:
        listed = ", ".join(f"{name} {x.dtype}" for name, x in found.items())
        raise RuntimeError(
            f"{function}: expected all tensors to have the same dtype, but got {listed}; convert with .to(dtype)"
        )


def not_implemented(function: str, x: Tensor, kinds: str = "f") -> None:
    """Check that the dtype of `x` is of one of the `kinds` (NumPy's letters; f: floating point).

    Raises:
        NotImplementedError: if it is not, as where torch has no kernel for a dtype.
    """
    if x._array.dtype.kind not in kinds:
        expected = "floating point" if kinds == "f" else "floating point or integers" if "i" in kinds else kinds
        raise NotImplementedError(f'"{function}" not implemented for {x.dtype}: expected {expected}')


def reduction_of(reduction: str, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """The reduction asked for, by its name or by the two flags that it replaced.

    Raises:
        ValueError: for another name than none, mean and sum.
    """
    if size_average is not None or reduce is not None:
        return legacy_reduction(size_average, reduce)
    if reduction == "elementwise_mean":
        warnings.warn("reduction='elementwise_mean' is deprecated; use reduction='mean' instead.", stacklevel=4)
        return "mean"
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction: expected none, mean or sum")
    return reduction


def legacy_reduction(size_average: bool | None, reduce: bool | None) -> str:
    """The name of the reduction that the two flags stand for, None being True; warns of them."""
    name = "none" if reduce is False else "sum" if size_average is False else "mean"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{name}' instead.", stacklevel=4
    )
    return name
