"""The GPUs: how many there are, the current one, and their properties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import kernels
from minitorch._variable import Variable
from minitorch.devices import device as Device


def backend() -> kernels.Backend | None:
    """CuPy's backend; None if CuPy is not installed or finds no GPU."""
    try:
        found = kernels.get_backend("cuda")
    except RuntimeError:
        return None
    return found if found.is_available() else None


def required(device: Any = None) -> kernels.Backend:
    """CuPy's backend, for functions that need a GPU.

    Raises:
        RuntimeError: if there is no GPU, or none with the number of `device`; the message says what is missing.
    """
    number = index(device)
    return Device("cuda" if number is None else f"cuda:{number}").backend


def index(device: Any) -> int | None:
    """The number of a GPU given as number, text or device; None for the current one.

    Raises:
        ValueError: if `device` is not a GPU.
    """
    if device is None or isinstance(device, int):
        return None if device is None or device < 0 else device
    where = Device(device)
    if where.type != "cuda":
        raise ValueError(f"Expected a cuda device, but got: {where}")
    return where.index


def is_available() -> bool:
    """Whether tensors can be made on a GPU: CuPy is installed and finds one with a working driver."""
    return backend() is not None


def device_count() -> int:
    """How many GPUs there are."""
    found = backend()
    return 0 if found is None else found.device_count()


def current_device() -> int:
    """The number of the GPU on which new tensors are made.

    Raises:
        RuntimeError: if there is no GPU.
    """
    return required().current_index() or 0


def set_device(device: Any) -> None:
    """Make a GPU, by number, text or device, the current one of this thread; a negative number changes nothing.

    Raises:
        RuntimeError: if there is no such GPU.
    """
    number = index(device)
    if number is not None:
        required(number).use(number)


def synchronize(device: Any = None) -> None:
    """Wait until the GPU, by default the current one, has done all work given to it.

    Raises:
        RuntimeError: if there is no GPU.
    """
    required(device).synchronize(index(device))


class device:
    """A context in which a GPU is the current one; a negative number or None changes nothing.

    Args:
        device: a number, text, or device.
    """

    def __init__(self, device: Any) -> None:
        self.idx = index(device)
        self._before: list[int] = []

    def __enter__(self) -> None:
        if self.idx is not None:
            self._before.append(current_device())
            set_device(self.idx)

    def __exit__(self, *error: object) -> None:
        if self.idx is not None:
            set_device(self._before.pop())


class device_of(device):
    """A context in which the GPU of a tensor is the current one; a tensor on the host changes nothing."""

    def __init__(self, obj: Any) -> None:
        on_gpu = isinstance(obj, Variable) and obj.device.type == "cuda"
        super().__init__(obj.device if on_gpu else -1)


@dataclass(frozen=True)
class DeviceProperties:
    """The properties of a GPU.

    Attributes:
        name: its product name.
        major, minor: its compute capability.
        total_memory: bytes.
        multi_processor_count: how many multiprocessors it has.
        warp_size: the number of threads that run in lockstep.
        L2_cache_size: bytes.
        max_threads_per_multi_processor: how many threads a multiprocessor can run at a time.
        shared_memory_per_block: bytes of shared memory that a block may use without opting in to more.
    """

    name: str
    major: int
    minor: int
    total_memory: int
    multi_processor_count: int
    warp_size: int
    L2_cache_size: int
    max_threads_per_multi_processor: int
    shared_memory_per_block: int


def get_device_properties(device: Any = None) -> DeviceProperties:
    """The properties of a GPU, by default the current one.

    Raises:
        RuntimeError: if there is no GPU.
    """
    found, number = required(device), index(device)
    p = found.xp.cuda.runtime.getDeviceProperties(found.current_index() if number is None else number)
    return DeviceProperties(
        name=p["name"].decode(),
        major=p["major"],
        minor=p["minor"],
        total_memory=p["totalGlobalMem"],
        multi_processor_count=p["multiProcessorCount"],
        warp_size=p["warpSize"],
        L2_cache_size=p["l2CacheSize"],
        max_threads_per_multi_processor=p["maxThreadsPerMultiProcessor"],
        shared_memory_per_block=p["sharedMemPerBlock"],
    )


def get_device_name(device: Any = None) -> str:
    """The name of a GPU.

    Raises:
        RuntimeError: if there is no GPU.
    """
    return get_device_properties(device).name


def get_device_capability(device: Any = None) -> tuple[int, int]:
    """The compute capability of a GPU, (8, 0) for one.

    Raises:
        RuntimeError: if there is no GPU.
    """
    p = get_device_properties(device)
    return p.major, p.minor


def can_device_access_peer(device: Any, peer_device: Any) -> bool:
    """Whether one GPU can read the memory of another directly.

    Raises:
        RuntimeError: if there is no GPU.
    """
    found = required(device)
    return bool(found.xp.cuda.runtime.deviceCanAccessPeer(index(device) or 0, index(peer_device) or 0))
