"""Reading a batch from a dataset, in this process or in a worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitorch.utils.data.collate import default_collate
from minitorch.utils.data.dataset import Dataset, IterableDataset, Subset, TensorDataset

__all__ = ["Fetch", "fetcher"]

Fetch = Callable[[Any], Any]
"""Returns the batch for a list of indices, or the sample for an index; raises StopIteration after the last one."""


def fetcher(dataset: Any, batched: bool, collate_fn: Callable[[Any], Any], drop_last: bool) -> Fetch:
    """The function that reads from a dataset.

    Args:
        dataset: the dataset.
        batched: whether the function reads batches, or single samples.
        collate_fn: makes a batch of a list of samples, or converts a sample.
        drop_last: whether a last, shorter batch of an iterable dataset is left out.
    """
    if isinstance(dataset, IterableDataset):
        return _from_iterable(dataset, batched, collate_fn, drop_last)
    if not batched:
        return lambda index: collate_fn(dataset[index])
    if collate_fn is default_collate and (gather := _tensor_batches(dataset)) is not None:
        return gather
    if getattr(dataset, "__getitems__", None):
        return lambda indices: collate_fn(dataset.__getitems__(indices))
    return lambda indices: collate_fn([dataset[i] for i in indices])


def _from_iterable(dataset: Any, batched: bool, collate_fn: Callable[[Any], Any], drop_last: bool) -> Fetch:
    samples = iter(dataset)
    ended = False

    def fetch(indices: Any) -> Any:
        nonlocal ended
        if ended:
            raise StopIteration
        if not batched:
            return collate_fn(next(samples))
        batch = []
        for _ in indices:
            try:
                batch.append(next(samples))
            except StopIteration:
                ended = True
                break
        if not batch or (drop_last and len(batch) < len(indices)):
            raise StopIteration
        return collate_fn(batch)

    return fetch


def _tensor_batches(dataset: Dataset[Any]) -> Fetch | None:
    """For a `TensorDataset` or a subset of one: the same as `default_collate`, by indexing each tensor once."""
    whole, chosen = dataset, None
    if type(dataset) is Subset and type(dataset.dataset) is TensorDataset:
        whole, chosen = dataset.dataset, dataset.indices
    if type(whole) is not TensorDataset:
        return None
    tensors = whole.tensors

    def gather(indices: Any) -> Any:
        rows = [chosen[i] for i in indices] if chosen is not None else list(indices)
        if all(type(i) is int for i in rows):
            return [tensor[rows] for tensor in tensors]
        return default_collate([dataset[i] for i in indices])

    return gather
