"""Sizes that are given as one int for all dimensions, or as an iterable with one for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def ntuple(value: Any, n: int) -> tuple[Any, ...]:
    """An iterable as a tuple; any other value n times."""
    return tuple(value) if isinstance(value, Iterable) else (value,) * n
