"""Pooling in two dimensions: the largest value or the mean of every window, and the gradients."""

from __future__ import annotations

from typing import Any

from kernels.backend import Array, namespace
from kernels.dispatch import kernel
from kernels.half_precision import widened
from kernels.windows import Pair, Window, add_patches, patches


@kernel
def max_pool2d(x: Array, window: Window) -> tuple[Array, Array]:
    """The largest value of every window, and its position.

    Of equal values the first wins, in row-major order; NaN wins over everything, the last NaN over the others. Padding
    is −∞, or the lowest value of an integer dtype; a window of padding alone gets some position inside the input.

    Gradient of the values for an incoming `g` of their shape: ``max_pool2d_grad(g, positions, x.shape)``.

    Args:
        x: (N, C, H, W).
        window: size and movement of the windows.

    Returns:
        The values (N, C, H', W') of x's dtype, with sizes from `output_size`, and their positions in the plane
        (row · W + column), int64.
    """
    xp = namespace(x)
    kernel_size, stride, padding, dilation, _ = window
    counts = window.counts(x.shape)
    lowest = -xp.inf if x.dtype.kind == "f" else int(xp.iinfo(x.dtype).min)
    seen = patches(x, window, counts, lowest)
    starts = [xp.arange(counts[i], dtype="int64") * stride[i] - padding[i] for i in (0, 1)]
    first = [
        xp.minimum(xp.where(s < 0, s % d, s), n - 1) for s, d, n in zip(starts, dilation, x.shape[2:], strict=True)
    ]
    values = xp.full((*x.shape[:2], *counts), lowest, dtype=x.dtype)
    positions = xp.broadcast_to(first[0][:, None] * x.shape[3] + first[1], values.shape)
    for i in range(kernel_size[0]):
        for j in range(kernel_size[1]):
            tap = seen[:, :, i, j]
            here = (starts[0][:, None] + i * dilation[0]) * x.shape[3] + starts[1] + j * dilation[1]
            better = (tap > values) | (tap != tap)
            values, positions = xp.where(better, tap, values), xp.where(better, here, positions)
    return values, positions


@kernel
def max_pool2d_grad(g: Array, indices: Array, input_shape: tuple[int, ...]) -> Array:
    """Zeros of `input_shape` with each element of `g` added at its position in the plane, as from `max_pool2d`.

    Gradient for an incoming `h` of `input_shape`: g: ``max_pool2d_gather(h, indices)``.
    """
    xp = namespace(g)
    n, c, height, width = input_shape
    plane = height * width
    starts = xp.arange(0, n * c * plane, plane).reshape(n, c, 1, 1)
    out = xp.zeros(n * c * plane, dtype=g.dtype)
    xp.add.at(out, (indices + starts).ravel(), g.ravel())
    return out.reshape(input_shape)


@kernel
def max_pool2d_gather(x: Array, indices: Array) -> Array:
    """The elements of x (N, C, H, W) at positions in their planes, of the shape of `indices` (N, C, H', W').

    Gradient for an incoming `g` of that shape: x: ``max_pool2d_grad(g, indices, x.shape)``.
    """
    n, c, height, width = x.shape
    flat = indices.reshape(n, c, indices.shape[2] * indices.shape[3])
    return namespace(x).take_along_axis(x.reshape(n, c, height * width), flat, 2).reshape(indices.shape)


@kernel
def avg_pool2d(x: Array, window: Window, count_include_pad: bool, divisor_override: int | None) -> Array:
    """The mean of every window: its sum over a divisor, with zeros in the padding.

    The divisor is `divisor_override`, or how many positions of the window are inside the input, or with
    `count_include_pad` inside the padded input. Positions beyond the padding, as `ceil_mode` allows, never count.

    Linear. Gradient for an incoming `g`: x: ``avg_pool2d_grad(g, x.shape, …)`` with the same attributes.

    Args:
        x: (N, C, H, W). An int64 array gives the quotient rounded towards zero.
        window: size and movement of the windows, without dilation.
        count_include_pad: whether the divisor counts padding.
        divisor_override: the divisor, or None.

    Returns:
        (N, C, H', W') of x's dtype, with sizes from `output_size`. Half precision is summed in single.
    """
    xp = namespace(x)
    counts = window.counts(x.shape)
    seen = patches(widened(x), window, counts)
    total = xp.zeros((*x.shape[:2], *counts), dtype=seen.dtype)
    for i in range(window.kernel[0]):
        for j in range(window.kernel[1]):
            total += seen[:, :, i, j]
    divisor = _divisors(total, x.shape, window, count_include_pad, divisor_override)
    if x.dtype.kind != "f":
        return (total - xp.fmod(total, divisor)) // divisor
    return (total / divisor).astype(x.dtype, copy=False)


@kernel
def avg_pool2d_grad(
    g: Array, input_shape: tuple[int, ...], window: Window, count_include_pad: bool, divisor_override: int | None
) -> Array:
    """Each element of `g` over its window's divisor, added at every position of the window: the adjoint of
    `avg_pool2d`.

    Linear. Gradient for an incoming `h` of `input_shape`: g: ``avg_pool2d(h, …)`` with the same attributes.
    """
    wide = widened(g)
    share = wide / _divisors(wide, input_shape, window, count_include_pad, divisor_override)
    taps = namespace(g).broadcast_to(share[:, :, None, None], (*g.shape[:2], *window.kernel, *g.shape[2:]))
    return add_patches(taps, input_shape, window).astype(g.dtype, copy=False)


def _divisors(
    sums: Array, x_shape: tuple[int, ...], window: Window, count_include_pad: bool, divisor_override: int | None
) -> Any:
    """The divisors of `avg_pool2d` for `sums` (N, C, H', W'): an array (H', W') of their dtype, or an int."""
    if divisor_override is not None:
        return divisor_override
    xp = namespace(sums)
    lengths = []
    for n, count, k, s, p in zip(
        x_shape[2:], sums.shape[2:], window.kernel, window.stride, window.padding, strict=True
    ):
        start = xp.arange(count) * s - p
        stop = xp.minimum(start + k, n + p)
        lengths.append(stop - start if count_include_pad else xp.minimum(stop, n) - xp.maximum(start, 0))
    return (lengths[0][:, None] * lengths[1]).astype(sums.dtype)


@kernel
def adaptive_avg_pool2d(x: Array, output_size: Pair) -> Array:
    """The means of `output_size` windows that cover the input: window i of m covers ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉.

    Linear. Gradient for an incoming `g`: x: ``adaptive_avg_pool2d_grad(g, x.shape)``.

    Args:
        x: (N, C, H, W).
        output_size: (H', W').

    Returns:
        (N, C, H', W') of x's dtype. Half precision is summed in single.
    """
    xp = namespace(x)
    rows, columns = (_adaptive_windows(x.shape[2 + i], output_size[i]) for i in (0, 1))
    wide = widened(x)
    strips = xp.empty((*x.shape[:2], output_size[0], x.shape[3]), dtype=wide.dtype)
    for i, row in enumerate(rows):
        strips[:, :, i] = wide[:, :, row].mean(axis=2)
    out = xp.empty((*x.shape[:2], *output_size), dtype=wide.dtype)
    for j, column in enumerate(columns):
        out[:, :, :, j] = strips[:, :, :, column].mean(axis=3)
    return out.astype(x.dtype, copy=False)


@kernel
def adaptive_avg_pool2d_grad(g: Array, input_shape: tuple[int, ...]) -> Array:
    """Each element of `g` divided evenly over its window: the adjoint of `adaptive_avg_pool2d`.

    Linear. Gradient for an incoming `h` of `input_shape`: g: ``adaptive_avg_pool2d(h, g.shape[2:])``.
    """
    xp = namespace(g)
    rows, columns = (_adaptive_windows(input_shape[2 + i], g.shape[2 + i]) for i in (0, 1))
    wide = widened(g)
    strips = xp.zeros((*input_shape[:2], g.shape[2], input_shape[3]), dtype=wide.dtype)
    for j, column in enumerate(columns):
        strips[:, :, :, column] += wide[:, :, :, j : j + 1] / (column.stop - column.start)
    out = xp.zeros(input_shape, dtype=wide.dtype)
    for i, row in enumerate(rows):
        out[:, :, row] += strips[:, :, i : i + 1] / (row.stop - row.start)
    return out.astype(g.dtype, copy=False)


def _adaptive_windows(size: int, count: int) -> list[slice]:
    """The windows of adaptive pooling along one dimension."""
    return [slice(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
