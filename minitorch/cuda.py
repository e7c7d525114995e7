"""The GPUs, as torch's ``cuda`` module shows them; without CuPy there are none."""

from __future__ import annotations

from typing import Any

import kernels
from minitorch.devices import device as Device
from minitorch.legacy import CUDA_TYPES

globals().update(CUDA_TYPES)


def _backend() -> kernels.Backend | None:
    try:
        found = kernels.get_backend("cuda")
    except RuntimeError:
        return None
    return found if found.is_available() else None


def _required() -> kernels.Backend:
    return Device("cuda").backend


def _index(device: Any) -> int | None:
    if device is None or isinstance(device, int):
        return device
    return Device(device).index


def is_available() -> bool:
    """Whether tensors can be made on a GPU: CuPy is installed and finds one with a working driver."""
    return _backend() is not None


def device_count() -> int:
    """How many GPUs there are."""
    found = _backend()
    return 0 if found is None else found.device_count()


def current_device() -> int:
    """The number of the GPU that new tensors are made on.

    Raises:
        RuntimeError: if there is none.
    """
    return _required().current_index() or 0


def synchronize(device: Any = None) -> None:
    """Wait until the GPU has done all work given to it.

    Raises:
        RuntimeError: if there is none.
    """
    _required().synchronize(_index(device))


def memory_allocated(device: Any = None) -> int:
    """Bytes that tensors hold on the GPU; 0 where there is none."""
    found = _backend()
    return 0 if found is None else found.memory_allocated(_index(device))


def empty_cache() -> None:
    """Give memory that is kept for reuse back to the GPU."""
    found = _backend()
    if found is not None:
        found.empty_cache()


def manual_seed(seed: int) -> None:
    """Nothing: numbers for the GPU are drawn from the one generator that ``torch.manual_seed`` seeds."""


manual_seed_all = manual_seed
