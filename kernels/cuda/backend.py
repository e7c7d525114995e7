"""CuPy arrays on NVIDIA GPUs: the device called ``cuda``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

import numpy as np

from kernels.backend import Array, Backend
from kernels.cuda import all_kernels as all_kernels

try:
    import cupy
    import cupyx
    from cupy._core import set_reduction_accelerators, set_routine_accelerators

    from kernels.cuda.corrected_cupy import MODULE
    from kernels.cuda.denormals import keep_denormals
    from kernels.cuda.memory import Pool, end_of
except ImportError as error:
    raise RuntimeError(
        f"the device 'cuda' needs CuPy, which is not installed (or fails to import: {error}). "
        "Install it with: pip install 'minitorch-parity[cuda12]' (CUDA 12) or 'minitorch-parity[cuda13]' (CUDA 13)"
    ) from error


_ONLY_ONE = nullcontext()
"""Where there is one GPU, it is the current one."""


class CupyBackend(Backend):
    """CuPy arrays, one device for each GPU."""

    name = "cuda"
    library = "cupy"
    xp = MODULE
    array_types = (cupy.ndarray,)
    indexed = True

    def __init__(self) -> None:
        self.pool = Pool()
        self._count = 0  # of devices, once there are some: it does not change while a process runs
        # Reductions run in CuPy's own kernel: its order of adding depends on the shape alone. CUB's is not documented.
        set_reduction_accelerators([])
        set_routine_accelerators([])
        keep_denormals()

    def asarray(self, value: Any, dtype: Any = None, index: int | None = None) -> Array:
        return self._asarray(value, dtype, index, wait=True)

    def _asarray(self, value: Any, dtype: Any, index: int | None, wait: bool) -> Array:
        if isinstance(value, cupy.ndarray):
            if index is not None and value.device.id != index:
                with self.on(index):
                    return cupy.array(value, dtype=dtype)  # a copy from another GPU
            with self.on(value.device.id):
                return value if dtype is None else value.astype(dtype, copy=False)
        if self.is_capturing():
            raise RuntimeError(
                "a copy from the host (of data, or of random numbers drawn there) cannot be captured in a CUDA graph: "
                "a replay would repeat the copy from memory that may hold something else by then; make the tensor "
                "before the capture, and copy_ new values into it"
            )
        with self.on(index):
            if np.ndim(value) == 0 and not hasattr(value, "__cuda_array_interface__"):  # CuPy makes 0 of a single -0
                return cupy.asarray(np.reshape(value, 1), dtype=dtype).reshape(())
            # CuPy reads pinned memory after this call returns, unless it is told to wait; other memory it reads now.
            wait = wait and isinstance(value, np.ndarray) and self.is_pinned(value)
            return cupy.asarray(value, dtype=dtype, blocking=wait)

    def asarray_soon(self, value: np.ndarray, index: int | None = None) -> Array:
        return self._asarray(value, None, index, wait=False)  # CuPy keeps the host array until it has been read

    def to_host(self, array: Array) -> np.ndarray:
        return cupy.asnumpy(array)

    def owner(self, array: Array) -> Any:
        return array.data.mem  # not `base`, which is None in an array from `as_strided`

    def pointer(self, array: Array) -> int:
        return int(array.data.ptr)

    def index_of(self, array: Array) -> int | None:
        return int(array.device.id)

    def current_index(self) -> int | None:
        return int(cupy.cuda.runtime.getDevice())

    def on(self, index: int | None) -> Any:
        if self.device_count() == 1:
            return _ONLY_ONE
        index = self._device_index(index)
        if index != self.current_index() and self.is_capturing():
            raise RuntimeError(
                f"a CUDA graph is captured on one GPU, cuda:{self.current_index()}; work for cuda:{index} would be "
                "done at once, and not be part of it: do that outside of the capture"
            )
        return cupy.cuda.Device(index)

    def _device_index(self, index: int | None) -> int:
        return int(cupy.cuda.runtime.getDevice()) if index is None else index

    def device_count(self) -> int:
        if not self._count:
            with suppress(cupy.cuda.runtime.CUDARuntimeError):
                self._count = int(cupy.cuda.runtime.getDeviceCount())
        return self._count

    def unavailable_because(self) -> str:
        mend = (
            "a GPU needs NVIDIA's driver (https://www.nvidia.com/drivers); without one, use the device 'cpu', "
            "or emulate one: python -m kernels.cusim python script.py (docs/cusim.md)"
        )
        try:
            cupy.cuda.runtime.getDeviceCount()
        except cupy.cuda.runtime.CUDARuntimeError as error:
            return f"CuPy {cupy.__version__} finds no NVIDIA GPU with a working driver ({error}); {mend}"
        return f"CuPy {cupy.__version__} finds no NVIDIA GPU; {mend}"

    def can_read_values(self) -> bool:
        return os.environ.get("MINITORCH_CHECK_VALUES") == "1" and not self.is_capturing()

    def is_capturing(self) -> bool:
        return bool(cupy.cuda.get_current_stream().is_capturing())

    def synchronize(self, index: int | None = None) -> None:
        cupy.cuda.Device(self._device_index(index)).synchronize()

    def current_stream(self) -> Any:
        stream = cupy.cuda.get_current_stream()
        return stream if stream.ptr else None

    @contextmanager
    def in_stream(self, stream: Any) -> Iterator[None]:
        here = cupy.cuda.get_current_stream()
        there = cupy.cuda.Stream.null if stream is None else stream
        if there == here or there.device_id not in (
            -1,
            cupy.cuda.runtime.getDevice(),
        ):  # -1: every device's null stream
            yield
            return
        there.wait_event(end_of(here))
        try:
            with self.pool.of_stream(here), there:
                yield
        finally:
            here.wait_event(end_of(there))

    def record_stream(self, array: Array, stream: Any) -> None:
        self.pool.hold(array.data.mem, stream)

    def use(self, index: int) -> None:
        cupy.cuda.Device(index).use()

    def memory_allocated(self, index: int | None = None) -> int:
        with self.on(index):
            return int(cupy.get_default_memory_pool().used_bytes())

    def memory_reserved(self, index: int | None = None) -> int:
        with self.on(index):
            return int(cupy.get_default_memory_pool().total_bytes())

    def max_memory_allocated(self, index: int | None = None) -> int:
        return self.pool.peak(self._device_index(index))

    def reset_peak_memory(self, index: int | None = None) -> None:
        self.pool.reset_peak(self._device_index(index))

    def empty_cache(self) -> None:
        cupy.get_default_memory_pool().free_all_blocks()

    def pinned(self, array: np.ndarray) -> np.ndarray:
        if self.is_pinned(array):
            return array
        out = cupyx.empty_pinned(array.shape, array.dtype)
        out[...] = array
        return out

    def is_pinned(self, array: np.ndarray) -> bool:
        kind = cupy.cuda.runtime.pointerGetAttributes(array.__array_interface__["data"][0]).type
        return bool(kind == cupy.cuda.runtime.memoryTypeHost)
