"""Pooling in one and two dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kernels.checks import check_adaptive_pool2d, check_pool2d
from kernels.windows import Pair, pool_output_size
from minitorch.functions.arguments import tensor_argument
from minitorch.nn.functional.arguments import flag, not_implemented, window
from minitorch.ops import pooling as ops
from minitorch.ops.shape import reshape

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def max_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest value of every window; of equals the first, of NaNs the last; padding never wins.

    Args:
        input: (N, C, H, W) or (C, H, W), of numbers.
        kernel_size: an int or two.
        stride: an int or two; default: the kernel size.
        padding: an int or two, at most half of the kernel size.
        dilation: an int or two.
        ceil_mode: keep a last window that hangs over the edge.
        return_indices: also say where the values stand in their plane: row · W + column, int64.

    Returns:
        (N, C, H', W'), or a tuple of that and the indices, with
        H' = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, or rounded up for `ceil_mode`.

    Raises:
        RuntimeError: for shapes or sizes that do not match, or a result without elements.
        NotImplementedError: for booleans.
        TypeError: for arguments of other types.
    """
    values, indices = max_pool2d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
    return (values, indices) if return_indices else values


def max_pool2d_with_indices(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> tuple[Tensor, Tensor]:
    """`max_pool2d` with ``return_indices=True``."""
    x = tensor_argument(input, "max_pool2d")
    kernel, step, around = _window2d("max_pool2d", kernel_size, stride, padding)
    gap = _pair(dilation, "max_pool2d", "dilation")
    flag(ceil_mode, "max_pool2d", "ceil_mode")
    not_implemented("max_pool2d", x, "fiu")
    x = _batched(x)
    check_pool2d(x._array.shape, kernel, step, around, gap, ceil_mode)
    values, indices = ops.max_pool2d(x, kernel, step, around, gap, ceil_mode)
    return _as_given(values, input), _as_given(indices, input)


def max_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """`max_pool2d` in one dimension, of (N, C, L) or (C, L)."""
    values, indices = max_pool1d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
    return (values, indices) if return_indices else values


def max_pool1d_with_indices(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> tuple[Tensor, Tensor]:
    """`max_pool1d` with ``return_indices=True``."""
    name = "max_pool1d"
    x = tensor_argument(input, name)
    kernel, step, around = _window1d(name, kernel_size, stride, padding)
    (gap,) = window(dilation, name, "dilation", 1)
    flag(ceil_mode, name, "ceil_mode")
    shape = x._array.shape
    if len(shape) not in (2, 3) or 0 in shape[-2:]:
        raise RuntimeError(
            f"{name}: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:"
            f"{list(shape)}"
        )
    for what, value in (("kernel_size", kernel), ("stride", step), ("dilation", gap)):
        if value < 1:
            raise RuntimeError(f"{name}() {what} must be greater than zero, but got {value}")
    if not 0 <= around <= kernel // 2:
        raise RuntimeError(
            f"{name}() padding should be non-negative and at most half of kernel size, but got padding={around} and "
            f"kernel_size={kernel}"
        )
    count = pool_output_size(shape[-1], kernel, step, around, gap, ceil_mode)
    if count < 1:
        raise RuntimeError(
            f"{name}() Invalid computed output size: {count} for input {list(shape)}, kernel_size={kernel}"
        )
    not_implemented("max_pool1d_impl", x)
    plane = _plane(x)
    values, indices = ops.max_pool2d(plane, (1, kernel), (1, step), (0, around), (1, gap), ceil_mode)
    return _line(values, x), _line(indices, x)


def avg_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of every window, with zeros in the padding.

    Args:
        input: (N, C, H, W) or (C, H, W), of floating point or int64.
        kernel_size, stride, padding, ceil_mode: as for `max_pool2d`.
        count_include_pad: whether padding counts in the number of elements that a sum is divided by.
        divisor_override: a number to divide by in its place.

    Returns:
        (N, C, H', W') of the same dtype.

    Raises:
        RuntimeError: for shapes or sizes that do not match, a result without elements, or a divisor of 0.
        IndexError: for fewer than three dimensions.
        NotImplementedError: for other dtypes.
        TypeError: for arguments of other types.
    """
    name = "avg_pool2d"
    x = tensor_argument(input, name)
    kernel, step, around = _window2d(name, kernel_size, stride, padding)
    flag(ceil_mode, name, "ceil_mode")
    flag(count_include_pad, name, "count_include_pad")
    if x._array.ndim < 3:
        raise IndexError(f"{name}: expected 3D or 4D input, but got {x._array.ndim}D of shape {list(x._array.shape)}")
    if x._array.dtype.kind != "f" and x._array.dtype != "int64":
        not_implemented(name, x)
    x = _batched(x)
    check_pool2d(x._array.shape, kernel, step, around, (1, 1), ceil_mode, divisor_override)
    out = ops.avg_pool2d(x, kernel, step, around, ceil_mode, count_include_pad, divisor_override)
    return _as_given(out, input)


def avg_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """`avg_pool2d` in one dimension, of (N, C, L) or (C, L)."""
    name = "avg_pool1d"
    x = tensor_argument(input, name)
    kernel, step, around = _window1d(name, kernel_size, stride, padding)
    if x._array.ndim not in (2, 3):
        raise RuntimeError(f"{name}: Expected 2 to 3 dimensions, but got shape {list(x._array.shape)}")
    if x._array.dtype.kind != "f" and x._array.dtype != "int64":
        not_implemented("avg_pool2d", x)
    plane = _plane(x)
    check_pool2d(plane._array.shape, (1, kernel), (1, step), (0, around), (1, 1), ceil_mode)
    out = ops.avg_pool2d(plane, (1, kernel), (1, step), (0, around), ceil_mode, count_include_pad, None)
    return _line(out, x)


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """The means of as many windows as the result has places, which share the input out.

    Args:
        input: (N, C, H, W) or (C, H, W).
        output_size: an int or two; None in its place keeps the size of the input.

    Raises:
        RuntimeError: for shapes or sizes that do not match.
    """
    name = "adaptive_avg_pool2d"
    x = tensor_argument(input, name)
    sizes = output_size if isinstance(output_size, tuple | list) else (output_size, output_size)
    if len(sizes) != 2:
        raise RuntimeError(f"{name}: output_size must be an int or two, but got {list(sizes)}")
    if x._array.ndim not in (3, 4):
        raise RuntimeError(f"{name}(): Expected 3D or 4D tensor, but got {list(x._array.shape)}")
    given = [n if size is None else size for n, size in zip(x._array.shape[-2:], sizes, strict=True)]
    counts = _pair(given, name, "output_size")
    not_implemented("adaptive_avg_pool2d", x)
    x = _batched(x)
    check_adaptive_pool2d(x._array.shape, counts)
    return _as_given(ops.adaptive_avg_pool2d(x, counts), input)


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """`adaptive_avg_pool2d` in one dimension, of (N, C, L) or (C, L).

    Raises:
        RuntimeError: for shapes or sizes that do not match.
    """
    name = "adaptive_avg_pool1d"
    x = tensor_argument(input, name)
    (count,) = window(output_size, name, "output_size", 1)
    if x._array.ndim not in (2, 3):
        raise RuntimeError(f"{name}(): Expected 2 to 3 dimensions, but got shape {list(x._array.shape)}")
    not_implemented(name, x)
    plane = _plane(x)
    check_adaptive_pool2d(plane._array.shape, (1, count))
    return _line(ops.adaptive_avg_pool2d(plane, (1, count)), x)


def _pair(value: Any, function: str, name: str) -> Pair:
    height, width = window(value, function, name)
    return height, width


def _window2d(function: str, kernel_size: Any, stride: Any, padding: Any) -> tuple[Pair, Pair, Pair]:
    kernel = _pair(kernel_size, function, "kernel_size")
    step = kernel if _absent(stride) else _pair(stride, function, "stride")
    return kernel, step, _pair(padding, function, "padding")


def _window1d(function: str, kernel_size: Any, stride: Any, padding: Any) -> tuple[int, int, int]:
    (kernel,) = window(kernel_size, function, "kernel_size", 1)
    (step,) = (kernel,) if _absent(stride) else window(stride, function, "stride", 1)
    (around,) = window(padding, function, "padding", 1)
    return kernel, step, around


def _absent(stride: Any) -> bool:
    return stride is None or (isinstance(stride, tuple | list) and not stride)


def _batched(x: Tensor) -> Tensor:
    """(C, H, W) as (1, C, H, W); anything else as it is."""
    return reshape(x, (1, *x._array.shape)) if x._array.ndim == 3 else x


def _as_given(out: Tensor, x: Tensor) -> Tensor:
    """A result without its batch dimension where x has none."""
    return out if x._array.ndim == out._array.ndim else reshape(out, out._array.shape[1:])


def _plane(x: Tensor) -> Tensor:
    """(N, C, L) or (C, L) as (N, C, 1, L)."""
    *rest, channels, length = x._array.shape
    return reshape(x, (*(rest or (1,)), channels, 1, length))


def _line(out: Tensor, x: Tensor) -> Tensor:
    """(N, C, 1, L) without its third dimension, and without the first where x has none."""
    n, channels, _, length = out._array.shape
    return reshape(out, (n, channels, length) if x._array.ndim == 3 else (channels, length))
