"""Iterating over a `DataLoader`: the base class, and the iterator that reads in this process."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from minitorch.utils.data.fetch import fetcher
from minitorch.utils.data.pin import pin
from minitorch.utils.data.sampler import draw_seed

if TYPE_CHECKING:
    from minitorch.utils.data.dataloader import DataLoader

__all__ = ["LoaderIterator", "SingleProcessIterator"]


class LoaderIterator:
    """Yields batches; a subclass defines `_next_batch`, which raises StopIteration after the last one."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        self._dataset = loader.dataset
        self._num_workers = loader.num_workers
        self._index_sampler = loader._index_sampler
        self._pins = _pins(loader)
        LoaderIterator.reset(self, loader)
        # torch draws this seed here, used or not, and the order of a `RandomSampler` only when its first index is read.
        self._base_seed = draw_seed(loader.generator)

    def reset(self, loader: DataLoader[Any]) -> None:
        """Begin an epoch."""
        self._sampler_iter = iter(self._index_sampler)
        self._yielded = 0
        self._reported_length = loader._reported_length

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        batch = self._next_batch()
        self._yielded += 1
        if self._reported_length is not None and self._yielded > self._reported_length:
            text = (
                f"Length of IterableDataset {self._dataset} was reported to be {self._reported_length} (when accessing "
                f"len(dataloader)), but {self._yielded} samples have been fetched. "
            )
            if self._num_workers > 0:
                text += (
                    "For multiprocessing data-loading, this could be caused by not properly configuring the "
                    "IterableDataset replica at each worker: see get_worker_info."
                )
            warnings.warn(text, stacklevel=2)
        return pin(batch) if self._pins else batch

    def __len__(self) -> int:
        return len(self._index_sampler)

    def __getstate__(self) -> NoReturn:
        raise NotImplementedError(f"{type(self).__name__} cannot be pickled")

    def _next_batch(self) -> Any:
        raise NotImplementedError


class SingleProcessIterator(LoaderIterator):
    """Reads each batch when it is needed."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        super().__init__(loader)
        if loader.timeout != 0:
            raise AssertionError("_SingleProcessDataLoaderIter requires timeout == 0")
        self._fetch = fetcher(self._dataset, loader._auto_collation, loader.collate_fn, loader.drop_last)

    def _next_batch(self) -> Any:
        return self._fetch(next(self._sampler_iter))


def _pins(loader: DataLoader[Any]) -> bool:
    """Whether to pin batches; warns if that is not possible."""
    if not loader.pin_memory:
        return False
    if loader.pin_memory_device:
        warnings.warn(
            "pin_memory_device is deprecated, the current accelerator will be used as the device, ignore "
            f"pin_memory_device='{loader.pin_memory_device}'.",
            stacklevel=4,
        )
    from minitorch import cuda

    available = cuda.is_available()
    if not available:
        warnings.warn(
            "'pin_memory' argument is set as true but no accelerator is found, then device pinned memory won't be "
            "used.",
            stacklevel=4,
        )
    return available
