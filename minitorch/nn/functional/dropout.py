"""Dropout (Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import kernels
from minitorch import devices, random
from minitorch.autograd.inplace import inplace
from minitorch.autograd.variable import wrap
from minitorch.functions.arguments import tensor_argument
from minitorch.generator import dense_like, in_memory_order
from minitorch.ops.elementwise import mul

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Each element 0 with probability `p`, else divided by 1 − p.

    The same elements as torch's for the same seed.

    Args:
        input: any shape, floating point.
        p: in [0, 1].
        training: if False, the result is `input` itself.
        inplace: write into `input` and return it.

    Raises:
        ValueError: if `p` is not in [0, 1].
        RuntimeError: for integers.
    """
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    x = tensor_argument(input, "dropout")
    if not training or p == 0 or not x._array.size:
        return x
    if p == 1:
        return _times(x, kernels.zeros_like(x._array), inplace)
    if x._array.dtype.kind != "f":
        raise RuntimeError(f"dropout: expected an input of floating point, but got {x.dtype}; convert it with .float()")
    return _times(x, _mask(x, p), inplace)


def _mask(x: Tensor, p: float) -> kernels.Array:
    """What x is multiplied by, drawn in the order of its memory."""
    draw = random.default_generator.dropout
    array = x._array
    if array.flags.c_contiguous:
        mask = draw(array.shape, array.dtype, p)
    else:
        mask = dense_like(kernels.backend_of(array).to_host(array))
        view = in_memory_order(mask)
        view[...] = draw(view.shape, view.dtype, p)
    return devices.put(mask, array.dtype, devices.device_of(array))


def _times(x: Tensor, mask: kernels.Array, in_place: bool) -> Tensor:
    return inplace(mul, x, wrap(mask)) if in_place else mul(x, wrap(mask))
