"""Pooling on NumPy. The other poolings are fast enough in their reference forms."""

from __future__ import annotations

import numpy as np

from kernels.backend import Array
from kernels.pooling import max_pool2d
from kernels.windows import Window, patches


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
