"""Kernels of convolution: rounding, tiles, memory order, and what torch does not allow."""

from dataclasses import dataclass
from math import prod

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import kernels
import kernels.cpu.conv as tuned
from kernels.windows import ConvOptions

EXACT = {"rtol": 1e-10, "atol": 1e-10}
forms = pytest.mark.parametrize("form", ["reference", "numpy"])


@dataclass
class Case:
    x_shape: tuple[int, ...]
    weight_shape: tuple[int, ...]
    options: ConvOptions
    tile: int
    seed: int

    def draw(self, *shapes, dtype="float64"):
        random = np.random.default_rng(self.seed)
        return [random.normal(size=shape).astype(dtype) for shape in shapes]


@st.composite
def cases(draw):
    def pair(low, high):
        return draw(st.tuples(st.integers(low, high), st.integers(low, high)))

    groups = draw(st.integers(1, 3))
    channels = draw(st.sampled_from([1, 2, 3, 16]))
    out = draw(st.sampled_from([1, 2, 3, 16])) * groups
    kernel, stride, padding, dilation = pair(1, 4), pair(1, 3), pair(0, 4), pair(1, 3)
    spare = pair(0, 5)
    height, width = (max(1, dilation[i] * (kernel[i] - 1) + 1 - 2 * padding[i]) + spare[i] for i in (0, 1))
    return Case(
        (draw(st.integers(0, 4)), channels * groups, height, width),
        (out, channels, *kernel),
        ConvOptions(stride, padding, dilation, groups),
        draw(st.sampled_from([1, 1 << 12, 1 << 20])),  # 1: an image at a time
        draw(st.integers(0, 2**32 - 1)),
    )


@pytest.fixture(autouse=True)
def _tile():
    whole = tuned.TILE
    yield
    tuned.TILE = whole


@forms
@pytest.mark.parametrize("dtype", ["float32", "float16"])
@given(case=cases())
def test_rounding_error_keeps_to_its_bound(form, dtype, case):
    """A sum of n products in single precision is off by at most n·ε·Σ|a·b|, half precision then rounds once."""
    x, weight = case.draw(case.x_shape, case.weight_shape, dtype=dtype)
    y_shape = kernels.conv2d(x, weight, None, case.options).shape
    (g,) = case.draw(y_shape, dtype=dtype)
    tuned.TILE = case.tile
    for kernel, args, terms in (
        (kernels.conv2d, (x, weight, None), prod(weight.shape[1:])),
        (kernels.conv2d_input_grad, (g, weight, x.shape), prod(weight.shape) // weight.shape[1]),
        (kernels.conv2d_weight_grad, (g, x, weight.shape), prod(g.shape) // g.shape[1]),
    ):
        with kernels.using(form):
            ours = kernel(*args, case.options)
        assert ours.dtype == dtype
        wide = [a.astype("float64") for a in args[:2]]
        exact = kernel.reference(*wide, args[2], case.options)
        size = kernel.reference(*map(abs, wide), args[2], case.options)
        bound = (terms + 1) * np.finfo("float32").eps * size
        if dtype == "float16":
            bound += np.finfo(dtype).eps * abs(exact) + np.finfo(dtype).smallest_subnormal
        assert (abs(ours.astype("float64") - exact) <= bound).all()


@pytest.mark.parametrize("tile", [1, 1 << 13, 1 << 20])  # 1: an image at a time
@pytest.mark.parametrize(
    ("x_shape", "weight_shape", "options"),
    [
        # copies of shifted inputs: forward and for the weight, the same with groups and strides, backward
        ((3, 16, 7, 8), (5, 16, 3, 3), ConvOptions((1, 1), (1, 1), (1, 1), 1)),
        ((3, 32, 6, 9), (34, 16, 2, 3), ConvOptions((1, 2), (0, 1), (2, 1), 2)),
        ((4, 3, 9, 9), (16, 3, 4, 3), ConvOptions((1, 1), (2, 0), (2, 3), 1)),
        # whole windows
        ((5, 4, 9, 8), (6, 2, 3, 2), ConvOptions((2, 1), (1, 0), (1, 2), 2)),
    ],
)
def test_tiles_join_to_the_whole(x_shape, weight_shape, options, tile):
    random = np.random.default_rng(0)
    x, weight, bias = (random.normal(size=shape) for shape in (x_shape, weight_shape, weight_shape[:1]))
    g = random.normal(size=kernels.conv2d.reference(x, weight, bias, options).shape)
    tuned.TILE = tile
    for kernel, args in (
        (kernels.conv2d, (x, weight, bias)),
        (kernels.conv2d_input_grad, (g, weight, x.shape)),
        (kernels.conv2d_weight_grad, (g, x, weight.shape)),
    ):
        assert_allclose(kernel(*args, options), kernel.reference(*args, options), **EXACT)


@forms
@pytest.mark.parametrize(("x_shape", "weight_shape"), [((0, 16, 5, 5), (3, 16, 3, 3)), ((2, 0, 5, 5), (3, 0, 3, 3))])
def test_empty_batches_and_channels(form, x_shape, weight_shape):
    x, weight, bias = np.ones(x_shape), np.ones(weight_shape), np.arange(3.0)
    options = ConvOptions((1, 1), (0, 0), (1, 1), 1)
    with kernels.using(form):
        y = kernels.conv2d(x, weight, bias, options)
        # Of no channels torch makes no outputs either; here the sum of nothing is zero.
        assert_array_equal(y, np.broadcast_to(bias[:, None, None], (len(x), 3, 3, 3)))
        assert_array_equal(kernels.conv2d_input_grad(y, weight, x.shape, options), np.zeros(x_shape))
        assert_array_equal(kernels.conv2d_weight_grad(y, x, weight.shape, options), np.zeros(weight_shape))
