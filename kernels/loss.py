"""Losses: how far a prediction is from its target.

The argument `reduction` says what becomes of the losses of the elements: ``"none"``: they are the result, ``"sum"``:
their sum is, ``"mean"``: their mean, for the losses over classes weighted. Half precision is computed in single.
"""

from __future__ import annotations

from typing import Any

from kernels.activation import log_softmax
from kernels.backend import Array, namespace
from kernels.dispatch import kernel
from kernels.half import widened
from kernels.indexing import Key, along


@kernel
def mse_loss(x: Array, target: Array, reduction: str) -> Array:
    """(x − target)², of arrays of one shape."""
    return reduced(namespace(x).square(widened(x) - widened(target)), reduction, x.size, x.dtype)


@kernel
def l1_loss(x: Array, target: Array, reduction: str) -> Array:
    """|x − target|, of arrays of one shape."""
    return reduced(namespace(x).abs(widened(x) - widened(target)), reduction, x.size, x.dtype)


@kernel
def nll_loss(x: Array, target: Array, weight: Array | None, ignore_index: int, reduction: str) -> Array:
    """−weight[t] · x[n, t, …] for the target class t at (n, …); 0 where t is `ignore_index`. Linear in x.

    Gradient for an incoming `g`: ``nll_loss_grad(g, x.shape, …)`` with the same attributes.

    Args:
        x: the logarithms of probabilities, (N, C, …).
        target: classes below C, (N, …), int64.
        weight: of the classes, (C,), or None for ones.
        ignore_index: a class that does not count.
        reduction: see above; "mean" divides the sum by that of the weights that count.
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
    weights, place = _targets(widened(g), target, weight, ignore_index)
    out = namespace(g).zeros(input_shape, g.dtype)
    out[place] = (-_shares(g, target, weights, ignore_index, reduction) * weights)[:, None]
    return out


@kernel
def cross_entropy(
    x: Array, target: Array, weight: Array | None, ignore_index: int, label_smoothing: float, reduction: str
) -> tuple[Array, Array]:
    """−Σ q[n, c, …] · log_softmax(x)[n, c, …] over the classes c; 0 where the target is `ignore_index`.

    q[c] = weight[c] · ((1 − s) · [c = t] + s / C) for the target class t, with s = `label_smoothing`, from Szegedy et
    al. 2016, https://arxiv.org/abs/1512.00567.

    Gradient for an incoming `g`: ``cross_entropy_grad(g, log_probabilities, …)`` with the same attributes.

    Args:
        x: any numbers, (N, C, …).
        target, weight, ignore_index, reduction: as for `nll_loss`.
        label_smoothing: the part of the target that is spread evenly over all classes.

    Returns:
        The loss, and log_softmax(x) over the classes, in single for half precision.
    """
    xp = namespace(x)
    logs = log_softmax(widened(x), 1)
    weights, place = _targets(logs, target, weight, ignore_index)
    losses = (label_smoothing - 1) * weights * logs[place][:, 0]
    if label_smoothing:
        losses = losses - (_even(logs, weight, label_smoothing) * logs).sum(axis=1)
    return reduced(xp.where(target == ignore_index, 0, losses), reduction, weights.sum(), x.dtype), logs


@kernel
def cross_entropy_grad(
    g: Array,
    log_probabilities: Array,
    target: Array,
    weight: Array | None,
    ignore_index: int,
    label_smoothing: float,
    reduction: str,
) -> Array:
    """(softmax(x) · Σ q − q) · g: the gradient of `cross_entropy` with respect to x."""
    xp = namespace(g)
    weights, place = _targets(log_probabilities, target, weight, ignore_index)
    shares = _shares(widened(g), target, weights, ignore_index, reduction)
    hot = (shares * (1 - label_smoothing) * weights)[:, None]
    out = xp.exp(log_probabilities)
    if label_smoothing:
        q = shares[:, None] * _even(log_probabilities, weight, label_smoothing)
        q[place] += hot
        out *= q.sum(axis=1, keepdims=True)
        out -= q
    else:
        out *= hot
        out[place] -= hot
    return out.astype(g.dtype, copy=False)


def reduced(losses: Array, reduction: str, count: Any, dtype: Any) -> Array:
    """The losses, their sum, or their sum over `count`, in `dtype`."""
    if reduction == "none":
        return losses.astype(dtype, copy=False)
    total = losses.sum()
    if reduction == "mean":
        total = total / namespace(losses).asarray(count, losses.dtype)
    return total.astype(dtype, copy=False)


def _targets(like: Array, target: Array, weight: Array | None, ignore_index: int) -> tuple[Array, Key]:
    """The weight of each target in the dtype of `like`, 0 if it is ignored, and the key of its place in (N, C, …)."""
    xp = namespace(target)
    counts = target != ignore_index
    classes = xp.where(counts, target, 0)
    weights = counts.astype(like.dtype)
    if weight is not None:
        weights *= weight[classes]
    return weights, along(xp, classes[:, None], 1)


def _shares(g: Array, target: Array, weights: Array, ignore_index: int, reduction: str) -> Array:
    """The part of the incoming gradient that each target's loss gets before weighting: none if it is ignored."""
    return namespace(g).where(target == ignore_index, 0, g / weights.sum() if reduction == "mean" else g)


def _even(like: Array, weight: Array | None, label_smoothing: float) -> Array:
    """What label smoothing asks of all classes, s / C · weight, in a shape to go with `like` (N, C, …)."""
    classes = like.shape[1]
    even = namespace(like).full((1, classes) + (1,) * (like.ndim - 2), label_smoothing / max(classes, 1), like.dtype)
    return even if weight is None else even * weight.reshape(even.shape)
