"""Normalization to mean 0 and variance 1 over some dimensions: for batch, layer and group norm."""

from __future__ import annotations

import math

from kernels.backend import Array, namespace
from kernels.dispatch import contiguous_kernel, kernel
from kernels.half_precision import wide, widened


@contiguous_kernel
def normalize(
    x: Array, weight: Array | None, bias: Array | None, shape: tuple[int, ...], dims: tuple[int, ...], eps: float
) -> tuple[Array, Array, Array, Array]:
    """(x - m) · r · weight + bias with the mean m over `dims`, the variance v = Σ (x - m)² / n, and r = 1 / √(v + eps).

    Sums are in double precision: the mean of many numbers must be more precise than each of them.

    S. Ioffe and C. Szegedy 2015, https://arxiv.org/abs/1502.03167.

    Args:
        x: of any shape.
        weight: or None for 1; reshaped to `shape`, which broadcasts with that of x.
        bias: the same, or None for 0.
        shape: as many dimensions as x has.
        dims: the dimensions of a group.
        eps: added to the variance.

    Returns:
        The result, of the shape of x, and m, r and v with `dims` of size 1; in the dtype of x, but for half precision
        m, r and v are single.
    """
    xp = namespace(x)
    count = math.prod(x.shape[d] for d in dims)
    small = wide(x.dtype)
    mean = x.sum(axis=dims, keepdims=True, dtype="float64") / count
    centred = x.astype(small, copy=False) - mean.astype(small)
    rest = centred.sum(axis=dims, keepdims=True, dtype="float64") / count  # the rounding error of the mean
    var = xp.square(centred).sum(axis=dims, keepdims=True, dtype="float64") / count - xp.square(rest)
    scale = (1 / xp.sqrt(var + eps)).astype(small)
    centred *= scale
    if weight is not None:
        centred *= weight.reshape(shape)
    if bias is not None:
        centred += bias.reshape(shape)
    return centred.astype(x.dtype, copy=False), mean.astype(small), scale, var.astype(small)


@kernel
def normalize_grad(
    g: Array,
    x: Array,
    weight: Array | None,
    bias: Array | None,
    mean: Array,
    scale: Array,
    shape: tuple[int, ...],
    dims: tuple[int, ...],
) -> tuple[Array, Array | None, Array | None]:
    """The gradients of `normalize` for x, weight and bias, given that of its first result; summed in double.

    With y = (x - m) · r and h = g · weight: r · (h - mean(h) - y · mean(h · y)) with means over `dims`; and the sums of
    g · y and of g over the dimensions that `shape` broadcasts.
    """
    count = math.prod(g.shape[d] for d in dims)
    h = g.astype(scale.dtype, copy=False)
    y = (x.astype(scale.dtype, copy=False) - mean) * scale
    repeated = tuple(d for d, n in enumerate(shape) if n == 1)
    weight_grad, bias_grad = None, None
    if bias is not None:
        bias_grad = h.sum(axis=repeated, dtype="float64").astype(bias.dtype).reshape(bias.shape)
    if weight is not None:
        weight_grad = (h * y).sum(axis=repeated, dtype="float64").astype(weight.dtype).reshape(weight.shape)
        h = h * weight.reshape(shape)
    middle = (h.sum(axis=dims, keepdims=True, dtype="float64") / count).astype(scale.dtype)
    slope = ((h * y).sum(axis=dims, keepdims=True, dtype="float64") / count).astype(scale.dtype)
    return ((h - middle - y * slope) * scale).astype(g.dtype, copy=False), weight_grad, bias_grad


@kernel
def scale_by_rms(x: Array, dims: tuple[int, ...], eps: float) -> Array:
    """x / √(mean(x²) + eps) over `dims`. B. Zhang and R. Sennrich 2019, https://arxiv.org/abs/1910.07467."""
    xp = namespace(x)
    y = widened(x)
    count = math.prod(x.shape[d] for d in dims)
    square = xp.square(y).sum(axis=dims, keepdims=True, dtype="float64") / count
    return (y * (1 / xp.sqrt(square + eps)).astype(y.dtype)).astype(x.dtype, copy=False)
