"""Batch normalization, with running statistics for evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import kernels
from minitorch import dtypes
from minitorch.dtypes import dtype
from minitorch.functions.creation import ones, zeros
from minitorch.functions.data import tensor
from minitorch.nn.functional.normalization import batch_norm
from minitorch.nn.modules.module import Module
from minitorch.nn.modules.normalization import optional_parameter, reset_affine
from minitorch.types import Device

if TYPE_CHECKING:
    from minitorch._tensor import Tensor
    from minitorch.nn.parameter import Parameter


class _BatchNorm(Module):
    """The base of batch normalization; subclasses differ in the shape of the input.

    Args:
        num_features: the number of channels C.
        eps: added to the variance.
        momentum: the weight of a batch in the running statistics; None: each batch counts the same.
        affine: whether there are parameters `weight` (C,), initially ones, and `bias` (C,), initially zeros.
        track_running_stats: whether to keep the buffers `running_mean`, `running_var` and `num_batches_tracked`;
            without them, evaluation also uses the mean and variance of the batch.
        bias: whether there is a parameter `bias`.
        device: of parameters and buffers.
        dtype: of parameters and buffers.
    """

    _version = 2
    __constants__ = ("affine", "eps", "momentum", "num_features", "track_running_stats")

    weight: Parameter  # None if there is no such parameter; torch declares them like this too
    bias: Parameter
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Device = None,
        dtype: dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self.register_parameter("weight", optional_parameter(affine, (num_features,), device, dtype))
        self.register_parameter("bias", optional_parameter(affine and bias, (num_features,), device, dtype))
        for name, fill in (("running_mean", zeros), ("running_var", ones)):
            statistic = fill((num_features,), device=device, dtype=dtype) if track_running_stats else None
            self.register_buffer(name, statistic)
        count = tensor(0, dtype=dtypes.int64, device=device) if track_running_stats else None
        self.register_buffer("num_batches_tracked", count)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Set the running mean to 0, the running variance to 1, the number of batches to 0, if they are tracked."""
        mean, var, count = self.running_mean, self.running_var, self.num_batches_tracked
        if self.track_running_stats and mean is not None and var is not None and count is not None:
            mean.zero_()
            var.fill_(1)
            count.zero_()

    def reset_parameters(self) -> None:
        """Reset the running statistics, and set weights to 1 and biases to 0."""
        self.reset_running_stats()
        reset_affine(self.weight, self.bias)

    def _check_input_dim(self, input: Tensor) -> None:
        raise NotImplementedError

    def forward(self, input: Tensor) -> Tensor:
        self._check_input_dim(input)
        momentum: Any = 0.0 if self.momentum is None else self.momentum
        count = self.num_batches_tracked if self.training and self.track_running_stats else None
        if count is not None:
            kernels.add_into(count._array, 1)
            count._counter[0] += 1
            if self.momentum is None:
                momentum = kernels.reciprocal(kernels.cast(count._array, "float64"))  # on a GPU nothing waits for it
        mean, var = self.running_mean, self.running_var
        batch = self.training or (mean is None and var is None)
        if self.training and not self.track_running_stats:
            mean = var = None
        return batch_norm(input, mean, var, self.weight, self.bias, batch, momentum, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )

    def _load_from_state_dict(self, state_dict: Any, prefix: str, local_metadata: Any, *rest: Any) -> None:
        key = prefix + "num_batches_tracked"
        if local_metadata.get("version") in (None, 1) and self.track_running_stats and key not in state_dict:
            count = self.num_batches_tracked
            state_dict[key] = tensor(0, dtype=dtypes.int64) if count is None else count
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)


class BatchNorm1d(_BatchNorm):
    """Batch normalization of (N, C) or (N, C, L), over N, or N and L. Arguments: see `_BatchNorm`."""

    def _check_input_dim(self, input: Tensor) -> None:
        if input.dim() not in (2, 3):
            raise ValueError(f"expected 2D or 3D input (got {input.dim()}D input)")


class BatchNorm2d(_BatchNorm):
    """Batch normalization of (N, C, H, W), over N, H and W. Arguments: see `_BatchNorm`."""

    def _check_input_dim(self, input: Tensor) -> None:
        if input.dim() != 4:
            raise ValueError(f"expected 4D input (got {input.dim()}D input)")
