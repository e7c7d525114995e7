"""Storages: the pieces of memory that a checkpoint keeps, which tensors are views of, and the devices they go to."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import kernels
from minitorch import devices, dtypes

__all__ = ["STORAGE_NAMES", "Storage", "memory_of", "restorer"]

STORAGE_NAMES = {
    dtypes.float32: "FloatStorage",
    dtypes.float64: "DoubleStorage",
    dtypes.float16: "HalfStorage",
    dtypes.int64: "LongStorage",
    dtypes.int32: "IntStorage",
    dtypes.int16: "ShortStorage",
    dtypes.int8: "CharStorage",
    dtypes.uint8: "ByteStorage",
    dtypes.bool_: "BoolStorage",
}
"""The names of torch's typed storages, which stand for dtypes in checkpoints."""


class Storage:
    """A flat piece of memory on a device: what `map_location`, where it is a function, takes and returns.

    Attributes:
        array: the memory, an array of one dimension.
    """

    def __init__(self, array: Any) -> None:
        self.array = array

    @property
    def dtype(self) -> dtypes.dtype:
        """What the memory holds."""
        return dtypes.of(self.array.dtype)

    @property
    def device(self) -> devices.device:
        """Where the memory lies."""
        return devices.device_of(self.array)

    def nbytes(self) -> int:
        """Its length in bytes."""
        return int(self.array.nbytes)

    def size(self) -> int:
        """Its length in elements."""
        return int(self.array.size)

    __len__ = size

    def element_size(self) -> int:
        """Bytes per element."""
        return int(self.array.dtype.itemsize)

    def data_ptr(self) -> int:
        """Its address."""
        return _address(self.array)

    def to(self, device: Any) -> Storage:
        """This memory on another device; itself if it lies there."""
        where = devices.resolve(device)
        if where.type == self.device.type and where.index in (None, self.device.index):
            return self
        host = kernels.backend_of(self.array).to_host(self.array)
        return Storage(devices.put(host, host.dtype, where))

    def cpu(self) -> Storage:
        """This memory on the host."""
        return self.to("cpu")

    def cuda(self, device: Any = None) -> Storage:
        """This memory on a GPU."""
        return self.to("cuda" if device is None else devices.device(device))


def memory_of(array: Any) -> tuple[Storage, int, tuple[int, ...]]:
    """The whole memory that `array` is a view of, where in it the array begins, and its strides, in elements.

    The memory is that of the array at the root of all views. What a storage cannot describe (negative strides, those of
    a field of a record) is copied.
    """
    if not _is_regular(array):
        array = kernels.namespace(array).ascontiguousarray(array).reshape(array.shape)
    owner, root = kernels.backend_of(array), array
    while _is_memory(root.base, owner, root.dtype):
        root = root.base
    itemsize = root.dtype.itemsize
    size = 1 + sum((n - 1) * s for n, s in zip(root.shape, root.strides, strict=True)) // itemsize if root.size else 0
    kept = {"subok": True} if isinstance(root, np.ndarray) else {}  # the class of another backend's arrays
    flat = kernels.namespace(root).lib.stride_tricks.as_strided(root, (size,), (itemsize,), **kept)
    offset = (_address(array) - _address(root)) // itemsize
    if not root.size:
        return Storage(flat), 0, tuple(math.prod(max(n, 1) for n in array.shape[i + 1 :]) for i in range(array.ndim))
    return Storage(flat), offset, tuple(s // itemsize for s in array.strides)


def _is_memory(base: Any, owner: kernels.Backend, dtype: Any) -> bool:
    """Whether an array's `base` is an array of the same kind, which a storage can describe."""
    if not kernels.backend.is_array(base) or kernels.backend_of(base) is not owner:
        return False
    return bool(base.dtype == dtype) and _is_regular(base)


def _is_regular(array: Any) -> bool:
    return all(
        n <= 1 or (s >= 0 and s % array.dtype.itemsize == 0) for n, s in zip(array.shape, array.strides, strict=True)
    )


def _address(array: Any) -> int:
    return kernels.backend_of(array).pointer(array)


def restorer(map_location: Any) -> Callable[[Storage, str], Storage]:
    """The function that puts a storage read from a file, and the place it was saved from, where `map_location` says.

    Args:
        map_location: None: where it was; a device or its name: there; a dict: from names to names; a function of the
            storage on the host and the name of its place, which returns a storage, or None for where it was.
    """
    if map_location is None:
        return _put
    if isinstance(map_location, str | bytes | devices.device):
        place = _text(map_location)
        return lambda storage, location: _put(storage, place)
    if isinstance(map_location, dict):
        return lambda storage, location: _put(storage, _text(map_location.get(location, location)))

    def call(storage: Storage, location: str) -> Storage:
        chosen = map_location(storage, location)
        if chosen is not None and not isinstance(chosen, Storage):
            raise TypeError(f"map_location must return a storage or None, but returned {type(chosen).__name__}")
        return _put(storage, location) if chosen is None else chosen

    return call


def _text(location: Any) -> str:
    return location.decode("ascii") if isinstance(location, bytes) else str(location)


def _put(storage: Storage, location: str) -> Storage:
    name = location.partition(":")[0]
    if name not in kernels.backend_names():
        raise RuntimeError(
            f"don't know how to restore data location of a storage (tagged with {location}); expected one of "
            f"{', '.join(kernels.backend_names())}: choose with map_location"
        )
    where = devices.device(location)
    if where.type == "cpu":
        return storage
    try:
        return storage.to(where)
    except RuntimeError as error:
        raise RuntimeError(
            f"Attempting to deserialize object on device {location}, which is not available: {error}. To load it on "
            "the host, use torch.load with map_location=torch.device('cpu')"
        ) from error
