"""Counting bytes: how much memory arrays hold, each piece once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kernels import backend_of, is_array


class Pieces:
    """The pieces of memory that have been counted.

    Args:
        known: arrays whose memory does not count, such as those of parameters.
    """

    def __init__(self, known: Iterable[Any] = ()) -> None:
        self._seen: dict[int, Any] = {}  # by id: the owner of the memory; held, so that no new array gets this id
        for array in known:
            self.add(array)

    def add(self, value: Any) -> int:
        """The bytes of the memory behind an array, 0 if they were counted before; of a tuple, those of its parts."""
        if isinstance(value, tuple | list):
            return sum(map(self.add, value))
        if not is_array(value):
            return 0
        owner = backend_of(value).owner(value)
        if id(owner) in self._seen:
            return 0
        self._seen[id(owner)] = owner
        size: int = getattr(owner, "nbytes", value.nbytes)
        return size


def amount(number: int) -> str:
    """A count with its thousands apart, ``1,234``."""
    return f"{number:,}"
