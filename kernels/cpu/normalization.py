"""Normalization on NumPy: a block of groups at a time, in the cache.

All arrays are seen in four dimensions (groups, more groups, parts of a group, numbers side by side in memory): batch
norm as (C, 1, N, H · W), layer norm as (rows, 1, 1, size), group norm as (N, groups, channels of a group, H · W).
Sums are in the dtype of the numbers, by BLAS; the mean's rounding error is corrected.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from kernels.backend import Array
from kernels.normalization import normalize, normalize_grad

BLOCK = 1 << 17
"""How many numbers are computed at a time, if a group has no more."""
LEAST = 1 << 13
"""For fewer numbers than this the reference takes no longer, and a recorded step shows and reuses its parts."""
SHORT = 32
"""Parts of a group with fewer numbers side by side than this are copied into one."""


class _View(NamedTuple):
    """How arrays are seen in four dimensions.

    Attributes:
        split: the dimensions, in the order in memory.
        turned: whether the first two are exchanged.
        shape: the dimensions of weight and bias.
    """

    split: tuple[int, ...]
    turned: bool
    shape: tuple[int, ...]

    def of(self, a: Array) -> Array:
        a = a.reshape(self.split)
        return a.transpose(1, 0, 2)[:, None] if self.turned else a

    def parts(self, size: int, *arrays: Array) -> Iterator[tuple[slice, list[Array]]]:
        """Blocks of the arrays, which have `size` elements each, along the first dimension.

        Where few numbers are side by side, all parts of a group are copied to be so.
        """
        length = len(arrays[0])
        step = max(1, BLOCK * length // size)
        for start in range(0, length, step):
            part = slice(start, start + step)
            blocks = [a[part] for a in arrays]
            if self.turned and self.split[2] < SHORT:
                blocks = [np.ascontiguousarray(b).reshape(len(b), 1, 1, -1) for b in blocks]
            yield part, blocks


@lru_cache(256)
def _view(x_shape: tuple[int, ...], shape: tuple[int, ...], dims: tuple[int, ...]) -> _View | None:
    """None if the groups or the weight have another structure than those of the layers."""
    kept = [d for d in range(len(x_shape)) if d not in dims]
    first = len(kept)
    if math.prod(x_shape) == 0 or not kept or not dims:
        return None
    if kept == [1] and math.prod(shape) == shape[1] == x_shape[1]:
        return _View((x_shape[0], x_shape[1], math.prod(x_shape[2:])), True, (x_shape[1], 1, 1, 1))
    if kept != list(range(first)) or math.prod(shape[:first]) not in (1, x_shape[first - 1]):
        return None
    groups, size = math.prod(x_shape[:first]), math.prod(x_shape[first:])
    if shape == (1,) * first + x_shape[first:]:
        return _View((groups, 1, 1, size), False, (1, 1, 1, size))
    if first == 2 and shape == (1, *x_shape[1:3], *(1,) * (len(x_shape) - 3)):
        return _View((*x_shape[:3], math.prod(x_shape[3:])), False, (1, *x_shape[1:3], 1))
    return None


def _takes(x: Array, shape: tuple[int, ...], dims: tuple[int, ...]) -> bool:
    return x.size >= LEAST and x.dtype.char in "fd" and _view(x.shape, shape, dims) is not None


@normalize.on("numpy", when=lambda x, weight, bias, shape, dims, eps: _takes(x, shape, dims))
def normalize_numpy(
    x: Array, weight: Array | None, bias: Array | None, shape: tuple[int, ...], dims: tuple[int, ...], eps: float
) -> tuple[Array, Array, Array, Array]:
    """`normalize`. Where a sum is infinite, which may be an overflow of single precision, the reference runs."""
    view = _view(x.shape, shape, dims)
    assert view is not None
    out = np.empty(x.shape, x.dtype)
    seen, to = view.of(x), view.of(out)
    count, small = math.prod(seen.shape[2:]), np.finfo(x.dtype).eps / 4
    mean, scale, var = (np.empty((*seen.shape[:2], 1, 1), x.dtype) for _ in range(3))
    weights, biases = (None if a is None else a.reshape(view.shape) for a in (weight, bias))
    for part, (block,) in view.parts(x.size, seen):
        ones = np.ones(block.shape[3], x.dtype)
        middle = _over_parts(_sums(block, ones)) / count
        centred = block - middle
        if view.turned:  # batch norm keeps the mean
            rest = centred.sum(axis=(2, 3), keepdims=True, dtype="float64") / count
            mean[part] = middle + rest
            rest = rest.astype(x.dtype)
        else:
            rest = _over_parts(_sums(centred, ones)) / count
            np.add(middle, rest, out=mean[part])
        v = _over_parts(_dots(centred, centred)) / count
        v -= rest * rest
        r = 1 / np.sqrt(v + eps)
        scale[part], var[part] = r, v
        w, b = (_of(a, part) for a in (weights, biases))
        target = to[part]
        last = target if target.shape == centred.shape else centred
        if view.shape[3] > 1:
            if np.abs(rest * r).max() > small:
                centred -= rest
            np.multiply(centred, r, out=last if w is None and b is None else centred)
            if w is not None:
                np.multiply(centred, w, out=last if b is None else centred)
            if b is not None:
                np.add(centred, b, out=last)
        else:
            factor = r if w is None else r * w
            centred *= factor
            rest = rest * factor
            np.subtract(centred, rest if b is None else rest - b, out=last)
        if last is centred:
            target[...] = centred.reshape(target.shape)
    if not np.isfinite(var).all():
        return normalize.reference(x, weight, bias, shape, dims, eps)
    kept = tuple(1 if d in dims else n for d, n in enumerate(x.shape))
    return out, mean.reshape(kept), scale.reshape(kept), var.reshape(kept)


@normalize_grad.on("numpy", when=lambda g, x, weight, bias, mean, scale, shape, dims: _takes(x, shape, dims))
def normalize_grad_numpy(
    g: Array,
    x: Array,
    weight: Array | None,
    bias: Array | None,
    mean: Array,
    scale: Array,
    shape: tuple[int, ...],
    dims: tuple[int, ...],
) -> tuple[Array, Array | None, Array | None]:
    """`normalize_grad`. Where the weight is the same side by side in memory, sums of a group serve all gradients."""
    view = _view(x.shape, shape, dims)
    assert view is not None
    out = np.empty(x.shape, x.dtype)
    incoming, seen, to = view.of(g), view.of(x), view.of(out)
    groups = (*seen.shape[:2], 1, 1)
    count = math.prod(seen.shape[2:])
    weights = None if weight is None else weight.reshape(view.shape)
    means, scales = mean.reshape(groups), scale.reshape(groups)
    slopes, sums = np.zeros(view.shape), np.zeros(view.shape)  # the gradients of weight and bias
    for part, (h, block) in view.parts(x.size, incoming, seen):
        r = scales[part]
        centred = block - means[part]
        ones = np.ones(block.shape[3], x.dtype)
        target = to[part]
        last = target if target.shape == centred.shape else centred
        if view.shape[3] > 1:
            rows, factors = h.reshape(-1, h.shape[3]), ones if weights is None else weights.reshape(-1)
            product = rows * centred.reshape(rows.shape)
            if bias is not None:
                sums += np.ones(len(rows), x.dtype) @ rows
            if weights is not None:
                slopes += r.reshape(-1) @ product
            middle, slope = ((a @ factors).reshape(r.shape) / count for a in (rows, product))
            if weights is not None:
                h = np.multiply(rows, factors, out=product).reshape(h.shape)
            slope *= r
            slope *= r
            centred *= slope
            centred += middle
            np.subtract(h, centred, out=centred)
            np.multiply(centred, r, out=last)
        else:
            w = _of(weights, part)
            total, products = _sums(h, ones), _dots(h, centred)
            products *= r
            for into, some in ((sums, total), (slopes, products)):
                if view.turned:
                    into[part] = some.sum(axis=2, keepdims=True, dtype="float64")
                else:
                    into += some.sum(axis=0, keepdims=True, dtype="float64")
            if w is not None:
                total, products = total * w, products * w
            middle, slope = _over_parts(total) / count, _over_parts(products) / count
            slope *= r
            slope *= r
            middle *= r
            centred *= slope
            centred += middle
            np.subtract(h * (r if w is None else r * w), centred, out=last)
        if last is centred:
            target[...] = centred.reshape(target.shape)
    return (
        out,
        None if weight is None else slopes.astype(weight.dtype).reshape(weight.shape),
        None if bias is None else sums.astype(bias.dtype).reshape(bias.shape),
    )


def _sums(a: Array, ones: Array) -> Array:
    """The sums over the last dimension, which is kept: a product with ones is faster than NumPy's sum."""
    groups, more, parts, size = a.shape
    if parts == more == 1:
        return np.matmul(a.reshape(groups, size), ones).reshape(groups, 1, 1, 1)
    return np.matmul(a, ones)[..., None]


def _over_parts(sums: Array) -> Array:
    """The sums over the last but one dimension, which is kept."""
    return sums if sums.shape[2] == 1 else sums.sum(axis=2, keepdims=True)


def _dots(a: Array, b: Array) -> Array:
    """Σ a · b over the last dimension, which is kept."""
    return np.vecdot(a, b)[..., None]


def _of(parameter: Array | None, part: slice) -> Array | None:
    """The weight or bias of some groups."""
    return parameter if parameter is None or len(parameter) == 1 else parameter[part]
