"""The machine that a benchmark ran on: processor, cores, memory, threads, versions, and its load."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib import metadata
from typing import Any

from parity.report.table import versions


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def pin(threads: int) -> None:
    """Set the number of threads of both libraries."""
    import torch

    import minitorch

    minitorch.set_num_threads(threads)
    torch.set_num_threads(threads)


def load() -> float | None:
    """How many processes wanted a core, on average over the last minute; None if it is not known."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def describe(threads: int, packages: Sequence[str]) -> dict[str, Any]:
    """The facts about the machine that are needed for comparing times.

    Args:
        threads: how many each library computes on.
        packages: further distributions whose versions matter.
    """
    import torch
    from threadpoolctl import threadpool_info

    import minitorch

    blas = [
        f"{i['internal_api']} {i['version']} ({i.get('architecture', '')})" for i in threadpool_info() if i["version"]
    ]
    found = versions(minitorch, torch)
    return {
        "processor": found.pop("machine"),
        "system": platform.platform(),
        "cores": cores(),
        "threads": threads,
        "memory_bytes": _memory(),
        "blas": ", ".join(dict.fromkeys(blas)),
        "versions": found | {name: metadata.version(name) for name in packages},
    }


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not on Windows
        return None
