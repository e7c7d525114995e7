"""Losses of single numbers. `reduction` is ``"none"`` for the loss of every element, ``"sum"`` or ``"mean"``.

The arguments `size_average` and `reduce` are deprecated: reduce=False means "none", size_average=False means "sum".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import kernels
from minitorch.autograd.graph import Variable, this_thread
from minitorch.functions.arithmetic import xlogy
from minitorch.functions.broadcasting import broadcast_tensors, broadcast_to
from minitorch.functions.reduction import mean, sum
from minitorch.nn.functional.arguments import check_implemented, reduction_of
from minitorch.ops import loss as ops
from minitorch.ops.elementwise import exp
from minitorch.user_warnings import warn_user

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """(input − target)².

    Args:
        input: any shape.
        target: of the same shape; another shape is broadcast, with a warning.
        size_average: see above.
        reduce: see above.
        reduction: see above; with `weight`, "mean" divides by the sum of the weights.
        weight: factors of the losses, of the shape of `input`.

    Raises:
        RuntimeError: if the shapes do not broadcast.
        NotImplementedError: for integers.
        ValueError: for an unknown reduction, or weights of another shape.
    """
    x, y = _pair("mse_loss", input, target)
    reduction = reduction_of(reduction, size_average, reduce)
    if weight is not None:
        return _weighted((x - y).square(), input, weight, reduction)
    _check_floats("mse_cpu", x, y)
    return ops.mse_loss(x, y, reduction)


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """|input − target|. Arguments and errors as for `mse_loss`; integers have a sum, but no mean (RuntimeError)."""
    x, y = _pair("l1_loss", input, target)
    reduction = reduction_of(reduction, size_average, reduce)
    if weight is not None:
        return _weighted((x - y).abs(), input, weight, reduction)
    return _reduced((x - y).abs(), reduction)


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """d² / (2 · beta) where |d| < beta, else |d| − beta / 2, for d = input − target; `l1_loss` for beta = 0.

    Arguments and errors as for `mse_loss`, and RuntimeError for a negative `beta`.
    """
    x, y = _pair("smooth_l1_loss", input, target)
    reduction = reduction_of(reduction, size_average, reduce)
    if not beta >= 0:
        raise RuntimeError(f"smooth_l1_loss does not support negative values for beta, but got {beta}")
    if beta == 0:
        return l1_loss(x, y, reduction=reduction)
    _check_floats("smooth_l1_cpu", x, y)
    return ops.smooth_l1_loss(x, y, beta, reduction)


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Tensor | None = None
) -> Tensor:
    """d² / 2 where |d| < delta, else delta · (|d| − delta / 2), for d = input − target (Huber 1964).

    The result has the dtype of `input`. Operands of different dtypes cannot be differentiated (RuntimeError). Other
    arguments and errors as for `mse_loss`, but "mean" never divides by weights; and RuntimeError for a `delta` that is
    not positive.
    """
    x, y = _pair("huber_loss", input, target)
    reduction = reduction_of(reduction)
    if not delta > 0:
        raise RuntimeError(f"huber_loss does not support non-positive values for delta, but got {delta}")
    if x._array.dtype.kind != "f" and y._array.dtype.kind == "f":
        raise RuntimeError(f"huber_loss: result type {y.dtype} can't be cast to the desired output type {x.dtype}")
    check_implemented("huber_cpu", x)
    if weight is None:
        return ops.huber_loss(x, y, delta, reduction)
    _check_weight(input, weight)
    return _reduced(ops.huber_loss(x, y, delta, "none") * weight, reduction)


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """target · (ln target − input): the divergence of Kullback and Leibler from exp(input) to `target`, term by term.

    Args:
        input: logarithms of probabilities.
        target: probabilities, or with `log_target` their logarithms; broadcast with `input`.
        size_average: see above.
        reduce: see above.
        reduction: see above; ``"batchmean"`` divides the sum by the size of the first dimension of `input`.
        log_target: whether `target` contains logarithms.

    Raises:
        RuntimeError: for integers, or shapes that do not broadcast.
        ValueError: for an unknown reduction.
    """
    x, y = _tensors("kl_div", input, target)
    legacy = size_average is not None or reduce is not None
    batchmean = reduction == "batchmean" and not legacy
    if reduction == "mean" and not legacy:
        warn_user(
            "reduction: 'mean' divides the total loss by both the batch size and the support size. 'batchmean' divides "
            "only by the batch size, and aligns with the KL div math definition.",
        )
    reduction = "sum" if batchmean else reduction_of(reduction, size_average, reduce)
    if x._array.dtype.kind != "f" or y._array.dtype.kind != "f":
        raise RuntimeError(f"kl_div: Integral inputs not supported, but got {x.dtype} and {y.dtype}")
    loss = _reduced(exp(y) * (y - x) if log_target else xlogy(y, y) - y * x, reduction)
    return loss / x._array.shape[0] if batchmean and x._array.ndim else loss


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """−target · ln input − (1 − target) · ln(1 − input), where logarithms are clamped to at least −100.

    Args:
        input: probabilities.
        target: probabilities, of the same shape and dtype.
        weight: factors of the losses, expanded to their shape. Not differentiable.
        size_average: see above.
        reduce: see above.
        reduction: see above.

    Raises:
        RuntimeError: for values outside [0, 1], or different dtypes.
        ValueError: for different shapes, or an unknown reduction.
    """
    x, y = _tensors("binary_cross_entropy", input, target)
    reduction = reduction_of(reduction, size_average, reduce)
    if x._array.shape != y._array.shape:
        raise ValueError(
            f"Using a target size ({y.shape}) that is different to the input size ({x.shape}) is deprecated. Please "
            "ensure they have the same size."
        )
    check_implemented("binary_cross_entropy", x)
    if x._array.dtype != y._array.dtype:
        raise RuntimeError(f"binary_cross_entropy: expected a target of dtype {x.dtype}, but found dtype {y.dtype}")
    for name, t in (("input", x), ("target", y)):
        if kernels.backend_of(t._array).can_read_values() and not _in_unit(t._array):
            raise RuntimeError(f"all elements of {name} should be between 0 and 1")
    losses = ops.binary_cross_entropy(x, y)
    if weight is not None:
        _check_constant("binary_cross_entropy", "weight", weight)
        losses = losses * broadcast_to(weight, x._array.shape).to(x.dtype)
    return _reduced(losses, reduction)


def _in_unit(array: Any) -> bool:
    """Whether all numbers are in [0, 1]."""
    with kernels.on_device_of(array):
        return bool(((array >= 0) & (array <= 1)).all())


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """`binary_cross_entropy` of sigmoid(input), computed without overflow.

    Args:
        input: any numbers.
        target: probabilities, of the same shape.
        weight: factors of the losses, broadcast to their shape. Not differentiable.
        size_average: see above.
        reduce: see above.
        reduction: see above.
        pos_weight: factors of the terms target · ln sigmoid(input); broadcast. Not differentiable.

    Raises:
        ValueError: for different shapes, or an unknown reduction.
        RuntimeError: for an integer target, or weights that do not broadcast or require a gradient.
    """
    x, y = _tensors("binary_cross_entropy_with_logits", input, target)
    reduction = reduction_of(reduction, size_average, reduce)
    if x._array.shape != y._array.shape:
        raise ValueError(f"Target size ({y.shape}) must be the same as input size ({x.shape})")
    check_implemented("log_sigmoid_cpu", x)
    if y._array.dtype.kind != "f":
        raise RuntimeError(f"binary_cross_entropy_with_logits: expected a target of {x.dtype}, but got {y.dtype}")
    for argument, t in (("weight", weight), ("pos_weight", pos_weight)):
        if t is not None:
            _check_constant("binary_cross_entropy_with_logits", argument, t)
    if pos_weight is None:
        losses = ops.binary_cross_entropy_with_logits(x, y)
    else:
        losses = ops.binary_cross_entropy_with_pos_weight(x, y, pos_weight)
    losses = losses.to(y.dtype)
    return _reduced(losses if weight is None else losses * weight, reduction)


def _tensors(name: str, input: Any, target: Any) -> tuple[Tensor, Tensor]:
    """Check that input and target are tensors; else raise torch's error, which comes from calling their `size()`."""
    for t in (target, input):
        if not isinstance(t, Variable):
            kind = type(t).__name__
            raise AttributeError(f"'{kind}' object has no attribute 'size': {name} expects tensors, but got {kind}")
    return input, target


def _pair(name: str, input: Any, target: Any) -> tuple[Tensor, Tensor]:
    """Input and target broadcast to one shape, with a warning if the shapes differ."""
    x, y = _tensors(name, input, target)
    if x._array.shape == y._array.shape:
        return x, y
    warn_user(
        f"Using a target size ({y.shape}) that is different to the input size ({x.shape}). This will likely lead to "
        "incorrect results due to broadcasting. Please ensure they have the same size.",
    )
    x, y = broadcast_tensors(x, y)
    return x, y


def _check_floats(name: str, x: Tensor, y: Tensor) -> None:
    if y._array.dtype.kind != "f":
        check_implemented(name, x)


def _check_constant(name: str, argument: str, t: Tensor) -> None:
    if t._requires_grad and this_thread.grad_enabled:
        raise RuntimeError(
            f"The function '{name}' is not differentiable with respect to argument '{argument}'. This input "
            "cannot have requires_grad True."
        )


def _check_weight(input: Tensor, weight: Any) -> None:
    shape = getattr(weight, "shape", ())
    if tuple(shape) != input._array.shape:
        raise ValueError(
            f"Weights and input must have the same size, but got {list(shape)} and {list(input._array.shape)}."
        )


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    if reduction == "none":
        return losses
    return sum(losses) if reduction == "sum" else mean(losses)


def _weighted(losses: Tensor, input: Tensor, weight: Tensor, reduction: str) -> Tensor:
    """Multiply the losses by their weights and reduce; "mean" divides the sum by the sum of the weights."""
    _check_weight(input, weight)
    losses = losses * weight
    return sum(losses) / sum(weight) if reduction == "mean" else _reduced(losses, reduction)
