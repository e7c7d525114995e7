"""Windows that slide over the last two dimensions: how many there are, what each one sees, and the way back.

Convolution and pooling share this text. In one dimension, window o covers the positions o·stride − padding + i·dilation
of the input, for its taps i = 0 … kernel − 1.
"""

from __future__ import annotations

from kernels.backend import Array, namespace

Pair = tuple[int, int]


def conv_output_size(size: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, from the formula of `torch.nn.Conv2d`."""
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def pool_output_size(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> int:
    """As for a convolution, rounded up if `ceil_mode`; but the last window must start inside the input to its left."""
    if not ceil_mode:
        return conv_output_size(size, kernel, stride, padding, dilation)
    count = conv_output_size(size + stride - 1, kernel, stride, padding, dilation)
    return count - 1 if (count - 1) * stride >= size + padding else count


def conv_output_sizes(x_shape: tuple[int, ...], kernel: Pair, stride: Pair, padding: Pair, dilation: Pair) -> Pair:
    """`conv_output_size` of the last two dimensions of `x_shape`."""
    h, w = (conv_output_size(x_shape[i - 2], kernel[i], stride[i], padding[i], dilation[i]) for i in (0, 1))
    return h, w


def conv_transpose_output_sizes(
    x_shape: tuple[int, ...], kernel: Pair, stride: Pair, padding: Pair, output_padding: Pair, dilation: Pair
) -> Pair:
    """(size − 1)·stride − 2·padding + dilation·(kernel − 1) + output_padding + 1 of the last two dimensions: the
    smallest size that a convolution makes `x_shape` of, and `output_padding` more.
    """
    h, w = (
        (x_shape[i - 2] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + output_padding[i] + 1
        for i in (0, 1)
    )
    return h, w


def pool_output_sizes(
    x_shape: tuple[int, ...], kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, ceil_mode: bool
) -> Pair:
    """`pool_output_size` of the last two dimensions of `x_shape`."""
    h, w = (pool_output_size(x_shape[i - 2], kernel[i], stride[i], padding[i], dilation[i], ceil_mode) for i in (0, 1))
    return h, w


def same_padding(kernel: Pair, dilation: Pair) -> tuple[Pair, Pair]:
    """(before, after) in each dimension for an output as large as the input at stride 1; an odd rest goes after."""
    total = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return (total[0] // 2, total[0] - total[0] // 2), (total[1] // 2, total[1] - total[1] // 2)


def patches(
    x: Array, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, counts: Pair, fill: float = 0
) -> Array:
    """What every window sees: element (n, c, i, j, h, w) is tap (i, j) of window (h, w).

    Args:
        x: (N, C, H, W).
        counts: how many windows there are in each dimension.
        fill: stands outside of the input.

    Returns:
        A view (N, C, kernel height, kernel width, *counts) of a padded copy of x, or of x where it needs no padding.
    """
    xp = namespace(x)
    n, c, height, width = x.shape
    spans = _spans(x.shape, kernel, stride, padding, dilation, counts)
    if spans != (height, width):
        inner = x
        x = xp.full((n, c, *spans), fill, dtype=x.dtype)
        x[:, :, padding[0] : padding[0] + height, padding[1] : padding[1] + width] = inner
    steps = x.strides[2:]
    strides = (*x.strides[:2], *(d * s for d, s in zip(dilation, steps, strict=True)))
    strides += tuple(d * s for d, s in zip(stride, steps, strict=True))
    return xp.lib.stride_tricks.as_strided(x, (n, c, *kernel, *counts), strides)


def add_patches(p: Array, x_shape: tuple[int, ...], stride: Pair, padding: Pair, dilation: Pair) -> Array:
    """The adjoint of `patches`: every tap added back at the position that it saw, in an array of shape `x_shape`."""
    xp = namespace(p)
    kernel, counts = p.shape[2:4], p.shape[4:]
    out = xp.zeros((*x_shape[:2], *_spans(x_shape, kernel, stride, padding, dilation, counts)), dtype=p.dtype)
    for i in range(kernel[0]):
        rows = slice(i * dilation[0], i * dilation[0] + stride[0] * counts[0], stride[0])
        for j in range(kernel[1]):
            columns = slice(j * dilation[1], j * dilation[1] + stride[1] * counts[1], stride[1])
            out[:, :, rows, columns] += p[:, :, i, j]
    inner = out[:, :, padding[0] : padding[0] + x_shape[2], padding[1] : padding[1] + x_shape[3]]
    return xp.ascontiguousarray(inner)


def _spans(
    x_shape: tuple[int, ...], kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, counts: Pair
) -> tuple[int, ...]:
    """The size of the padded input, which holds all of the input and all of the windows."""
    sizes = zip(x_shape[2:], kernel, stride, padding, dilation, counts, strict=True)
    return tuple(max(p + size, (count - 1) * s + d * (k - 1) + 1) for size, k, s, p, d, count in sizes)
