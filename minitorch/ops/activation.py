"""Elementwise activations that are not in `elementwise`."""

from __future__ import annotations

import math
from typing import Any

import kernels
from kernels import blockwise
from minitorch.autograd.op import Op
from minitorch.ops.constant_gradient import flat
from minitorch.ops.elementwise import exp, ge, gt, le, logical_or, lt, sigmoid, tanh, where
from minitorch.ops.pointwise import in_single


def _normal_density(x: Any) -> Any:
    """e^(-x²/2) / √(2π)."""
    return exp(x * x * -0.5) * (1 / math.sqrt(2 * math.pi))


def _gelu_slope(x: Any) -> Any:
    """Φ(x) + x · Φ′(x), the derivative of x · Φ(x)."""
    return kernels.ndtr(x) + x * _normal_density(x)


# An op of its own, since the sum of the derivatives of its terms, 2Φ′ + x · Φ″, would cancel where x² is about 2.
gelu_slope = Op(_gelu_slope, name="gelu_backward", x=lambda g, x: g * (_normal_density(x) * (2 - x * x)))


def _gelu_grad(g: Any, x: Any, approximate: str) -> Any:
    """(Φ(x) + x · Φ′(x)) · g, with (1 + tanh u) / 2 = sigmoid 2u where Φ is approximated."""
    if approximate == "tanh":
        c = 2 * math.sqrt(2 / math.pi)
        u = c * (x + 0.044715 * (x * x * x))
        s = sigmoid(u)
        return g * (s + x * (s * sigmoid(-u)) * (c * (1 + 3 * 0.044715 * (x * x))))
    return g * gelu_slope(x)


def _sigmoid_grad(x: Any) -> Any:
    """The derivative of sigmoid."""
    s = sigmoid(x)
    return (1 - s) * s


def _silu_grad(g: Any, x: Any) -> Any:
    s = sigmoid(x)
    return g * (s * (1 + x * (1 - s)))


def _softplus_grad(g: Any, x: Any, beta: float, threshold: float) -> Any:
    """g · σ(βx); from the threshold on, torch's second derivative is 0, while at the threshold this still is g · σ."""
    scaled = x * beta
    return where(gt(scaled, threshold), g, g * sigmoid(where(ge(scaled, threshold), threshold, scaled)))


def _mish_grad(g: Any, x: Any) -> Any:
    t = tanh(softplus(x, 1.0, 20.0))
    return g * (t + x * sigmoid(x) * ((1 - t) * (1 + t)))


leaky_relu = Op(kernels.leaky_relu, x=blockwise(flat(lambda g, x, slope: where(gt(x, 0), g, g * slope))))
elu = Op(
    kernels.elu,
    x=blockwise(
        in_single(
            lambda g, x, alpha, scale: where(le(x, 0), g * (alpha * scale) * exp(where(lt(x, 0), x, 0.0)), g * scale)
        )
    ),
)
gelu = Op(kernels.gelu, x=blockwise(in_single(_gelu_grad)))
silu = Op(kernels.silu, x=blockwise(in_single(_silu_grad)))
softplus = Op(kernels.softplus, x=blockwise(in_single(_softplus_grad)))
mish = Op(kernels.mish, x=blockwise(in_single(_mish_grad)))
log_sigmoid = Op(kernels.log_sigmoid, x=lambda g, x: log_sigmoid_grad(g, x))
log_sigmoid_grad = Op(
    kernels.log_sigmoid_grad,
    name="log_sigmoid_backward",
    g=lambda h, x: log_sigmoid_grad(h, x),
    x=lambda h, g, x: -(h * g) * _sigmoid_grad(x),
)
hardtanh = Op(
    kernels.hardtanh,
    x=blockwise(flat(lambda g, x, lower, upper: where(logical_or(le(x, lower), ge(x, upper)), 0.0, g))),
)
