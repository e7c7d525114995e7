"""Losses over classes: the prediction is a score, or the logarithm of a probability, for each class.

`reduction`, `size_average` and `reduce` are as in `loss`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import kernels
from minitorch.autograd.graph import this_thread, wrap
from minitorch.autograd.mixed_devices import check_same_device
from minitorch.functions.arguments import index_out_of_range, tensor_argument
from minitorch.functions.reduction import sum
from minitorch.nn.functional.arguments import check_implemented, ints, reduction_of, same_dtype
from minitorch.ops import loss as ops
from minitorch.ops.shape import reshape, reshape_result
from minitorch.ops.softmax import log_softmax

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """−weight[t] · input[n, t, …] for the target class t at (n, …).

    Args:
        input: the logarithms of probabilities, (C,) or (N, C, …).
        target: classes below C, () or (N, …), int64 (or uint8 if the input has at most two dimensions).
        weight: of the classes, (C,); None for ones. Not differentiable.
        size_average: see above.
        ignore_index: a target of this value does not count and has no gradient.
        reduce: see above.
        reduction: see above; "mean" divides the sum by the sum of the weights of the targets that count.

    Raises:
        IndexError: for a target that is not a class.
        ValueError: if the batches differ in size, or for a reduction of another name.
        RuntimeError: for other shapes or dtypes that do not match.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    x, t, shape = _classes("nll_loss", input, target, weight, ignore_index)
    check_implemented("nll_loss_out_frame", x)
    loss = ops.nll_loss(x, t, weight, ignore_index, reduction)
    return _each_loss(loss, x, shape) if reduction == "none" else loss


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """−Σ weight[c] · p[n, c, …] · log_softmax(input)[n, c, …] over the classes c.

    Args:
        input: any numbers, (C,) or (N, C, …).
        target: the probabilities p, in the shape of `input`; or classes, as for `nll_loss`.
        weight: of the classes, (C,); None for ones.
        size_average: see above.
        ignore_index: a target class of this value does not count and has no gradient.
        reduce: see above.
        reduction: see above; "mean" divides the sum by the sum of the weights of the targets that count, or for
            probabilities by the number of distributions.
        label_smoothing: s in p' = (1 − s) · p + s / C.

    Raises:
        IndexError: for a target that is not a class.
        ValueError: if the batches differ in size, or for a reduction of another name.
        RuntimeError: for other shapes or dtypes that do not match, or s > 1.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    x = tensor_argument(input, "cross_entropy_loss")
    t = tensor_argument(target, "cross_entropy_loss", 2, "target")
    (ignore_index,) = ints(ignore_index, "cross_entropy_loss", "ignore_index")
    if label_smoothing > 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    smoothing = label_smoothing if label_smoothing > 0 else 0.0
    if x._array.shape == t._array.shape:
        return _of_probabilities(x, t, weight, ignore_index, reduction, smoothing)
    check_implemented("log_softmax_lastdim_kernel_impl", x)
    x, t, shape = _classes("nll_loss", x, t, weight, ignore_index)
    logs = log_softmax(x, 1)
    loss = ops.nll_loss(logs, t, weight, ignore_index, reduction)
    if smoothing:
        loss = (1 - smoothing) * loss + smoothing * _uniform_target(logs, t, weight, ignore_index, reduction)
        return reshape_result(loss, shape) if reduction == "none" else loss
    return _each_loss(loss, x, shape) if reduction == "none" else loss


def _each_loss(loss: Tensor, x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The losses of x (N, C, …), one for each target, in `shape`.

    torch computes them in this shape if x has 2 or 4 dimensions. For any other number it computes the losses of a batch
    of images, (N, H, W), and returns a view of these.
    """
    return reshape_result(loss, shape) if x._array.ndim in (2, 4) else reshape(loss, shape)


def _uniform_target(logs: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str) -> Tensor:
    """The cross entropy with the uniform distribution as target; entries where `target` is ignored do not count."""
    counts = target != ignore_index
    products = logs if weight is None else logs * _along_classes(weight, logs)
    losses = (sum(products, 1) / -logs._array.shape[1]).where(counts, 0.0)
    if reduction == "none":
        return losses
    if reduction == "sum":
        return sum(losses)
    return sum(losses) / sum(counts if weight is None else weight[target.where(counts, 0)] * counts)


def _along_classes(weight: Tensor, x: Tensor) -> Tensor:
    """The weights of the classes in a shape that broadcasts with x (N, C, …) or (C,)."""
    ndim = x._array.ndim
    return weight if ndim == 1 else reshape(weight, (1, -1) + (1,) * (ndim - 2))


def _of_probabilities(
    x: Tensor, p: Tensor, weight: Tensor | None, ignore_index: int, reduction: str, smoothing: float
) -> Tensor:
    """`cross_entropy` for targets that are probabilities."""
    if p._array.dtype.kind != "f":
        raise RuntimeError(
            "Expected floating point type for target with class probabilities, which is what a target of the shape of "
            f"the input {list(x._array.shape)} means, got {p.dtype}"
        )
    if ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    check_implemented("log_softmax_lastdim_kernel_impl", x)
    shape = x._array.shape
    dim = 1 if len(shape) > 1 else 0
    classes = shape[dim]
    if weight is not None and weight._array.shape != (classes,):
        raise RuntimeError(
            f"cross_entropy: weight tensor should be defined either for all {classes} classes or no classes but got "
            f"weight tensor of shape: {list(weight._array.shape)}"
        )
    logs = log_softmax(x, dim)
    if smoothing:
        p = p * (1 - smoothing) + smoothing / classes
    products = logs * p
    if weight is not None:
        products = products * _along_classes(weight, x)
    if reduction == "none":
        return -sum(products, dim)
    total = -sum(products)
    if reduction == "sum":
        return total
    return total / (x._array.size // classes) if x._array.size else 0 * total + float("nan")


def _classes(
    name: str, input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int
) -> tuple[Tensor, Tensor, tuple[int, ...]]:
    """Input (N, C, …), target (N, …) in int64, and the shape of the losses before the reduction."""
    x, t = tensor_argument(input, name), tensor_argument(target, name, 2, "target")
    check_same_device(name, x, t, weight)
    shape, t_shape = x._array.shape, t._array.shape
    _check_classes(shape, t_shape, t)
    classes = shape[1] if len(shape) > 1 else shape[0]
    if weight is not None:
        if weight._array.shape != (classes,):
            raise RuntimeError(
                f"weight tensor should be defined either for all {classes} classes or no classes but got weight tensor "
                f"of shape: {list(weight._array.shape)}"
            )
        same_dtype(name, input=input, weight=weight)
        if weight._requires_grad and this_thread.grad_enabled:
            raise RuntimeError(
                f"The function '{name}_forward' is not differentiable with respect to argument 'weight'. This input "
                "cannot have requires_grad True."
            )
    chosen = t._array.astype("int64", copy=False)
    if index_out_of_range(chosen, 0, classes) is not None:
        with kernels.on_device_of(chosen):
            wrong = chosen[(chosen != ignore_index) & ((chosen < 0) | (chosen >= classes))].tolist()
        if wrong:
            raise IndexError(
                f"Target {wrong[0]} is out of bounds: expected a class in [0, {classes - 1}], or {ignore_index}, "
                "which is ignored"
            )
    if chosen is not t._array:
        t = wrap(chosen)
    if len(shape) > 1:
        return x, t, t_shape
    return reshape(x, (1, classes)), reshape(t, (1,)), ()


def _check_classes(x: tuple[int, ...], target: tuple[int, ...], t: Tensor) -> None:
    sizes = f"input of shape {list(x)} and target of shape {list(target)}"
    if not x:
        raise ValueError(f"Expected 1 or more dimensions (got 0): {sizes}")
    if len(x) == 1:
        if len(target) == 1 and target[0] != 1:
            raise ValueError(f"For 1D input, 1D target must have size 1, but got target size: {target[0]}")
    elif target[:1] != x[:1]:
        batch = target[0] if target else 0
        raise ValueError(f"Expected input batch_size ({x[0]}) to match target batch_size ({batch}): {sizes}.")
    if len(x) < 3 and len(target) > 1:
        raise RuntimeError(f"0D or 1D target tensor expected, multi-target not supported: {sizes}")
    if len(x) > 2 and target[1:] != x[2:]:
        raise RuntimeError(f"Expected target size {[x[0], *x[2:]]}, got {list(target)}: {sizes}")
    if t._array.dtype != "int64" and not (t._array.dtype == "uint8" and len(x) < 3):
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {t.dtype}; convert it with .long()")
