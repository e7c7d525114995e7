"""The parts of a call's result: tensors, numbers and everything else, each with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Leaf:
    """One part of a result.

    Attributes:
        path: how to reach it: ``out[0]['weight']``.
        value: a NumPy array for tensors, arrays and floats; a plain value for the rest.
        kind: ``tensor``, ``array``, ``float`` or ``other``.
        requires_grad: of a tensor.
        tensor: the tensor itself.
    """

    path: str
    value: Any
    kind: str
    requires_grad: bool = False
    tensor: Any = None


def leaves(value: Any, lib: Any, path: str = "out") -> Iterator[Leaf]:
    """The leaves of a nested result, in order. A container that is empty is a leaf too, so that it is compared."""
    if isinstance(value, lib.Tensor):
        yield Leaf(path, to_numpy(value), "tensor", value.requires_grad, value)
    elif isinstance(value, np.ndarray):
        yield Leaf(path, value, "array")
    elif isinstance(value, float):
        yield Leaf(path, np.asarray(value), "float")
    elif isinstance(value, lib.Size):
        yield Leaf(path, repr(value), "other")
    elif isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from leaves(part, lib, f"{path}[{key!r}]")
    elif isinstance(value, list | tuple) and value:
        for i, part in enumerate(value):
            yield from leaves(part, lib, f"{path}[{i}]")
    else:
        yield Leaf(path, _plain(value), "other")


def to_numpy(tensor: Any) -> np.ndarray:
    """The values of a tensor of either library, as a view of its memory where that is possible."""
    array = tensor.detach().numpy(force=True)  # torch's gradients that are all zero have no memory to share
    return array if isinstance(array, np.ndarray) else np.asarray(array)


def _plain(value: Any) -> Any:
    """Something comparable across libraries: plain values themselves, other objects by their repr."""
    if isinstance(value, bool | int | str | bytes | type(None) | list | tuple | Mapping):
        return value
    return repr(value)
