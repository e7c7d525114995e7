"""CuPy's memory pool with a record of its peak, and an error that says how much memory there is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from sys import getrefcount
from typing import Any

import cupy

from kernels.backend import OutOfMemoryError


@dataclass
class Held:
    """Memory that other streams than its own may use.

    Attributes:
        memory: CuPy's object for it.
        streams: the other streams.
        ends: an event in each, after what it had to do when nothing else referred to the memory any more; none before.
    """

    memory: Any
    streams: list[Any] = field(default_factory=list)
    ends: list[Any] = field(default_factory=list)


class Pool:
    """An allocator for CuPy: its default pool, with a record of the maximum of bytes that arrays have used at a time.

    Made once, with the backend. If the program has set another allocator of CuPy before, that one is kept.
    """

    def __init__(self) -> None:
        self.pool = cupy.get_default_memory_pool()
        self.most: dict[int, int] = {}
        self._held: dict[int, Held] = {}  # by id of the memory
        self._of_thread = threading.local()
        if cupy.cuda.get_allocator() == self.pool.malloc:
            cupy.cuda.set_allocator(self.allocate)

    def allocate(self, size: int) -> Any:
        """`size` bytes on the current device.

        Raises:
            OutOfMemoryError: if there are not enough free bytes, even after the pool has released its free blocks.
        """
        if self._held:
            self._release(wait=False)
        try:
            memory = self._malloc(size)
        except cupy.cuda.memory.OutOfMemoryError as error:
            memory = self._after_release(size, error)
        used = self.pool.used_bytes()
        if used > self.most.get(memory.device_id, 0):
            self.most[memory.device_id] = used
        return memory

    def _after_release(self, size: int, error: Exception) -> Any:
        """The memory for which there was no room, once held memory was waited for, if some was held."""
        if self._held:
            self._release(wait=True)
            try:
                return self._malloc(size)
            except cupy.cuda.memory.OutOfMemoryError:
                pass
        raise self.refused(size, error) from None

    def _malloc(self, size: int) -> Any:
        stream = getattr(self._of_thread, "stream", None)
        if stream is None:
            return self.pool.malloc(size)
        with stream:
            return self.pool.malloc(size)

    @contextmanager
    def of_stream(self, stream: Any) -> Iterator[None]:
        """A context in which this thread allocates for `stream`, whichever the current one is.

        CuPy gives freed memory to later work of the stream for which it was allocated, in the order of that stream.
        """
        before, self._of_thread.stream = getattr(self._of_thread, "stream", None), stream
        try:
            yield
        finally:
            self._of_thread.stream = before

    def hold(self, memory: Any, stream: Any) -> None:
        """Keep memory, once nothing else refers to it, until `stream` has done the work that it has then."""
        self._held.setdefault(id(memory), Held(memory)).streams.append(stream)

    def _release(self, wait: bool) -> None:
        """Give up the memory that is no longer used, also by the streams; with `wait`, wait for these."""
        for held in list(self._held.values()):
            if not held.ends and getrefcount(held.memory) <= 2:  # of `held`, and of the call
                with cupy.cuda.Device(held.memory.device_id):
                    held.ends = [end_of(stream) for stream in held.streams]
            for end in held.ends if wait else ():
                end.synchronize()
            if held.ends and all(end.done for end in held.ends):
                del self._held[id(held.memory)]

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


def end_of(stream: Any) -> Any:
    """An event after all work that a stream has now."""
    event = cupy.cuda.Event(disable_timing=True)
    event.record(stream)
    return event


def readable(size: float) -> str:
    """A number of bytes in bytes, KiB, MiB or GiB."""
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.2f} {unit}" if unit != "bytes" else f"{size} bytes"
        size /= 1024
    return f"{size:.2f} GiB"
