"""The loss of target classes and the mean squared error on CuPy: few launches, sums in shared memory."""

from __future__ import annotations

from math import prod

import numpy as np

from kernels import loss as reference
from kernels.backend import Array, namespace
from kernels.cuda.launch import Template, contiguous
from kernels.cuda.reduction import BLOCKS, add_parts
from kernels.half_precision import wide

PARTS = 64
"""The largest number of blocks for the elements of a loss: every thread of the gradient adds up their sums."""
PART = 1024
"""The least number of elements of a block."""
FEW = 1 << 15
"""With up to so many elements of x, each block of the gradient sums the weights of at most `PART` targets itself."""
ALONE = 1 << 12
"""Up to how many squares one block sums."""

nll_losses = Template("loss.cu", "nll_losses")
nll_parts = Template("loss.cu", "nll_parts")
nll_total = Template("loss.cu", "nll_total")
nll_grad = Template("loss.cu", "nll_grad")
mse_parts, mse_grad = Template("loss.cu", "mse_parts"), Template("loss.cu", "mse_grad")


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
    only = out if target.size <= PART else None
    losses, weights = _partial_sums(x, x.shape, target, weight, ignore_index, True, only, reduction == "mean")
    if only is None:
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
    weights, parts, targets = None, 0, 0
    if reduction == "mean" and 0 < target.size <= PART and x_grad.size <= FEW:
        targets = target.size
    elif reduction == "mean":
        _, weights = _partial_sums(g, input_shape, target, weight, ignore_index, False)
        parts = weights.size
    sizes = input_shape[1], prod(input_shape[2:])
    step = int(g.size > 1 or reduction == "none")
    nll_grad.each(
        g, x_grad.size, g, target, weight, weights, x_grad, *sizes, parts, targets, step, np.int64(ignore_index)
    )
    return x_grad


def _partial_sums(
    like: Array,
    shape: tuple[int, ...],
    target: Array,
    weight: Array | None,
    ignore_index: int,
    losses_too: bool,
    only: Array | None = None,
    mean: bool = False,
) -> tuple[Array, Array]:
    """The sums of weights over each of some parts of the elements, and of losses if `losses_too`, with `like` as x.

    With `only`, there is one part. Its loss is written there instead, for a `mean` divided by the sum of the weights.
    """
    xp = namespace(like)
    size = max(PART, -(-target.size // PARTS))
    parts = max(1, -(-target.size // size))
    losses, weights = (xp.empty(0 if only is not None else parts, wide(like.dtype)) for _ in range(2))
    arrays = like if losses_too else None, target, weight, losses, weights, only
    sizes = target.size, size, shape[1], prod(shape[2:]), mean
    nll_parts.rows(like, parts, min(size, target.size), *arrays, *sizes, np.int64(ignore_index))
    return losses, weights


def _takes_pairs(x: Array, target: Array, reduction: str) -> bool:
    return reduction != "none" and mse_parts.takes(x, target) and x.shape == target.shape and x.size > 0


@reference.mse_loss.on("cupy", when=_takes_pairs)
def mse_loss_cupy(x: Array, target: Array, reduction: str) -> Array:
    """`mse_loss`, reduced, in one launch or two."""
    xp = namespace(x)
    out, x, target = xp.empty((), x.dtype), contiguous(x), contiguous(target)
    parts = 1 if x.size <= ALONE else min(BLOCKS, -(-x.size // ALONE))
    size = -(-x.size // parts)
    parts = -(-x.size // size)
    divisor = np.float64(x.size if reduction == "mean" else 1)
    if parts == 1:
        mse_parts.rows(x, 1, size, x, target, None, out, x.size, size, divisor)
        return out
    sums = xp.empty(parts, "float64")
    mse_parts.rows(x, parts, size, x, target, sums, None, x.size, size, divisor)
    add_parts.rows(x, 1, parts, sums, out, parts, divisor)
    return out


def _takes_gradient(g: Array, x: Array, target: Array, reduction: str) -> bool:
    in_order = x.flags.c_contiguous and target.flags.c_contiguous  # the reference keeps any other order of memory
    return mse_grad.takes(g, x, target) and x.shape == target.shape and in_order


@reference.mse_loss_grad.on("cupy", when=_takes_gradient)
def mse_loss_grad_cupy(g: Array, x: Array, target: Array, reduction: str) -> Array:
    """`mse_loss_grad` in one launch."""
    g, x_grad = contiguous(g), namespace(x).empty(x.shape, x.dtype)
    divisor = float(x.size if reduction == "mean" else 1)
    mse_grad.each(x, x.size, g, x, target, x_grad, int(reduction == "none"), divisor)
    return x_grad
