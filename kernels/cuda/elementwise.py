"""Functions of one number on CuPy, and some gradients: one launch, where the reference takes one for each operation."""

from __future__ import annotations

from typing import Any

from kernels import activation, elementwise, special
from kernels.backend import Array, namespace
from kernels.cuda.launch import Template

erf_of, erfc_of = Template("elementwise.cu", "erf_of"), Template("elementwise.cu", "erfc_of")
gelu, gelu_tanh = Template("elementwise.cu", "gelu"), Template("elementwise.cu", "gelu_tanh")
sigmoid_of, silu = Template("elementwise.cu", "sigmoid_of"), Template("elementwise.cu", "silu")
softplus, log_sigmoid = Template("elementwise.cu", "softplus"), Template("elementwise.cu", "log_sigmoid")

relu_grad = Template("elementwise.cu", "relu_grad")
sigmoid_grad, tanh_grad = (Template("elementwise.cu", name) for name in ("sigmoid_grad", "tanh_grad"))


def _floats_in_row_major_order(x: Array, *_: Any) -> bool:
    """Whether these forms run. The reference keeps any memory order of x, these forms only row-major order."""
    return erf_of.takes(x) and x.flags.c_contiguous


def _in_one_launch(template: Template, *arrays: Array, numbers: tuple[float, ...] = ()) -> Array:
    """The kernel's result, of the shape and dtype of the first array; the others are alike."""
    like = arrays[0]
    out = namespace(like).empty(like.shape, like.dtype)
    template.each(like, like.size, *arrays, out, *map(float, numbers))
    return out


@special.erf.on("cupy", when=_floats_in_row_major_order)
def erf_cupy(x: Array) -> Array:
    """`erf` by CUDA's own."""
    return _in_one_launch(erf_of, x)


@special.erfc.on("cupy", when=_floats_in_row_major_order)
def erfc_cupy(x: Array) -> Array:
    """`erfc` by CUDA's own."""
    return _in_one_launch(erfc_of, x)


@activation.gelu.on("cupy", when=_floats_in_row_major_order)
def gelu_cupy(x: Array, approximate: str) -> Array:
    """`gelu` in one launch."""
    return _in_one_launch(gelu_tanh if approximate == "tanh" else gelu, x)


@elementwise.sigmoid.on("cupy", when=_floats_in_row_major_order)
def sigmoid_cupy(x: Array) -> Array:
    """`sigmoid` in one launch."""
    return _in_one_launch(sigmoid_of, x)


@activation.silu.on("cupy", when=_floats_in_row_major_order)
def silu_cupy(x: Array) -> Array:
    """`silu` in one launch."""
    return _in_one_launch(silu, x)


@activation.softplus.on("cupy", when=_floats_in_row_major_order)
def softplus_cupy(x: Array, beta: float, threshold: float) -> Array:
    """`softplus` in one launch."""
    return _in_one_launch(softplus, x, numbers=(beta, threshold))


@activation.log_sigmoid.on("cupy", when=_floats_in_row_major_order)
def log_sigmoid_cupy(x: Array) -> Array:
    """`log_sigmoid` in one launch."""
    return _in_one_launch(log_sigmoid, x)


def _alike_in_row_major_order(g: Array, y: Array) -> bool:
    return relu_grad.takes(g, y) and g.shape == y.shape and g.flags.c_contiguous and y.flags.c_contiguous


@elementwise.relu_grad.on("cupy", when=_alike_in_row_major_order)
def relu_grad_cupy(g: Array, y: Array) -> Array:
    """`relu_grad` in one launch."""
    return _in_one_launch(relu_grad, g, y)


@elementwise.sigmoid_grad.on("cupy", when=_alike_in_row_major_order)
def sigmoid_grad_cupy(g: Array, y: Array) -> Array:
    """`sigmoid_grad` in one launch."""
    return _in_one_launch(sigmoid_grad, g, y)


@elementwise.tanh_grad.on("cupy", when=_alike_in_row_major_order)
def tanh_grad_cupy(g: Array, y: Array) -> Array:
    """`tanh_grad` in one launch."""
    return _in_one_launch(tanh_grad, g, y)
