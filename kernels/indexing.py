"""Reading and writing elements by index. Keys and indices are of the array library of x, already checked."""

from __future__ import annotations

from typing import Any

from kernels.backend import Array, namespace
from kernels.dispatch import kernel, view_kernel

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
    """x[key] for a key with arrays in it: a copy."""
    return x[key]


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
    out = x.copy()
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


@kernel
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
