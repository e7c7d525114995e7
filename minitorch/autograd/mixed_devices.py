"""Tensors on different devices in one call: what may be mixed, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np

import kernels
from minitorch.autograd.graph import Variable, wrap
from minitorch.autograd.messages import device_name, different_devices


def moved_to_one_device(op: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """`args`, where zero-dimensional tensors on the host are moved to the device of the other tensors.

    Raises:
        RuntimeError: if tensors of one or more dimensions are on more than one device. The message names the op and
            every argument, and says how to correct the call.
    """
    tensors = [a for a in args if isinstance(a, Variable)]
    devices = {device_name(a._array) for a in tensors if a._array.ndim or device_name(a._array) != "cpu"}
    if len(devices) > 1:
        raise different_devices(op, args, devices)
    like = next(a._array for a in tensors if device_name(a._array) in devices)
    owner = kernels.backend_of(like)

    def moved(a: Any) -> Any:
        if not isinstance(a, Variable) or kernels.backend_of(a._array) is owner:
            return a
        return wrap(owner.asarray(kernels.backend_of(a._array).to_host(a._array), index=owner.index_of(like)))

    return tuple(moved(a) for a in args)


def check_same_device(op: str, *args: Any) -> None:
    """Refuse tensors on different devices, zero-dimensional ones too; for functions that read arrays from tensors.

    Raises:
        RuntimeError: as `moved_to_one_device` does.
    """
    arrays = [a._array for a in args if isinstance(a, Variable)]
    if any(type(a) is not type(arrays[0]) for a in arrays) or not isinstance(arrays[0], np.ndarray):
        devices = {device_name(a) for a in arrays}
        if len(devices) > 1:
            raise different_devices(op, args, devices)
