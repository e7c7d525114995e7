"""Kernels of pooling: ties, NaN, infinities, rounding, memory order, and windows of padding alone."""

from dataclasses import dataclass
from math import prod

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.testing import assert_array_equal

import kernels
from kernels.windows import Window

EXACT = {"rtol": 1e-10, "atol": 1e-10}
NAN, INF = float("nan"), float("inf")
forms = pytest.mark.parametrize("form", ["reference", "numpy"])
seeds = st.integers(0, 2**32 - 1)


@dataclass
class Case:
    x_shape: tuple[int, ...]
    window: Window
    seed: int

    def averaged(self, *rest):
        """The arguments of torch's `avg_pool2d` after x."""
        return *self.window[:3], self.window.ceil_mode, *rest

    @property
    def random(self):
        return np.random.default_rng(self.seed)


@st.composite
def cases(draw, dilated=True):
    def pair(low, high):
        return draw(st.tuples(st.integers(low, high), st.integers(low, high)))

    kernel, stride, dilation = pair(1, 4), pair(1, 4), pair(1, 3) if dilated else (1, 1)
    padding = draw(st.tuples(*[st.integers(0, k // 2) for k in kernel]))
    spare = pair(0, 6)
    sizes = (max(1, dilation[i] * (kernel[i] - 1) + 1 - 2 * padding[i]) + spare[i] for i in (0, 1))
    batch, channels = draw(st.integers(0, 3)), draw(st.integers(1, 3))
    window = Window(kernel, stride, padding, dilation, draw(st.booleans()))
    return Case((batch, channels, *sizes), window, draw(seeds))


@forms
@pytest.mark.parametrize(
    ("plane", "value", "position"),
    [
        ([[1, 3, 3], [3, 0, 3]], 3, 1),
        ([[2, 2, 2], [2, 2, 2]], 2, 0),
        ([[NAN, 1, 2], [3, 4, 5]], NAN, 0),
        ([[INF, NAN, INF], [NAN, 4, 5]], NAN, 3),
        ([[-INF, -INF, -INF], [-INF, -INF, -INF]], -INF, 0),
    ],
)
def test_first_of_a_tie_wins_and_nan_over_all(form, plane, value, position):
    x = np.array(plane, "float32").reshape(1, 1, 2, 3)
    with kernels.using(form):
        ours, where = kernels.max_pool2d(x, Window((2, 3), (1, 1), (0, 0)))
        padded, padded_where = kernels.max_pool2d(x, Window((4, 6), (9, 9), (1, 2)))
    assert_array_equal(ours.ravel(), [value])
    assert_array_equal(where.ravel(), [position])
    assert_array_equal(padded.ravel(), [value])
    assert_array_equal(padded_where.ravel(), [position])


@forms
def test_a_window_of_padding_alone_is_lowest_and_stays_inside(form):
    with kernels.using(form):
        ours, positions = kernels.max_pool2d(np.ones((1, 1, 2, 2)), Window((2, 2), (1, 1), (1, 1), (3, 3)))
    assert_array_equal(ours, [[[[-INF]]]])
    assert 0 <= positions.item() < 4


def test_adaptive_averages_keep_infinities_in_their_windows():
    x = np.ones((1, 1, 4, 4))
    x[0, 0, 0, 0] = INF
    assert_array_equal(kernels.adaptive_avg_pool2d(x, (2, 2)), [[[[INF, 1], [1, 1]]]])
    assert_array_equal(np.isinf(kernels.adaptive_avg_pool2d_grad(x[:, :, :2, :2], (1, 1, 4, 4))).sum(), 4)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@given(case=cases(dilated=False))
def test_averages_round_once_more_than_their_sums(dtype, case):
    """A mean of n numbers in single precision is off by at most (n + 2)·ε times the mean of their sizes."""
    x = case.random.normal(size=case.x_shape).astype(dtype)
    wide = x.astype("float64")
    attributes = case.window, True, None
    counts = kernels.avg_pool2d(x, *attributes).shape
    g = case.random.normal(size=counts).astype(dtype)
    terms = {
        kernels.avg_pool2d: prod(case.window.kernel),
        kernels.adaptive_avg_pool2d: x.shape[2] * x.shape[3],
        kernels.avg_pool2d_grad: prod(case.window.kernel),
        kernels.adaptive_avg_pool2d_grad: g.shape[2] * g.shape[3],
    }
    for kernel, array, rest in (
        (kernels.avg_pool2d, x, attributes),
        (kernels.adaptive_avg_pool2d, x, ((2, 3),)),
        (kernels.avg_pool2d_grad, g, (x.shape, *attributes)),
        (kernels.adaptive_avg_pool2d_grad, g, (x.shape,)),
    ):
        ours = kernel(array, *rest)
        assert ours.dtype == dtype
        wide = array.astype("float64")
        exact, size = kernel(wide, *rest), kernel(abs(wide), *rest)
        bound = (terms[kernel] + 2) * np.finfo("float32").eps * size
        if dtype == "float16":
            bound += np.finfo(dtype).eps * abs(exact) + np.finfo(dtype).smallest_subnormal
        assert (abs(ours.astype("float64") - exact) <= bound).all()
