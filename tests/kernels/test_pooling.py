"""Pooling and its gradients against torch: values, positions, ties, NaNs and dtypes."""

from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from torch.autograd import grad

import kernels
from kernels.windows import Window, output_size

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


def sees_input(case):
    """Which windows hold any position of the input: of others torch gives positions outside of it."""
    return (F.max_pool2d(torch.ones(case.x_shape), *case.window) == 1).numpy()


@forms
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8"])
@given(case=cases(), wild=st.booleans())
def test_max_values_and_positions_are_torch_s(form, dtype, case, wild):
    """Few different values make many ties."""
    values = [0, 1, 2] if dtype == "uint8" else [-1, 0, 1]
    if wild:
        values += [NAN, -INF, INF] if dtype.startswith("f") else [np.iinfo(dtype).min, np.iinfo(dtype).max]
    x = case.random.choice(np.array(values, dtype), case.x_shape)
    theirs, places = F.max_pool2d(torch.tensor(x), *case.window, return_indices=True)
    with kernels.using(form):
        ours, positions = kernels.max_pool2d(x, case.window)
    assert ours.dtype == dtype
    assert positions.dtype == np.int64
    assert ours.flags.c_contiguous
    assert positions.flags.c_contiguous
    assert_array_equal(ours, theirs)
    seen = sees_input(case)
    assert_array_equal(positions[seen], places.numpy()[seen])
    assert ((positions >= 0) & (positions < case.x_shape[2] * case.x_shape[3])).all()


@forms
@given(case=cases())
def test_max_gradients_are_torch_s(form, case):
    assume(case.x_shape[0] and sees_input(case).all())
    x = case.random.integers(-2, 3, case.x_shape).astype("float64")
    leaf = torch.tensor(x, requires_grad=True)
    y = F.max_pool2d(leaf, *case.window)
    g, x_like = case.random.normal(size=y.shape), case.random.normal(size=x.shape)
    incoming = torch.tensor(g, requires_grad=True)
    (x_grad,) = grad(y, leaf, incoming, create_graph=True)
    (g_grad,) = grad(x_grad, incoming, torch.tensor(x_like))
    with kernels.using(form):
        _, positions = kernels.max_pool2d(x, case.window)
        assert_allclose(kernels.max_pool2d_grad(g, positions, x.shape), x_grad.detach(), **EXACT)
        assert_array_equal(kernels.max_pool2d_gather(x_like, positions), g_grad)


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
def test_max_over_more_taps_than_a_byte_counts(form):
    x = np.random.default_rng(0).normal(size=(1, 2, 40, 40))
    with kernels.using(form):
        ours, positions = kernels.max_pool2d(x, Window((20, 20), (10, 10), (0, 0)))
    theirs, places = F.max_pool2d(torch.tensor(x), 20, 10, return_indices=True)
    assert_array_equal(ours, theirs)
    assert_array_equal(positions, places)


@forms
def test_a_window_of_padding_alone_is_lowest_and_stays_inside(form):
    with kernels.using(form):
        ours, positions = kernels.max_pool2d(np.ones((1, 1, 2, 2)), Window((2, 2), (1, 1), (1, 1), (3, 3)))
    assert_array_equal(ours, [[[[-INF]]]])
    assert 0 <= positions.item() < 4


@given(
    case=cases(dilated=False),
    count_include_pad=st.booleans(),
    divisor=st.sampled_from([None, None, 1, 3, 7, -2]),
)
def test_averages_and_gradients_are_torch_s(case, count_include_pad, divisor):
    attributes = case.window, count_include_pad, divisor
    x, x_like = case.random.normal(size=(2, *case.x_shape))
    leaf = torch.tensor(x, requires_grad=True)
    y = F.avg_pool2d(leaf, *case.averaged(count_include_pad, divisor))
    g = case.random.normal(size=y.shape)
    assert_allclose(kernels.avg_pool2d(x, *attributes), y.detach(), **EXACT)
    if not len(x):
        assert kernels.avg_pool2d_grad(g, x.shape, *attributes).shape == x.shape
        return
    incoming = torch.tensor(g, requires_grad=True)
    (x_grad,) = grad(y, leaf, incoming, create_graph=True)
    (g_grad,) = grad(x_grad, incoming, torch.tensor(x_like))
    assert_allclose(kernels.avg_pool2d_grad(g, x.shape, *attributes), x_grad.detach(), **EXACT)
    assert_allclose(kernels.avg_pool2d(x_like, *attributes), g_grad, **EXACT)


@given(case=cases(dilated=False), count_include_pad=st.booleans(), divisor=st.sampled_from([None, 3, -2]))
def test_averages_of_integers_are_rounded_towards_zero(case, count_include_pad, divisor):
    attributes = case.window, count_include_pad, divisor
    x = case.random.integers(-(2**55), 2**55, case.x_shape)
    ours = kernels.avg_pool2d(x, *attributes)
    assert ours.dtype == np.int64
    assert_array_equal(ours, F.avg_pool2d(torch.tensor(x), *case.averaged(count_include_pad, divisor)))


@st.composite
def adaptive(draw):
    size = st.integers(1, 9)
    shape = draw(st.tuples(st.integers(0, 3), st.integers(0, 3), size, size))
    return shape, draw(st.tuples(st.integers(0, 11), st.integers(0, 11))), draw(seeds)


@given(case=adaptive())
def test_adaptive_averages_and_gradients_are_torch_s(case):
    shape, output_size, seed = case
    x, x_like = np.random.default_rng(seed).normal(size=(2, *shape))
    leaf = torch.tensor(x, requires_grad=True)
    y = F.adaptive_avg_pool2d(leaf, output_size)
    g = np.random.default_rng(seed + 1).normal(size=y.shape)
    assert_allclose(kernels.adaptive_avg_pool2d(x, output_size), y.detach(), **EXACT)
    x_grad = kernels.adaptive_avg_pool2d_grad(g, shape)
    assert x_grad.shape == shape
    if not y.numel():
        assert not x_grad.any()
        return
    incoming = torch.tensor(g, requires_grad=True)
    (theirs,) = grad(y, leaf, incoming, create_graph=True)
    (g_grad,) = grad(theirs, incoming, torch.tensor(x_like))
    assert_allclose(x_grad, theirs.detach(), **EXACT)
    assert_allclose(kernels.adaptive_avg_pool2d(x_like, output_size), g_grad, **EXACT)


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


@forms
def test_inputs_in_any_memory_order_are_read_and_not_written(form):
    x = np.random.default_rng(0).normal(size=(6, 7, 3, 2)).transpose(3, 2, 1, 0)[:, :, ::-1]
    x.flags.writeable = False
    plain = x.copy()
    window = Window((3, 2), (2, 2), (1, 1), ceil_mode=True)
    with kernels.using(form):
        for ours, theirs in zip(
            kernels.max_pool2d(x, window),
            kernels.max_pool2d(plain, window),
            strict=True,
        ):
            assert_array_equal(ours, theirs)
        _, positions = kernels.max_pool2d(x, window)
        g = np.broadcast_to(2.0, positions.shape)
        assert_array_equal(
            kernels.max_pool2d_grad(g, positions, x.shape), kernels.max_pool2d_grad(g.copy(), positions, x.shape)
        )
        assert_array_equal(kernels.max_pool2d_gather(x, positions), kernels.max_pool2d_gather(plain, positions))
        assert_array_equal(kernels.avg_pool2d(x, window, False, None), kernels.avg_pool2d(plain, window, False, None))


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_output_sizes_of_all_small_poolings_are_torch_s(ceil_mode):
    for size, kernel, stride, dilation in product(range(1, 10), range(1, 5), range(1, 5), range(1, 4)):
        for padding in range(kernel // 2 + 1):
            ours = output_size(size, kernel, stride, padding, dilation, ceil_mode)
            x = torch.empty(1, 1, size, 1, device="meta")
            if ours > 0:
                args = (kernel, 1), (stride, 1), (padding, 0), (dilation, 1), ceil_mode
                assert F.max_pool2d(x, *args).shape[2] == ours
