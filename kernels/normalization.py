"""Normalization to mean 0 and variance 1 over some dimensions: for batch, layer and group norm."""

from __future__ import annotations

import math

from kernels.backend import Array, namespace
from kernels.dispatch import contiguous_kernel, kernel
from kernels.half_precision import wide, widened


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
def scale_by_rms(x: Array, dims: tuple[int, ...], eps: float) -> Array:
    """x / √(mean(x²) + eps) over `dims`. B. Zhang and R. Sennrich 2019, https://arxiv.org/abs/1910.07467."""
    xp = namespace(x)
    y = widened(x)
    count = math.prod(x.shape[d] for d in dims)
    square = xp.square(y).sum(axis=dims, keepdims=True, dtype="float64") / count
    return (y * (1 / xp.sqrt(square + eps)).astype(y.dtype)).astype(x.dtype, copy=False)
