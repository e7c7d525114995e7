"""Normalization as ops. Their gradients are fused kernels; gradients of higher order use composites in small ops."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import kernels
from kernels.half_precision import wide, widened
from kernels.normalization import FEW
from minitorch.autograd.basic import cast
from minitorch.autograd.op import Op
from minitorch.ops.elementwise import rsqrt, square
from minitorch.ops.reduction import mean
from minitorch.ops.shape import reshape

Shape = tuple[int, ...]


def converted(x: Any, dtype: Any) -> Any:
    """The tensor x in `dtype`: x itself if it has that."""
    return x if x._array.dtype == dtype else cast(x, dtype)


def affine(out: Any, weight: Any, bias: Any, shape: Shape) -> Any:
    """``out * weight + bias``, each reshaped to `shape`; either may be None. Half precision is computed in single."""
    if weight is not None:
        out = out * reshape(converted(weight, wide(weight._array.dtype)), shape)
    if bias is not None:
        out = out + reshape(converted(bias, wide(bias._array.dtype)), shape)
    return out


def _composite(x: Any, weight: Any, bias: Any, shape: Shape, dims: Shape, spread: Shape, eps: float) -> Any:
    few = math.prod(shape[d] for d in dims) <= FEW
    dtype = x._array.dtype
    y = reshape(converted(x, np.dtype("float64") if few else wide(dtype)), shape)
    centred = y - mean(y, dims, True)
    y = centred * rsqrt(mean(square(centred), dims, True) + eps)
    out = affine(converted(reshape(y, x._array.shape), wide(dtype)), weight, bias, spread)
    return converted(out, dtype)


def _normalization(name: str) -> Op:
    """The op of `kernels.normalize`, which nodes call `name`."""
    return Op(
        kernels.normalize,
        name=name,
        outputs=("out", "y", "scale", "mean", "var"),
        differentiable=1,
        composite=_composite,
        x=lambda g, y, scale, weight, dims, spread: kernels.normalize_grad(g, y, scale, weight, dims, spread),
        weight=lambda g, y, spread, weight_shape: kernels.sum_to(g * y.reshape(g.shape), spread).reshape(weight_shape),
        bias=lambda g, spread, bias_shape: kernels.sum_to(widened(g), spread).reshape(bias_shape),
    )


batch_norm, layer_norm, group_norm = map(
    _normalization, ("native_batch_norm", "native_layer_norm", "native_group_norm")
)


def _spread(x: Any) -> Shape:
    """The shape of a value for each channel that broadcasts to x (N, C, …)."""
    return (1, x.shape[1]) + (1,) * (len(x.shape) - 2)


def _composite_by(x: Any, mean: Any, var: Any, weight: Any, bias: Any, eps: float) -> Any:
    spread, dtype = _spread(x), x._array.dtype
    mean, var = (reshape(converted(t, wide(t._array.dtype)), spread) for t in (mean, var))
    y = (converted(x, wide(dtype)) - mean) * rsqrt(var + eps)
    return converted(affine(y, weight, bias, spread), dtype)


def _deviations(x: Any, mean: Any, var: Any, eps: float) -> Any:
    """x standardized by the statistics."""
    return kernels.normalize_by(widened(x), mean, var, None, None, eps)


def _factor(g: Any, var: Any, weight: Any, eps: float) -> Any:
    """What `kernels.normalize_by` multiplies x by."""
    scale = kernels.rsqrt(widened(var) + eps)
    return (scale if weight is None else scale * weight).reshape(_spread(g))


normalize_by = Op(
    kernels.normalize_by,
    name="native_batch_norm",
    composite=_composite_by,
    x=lambda g, var, weight, eps: g * _factor(g, var, weight, eps),
    weight=lambda g, x, mean, var, eps: kernels.sum_to(g * _deviations(x, mean, var, eps), _spread(g)).reshape(-1),
    bias=lambda g: kernels.sum_to(widened(g), _spread(g)).reshape(-1),
)


def _rms_composite(x: Any, dims: tuple[int, ...], eps: float) -> Any:
    return x * rsqrt(mean(square(x), dims, True) + eps)


def _rms_grad(g: Any, x: Any, dims: tuple[int, ...], eps: float) -> Any:
    r = rsqrt(mean(square(x), dims, True) + eps)
    return r * (g - x * (r * r * mean(g * x, dims, True)))


scale_by_rms = Op(
    kernels.scale_by_rms,
    name="rms_norm",
    composite=_rms_composite,
    x=lambda g, x, dims, eps: _rms_grad(g, x, dims, eps),
)
