"""The loss of a classifier on NumPy: classes of a row, without weights."""

from __future__ import annotations

import numpy as np

from kernels.backend import Array
from kernels.cpu.elementwise import where_numpy
from kernels.loss import nll_loss, nll_loss_grad, reduced


@nll_loss.on(
    "numpy",
    when=lambda x, target, weight, ignore_index, reduction: weight is None and x.ndim == 2 and x.dtype.char in "fd",
)
def nll_loss_numpy(x: Array, target: Array, weight: Array | None, ignore_index: int, reduction: str) -> Array:
    """`nll_loss`: one number is taken from each row."""
    counts = target != ignore_index
    losses = where_numpy(counts, -x[np.arange(len(x)), target * counts], 0)
    return reduced(losses, reduction, counts.sum(), x.dtype)


@nll_loss_grad.on(
    "numpy",
    when=lambda g, input_shape, target, weight, ignore_index, reduction: (
        weight is None and len(input_shape) == 2 and g.dtype.char in "fd"
    ),
)
def nll_loss_grad_numpy(
    g: Array, input_shape: tuple[int, ...], target: Array, weight: Array | None, ignore_index: int, reduction: str
) -> Array:
    """`nll_loss_grad`: one number is written into each row."""
    counts = target != ignore_index
    share = g / counts.sum().astype(g.dtype) if reduction == "mean" else g
    out = np.zeros(input_shape, g.dtype)
    out[np.arange(len(target)), target * counts] = where_numpy(counts, -share, 0)
    return out
