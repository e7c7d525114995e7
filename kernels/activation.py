"""Elementwise activations that the array modules do not have. Half precision is computed in single."""

from __future__ import annotations

import math

from kernels.backend import Array, namespace
from kernels.dispatch import contiguous_kernel, kernel
from kernels.elementwise import where
from kernels.half_precision import widened
from kernels.special import ndtr


@kernel
def leaky_relu(x: Array, slope: float) -> Array:
    """x where x > 0, else slope · x."""
    return where(x > 0, x, x * slope)


@kernel
def elu(x: Array, alpha: float, scale: float) -> Array:
    """scale · x where x > 0, else scale · alpha · (eˣ − 1) (Clevert et al. 2016, https://arxiv.org/abs/1511.07289)."""
    xp, wide = namespace(x), widened(x)
    return where(wide > 0, wide * scale, xp.expm1(wide) * (alpha * scale)).astype(x.dtype, copy=False)


@kernel
def gelu(x: Array, approximate: str) -> Array:
    """x · Φ(x) with the normal distribution function Φ (Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415).

    For the approximation ``"tanh"``, Φ(x) ≈ (1 + tanh u) / 2 = 1 / (1 + e^(-2u)) with u = √(2/π) · (x + 0.044715 x³).
    Neither computes 1 + erf or 1 + tanh: for large negative x that sum would cancel to rounding error.
    """
    wide = widened(x)
    if approximate == "tanh":
        doubled = 2 * math.sqrt(2 / math.pi) * (wide + 0.044715 * (wide * wide * wide))
        return (wide / (1 + namespace(x).exp(-doubled))).astype(x.dtype, copy=False)
    return (wide * ndtr(wide)).astype(x.dtype, copy=False)


@kernel
def silu(x: Array) -> Array:
    """x / (1 + e⁻ˣ)."""
    wide = widened(x)
    return (wide / (1 + namespace(x).exp(-wide))).astype(x.dtype, copy=False)


@kernel
def softplus(x: Array, beta: float, threshold: float) -> Array:
    """ln(1 + e^(beta · x)) / beta, or x itself where beta · x > threshold."""
    xp, wide = namespace(x), widened(x)
    scaled = wide * beta
    return where(scaled > threshold, wide, xp.log1p(xp.exp(scaled)) / beta).astype(x.dtype, copy=False)


@kernel
def mish(x: Array) -> Array:
    """x · tanh(ln(1 + eˣ)) (Misra 2019, https://arxiv.org/abs/1908.08681)."""
    xp, wide = namespace(x), widened(x)
    return (wide * xp.tanh(softplus(wide, 1.0, 20.0))).astype(x.dtype, copy=False)


@contiguous_kernel
def log_sigmoid(x: Array) -> Array:
    """ln(1 / (1 + e⁻ˣ)) = min(x, 0) − ln(1 + e^−|x|).

    Gradient for an incoming `g`: ``log_sigmoid_grad(g, x)``.
    """
    xp, wide = namespace(x), widened(x)
    return (xp.minimum(wide, 0) - xp.log1p(xp.exp(-xp.abs(wide)))).astype(x.dtype, copy=False)


@kernel
def log_sigmoid_grad(g: Array, x: Array) -> Array:
    """g / (1 + eˣ)."""
    return (g / (1 + namespace(x).exp(widened(x)))).astype(x.dtype, copy=False)


@kernel
def hardtanh(x: Array, lower: float, upper: float) -> Array:
    """min(max(x, lower), upper)."""
    xp = namespace(x)
    return xp.minimum(upper, xp.maximum(lower, x))  # of two zeros NumPy takes the second: −0 stays −0
