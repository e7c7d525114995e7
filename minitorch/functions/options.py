"""The options of every function that makes a tensor: dtype, device, whether it requires a gradient, and others."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

import numpy as np

from minitorch import devices, dtypes
from minitorch._variable import Variable
from minitorch.dtypes import dtype
from minitorch.functions.arguments import numpy_dtype
from minitorch.types import Device

if TYPE_CHECKING:
    pass


class TensorOptions(TypedDict, total=False):
    """The keyword arguments of functions that make a tensor (C++ torch's `TensorOptions`).

    Attributes:
        dtype: None for the function's default.
        layout: accepted, without effect: all tensors are strided.
        device: None for the function's default.
        requires_grad: whether operations on the new tensor are recorded.
        pin_memory: accepted, without effect.
    """

    dtype: dtype | None
    layout: Any
    device: Device
    requires_grad: bool
    pin_memory: bool


class LikeOptions(TensorOptions, total=False):
    """`TensorOptions` of functions that make a tensor like a given one.

    Attributes:
        memory_format: accepted, without effect.
    """

    memory_format: Any


def _keywords(defaults: dict[str, tuple[str, Any]]) -> list[Parameter]:
    return [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in defaults.items()
    ]


_TENSOR: dict[str, tuple[str, Any]] = {
    "dtype": ("dtype | None", None),
    "layout": ("Any", None),
    "device": ("Device", None),
    "requires_grad": ("bool", False),
    "pin_memory": ("bool", False),
}
_LIKE = _TENSOR | {"memory_format": ("Any", None)}
OPTIONS = {"Unpack[TensorOptions]": _keywords(_TENSOR), "Unpack[LikeOptions]": _keywords(_LIKE)}
"""The parameters of a function whose ``**options`` have one of these annotations."""


class Placement(NamedTuple):
    """`TensorOptions` after reading: how and where the array of a new tensor is made."""

    dtype: np.dtype
    device: devices.device
    requires_grad: bool


def placement(name: str, options: Mapping[str, Any], like: Any = None, default: dtype | None = None) -> Placement:
    """Read the options of a call of the function `name`.

    Args:
        name: the function's name.
        options: its keyword arguments.
        like: the tensor whose dtype and device are the defaults.
        default: the default dtype without `like`; None means the default dtype of `set_default_dtype`.

    Raises:
        TypeError: for an unknown option, an option of the wrong type, or if `like` is not a tensor.
    """
    for option in options:
        if option not in _LIKE:
            raise TypeError(f"{name}() got an unexpected keyword argument '{option}'")
    wanted, where = options.get("dtype"), options.get("device")
    if like is not None:
        if not isinstance(like, Variable):
            raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(like).__name__}")
        wanted = like.dtype if wanted is None else wanted
        where = devices.device_of(like._array) if where is None else where
    return Placement(numpy_dtype(wanted, default), devices.resolve(where), options.get("requires_grad", False))


class Destination(NamedTuple):
    """What the arguments of `to` say.

    Attributes:
        device: None for the present one.
        dtype: None for the present one.
        non_blocking: whether a copy to a GPU may go on after the call.
        copy: whether to copy even if nothing changes.
    """

    device: Device
    dtype: Any
    non_blocking: bool
    copy: bool


def destination(args: tuple[Any, ...], device: Device, dtype: Any, non_blocking: bool, copy: bool) -> Destination:
    """The arguments of `to`: ``(device, dtype, …)``, ``(dtype, …)`` or ``(tensor, …)``, then `non_blocking` and `copy`.

    Args:
        args: the positional ones.
        device: the device, as a keyword.
        dtype: the dtype, as a keyword; only a device may stand before it.
        non_blocking: as a keyword.
        copy: as a keyword.

    Raises:
        TypeError: for arguments in another order, of other types, or given twice.
    """
    if args:
        first, flags = args[0], args[1:]
        found: Any = None
        if isinstance(first, Variable):
            found = first.device, first.dtype
        elif isinstance(first, dtypes.dtype | type):
            found = None, first
        elif isinstance(first, bool | float):  # as torch, which takes a number for its type
            found = None, type(first)
        elif first is None or isinstance(first, str | int | devices.device):
            if flags and (flags[0] is None or isinstance(flags[0], dtypes.dtype | type)):
                found, flags = (first, flags[0]), flags[1:]
            elif not flags:
                found, dtype = (first, dtype), None
        if found is None or device is not None or dtype is not None or [type(f) for f in flags] not in _FLAGS:
            raise TypeError(
                f"to() received an invalid combination of arguments - got ({', '.join(type(a).__name__ for a in args)})"
                ", but expected a device, a dtype or a tensor; a dtype may follow a device, then non_blocking and copy"
            )
        device, dtype = found
        non_blocking, copy = flags[0] if flags else non_blocking, flags[1] if len(flags) > 1 else copy
    return Destination(device, dtypes.BY_PYTHON.get(dtype, dtype), non_blocking, copy)


_FLAGS: list[list[type]] = [[], [bool], [bool, bool]]  # types of the arguments after the dtype
