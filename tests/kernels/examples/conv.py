"""Examples for convolution, its gradients, and the columns of windows that it multiplies."""

from __future__ import annotations

from math import prod

import numpy as np

from kernels.windows import ConvOptions
from tests.kernels.examples.example import Drawing, Example, example


def _convolution(d: Drawing) -> tuple[tuple[int, ...], tuple[int, ...], ConvOptions, tuple[int, ...]]:
    """The shapes of x and weight, the options, and the shape of the result."""
    groups, channels, out = d.between(1, 3), d.number(2, 1, 3, 16, 1, 2, 0), d.number(2, 1, 5, 16)
    kernel, stride, padding = d.pair(1, 4), d.number((1, 1), d.pair(1, 3)), d.pair(0, 4)
    dilation = d.number((1, 1), d.pair(1, 3))
    sizes = (max(1, dilation[i] * (kernel[i] - 1) + 1 - 2 * padding[i]) + d.number(0, 1, 2, 5, 17) for i in (0, 1))
    x, weight = (d.number(2, 1, 3, 2, 3, 0), channels * groups, *sizes), (out * groups, channels, *kernel)
    options = ConvOptions(stride, padding, dilation, groups)
    return x, weight, options, (x[0], out * groups, *options.window(weight).counts(x))


def _factors(d: Drawing, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    """Two arrays to multiply: integers, or numbers of which only the first array's may be special.

    One form multiplies the second array by the zeros of the padding, where another leaves these out: with an infinity
    in it there would be a NaN in one of them.
    """
    dtype = d.number(*["float64"] * 8, "int32", "uint8")
    if dtype != "float64":
        return [d.integers(dtype, *shape) for shape in shapes]
    return [d.array(*shapes[0]), d.factors(*shapes[1])]


@example("conv2d")
def _conv2d(d: Drawing) -> Example:
    x, weight, options, _ = _convolution(d)
    x, weight = _factors(d, x, weight)
    bias = d.array(len(weight)) if x.dtype.kind == "f" else d.integers(x.dtype.name, len(weight))
    return Example((x, weight, d.either(bias), options))


@example("conv2d_input_grad")
def _conv2d_input_grad(d: Drawing) -> Example:
    x, weight, options, y = _convolution(d)
    return Example((*_factors(d, y, weight), x, options))


@example("conv2d_weight_grad")
def _conv2d_weight_grad(d: Drawing) -> Example:
    x, weight, options, y = _convolution(d)
    if options.padding == (0, 0):
        return Example((*_factors(d, y, x), weight, options))
    x, g = _factors(d, x, y)  # by the zeros of the padding, the reference multiplies g; torch in single does not
    return Example((g, x, weight, options))


@example("im2col")
def _im2col(d: Drawing) -> Example:
    x, weight, options, _ = _convolution(d)
    return Example((d.array(*x), options.window(weight)), elementwise=True)


@example("col2im")
def _col2im(d: Drawing) -> Example:
    x, weight, options, y = _convolution(d)
    columns = d.array(x[0], x[1] * prod(weight[2:]), prod(y[2:]))
    return Example((columns, x[2:], options.window(weight)))
