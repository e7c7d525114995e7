"""Normalization within a sample: over its last dimensions, or over groups of its channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minitorch.dtypes import dtype
from minitorch.functions.creation import empty
from minitorch.nn import init
from minitorch.nn.functional.normalization import group_norm, layer_norm, rms_norm
from minitorch.nn.modules.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.types import Device, Ints

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def optional_parameter(there: bool, shape: tuple[int, ...], device: Device, dtype: dtype | None) -> Parameter | None:
    """A parameter without values yet, or None."""
    return Parameter(empty(shape, device=device, dtype=dtype)) if there else None


def reset_affine(weight: Parameter | None, bias: Parameter | None) -> None:
    """Set weights to 1 and biases to 0."""
    if weight is not None:
        init.ones_(weight)
    if bias is not None:
        init.zeros_(bias)


class LayerNorm(Module):
    """Standardizes over the last dimensions to mean 0 and variance 1, then scales and shifts.

    Args:
        normalized_shape: the sizes of these dimensions, or of the last one.
        eps: added to the variance.
        elementwise_affine: whether there are parameters `weight` and, if `bias`, `bias`, of `normalized_shape`.
        bias: whether there is a bias.
        device: of the parameters.
        dtype: of the parameters.
    """

    __constants__ = ("elementwise_affine", "eps", "normalized_shape")

    weight: Parameter  # None if there is no such parameter; torch declares them like this too
    bias: Parameter

    def __init__(
        self,
        normalized_shape: Ints,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Device = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        shape = self.normalized_shape
        self.register_parameter("weight", optional_parameter(elementwise_affine, shape, device, dtype))
        self.register_parameter("bias", optional_parameter(elementwise_affine and bias, shape, device, dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set weights to 1 and biases to 0."""
        reset_affine(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """Divides by the root mean square over the last dimensions, then scales.

    Args:
        normalized_shape: the sizes of these dimensions, or of the last one.
        eps: added to the mean square; None means `finfo.eps` of the dtype, of float32 for half precision.
        elementwise_affine: whether there is a parameter `weight` of `normalized_shape`.
        device: of the parameter.
        dtype: of the parameter.
    """

    __constants__ = ("elementwise_affine", "eps", "normalized_shape")

    weight: Parameter  # None without an affine map; torch declares it like this too

    def __init__(
        self,
        normalized_shape: Ints,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Device = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.register_parameter("weight", optional_parameter(elementwise_affine, self.normalized_shape, device, dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weights to 1."""
        reset_affine(self.weight, None)

    def forward(self, x: Tensor) -> Tensor:
        return rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Module):
    """Standardizes groups of channels in each sample to mean 0 and variance 1, then scales and shifts each channel.

    Args:
        num_groups: the number of groups of channels.
        num_channels: the number of channels C.
        eps: added to the variance.
        affine: whether there are parameters `weight` and, if `bias`, `bias`, of shape (C,).
        device: of the parameters.
        dtype: of the parameters.
        bias: whether there is a bias.

    Raises:
        ValueError: if `num_groups` does not divide `num_channels`.
    """

    __constants__ = ("affine", "eps", "num_channels", "num_groups")

    weight: Parameter  # None if there is no such parameter; torch declares them like this too
    bias: Parameter

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Device = None,
        dtype: dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self.register_parameter("weight", optional_parameter(affine, (num_channels,), device, dtype))
        self.register_parameter("bias", optional_parameter(affine and bias, (num_channels,), device, dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set weights to 1 and biases to 0."""
        reset_affine(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        return group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        text = f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"
        return f"{text}, bias={self.bias is not None}"
