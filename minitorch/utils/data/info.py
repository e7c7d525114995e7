"""What a worker process of a `DataLoader` knows of itself."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["WorkerInfo", "get_worker_info", "set_worker_info"]


class WorkerInfo(NamedTuple):
    """What a worker process knows of itself.

    Attributes:
        id: the number of the worker, from 0.
        num_workers: how many there are.
        seed: what the worker's random numbers start from.
        dataset: the worker's copy of the dataset.
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any


_worker_info: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """What the process that calls knows of itself as a worker of a `DataLoader`; None in any other process."""
    return _worker_info


def set_worker_info(info: WorkerInfo) -> None:
    """Make this process a worker."""
    global _worker_info
    _worker_info = info
