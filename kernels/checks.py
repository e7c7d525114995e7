"""What a convolution, a pooling or a padding refuses, with PyTorch's exception types: for the layers above the kernels.

Kernels themselves take their arguments as valid. Shapes are of batched arrays, attributes are parsed (pairs of ints).
"""

from __future__ import annotations

from kernels.windows import Pair, conv_output_sizes, conv_transpose_output_sizes, pool_output_sizes

Shape = tuple[int, ...]


def check_conv2d(
    x_shape: Shape,
    weight_shape: Shape,
    bias_shape: Shape | None,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> None:
    """Refuse what `conv2d` cannot do: x (N, C, H, W), weight (out, C / groups, kh, kw), bias (out,) or None.

    Raises:
        RuntimeError: for a wrong number of dimensions, channels that do not match, sizes out of range, or a kernel
            larger than the padded input.
    """
    if len(x_shape) != 4:
        raise RuntimeError(
            f"Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: {list(x_shape)}"
        )
    if len(weight_shape) != 4:
        raise RuntimeError(
            f"Expected a 4D weight (out_channels, in_channels / groups, kH, kW) for conv2d, "
            f"but got weight of size: {list(weight_shape)}"
        )
    if groups < 1:
        raise RuntimeError(f"non-positive groups is not supported, but got groups={groups}")
    if min(padding) < 0:
        raise RuntimeError(f"negative padding is not supported, but got padding={padding}")
    if min(stride) < 1:
        raise RuntimeError(f"non-positive stride is not supported, but got stride={stride}")
    if min(dilation) < 1:
        raise RuntimeError(f"dilation should be greater than zero, but got dilation={dilation}")
    out, channels, kh, kw = weight_shape
    weight = f"weight of size {list(weight_shape)}"
    if out < groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got {weight} instead"
        )
    if out % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, "
            f"but got {weight} instead"
        )
    if x_shape[1] != channels * groups:
        raise RuntimeError(
            f"Given groups={groups}, {weight}, expected input{list(x_shape)} to have {channels * groups} channels, "
            f"but got {x_shape[1]} channels instead"
        )
    if bias_shape is not None and bias_shape != (out,):
        raise RuntimeError(
            f"Given {weight}, expected bias to be 1-dimensional with {out} elements, "
            f"but got bias of size {list(bias_shape)} instead"
        )
    if min(kh, kw) < 1:
        raise RuntimeError(f"kernel size should be greater than zero, but got kernel_height: {kh} kernel_width: {kw}")
    if min(conv_output_sizes(x_shape, (kh, kw), stride, padding, dilation)) < 1:
        padded = [n + 2 * p for n, p in zip(x_shape[2:], padding, strict=True)]
        spans = [d * (k - 1) + 1 for k, d in zip((kh, kw), dilation, strict=True)]
        raise RuntimeError(
            f"Calculated padded input size per channel: ({padded[0]} x {padded[1]}). "
            f"Kernel size: ({spans[0]} x {spans[1]}). Kernel size can't be greater than actual input size"
        )
    if min(x_shape[2:]) < 1 and x_shape[0] and x_shape[1]:
        raise RuntimeError(
            f"Only zero batch or zero channel inputs are supported, but got input shape: {list(x_shape)}"
        )


def check_conv_transpose2d(
    x_shape: Shape,
    weight_shape: Shape,
    bias_shape: Shape | None,
    stride: Pair,
    padding: Pair,
    output_padding: Pair,
    dilation: Pair,
    groups: int,
) -> Pair:
    """Refuse what the transposed convolution cannot do, of x (N, C, H, W) with weight (C, out / groups, kh, kw).

    Returns:
        The size of the result.

    Raises:
        RuntimeError: for channels that do not match, sizes out of range, an output padding that is not smaller than
            stride or dilation, or a result without elements.
    """
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
            f"but got {x_shape[1]} channels instead"
        )
    if bias_shape is not None and bias_shape != (out * groups,):
        raise RuntimeError(
            f"Given transposed=True, {weight}, expected bias to be 1-dimensional with {out * groups} elements, "
            f"but got bias of size {list(bias_shape)} instead"
        )
    if min(x_shape[2:]) < 1:
        raise RuntimeError(f"Only zero batch inputs are supported, but got input shape: {list(x_shape)}")
    for o, s, d in zip(output_padding, stride, dilation, strict=True):
        if o >= s and o >= d:
            raise RuntimeError(
                f"output padding must be smaller than either stride or dilation, but got output_padding="
                f"{output_padding}, stride={stride}, dilation={dilation}"
            )
    size = conv_transpose_output_sizes(x_shape, (kh, kw), stride, padding, output_padding, dilation)
    if min(size) < 1:
        raise RuntimeError(
            f"Given input size per channel: ({x_shape[2]} x {x_shape[3]}). Calculated output size per channel: "
            f"({size[0]} x {size[1]}). Output size is too small"
        )
    return size


def check_windows(size: Shape, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair) -> Pair:
    """Refuse windows that do not fit an image of `size` (H, W).

    Returns:
        How many there are in each dimension.

    Raises:
        RuntimeError: for sizes out of range, or where there is no window.
    """
    for name, pair, least in (
        ("kernel size", kernel_size, 1),
        ("dilation", dilation, 1),
        ("padding", padding, 0),
        ("stride", stride, 1),
    ):
        if min(pair) < least:
            expected = "greater than zero" if least else "non-negative"
            raise RuntimeError(f"{name} should be {expected}, but got {pair}")
    counts = conv_output_sizes(size, kernel_size, stride, padding, dilation)
    if min(counts) < 1:
        raise RuntimeError(
            f"Given spatial size {tuple(size)}, kernel_size={kernel_size}, dilation={dilation}, padding={padding}, "
            f"stride={stride}, calculated shape of the array of sliding blocks as {counts}, but its components must be "
            f"at least one"
        )
    return counts


def check_pool2d(
    x_shape: Shape,
    kernel_size: Pair,
    stride: Pair,
    padding: Pair,
    dilation: Pair = (1, 1),
    ceil_mode: bool = False,
    divisor_override: int | None = None,
) -> None:
    """Refuse what `max_pool2d` and `avg_pool2d` cannot do with x (N, C, H, W); N alone may be zero.

    Raises:
        RuntimeError: for a wrong number of dimensions, an empty dimension, sizes out of range, padding of more than
            half the kernel, an output without elements, or a divisor of zero.
    """
    if min(stride) == 0:
        raise RuntimeError(f"stride should not be zero, but got stride={stride}")
    if min(kernel_size) < 1:
        raise RuntimeError(
            f"kernel size should be greater than zero, but got kH: {kernel_size[0]} kW: {kernel_size[1]}"
        )
    if min(stride) < 0:
        raise RuntimeError(f"stride should be greater than zero, but got dH: {stride[0]} dW: {stride[1]}")
    if min(dilation) < 1:
        raise RuntimeError(
            f"dilation should be greater than zero, but got dilationH: {dilation[0]} dilationW: {dilation[1]}"
        )
    if len(x_shape) != 4 or 0 in x_shape[1:]:
        raise RuntimeError(
            f"Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:{list(x_shape)}"
        )
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero, but got divisor_override=0")
    for k, p, d in zip(kernel_size, padding, dilation, strict=True):
        if p < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {p}")
        if p > (d * (k - 1) + 1) // 2:
            raise RuntimeError(
                f"pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} "
                f"and dilation={d}"
            )
        if p > k // 2:
            raise RuntimeError(
                f"pad should be smaller than or equal to half of kernel size, but got pad={p} and kernel_size={k}"
            )
    h, w = pool_output_sizes(x_shape, kernel_size, stride, padding, dilation, ceil_mode)
    if min(h, w) < 1:
        c, height, width = x_shape[1:]
        raise RuntimeError(
            f"Given input size: ({c}x{height}x{width}). Calculated output size: ({c}x{h}x{w}). Output size is too small"
        )


def check_adaptive_pool2d(x_shape: Shape, output_size: Pair) -> None:
    """Refuse what `adaptive_avg_pool2d` cannot do with x (N, C, H, W); N and C may be zero.

    Raises:
        RuntimeError: for a wrong number of dimensions, an empty plane, or a negative output size.
    """
    if len(x_shape) != 4:
        raise RuntimeError(f"adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got {list(x_shape)}")
    if min(output_size) < 0:
        raise RuntimeError(
            f"adaptive_avg_pool2d: elements of output_size must be greater than or equal to 0 "
            f"but received {{{output_size[0]}, {output_size[1]}}}"
        )
    if 0 in x_shape[2:]:
        raise RuntimeError(
            f"adaptive_avg_pool2d(): Expected input to have non-zero size for non-batch dimensions, "
            f"but input has sizes {list(x_shape)} with dimension {2 if x_shape[2] == 0 else 3} being empty"
        )


def check_pad(x_shape: Shape, padding: tuple[Pair, ...], mode: str) -> None:
    """Refuse what `pad` cannot do: `padding` as (before, after) for each dimension of `x_shape`.

    Raises:
        NotImplementedError: for an unknown mode.
        RuntimeError: if a dimension would get a negative size, a reflection is as large as the dimension or larger, or
            a circular padding larger than the dimension or made of nothing.
    """
    if mode not in ("constant", "reflect", "replicate", "circular"):
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    for dim, (n, (before, after)) in enumerate(zip(x_shape, padding, strict=True)):
        got = f"but got: padding ({before}, {after}) at dimension {dim} of input {list(x_shape)}"
        if n + before + after < 0 or (mode == "constant" and n + min(before, 0) + min(after, 0) < 0):
            raise RuntimeError(f"Expected padding that leaves no dimension a negative size, {got}")
        if before <= 0 and after <= 0:
            continue
        if mode == "reflect" and max(before, after) >= n:
            raise RuntimeError(f"Padding size should be less than the corresponding input dimension, {got}")
        if mode == "replicate" and n == 0:
            raise RuntimeError(f"Expected a dimension with elements to replicate, {got}")
        left = n + min(before, 0) + min(after, 0)
        if mode == "circular" and max(before, after) > left:
            raise RuntimeError(f"Padding value causes wrapping around more than once, {got}")
