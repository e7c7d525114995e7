"""The order of an array's dimensions in memory, which torch gives results like their inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernels.backend import Array, backend_of, is_array, namespace, on_device_of


def memory_order(array: Array) -> list[int]:
    """The axes of `array` in the order in which torch iterates over its memory, the slowest first."""
    return common_order(array.shape, [array.strides])


def common_order(shape: Sequence[int], operands: Sequence[Sequence[int]]) -> list[int]:
    """The axes of `shape` in the order in which torch iterates over operands with these strides, the slowest first.

    They are sorted by the strides of the first operand; where these do not tell two axes apart because one is 0, by the
    next one's. Where two strides are equal the shorter axis is the faster. Axes that nothing tells apart keep their
    order.
    """
    order = list(range(len(shape)))[::-1]  # fastest first
    for i in range(1, len(order)):
        here = i
        for before in range(i - 1, -1, -1):
            comparison = _compare(order[before], order[here], shape, operands)
            if comparison > 0:
                order[before], order[here] = order[here], order[before]
                here = before
            elif comparison < 0:
                break
    return order[::-1]


def _compare(a: int, b: int, shape: Sequence[int], operands: Sequence[Sequence[int]]) -> int:
    """Positive if axis `a` is slower than `b`, negative if it is faster, 0 if nothing tells."""
    for strides in operands:
        if strides[a] and strides[b]:
            if strides[a] != strides[b]:
                return strides[a] - strides[b]
            if shape[a] > shape[b]:
                return 1
    return 0


def in_order(array: Array, order: Sequence[int]) -> Array:
    """`array`, or a copy of it, without gaps and with its axes in this order in memory, the slowest first."""
    memory = array.transpose(order)
    if memory.flags.c_contiguous:
        return array
    return memory.copy(order="C").transpose([order.index(axis) for axis in range(array.ndim)])


def dense_like(array: Array, dtype: Any = None) -> Array:
    """A new array without values, of the shape of `array`, laid out as `torch.empty_like` does; `dtype`: or its own."""
    order = memory_order(array)
    memory = namespace(array).empty([array.shape[axis] for axis in order], array.dtype if dtype is None else dtype)
    return memory.transpose([order.index(axis) for axis in range(array.ndim)])


def converted(array: Array, dtype: Any) -> Array:
    """A copy of `array` in another dtype, in the order of its memory; repeated elements are no longer shared.

    ``array.astype(dtype)`` would put the repeated elements of an expanded array side by side.
    """
    if array.flags.c_contiguous or 0 not in array.strides:
        return array.astype(dtype)
    out = dense_like(array, dtype)
    out[...] = array
    return out


def is_dense(array: Array) -> bool:
    """Whether the elements of `array` fill a piece of memory, in any order of the dimensions, each once."""
    step = array.itemsize
    for stride, size in sorted(zip(array.strides, array.shape, strict=True)):
        if size != 1 and stride != step:
            return False
        step *= size
    return True


def laid_out_like(array: Array, like: Array) -> Array:
    """A copy of `array` with the strides of `like`, or in row-major order if `like` has gaps or repeats elements."""
    with on_device_of(array):
        if like.flags.c_contiguous or not is_dense(like):
            return array.copy(order="C")
        out = dense_like(like)
        out[...] = array
        return out


def is_laid_out_like(array: Array, like: Array) -> bool:
    """Whether `array` has the strides that `laid_out_like` gives; the strides of dimensions of size 1 do not matter."""
    if not is_dense(like):
        return bool(array.flags.c_contiguous)
    strides = zip(array.shape, array.strides, like.strides, strict=True)
    return all(own == other for size, own, other in strides if size > 1)


def memory_owner(array: Array) -> Array:
    """The array of the same dtype that `array` is a view of, or a view of a view, and so on; itself if it is none."""
    base = array.base
    while base is not None and not (is_array(base) and base.dtype != array.dtype):
        array = base if is_array(base) else array  # NumPy's `as_strided` puts an object of its own between two views
        base = getattr(base, "base", None)
    return array


def rest_of_memory(array: Array, owner: Array) -> Array:
    """The memory from the first element of `array` to the last one of `owner`, which it is a view of: a 1-D view."""
    xp, item, pointer = namespace(array), array.itemsize, backend_of(array).pointer
    span = (item + sum((n - 1) * s for n, s in zip(owner.shape, owner.strides, strict=True))) * bool(owner.size)
    size = (pointer(owner) + span - pointer(array)) // item
    return xp.lib.stride_tricks.as_strided(array, (size,), (item,))
