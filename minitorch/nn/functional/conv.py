"""Convolution in one and two dimensions, and the transposed one."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from kernels.checks import check_conv2d, check_conv_transpose2d
from kernels.windows import Pair, same_padding
from minitorch.nn.functional.arguments import ints, not_implemented, same_dtype
from minitorch.ops import conv as ops
from minitorch.ops.elementwise import add
from minitorch.ops.padding import pad
from minitorch.ops.shape import reshape

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """The convolution of input (N, C, L) or (C, L) with weight (out, C / groups, k). All else as for `conv2d`."""
    return _conv(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """The convolution y[n, o, h, w] = bias[o] + Σ weight[o, c, i, j] · input[n, c, h·s + i·d − p, …] over c, i, j.

    Args:
        input: (N, C, H, W) or (C, H, W); zero outside.
        weight: (out, C / groups, kernel height, kernel width).
        bias: (out,) or None.
        stride: an int or two.
        padding: an int or two; ``"valid"`` for none; ``"same"`` for an output as large as the input, at stride 1.
        dilation: an int or two.
        groups: how many blocks of channels are convolved apart; divides C and out.

    Returns:
        (N, out, H', W') with H' = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, and likewise W'.

    Raises:
        RuntimeError: for shapes, dtypes or sizes that do not match, a padding that is negative or no such word, or a
            kernel larger than the padded input.
        TypeError: for arguments of other types.
    """
    return _conv(2, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """The transposed convolution: the gradient of `conv2d` with respect to its input, as a layer of its own.

    Every input[n, c, h, w] · weight[c] is added to the result where window (h, w) of the convolution lies.

    Args:
        input: (N, C, H, W) or (C, H, W).
        weight: (C, out / groups, kernel height, kernel width).
        bias: (out,) or None.
        stride, padding, dilation: an int or two, of the convolution that goes the other way.
        output_padding: an int or two: how much larger the result is to be on its far sides, for a stride makes one
            size of several.
        groups: divides C.

    Returns:
        (N, out, H', W') with H' = (H − 1)·stride − 2·padding + dilation·(kernel − 1) + output_padding + 1.

    Raises:
        RuntimeError: for shapes, dtypes or sizes that do not match, or a result without elements.
        TypeError: for arguments of other types.
    """
    function = "conv_transpose2d"
    same_dtype(function, input=input, weight=weight, bias=bias)
    not_implemented("slow_conv_transpose2d", input, "fiu")
    (group,) = ints(groups, function, "groups")
    _check_dims(function, 2, input._array.shape, weight._array.shape)
    steps, around, more, gaps = (
        _sizes(2, value, name, function=function)
        for name, value in (
            ("stride", stride),
            ("padding", padding),
            ("output_padding", output_padding),
            ("dilation", dilation),
        )
    )
    batched = input._array.ndim == 4
    x = input if batched else reshape(input, (1, *input._array.shape))
    shapes = x._array.shape, weight._array.shape, None if bias is None else bias._array.shape
    size = check_conv_transpose2d(*shapes, steps, around, more, gaps, group)
    shape = (x._array.shape[0], weight._array.shape[1] * group, *size)
    if more[0] < steps[0] and more[1] < steps[1]:
        y = ops.conv_transpose2d(x, weight, shape, steps, around, gaps, group)
    else:  # a convolution of so large a result has more windows than x has elements: make it of another size, and cut
        cuts = [(-p, m - p) for p, m in zip(around, more, strict=True)]
        whole = (*shape[:2], *(n - before - after for n, (before, after) in zip(size, cuts, strict=True)))
        y = ops.conv_transpose2d(x, weight, whole, steps, (0, 0), gaps, group)
        y = pad(y, ((0, 0), (0, 0), *cuts), "constant", 0.0)
    if bias is not None:
        y = add(y, reshape(bias, (-1, 1, 1)))
    return y if batched else reshape(y, shape[1:])


def _conv(
    n: int, input: Tensor, weight: Tensor, bias: Tensor | None, stride: Any, padding: Any, dilation: Any, groups: int
) -> Tensor:
    function = f"conv{n}d"
    same_dtype(function, input=input, weight=weight, bias=bias)
    not_implemented("slow_conv2d_cpu", input, "fiu")
    (group,) = ints(groups, function, "groups")
    steps, gaps = _sizes(n, stride, "stride"), _sizes(n, dilation, "dilation")
    _check_dims(function, n, input._array.shape, weight._array.shape)
    batched = input._array.ndim == n + 2
    x = input if batched else reshape(input, (1, *input._array.shape))
    w = weight
    if n == 1:  # one dimension is two, the first of size 1
        x, w = (reshape(t, (*t._array.shape[:2], 1, t._array.shape[2])) for t in (x, w))
    if isinstance(padding, str):
        x, around = _by_word(padding, x, w, steps, gaps)
    else:
        around = _sizes(n, padding, "padding", 0)
    shapes = x._array.shape, w._array.shape, None if bias is None else bias._array.shape
    check_conv2d(*shapes, steps, around, gaps, group)
    y = ops.conv2d(x, w, bias, steps, around, gaps, group)
    shape = y._array.shape
    return y if batched and n == 2 else reshape(y, shape[0 if batched else 1 : 2] + shape[4 - n :])


def _sizes(n: int, value: Any, name: str, filler: int = 1, function: str = "") -> Pair:
    """One int for height and one for width; in one dimension, `filler` for the height."""
    values = ints(value, function or f"conv{n}d", name)
    if len(values) not in (1, n):
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {n} values to match the convolution "
            f"dimensions, but got {name}={list(values)}"
        )
    return (filler if n == 1 else values[0]), values[-1]


def _check_dims(function: str, n: int, x: tuple[int, ...], weight: tuple[int, ...]) -> None:
    if len(x) not in (n + 1, n + 2):
        raise RuntimeError(
            f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {function}, but got input of size: {list(x)}"
        )
    if len(weight) != n + 2:
        raise RuntimeError(
            f"Expected {n + 2}-dimensional weight (out, channels / groups, kernel size) for {function}, but got "
            f"weight of size {list(weight)} with input of size {list(x)}"
        )


def _by_word(word: str, x: Tensor, weight: Tensor, stride: Pair, dilation: Pair) -> tuple[Tensor, Pair]:
    """The padding that a word stands for; what of it is not alike on both sides is added to x."""
    if word == "valid":
        return x, (0, 0)
    if word != "same":
        raise RuntimeError(f"Invalid padding string: '{word}', expected 'same' or 'valid'")
    if stride != (1, 1):
        raise RuntimeError(f"padding='same' is not supported for strided convolutions, but got stride={stride}")
    _, _, height, width = weight._array.shape
    rows, columns = same_padding((height, width), dilation)
    if rows[0] != rows[1] or columns[0] != columns[1]:
        warnings.warn(
            "Using padding='same' with even kernel lengths and odd dilation may require a zero-padded copy of the "
            "input be created",
            stacklevel=4,
        )
        x = pad(x, ((0, 0), (0, 0), (0, rows[1] - rows[0]), (0, columns[1] - columns[0])), "constant", 0.0)
    return x, (rows[0], columns[0])
