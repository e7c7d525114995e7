"""Padding layers: `functional.pad` in the last one or two dimensions.

The argument `padding` is an int for all sides, or (left, right) or (left, right, top, bottom).
"""

from __future__ import annotations

from typing import Any

from minitorch._tensor import Tensor
from minitorch.nn import functional as F
from minitorch.nn.modules.module import Module
from minitorch.nn.modules.sizes import ntuple


class _PadNd(Module):
    """The base of padding layers.

    Args:
        padding: see above.
    """

    _mode: str
    _sides: int

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = ntuple(padding, self._sides)

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPadNd(_PadNd):
    """Padding with a number.

    Args:
        padding: see above.
        value: the number.
    """

    _mode = "constant"

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPadNd):
    """Padding of (…, L) with `value`."""

    _sides = 2


class ConstantPad2d(_ConstantPadNd):
    """Padding of (…, H, W) with `value`."""

    _sides = 4


class ZeroPad1d(ConstantPad1d):
    """Padding of (…, L) with zeros."""

    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad2d(ConstantPad2d):
    """Padding of (…, H, W) with zeros."""

    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ReflectionPadNd(_PadNd):
    """Padding with the mirror image, without repeating the edge."""

    _mode = "reflect"


class ReflectionPad1d(_ReflectionPadNd):
    """Padding of (N, C, L) or (C, L) with its mirror image, less than L on each side."""

    _sides = 2


class ReflectionPad2d(_ReflectionPadNd):
    """Padding of (N, C, H, W) or (C, H, W) with its mirror image, less than its size on each side."""

    _sides = 4


class _ReplicationPadNd(_PadNd):
    """Padding with the edge element."""

    _mode = "replicate"


class ReplicationPad1d(_ReplicationPadNd):
    """Padding of (N, C, L) or (C, L) with its edge."""

    _sides = 2


class ReplicationPad2d(_ReplicationPadNd):
    """Padding of (N, C, H, W) or (C, H, W) with its edge."""

    _sides = 4


class _CircularPadNd(_PadNd):
    """Padding with the elements from the other end.

    Raises:
        ValueError: for a wrong number of dimensions.
    """

    _mode = "circular"

    def forward(self, input: Tensor) -> Tensor:
        ndim = self._sides // 2
        if input.dim() not in (ndim + 1, ndim + 2):
            raise ValueError(f"expected {ndim + 1}D or {ndim + 2}D input (got {input.dim()}D input)")
        return super().forward(input)


class CircularPad1d(_CircularPadNd):
    """Padding of (N, C, L) or (C, L) with the elements from its other end, at most L on each side."""

    _sides = 2


class CircularPad2d(_CircularPadNd):
    """Padding of (N, C, H, W) or (C, H, W) with the elements from its other end, at most its size."""

    _sides = 4
