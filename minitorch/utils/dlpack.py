"""Exchange of tensors with other libraries by the DLPack protocol, without copying, on any device.

The protocol: https://dmlc.github.io/dlpack/latest/python_spec.html. The consumer of an array on a GPU says in which
stream it will use the array, and the producer lets that stream wait until the array is computed.
"""

from __future__ import annotations

import ctypes
from typing import Any

from minitorch._tensor import Tensor
from minitorch.functions import data


def to_dlpack(tensor: Tensor) -> Any:
    """A capsule of a tensor, for libraries that do not call `Tensor.__dlpack__` themselves; it can be used once.

    Raises:
        BufferError: if the tensor requires a gradient.
    """
    return tensor.__dlpack__()


def from_dlpack(ext_tensor: Any) -> Tensor:
    """A tensor that shares the memory of an object with ``__dlpack__``, or of a capsule from `to_dlpack`."""
    return data.from_dlpack(ext_tensor if hasattr(ext_tensor, "__dlpack__") else _Capsule(ext_tensor))


class _Capsule:
    """An object with ``__dlpack__`` for a capsule, whose structure names the device.

    Raises:
        TypeError: if it is not such a capsule, or has been used.
    """

    def __init__(self, capsule: Any) -> None:
        get = ctypes.pythonapi.PyCapsule_GetPointer
        get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
        try:
            pointer = get(capsule, b"dltensor")
        except ValueError as error:
            raise TypeError(f"from_dlpack(): expected an object with __dlpack__ or a fresh capsule: {error}") from None
        # A DLManagedTensor begins with its DLTensor: the address of the data, then the device's type and number.
        self._device = tuple((ctypes.c_int32 * 2).from_address(pointer + ctypes.sizeof(ctypes.c_void_p)))
        self._capsule = capsule

    def __dlpack__(self, **options: Any) -> Any:
        return self._capsule

    def __dlpack_device__(self) -> tuple[int, ...]:
        return self._device
