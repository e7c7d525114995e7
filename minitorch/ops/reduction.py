"""Reductions. `dims`, a tuple, and `dim` are already normalized: non-negative."""

from __future__ import annotations

import math
from typing import Any

import kernels
from minitorch.autograd.basic import cast, clone, contiguous, expand
from minitorch.autograd.graph import Variable
from minitorch.autograd.op import Op
from minitorch.ops.constant_gradient import constant
from minitorch.ops.elementwise import abs, eq, exp, isnan, pow, sign, where
from minitorch.ops.promotion import array_of, floating
from minitorch.ops.shape import cat, flip, inverse, permute, reshape, unsqueeze


def _with_ones(g: Any, shape: tuple[int, ...], dims: tuple[int, ...]) -> Any:
    """A result, or its gradient, with size 1 in the dimensions `dims` that were reduced: it broadcasts with `shape`."""
    return reshape(g, tuple(1 if i in dims else n for i, n in enumerate(shape)))


def _unreduced(g: Any, shape: tuple[int, ...], dims: tuple[int, ...]) -> Any:
    """A result, or its gradient, expanded to the shape before the reduction over `dims`."""
    return expand(_with_ones(g, shape, dims), shape)


def _count(shape: tuple[int, ...], dims: tuple[int, ...]) -> int:
    return math.prod(shape[dim] for dim in dims)


def _extremum_grad(g: Any, x: Any, out: Any, dims: tuple[int, ...], dtype: Any) -> Any:
    """The gradient of an extremum, divided equally among the elements equal to it; NaN, as in torch, if it is NaN."""
    hit = cast(eq(x, _unreduced(out, x.shape, dims)), dtype)
    return _unreduced(g, x.shape, dims) * hit / sum(hit, dims, True, dtype)


def _extremum_of_all_grad(g: Any, x: Any, out: Any, dtype: Any) -> Any:
    """The gradient of the extremum or median of all elements, divided among those equal to it, or NaN as it is."""
    hit = where(isnan(out), isnan(x), eq(x, out))
    return where(hit, g / sum(cast(hit, dtype), tuple(range(len(x.shape))), False, dtype), 0.0)


def _median_of_all(x: Any) -> Any:
    """The middle one of all elements in sorted order, the lower of two; NaN if one of them is."""
    xp, flat = kernels.namespace(x), x.reshape(-1)
    middle = flat[kernels.argsort(flat, 0, False)[(len(flat) - 1) // 2]]
    return xp.where(xp.isnan(flat).any(), x.dtype.type(math.nan), middle) if x.dtype.kind == "f" else middle


def _var_grad(g: Any, x: Any, dims: tuple[int, ...], correction: float) -> Any:
    """g · 2 / (n - correction) · (x - mean), also where n ≤ correction."""
    free = _count(x.shape, dims) - correction
    return _unreduced(g, x.shape, dims) * ((2 / free if free else math.inf) * (x - mean(x, dims, True)))


def _var_of_all_grad(g: Any, x: Any, dims: tuple[int, ...], correction: float) -> Any:
    """`_var_grad`; where n ≤ correction, NaN for an element equal to the mean, and infinity for the others."""
    if _count(x.shape, dims) > correction:
        return _var_grad(g, x, dims, correction)
    return _unreduced(g, x.shape, dims) * where(eq(x, mean(x, dims, True)), math.nan, math.inf)


def _prod_grad(g: Any, x: Any, out: Any, dims: tuple[int, ...], dtype: Any) -> Any:
    """g times the product of all other factors: out / x, unless some factor is 0 or cannot be read (on a GPU)."""
    array = array_of(x)
    if _count(x.shape, dims) == 1:
        known = isinstance(x, Variable) and array.ndim and kernels.backend_of(array).can_read_values()
        by_quotient = known and kernels.all(array != 0, tuple(range(array.ndim)), False)
        # torch records out / x. A copy, because the gradient may be an expanded one.
        return constant(clone(_unreduced(g, x.shape, dims)), x if by_quotient else None)
    if kernels.backend_of(array).can_read_values():
        zeros = array.size - int(kernels.count_nonzero(array, tuple(range(array.ndim))))
        if not zeros:
            return _unreduced(g, x.shape, dims) * (_unreduced(out, x.shape, dims) / x)
        if zeros > 1 and len(dims) == array.ndim and not isinstance(g, Variable):
            return kernels.zeros_like(array)  # also if g is infinite
    return _unreduced(g, x.shape, dims) * contiguous(_other_factors(x, dims, dtype))


def _other_factors(x: Any, dims: tuple[int, ...], dtype: Any) -> Any:
    """For every element the product of all others along `dims`: of those before it, times those after it."""
    rest = tuple(i for i in range(len(x.shape)) if i not in dims)
    order = rest + dims
    flat = reshape(permute(x, order), (*(x.shape[i] for i in rest), _count(x.shape, dims)))
    last = len(rest)
    one = kernels.ones_like(array_of(flat[..., :1]))
    before = cumprod(cat(last, one, flat[..., :-1]), last, dtype)
    after = flip(cumprod(cat(last, one, flip(flat[..., 1:], (last,))), last, dtype), (last,))
    product = reshape(before * after, tuple(x.shape[i] for i in order))
    return permute(product, inverse(order))


def _cumsum_grad(g: Any, dim: int, dtype: Any) -> Any:
    """The sum of the gradients of an element's own output and of all after it."""
    if math.prod(g.shape) <= 1 or g.shape[dim] == 1:
        return g
    return flip(cumsum(flip(g, (dim,)), dim, dtype), (dim,))


def _cumprod_grad(g: Any, x: Any, out: Any, dim: int, dtype: Any) -> Any:
    """Σ over k ≥ i of g[k] · (d out[k] / d x[i] = the product of all x[j] with j ≤ k and j ≠ i)."""
    if x.shape[dim] <= 1:
        return g
    if kernels.all(array_of(x) != 0, tuple(range(len(x.shape))), False):
        return flip(cumsum(flip(g * out, (dim,)), dim, dtype), (dim,)) / x
    if not isinstance(g, Variable) and not isinstance(x, Variable):
        return _cumprod_grad_with_zeros(g, x, out, dim, dtype)
    # If it is to be differentiated again: a triangle of products for each line.
    order = (*(i for i in range(len(x.shape)) if i != dim), dim)
    line = permute(x, order)
    n = x.shape[dim]
    xp = kernels.namespace(array_of(x))
    triangle = expand(unsqueeze(line, len(x.shape) - 1), (*line.shape[:-1], n, n))
    products = cumprod(where(xp.eye(n, dtype=bool), 1.0, triangle), len(x.shape), dtype)
    parts = where(xp.triu(xp.ones((n, n), bool)), products, 0.0)
    g_line = permute(g, order)
    total = sum(unsqueeze(g_line, len(x.shape) - 1) * parts, (len(x.shape),), False, dtype)
    return contiguous(permute(total, inverse(order)))


def _cumprod_grad_with_zeros(g: Any, x: Any, out: Any, dim: int, dtype: Any) -> Any:
    """`_cumprod_grad` of arrays: before the first zero of a line, the formula without zeros; after it, 0.

    At the first zero: the sum over the later outputs, without that factor.
    """
    zeros = kernels.cumsum(x == 0, dim, "int64")
    before, first = zeros == 0, (zeros == 1) & (x == 0)

    def from_here_on(terms: Any) -> Any:
        return kernels.flip(kernels.cumsum(kernels.flip(terms, (dim,)), dim, dtype), (dim,))

    left_out = kernels.cumprod(kernels.where(first, kernels.ones_like(x), x), dim, dtype)
    at_first = from_here_on(kernels.where(before, kernels.zeros_like(g), g * left_out))
    earlier = from_here_on(kernels.where(before, g * out, kernels.zeros_like(g))) / x
    return kernels.where(before, earlier, kernels.where(first, at_first, kernels.zeros_like(g)))


def _norm_grad(g: Any, x: Any, out: Any, p: float, dims: tuple[int, ...], dtype: Any) -> Any:
    """The derivative of (Σ |x|ᵖ)^(1/p); where the norm is 0, the subgradient 0. For p = 0 there is no derivative.

    As in PyTorch this 0 is differentiable with respect to g only for p < 1 and p = 2.
    """
    if p == 0:
        return None
    g, norm = _with_ones(g, x.shape, dims), _with_ones(out, x.shape, dims)
    if p == 1:
        return g * sign(x)
    if math.isinf(p):
        hit = cast(eq(abs(x), norm), dtype)
        return sign(x) * (g * hit / sum(hit, dims, True, dtype))
    at_zero = eq(norm, 0)
    if p == 2:
        return x * where(at_zero, g * 0.0, g / where(at_zero, 1.0, norm))  # g may be infinite
    power = sign(x) * where(eq(x, 0), 0.0, pow(where(eq(x, 0), 1.0, abs(x)), p - 1))
    if p < 1:
        return power * where(at_zero, 0.0, g / where(at_zero, 1.0, pow(norm, p - 1)))
    return where(at_zero, 0.0, power * (g / pow(norm, p - 1)))


def _var_g(g: Any, out: Any) -> Any:
    """The gradient for the variance, where `g` is the gradient for its root `out`; 0 where `out` is 0."""
    return where(eq(out, 0), 0.0, g / (2 * out))


sum = Op(kernels.sum, x=lambda g, x_shape, dims: _unreduced(g, x_shape, dims))
mean = Op(kernels.mean, x=lambda g, x_shape, dims: _unreduced(g, x_shape, dims) / max(_count(x_shape, dims), 1))
var = Op(kernels.var, x=lambda g, x, dims, correction: _var_grad(g, x, dims, correction))
std = Op(kernels.std, x=lambda g, x, out, dims, correction: _var_grad(_var_g(g, out), x, dims, correction))
var_of_all = Op(kernels.var, x=lambda g, x, dims, correction: _var_of_all_grad(g, x, dims, correction))
std_of_all = Op(
    kernels.std, x=lambda g, x, out, dims, correction: _var_of_all_grad(_var_g(g, out), x, dims, correction)
)
norm = Op(
    kernels.vector_norm,
    name="linalg_vector_norm",
    x=lambda g, x, out, p, dims, x_dtype: _norm_grad(g, x, out, p, dims, x_dtype),
)
amax = Op(kernels.amax, x=lambda g, x, out, dims, x_dtype: _extremum_grad(g, x, out, dims, x_dtype))
amin = Op(kernels.amin, x=lambda g, x, out, dims, x_dtype: _extremum_grad(g, x, out, dims, x_dtype))
max_of_all = Op(kernels.amax, name="max", x=lambda g, x, out, x_dtype: _extremum_of_all_grad(g, x, out, x_dtype))
min_of_all = Op(kernels.amin, name="min", x=lambda g, x, out, x_dtype: _extremum_of_all_grad(g, x, out, x_dtype))
median_of_all = Op(
    _median_of_all, name="median", x=lambda g, x, out, x_dtype: _extremum_of_all_grad(g, x, out, x_dtype)
)
prod = Op(kernels.prod, x=lambda g, x, out, dims, x_dtype: _prod_grad(g, x, out, dims, x_dtype))
logsumexp = Op(
    kernels.logsumexp,
    promote=floating(1),
    x=lambda g, x, out, dims: _unreduced(g, x.shape, dims) * exp(x - _unreduced(out, x.shape, dims)),
)
cumsum = Op(kernels.cumsum, x=lambda g, dim, x_dtype: _cumsum_grad(g, dim, x_dtype))
cumprod = Op(kernels.cumprod, x=lambda g, x, out, dim, x_dtype: _cumprod_grad(g, x, out, dim, x_dtype))
argmax, argmin, argsort = Op(kernels.argmax), Op(kernels.argmin), Op(kernels.argsort)
cumargmax = Op(kernels.cumargmax)
all, any, count_nonzero = Op(kernels.all), Op(kernels.any), Op(kernels.count_nonzero)
