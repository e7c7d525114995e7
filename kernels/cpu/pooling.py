"""Pooling on NumPy. What is not here is fast enough in its reference form."""

from __future__ import annotations

import numpy as np

from kernels.backend import Array
from kernels.pooling import max_pool2d
from kernels.windows import Pair, patches, pool_output_sizes


@max_pool2d.on("numpy")
def max_pool2d_numpy(
    x: Array, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair, ceil_mode: bool
) -> tuple[Array, Array]:
    """`max_pool2d`: the winning tap's number in a byte, and its position in the plane looked up at the end."""
    counts = pool_output_sizes(x.shape, kernel_size, stride, padding, dilation, ceil_mode)
    lowest = -np.inf if x.dtype.kind == "f" else int(np.iinfo(x.dtype).min)
    seen = patches(x, kernel_size, stride, padding, dilation, counts, lowest)
    taps = [(i, j) for i in range(kernel_size[0]) for j in range(kernel_size[1])]
    values = seen[:, :, 0, 0].copy()
    winner = np.zeros(values.shape, np.min_scalar_type(len(taps)))
    for number, (i, j) in enumerate(taps[1:], 1):
        tap = seen[:, :, i, j]
        np.maximum(winner, np.multiply(tap > values, number, dtype=winner.dtype), out=winner)
        np.maximum(values, tap, out=values)
    # Comparing says nothing of NaNs, nor of windows whose first tap is padding where no tap is larger.
    if np.isnan(values.max(initial=lowest)) or (any(padding) and values.min(initial=0) == lowest):
        return max_pool2d.reference(x, kernel_size, stride, padding, dilation, ceil_mode)
    rows, columns = (np.arange(counts[i]) * stride[i] - padding[i] for i in (0, 1))
    offsets = np.array([i * dilation[0] * x.shape[3] + j * dilation[1] for i, j in taps])
    positions = offsets[winner]
    positions += rows[:, None] * x.shape[3] + columns
    return values, positions
