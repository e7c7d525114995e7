"""`torch.Size`: the shape of a tensor."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any, SupportsIndex, overload


class Size(tuple[int, ...]):
    """The sizes of a tensor's dimensions: a tuple with torch's repr and `numel`."""

    __slots__ = ()

    def __new__(cls, iterable: Iterable[SupportsIndex] = ()) -> Size:
        """The sizes as integers.

        Raises:
            TypeError: if `iterable` is not one, or if one of them is no integer.
        """
        found = []
        for i, n in enumerate(iterable):
            try:
                found.append(operator.index(n))
            except TypeError:
                raise TypeError(f"torch.Size() takes an iterable of 'int' (item {i} is {type(n).__name__!r})") from None
        return tuple.__new__(cls, found)

    def numel(self) -> int:
        """The product of the sizes."""
        count = 1
        for n in self:
            count *= n
        return count

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    __str__ = __repr__

    @overload
    def __getitem__(self, key: SupportsIndex) -> int: ...

    @overload
    def __getitem__(self, key: slice) -> Size: ...

    def __getitem__(self, key: Any) -> Any:
        found = tuple.__getitem__(self, key)
        return size_of(found) if isinstance(key, slice) else found

    def __add__(self, other: tuple[int, ...]) -> Size:  # type: ignore[override]  # not of other tuples
        if not isinstance(other, tuple):
            return NotImplemented  # `other` may know how to add itself
        return Size(tuple.__add__(self, other))


def size_of(shape: tuple[int, ...]) -> Size:
    """An array's shape as a `Size`, whose elements need no check."""
    return tuple.__new__(Size, shape)
