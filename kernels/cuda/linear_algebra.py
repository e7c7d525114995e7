"""Products of matrices on CuPy, by cuBLAS."""

from __future__ import annotations

from functools import cache
from typing import Any

from kernels import linear_algebra as reference
from kernels.backend import Array, backend_of, namespace
from kernels.cuda.launch import FLOATS
from kernels.half_precision import widened
from kernels.tf32 import TF32


@reference.matmul.on("cupy")
def matmul_cupy(x: Array, y: Array) -> Array:
    """`matmul`."""
    return product(x, y)


def product(x: Array, y: Array, out: Array | None = None, *, add: bool = False, tf32: bool | None = None) -> Array:
    """xy for matrices x (..., n, k) and y (..., k, m) of one dtype, as `kernels.cuda.cublas.product` computes it.

    Half precision is summed in single, and rounded once if the result is in half.

    Args:
        x: with any strides, as y.
        y: the second factor.
        out: where to write; of the dtype of x, or of single precision. By default a new array of the dtype of x.
        add: add to what is in `out`.
        tf32: whether TF32 may be used; by default what the program has set for products of matrices.
    """
    if backend_of(x).library == "cupy" and x.dtype == y.dtype and x.dtype in FLOATS:
        return _cublas().product(x, y, out, add, TF32.matmul if tf32 is None else tf32)
    # Integers, which cuBLAS does not multiply; and NumPy's arrays, where a test runs these forms on the host.
    each = namespace(x).matmul(widened(x), widened(y))
    if out is None:
        return each.astype(x.dtype, copy=False)
    out[...] = each + widened(out) if add else each
    return out


@cache
def _cublas() -> Any:
    """The module that needs CuPy; the forms here run without it, too."""
    from kernels.cuda import cublas

    return cublas
