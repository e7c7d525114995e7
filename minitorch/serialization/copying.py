"""What `copy.deepcopy` and `pickle` make of a tensor: its memory, with the strides of the tensor in it."""

from __future__ import annotations

from typing import Any

import numpy as np

import kernels
from minitorch import devices
from minitorch.autograd.graph import Variable
from minitorch.layout import Layout, layout_of
from minitorch.serialization.storage import Storage, memory_of, view_of

__all__ = ["copy_memory", "pack", "unpack"]

Packed = tuple[np.ndarray, tuple[int, ...], tuple[int, ...], str]
"""The memory from the first to the last element, shape, strides, device."""


def copy_memory(t: Variable, memo: dict[int, Any]) -> Any:
    """A tensor at the place of `t` in a copy of its storage: one copy for all tensors with that storage.

    Args:
        t: the tensor.
        memo: deepcopy's dictionary, which keeps the copies that were made.
    """
    storage, offset, strides = memory_of(t._array)
    copies = memo.setdefault(id(memory_of), {})
    place = str(storage.device), storage.data_ptr(), storage.size(), storage.dtype
    if place not in copies:
        with kernels.on_device_of(storage.array):
            copies[place] = storage, Storage(storage.array.copy()), [0]  # the original too: its address stays taken
    _, copied, counter = copies[place]
    own = layout_of(t)
    copied_t = view_of(copied, Layout(own.shape, strides if t._array.size else own.strides, offset))
    copied_t._counter = counter
    return copied_t


def pack(t: Variable) -> Packed:
    """What a pickle contains of `t`.

    It is not the whole storage, as in torch, which may be a data set that `t` is one row of.
    """
    storage, offset, strides = memory_of(t._array)
    size = 1 + sum((n - 1) * s for n, s in zip(t._array.shape, strides, strict=True)) if t._array.size else 0
    host = devices.to_host(storage.array[offset : offset + size])
    own = layout_of(t)
    return np.ascontiguousarray(host), own.shape, strides if size else own.strides, str(storage.device)


def unpack(
    cls: type, memory: np.ndarray, shape: tuple[int, ...], strides: tuple[int, ...], device: str, requires_grad: bool
) -> Any:
    """The tensor that `pack` packed."""
    t = view_of(Storage(devices.put(memory, memory.dtype, devices.device(device))), Layout(shape, strides, 0))
    t.__class__ = cls
    t._requires_grad = requires_grad
    return t
