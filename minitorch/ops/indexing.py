"""Ops that read and write by index. Keys and indices are arrays, already checked by `minitorch.functions.indexing`."""

from __future__ import annotations

from typing import Any

import kernels
from minitorch.autograd.op import Op
from minitorch.ops.promotion import array_of
from minitorch.ops.shape import select_grad


def _zeroed(g: Any, key: Any) -> Any:
    """`g` with zeros at `key`."""
    return index_put(g, kernels.zeros_like(kernels.index(array_of(g), key)), key, False)


def _scatter_source_grad(g: Any, dim: int, index: Any, shape: tuple[int, ...]) -> Any:
    """The gradient of the source: `g` at the positions written; 0 for the part of the source beyond `index`."""
    found = gather(g, dim, index)
    if found.shape == shape:
        return found
    return select_grad(found, shape, tuple(slice(n) for n in found.shape))


index = Op(kernels.index, x=lambda g, x_shape, key: index_grad(g, x_shape, key))
index_grad = Op(kernels.index_grad, name="index_backward", g=lambda g, key: index(g, key))
index_put = Op(
    kernels.index_put,
    x=lambda g, key, accumulate: g if accumulate else _zeroed(g, key),
    values=lambda g, key: index(g, key),
)
index.one_pass = True  # torch saves a list, too, as a tensor
gather = Op(kernels.gather, x=lambda g, x_shape, dim, index: gather_grad(g, x_shape, dim, index))
gather_grad = Op(kernels.gather_grad, name="gather_backward", g=lambda g, dim, index: gather(g, dim, index))
scatter = Op(
    kernels.scatter,
    x=lambda g, dim, index: scatter(g, dim, index, 0.0),
    source=lambda g, dim, index, source_shape: _scatter_source_grad(g, dim, index, source_shape),
)
scatter_add = Op(
    kernels.scatter_add,
    x=lambda g: g,
    source=lambda g, dim, index, source_shape: _scatter_source_grad(g, dim, index, source_shape),
)
