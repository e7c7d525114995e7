"""Pooling on NumPy. The other poolings are fast enough in their reference forms."""

from __future__ import annotations

import numpy as np

from kernels.backend import Array
from kernels.half_precision import widened
from kernels.pooling import adaptive_avg_pool2d, adaptive_avg_pool2d_grad, max_pool2d
from kernels.windows import Pair, Window, patches

SHORT = 16
"""NumPy takes longer to begin the sum of a row than to add so many numbers."""


@max_pool2d.on("numpy")
def max_pool2d_numpy(x: Array, window: Window) -> tuple[Array, Array]:
    """`max_pool2d` with the number of the winning tap in a byte, from which the position is looked up at the end."""
    kernel_size, stride, padding, dilation, _ = window
    counts = window.counts(x.shape)
    lowest = -np.inf if x.dtype.kind == "f" else int(np.iinfo(x.dtype).min)
    seen = patches(x, window, counts, lowest)
    taps = [(i, j) for i in range(kernel_size[0]) for j in range(kernel_size[1])]
    values = seen[:, :, 0, 0].copy()
    winner = np.zeros(values.shape, np.min_scalar_type(len(taps)))
    for number, (i, j) in enumerate(taps[1:], 1):
        tap = seen[:, :, i, j]
        np.maximum(winner, np.multiply(tap > values, number, dtype=winner.dtype), out=winner)
        np.maximum(values, tap, out=values)
    # A comparison with NaN is False. And a window whose first tap is padding, and whose other taps are no larger than
    # padding, would report that tap: a position outside the input. Both are rare, and left to the reference.
    if np.isnan(values.max(initial=lowest)) or (any(padding) and values.min(initial=0) == lowest):
        return max_pool2d.reference(x, window)
    rows, columns = (np.arange(counts[i]) * stride[i] - padding[i] for i in (0, 1))
    offsets = np.array([i * dilation[0] * x.shape[3] + j * dilation[1] for i, j in taps])
    positions = offsets[winner]
    positions += rows[:, None] * x.shape[3] + columns
    return values, positions


@adaptive_avg_pool2d.on("numpy", when=lambda x, output_size: output_size == (1, 1) and x.dtype.kind == "f")
def adaptive_avg_pool2d_numpy(x: Array, output_size: Pair) -> Array:
    """`adaptive_avg_pool2d` to one window: the mean of each plane, of small planes by a product with a vector."""
    n, c, height, width = x.shape
    plane = height * width
    rows = widened(x).reshape(n * c, plane)
    total = np.matmul(rows, np.ones(plane, rows.dtype)) if plane <= SHORT else rows.sum(axis=1)
    return (total / plane if plane else total + np.nan).reshape(n, c, 1, 1).astype(x.dtype, copy=False)


@adaptive_avg_pool2d_grad.on("numpy", when=lambda g, input_shape: g.shape[2:] == (1, 1) and g.dtype.kind == "f")
def adaptive_avg_pool2d_grad_numpy(g: Array, input_shape: tuple[int, ...]) -> Array:
    """`adaptive_avg_pool2d_grad` of one window: the same number in a whole plane."""
    out = np.empty(input_shape, g.dtype)
    out[...] = widened(g) / (input_shape[2] * input_shape[3])
    return out
