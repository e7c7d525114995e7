"""Old names of tensor types: ``FloatTensor`` and the others, and the same names as text, for `Tensor.type`."""

from __future__ import annotations

from typing import Any

from minitorch import devices, dtypes
from minitorch._variable import Variable
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
        where = devices.device(cls._device)
        if len(data) == 1 and not isinstance(data[0], int) and type(data[0]).__name__ != "Size":
            if isinstance(data[0], Variable):
                return from_data.view_of_same_type(data[0], cls._dtype, where)
            return from_data.tensor(data[0], dtype=cls._dtype, device=where)
        sizes = data[0] if len(data) == 1 and not isinstance(data[0], int) else data or (0,)
        return creation.empty(sizes, dtype=cls._dtype, device=where)

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
