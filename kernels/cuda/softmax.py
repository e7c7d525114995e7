"""Softmax and its logarithm on CuPy: a block of threads for each row, or a thread for each of many interleaved rows."""

from __future__ import annotations

from math import prod

from kernels.backend import Array, namespace
from kernels.cuda.launch import Template, contiguous
from kernels.cuda.reduction import MANY, NEIGHBOURS
from kernels.softmax import log_softmax, log_softmax_grad, softmax, softmax_grad

softmax_rows = Template("softmax.cu", "softmax")
log_softmax_rows = Template("softmax.cu", "log_softmax")

softmax_each = Template("softmax.cu", "softmax_each")
log_softmax_each = Template("softmax.cu", "log_softmax_each")

grad_rows = Template("softmax.cu", "softmax_grad")
grad_each = Template("softmax.cu", "softmax_grad_each")


@softmax.on("cupy", when=softmax_rows.takes)
def softmax_cupy(x: Array, dim: int) -> Array:
    """`softmax` in one launch."""
    return _along(softmax_rows, softmax_each, x, dim)


@log_softmax.on("cupy", when=log_softmax_rows.takes)
def log_softmax_cupy(x: Array, dim: int) -> Array:
    """`log_softmax` in one launch."""
    return _along(log_softmax_rows, log_softmax_each, x, dim)


@softmax_grad.on("cupy", when=grad_rows.takes)
def softmax_grad_cupy(g: Array, y: Array, dim: int) -> Array:
    """`softmax_grad` in one launch."""
    return _along(grad_rows, grad_each, g, dim, y, log=False)


@log_softmax_grad.on("cupy", when=grad_rows.takes)
def log_softmax_grad_cupy(g: Array, y: Array, dim: int) -> Array:
    """`log_softmax_grad` in one launch."""
    return _along(grad_rows, grad_each, g, dim, y, log=True)


def _along(by_rows: Template, each: Template, x: Array, dim: int, *arrays: Array, **ints: int) -> Array:
    """The result of one of two kernels for each row along `dim`; without dimensions x is one row of 1."""
    out = namespace(x).empty(x.shape, x.dtype)
    size = x.shape[dim] if x.ndim else 1
    inner = prod(x.shape[dim:][1:]) if x.ndim else 1
    if not x.size:
        return out
    rows = x.size // size
    args = *map(contiguous, (x, *arrays)), out, size, inner, *ints.values()
    if rows >= MANY and inner >= NEIGHBOURS:
        each.each(x, rows, *args)
    else:
        by_rows.rows(x, rows, size, *args)
    return out
