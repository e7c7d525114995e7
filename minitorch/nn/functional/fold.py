"""Images as columns of windows, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kernels.windows import Pair, Window
from minitorch.functions.arguments import tensor_argument
from minitorch.nn.functional.arguments import check_implemented, ints
from minitorch.ops import fold as ops
from minitorch.ops.shape import reshape, reshape_result
from minitorch.types import Ints

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def unfold(input: Tensor, kernel_size: Ints, dilation: Ints = 1, padding: Ints = 0, stride: Ints = 1) -> Tensor:
    """Every window of an image as a column: element (n, (c, i, j), l) is tap (i, j) of channel c in window l.

    Args:
        input: (N, C, H, W) or (C, H, W), padded with zeros.
        kernel_size, dilation, padding, stride: an int or two, as of a convolution.

    Returns:
        (N, C · kernel height · kernel width, L) with L the number of windows.

    Raises:
        RuntimeError: for more dimensions, an image without elements, sizes out of range, or if there is no window.
        IndexError: for fewer dimensions.
    """
    x = tensor_argument(input, "unfold")
    check_implemented("im2col_out_cpu", x, "fb")
    window = _window("im2col", kernel_size, dilation, padding, stride)
    shape = x._array.shape
    if len(shape) < 3:
        raise IndexError(f"Dimension out of range: expected (N, C, H, W) or (C, H, W), but got {list(shape)}")
    if len(shape) not in (3, 4) or 0 in shape[-3:]:
        raise RuntimeError(
            f"Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for "
            f"input, but got: {list(shape)}"
        )
    _count_windows(shape[-2:], window)
    y = ops.im2col(x if len(shape) == 4 else reshape(x, (1, *shape)), window)
    return y if len(shape) == 4 else reshape_result(y, y._array.shape[1:])


def fold(
    input: Tensor, output_size: Ints, kernel_size: Ints, dilation: Ints = 1, padding: Ints = 0, stride: Ints = 1
) -> Tensor:
    """Add every column at the positions of its window; overlapping windows are summed. The adjoint of `unfold`.

    Args:
        input: (N, C · kernel height · kernel width, L) or without N.
        output_size: an int or two: the size of the image.
        kernel_size, dilation, padding, stride: an int or two, as given to `unfold`.

    Returns:
        (N, C, *output_size).

    Raises:
        RuntimeError: for another shape, or sizes that do not match.
    """
    x = tensor_argument(input, "fold")
    check_implemented("col2im_out_cpu", x, "f")
    size = _pair("col2im", "output_size", output_size)
    window = _window("col2im", kernel_size, dilation, padding, stride)
    kernel, steps, around, gaps, _ = window
    shape = x._array.shape
    if len(shape) not in (2, 3) or 0 in shape[-2:]:
        raise RuntimeError(
            f"Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for "
            f"input, but got: {list(shape)}"
        )
    counts = _count_windows(size, window)
    if shape[-2] % (kernel[0] * kernel[1]):
        raise RuntimeError(
            f"Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input of size {list(shape)} and kernel_size={kernel}"
        )
    if shape[-1] != counts[0] * counts[1]:
        raise RuntimeError(
            f"Given output_size={size}, kernel_size={kernel}, dilation={gaps}, padding={around}, stride={steps}, "
            f"expected size of input's dimension 2 to match the calculated number of sliding blocks "
            f"{counts[0]} * {counts[1]} = {counts[0] * counts[1]}, but got input of size {list(shape)}"
        )
    y = ops.col2im(x if len(shape) == 3 else reshape(x, (1, *shape)), size, window)
    return y if len(shape) == 3 else reshape_result(y, y._array.shape[1:])


def _window(function: str, kernel_size: Ints, dilation: Any, padding: Any, stride: Any) -> Window:
    kernel, gaps = _pair(function, "kernel_size", kernel_size), _pair(function, "dilation", dilation)
    around, steps = _pair(function, "padding", padding), _pair(function, "stride", stride)
    return Window(kernel, steps, around, gaps)


def _pair(function: str, name: str, value: Any) -> Pair:
    """Two ints; a single int is for both, a sequence of one int is refused."""
    values = ints(value, function, name)
    if isinstance(value, tuple | list) and len(values) != 2:
        raise RuntimeError(f"It is expected {name} equals to 2, but got size {len(values)}")
    return values[0], values[-1]


def _count_windows(size: tuple[int, ...], window: Window) -> Pair:
    """How many windows an image of `size` (H, W) has in each dimension.

    Raises:
        RuntimeError: for sizes out of range, or if there is no window.
    """
    for name, pair, least in (
        ("kernel size", window.kernel, 1),
        ("dilation", window.dilation, 1),
        ("padding", window.padding, 0),
        ("stride", window.stride, 1),
    ):
        if min(pair) < least:
            expected = "greater than zero" if least else "non-negative"
            raise RuntimeError(f"{name} should be {expected}, but got {pair}")
    counts = window.counts(size)
    if min(counts) < 1:
        raise RuntimeError(
            f"Given spatial size {tuple(size)}, kernel_size={window.kernel}, dilation={window.dilation}, "
            f"padding={window.padding}, stride={window.stride}, calculated shape of the array of sliding blocks as "
            f"{counts}, but its components must be at least one"
        )
    return counts
