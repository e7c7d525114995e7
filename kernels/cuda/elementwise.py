"""Functions of one number on CuPy, in one launch where the reference, written in operations on arrays, takes many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kernels import activation, elementwise, special
from kernels.backend import Array, namespace
from kernels.cuda.launch import Template

erf_of, erfc_of = Template("elementwise.cu", "erf_of"), Template("elementwise.cu", "erfc_of")
gelu, gelu_tanh = Template("elementwise.cu", "gelu"), Template("elementwise.cu", "gelu_tanh")
sigmoid_of, silu = Template("elementwise.cu", "sigmoid_of"), Template("elementwise.cu", "silu")
softplus, log_sigmoid = Template("elementwise.cu", "softplus"), Template("elementwise.cu", "log_sigmoid")


def _apply(template: Template, reference: Callable[..., Any], x: Array, *args: Any) -> Array:
    """The kernel's result; for other dtypes and orders in memory, which a result takes over, the reference's."""
    if not (template.takes(x) and x.flags.c_contiguous):
        return reference(x, *args)
    out = namespace(x).empty(x.shape, x.dtype)
    template.each(x, x.size, x, out, *(float(a) for a in args if not isinstance(a, str)))
    return out


@special.erf.on("cupy")
def erf_cupy(x: Array) -> Array:
    """`erf` by CUDA's own."""
    return _apply(erf_of, special.erf.reference, x)


@special.erfc.on("cupy")
def erfc_cupy(x: Array) -> Array:
    """`erfc` by CUDA's own."""
    return _apply(erfc_of, special.erfc.reference, x)


@activation.gelu.on("cupy")
def gelu_cupy(x: Array, approximate: str) -> Array:
    """`gelu` in one launch."""
    return _apply(gelu_tanh if approximate == "tanh" else gelu, activation.gelu.reference, x, approximate)


@elementwise.sigmoid.on("cupy")
def sigmoid_cupy(x: Array) -> Array:
    """`sigmoid` in one launch."""
    return _apply(sigmoid_of, elementwise.sigmoid.reference, x)


@activation.silu.on("cupy")
def silu_cupy(x: Array) -> Array:
    """`silu` in one launch."""
    return _apply(silu, activation.silu.reference, x)


@activation.softplus.on("cupy")
def softplus_cupy(x: Array, beta: float, threshold: float) -> Array:
    """`softplus` in one launch."""
    return _apply(softplus, activation.softplus.reference, x, beta, threshold)


@activation.log_sigmoid.on("cupy")
def log_sigmoid_cupy(x: Array) -> Array:
    """`log_sigmoid` in one launch."""
    return _apply(log_sigmoid, activation.log_sigmoid.reference, x)
