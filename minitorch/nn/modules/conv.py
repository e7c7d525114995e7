"""Convolution layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernels.windows import Window, conv_transpose_output_sizes, same_padding
from minitorch._tensor import Tensor
from minitorch.dtypes import dtype
from minitorch.functions.creation import empty
from minitorch.nn import functional as F
from minitorch.nn.modules.linear import reset
from minitorch.nn.modules.module import Module
from minitorch.nn.modules.sizes import ntuple
from minitorch.nn.parameter import Parameter
from minitorch.types import Device, Ints

_WORDS = ("same", "valid")
_MODES = ("zeros", "reflect", "replicate", "circular")


class _ConvNd(Module):
    """The base of convolution layers. Arguments as for `Conv2d`; sizes are tuples.

    Raises:
        ValueError: if groups do not divide the channels, for an unknown padding or padding mode, or for "same" with a
            stride.
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: tuple[int, ...],
        stride: tuple[int, ...],
        padding: str | tuple[int, ...],
        dilation: tuple[int, ...],
        transposed: bool,
        output_padding: tuple[int, ...],
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Device = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__()
        if groups <= 0:
            raise ValueError(f"groups must be a positive integer, but got {groups}")
        for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(f"{name} must be divisible by groups, but got {channels} and groups={groups}")
        if isinstance(padding, str):
            if padding not in _WORDS:
                raise ValueError(f"Invalid padding string {padding!r}, should be one of {_WORDS}")
            if padding == "same" and any(s != 1 for s in stride):
                raise ValueError(f"padding='same' is not supported for strided convolutions, but got stride={stride}")
        if padding_mode not in _MODES:
            raise ValueError(f"padding_mode must be one of {_MODES}, but got padding_mode='{padding_mode}'")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.transposed = transposed
        self.output_padding = output_padding
        self.groups = groups
        self.padding_mode = padding_mode
        self._reversed_padding_repeated_twice = self._padding_of_both_sides()
        first, second = (in_channels, out_channels) if transposed else (out_channels, in_channels)
        self.weight = Parameter(empty((first, second // groups, *kernel_size), device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(empty((out_channels,), device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _padding_of_both_sides(self) -> tuple[int, ...]:
        """The padding in the form of `functional.pad`: two ints for each dimension, from the last one on."""
        if self.padding == "valid":
            return (0, 0) * len(self.kernel_size)
        if isinstance(self.padding, str):
            pairs = [same_padding((k, 1), (d, 1))[0] for k, d in zip(self.kernel_size, self.dilation, strict=True)]
        else:
            pairs = [(p, p) for p in self.padding]
        return tuple(p for pair in reversed(pairs) for p in pair)

    def reset_parameters(self) -> None:
        """Draw new parameters."""
        reset(self.weight, self.bias)

    def _padded(self, input: Tensor) -> tuple[Tensor, Any]:
        """The input, padded unless the padding mode is zeros, and the padding for the convolution itself."""
        if self.padding_mode == "zeros":
            return input, self.padding
        return F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode), 0

    def extra_repr(self) -> str:
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        if self.padding != (0,) * len(self.padding):
            parts.append(f"padding={self.padding}")
        if self.dilation != (1,) * len(self.dilation):
            parts.append(f"dilation={self.dilation}")
        if self.output_padding != (0,) * len(self.output_padding):
            parts.append(f"output_padding={self.output_padding}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)

    def __setstate__(self, state: Any) -> None:
        super().__setstate__(state)
        if not hasattr(self, "padding_mode"):
            self.padding_mode = "zeros"


class Conv1d(_ConvNd):
    """The convolution of (N, in_channels, L) or (in_channels, L); arguments as for `Conv2d`, sizes one int each."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Ints,
        stride: Ints = 1,
        padding: Ints | str = 0,
        dilation: Ints = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Device = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            ntuple(kernel_size, 1),
            ntuple(stride, 1),
            padding if isinstance(padding, str) else ntuple(padding, 1),
            ntuple(dilation, 1),
            False,
            (0,),
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        x, padding = self._padded(input)
        return F.conv1d(x, weight, bias, self.stride, padding, self.dilation, self.groups)

    def forward(self, input: Tensor) -> Tensor:
        return self._conv_forward(input, self.weight, self.bias)


class Conv2d(_ConvNd):
    """The convolution of (N, in_channels, H, W) or (in_channels, H, W); `functional.conv2d` has the formula.

    Weight (out_channels, in_channels / groups, *kernel_size) and bias (out_channels,) start uniform in ±1 / √k, k being
    the number of products that are summed for one element of the result.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the result.
        kernel_size: an int, or one for height and one for width, as for the next arguments.
        stride: the distance between windows.
        padding: on all sides; ``"valid"`` for none, ``"same"`` for a result of the input's size.
        dilation: the distance between elements of the kernel.
        groups: the number of blocks into which the channels are divided; each is convolved separately.
        bias: whether there is a bias.
        padding_mode: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``: how the padding is filled.
        device: device of the parameters.
        dtype: dtype of the parameters.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Ints,
        stride: Ints = 1,
        padding: Ints | str = 0,
        dilation: Ints = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Device = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            ntuple(kernel_size, 2),
            ntuple(stride, 2),
            padding if isinstance(padding, str) else ntuple(padding, 2),
            ntuple(dilation, 2),
            False,
            (0, 0),
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        x, padding = self._padded(input)
        return F.conv2d(x, weight, bias, self.stride, padding, self.dilation, self.groups)

    def forward(self, input: Tensor) -> Tensor:
        return self._conv_forward(input, self.weight, self.bias)


class ConvTranspose2d(_ConvNd):
    """The transposed convolution of (N, in_channels, H, W) or (in_channels, H, W): `functional.conv_transpose2d`.

    Weight (in_channels, out_channels / groups, *kernel_size) and bias (out_channels,) start uniform in ±1 / √k with
    k = out_channels / groups · kernel height · kernel width.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the result.
        kernel_size: an int, or one for height and one for width, as for the next arguments.
        stride: the distance between windows in the result.
        padding: rows and columns cropped from each side of the result.
        output_padding: rows and columns added to the result at the bottom and on the right.
        groups: the number of blocks into which the channels are divided; each is convolved separately.
        bias: whether there is a bias.
        dilation: the distance between elements of the kernel.
        padding_mode: ``"zeros"``, the only one.
        device: device of the parameters.
        dtype: dtype of the parameters.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Ints,
        stride: Ints = 1,
        padding: Ints | str = 0,
        output_padding: Ints = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Ints = 1,
        padding_mode: str = "zeros",
        device: Device = None,
        dtype: dtype | None = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}, got {padding_mode!r}')
        super().__init__(
            in_channels,
            out_channels,
            ntuple(kernel_size, 2),
            ntuple(stride, 2),
            ntuple(padding, 2),
            ntuple(dilation, 2),
            True,
            ntuple(output_padding, 2),
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """The transposed convolution, with the output padding that gives `output_size` (H', W') if this is given.

        Raises:
            ValueError: if no output padding gives this size.
        """
        more = self.output_padding if output_size is None else self._padding_for(input, list(output_size))
        return F.conv_transpose2d(
            input, self.weight, self.bias, self.stride, self.padding, more, self.groups, self.dilation
        )

    def _padding_for(self, input: Tensor, size: list[int]) -> tuple[int, ...]:
        """The output padding that gives `size` (H', W'), or (…, H', W')."""
        others = input.dim() - 2
        if len(size) == others + 2:
            size = size[others:]
        if len(size) != 2:
            raise ValueError(
                f"ConvTranspose2D: for {input.dim()}D input, output_size must have 2 or {others + 2} elements "
                f"(got {len(size)})"
            )
        sizes: Any = self.kernel_size, self.stride, self.padding, self.dilation
        least = conv_transpose_output_sizes(input.shape, Window(*sizes), (0, 0))
        most = [low + s - 1 for low, s in zip(least, self.stride, strict=True)]
        if any(not low <= n <= high for low, n, high in zip(least, size, most, strict=True)):
            raise ValueError(
                f"requested an output size of {size}, but valid sizes range from {list(least)} to {most} "
                f"(for an input of {input.shape[2:]})"
            )
        return tuple(n - low for n, low in zip(size, least, strict=True))
