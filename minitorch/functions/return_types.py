"""The results of functions that return two tensors (`torch.return_types`): named tuples with torch's `repr`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def _text(result: tuple[Tensor, ...], names: tuple[str, ...]) -> str:
    fields = ",\n".join(f"{name}={value!r}" for name, value in zip(names, result, strict=True))
    return f"torch.return_types.{type(result).__name__}(\n{fields})"


class _ValuesAndIndices(NamedTuple):
    values: Tensor
    indices: Tensor

    def __repr__(self) -> str:
        return _text(self, self._fields)


class max(_ValuesAndIndices):
    """The largest elements along a dimension, and their indices."""

    __slots__ = ()


class min(_ValuesAndIndices):
    """The smallest elements along a dimension, and their indices."""

    __slots__ = ()


class median(_ValuesAndIndices):
    """The medians along a dimension, and their indices."""

    __slots__ = ()


class sort(_ValuesAndIndices):
    """The sorted elements along a dimension, and their old indices."""

    __slots__ = ()


class cummax(_ValuesAndIndices):
    """The largest elements so far along a dimension, and their indices."""

    __slots__ = ()


class topk(_ValuesAndIndices):
    """The largest or smallest elements along a dimension, and their indices."""

    __slots__ = ()


class _Bounds(NamedTuple):
    min: Tensor
    max: Tensor

    def __repr__(self) -> str:
        return _text(self, self._fields)


class aminmax(_Bounds):
    """The smallest and the largest element."""

    __slots__ = ()
