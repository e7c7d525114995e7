"""Softmax and its logarithm on CuPy: one launch, a block for each row, sums in shared memory."""

from __future__ import annotations

from math import prod

from kernels.backend import Array, namespace
from kernels.cuda.launch import Template, contiguous
from kernels.softmax import log_softmax, softmax

softmax_rows = Template("softmax.cu", "softmax")
log_softmax_rows = Template("softmax.cu", "log_softmax")


@softmax.on("cupy", when=softmax_rows.takes)
def softmax_cupy(x: Array, dim: int) -> Array:
    """`softmax` in one launch."""
    return _along(softmax_rows, x, dim)


@log_softmax.on("cupy", when=log_softmax_rows.takes)
def log_softmax_cupy(x: Array, dim: int) -> Array:
    """`log_softmax` in one launch."""
    return _along(log_softmax_rows, x, dim)


def _along(template: Template, x: Array, dim: int) -> Array:
    """The result of a kernel with a block of threads for each row along `dim`; without dimensions x is one row of 1."""
    out = namespace(x).empty(x.shape, x.dtype)
    size = x.shape[dim] if x.ndim else 1
    inner = prod(x.shape[dim:][1:]) if x.ndim else 1
    if x.size:
        template.rows(x, x.size // size, size, contiguous(x), out, size, inner)
    return out
