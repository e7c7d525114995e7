"""Linear maps, and other functions of feature vectors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import kernels
from minitorch.autograd.graph import wrap
from minitorch.functions.arguments import index_out_of_range, tensor_argument
from minitorch.functions.out import write_out
from minitorch.nn.functional.arguments import alike, check_implemented, integer, same_dtype
from minitorch.ops import linear_algebra as ops
from minitorch.ops.shape import permute, reshape, reshape_result

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input · weightᵀ + bias.

    Args:
        input: (…, in).
        weight: (out, in), or (in,) for a result (…).
        bias: (out,), or anything that expands to the result; None adds nothing.

    Returns:
        (…, out), with the dtype of the arguments.

    Raises:
        RuntimeError: for other shapes, or different dtypes.
        TypeError: if an argument is not a tensor.
    """
    floats = alike(input, weight, bias)
    if not floats:
        same_dtype("linear", input=input, weight=weight, bias=bias)
    x_shape, w_shape = input._array.shape, weight._array.shape
    if len(w_shape) != 2 or not x_shape or x_shape[-1] != w_shape[1]:
        _check_shapes(x_shape, w_shape, bias)
        if len(w_shape) == 1:
            row = ops.linear(reshape(input, (-1, *x_shape)), reshape(weight, (1, -1)), None)
            return reshape_result(row, x_shape[:-1])
    if not floats:
        check_implemented("addmm_impl_cpu_", input, "fiu")
    if len(x_shape) > 1 and (bias is None or bias._array.shape == w_shape[:1]):
        return ops.linear(input, weight, bias)
    out_shape = (*x_shape[:-1], w_shape[0])
    if bias is not None and bias._array.shape != w_shape[:1]:
        _check_bias(bias._array.shape, out_shape)
        return linear(input, weight) + bias
    row = ops.linear(reshape(input, (1, *x_shape)), weight, bias)
    return reshape_result(row, out_shape) if bias is None else reshape(row, out_shape)  # a view, as in torch


def _check_shapes(x: tuple[int, ...], weight: tuple[int, ...], bias: Any) -> None:
    if not x or not weight:
        raise RuntimeError(
            f"both arguments to linear need to be at least 1D, but they are {len(x)}D and {len(weight)}D"
        )
    if len(weight) > 2 or (len(weight) == 1 and bias is not None):
        raise RuntimeError(f"linear: expected weight to be a matrix (out, in), but got shape {list(weight)}")
    if x[-1] != weight[-1]:
        rows, shape = math.prod(x[:-1]), "x".join(str(n) for n in reversed(weight))
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{x[-1]} and {shape}): linear expects input (…, in) "
            f"and weight (out, in), but got {list(x)} and {list(weight)}"
            + ("; nn.Flatten() before this layer gives the wanted shape" if _flattens_to(x, weight[-1]) else "")
        )


def _flattens_to(x: tuple[int, ...], wanted: int) -> bool:
    """Whether ``nn.Flatten()`` makes an input that fits."""
    return len(x) > 2 and math.prod(x[1:]) == wanted


def _check_bias(shape: tuple[int, ...], out: tuple[int, ...]) -> None:
    fits = len(shape) <= len(out) and all(n in (1, m) for n, m in zip(shape[::-1], out[::-1], strict=False))
    if not fits:
        raise RuntimeError(
            f"expected a bias that expands to the result {list(out)}, such as [{out[-1]}], but got {list(shape)}"
        )


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """int64 (…, num_classes): 1 at the class that `tensor` (…) gives, else 0. By default the largest class + 1.

    Raises:
        RuntimeError: for another dtype than int64, a class that is negative or too large, or if `tensor` is empty.
    """
    classes = tensor_argument(tensor, "one_hot", argument="tensor")._array
    num_classes = integer(num_classes, "one_hot", "num_classes")
    if classes.dtype != "int64":
        raise RuntimeError(f"one_hot is only applicable to index tensor of type LongTensor, but got {tensor.dtype}")
    if not classes.size and num_classes <= 0:
        raise RuntimeError("Can not infer total number of classes from empty tensor.")
    if num_classes == -1:
        with kernels.on_device_of(classes):
            num_classes = int(classes.max()) + 1
    wrong = index_out_of_range(classes, 0, num_classes)
    if wrong is not None and wrong < 0:
        raise RuntimeError(f"Class values must be non-negative, but got {wrong}")
    if wrong is not None:
        raise RuntimeError(f"Class values must be smaller than num_classes, but got {wrong} for {num_classes} classes")
    with kernels.on_device_of(classes):
        xp = kernels.namespace(classes)
        return wrap(xp.ascontiguousarray(classes[..., None] == xp.arange(num_classes)).astype("int64"))


def normalize(
    input: Tensor, p: float = 2.0, dim: Any = 1, eps: float | Tensor = 1e-12, out: Tensor | None = None
) -> Tensor:
    """input / max(‖input‖ₚ, eps), with the norm along `dim`.

    Raises:
        RuntimeError: for integers.
        IndexError: if there is no such dimension.
    """
    norm = tensor_argument(input, "normalize").norm(p, dim, keepdim=True)
    result = input / norm.clamp_min(eps)
    return result if out is None else write_out("normalize", out, result)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """y[…, o] = Σ input1[…, i] · weight[o, i, j] · input2[…, j] over i and j, + bias[o].

    Raises:
        RuntimeError: for shapes that do not match, or different dtypes.
    """
    same_dtype("bilinear", input1=input1, input2=input2, weight=weight, bias=bias)
    a, b, w = input1._array.shape, input2._array.shape, weight._array.shape
    if len(w) != 3 or a[:-1] != b[:-1] or a[-1:] != w[1:2] or b[-1:] != w[2:]:
        raise RuntimeError(
            f"bilinear: expected inputs (…, n) and (…, m) and weight (out, n, m), but got {list(a)}, {list(b)} and "
            f"{list(w)}"
        )
    rows = math.prod(a[:-1])
    flat = reshape(permute(weight, (1, 0, 2)), (w[1], w[0] * w[2]))
    products = reshape(ops.matmul(reshape(input1, (rows, w[1])), flat), (rows, w[0], w[2]))
    out = reshape(ops.matmul(products, reshape(input2, (rows, w[2], 1))), (*a[:-1], w[0]))
    if bias is not None:
        _check_bias(bias._array.shape, out._array.shape)
        out = out + bias
    return out
