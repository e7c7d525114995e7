"""Information about a worker process of a `DataLoader`."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["WorkerInfo", "get_worker_info", "set_worker_info"]


class WorkerInfo(NamedTuple):
    """Information about a worker process.

    Attributes:
        id: the number of the worker, from 0.
        num_workers: the number of workers.
        seed: the seed of the worker's random numbers.
        dataset: the worker's copy of the dataset.
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any


_worker_info: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """Information about this process if it is a worker of a `DataLoader`, else None."""
    return _worker_info


def set_worker_info(info: WorkerInfo) -> None:
    """Store that this process is a worker."""
    global _worker_info
    _worker_info = info
