"""Storages, the blocks of memory that tensors view, and moving loaded storages to their devices."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import kernels
from minitorch import devices, dtypes
from minitorch.autograd.graph import wrap
from minitorch.errors import DeviceNotFoundError
from minitorch.layout import Layout, set_layout

__all__ = ["STORAGE_NAMES", "Storage", "memory_of", "restorer", "view_of"]

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
"""The names of torch's typed storages, by which checkpoints say dtypes."""


class Storage:
    """A one-dimensional block of memory on a device. A function `map_location` takes a storage and returns one.

    Attributes:
        array: the memory, a 1-D array.
    """

    def __init__(self, array: Any) -> None:
        self.array = array

    @property
    def dtype(self) -> dtypes.dtype:
        """The dtype of its elements."""
        return dtypes.of(self.array.dtype)

    @property
    def device(self) -> devices.device:
        """Its device."""
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
        """A copy on another device; the storage itself if it is already there."""
        where = devices.resolve(device)
        if where.type == self.device.type and where.index in (None, self.device.index):
            return self
        host = kernels.backend_of(self.array).to_host(self.array)
        return Storage(devices.put(host, host.dtype, where))

    def cpu(self) -> Storage:
        """A copy on the host; the storage itself if it is already there."""
        return self.to("cpu")

    def cuda(self, device: Any = None) -> Storage:
        """A copy on a GPU; the storage itself if it is already there."""
        return self.to("cuda" if device is None else devices.device(device))


def memory_of(array: Any) -> tuple[Storage, int, tuple[int, ...]]:
    """The storage that `array` views, the array's offset in it, and its strides, in elements.

    The storage is the memory of the array at the end of the chain of `base`. An array that a storage cannot describe
    (negative strides, or strides that are not multiples of the element size) is copied first.
    """
    if not _is_regular(array):
        array = kernels.namespace(array).ascontiguousarray(array).reshape(array.shape)
    owner, root = kernels.backend_of(array), array
    while _is_memory(root.base, owner, root.dtype):
        root = root.base
    itemsize = root.dtype.itemsize
    size = 1 + sum((n - 1) * s for n, s in zip(root.shape, root.strides, strict=True)) // itemsize if root.size else 0
    kept = {"subok": True} if isinstance(root, np.ndarray) else {}  # keep the subclass of another backend
    flat = kernels.namespace(root).lib.stride_tricks.as_strided(root, (size,), (itemsize,), **kept)
    offset = (_address(array) - _address(root)) // itemsize
    if not root.size:
        return Storage(flat), 0, tuple(math.prod(max(n, 1) for n in array.shape[i + 1 :]) for i in range(array.ndim))
    return Storage(flat), offset, tuple(s // itemsize for s in array.strides)


def view_of(storage: Storage, layout: Layout) -> Any:
    """The tensor with this layout in a storage, which must contain it.

    Raises:
        TypeError, ValueError, OverflowError: if NumPy has no such array.
    """
    flat, (shape, strides, offset) = storage.array, layout
    itemsize = flat.dtype.itemsize
    if 0 in shape:
        view = kernels.namespace(flat).empty(shape, flat.dtype)
    else:
        steps = tuple(s * itemsize if n > 1 else itemsize for n, s in zip(shape, strides, strict=True))
        if isinstance(flat, np.ndarray):  # or a subclass, as of another backend
            view = np.ndarray.__new__(type(flat), shape, flat.dtype, flat, offset * itemsize, steps)
        else:
            view = kernels.namespace(flat).lib.stride_tricks.as_strided(flat[offset:], shape, steps)
    t = wrap(view)
    set_layout(t, view, layout)
    return t


def _is_memory(base: Any, owner: kernels.Backend, dtype: Any) -> bool:
    """True if an array's `base` is an array of the same backend and dtype that a storage can describe."""
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
    """A function of a storage on the host and the name of its old device, which moves it to its new device.

    Args:
        map_location: the new device. None: the old one; a device or its name: this one; a dict from old names to new
            ones; a function of the same arguments: its result, or the old device if it returns None.

    Raises:
        TypeError: (the returned function) if a `map_location` that is a function returns something else.
        DeviceNotFoundError: (the returned function) if the device does not exist.
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
        raise DeviceNotFoundError(
            f"don't know how to restore data location of a storage (tagged with {location}); expected one of "
            f"{', '.join(kernels.backend_names())}: choose with map_location"
        )
    try:
        where = devices.device(location)
        return storage if where.type == "cpu" else storage.to(where)
    except RuntimeError as error:
        raise DeviceNotFoundError(
            f"Attempting to deserialize object on device {location}, which is not available: {error}. To load it on "
            "the host, use torch.load with map_location=torch.device('cpu')"
        ) from error
