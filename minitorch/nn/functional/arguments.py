"""Reading the arguments of layers the way torch does: ints, tuples of ints, dtypes, the old names of reductions."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minitorch import dtypes
from minitorch.autograd.graph import Variable
from minitorch.functions.arguments import integer as integer
from minitorch.user_warnings import warn_user

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def ints(value: Any, function: str, name: str) -> tuple[int, ...]:
    """An int, or a sequence of ints, as a tuple.

    Raises:
        TypeError: for anything else.
    """
    if type(value) is int:
        return (value,)
    many = type(value) is tuple or (isinstance(value, Sequence) and not isinstance(value, str))
    values = []
    for v in value if many else (value,):
        if type(v) is not int:
            if isinstance(v, bool) or not hasattr(v, "__index__"):
                raise TypeError(f"{function}(): argument '{name}' must be tuple of ints, but found {type(v).__name__}")
            v = operator.index(v)
        values.append(v)
    return tuple(values)


def flag(value: Any, function: str, name: str) -> bool:
    """A boolean.

    Raises:
        TypeError: for anything else.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{function}(): argument '{name}' must be bool, not {type(value).__name__}")
    return value


def alike(x: Any, weight: Any, bias: Any) -> bool:
    """Whether these are tensors of one floating-point dtype; the bias may be None. A quick test before `same_dtype`."""
    if not (isinstance(x, Variable) and isinstance(weight, Variable)):
        return False
    dtype = x._array.dtype
    return (
        dtype.kind == "f"
        and weight._array.dtype is dtype
        and (bias is None or (isinstance(bias, Variable) and bias._array.dtype is dtype))
    )


def same_dtype(function: str, optional: tuple[str, ...] = ("bias",), **tensors: Tensor | None) -> None:
    """Check that tensors have one dtype; those named in `optional` may be None.

    Raises:
        RuntimeError: if the dtypes differ; the message names each tensor.
        TypeError: if an argument is not a tensor.
    """
    dtype, alike = None, True
    for position, (name, x) in enumerate(tensors.items(), 1):
        if isinstance(x, Variable):
            found = x._array.dtype
            alike = alike and (dtype is None or found == dtype)
            dtype = found
        elif x is not None or name not in optional:
            raise TypeError(
                f"{function}(): argument '{name}' (position {position}) must be Tensor, not {type(x).__name__}"
            )
    if not alike:
        listed = ", ".join(f"{name} {x.dtype}" for name, x in tensors.items() if x is not None)
        raise RuntimeError(
            f"{function}: expected all tensors to have the same dtype, but got {listed}; convert with .to(dtype)"
        )


def same_or_mixed_dtype(function: str, x: Tensor, **parameters: Tensor | None) -> None:
    """Check that parameters have the dtype of the input `x`. If the input is float16, they may all be float32.

    Raises:
        RuntimeError: if the dtypes do not fit; the message names each tensor.
    """
    found = {name: p._array.dtype for name, p in parameters.items() if p is not None}
    d = x._array.dtype
    wanted = (d, "float32") if d == "float16" else (d,)
    if any(f not in wanted for f in found.values()) or len(set(found.values())) > 1:
        listed = ", ".join(f"{name} {dtypes.of(f)}" for name, f in found.items())
        raise RuntimeError(
            f"{function}: mixed dtype: expected parameters of the dtype of the input, {x.dtype}, "
            f"but got {listed}; convert with .to(dtype)"
        )


def check_implemented(function: str, x: Tensor, kinds: str = "f") -> None:
    """Check that the dtype of `x` is of one of the `kinds` (NumPy's letters; f is floating point).

    Raises:
        NotImplementedError: if it is not, as in torch if there is no kernel for a dtype.
    """
    if x._array.dtype.kind not in kinds:
        expected = "floating point" if kinds == "f" else "floating point or integers" if "i" in kinds else kinds
        raise NotImplementedError(f'"{function}" not implemented for {x.dtype}: expected {expected}')


def reduction_of(reduction: str, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """The reduction, given by its name or by the two older flags.

    Raises:
        ValueError: if the name is not none, mean or sum.
    """
    if size_average is not None or reduce is not None:
        return legacy_reduction(size_average, reduce)
    if reduction == "elementwise_mean":
        warn_user("reduction='elementwise_mean' is deprecated; use reduction='mean' instead.")
        return "mean"
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction: expected none, mean or sum")
    return reduction


def legacy_reduction(size_average: bool | None, reduce: bool | None) -> str:
    """The reduction that the two deprecated flags mean (None means True); warns that they are deprecated."""
    name = "none" if reduce is False else "sum" if size_average is False else "mean"
    warn_user(f"size_average and reduce args will be deprecated, please use reduction='{name}' instead.")
    return name
