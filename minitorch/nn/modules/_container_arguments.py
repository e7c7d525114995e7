"""Reading the arguments of containers: indices of lists, and entries of dictionaries."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from typing import Any

from minitorch.nn.modules.module import Module


def position(idx: Any, size: int) -> int:
    """An index of a list as a nonnegative number.

    Raises:
        IndexError: if it is out of range.
    """
    idx = operator.index(idx)
    if not -size <= idx < size:
        raise IndexError(f"index {idx} is out of range")
    return idx % size


def pairs_of(given: Any, container: str) -> list[tuple[str, Any]]:
    """The entries of a mapping, or of an iterable of pairs."""
    if not isinstance(given, Iterable):
        raise TypeError(
            f"{container}.update should be called with an iterable of key/value pairs, but got {type(given).__name__}"
        )
    if isinstance(given, Mapping) or (isinstance(given, Module) and hasattr(type(given), "items")):
        dictionary: Any = given
        return list(dictionary.items())
    pairs = []
    for i, pair in enumerate(given):
        if not isinstance(pair, Iterable):
            raise TypeError(f"{container} update sequence element #{i} should be Iterable; is {type(pair).__name__}")
        entry: Any = pair
        if len(entry) != 2:
            raise ValueError(f"{container} update sequence element #{i} has length {len(entry)}; 2 is required")
        pairs.append((entry[0], entry[1]))
    return pairs
