"""How much memory tensors hold on a GPU, and what is kept for reuse. All figures are 0 where there is no GPU."""

from __future__ import annotations

from typing import Any

from minitorch.cuda.gpus import backend, index, required


def memory_allocated(device: Any = None) -> int:
    """Bytes that tensors use on a GPU, by default the current one; CuPy allocates blocks of 512 bytes."""
    found = backend()
    return 0 if found is None else found.memory_allocated(index(device))


def max_memory_allocated(device: Any = None) -> int:
    """The maximum of `memory_allocated` since the start of the program, or since `reset_peak_memory_stats`."""
    found = backend()
    return 0 if found is None else found.max_memory_allocated(index(device))


def memory_reserved(device: Any = None) -> int:
    """Bytes taken from a GPU: bytes of tensors, and bytes kept for later tensors."""
    found = backend()
    return 0 if found is None else found.memory_reserved(index(device))


def max_memory_reserved(device: Any = None) -> int:
    """The same as `memory_reserved`, which only decreases when `empty_cache` is called."""
    return memory_reserved(device)


def reset_peak_memory_stats(device: Any = None) -> None:
    """Set `max_memory_allocated` to the memory that tensors use now.

    Raises:
        RuntimeError: if there is no GPU.
    """
    required(device).reset_peak_memory(index(device))


def empty_cache() -> None:
    """Free memory on the GPU that is kept for reuse."""
    found = backend()
    if found is not None:
        found.empty_cache()


def mem_get_info(device: Any = None) -> tuple[int, int]:
    """The free memory of a GPU, and its total memory, in bytes.

    Raises:
        RuntimeError: if there is no GPU.
    """
    found = required(device)
    with found.on(index(device)):
        free, total = found.xp.cuda.runtime.memGetInfo()
    return int(free), int(total)
