"""The loss of target classes on CuPy: few launches, sums in shared memory."""

from __future__ import annotations

from math import prod

import numpy as np

from kernels import loss as reference
from kernels.backend import Array, namespace
from kernels.cuda.launch import Template, contiguous
from kernels.half_precision import wide

PARTS = 64
"""The largest number of blocks for the elements of a loss: every thread of the gradient adds up their sums."""
PART = 1024
"""The least number of elements of a block."""

nll_losses = Template("loss.cu", "nll_losses")
nll_parts = Template("loss.cu", "nll_parts")
nll_total = Template("loss.cu", "nll_total")
nll_grad = Template("loss.cu", "nll_grad")


@reference.nll_loss.on(
    "cupy", when=lambda x, target, weight, *_: nll_losses.takes(x, weight) and target.dtype == "int64"
)
def nll_loss_cupy(x: Array, target: Array, weight: Array | None, ignore_index: int, reduction: str) -> Array:
    """`nll_loss`: sums of parts, and the sum of these. For a class out of range it is NaN."""
    xp = namespace(x)
    x, target = contiguous(x), contiguous(target)
    weight = None if weight is None else contiguous(weight)
    if reduction == "none":
        out = xp.empty(target.shape, x.dtype)
        sizes = x.shape[1], prod(x.shape[2:])
        nll_losses.each(x, target.size, x, target, weight, out, *sizes, np.int64(ignore_index))
        return out
    out = xp.empty((), x.dtype)
    losses, weights = _partial_sums(x, x.shape, target, weight, ignore_index, True)
    nll_total.rows(x, 1, losses.size, losses, weights, out, losses.size, reduction == "mean")
    return out


@reference.nll_loss_grad.on(
    "cupy", when=lambda g, input_shape, target, weight, *_: nll_grad.takes(g, weight) and target.dtype == "int64"
)
def nll_loss_grad_cupy(
    g: Array, input_shape: tuple[int, ...], target: Array, weight: Array | None, ignore_index: int, reduction: str
) -> Array:
    """`nll_loss_grad`: a thread for each element of x."""
    g, target = contiguous(g), contiguous(target)
    weight = None if weight is None else contiguous(weight)
    x_grad = namespace(g).empty(input_shape, g.dtype)
    weights, parts = None, 0
    if reduction == "mean":
        _, weights = _partial_sums(g, input_shape, target, weight, ignore_index, False)
        parts = weights.size
    sizes = input_shape[1], prod(input_shape[2:])
    step = int(g.size > 1 or reduction == "none")
    nll_grad.each(g, x_grad.size, g, target, weight, weights, x_grad, *sizes, parts, step, np.int64(ignore_index))
    return x_grad


def _partial_sums(
    like: Array, shape: tuple[int, ...], target: Array, weight: Array | None, ignore_index: int, losses_too: bool
) -> tuple[Array, Array]:
    """The sums of weights over each of some parts of the elements, and of losses if `losses_too`, with `like` as x."""
    xp = namespace(like)
    size = max(PART, -(-target.size // PARTS))
    parts = max(1, -(-target.size // size))
    losses, weights = (xp.empty(parts, wide(like.dtype)) for _ in range(2))
    sizes = target.size, size, shape[1], prod(shape[2:])
    x = like if losses_too else None
    nll_parts.rows(
        like, parts, min(size, target.size), x, target, weight, losses, weights, *sizes, np.int64(ignore_index)
    )
    return losses, weights
