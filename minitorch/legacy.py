"""Old names of tensor types: ``FloatTensor`` and the others, and the same names as text, for `Tensor.type`."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch import devices, dtypes
from minitorch._size import Size
from minitorch._variable import Variable
from minitorch.autograd.basic import alias
from minitorch.functions import creation, data as from_data

_NAMES = {
    dtypes.float32: "FloatTensor",
    dtypes.float64: "DoubleTensor",
    dtypes.float16: "HalfTensor",
    dtypes.int64: "LongTensor",
    dtypes.int32: "IntTensor",
    dtypes.int16: "ShortTensor",
    dtypes.int8: "CharTensor",
    dtypes.uint8: "ByteTensor",
    dtypes.bool_: "BoolTensor",
}


def of_data_or_sizes(args: tuple[Any, ...], dtype: dtypes.dtype, device: Any, any_tensor: bool = False) -> Any:
    """What ``Tensor(*args)``, ``LongTensor(*args)`` and ``t.new(*args)`` make.

    Of sizes an uninitialized tensor; of data a new one; of a tensor one on the same memory and in the same graph.

    Raises:
        TypeError: for one number that is no integer, a tensor of another dtype unless `any_tensor`, or what is no data.
    """
    data = args[0] if len(args) == 1 else ()
    if len(args) != 1 or isinstance(data, int | np.integer | Size):
        return creation.empty(data if isinstance(data, Size) else args or (0,), dtype=dtype, device=device)
    if isinstance(data, Variable):
        if not any_tensor and dtypes.of(data._array.dtype) is not dtype:
            raise TypeError(f"expected a tensor of {dtype}, but got one of {dtypes.of(data._array.dtype)}; use .to()")
        there: Any = alias(data)
        return there if device is None else there.to(device)
    if isinstance(data, np.generic | dict) or not hasattr(data, "__getitem__"):
        raise TypeError(f"new(): data must be a sequence (got {type(data).__name__})")
    return from_data.tensor(data, dtype=dtype, device=device)


class TensorType(type):
    """The metaclass of ``FloatTensor`` and the others: calls make tensors; isinstance checks dtype and device."""

    _dtype: dtypes.dtype
    _device: str

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> TensorType:
        if bases:
            raise TypeError(f"type {repr(bases[0])[8:-2]!r} is not an acceptable base type: derive from torch.Tensor")
        return super().__new__(mcs, name, bases, namespace)

    def __call__(cls, *data: Any) -> Any:
        """A tensor of this dtype from data, or uninitialized from sizes."""
        return of_data_or_sizes(data, cls._dtype, devices.device(cls._device))

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, Variable) and type_name(value) == repr(cls).split("'")[1]

    def __repr__(cls) -> str:
        prefix = "torch." if cls._device == "cpu" else f"torch.{cls._device}."
        return f"<class '{prefix}{cls.__name__}'>"


def _make(dtype: dtypes.dtype, device: str) -> Any:
    return TensorType(
        _NAMES[dtype], (), {"_dtype": dtype, "_device": device, "__doc__": f"Tensors of {dtype} on {device}."}
    )


TYPES = {name: _make(dtype, "cpu") for dtype, name in _NAMES.items()}
CUDA_TYPES = {name: _make(dtype, "cuda") for dtype, name in _NAMES.items()}


def type_name(t: Any) -> str:
    """The old name of a tensor's type: ``torch.FloatTensor``, ``torch.cuda.FloatTensor``."""
    prefix = "torch." if t.device.type == "cpu" else f"torch.{t.device.type}."
    return prefix + _NAMES[t.dtype]


def dtype_and_device(name: Any) -> tuple[dtypes.dtype, Any]:
    """The dtype, and the device or None, of a dtype, an old tensor type or the name of one.

    Raises:
        ValueError: for an unknown name.
    """
    if isinstance(name, dtypes.dtype):
        return name, None
    if isinstance(name, TensorType):
        return name._dtype, name._device
    if isinstance(name, str):
        words = name.split(".")
        for dtype, old in _NAMES.items():
            if words == ["torch", old]:
                return dtype, "cpu"
            if words == ["torch", "cuda", old]:
                return dtype, "cuda"
            if words == ["torch", dtype._name]:
                return dtype, None
    raise ValueError(f"invalid type: {name!r}")
