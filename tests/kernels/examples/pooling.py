"""Examples for pooling and its gradients."""

from __future__ import annotations

import numpy as np

from kernels.windows import Window
from tests.kernels.examples.example import INTEGERS, Drawing, Example, example


def _pooling(d: Drawing, dilated: bool) -> tuple[tuple[int, ...], Window]:
    """The shape of x and a window that has at least one position in it."""
    while True:
        kernel, stride = d.pair(1, 4), d.pair(1, 4)
        dilation = d.pair(1, 3) if dilated else (1, 1)
        padding = d.between(0, kernel[0] // 2), d.between(0, kernel[1] // 2)
        sizes = [max(1, dilation[i] * (kernel[i] - 1) + 1 - 2 * padding[i]) + d.number(0, 1, 6, 19) for i in (0, 1)]
        shape = d.number(1, 2, 0), d.between(1, 3), *sizes
        window = Window(kernel, stride, padding, dilation, d.number(False, True))
        if min(window.counts(shape)) > 0:
            return shape, window


def _values(d: Drawing, shape: tuple[int, ...]) -> np.ndarray:
    """Few different values, so that many are equal; the extremes of an integer dtype.

    Zeros are all positive or all negative: NumPy's `maximum` of 0 and -0 is either.
    """
    dtype = d.number("float64", "float64", *INTEGERS)
    if dtype == "float64":
        values = d.with_special(d.random.choice([-1.0, 0.0, 1.0], shape))
        return d.laid_out(np.where(values == 0, d.number(0.0, -0.0), values))
    limits = np.iinfo(dtype)
    return d.laid_out(d.random.choice(np.array([0, 1, 2, limits.max, limits.min], dtype), shape))


@example("max_pool2d")
def _max_pool2d(d: Drawing) -> Example:
    shape, window = _pooling(d, dilated=True)
    return Example((_values(d, shape), window), elementwise=True)


def _positions(d: Drawing) -> tuple[tuple[int, ...], np.ndarray]:
    """The shape of x, and positions in its planes: anywhere, so that many windows may share one."""
    shape = d.number(1, 2, 0), d.between(1, 3), d.number(1, 2, 7, 20), d.number(1, 3, 8, 17)
    out = (*shape[:2], d.number(1, 2, 5, 20), d.number(1, 4, 9))
    spread = d.number(1, 3, shape[2] * shape[3])
    return shape, d.laid_out(d.random.integers(0, min(spread, shape[2] * shape[3]), out))


@example("max_pool2d_grad")
def _max_pool2d_grad(d: Drawing) -> Example:
    shape, positions = _positions(d)
    return Example((d.array(*positions.shape), positions, shape))


@example("max_pool2d_gather")
def _max_pool2d_gather(d: Drawing) -> Example:
    shape, positions = _positions(d)
    return Example((_values(d, shape), positions), elementwise=True)


@example("avg_pool2d")
def _avg_pool2d(d: Drawing) -> Example:
    shape, window = _pooling(d, dilated=False)
    x = d.array(*shape) if d.number(True, True, False) else d.integers("int64", *shape, low=-(2**55), high=2**55)
    return Example((x, window, d.number(True, False), d.number(None, 3, -2)))


@example("avg_pool2d_grad")
def _avg_pool2d_grad(d: Drawing) -> Example:
    shape, window = _pooling(d, dilated=False)
    g = d.array(*shape[:2], *window.counts(shape))
    return Example((g, shape, window, d.number(True, False), d.number(None, 3, -2)))


@example("adaptive_avg_pool2d")
def _adaptive_avg_pool2d(d: Drawing) -> Example:
    shape = d.number(1, 2, 0), d.number(1, 3, 0), d.number(1, 4, 7, 20), d.number(1, 5, 8, 19)
    return Example((d.array(*shape), d.pair(0, 9)))


@example("adaptive_avg_pool2d_grad")
def _adaptive_avg_pool2d_grad(d: Drawing) -> Example:
    shape = d.number(1, 2, 0), d.number(1, 3, 0), d.number(1, 4, 7, 20), d.number(1, 5, 8, 19)
    return Example((d.array(*shape[:2], *d.pair(1, 9)), shape))
