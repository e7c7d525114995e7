"""Losses: how far a prediction is from its target.

With the `reduction` ``"none"`` the result is the loss of every element, with ``"sum"`` their sum, with ``"mean"`` their
mean (weighted, for losses over classes). Half precision is computed in single.
"""

from __future__ import annotations

from typing import Any

from kernels.activation import log_sigmoid
from kernels.backend import Array, namespace
from kernels.dispatch import kernel
from kernels.half_precision import widened
from kernels.indexing import Key, along


@kernel
def mse_loss(x: Array, target: Array, reduction: str) -> Array:
    """(x − target)², of arrays of one shape.

    Gradients for an incoming `g`: x: ``mse_loss_grad(g, x, target, reduction)``; target: the same with x and target
    exchanged.
    """
    return reduced(namespace(x).square(widened(x) - widened(target)), reduction, x.size, x.dtype)


@kernel
def mse_loss_grad(g: Array, x: Array, target: Array, reduction: str) -> Array:
    """2 · g · (x − target), divided by the number of elements for "mean": the gradient of `mse_loss` for x.

    `g` has the shape of x for "none", otherwise no dimensions.
    """
    share = widened(g)
    if reduction == "mean":
        share = share / max(x.size, 1)
    return (2 * share * (widened(x) - widened(target))).astype(x.dtype, copy=False)


@kernel
def smooth_l1_loss(x: Array, target: Array, beta: float, reduction: str) -> Array:
    """d² / (2 · beta) where |d| < beta, else |d| − beta / 2, for d = x − target: arrays of one shape, beta > 0."""
    xp = namespace(x)
    d = xp.abs(widened(x) - widened(target))
    return reduced(xp.where(d < beta, d * d * (0.5 / beta), d - 0.5 * beta), reduction, x.size, x.dtype)


@kernel
def huber_loss(x: Array, target: Array, delta: float, reduction: str) -> Array:
    """d² / 2 where |d| < delta, else delta · (|d| − delta / 2), for d = x − target: arrays of one shape, delta > 0.

    The dtypes may differ: the result has the dtype of x.
    """
    xp = namespace(x)
    d = xp.abs(widened(x) - widened(target))
    return reduced(xp.where(d < delta, 0.5 * d * d, delta * (d - 0.5 * delta)), reduction, x.size, x.dtype)


@kernel
def binary_cross_entropy(x: Array, target: Array) -> Array:
    """−target · ln x − (1 − target) · ln(1 − x), for numbers in [0, 1]; logarithms are clamped to at least −100.

    Gradient for an incoming `g`: x: ``binary_cross_entropy_grad(g, x, target)``.
    """
    xp, wide = namespace(x), widened(x)
    yes, no = xp.maximum(xp.log(wide), -100), xp.maximum(xp.log1p(-wide), -100)
    return ((target - 1) * no - target * yes).astype(x.dtype, copy=False)


@kernel
def binary_cross_entropy_grad(g: Array, x: Array, target: Array) -> Array:
    """g · (x − target) / (x · (1 − x)), the divisor clamped to at least 10⁻¹², rounded to single."""
    wide = widened(x)
    divisor = namespace(x).maximum((1 - wide) * wide, 9.999999960041972e-13)
    return (g * ((wide - target) / divisor)).astype(x.dtype, copy=False)


@kernel
def binary_cross_entropy_with_logits(x: Array, target: Array) -> Array:
    """−target · ln σ(x) − (1 − target) · ln σ(−x) = (1 − target) · x − ln σ(x), safe for any x.

    Gradients for an incoming `g`: x: g · (σ(x) − target); target: −g · x.
    """
    return ((1 - target) * x - log_sigmoid(widened(x))).astype(x.dtype, copy=False)


@kernel
def binary_cross_entropy_with_pos_weight(x: Array, target: Array, pos_weight: Array) -> Array:
    """(1 − target) · x − (1 + (pos_weight − 1) · target) · ln σ(x): the terms target · ln σ(x) times pos_weight.

    Gradients for an incoming `g`: x: g · ((pos_weight · target + 1 − target) · σ(x) − pos_weight · target); target:
    g · (ln σ(−x) − pos_weight · ln σ(x)).
    """
    log = log_sigmoid(widened(x))
    return ((1 - target) * x - ((pos_weight - 1) * target + 1) * log).astype(x.dtype, copy=False)


@kernel
def nll_loss(x: Array, target: Array, weight: Array | None, ignore_index: int, reduction: str) -> Array:
    """−weight[t] · x[n, t, …] for the target class t at (n, …); 0 where t is `ignore_index`. Linear in x.

    Gradient for an incoming `g`: ``nll_loss_grad(g, x.shape, …)`` with the same attributes.

    Args:
        x: the logarithms of probabilities, (N, C, …).
        target: classes below C, (N, …), int64.
        weight: of the classes, (C,), or None for ones.
        ignore_index: a class whose targets are left out.
        reduction: see above; "mean" divides the sum by the sum of the weights that are not left out.
    """
    xp = namespace(x)
    wide = widened(x)
    weights, place = _targets(wide, target, weight, ignore_index)
    losses = xp.where(target == ignore_index, 0, -weights * wide[place][:, 0])
    return reduced(losses, reduction, weights.sum(), x.dtype)


@kernel
def nll_loss_grad(
    g: Array, input_shape: tuple[int, ...], target: Array, weight: Array | None, ignore_index: int, reduction: str
) -> Array:
    """Zeros of `input_shape` with −weight[t] · g at the target classes: the adjoint of `nll_loss`.

    Gradient for an incoming `h` of `input_shape`: ``nll_loss(h, …)`` with the same attributes.
    """
    xp = namespace(g)
    weights, place = _targets(widened(g), target, weight, ignore_index)
    share = g / weights.sum() if reduction == "mean" else g
    out = xp.zeros(input_shape, g.dtype)
    out[place] = xp.where(target == ignore_index, 0, -weights * share)[:, None]
    return out


def reduced(losses: Array, reduction: str, count: Any, dtype: Any) -> Array:
    """The losses, their sum, or their sum over `count`, in `dtype`."""
    if reduction == "none":
        return losses.astype(dtype, copy=False)
    total = losses.sum()
    if reduction == "mean":
        total = total / namespace(losses).asarray(count, losses.dtype)
    return total.astype(dtype, copy=False)


def _targets(like: Array, target: Array, weight: Array | None, ignore_index: int) -> tuple[Array, Key]:
    """The weight of each target in the dtype of `like`, 0 if ignored, and the key of the targets in (N, C, …)."""
    xp = namespace(target)
    counts = target != ignore_index
    classes = xp.where(counts, target, 0)
    weights = counts.astype(like.dtype)
    if weight is not None:
        weights *= weight[classes]
    return weights, along(xp, classes[:, None], 1)
