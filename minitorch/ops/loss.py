"""Losses. What `reduction` means, and which arrays go in, is said in `kernels.loss`."""

from __future__ import annotations

import math
from typing import Any

import kernels
from minitorch.autograd.basic import zeros_like
from minitorch.autograd.op import Op
from minitorch.ops.activation import log_softmax
from minitorch.ops.elementwise import mul, sign, where
from minitorch.ops.promotion import common
from minitorch.ops.reduction import sum


def _share(g: Any, shape: tuple[int, ...], reduction: str) -> Any:
    """The gradient of the loss of each element."""
    return g / max(math.prod(shape), 1) if reduction == "mean" else g


def _cross_entropy(
    x: Any, target: Any, weight: Any, ignore_index: int, label_smoothing: float, reduction: str
) -> tuple[Any, Any]:
    """`cross_entropy` in small ops."""
    logs = log_softmax(x, 1)
    loss = nll_loss(logs, target, weight, ignore_index, reduction)
    if label_smoothing == 0:
        return loss, logs
    classes = logs.shape[1]
    dtype = logs._array.dtype
    weighted = logs if weight is None else mul(logs, weight.reshape(1, classes, *[1] * (len(logs.shape) - 2)))
    counts = (target != ignore_index)._array
    smooth = where(counts, -sum(weighted, (1,), False, dtype), 0.0)
    if reduction != "none":
        smooth = sum(smooth, tuple(range(len(smooth.shape))), False, dtype)
    if reduction == "mean":
        smooth = smooth / nll_loss(zeros_like(logs) - 1, target, weight, ignore_index, "sum")  # the sum of the weights
    return (1 - label_smoothing) * loss + (label_smoothing / classes) * smooth, logs


mse_loss = Op(
    kernels.mse_loss,
    promote=common(2),
    x=lambda g, x, target, reduction: 2 * _share(g, x.shape, reduction) * (x - target),
    target=lambda g, x, target, reduction: 2 * _share(g, x.shape, reduction) * (target - x),
)
l1_loss = Op(
    kernels.l1_loss,
    promote=common(2),
    x=lambda g, x, target, reduction: _share(g, x.shape, reduction) * sign(x - target),
    target=lambda g, x, target, reduction: _share(g, x.shape, reduction) * sign(target - x),
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
cross_entropy = Op(
    kernels.cross_entropy,
    outputs=("out", "log_probabilities"),
    composite=_cross_entropy,
    x=lambda g, log_probabilities, target, weight, ignore_index, label_smoothing, reduction: kernels.cross_entropy_grad(
        g[0], log_probabilities, target, weight, ignore_index, label_smoothing, reduction
    ),
)
