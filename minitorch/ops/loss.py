"""Losses. `kernels.loss` explains `reduction` and the arrays."""

from __future__ import annotations

import math
from typing import Any

import kernels
from minitorch.autograd.op import Op
from minitorch.ops.activation import hardtanh, log_sigmoid
from minitorch.ops.constant_gradient import flat
from minitorch.ops.elementwise import log, log1p, sigmoid, square
from minitorch.ops.promotion import common


def _per_element(g: Any, shape: tuple[int, ...], reduction: str) -> Any:
    """The gradient of each element's loss, given the gradient of the reduced loss."""
    return g / max(math.prod(shape), 1) if reduction == "mean" else g


def _clamped_variance(x: Any) -> Any:
    """x · (1 − x), clamped away from 0 as in torch's second derivatives."""
    return (1 - x + 1e-12) * (x + 1e-12)


def _smooth_l1_grad(g: Any, x: Any, target: Any, beta: float, reduction: str) -> Any:
    return _per_element(g, x.shape, reduction) * hardtanh((x - target) / beta, -1.0, 1.0)


def _huber_grad(g: Any, x: Any, target: Any, delta: float, reduction: str) -> Any:
    """g · d with d = x − target clipped to [-delta, delta].

    Raises:
        RuntimeError: for operands of different dtypes, as in torch's gradient.
    """
    if target.dtype != x.dtype:
        raise RuntimeError(f"Found dtype {target.dtype} but expected {x.dtype}: convert the target of the loss")
    return _per_element(g, x.shape, reduction) * hardtanh(x - target, -delta, delta)


mse_loss = Op(
    kernels.mse_loss,
    promote=common(2),
    x=lambda g, x, target, reduction: mse_loss_grad(g, x, target, reduction),
    target=lambda g, x, target, reduction: mse_loss_grad(g, target, x, reduction),
)
mse_loss_grad = Op(
    kernels.mse_loss_grad,
    name="mse_loss_backward",
    g=lambda h, x, target, reduction: 2 * _per_element(h, x.shape, reduction) * (x - target),
    x=lambda h, g, x_shape, reduction: 2 * _per_element(g, x_shape, reduction) * h,
    target=lambda h, g, x_shape, reduction: -2 * _per_element(g, x_shape, reduction) * h,
)
smooth_l1_loss = Op(
    kernels.smooth_l1_loss,
    promote=common(2),
    x=lambda g, x, target, beta, reduction: _smooth_l1_grad(g, x, target, beta, reduction),
    target=lambda g, x, target, beta, reduction: _smooth_l1_grad(g, target, x, beta, reduction),
)
huber_loss = Op(
    kernels.huber_loss,
    x=lambda g, x, target, delta, reduction: _huber_grad(g, x, target, delta, reduction),
    target=lambda g, x, target, delta, reduction: _huber_grad(g, target, x, delta, reduction),
)
binary_cross_entropy = Op(
    kernels.binary_cross_entropy,
    x=lambda g, x, target: binary_cross_entropy_grad(g, x, target),
    target=lambda g, x: g * (log1p(-x) - log(x)),
)
binary_cross_entropy_grad = Op(
    kernels.binary_cross_entropy_grad,
    name="binary_cross_entropy_backward",
    g=lambda h, x, target: h * ((x - target) / _clamped_variance(x)),
    x=lambda h, g, x, target: h * g * ((x * x - 2 * x * target + target) / square(_clamped_variance(x))),
    target=lambda h, g, x: -h * g / ((1 - x) * x),
)
binary_cross_entropy_with_logits = Op(
    kernels.binary_cross_entropy_with_logits,
    promote=common(2),
    x=lambda g, x, target: g * (sigmoid(x) - target),
    target=lambda g, x: -g * x,
)


binary_cross_entropy_with_pos_weight = Op(
    kernels.binary_cross_entropy_with_pos_weight,
    name="binary_cross_entropy_with_logits",
    promote=common(3),
    x=lambda g, x, target, pos_weight: g * ((pos_weight * target + 1 - target) * sigmoid(x) - pos_weight * target),
    target=lambda g, x, pos_weight: g * (log_sigmoid(-x) - pos_weight * log_sigmoid(x)),
)
nll_loss = Op(
    kernels.nll_loss,
    x=flat(
        lambda g, x_origin, x_shape, target, weight, ignore_index, reduction: nll_loss_grad(
            g, x_shape, target, weight, ignore_index, reduction
        )
    ),
)
nll_loss_grad = Op(
    kernels.nll_loss_grad,
    name="nll_loss_backward",
    g=lambda h, target, weight, ignore_index, reduction: nll_loss(h, target, weight, ignore_index, reduction),
)
