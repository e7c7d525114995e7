"""Making a batch from samples: tensors are stacked, numbers become tensors, containers remain containers."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from minitorch import dtypes
from minitorch._tensor import Tensor
from minitorch.functions.data import as_tensor, tensor
from minitorch.functions.joining import stack

__all__ = ["collate", "default_collate", "default_collate_fn_map", "default_convert"]

CollateMap = dict[type | tuple[type, ...], Callable[..., Any]]

_NO_TENSOR = "SaUO"  # NumPy's codes for strings and objects


def default_collate(batch: Sequence[Any]) -> Any:
    """A batch from a list of samples, which all have the same structure.

    Tensors and arrays are stacked along a new first dimension; numbers become a tensor (floats a float64 tensor);
    strings and bytes remain a list; dicts, lists, tuples and named tuples become containers of batches (a tuple becomes
    a list).

    Raises:
        TypeError: for samples of another type.
        RuntimeError: if samples that are sequences differ in length, or tensors in shape.
    """
    return collate(batch, collate_fn_map=default_collate_fn_map)


def default_convert(data: Any) -> Any:
    """A single sample, with NumPy's arrays and numbers converted to tensors."""
    if isinstance(data, Tensor):
        return data
    if isinstance(data, np.ndarray | np.generic) and not isinstance(data, np.str_ | np.bytes_):
        is_tensor = isinstance(data, np.generic) or data.dtype.kind not in _NO_TENSOR
        return as_tensor(data) if is_tensor else data
    if isinstance(data, Mapping):
        return _like_mapping(data, {key: default_convert(data[key]) for key in data})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(default_convert(item) for item in data))
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        return _like_sequence(data, [default_convert(item) for item in data])
    return data


def collate(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Any:
    """A batch from a list of samples, by a table of functions for types of samples.

    Args:
        batch: the samples.
        collate_fn_map: a function ``f(batch, *, collate_fn_map)`` for each type, or tuple of types, of samples. The
            entry for the sample's type is used, else the first entry of which the sample is an instance.

    Raises:
        TypeError: for samples of another type that are not containers.
        RuntimeError: if samples that are sequences differ in length.
    """
    sample = batch[0]
    functions = collate_fn_map or {}
    function = functions.get(type(sample))
    for kind in functions if function is None else ():
        if isinstance(sample, kind):
            function = functions[kind]
            break
    if function is not None:
        return function(batch, collate_fn_map=collate_fn_map)

    def together(samples: Any) -> Any:
        return collate(samples, collate_fn_map=collate_fn_map)

    if isinstance(sample, Mapping):
        return _like_mapping(sample, {key: together([item[key] for item in batch]) for key in sample})
    if isinstance(sample, tuple) and hasattr(sample, "_fields"):
        return type(sample)(*map(together, zip(*batch, strict=False)))
    if isinstance(sample, Sequence):
        if any(len(item) != len(sample) for item in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        return _like_sequence(sample, [together(items) for items in zip(*batch, strict=True)])
    raise _unknown(type(sample))


def _like_mapping(model: Mapping[Any, Any], items: dict[Any, Any]) -> Any:
    """A mapping of the model's type and attributes with these `items`; a dict if such a mapping cannot be made."""
    try:
        if isinstance(model, MutableMapping):
            clone = copy.copy(model)
            clone.update(items)
            return clone
        return type(model)(items)  # type: ignore[call-arg]  # a class that takes nothing raises TypeError
    except TypeError:
        return items


def _like_sequence(model: Sequence[Any], items: list[Any]) -> Any:
    """A sequence of the model's type with these `items`; a list if it is a tuple or cannot be made."""
    if isinstance(model, tuple):
        return items
    try:
        if isinstance(model, MutableSequence):
            clone = copy.copy(model)
            for i, item in enumerate(items):
                clone[i] = item
            return clone
        return type(model)(items)  # type: ignore[call-arg]  # a class that takes nothing raises TypeError
    except TypeError:
        return items


def _unknown(kind: Any) -> TypeError:
    return TypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {kind}"
    )


def _tensors(batch: Any, *, collate_fn_map: Any = None) -> Any:
    return stack(batch, 0)


def _arrays(batch: Any, *, collate_fn_map: Any = None) -> Any:
    if batch[0].dtype.kind in _NO_TENSOR:
        raise _unknown(batch[0].dtype)
    return stack([as_tensor(array) for array in batch], 0)


def _numpy_numbers(batch: Any, *, collate_fn_map: Any = None) -> Any:
    return as_tensor(np.array(batch))


def _floats(batch: Any, *, collate_fn_map: Any = None) -> Any:
    return tensor(batch, dtype=dtypes.float64)


def _ints(batch: Any, *, collate_fn_map: Any = None) -> Any:
    return tensor(batch)


def _unchanged(batch: Any, *, collate_fn_map: Any = None) -> Any:
    return batch


default_collate_fn_map: CollateMap = {
    Tensor: _tensors,
    np.ndarray: _arrays,
    (np.bool_, np.number, np.object_): _numpy_numbers,
    float: _floats,
    int: _ints,
    str: _unchanged,
    bytes: _unchanged,
}
"""The functions of `default_collate`; users may add their own."""
