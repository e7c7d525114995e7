"""Pooling layers."""

from __future__ import annotations

from typing import Any

from minitorch._tensor import Tensor
from minitorch.nn import functional as F
from minitorch.nn.modules.module import Module
from minitorch.nn.modules.sizes import ntuple
from minitorch.types import Ints


class _MaxPoolNd(Module):
    """The largest value of every window.

    Args:
        kernel_size: an int, or one for each dimension, as for the next arguments.
        stride: the distance between windows; default: the kernel size.
        padding: on all sides, at most half the kernel size; it is never the largest value.
        dilation: the distance between elements of a window.
        return_indices: whether to also return the positions of the values in their plane.
        ceil_mode: whether to keep a last window that extends beyond the edge.
    """

    def __init__(
        self,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = 0,
        dilation: Ints = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, dilation={self.dilation}, "
            f"ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPoolNd):
    """`functional.max_pool1d`, of (N, C, L) or (C, L)."""

    def forward(self, input: Tensor) -> Tensor:
        result: Any = F.max_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            ceil_mode=self.ceil_mode,
            return_indices=self.return_indices,
        )  # type: ignore[call-overload]  # the value of the bool is not known
        return result  # with `return_indices` a tuple, which unpacks like a tensor


class MaxPool2d(_MaxPoolNd):
    """`functional.max_pool2d`, of (N, C, H, W) or (C, H, W)."""

    def forward(self, input: Tensor) -> Tensor:
        result: Any = F.max_pool2d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            ceil_mode=self.ceil_mode,
            return_indices=self.return_indices,
        )  # type: ignore[call-overload]  # the value of the bool is not known
        return result  # with `return_indices` a tuple, which unpacks like a tensor


class _AvgPoolNd(Module):
    """The mean of every window."""

    kernel_size: Ints
    stride: Any
    padding: Any

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPoolNd):
    """`functional.avg_pool1d`, of (N, C, L) or (C, L); arguments as for `AvgPool2d`."""

    def __init__(
        self,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = ntuple(kernel_size, 1)
        self.stride = ntuple(stride if stride is not None else kernel_size, 1)
        self.padding = ntuple(padding, 1)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)


class AvgPool2d(_AvgPoolNd):
    """`functional.avg_pool2d`, of (N, C, H, W) or (C, H, W).

    Args:
        kernel_size: an int, or one for height and one for width, as for the next arguments.
        stride: the distance between windows; default: the kernel size.
        padding: zeros on all sides, at most half the kernel size.
        ceil_mode: whether to keep a last window that extends beyond the edge.
        count_include_pad: whether the padding counts as elements in the mean.
        divisor_override: divide the sum by this number instead.
    """

    def __init__(
        self,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        return F.avg_pool2d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class _AdaptiveAvgPoolNd(Module):
    """The means of `output_size` windows that cover the input.

    Args:
        output_size: an int, or one for each dimension; None keeps the size of the input.
    """

    def __init__(self, output_size: Ints) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPoolNd):
    """`functional.adaptive_avg_pool1d`, of (N, C, L) or (C, L)."""

    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_AdaptiveAvgPoolNd):
    """`functional.adaptive_avg_pool2d`, of (N, C, H, W) or (C, H, W)."""

    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_avg_pool2d(input, self.output_size)
