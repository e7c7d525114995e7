"""Normalization on NumPy: a block of groups at a time, in the cache.

Arrays are seen in four dimensions (groups, more groups, parts of a group, numbers side by side in memory): batch norm
as (C, 1, N, H · W), layer norm as (rows, 1, 1, size), group norm as (N, groups, channels of a group, H · W). Sums are
in the dtype of the numbers, by BLAS; the mean's rounding error is corrected.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from kernels.backend import Array
from kernels.normalization import FEW, normalize, normalize_grad, standardize_grad

BLOCK = 1 << 17
"""How many numbers are computed at a time, if a group has no more."""
LEAST = 1 << 13
"""For fewer numbers than this the reference takes no longer, and a recorded step shows and reuses its parts."""
SHORT = 32
"""Parts of a group with fewer numbers side by side than this are copied into one."""
LONG = 1 << 14
"""The sum of more numbers than this is added up in double precision from sums of as many: BLAS adds one by one."""
SINGLE = np.dtype("float32")


class _View(NamedTuple):
    """How arrays are seen in four dimensions.

    Attributes:
        split: the dimensions, in the order in memory.
        turned: whether the first two are exchanged.
        parameter: the dimensions of weight and bias.
    """

    split: tuple[int, ...]
    turned: bool
    parameter: tuple[int, ...]

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
def _view(
    x_shape: tuple[int, ...], shape: tuple[int, ...], dims: tuple[int, ...], spread: tuple[int, ...]
) -> _View | None:
    """None if the groups are small, or they or the weight have another structure than a layer's."""
    size, count = math.prod(shape), math.prod([shape[d] for d in dims])
    kept = [d for d in range(len(shape)) if d not in dims]
    if count <= FEW or not kept:
        return None
    channels = (1, x_shape[1], *(1,) * (len(x_shape) - 2)) if len(x_shape) > 1 else ()
    if shape == x_shape and kept == [1] and spread == channels:
        return _View((x_shape[0], x_shape[1], math.prod(x_shape[2:])), True, (x_shape[1], 1, 1, 1))
    if kept != list(range(len(kept))):
        return None
    if shape == x_shape and spread == x_shape[len(kept) :]:
        return _View((size // count, 1, 1, count), False, (1, 1, 1, count))
    if spread == channels and dims == (1,) and len(shape) == 2 and shape[0] % x_shape[0] == 0:
        groups = shape[0] // x_shape[0]
        if x_shape[1] % groups == 0:
            each = x_shape[1] // groups
            return _View((x_shape[0], groups, each, math.prod(x_shape[2:])), False, (1, groups, each, 1))
    return None


@normalize.on(
    "numpy",
    when=lambda x, weight, bias, shape, dims, spread, eps: (
        x.size >= LEAST
        and x.dtype == SINGLE
        and all(a is None or a.dtype == SINGLE for a in (weight, bias))
        and _view(x.shape, shape, dims, spread) is not None
    ),
)
def normalize_numpy(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    shape: tuple[int, ...],
    dims: tuple[int, ...],
    spread: tuple[int, ...],
    eps: float,
) -> tuple[Array, Array, Array, Array, Array]:
    """`normalize`. Where a sum is infinite, which may be an overflow of single precision, the reference runs."""
    view = _view(x.shape, shape, dims, spread)
    assert view is not None
    out, y = np.empty(x.shape, x.dtype), np.empty(shape, x.dtype)
    seen, to, standard = view.of(x), view.of(out), view.of(y)
    count, small = math.prod(seen.shape[2:]), np.finfo(x.dtype).eps / 4
    scale, mean, var = (np.empty((*seen.shape[:2], 1, 1), x.dtype) for _ in range(3))
    weights, biases = (None if a is None else a.reshape(view.parameter) for a in (weight, bias))
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
        if np.abs(rest * r).max() > small:
            centred -= rest
        centred *= r
        standard[part] = centred.reshape(standard[part].shape)
        if weights is not None:
            centred *= _of(weights, part)
        if biases is not None:
            centred += _of(biases, part)
        to[part] = centred.reshape(to[part].shape)
    if not np.isfinite(var).all():
        return normalize.reference(x, weight, bias, shape, dims, spread, eps)
    kept = tuple(1 if d in dims else n for d, n in enumerate(shape))
    return out, y, scale.reshape(kept), mean.reshape(kept), var.reshape(kept)


@normalize_grad.on(
    "numpy",
    when=lambda g, y, scale, weight, dims, spread: (
        g.size >= LEAST
        and g.dtype == y.dtype == scale.dtype == SINGLE
        and (weight is None or weight.dtype == SINGLE)
        and _view(g.shape, y.shape, dims, spread) is not None
    ),
)
def normalize_grad_numpy(
    g: Array, y: Array, scale: Array, weight: Array | None, dims: tuple[int, ...], spread: tuple[int, ...]
) -> Array:
    """`normalize_grad`. A weight that is the same side by side in memory is multiplied by sums, not by numbers."""
    view = _view(g.shape, y.shape, dims, spread)
    assert view is not None
    out = np.empty(g.shape, g.dtype)
    incoming, standard, to = view.of(g), view.of(y), view.of(out)
    count = math.prod(incoming.shape[2:])
    scales = scale.reshape(*incoming.shape[:2], 1, 1)
    weights = None if weight is None else weight.reshape(view.parameter)
    for part, (h, block) in view.parts(g.size, incoming, standard):
        r, w = scales[part], None if weights is None else _of(weights, part)
        ones = np.ones(h.shape[3], g.dtype)
        if w is not None and view.parameter[3] > 1:
            h, w = h * w, None
        total, products = _sums(h, ones), _dots(h, block)
        if w is not None:
            total *= w
            products *= w
        middle, slope = _over_parts(total) / count, _over_parts(products) / count
        middle *= r
        slope *= r
        change = block * slope
        change += middle
        np.subtract(h * (r if w is None else r * w), change, out=change)
        to[part] = change.reshape(to[part].shape)
    return out


def _sums(a: Array, ones: Array) -> Array:
    """The sums over the last dimension, which is kept: a product with ones is faster than NumPy's sum."""
    groups, more, parts, size = a.shape
    if size > LONG:
        return _in_pieces(_sums, a, ones)
    if parts == more == 1:
        return np.matmul(a.reshape(groups, size), ones).reshape(groups, 1, 1, 1)
    return np.matmul(a, ones)[..., None]


def _over_parts(sums: Array) -> Array:
    """The sums over the last but one dimension, which is kept."""
    return sums if sums.shape[2] == 1 else sums.sum(axis=2, keepdims=True)


def _dots(a: Array, b: Array) -> Array:
    """Σ a · b over the last dimension, which is kept."""
    return np.vecdot(a, b)[..., None] if a.shape[3] <= LONG else _in_pieces(_dots, a, b)


def _in_pieces(total: Callable[[Array, Array], Array], a: Array, b: Array) -> Array:
    """`total` of pieces of the last dimension, `LONG` numbers each, summed in double precision."""
    pieces = [slice(i, i + LONG) for i in range(0, a.shape[3], LONG)]
    sums = np.concatenate([total(a[..., p], b[..., p]) for p in pieces], axis=3)
    return sums.sum(axis=3, keepdims=True, dtype="float64").astype(a.dtype)


def _of(parameter: Array, part: slice) -> Array:
    """The weight or bias of some groups."""
    return parameter if len(parameter) == 1 else parameter[part]


def _in_rows(g: Array, out: Array, scale: Array, dims: tuple[int, ...]) -> bool:
    """Whether the last dimension is normalized, and all arrays have one dtype (for float16, `scale` is float32)."""
    return g.size > 0 and g.ndim - 1 in dims and g.dtype == out.dtype == scale.dtype


@standardize_grad.on("numpy", when=_in_rows)
def standardize_grad_numpy(g: Array, out: Array, scale: Array, dims: tuple[int, ...]) -> Array:
    """`standardize_grad` with sums in the dtype of g, pairwise and by BLAS: the means are small next to g."""
    result = np.empty_like(g)
    count = math.prod(g.shape[d] for d in dims)
    for rows, y, factor, to in _blocks(dims, g, out, scale, result):
        block, slope = (np.array(a, order="C").reshape(-1, count) for a in (rows, y))
        mean = block.sum(axis=1) / count
        slope *= (np.vecdot(block, slope) / count)[:, None]
        block -= mean[:, None]
        block -= slope
        block *= factor.reshape(-1, 1)
        to[...] = block.reshape(to.shape)
    return result


def _blocks(dims: tuple[int, ...], *arrays: Array) -> Iterator[tuple[Array, ...]]:
    """Views of the arrays, which have the same dimensions but for `dims`: some groups of each, with `dims` last."""
    kept = [d for d in range(arrays[0].ndim) if d not in dims]
    turned = [a.transpose(*kept, *dims) for a in arrays]
    if not kept:
        yield tuple(turned)
        return
    first = turned[0]
    step = max(1, BLOCK * len(first) // first.size)
    for start in range(0, len(first), step):
        yield tuple([a[start : start + step] for a in turned])
