"""Rows of a table by number."""

from __future__ import annotations

from kernels.backend import Array
from kernels.dispatch import kernel


@kernel
def embedding(weight: Array, index: Array, factor: Array | None) -> Array:
    """weight[index] for a table (V, D) and numbers below V of any shape (…): (…, D).

    Gradient for an incoming `g`: ``index_grad(g · factor, weight.shape, (index,))``; `factor` (…, 1), or None for ones,
    says how much of its gradient each place passes on.
    """
    return weight[index]
