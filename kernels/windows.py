"""Windows that slide over the last two dimensions: how many there are, the elements in each one, and the adjoint.

Convolution, pooling and folding share this file. In one dimension, window o covers the positions
o·stride − padding + i·dilation of the input, for its taps i = 0 … kernel − 1.
"""

from __future__ import annotations

from typing import NamedTuple

from kernels.backend import Array, namespace

Pair = tuple[int, int]
"""A number for the height and one for the width."""


class Window(NamedTuple):
    """The size of a window and how it moves: a pair of ints each.

    Attributes:
        kernel: how many taps it has.
        stride: from one window to the next.
        padding: how many positions are added on each of the two sides.
        dilation: from one tap to the next.
        ceil_mode: whether a last window may extend beyond the padded input (pooling only).
    """

    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair = (1, 1)
    ceil_mode: bool = False

    def counts(self, shape: tuple[int, ...]) -> Pair:
        """How many windows there are along each of the last two dimensions of `shape` (see `output_size`)."""
        kernel, stride, padding, dilation, ceil_mode = self
        return (
            output_size(shape[-2], kernel[0], stride[0], padding[0], dilation[0], ceil_mode),
            output_size(shape[-1], kernel[1], stride[1], padding[1], dilation[1], ceil_mode),
        )


class ConvOptions(NamedTuple):
    """What a convolution takes besides arrays. The kernel's size is the weight's.

    Attributes:
        stride, padding, dilation: a pair of ints each, as in `Window`.
        groups: the number of blocks of channels; a block of outputs depends only on the same block of inputs.
    """

    stride: Pair
    padding: Pair
    dilation: Pair
    groups: int

    def window(self, weight_shape: tuple[int, ...]) -> Window:
        """The window of a weight (out, C / groups, kernel height, kernel width)."""
        return Window((weight_shape[2], weight_shape[3]), self.stride, self.padding, self.dilation)


def output_size(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool = False) -> int:
    """⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, from the formula of `torch.nn.Conv2d`.

    With `ceil_mode` it is rounded up; but a last window that would start behind the input, in the padding on the far
    side, is left out.
    """
    span = size + 2 * padding - dilation * (kernel - 1) - 1
    if not ceil_mode:
        return span // stride + 1
    count = -(-span // stride) + 1
    return count - 1 if (count - 1) * stride >= size + padding else count


def conv_transpose_output_sizes(x_shape: tuple[int, ...], window: Window, output_padding: Pair) -> Pair:
    """(size − 1)·stride − 2·padding + dilation·(kernel − 1) + output_padding + 1 of the last two dimensions: the
    smallest size that a convolution maps to `x_shape`, plus `output_padding`.
    """
    kernel, stride, padding, dilation, _ = window
    h, w = (
        (x_shape[i - 2] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + output_padding[i] + 1
        for i in (0, 1)
    )
    return h, w


def same_padding(kernel: Pair, dilation: Pair) -> tuple[Pair, Pair]:
    """(before, after) in each dimension for an output as large as the input at stride 1; an odd rest goes after."""
    total = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return (total[0] // 2, total[0] - total[0] // 2), (total[1] // 2, total[1] - total[1] // 2)


def patches(x: Array, window: Window, counts: Pair, fill: float = 0) -> Array:
    """The elements under every window: element (n, c, i, j, h, w) is tap (i, j) of window (h, w).

    Args:
        x: (N, C, H, W).
        window: size, stride, padding and dilation.
        counts: how many windows there are in each dimension (`Window.counts`).
        fill: the value outside of x.

    Returns:
        A view (N, C, kernel height, kernel width, *counts) of a padded copy of x, or of x where it needs no padding.
    """
    xp = namespace(x)
    n, c, height, width = x.shape
    kernel, stride, padding, dilation, _ = window
    padded = _padded_size(x.shape, window, counts)
    if padded != (height, width):
        inner = x
        x = xp.full((n, c, *padded), fill, dtype=x.dtype)
        x[:, :, padding[0] : padding[0] + height, padding[1] : padding[1] + width] = inner
    image, channel, row, column = x.strides
    taps, steps = (dilation[0] * row, dilation[1] * column), (stride[0] * row, stride[1] * column)
    return xp.lib.stride_tricks.as_strided(x, (n, c, *kernel, *counts), (image, channel, *taps, *steps))


def add_patches(p: Array, x_shape: tuple[int, ...], window: Window) -> Array:
    """The adjoint of `patches`: every tap added at its position, in an array of shape `x_shape`."""
    xp = namespace(p)
    kernel, stride, padding, dilation, _ = window
    counts = p.shape[4:]
    out = xp.zeros((*x_shape[:2], *_padded_size(x_shape, window, counts)), dtype=p.dtype)
    for i in range(kernel[0]):
        rows = slice(i * dilation[0], i * dilation[0] + stride[0] * counts[0], stride[0])
        for j in range(kernel[1]):
            columns = slice(j * dilation[1], j * dilation[1] + stride[1] * counts[1], stride[1])
            out[:, :, rows, columns] += p[:, :, i, j]
    inner = out[:, :, padding[0] : padding[0] + x_shape[2], padding[1] : padding[1] + x_shape[3]]
    return xp.ascontiguousarray(inner)


def _padded_size(x_shape: tuple[int, ...], window: Window, counts: Pair) -> Pair:
    """The height and width of an array that contains the input behind its padding, and every window."""
    kernel, stride, padding, dilation, _ = window
    return (
        max(padding[0] + x_shape[2], (counts[0] - 1) * stride[0] + dilation[0] * (kernel[0] - 1) + 1),
        max(padding[1] + x_shape[3], (counts[1] - 1) * stride[1] + dilation[1] * (kernel[1] - 1) + 1),
    )
