"""Normalization on CuPy: a block of threads for each group of numbers, with reductions in shared memory."""

from __future__ import annotations

from math import prod

import numpy as np

from kernels import normalization as reference
from kernels.backend import Array, namespace
from kernels.cuda.launch import Template, contiguous
from kernels.half_precision import wide

standardize = Template("normalization.cu", "standardize")
standardize_grad = Template("normalization.cu", "standardize_grad")
scale_by_rms = Template("normalization.cu", "scale_by_rms")


@reference.standardize.on("cupy")
def standardize_cupy(x: Array, dims: tuple[int, ...], eps: float) -> tuple[Array, Array, Array, Array]:
    """`standardize` in one launch."""
    form = _groups(x.shape, dims)
    if form is None or not standardize.takes(x):
        return reference.standardize.reference(x, dims, eps)
    xp = namespace(x)
    groups, count, inner = form
    kept = tuple(1 if d in dims else n for d, n in enumerate(x.shape))
    out = xp.empty(x.shape, x.dtype)
    scale, mean, var = (xp.empty(kept, wide(x.dtype)) for _ in range(3))
    standardize.rows(x, groups, count, contiguous(x), out, scale, mean, var, count, inner, np.float64(eps))
    return out, scale, mean, var


@reference.standardize_grad.on("cupy")
def standardize_grad_cupy(g: Array, out: Array, scale: Array, dims: tuple[int, ...]) -> Array:
    """`standardize_grad` in one launch."""
    form = _groups(g.shape, dims)
    if form is None or not standardize_grad.takes(g, out) or scale.dtype != wide(g.dtype):
        return reference.standardize_grad.reference(g, out, scale, dims)
    groups, count, inner = form
    x_grad = namespace(g).empty(g.shape, g.dtype)
    arrays = (contiguous(a) for a in (g, out, scale))
    standardize_grad.rows(g, groups, count, *arrays, x_grad, count, inner)
    return x_grad


@reference.scale_by_rms.on("cupy")
def scale_by_rms_cupy(x: Array, dims: tuple[int, ...], eps: float) -> Array:
    """`scale_by_rms` in one launch."""
    form = _groups(x.shape, dims)
    if form is None or not scale_by_rms.takes(x):
        return reference.scale_by_rms.reference(x, dims, eps)
    groups, count, inner = form
    out = namespace(x).empty(x.shape, x.dtype)
    scale_by_rms.rows(x, groups, count, contiguous(x), out, count, inner, np.float64(eps))
    return out


def _groups(shape: tuple[int, ...], dims: tuple[int, ...]) -> tuple[int, int, int] | None:
    """How many groups, how many elements in each, and how many of those in a run of memory.

    None if the dimensions that are left do not stand side by side, or there is nothing to go through.
    """
    left = [d for d in range(len(shape)) if d not in dims]
    first, after = (left[0], left[-1] + 1) if left else (len(shape), len(shape))
    if after - first != len(left) or not prod(shape):
        return None
    if not left:
        return 1, prod(shape), prod(shape)
    inner = prod(shape[after:])
    return prod(shape[first:after]), prod(shape[:first]) * inner, inner
