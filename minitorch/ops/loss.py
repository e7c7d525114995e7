"""Losses. What `reduction` means, and which arrays go in, is said in `kernels.loss`."""

from __future__ import annotations

import math
from typing import Any

import kernels
from minitorch.autograd.op import Op
from minitorch.ops.promotion import common


def _share(g: Any, shape: tuple[int, ...], reduction: str) -> Any:
    """The gradient of the loss of each element."""
    return g / max(math.prod(shape), 1) if reduction == "mean" else g


mse_loss = Op(
    kernels.mse_loss,
    promote=common(2),
    x=lambda g, x, target, reduction: 2 * _share(g, x.shape, reduction) * (x - target),
    target=lambda g, x, target, reduction: 2 * _share(g, x.shape, reduction) * (target - x),
)
nll_loss = Op(
    kernels.nll_loss,
    x=lambda g, x_shape, target, weight, ignore_index, reduction: nll_loss_grad(
        g, x_shape, target, weight, ignore_index, reduction
    ),
)
nll_loss_grad = Op(
    kernels.nll_loss_grad,
    name="nll_loss_backward",
    g=lambda h, target, weight, ignore_index, reduction: nll_loss(h, target, weight, ignore_index, reduction),
)
