"""Copying and pickling of a tensor: its memory, and the strides of the tensor in it."""

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
    """A tensor with the layout of `t` on a copy of its storage; all tensors with this storage get the same copy.

    Args:
        t: the tensor.
        memo: deepcopy's dictionary, which has the copies made so far.
    """
    storage, offset, strides = memory_of(t._array)
    copies = memo.setdefault(id(memory_of), {})
    place = str(storage.device), storage.data_ptr(), storage.size(), storage.dtype
    if place not in copies:
        with kernels.on_device_of(storage.array):
            copies[place] = storage, Storage(storage.array.copy()), [0]  # the original keeps its address in use
    _, copied, counter = copies[place]
    own = layout_of(t)
    copied_t = view_of(copied, Layout(own.shape, strides if t._array.size else own.strides, offset))
    copied_t._counter = counter
    return copied_t


def pack(t: Variable) -> Packed:
    """The content of a pickle of `t`.

    Not the whole storage, as in torch: `t` may be one row of a large data set.
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
