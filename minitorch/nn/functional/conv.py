"""Convolution in one and two dimensions, and transposed convolution."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from kernels.windows import ConvOptions, Pair, conv_transpose_output_sizes, same_padding
from minitorch.nn.functional.arguments import alike, check_implemented, integer, ints, same_dtype
from minitorch.ops import conv as ops
from minitorch.ops.elementwise import add
from minitorch.ops.padding import pad
from minitorch.ops.shape import reshape, reshape_result
from minitorch.types import Ints

if TYPE_CHECKING:
    from minitorch._tensor import Tensor

Shape = tuple[int, ...]


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Tensor:
    """The convolution of input (N, C, L) or (C, L) with weight (out, C / groups, k). Otherwise as `conv2d`."""
    groups, steps, gaps = _check_arguments("conv1d", 1, input, weight, bias, stride, dilation, groups)
    batched = input._array.ndim == 3
    x, w = reshape(input, _plane(input._array.shape)), reshape(weight, _plane(weight._array.shape))
    around = padding if isinstance(padding, str) else (0, _sizes("conv1d", 1, padding, "padding")[0])
    y = _conv2d(x, w, bias, (1, *steps), around, (1, *gaps), groups)
    n, channels, _, length = y._array.shape
    y = reshape_result(y, (n, channels, length))
    return y if batched else y.squeeze(0)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Tensor:
    """The convolution y[n, o, h, w] = bias[o] + Σ weight[o, c, i, j] · input[n, c, h·s + i·d − p, …] over c, i, j.

    Args:
        input: (N, C, H, W) or (C, H, W); padded with zeros.
        weight: (out, C / groups, kernel height, kernel width).
        bias: (out,) or None.
        stride: an int or two.
        padding: an int or two; ``"valid"`` for none; ``"same"`` for an output as large as the input, at stride 1.
        dilation: an int or two.
        groups: the number of blocks into which the channels are divided; each is convolved separately. Divides C and
            out.

    Returns:
        (N, out, H', W') with H' = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, and likewise W'.

    Raises:
        RuntimeError: for shapes, dtypes or sizes that do not match, a padding that is negative or an unknown word, or a
            kernel larger than the padded input.
        TypeError: for arguments of other types.
    """
    groups, steps, gaps = _check_arguments("conv2d", 2, input, weight, bias, stride, dilation, groups)
    around = padding if isinstance(padding, str) else _sizes("conv2d", 2, padding, "padding")
    if input._array.ndim == 4:
        return _conv2d(input, weight, bias, steps, around, gaps, groups)
    y = _conv2d(reshape(input, (1, *input._array.shape)), weight, bias, steps, around, gaps, groups)
    return reshape(y, y._array.shape[1:])


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Ints = 1,
    padding: Ints | str = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Tensor:
    """The transposed convolution: the gradient of `conv2d` with respect to its input, used as a layer.

    Every input[n, c, h, w] · weight[c] is added to the result at the positions of window (h, w) of the convolution.

    Args:
        input: (N, C, H, W) or (C, H, W).
        weight: (C, out / groups, kernel height, kernel width).
        bias: (out,) or None.
        stride, padding, dilation: an int or two: the arguments of the convolution that is transposed.
        output_padding: an int or two: how many rows and columns to add to the result at the bottom and on the right.
            With a stride, a convolution maps inputs of several sizes to one output size; this chooses among them.
        groups: divides C.

    Returns:
        (N, out, H', W') with H' = (H − 1)·stride − 2·padding + dilation·(kernel − 1) + output_padding + 1.

    Raises:
        RuntimeError: for shapes, dtypes or sizes that do not match, or a result without elements.
        TypeError: for arguments of other types.
    """
    function = "conv_transpose2d"
    groups, steps, gaps = _check_arguments(function, 2, input, weight, bias, stride, dilation, groups)
    around, more = _sizes(function, 2, padding, "padding"), _sizes(function, 2, output_padding, "output_padding")
    options = ConvOptions(steps, around, gaps, groups)
    batched = input._array.ndim == 4
    x = input if batched else reshape(input, (1, *input._array.shape))
    size = _transpose_size(x._array.shape, weight._array.shape, bias, options, more)
    shape = (x._array.shape[0], weight._array.shape[1] * groups, *size)
    if more[0] < steps[0] and more[1] < steps[1]:
        y = ops.conv_transpose2d(x, weight, shape, options)
    else:
        # output_padding >= stride (allowed where dilation is larger): the convolution of an output of that size would
        # have more windows than x has positions. Compute the full size without padding, then crop.
        crop = [(-p, m - p) for p, m in zip(around, more, strict=True)]
        whole = (*shape[:2], *(n - before - after for n, (before, after) in zip(size, crop, strict=True)))
        y = ops.conv_transpose2d(x, weight, whole, options._replace(padding=(0, 0)))
        y = pad(y, ((0, 0), (0, 0), *crop), "constant", 0.0)
    if bias is not None:
        y = add(y, reshape(bias, (-1, 1, 1)))
    return y if batched else reshape(y, shape[1:])


def _conv2d(
    x: Tensor, weight: Tensor, bias: Tensor | None, stride: Pair, padding: Pair | str, dilation: Pair, groups: int
) -> Tensor:
    """`conv2d` of x (N, C, H, W) with checked arguments."""
    if isinstance(padding, str):
        x, padding = _padding_named(padding, x, weight, stride, dilation)
    options = ConvOptions(stride, padding, dilation, groups)
    _check_conv2d(x._array.shape, weight._array.shape, bias, options)
    return ops.conv2d(x, weight, bias, options)


def _check_arguments(
    function: str, n: int, x: Tensor, weight: Tensor, bias: Tensor | None, stride: Any, dilation: Any, groups: Any
) -> tuple[int, Any, Any]:
    """The checks of all convolutions in n dimensions: types, dtypes, and numbers of dimensions.

    Returns:
        groups, stride and dilation, converted.
    """
    if not alike(x, weight, bias):
        same_dtype(function, input=x, weight=weight, bias=bias)
        check_implemented("slow_conv2d_cpu" if function != "conv_transpose2d" else "slow_conv_transpose2d", x, "fiu")
    groups = integer(groups, function, "groups")
    steps, gaps = _sizes(function, n, stride, "stride"), _sizes(function, n, dilation, "dilation")
    if x._array.ndim not in (n + 1, n + 2):
        raise RuntimeError(
            f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {function}, but got input of size: "
            f"{list(x._array.shape)}"
        )
    if weight._array.ndim != n + 2:
        raise RuntimeError(
            f"Expected {n + 2}-dimensional weight (out, channels / groups, kernel size) for {function}, but got "
            f"weight of size {list(weight._array.shape)} with input of size {list(x._array.shape)}"
        )
    return groups, steps, gaps


def _sizes(function: str, n: int, value: Any, name: str) -> Any:
    """One int for each of n dimensions; a single int is for all."""
    if type(value) is int:
        return (value,) * n
    values = ints(value, function, name)
    if len(values) not in (1, n):
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {n} values to match the convolution "
            f"dimensions, but got {name}={list(values)}"
        )
    return values if len(values) == n else values * n


def _plane(shape: tuple[int, ...]) -> tuple[int, ...]:
    """(N, C, L) or (C, L) as (N, C, 1, L): a signal becomes an image of height 1."""
    return (*(shape[:2] if len(shape) == 3 else (1, shape[0])), 1, shape[-1])


def _padding_named(word: str, x: Tensor, weight: Tensor, stride: Pair, dilation: Pair) -> tuple[Tensor, Pair]:
    """The padding "valid" or "same". If "same" needs one more on the right or bottom, x is padded by it here."""
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


def _check_conv2d(x_shape: Shape, weight_shape: Shape, bias: Tensor | None, options: ConvOptions) -> None:
    """Check the sizes of x (N, C, H, W), weight (out, C / groups, kernel height, kernel width) and bias (out,).

    Raises:
        RuntimeError: for channels that do not match, sizes out of range, or a kernel larger than the padded input.
    """
    stride, padding, dilation, groups = options
    if groups < 1:
        raise RuntimeError(f"non-positive groups is not supported, but got groups={groups}")
    if min(padding) < 0:
        raise RuntimeError(f"negative padding is not supported, but got padding={padding}")
    if min(stride) < 1:
        raise RuntimeError(f"non-positive stride is not supported, but got stride={stride}")
    if min(dilation) < 1:
        raise RuntimeError(f"dilation should be greater than zero, but got dilation={dilation}")
    out, channels, kh, kw = weight_shape
    if out < groups or out % groups:
        wanted = f"at least {groups}" if out < groups else f"divisible by {groups}"
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be {wanted} at dimension 0, "
            f"but got weight of size {list(weight_shape)} instead"
        )
    if x_shape[1] != channels * groups:
        raise RuntimeError(
            f"Given groups={groups}, weight of size {list(weight_shape)}, expected input{list(x_shape)} to have "
            f"{channels * groups} channels, but got {x_shape[1]} channels instead"
            + _channels_last(x_shape, channels * groups)
        )
    if bias is not None and bias._array.shape != (out,):
        raise RuntimeError(
            f"Given weight of size {list(weight_shape)}, expected bias to be 1-dimensional with {out} elements, "
            f"but got bias of size {list(bias._array.shape)} instead"
        )
    if kh < 1 or kw < 1:
        raise RuntimeError(f"kernel size should be greater than zero, but got kernel_height: {kh} kernel_width: {kw}")
    height, width = x_shape[2] + 2 * padding[0], x_shape[3] + 2 * padding[1]
    rows, columns = dilation[0] * (kh - 1) + 1, dilation[1] * (kw - 1) + 1
    if rows > height or columns > width:
        raise RuntimeError(
            f"Calculated padded input size per channel: ({height} x {width}). "
            f"Kernel size: ({rows} x {columns}). Kernel size can't be greater than actual input size"
        )
    if 0 in x_shape[2:] and x_shape[0] and x_shape[1]:
        raise RuntimeError(
            f"Only zero batch or zero channel inputs are supported, but got input shape: {list(x_shape)}"
        )


def _transpose_size(
    x_shape: Shape, weight_shape: Shape, bias: Tensor | None, options: ConvOptions, output_padding: Pair
) -> Pair:
    """The height and width of the transposed convolution of x (N, C, H, W) with weight (C, out / groups, kh, kw).

    Raises:
        RuntimeError: for channels that do not match, sizes out of range, an output padding that is not smaller than
            stride or dilation, or a result without elements.
    """
    stride, padding, dilation, groups = options
    if groups < 1:
        raise RuntimeError(f"non-positive groups is not supported, but got groups={groups}")
    for name, pair, least in (
        ("negative padding", padding, 0),
        ("negative output_padding", output_padding, 0),
        ("non-positive stride", stride, 1),
        ("non-positive dilation", dilation, 1),
    ):
        if min(pair) < least:
            raise RuntimeError(f"{name} is not supported, but got {name.split()[1]}={pair}")
    channels, out, kh, kw = weight_shape
    weight = f"weight of size {list(weight_shape)}"
    if channels < groups or channels % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, "
            f"but got {weight} instead"
        )
    if min(out, kh, kw) < 1:
        raise RuntimeError(f"expected a weight with elements, but got {weight}")
    if x_shape[1] != channels:
        raise RuntimeError(
            f"Given transposed=True, {weight}, expected input{list(x_shape)} to have {channels} channels, "
            f"but got {x_shape[1]} channels instead" + _channels_last(x_shape, channels)
        )
    if bias is not None and bias._array.shape != (out * groups,):
        raise RuntimeError(
            f"Given transposed=True, {weight}, expected bias to be 1-dimensional with {out * groups} elements, "
            f"but got bias of size {list(bias._array.shape)} instead"
        )
    if min(x_shape[2:]) < 1:
        raise RuntimeError(f"Only zero batch inputs are supported, but got input shape: {list(x_shape)}")
    for o, s, d in zip(output_padding, stride, dilation, strict=True):
        if o >= s and o >= d:
            raise RuntimeError(
                f"output padding must be smaller than either stride or dilation, but got output_padding="
                f"{output_padding}, stride={stride}, dilation={dilation}"
            )
    size = conv_transpose_output_sizes(x_shape, options.window(weight_shape), output_padding)
    if min(size) < 1:
        raise RuntimeError(
            f"Given input size per channel: ({x_shape[2]} x {x_shape[3]}). Calculated output size per channel: "
            f"({size[0]} x {size[1]}). Output size is too small"
        )
    return size


def _channels_last(x_shape: Shape, channels: int) -> str:
    """A hint where the last dimension has as many elements as there should be channels."""
    if len(x_shape) != 4 or x_shape[-1] != channels:
        return ""
    return f"; the last dimension has {channels}: for images (N, H, W, C) give input.permute(0, 3, 1, 2)"
