"""Images as columns of windows, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kernels.checks import check_windows
from kernels.windows import Pair
from minitorch.functions.arguments import tensor_argument
from minitorch.nn.functional.arguments import ints, not_implemented
from minitorch.ops import fold as ops
from minitorch.ops.shape import reshape

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def unfold(input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """Every window of an image as a column: element (n, (c, i, j), l) is tap (i, j) of channel c in window l.

    Args:
        input: (N, C, H, W) or (C, H, W), zero outside.
        kernel_size, dilation, padding, stride: an int or two, as of a convolution.

    Returns:
        (N, C · kernel height · kernel width, L) with as many columns as there are windows.

    Raises:
        RuntimeError: for more dimensions, an image without elements, sizes out of range, or where there is no window.
        IndexError: for fewer dimensions.
    """
    x = tensor_argument(input, "unfold")
    not_implemented("im2col_out_cpu", x, "fb")
    window = _windows("im2col", kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride)
    shape = x._array.shape
    if len(shape) < 3:
        raise IndexError(f"Dimension out of range: expected (N, C, H, W) or (C, H, W), but got {list(shape)}")
    if len(shape) not in (3, 4) or 0 in shape[-3:]:
        raise RuntimeError(
            f"Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for "
            f"input, but got: {list(shape)}"
        )
    kernel, gaps, around, steps = window
    check_windows(shape[-2:], kernel, steps, around, gaps)
    y = ops.im2col(x if len(shape) == 4 else reshape(x, (1, *shape)), kernel, steps, around, gaps)
    return y if len(shape) == 4 else reshape(y, y._array.shape[1:])


def fold(
    input: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    """Every column added back where its window lay: what windows share is summed. The adjoint of `unfold`.

    Args:
        input: (N, C · kernel height · kernel width, L) or without N.
        output_size: an int or two: the size of the image.
        kernel_size, dilation, padding, stride: an int or two, as of the `unfold` that is to be undone.

    Returns:
        (N, C, *output_size).

    Raises:
        RuntimeError: for another shape, or sizes that do not match.
    """
    x = tensor_argument(input, "fold")
    not_implemented("col2im_out_cpu", x, "f")
    (size,) = _windows("col2im", output_size=output_size)
    kernel, gaps, around, steps = _windows(
        "col2im", kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride
    )
    shape = x._array.shape
    if len(shape) not in (2, 3) or 0 in shape[-2:]:
        raise RuntimeError(
            f"Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for "
            f"input, but got: {list(shape)}"
        )
    counts = check_windows(size, kernel, steps, around, gaps)
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
    y = ops.col2im(x if len(shape) == 3 else reshape(x, (1, *shape)), size, kernel, steps, around, gaps)
    return y if len(shape) == 3 else reshape(y, y._array.shape[1:])


def _windows(function: str, **sizes: Any) -> list[Pair]:
    """Each of `sizes` as two ints; an int alone stands for both, a sequence of one does not."""
    pairs = []
    for name, value in sizes.items():
        values = ints(value, function, name)
        if isinstance(value, tuple | list) and len(values) != 2:
            raise RuntimeError(f"It is expected {name} equals to 2, but got size {len(values)}")
        pairs.append((values[0], values[-1]))
    return pairs
