"""Rows of a table by their index."""

from __future__ import annotations

from kernels.backend import Array
from kernels.dispatch import kernel


@kernel
def embedding(weight: Array, index: Array, factor: Array | None) -> Array:
    """weight[index] for a table (V, D) and indices below V of any shape (…): (…, D).

    Gradient for an incoming `g`: ``index_grad(g · factor, weight.shape, (index,))``; `factor` (…, 1), or None for ones,
    scales the gradient of each position.
    """
    return weight[index]
