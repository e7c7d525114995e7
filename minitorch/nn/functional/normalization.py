"""Normalization over batches, layers and groups."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

import kernels
from kernels.half_precision import wide
from minitorch.autograd.mixed_devices import check_same_device
from minitorch.functions.arguments import tensor_argument
from minitorch.nn.functional.arguments import check_implemented, same_or_mixed_dtype
from minitorch.ops import normalization as ops
from minitorch.types import Ints

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Standardize each channel to mean 0 and variance 1, then multiply by `weight` and add `bias`.

    Args:
        input: (N, C) or (N, C, …).
        running_mean: (C,): in training, moved towards the batch's mean by `momentum`; otherwise used instead of it.
        running_var: (C,), the same for the variance (with n - 1 in the denominator).
        weight: (C,) or None.
        bias: (C,) or None.
        training: whether to use the mean and variance of the batch.
        momentum: the weight of the batch in the running statistics.
        eps: added to the variance; in training more than 0.

    Raises:
        ValueError: in training, for a single value per channel, or for only one of the running statistics; for an `eps`
            that is too small.
        RuntimeError: if a statistic or parameter does not have one element per channel, or statistics are missing.
    """
    x = tensor_argument(input, "batch_norm")
    shape = x._array.shape
    if len(shape) < 2:
        raise RuntimeError(f"batch_norm: expected an input of at least 2 dimensions (N, C, …), but got {list(shape)}")
    if training and x._array.size and math.prod(shape) == shape[1]:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {x.shape}")
    if eps < 0 or (training and eps == 0):
        wanted = "positive during training" if training else "non-negative"
        raise ValueError(f"batch_norm eps must be {wanted}, but got {eps}")
    check_implemented("batch_norm", x)
    given = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    mixed = False
    for name, t in given.items():
        if t is not None:
            if t._array.shape != (shape[1],):
                raise RuntimeError(f"{name} should contain {shape[1]} elements not {t._array.size}")
            mixed = mixed or t._array.dtype is not x._array.dtype
    known = running_mean is not None and running_var is not None
    if training and not known and (running_mean is not None or running_var is not None):
        raise ValueError("running_mean and running_var must either both be None or neither be None")
    if not training and not known and x._array.size:
        missing = "running_mean" if running_mean is None else "running_var"
        raise RuntimeError(f"Expected {missing} to be defined when training=False")
    if mixed:
        same_or_mixed_dtype("batch_norm", x, **given)
    if not training and known:
        return ops.normalize_by(x, running_mean, running_var, weight, bias, eps)
    check_same_device("batch_norm", x, running_mean, running_var)
    channels = (1, shape[1]) + (1,) * (len(shape) - 2)
    out, _, _, mean, var = ops.batch_norm(x, weight, bias, shape, (0, *range(2, len(shape))), channels, eps)
    count = math.prod(shape) // max(shape[1], 1)
    if running_mean is not None and running_var is not None and count:  # a batch without values has no statistics
        unbiased = count / max(count - 1, 1)
        kernels.update_running(running_mean._array, running_var._array, mean._array, var._array, momentum, unbiased)
        running_mean._counter[0] += 1
        running_var._counter[0] += 1
    return out


def layer_norm(
    input: Tensor, normalized_shape: Ints, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """Standardize over the last dimensions, of `normalized_shape`, then multiply by `weight` and add `bias`.

    J. L. Ba, J. R. Kiros and G. E. Hinton 2016, https://arxiv.org/abs/1607.06450.

    Raises:
        RuntimeError: if the input does not end in `normalized_shape`, or a parameter has another shape.
    """
    x, shape = _normalized("layer_norm", input, normalized_shape, {"weight": weight, "bias": bias})
    same_or_mixed_dtype("layer_norm", x, weight=weight, bias=bias)
    dims = tuple(range(x._array.ndim - len(shape), x._array.ndim))
    return ops.layer_norm(x, weight, bias, x._array.shape, dims, shape, eps)[0]


def rms_norm(input: Tensor, normalized_shape: Ints, weight: Tensor | None = None, eps: float | None = None) -> Tensor:
    """Divide by the root mean square over the last dimensions, of `normalized_shape`, then multiply by `weight`.

    `eps` is added to the mean square; the default is `finfo.eps` of the dtype, of float32 for half precision.

    Raises:
        ValueError: if the input has fewer dimensions than `normalized_shape`.
        RuntimeError: if the input does not end in `normalized_shape`, or `weight` has another shape.
    """
    x, shape = _normalized("rms_norm", input, normalized_shape, {"weight": weight})
    dtype = x._array.dtype
    small = float(np.finfo(wide(dtype)).eps) if eps is None else eps
    out = ops.scale_by_rms(
        ops.converted(x, wide(dtype)), tuple(range(x._array.ndim - len(shape), x._array.ndim)), small
    )
    return ops.converted(ops.affine(out, weight, None, shape), dtype)


def _normalized(name: str, input: Any, normalized_shape: Ints, given: dict[str, Any]) -> tuple[Any, tuple[int, ...]]:
    x = tensor_argument(input, name)
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not shape:
        raise RuntimeError(
            f"Expected normalized_shape to be at least 1-dimensional, but got normalized_shape = {shape}"
        )
    if name == "rms_norm" and x._array.ndim < len(shape):
        raise ValueError(f"Input tensor must have at least {len(shape)} dimensions, but got {x._array.ndim}")
    for which, t in given.items():
        if t is not None and t._array.shape != shape:
            raise RuntimeError(
                f"Expected {which} to be of same shape as normalized_shape, but got {which} of shape "
                f"{list(t._array.shape)} and normalized_shape = {list(shape)}"
            )
    if tuple(x._array.shape[-len(shape) :]) != shape:
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [*, {', '.join(map(str, shape))}], but "
            f"got input of size{list(x._array.shape)}"
        )
    check_implemented(name, x)
    return x, shape


def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """Standardize groups of channels in each sample, then multiply each channel by `weight` and add `bias`.

    Y. Wu and K. He 2018, https://arxiv.org/abs/1803.08494.

    Raises:
        ValueError: for a single value per group in the whole batch.
        RuntimeError: if `num_groups` does not divide C, or a parameter does not have one element per channel.
    """
    x = tensor_argument(input, "group_norm")
    shape = x._array.shape
    if len(shape) < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {len(shape)}")
    if num_groups > 0 and shape[0] * shape[1] // num_groups * math.prod(shape[2:]) == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {list(shape)}")
    if num_groups <= 0 or shape[1] % num_groups:
        raise RuntimeError(
            f"Expected number of channels in input to be divisible by num_groups, but got input of shape {list(shape)} "
            f"and num_groups={num_groups}"
        )
    for name, t in (("weight", weight), ("bias", bias)):
        if t is not None and t._array.shape != (shape[1],):
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, but got {name} of "
                f"shape {list(t._array.shape)} and input of shape {list(shape)}"
            )
    check_implemented("group_norm", x)
    same_or_mixed_dtype("group_norm", x, weight=weight, bias=bias)
    channels = (1, shape[1]) + (1,) * (len(shape) - 2)
    grouped = (shape[0] * num_groups, math.prod(shape[1:]) // num_groups)
    return ops.group_norm(x, weight, bias, grouped, (1,), channels, eps)[0]
