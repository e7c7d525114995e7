"""Linear maps."""

from __future__ import annotations

import math
from typing import Any

from minitorch._tensor import Tensor
from minitorch.dtypes import dtype
from minitorch.functions.creation import empty
from minitorch.nn import functional as F, init
from minitorch.nn.modules.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.types import Device


class Identity(Module):
    """Returns its input; the constructor ignores all arguments."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        return input


class Linear(Module):
    """input · weightᵀ + bias, from (…, in_features) to (…, out_features).

    Weight (out_features, in_features) and bias (out_features,) start uniform in ±1 / √in_features.

    Args:
        in_features: the size of the last dimension of the input.
        out_features: the size of the last dimension of the result.
        bias: whether there is a bias.
        device: device of the parameters.
        dtype: dtype of the parameters.
    """

    weight: Parameter
    bias: Parameter  # None without a bias; torch declares it like this too

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Device = None, dtype: dtype | None = None
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(empty((out_features, in_features), device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(empty((out_features,), device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new parameters."""
        reset(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


def reset(weight: Tensor, bias: Tensor | None) -> None:
    """torch's initialisation of linear and convolution layers: weight and bias uniform in ±1 / √fan_in."""
    init.kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None:
        fan_in, _ = init._calculate_fan_in_and_fan_out(weight)
        bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0
        init.uniform_(bias, -bound, bound)
