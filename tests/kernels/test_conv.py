"""Convolution and its gradients against torch: values, dtypes, and what is refused."""

from dataclasses import dataclass
from math import prod

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from torch.autograd import grad

import kernels
import kernels.cpu.conv as tuned
from kernels.checks import check_conv2d
from kernels.windows import conv_output_size, same_padding

EXACT = {"rtol": 1e-10, "atol": 1e-10}
forms = pytest.mark.parametrize("form", ["reference", "numpy"])


@dataclass
class Case:
    x_shape: tuple[int, ...]
    weight_shape: tuple[int, ...]
    attributes: tuple
    tile: int
    seed: int

    def draw(self, *shapes, dtype="float64"):
        random = np.random.default_rng(self.seed)
        return [random.normal(size=shape).astype(dtype) for shape in shapes]


@st.composite
def cases(draw, least_batch=0):
    def pair(low, high):
        return draw(st.tuples(st.integers(low, high), st.integers(low, high)))

    groups = draw(st.integers(1, 3))
    channels = draw(st.sampled_from([1, 2, 3, 16]))
    out = draw(st.sampled_from([1, 2, 3, 16])) * groups
    kernel, stride, padding, dilation = pair(1, 4), pair(1, 3), pair(0, 4), pair(1, 3)
    spare = pair(0, 5)
    height, width = (max(1, dilation[i] * (kernel[i] - 1) + 1 - 2 * padding[i]) + spare[i] for i in (0, 1))
    return Case(
        (draw(st.integers(least_batch, 4)), channels * groups, height, width),
        (out, channels, *kernel),
        (stride, padding, dilation, groups),
        draw(st.sampled_from([1 << 12, 1 << 20])),
        draw(st.integers(0, 2**32 - 1)),
    )


@pytest.fixture(autouse=True)
def _tile():
    whole = tuned.TILE
    yield
    tuned.TILE = whole


@forms
@given(case=cases())
def test_values_and_gradients_are_torch_s(form, case):
    check_conv2d(case.x_shape, case.weight_shape, case.weight_shape[:1], *case.attributes)
    x, weight, bias = case.draw(case.x_shape, case.weight_shape, case.weight_shape[:1])
    inputs = [torch.tensor(a, requires_grad=True) for a in (x, weight)]
    y = torch.conv2d(*inputs, torch.tensor(bias), *case.attributes)
    (g,) = case.draw(y.shape)
    x_grad, weight_grad = grad(y, inputs, torch.tensor(g))
    tuned.TILE = case.tile
    with kernels.using(form):
        ours = kernels.conv2d(x, weight, bias, *case.attributes)
        assert ours.flags.c_contiguous
        assert_allclose(ours, y.detach(), **EXACT)
        assert_allclose(kernels.conv2d_input_grad(g, weight, x.shape, *case.attributes), x_grad, **EXACT)
        assert_allclose(kernels.conv2d_weight_grad(g, x, weight.shape, *case.attributes), weight_grad, **EXACT)


@given(case=cases(least_batch=1))  # torch has no graph to go back through for an empty batch
def test_gradients_of_the_gradients_are_the_kernels_that_their_docstrings_name(case):
    x, weight, x_like, weight_like = case.draw(case.x_shape, case.weight_shape, case.x_shape, case.weight_shape)
    inputs = [torch.tensor(a, requires_grad=True) for a in (x, weight)]
    y = torch.conv2d(*inputs, None, *case.attributes)
    (g,) = case.draw(y.shape)
    incoming = torch.tensor(g, requires_grad=True)
    x_grad, weight_grad = grad(y, inputs, incoming, create_graph=True)
    for_g, for_weight = grad(x_grad, (incoming, inputs[1]), torch.tensor(x_like), retain_graph=True)
    assert_allclose(kernels.conv2d(x_like, weight, None, *case.attributes), for_g, **EXACT)
    assert_allclose(kernels.conv2d_weight_grad(g, x_like, weight.shape, *case.attributes), for_weight, **EXACT)
    for_g, for_x = grad(weight_grad, (incoming, inputs[0]), torch.tensor(weight_like))
    assert_allclose(kernels.conv2d(x, weight_like, None, *case.attributes), for_g, **EXACT)
    assert_allclose(kernels.conv2d_input_grad(g, weight_like, x.shape, *case.attributes), for_x, **EXACT)


@forms
@pytest.mark.parametrize("dtype", ["float32", "float16"])
@given(case=cases())
def test_rounding_error_keeps_to_its_bound(form, dtype, case):
    """A sum of n products in single precision is off by at most n·ε·Σ|a·b|, half precision then rounds once."""
    x, weight = case.draw(case.x_shape, case.weight_shape, dtype=dtype)
    y_shape = kernels.conv2d(x, weight, None, *case.attributes).shape
    (g,) = case.draw(y_shape, dtype=dtype)
    tuned.TILE = case.tile
    for kernel, args, terms in (
        (kernels.conv2d, (x, weight, None), prod(weight.shape[1:])),
        (kernels.conv2d_input_grad, (g, weight, x.shape), prod(weight.shape) // weight.shape[1]),
        (kernels.conv2d_weight_grad, (g, x, weight.shape), prod(g.shape) // g.shape[1]),
    ):
        with kernels.using(form):
            ours = kernel(*args, *case.attributes)
        assert ours.dtype == dtype
        wide = [a.astype("float64") for a in args[:2]]
        exact = kernel(*wide, args[2], *case.attributes)
        size = kernel(*map(abs, wide), args[2], *case.attributes)
        bound = (terms + 1) * np.finfo("float32").eps * size
        if dtype == "float16":
            bound += np.finfo(dtype).eps * abs(exact) + np.finfo(dtype).smallest_subnormal
        assert (abs(ours.astype("float64") - exact) <= bound).all()


@forms
@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_integers_are_summed_exactly(form, dtype):
    random = np.random.default_rng(0)
    x = random.integers(0, 100, (2, 4, 7, 6)).astype(dtype)
    weight = random.integers(0, 100, (6, 2, 3, 2)).astype(dtype)
    attributes = ((2, 1), (1, 1), (1, 1), 2)
    theirs = torch.conv2d(torch.tensor(x), torch.tensor(weight), None, *attributes)
    with kernels.using(form):
        ours = kernels.conv2d(x, weight, None, *attributes)
    assert ours.dtype == dtype
    assert_array_equal(ours, theirs)


@forms
def test_inputs_in_any_memory_order_are_read_and_not_written(form):
    random = np.random.default_rng(0)
    x = random.normal(size=(9, 8, 2, 16)).transpose(2, 3, 1, 0)[:, :, ::-1]
    weight = random.normal(size=(3, 3, 16, 5)).transpose(3, 2, 0, 1)
    g = np.broadcast_to(random.normal(size=(1, 5, 1, 1)), (2, 5, 8, 9))
    copies = [a.copy() for a in (x, weight, g)]
    for a in (x, weight):
        a.flags.writeable = False
    attributes = ((1, 1), (1, 1), (1, 1), 1)
    for (kernel, rest), pick in zip(
        ((kernels.conv2d, None), (kernels.conv2d_input_grad, x.shape), (kernels.conv2d_weight_grad, weight.shape)),
        ((0, 1), (2, 1), (2, 0)),
        strict=True,
    ):
        with kernels.using(form):
            ours = kernel(*[(x, weight, g)[i] for i in pick], rest, *attributes)
        assert_allclose(ours, kernel.reference(*[copies[i] for i in pick], rest, *attributes), **EXACT)


@forms
def test_what_does_not_match_the_stride_gets_no_gradient(form):
    g, weight = np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2))
    with kernels.using(form):
        x_grad = kernels.conv2d_input_grad(g, weight, (1, 1, 7, 6), (3, 3), (0, 0), (1, 1), 1)
    assert x_grad.shape == (1, 1, 7, 6)
    assert_array_equal(np.flatnonzero(x_grad.sum((0, 1, 3))), [0, 1, 3, 4])
    assert_array_equal(np.flatnonzero(x_grad.sum((0, 1, 2))), [0, 1, 3, 4])


@forms
@pytest.mark.parametrize(("x_shape", "weight_shape"), [((0, 16, 5, 5), (3, 16, 3, 3)), ((2, 0, 5, 5), (3, 0, 3, 3))])
def test_empty_batches_and_channels(form, x_shape, weight_shape):
    x, weight, bias = np.ones(x_shape), np.ones(weight_shape), np.arange(3.0)
    attributes = ((1, 1), (0, 0), (1, 1), 1)
    with kernels.using(form):
        y = kernels.conv2d(x, weight, bias, *attributes)
        # Of no channels torch makes no outputs either; here the sum of nothing is zero.
        assert_array_equal(y, np.broadcast_to(bias[:, None, None], (len(x), 3, 3, 3)))
        assert_array_equal(kernels.conv2d_input_grad(y, weight, x.shape, *attributes), np.zeros(x_shape))
        assert_array_equal(kernels.conv2d_weight_grad(y, x, weight.shape, *attributes), np.zeros(weight_shape))


REFUSED = {
    "three channels for a weight of two": ((2, 3, 8, 8), (4, 2, 3, 3), None, {}),
    "channels of a group": ((2, 3, 8, 8), (4, 1, 3, 3), None, {"groups": 2}),
    "outputs not divisible by groups": ((2, 3, 8, 8), (4, 1, 3, 3), None, {"groups": 3}),
    "fewer outputs than groups": ((2, 4, 8, 8), (2, 1, 3, 3), None, {"groups": 4}),
    "no groups": ((2, 3, 8, 8), (4, 3, 3, 3), None, {"groups": 0}),
    "negative padding": ((2, 3, 8, 8), (4, 3, 3, 3), None, {"padding": (0, -1)}),
    "no stride": ((2, 3, 8, 8), (4, 3, 3, 3), None, {"stride": (1, 0)}),
    "no dilation": ((2, 3, 8, 8), (4, 3, 3, 3), None, {"dilation": (0, 1)}),
    "kernel larger than input": ((2, 3, 8, 8), (4, 3, 3, 9), None, {}),
    "dilated kernel larger than padded input": (
        (2, 3, 8, 8),
        (4, 3, 5, 1),
        None,
        {"padding": (2, 0), "dilation": (3, 1)},
    ),
    "bias of another size": ((2, 3, 8, 8), (4, 3, 3, 3), (3,), {}),
    "bias of two dimensions": ((2, 3, 8, 8), (4, 3, 3, 3), (4, 1), {}),
    "five dimensions": ((1, 2, 3, 8, 8), (4, 3, 3, 3), None, {}),
    "two dimensions": ((8, 8), (4, 3, 3, 3), None, {}),
    "weight of three dimensions": ((2, 3, 8, 8), (3, 3, 3), None, {}),
    "empty plane": ((2, 3, 0, 8), (4, 3, 3, 3), None, {"padding": (2, 2)}),
    "empty kernel": ((2, 3, 8, 8), (4, 3, 0, 3), None, {}),
    "no outputs": ((2, 3, 8, 8), (0, 3, 3, 3), None, {}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_with_torch_s_exception(name):
    x_shape, weight_shape, bias_shape, options = REFUSED[name]
    attributes = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1, **options}
    bias = None if bias_shape is None else torch.zeros(bias_shape)
    with pytest.raises(Exception) as theirs:
        torch.conv2d(torch.zeros(x_shape), torch.zeros(weight_shape), bias, **attributes)
    with pytest.raises(theirs.type):
        check_conv2d(x_shape, weight_shape, bias_shape, *attributes.values())


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ((2, 3, 8, 8), (4, 2, 3, 3), None, (1, 1), (0, 0), (1, 1), 1),
            r"Given groups=1, weight of size \[4, 2, 3, 3\], expected input\[2, 3, 8, 8\] to have 2 channels, but",
        ),
        (
            ((2, 3, 8, 8), (4, 3, 5, 5), None, (1, 1), (1, 0), (3, 3), 1),
            r"padded input size per channel: \(10 x 8\). Kernel size: \(13 x 13\). Kernel size can't be greater than",
        ),
    ],
)
def test_messages_say_expected_and_actual(args, message):
    with pytest.raises(RuntimeError, match=message):
        check_conv2d(*args)


small = st.sampled_from([1, 1, 1, 2, 2, 3, 0, -1])
pairs = st.tuples(small, small)


@settings(max_examples=500)
@given(
    x_shape=st.tuples(*[st.integers(1, 3)] * 2, *[st.integers(1, 5)] * 2),
    weight_shape=st.tuples(*[st.integers(1, 3)] * 4),
    stride=pairs,
    padding=pairs,
    dilation=pairs,
    groups=small,
)
def test_refuses_exactly_what_torch_refuses(x_shape, weight_shape, stride, padding, dilation, groups):
    args = stride, padding, dilation, groups
    try:
        y = torch.conv2d(torch.zeros(x_shape).double(), torch.zeros(weight_shape).double(), None, *args)
    except RuntimeError:
        with pytest.raises(RuntimeError):
            check_conv2d(x_shape, weight_shape, None, *args)
    else:
        check_conv2d(x_shape, weight_shape, None, *args)
        sizes = zip(x_shape[2:], weight_shape[2:], stride, padding, dilation, strict=True)
        assert tuple(y.shape[2:]) == tuple(conv_output_size(*size) for size in sizes)


@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_same_padding_is_torch_s(kernel, dilation):
    layer = torch.nn.Conv2d(1, 1, (kernel, 3), dilation=(dilation, 1), padding="same")
    (before, after), rest = same_padding((kernel, 3), (dilation, 1))
    assert [*rest, before, after] == layer._reversed_padding_repeated_twice
