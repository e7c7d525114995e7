"""Pooling in one and two dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from kernels.windows import Pair, Window
from minitorch.functions.arguments import tensor_argument
from minitorch.nn.functional.arguments import check_implemented, flag, ints
from minitorch.ops import pooling as ops
from minitorch.ops.shape import reshape, reshape_result
from minitorch.types import Ints

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


@overload
def max_pool2d(
    input: Tensor,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...


@overload
def max_pool2d(
    input: Tensor,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    *,
    return_indices: Literal[True],
) -> tuple[Tensor, Tensor]: ...


def max_pool2d(
    input: Tensor,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    """The largest value of every window; of equal values the first, of NaNs the last; padding is never chosen.

    Args:
        input: (N, C, H, W) or (C, H, W), not boolean.
        kernel_size: an int or two.
        stride: an int or two; default: the kernel size.
        padding: an int or two, at most half of the kernel size.
        dilation: an int or two.
        ceil_mode: whether to keep a last window that extends beyond the edge.
        return_indices: whether to also return the positions of the values in their plane: row · W + column, int64.

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
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> tuple[Tensor, Tensor]:
    """`max_pool2d` with ``return_indices=True``."""
    x = tensor_argument(input, "max_pool2d")
    window = _window("max_pool2d", 2, kernel_size, stride, padding, dilation, ceil_mode)
    check_implemented("max_pool2d", x, "fiu")
    x = _batched(x)
    _check_pool2d(x._array.shape, window)
    values, indices = ops.max_pool2d(x, window)
    return (values, indices) if x is input else (_as_given(values, input), _as_given(indices, input))


@overload
def max_pool1d(
    input: Tensor,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Tensor: ...


@overload
def max_pool1d(
    input: Tensor,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    *,
    return_indices: Literal[True],
) -> tuple[Tensor, Tensor]: ...


def max_pool1d(
    input: Tensor,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    """`max_pool2d` in one dimension, of (N, C, L) or (C, L)."""
    values, indices = max_pool1d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
    return (values, indices) if return_indices else values


def max_pool1d_with_indices(
    input: Tensor,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    dilation: Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> tuple[Tensor, Tensor]:
    """`max_pool1d` with ``return_indices=True``."""
    name = "max_pool1d"
    x = tensor_argument(input, name)
    window = _window(name, 1, kernel_size, stride, padding, dilation, ceil_mode)
    kernel, around = window.kernel[1], window.padding[1]
    shape = x._array.shape
    if len(shape) not in (2, 3) or 0 in shape[-2:]:
        raise RuntimeError(
            f"{name}: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:"
            f"{list(shape)}"
        )
    for what, value in (("kernel_size", kernel), ("stride", window.stride[1]), ("dilation", window.dilation[1])):
        if value < 1:
            raise RuntimeError(f"{name}() {what} must be greater than zero, but got {value}")
    if not 0 <= around <= kernel // 2:
        raise RuntimeError(
            f"{name}() padding should be non-negative and at most half of kernel size, but got padding={around} and "
            f"kernel_size={kernel}"
        )
    plane = _plane(x)
    count = window.counts(plane._array.shape)[1]
    if count < 1:
        raise RuntimeError(
            f"{name}() Invalid computed output size: {count} for input {list(shape)}, kernel_size={kernel}"
        )
    check_implemented("max_pool1d_impl", x)
    values, indices = ops.max_pool2d(plane, window)
    return _line(values, x), _line(indices, x)


def avg_pool2d(
    input: Tensor,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of every window, with zeros in the padding.

    Args:
        input: (N, C, H, W) or (C, H, W), of floating point or int64.
        kernel_size, stride, padding, ceil_mode: as for `max_pool2d`.
        count_include_pad: whether the padding counts as elements in the mean.
        divisor_override: divide the sum by this number instead.

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
    window = _window(name, 2, kernel_size, stride, padding, 1, ceil_mode)
    flag(count_include_pad, name, "count_include_pad")
    if x._array.ndim < 3:
        raise IndexError(f"{name}: expected 3D or 4D input, but got {x._array.ndim}D of shape {list(x._array.shape)}")
    if x._array.dtype.kind != "f" and x._array.dtype != "int64":
        check_implemented(name, x)
    x = _batched(x)
    _check_pool2d(x._array.shape, window, divisor_override)
    return _as_given(ops.avg_pool2d(x, window, count_include_pad, divisor_override), input)


def avg_pool1d(
    input: Tensor,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """`avg_pool2d` in one dimension, of (N, C, L) or (C, L)."""
    name = "avg_pool1d"
    x = tensor_argument(input, name)
    window = _window(name, 1, kernel_size, stride, padding, 1, ceil_mode)
    flag(count_include_pad, name, "count_include_pad")
    if x._array.ndim not in (2, 3):
        raise RuntimeError(f"{name}: Expected 2 to 3 dimensions, but got shape {list(x._array.shape)}")
    if x._array.dtype.kind != "f" and x._array.dtype != "int64":
        check_implemented("avg_pool2d", x)
    plane = _plane(x)
    _check_pool2d(plane._array.shape, window)
    return _line(ops.avg_pool2d(plane, window, count_include_pad, None), x)


def adaptive_avg_pool2d(input: Tensor, output_size: Ints) -> Tensor:
    """The means of `output_size` windows that cover the input; see `kernels.adaptive_avg_pool2d`.

    Args:
        input: (N, C, H, W) or (C, H, W).
        output_size: an int or two; None for either keeps the size of the input.

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
    rows, columns = ints(given, name, "output_size")
    check_implemented("adaptive_avg_pool2d", x)
    x = _batched(x)
    _check_adaptive(x._array.shape, (rows, columns))
    return _as_given(ops.adaptive_avg_pool2d(x, (rows, columns)), input)


def adaptive_avg_pool1d(input: Tensor, output_size: Ints) -> Tensor:
    """`adaptive_avg_pool2d` in one dimension, of (N, C, L) or (C, L).

    Raises:
        RuntimeError: for shapes or sizes that do not match.
    """
    name = "adaptive_avg_pool1d"
    x = tensor_argument(input, name)
    (count,) = _sizes(name, 1, output_size, "output_size")
    if x._array.ndim not in (2, 3):
        raise RuntimeError(f"{name}(): Expected 2 to 3 dimensions, but got shape {list(x._array.shape)}")
    check_implemented(name, x)
    plane = _plane(x)
    _check_adaptive(plane._array.shape, (1, count))
    return _line(ops.adaptive_avg_pool2d(plane, (1, count)), x)


def _window(
    function: str, n: int, kernel_size: Ints, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> Window:
    """The window of a pooling in n dimensions; if n is 1, the height is 1. The default stride is the kernel size."""
    kernel = _sizes(function, n, kernel_size, "kernel_size")
    absent = stride is None or (isinstance(stride, tuple | list) and not stride)
    step = kernel if absent else _sizes(function, n, stride, "stride")
    around = _sizes(function, n, padding, "padding")
    gaps = _sizes(function, n, dilation, "dilation")
    flag(ceil_mode, function, "ceil_mode")
    if n == 2:
        return Window(kernel, step, around, gaps, ceil_mode)
    return Window((1, *kernel), (1, *step), (0, *around), (1, *gaps), ceil_mode)


def _sizes(function: str, n: int, value: Any, name: str) -> Any:
    """One int for each of n dimensions; a single int is for all.

    Raises:
        RuntimeError: for a wrong number of ints.
        TypeError: for anything but ints.
    """
    if type(value) is int:
        return (value,) * n
    values = ints(value, function, name)
    if len(values) not in (1, n):
        expected = "an int" if n == 1 else f"a single int, or a tuple of {n} ints"
        raise RuntimeError(f"{function}: {name} must be {expected}, but got {list(values)}")
    return values if len(values) == n else values * n


def _batched(x: Tensor) -> Tensor:
    """(C, H, W) as (1, C, H, W); other shapes are unchanged."""
    return reshape(x, (1, *x._array.shape)) if x._array.ndim == 3 else x


def _as_given(out: Tensor, x: Tensor) -> Tensor:
    """The result, without the batch dimension if x has none."""
    return out if x._array.ndim == out._array.ndim else reshape_result(out, out._array.shape[1:])


def _plane(x: Tensor) -> Tensor:
    """(N, C, L) or (C, L) as (N, C, 1, L)."""
    *rest, channels, length = x._array.shape
    return reshape(x, (*(rest or (1,)), channels, 1, length))


def _line(out: Tensor, x: Tensor) -> Tensor:
    """(N, C, 1, L) without the third dimension, and without the first if x has no batch dimension."""
    n, channels, _, length = out._array.shape
    return reshape(out, (n, channels, length) if x._array.ndim == 3 else (channels, length))


def _check_pool2d(x_shape: tuple[int, ...], window: Window, divisor_override: int | None = None) -> None:
    """Check the sizes of a pooling of x (N, C, H, W); only N may be zero.

    Raises:
        RuntimeError: for a wrong number of dimensions, an empty dimension, sizes out of range, padding of more than
            half the kernel, an output without elements, or a divisor of zero.
    """
    kernel_size, stride, padding, dilation, _ = window
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
    if padding != (0, 0):
        _check_padding(window)
    h, w = window.counts(x_shape)
    if h < 1 or w < 1:
        c, height, width = x_shape[1:]
        raise RuntimeError(
            f"Given input size: ({c}x{height}x{width}). Calculated output size: ({c}x{h}x{w}). Output size is too small"
        )


def _check_padding(window: Window) -> None:
    for k, p, d in zip(window.kernel, window.padding, window.dilation, strict=True):
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


def _check_adaptive(x_shape: tuple[int, ...], output_size: Pair) -> None:
    """Check the sizes of an adaptive pooling of x (N, C, H, W); N and C may be zero.

    Raises:
        RuntimeError: for an empty plane, or a negative output size.
    """
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
