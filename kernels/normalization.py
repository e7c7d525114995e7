"""Normalization to mean 0 and variance 1 over some dimensions: for batch, layer and group norm."""

from __future__ import annotations

import math

from kernels.backend import Array, namespace
from kernels.dispatch import contiguous_kernel, kernel
from kernels.half_precision import wide, widened

FEW = 16
"""`normalize` computes groups of at most this many values in double precision."""


@contiguous_kernel
def standardize(x: Array, dims: tuple[int, ...], eps: float) -> tuple[Array, Array, Array, Array]:
    """(x - m) · r with the mean m over `dims`, the variance v = Σ (x - m)² / n, and r = 1 / √(v + eps).

    Sums are in double precision: the mean of many numbers must be more precise than each of them. Gradient for an
    incoming `g` of the first result y: r · (g - mean(g) - y · mean(g · y)), the means over `dims`.

    S. Ioffe and C. Szegedy 2015, https://arxiv.org/abs/1502.03167.

    Returns:
        The result, of the shape of x, and r, m and v with `dims` of size 1; in the dtype of x, but for half precision
        r, m and v are single.
    """
    xp = namespace(x)
    count = math.prod(x.shape[d] for d in dims)
    small = wide(x.dtype)
    mean = x.sum(axis=dims, keepdims=True, dtype="float64") / count
    centred = x.astype(small, copy=False) - mean.astype(small)
    rest = centred.sum(axis=dims, keepdims=True, dtype="float64") / count  # the rounding error of the mean
    if small == "float64":  # the sum is no more precise than the numbers: equal ones must give 0
        centred -= rest
        rest = xp.zeros_like(rest)
    var = xp.square(centred).sum(axis=dims, keepdims=True, dtype="float64") / count - xp.square(rest)
    scale = (1 / xp.sqrt(var + eps)).astype(small)
    centred *= scale
    return centred.astype(x.dtype, copy=False), scale, mean.astype(small), var.astype(small)


@kernel
def standardize_grad(g: Array, out: Array, scale: Array, dims: tuple[int, ...]) -> Array:
    """scale · (g - mean(g) - out · mean(g · out)) over `dims`, summed in double: the gradient of `standardize`."""
    count = math.prod(g.shape[d] for d in dims)
    h = g.astype(scale.dtype, copy=False)
    mean = (h.sum(axis=dims, keepdims=True, dtype="float64") / count).astype(scale.dtype)
    slope = ((h * out).sum(axis=dims, keepdims=True, dtype="float64") / count).astype(scale.dtype)
    return ((h - mean - out * slope) * scale).astype(g.dtype, copy=False)


@kernel
def normalize(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    shape: tuple[int, ...],
    dims: tuple[int, ...],
    spread: tuple[int, ...],
    eps: float,
) -> tuple[Array, Array, Array, Array, Array]:
    """y · weight + bias, where y is x standardized in the shape `shape` over `dims`: batch, layer and group norm.

    The gradient is the incoming one minus its mean and minus its projection on y. For a group of two values this
    difference is nearly 0, and for a few values it is small: in single precision it would be mostly rounding error. So
    groups of at most `FEW` values are standardized in double precision. Half precision is computed in single.

    Args:
        x: any shape.
        weight: reshaped to `spread`, or None for 1.
        bias: the same, or None for 0.
        shape: that of x, or another one of as many elements, in which `dims` are counted.
        dims: the dimensions of a group.
        spread: a shape that broadcasts to the shape of x.
        eps: added to the variance.

    Returns:
        The result, of the shape and dtype of x; y in `shape`; then r, the mean and the variance, see `standardize`.
    """
    few = math.prod(shape[d] for d in dims) <= FEW
    y, scale, mean, var = standardize(
        x.astype("float64" if few else wide(x.dtype), copy=False).reshape(shape), dims, eps
    )
    out = y.reshape(x.shape).astype(wide(x.dtype), copy=False)
    if weight is not None:
        out = out * widened(weight).reshape(spread)
    if bias is not None:
        out = out + widened(bias).reshape(spread)
    return out.astype(x.dtype, copy=weight is None and bias is None), y, scale, mean, var


@kernel
def normalize_grad(
    g: Array, y: Array, scale: Array, weight: Array | None, dims: tuple[int, ...], spread: tuple[int, ...]
) -> Array:
    """`standardize_grad` of g · weight: the gradient of `normalize` for x, in the dtype in which y was computed."""
    h = g.astype(y.dtype, copy=False)
    if weight is not None:
        h = h * weight.astype(y.dtype, copy=False).reshape(spread)
    return standardize_grad(h.reshape(y.shape), y, scale, dims).reshape(g.shape)


@kernel
def normalize_by(x: Array, mean: Array, var: Array, weight: Array | None, bias: Array | None, eps: float) -> Array:
    """(x − mean) / √(var + eps) · weight + bias, for x (N, C, …) and the others (C,), or None for no weight or bias.

    This is batch normalization by given statistics. Half precision is computed in single.
    """
    spread = (-1,) + (1,) * (x.ndim - 2)
    scale = 1 / namespace(x).sqrt(widened(var) + eps)
    if weight is not None:
        scale *= weight
    out = widened(x) - widened(mean).reshape(spread)
    out *= scale.reshape(spread)
    if bias is not None:
        out += bias.reshape(spread)
    return out.astype(x.dtype, copy=False)


@kernel
def update_running(
    running_mean: Array, running_var: Array, mean: Array, var: Array, momentum: float | Array, factor: float
) -> None:
    """Both running statistics ← (1 − momentum) · running + momentum · batch, in place; var is multiplied by `factor`.

    `mean` and `var` have as many elements as the running statistics. `momentum` is a number, or an array without
    dimensions.
    """
    for running, batch, weight in ((running_mean, mean, momentum), (running_var, var, momentum * factor)):
        running[...] = widened(running) * (1 - momentum) + batch.reshape(running.shape) * weight


@kernel
def scale_by_rms(x: Array, dims: tuple[int, ...], eps: float) -> Array:
    """x / √(mean(x²) + eps) over `dims`. B. Zhang and R. Sennrich 2019, https://arxiv.org/abs/1910.07467."""
    xp = namespace(x)
    y = widened(x)
    count = math.prod(x.shape[d] for d in dims)
    square = xp.square(y).sum(axis=dims, keepdims=True, dtype="float64") / count
    return (y * (1 / xp.sqrt(square + eps)).astype(y.dtype)).astype(x.dtype, copy=False)
