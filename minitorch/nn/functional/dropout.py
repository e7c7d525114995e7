"""Dropout (Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html)."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import kernels
from minitorch import devices, random
from minitorch.autograd.graph import wrap
from minitorch.autograd.inplace import inplace
from minitorch.functions.arguments import tensor_argument
from minitorch.ops.elementwise import mul
from minitorch.random.generator import memory_order

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Each element is 0 with probability `p`, else divided by 1 − p.

    The same elements are dropped as in torch with the same seed.

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


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Each channel of (N, C, L) or (C, L) is 0 with probability `p`, else divided by 1 − p.

    J. Tompson et al. 2015, https://arxiv.org/abs/1411.4280. Arguments and errors as for `dropout`.

    Raises:
        RuntimeError: for another number of dimensions.
    """
    x = tensor_argument(input, "dropout1d")
    if x._array.ndim not in (2, 3):
        raise RuntimeError(f"dropout1d: Expected 2D or 3D input, but received a {x._array.ndim}D input.")
    return _channels(x, p, training, inplace, batched=x._array.ndim == 3)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Each channel of (N, C, H, W) is 0 with probability `p`, else divided by 1 − p.

    An input of three dimensions is taken, with a warning, as (N, C, L). Arguments and errors as for `dropout`.
    """
    x = tensor_argument(input, "dropout2d")
    if x._array.ndim not in (3, 4):
        warnings.warn(
            f"dropout2d: Received a {x._array.ndim}-D input to dropout2d, which is deprecated and will result in an "
            "error in a future release. To retain the behavior and silence this warning, please use dropout instead.",
            stacklevel=2,
        )
    if x._array.ndim == 3:
        warnings.warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired "
            "- input is interpreted as shape (N, C, L). Use dropout1d for that.",
            stacklevel=2,
        )
    return _channels(x, p, training, inplace, batched=True)


def _channels(x: Tensor, p: float, training: bool, in_place: bool, batched: bool) -> Tensor:
    """`dropout` of whole channels; they are numbered by the first dimension, or in a batch by the first two."""
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0 or not x._array.size:
        return x
    if p == 1:
        return _times(x, kernels.zeros_like(x._array), in_place)
    shape = x._array.shape[: 2 if batched else 1]
    draw = random.default_generator.dropout(shape, x._array.dtype, p)
    mask = devices.put(
        draw.reshape(shape + (1,) * (x._array.ndim - len(shape))), draw.dtype, devices.device_of(x._array)
    )
    return _times(x, mask, in_place)


def _mask(x: Tensor, p: float) -> kernels.Array:
    """The factors for x, drawn in the order of x's memory, as torch does."""
    array = x._array
    order = memory_order(array)
    drawn = random.default_generator.dropout(tuple(array.shape[i] for i in order), array.dtype, p)
    return devices.beside(array, drawn.transpose([order.index(i) for i in range(array.ndim)]), array.dtype)


def _times(x: Tensor, mask: kernels.Array, in_place: bool) -> Tensor:
    return inplace(mul, x, wrap(mask)) if in_place else mul(x, wrap(mask))
