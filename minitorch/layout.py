"""Strides and storage offsets as torch counts them, in elements.

NumPy's strides are not sufficient: for a new array without elements they are all 0, and for dimensions of size 1 they
are arbitrary. Slicing an array to no elements does not move NumPy's pointer. So the strides of a view are computed here
from the strides of its base, by the rules of torch's view operations.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import kernels
from kernels.memory_order import memory_owner, rest_of_memory
from minitorch.autograd.graph import Array, Variable
from minitorch.ops import shape as ops


class Layout(NamedTuple):
    """Where the elements are: element (i, j, …) at ``offset + i * strides[0] + j * strides[1] + …``."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int


def contiguous_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of row-major order; a dimension of size 0 counts as size 1."""
    strides = [1] * len(shape)
    for d in range(len(shape) - 2, -1, -1):
        strides[d] = strides[d + 1] * max(shape[d + 1], 1)
    return tuple(strides)


def layout_of(t: Variable) -> Layout:
    """The layout of `t` in its storage: for a view it follows from the layout of what it was made from."""
    if t._layout is not None and t._layout[0] is t._array:
        known: Layout = t._layout[1]
        return known
    view = t._view
    if view is None:
        return _new_layout(t._array)
    layout = view.origin[1] if type(view.origin) is tuple else _new_layout(view.origin)
    for op, args in view.steps[view.first_step :]:
        layout = _RULES[op](layout, *args)
    return layout


def set_layout(t: Variable, array: Array, layout: Layout) -> None:
    """Give `t` the memory `array`, which has this layout in its storage."""
    t._array, t._layout = array, (array, layout)


def resize(t: Variable, shape: tuple[int, ...]) -> None:
    """Give `t` another shape, in row-major order. The elements stay in their places in memory.

    If there is not enough memory, `t` gets its own; in torch other tensors on the same memory go on sharing it.
    """
    array, size = t._array, math.prod(shape)
    if shape == array.shape:
        return
    layout = Layout(shape, contiguous_strides(shape), layout_of(t).offset)
    with kernels.on_device_of(array):
        alone = t._layout is None and (t._view is None or not array.size)
        memory = rest_of_memory(array, array if alone else memory_owner(array))
        if memory.size < size:
            fresh = kernels.namespace(array).zeros(size, array.dtype)
            fresh[: memory.size] = memory
            memory, t._counter = fresh, [0]
        set_layout(t, memory[:size].reshape(shape), layout)
    t._view = None


def _new_layout(array: Array) -> Layout:
    return Layout(array.shape, _strides(array), 0)


def _strides(array: Array) -> tuple[int, ...]:
    if array.size == 0 or array.flags.c_contiguous:
        return contiguous_strides(array.shape)
    return tuple(n // array.itemsize for n in array.strides)


def _select(x: Layout, key: tuple[Any, ...]) -> Layout:
    shape, strides, offset = list(x.shape), list(x.strides), x.offset
    d = 0
    for i, k in enumerate(key):
        if k is Ellipsis:
            d = len(shape) - sum(later is not None for later in key[i + 1 :])
        elif k is None:
            strides.insert(d, shape[d] * strides[d] if d < len(shape) else 1)
            shape.insert(d, 1)
            d += 1
        elif isinstance(k, slice):
            start, stop, step = k.indices(shape[d])
            offset += start * strides[d]
            shape[d], strides[d] = len(range(start, stop, step)), strides[d] * step
            d += 1
        else:
            position = operator.index(k)
            offset += (position + shape[d] if position < 0 else position) * strides[d]
            del shape[d], strides[d]
    return Layout(tuple(shape), tuple(strides), offset)


def permuted(x: Layout, dims: tuple[int, ...]) -> Layout:
    """The layout of the view whose dimension i is dimension ``dims[i]`` of `x`."""
    return Layout(tuple(x.shape[d] for d in dims), tuple(x.strides[d] for d in dims), x.offset)


def _squeeze(x: Layout, dims: tuple[int, ...]) -> Layout:
    return permuted(x, tuple(d for d in range(len(x.shape)) if d not in dims))


def _unsqueeze(x: Layout, dim: int) -> Layout:
    return _select(x, (slice(None),) * dim + (None,))


def _expand(x: Layout, shape: tuple[int, ...]) -> Layout:
    if not x.shape:
        return Layout(shape, (0,) * len(shape), x.offset)
    strides: list[int] = []
    for d in range(1, len(shape) + 1):  # from the last dimension
        if d <= len(x.shape):
            size, stride = x.shape[-d], x.strides[-d]
        else:
            size, stride = 1, shape[1 - d] * strides[-1]
        strides.append(stride if size == shape[-d] else 0)
    return Layout(shape, tuple(strides[::-1]), x.offset)


def _reshape(x: Layout, shape: tuple[int, ...]) -> Layout:
    """The layout after a reshape. Each group of contiguous dimensions of `x` becomes some dimensions of `shape`."""
    if shape == x.shape and 0 in shape:
        return x
    if 0 in shape or not x.shape:
        return Layout(shape, contiguous_strides(shape), x.offset)
    strides = [0] * len(shape)
    new, base, group, covered = len(shape) - 1, x.strides[-1], 1, 1
    for d in range(len(x.shape) - 1, -1, -1):
        group *= x.shape[d]
        if d and (x.shape[d - 1] == 1 or x.strides[d - 1] == group * base):
            continue
        while new >= 0 and (covered < group or shape[new] == 1):
            strides[new] = covered * base
            covered *= shape[new]
            new -= 1
        if d:
            base, group, covered = x.strides[d - 1], 1, 1
    return Layout(shape, tuple(strides), x.offset)


def _diagonal(x: Layout, offset: int, dim1: int, dim2: int) -> Layout:
    n = max(0, min(x.shape[dim1] + min(offset, 0), x.shape[dim2] - max(offset, 0)))
    rest = _squeeze(x, (dim1, dim2))
    moved = x.offset + (offset * x.strides[dim2] if offset >= 0 else -offset * x.strides[dim1]) * bool(n)
    return Layout((*rest.shape, n), (*rest.strides, x.strides[dim1] + x.strides[dim2]), moved)


def _unfold(x: Layout, dim: int, size: int, step: int) -> Layout:
    stride = x.strides[dim]
    shape = (*x.shape[:dim], (x.shape[dim] - size) // step + 1, *x.shape[dim + 1 :], size)
    return Layout(shape, (*x.strides[:dim], stride * step, *x.strides[dim + 1 :], stride), x.offset)


_RULES: dict[Any, Callable[..., Layout]] = {
    ops.alias: lambda x: x,
    ops.select: _select,
    ops.permute: permuted,
    ops.squeeze: _squeeze,
    ops.unsqueeze: _unsqueeze,
    ops.expand: _expand,
    ops.reshape: _reshape,
    ops.diagonal: _diagonal,
    ops.unfold: _unfold,
}
"""The layout of a view by its op, from the layout of what it views and the op's other arguments."""
