"""CuPy's memory pool with a record of its peak, and an error that says how much memory there is."""

from __future__ import annotations

from typing import Any

import cupy

from kernels.backend import OutOfMemoryError


class Pool:
    """An allocator for CuPy: its default pool, with a record of the maximum of bytes that arrays have used at a time.

    Made once, with the backend. If the program has set another allocator of CuPy before, that one is kept.
    """

    def __init__(self) -> None:
        self.pool = cupy.get_default_memory_pool()
        self.most: dict[int, int] = {}
        if cupy.cuda.get_allocator() == self.pool.malloc:
            cupy.cuda.set_allocator(self.allocate)

    def allocate(self, size: int) -> Any:
        """`size` bytes on the current device.

        Raises:
            OutOfMemoryError: if there are not enough free bytes, even after the pool has released its free blocks.
        """
        try:
            memory = self.pool.malloc(size)
        except cupy.cuda.memory.OutOfMemoryError as error:
            raise self.refused(size, error) from None
        used = self.pool.used_bytes()
        if used > self.most.get(memory.device_id, 0):
            self.most[memory.device_id] = used
        return memory

    def refused(self, size: int, error: Exception) -> OutOfMemoryError:
        """The error of an allocation that failed, with the bytes requested, free, allocated and kept."""
        device = cupy.cuda.runtime.getDevice()
        free, total = cupy.cuda.runtime.memGetInfo()
        used, kept = self.pool.used_bytes(), self.pool.free_bytes()
        limit = self.pool.get_limit()
        return OutOfMemoryError(
            f"CUDA out of memory. Tried to allocate {readable(size)}. GPU {device} has a total capacity of "
            f"{readable(total)} of which {readable(free)} is free. {readable(used)} is allocated by tensors, and "
            f"{readable(kept)} is kept for reuse"
            + (f"; the pool's limit is {readable(limit)}" if limit else "")
            + f". Use smaller batches, or free tensors that are not needed. ({error})"
        )

    def peak(self, index: int) -> int:
        """The maximum of bytes that arrays on a device have used at a time, since the start or `reset_peak`."""
        with cupy.cuda.Device(index):
            return max(self.most.get(index, 0), int(self.pool.used_bytes()))

    def reset_peak(self, index: int) -> None:
        """Start again from the memory that is allocated now."""
        self.most.pop(index, None)


def readable(size: float) -> str:
    """A number of bytes in bytes, KiB, MiB or GiB."""
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.2f} {unit}" if unit != "bytes" else f"{size} bytes"
        size /= 1024
    return f"{size:.2f} GiB"
