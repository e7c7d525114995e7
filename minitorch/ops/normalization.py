"""Normalization as an op. Its gradient is a fused kernel; gradients of higher order use the composite in small ops."""

from __future__ import annotations

from typing import Any

import kernels
from minitorch.autograd.op import Op
from minitorch.ops.elementwise import rsqrt, square
from minitorch.ops.reduction import mean
from minitorch.ops.shape import reshape


def _composite(
    x: Any, weight: Any, bias: Any, shape: tuple[int, ...], dims: tuple[int, ...], eps: float
) -> tuple[Any, Any, Any, Any]:
    m = mean(x, dims, True)
    centred = x - m
    v = mean(square(centred), dims, True)
    r = rsqrt(v + eps)
    out = centred * r
    if weight is not None:
        out = out * reshape(weight, shape)
    if bias is not None:
        out = out + reshape(bias, shape)
    return out, m, r, v


normalize = Op(
    kernels.normalize,
    name="native_batch_norm",
    outputs=("out", "mean", "scale", "var"),
    composite=_composite,
    joint=(
        ("x", "weight", "bias"),
        lambda g, x, weight, bias, mean, scale, shape, dims: kernels.normalize_grad(
            g[0], x, weight, bias, mean, scale, shape, dims
        ),
    ),
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
