"""Reading and writing elements by index. Keys and indices are of the array library of x, already checked."""

from __future__ import annotations

from typing import Any

from kernels.backend import Array, namespace
from kernels.dispatch import contiguous_kernel, kernel, view_kernel
from kernels.memory_order import common_order, dense_like, in_order

Key = Any
"""The key of x[key]: ints, slices, None, Ellipsis, integer and boolean arrays, or a tuple of these."""


@view_kernel
def select(x: Array, key: Key) -> Array:
    """x[key] for a tuple `key` of ints, slices, None and at most one Ellipsis: a view."""
    return x[(*key, ...) if ... not in key else key]


@kernel
def select_grad(g: Array, shape: tuple[int, ...], key: Key) -> Array:
    """Zeros of `shape` with `g` written at `key`: the gradient of `select`."""
    out = namespace(g).zeros(shape, g.dtype)
    out[key] = g
    return out


@kernel
def index(x: Array, key: Key) -> Array:
    """x[key] for a key with arrays in it: a copy, its dimensions in the order in memory that torch gives them."""
    out = x[key]
    return out if out.ndim < 2 else in_order(out, _order(x, key if isinstance(key, tuple) else (key,)))


def _order(x: Array, key: tuple[Any, ...]) -> list[int]:
    """The axes of x[key] in torch's order in memory: of x, where it is not indexed by arrays, then of the arrays."""
    taken = sum(_consumed(k) for k in key)
    key = key if any(k is ... for k in key) else (*key, ...)
    axes: list[tuple[int, int] | None] = []  # (size, stride) of each axis that stays, None where arrays index
    indices: list[Array] = []
    d = 0
    for k in key:
        if k is ...:
            axes += zip(x.shape[d : d + x.ndim - taken], x.strides[d : d + x.ndim - taken], strict=True)
            d += x.ndim - taken
        elif k is None:
            axes.append((1, 0))
        elif isinstance(k, slice):
            start, stop, step = k.indices(x.shape[d])
            axes.append((len(range(start, stop, step)), x.strides[d] * step))
            d += 1
        else:
            axes += [None] * (_consumed(k) if k.ndim or k.dtype.kind != "b" else 1)
            indices += [k] if k.dtype.kind != "b" else (k if k.ndim else k.reshape(1)).nonzero()
            d += _consumed(k)
    places = [i for i, axis in enumerate(axes) if axis is None]
    together = places[-1] - places[0] == len(places) - 1 if places else True
    kept = [axis for axis in axes if axis is not None]
    first = places[0] if places and together else 0  # NumPy and torch put the axes of separated indices first
    indices = namespace(x).broadcast_arrays(*indices)
    shape, strides = indices[0].shape, [i.strides for i in indices]
    before, after = kept[:first], kept[first:]
    x_strides = [*(s for _, s in before), *[0] * len(shape), *(s for _, s in after)]
    return common_order(
        [*(n for n, _ in before), *shape, *(n for n, _ in after)],
        [x_strides, *([0] * len(before) + list(s) + [0] * len(after) for s in strides)],
    )


def _consumed(k: Any) -> int:
    """How many axes of the indexed array an entry of a key takes."""
    if k is None or k is ...:
        return 0
    return k.ndim if getattr(k, "dtype", None) == "bool" else 1


@kernel
def index_grad(g: Array, shape: tuple[int, ...], key: Key) -> Array:
    """Zeros of `shape` with `g` added at `key`, summed where `key` repeats a position: the gradient of `index`."""
    xp = namespace(g)
    out = xp.zeros(shape, g.dtype)
    xp.add.at(out, key, g)
    return out


@kernel
def index_put(x: Array, values: Array, key: Key, accumulate: bool) -> Array:
    """x with `values` written at `key`, or added if `accumulate`."""
    out = dense_like(x)
    out[...] = x
    if accumulate:
        namespace(x).add.at(out, key, values)
    else:
        out[key] = values
    return out


def along(xp: Any, index: Array, dim: int) -> Key:
    """The key (i, …, index[i, …, k], …, k): every position of `index`, with its value as the coordinate along `dim`."""
    grids = [
        xp.arange(n).reshape(tuple(n if i == d else 1 for i in range(index.ndim))) for d, n in enumerate(index.shape)
    ]
    return tuple(index if d == dim else grid for d, grid in enumerate(grids))


@contiguous_kernel
def gather(x: Array, dim: int, index: Array) -> Array:
    """out[i][j][k] = x[i][index[i][j][k]][k] for dim = 1, and likewise for the others; of the shape of `index`."""
    return x[along(namespace(x), index, dim)]


@kernel
def gather_grad(g: Array, shape: tuple[int, ...], dim: int, index: Array) -> Array:
    """Zeros of `shape` with `g` added where `gather` read: the gradient of `gather`."""
    xp = namespace(g)
    out = xp.zeros(shape, g.dtype)
    xp.add.at(out, along(xp, index, dim), g)
    return out


@kernel
def scatter(x: Array, dim: int, index: Array, source: Any) -> Array:
    """x with out[i][index[i][j][k]][k] = source[i][j][k] for dim = 1; `source`: a scalar, or as large as `index`."""
    out = x.copy()
    out[along(namespace(x), index, dim)] = _cropped(source, index)
    return out


@kernel
def scatter_add(x: Array, dim: int, index: Array, source: Any) -> Array:
    """x with out[i][index[i][j][k]][k] += source[i][j][k] for dim = 1; `source` may be larger than `index`."""
    xp = namespace(x)
    out = x.copy()
    xp.add.at(out, along(xp, index, dim), _cropped(source, index))
    return out


def _cropped(source: Any, index: Array) -> Any:
    return source[tuple(slice(n) for n in index.shape)] if getattr(source, "ndim", 0) else source
