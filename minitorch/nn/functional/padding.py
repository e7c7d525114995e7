"""Padding on every side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minitorch.functions.arguments import tensor_argument
from minitorch.nn.functional.arguments import check_implemented, ints
from minitorch.ops import padding as ops
from minitorch.ops.shape import clone
from minitorch.scalars import scalar_to

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def pad(input: Tensor, pad: Any, mode: str = "constant", value: float | None = None) -> Tensor:
    """`input` with elements added, or for negative numbers removed, at both ends of its last dimensions.

    Args:
        input: for other modes than constant, the last one, two or three dimensions are padded, and there must be one or
            two dimensions before them.
        pad: (left, right), or (left, right, top, bottom), … : two ints for each dimension from the last one on.
        mode: ``"constant"``; ``"reflect"``, the mirror image without the edge; ``"replicate"``, the edge element;
            ``"circular"``, the elements from the other end.
        value: the added elements in mode constant (default 0).

    Raises:
        RuntimeError: for an odd number of ints or too many, a size below zero, reflected or circular padding that is
            larger than the dimension allows, or a `value` in a mode that has none.
        NotImplementedError: for a mode, a number of dimensions or a dtype that is not supported.
        TypeError: for arguments of other types.
    """
    x = tensor_argument(input, "pad")
    if isinstance(pad, int):
        raise TypeError(f"pad(): argument 'pad' (position 2) must be tuple of ints, not {type(pad).__name__}")
    sizes = ints(pad, "pad", "pad")
    ndim = x._array.ndim
    if len(sizes) % 2:
        raise RuntimeError(f"Padding length must be divisible by 2, but got {len(sizes)} ints: {list(sizes)}")
    if len(sizes) > 2 * ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(sizes)} and input of dimension {ndim}"
        )
    pairs = [(sizes[i], sizes[i + 1]) for i in range(0, len(sizes), 2)]  # from the last dimension on
    padding = ((0, 0),) * (ndim - len(pairs)) + tuple(reversed(pairs))
    if mode != "constant":
        _check_mode(x, len(sizes), mode, value)
    _check_sizes(x._array.shape, padding, mode)
    if not any(sizes):
        return clone(x)
    return ops.pad(x, padding, mode, _fill_value(value, x))


def _check_mode(x: Tensor, count: int, mode: str, value: float | None) -> None:
    shape = x._array.shape
    if mode not in ("reflect", "replicate", "circular"):
        raise NotImplementedError(
            f"Unrecognised padding mode {mode}: expected constant, reflect, replicate or circular"
        )
    if value is not None and value != 0:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument, but got {value}')
    if count not in (2, 4, 6) or len(shape) not in (count // 2 + 1, count // 2 + 2):
        raise NotImplementedError(
            f"Padding size {count} is not supported for {len(shape)}D input tensor: mode {mode} pads the last one of "
            "2D or 3D, the last two of 3D or 4D, or the last three of 4D or 5D tensors"
        )
    if mode == "circular":
        return
    check_implemented({"reflect": "reflection", "replicate": "replication"}[mode] + f"_pad{count // 2}d", x, "fiu")
    if 0 in (shape[1:] if len(shape) == count // 2 + 2 else shape):
        raise RuntimeError(
            f"Expected a tensor with possibly 0 batch size and other non-zero dimensions, but got: {list(shape)}"
        )


def _check_sizes(x_shape: tuple[int, ...], padding: tuple[tuple[int, int], ...], mode: str) -> None:
    """Check the padding (before, after) of each dimension of `x_shape`.

    Raises:
        RuntimeError: if a dimension would get a negative size, a reflection is not smaller than the dimension, or a
            circular padding is larger than the dimension or has no elements to repeat.
    """
    for dim, (n, (before, after)) in enumerate(zip(x_shape, padding, strict=True)):
        if before == after == 0:
            continue
        got = f"but got: padding ({before}, {after}) at dimension {dim} of input {list(x_shape)}"
        left = n + min(before, 0) + min(after, 0)
        if n + before + after < 0 or (mode == "constant" and left < 0):
            raise RuntimeError(f"Expected padding that leaves no dimension a negative size, {got}")
        if before <= 0 and after <= 0:
            continue
        if mode == "reflect" and max(before, after) >= n:
            raise RuntimeError(f"Padding size should be less than the corresponding input dimension, {got}")
        if mode == "replicate" and n == 0:
            raise RuntimeError(f"Expected a dimension with elements to replicate, {got}")
        if mode == "circular" and max(before, after) > left:
            raise RuntimeError(f"Padding value causes wrapping around more than once, {got}")


def _fill_value(value: float | None, x: Tensor) -> Any:
    """The value for the padding, in the tensor's dtype."""
    if value is None:
        return 0
    return scalar_to(float(value), x._array.dtype)
