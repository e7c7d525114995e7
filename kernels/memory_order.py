"""The order of an array's dimensions in memory, which torch gives results like their inputs."""

from __future__ import annotations

from kernels.backend import Array, namespace


def memory_order(array: Array) -> list[int]:
    """The axes of `array` in the order in which torch iterates over its memory, the slowest first.

    They are sorted by stride; where two strides are equal the shorter axis is the faster, and an axis of stride 0 keeps
    its position among the others.
    """
    order = list(range(array.ndim))[::-1]  # fastest first
    for i in range(1, len(order)):
        here = i
        for before in range(i - 1, -1, -1):
            a, b = order[before], order[here]
            stride_a, stride_b = array.strides[a], array.strides[b]
            if stride_a == 0 or stride_b == 0:
                continue
            if (stride_a, array.shape[a]) > (stride_b, array.shape[b]):
                order[before], order[here] = b, a
                here = before
            elif stride_a < stride_b:
                break
    return order[::-1]


def dense_like(array: Array) -> Array:
    """A new array without values, of the shape and dtype of `array`, laid out as `torch.empty_like` does."""
    order = memory_order(array)
    memory = namespace(array).empty([array.shape[axis] for axis in order], array.dtype)
    return memory.transpose([order.index(axis) for axis in range(array.ndim)])
