"""Devices: the name of a backend and, if it has several devices, a number."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

import kernels
from minitorch import dtypes

_default: device | None = None


class device:
    """A device for tensors: ``cpu``, ``cuda``, ``cuda:1``, or the name of a registered backend.

    Args:
        type: the backend's name, with or without ``:number``; a number alone means ``cuda:number``; a device is copied.
        index: the number of the device, if `type` does not contain it.

    Raises:
        RuntimeError: if the text is not a device, or there is no backend of that name.
    """

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: Any, index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        elif isinstance(type, int) and not isinstance(type, bool):
            type, index = "cuda", type
        elif not isinstance(type, str):
            raise TypeError(f"device(): argument 'type' must be str, int or device, not {type.__class__.__name__}")
        name, colon, number = type.partition(":")
        if colon:
            if index is not None:
                raise RuntimeError(
                    f"type (string) must not include an index because index was passed explicitly: {type}"
                )
            if not number.isdecimal():
                raise RuntimeError(f"Invalid device string: '{type}'")
            index = int(number)
        if name not in kernels.backend_names():
            names = ", ".join(kernels.backend_names())
            raise RuntimeError(
                f"Expected one of {names} device type at start of device string: {type}{dtypes.hint(type)}"
            )
        object.__setattr__(self, "type", name)
        object.__setattr__(self, "index", index)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"attribute {name!r} of 'device' objects is not writable")

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        return f"device(type='{self.type}'" + ("" if self.index is None else f", index={self.index}") + ")"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> Any:
        return device, (self.type, self.index)

    def __enter__(self) -> device:
        global _default
        _stack.append(_default)
        _default = self
        return self

    def __exit__(self, *error: object) -> None:
        global _default
        _default = _stack.pop()

    def numbered(self) -> device:
        """This device with a number: if it has none but devices of this type are numbered, the current one's.

        Raises:
            RuntimeError: as `backend`.
        """
        found = self.backend
        if not found.indexed:
            return _known(self.type, None)
        return self if self.index is not None else _known(self.type, found.current_index())

    @property
    def backend(self) -> kernels.Backend:
        """The backend that makes arrays on this device.

        Raises:
            RuntimeError: if there is no such device, or its library is not installed; the message says what is missing.
        """
        found = kernels.get_backend(self.type)
        if not found.is_available():
            raise RuntimeError(f"{self}: no such device on this machine: {found.unavailable_because()}")
        if self.index is not None and self.index >= (found.device_count() if found.indexed else 1):
            count = found.device_count() if found.indexed else 1
            known = f"{self.type}:0" if count == 1 else f"{self.type}:0 to {self.type}:{count - 1}"
            raise RuntimeError(f"{self}: invalid device ordinal; this machine has {known}")
        return found


_stack: list[device | None] = []
CPU = device("cpu")


@functools.cache
def _known(name: str, index: int | None) -> device:
    return device(name, index)


def device_of(array: Any) -> device:
    """The device of `array`."""
    owner = kernels.backend_of(array)
    return _known(owner.name, owner.index_of(array))


def resolve(where: Any) -> device:
    """The device that an argument `device=` means; None means the default device."""
    if where is None:
        return _default or CPU
    return where if isinstance(where, device) else device(where)


def get_default_device() -> device:
    """The device of new tensors; ``cpu`` unless `set_default_device` changed it."""
    return _default or CPU


def set_default_device(device: Any) -> None:
    """Set the device of new tensors for all threads; None means ``cpu``."""
    global _default
    _default = None if device is None else resolve(device)


def accelerator() -> kernels.Backend | None:
    """The backend of GPUs if it is in use and finds a GPU, else None. Does not import CuPy."""
    found = kernels.loaded("cuda")
    return found if found is not None and found.is_available() else None


def put(value: Any, dtype: Any, where: device) -> Any:
    """A host array or Python value as an array of NumPy dtype `dtype` on `where`; copied only if necessary."""
    return where.backend.asarray(value, dtype=dtype, index=where.index)


def beside(array: Any, value: Any, dtype: Any = None) -> Any:
    """A host array or Python value as an array on the device of `array`."""
    owner = kernels.backend_of(array)
    return owner.asarray(value, dtype=dtype, index=owner.index_of(array))


def to_host(array: Any) -> np.ndarray:
    """A NumPy array with the values of `array`: on the same memory, if its backend is on the host."""
    return kernels.backend_of(array).to_host(array)
