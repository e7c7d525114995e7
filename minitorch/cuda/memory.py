"""How much memory tensors hold on a GPU, and what is kept for reuse. All figures are 0 where there is no GPU."""

from __future__ import annotations

from typing import Any

from minitorch.cuda.gpus import backend, index, required


def memory_allocated(device: Any = None) -> int:
    """Bytes that tensors hold on a GPU, by default the current one, in blocks of 512."""
    found = backend()
    return 0 if found is None else found.memory_allocated(index(device))


def max_memory_allocated(device: Any = None) -> int:
    """The most that `memory_allocated` has been since the start, or `reset_peak_memory_stats`."""
    found = backend()
    return 0 if found is None else found.max_memory_allocated(index(device))


def memory_reserved(device: Any = None) -> int:
    """Bytes taken from a GPU: bytes of tensors, and bytes kept for later tensors."""
    found = backend()
    return 0 if found is None else found.memory_reserved(index(device))


def max_memory_reserved(device: Any = None) -> int:
    """`memory_reserved`: it only grows, until `empty_cache`."""
    return memory_reserved(device)


def reset_peak_memory_stats(device: Any = None) -> None:
    """Let `max_memory_allocated` count anew from what tensors hold now.

    Raises:
        RuntimeError: if there is no GPU.
    """
    required(device).reset_peak_memory(index(device))


def empty_cache() -> None:
    """Give memory that is kept for reuse back to the GPU."""
    found = backend()
    if found is not None:
        found.empty_cache()


def mem_get_info(device: Any = None) -> tuple[int, int]:
    """Bytes of a GPU that are free for all programs, and all that it has.

    Raises:
        RuntimeError: if there is none.
    """
    found = required(device)
    with found.on(index(device)):
        free, total = found.xp.cuda.runtime.memGetInfo()
    return int(free), int(total)
