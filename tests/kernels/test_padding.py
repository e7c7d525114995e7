"""Padding in every mode, and its gradient, against torch."""

from itertools import chain

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from torch.autograd import grad

import kernels

MODES = ["constant", "reflect", "replicate", "circular"]


@st.composite
def cases(draw, mode):
    """A shape and a padding that torch takes: of any dimensions, or of the last three at most after one or two."""
    if mode == "constant":
        lead, padded = draw(st.integers(0, 2)), draw(st.integers(1, 3))
    else:
        padded = draw(st.integers(1, 3))
        lead = draw(st.integers(1, 2))
    shape = (*draw(st.tuples(*[st.integers(1, 3)] * lead)), *draw(st.tuples(*[st.integers(1, 6)] * padded)))
    padding = [(0, 0)] * lead
    for n in shape[lead:]:
        before = draw(st.integers(-(n - 1), n - 1))
        after = draw(st.integers(1 - n - min(before, 0), n - 1))
        if mode == "circular":
            left = n + min(before, 0) + min(after, 0)
            before, after = min(before, left), min(after, left)
        padding.append((before, after))
    return shape, tuple(padding), draw(st.integers(0, 2**32 - 1))


def flat(padding):
    """As `F.pad` takes it: the last dimension first."""
    return tuple(chain(*reversed(padding)))


@pytest.mark.parametrize("mode", MODES)
@given(data=st.data())
def test_values_and_gradients_are_torch_s(mode, data):
    shape, padding, seed = data.draw(cases(mode))
    lead = 0 if mode == "constant" else next((i for i in range(1, 3) if len(shape) - i <= 3), 1)
    random = np.random.default_rng(seed)
    x, x_like = random.normal(size=(2, *shape))
    leaf = torch.tensor(x, requires_grad=True)
    widths = flat(padding[lead:])
    y = F.pad(leaf, widths, mode)
    g = random.normal(size=y.shape)
    incoming = torch.tensor(g, requires_grad=True)
    (x_grad,) = grad(y, leaf, incoming, create_graph=True)
    (g_grad,) = grad(x_grad, incoming, torch.tensor(x_like))
    ours = kernels.pad(x, padding, mode, 0)
    assert ours.flags.c_contiguous
    assert_array_equal(ours, y.detach())
    ours = kernels.pad_grad(g, shape, padding, mode)
    assert ours.flags.c_contiguous
    assert_allclose(ours, x_grad.detach(), rtol=1e-10, atol=1e-10)
    assert_array_equal(kernels.pad(x_like, padding, mode, 0), g_grad)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int64", "int32", "uint8", "bool"])
@pytest.mark.parametrize("mode", MODES)
def test_dtypes_stay(mode, dtype):
    x = np.arange(6).reshape(1, 2, 3).astype(dtype)
    padding = ((0, 0), (1, 0), (2, 1))
    value = {"value": 1} if mode == "constant" else {}
    ours = kernels.pad(x, padding, mode, value.get("value", 0))
    assert ours.dtype == dtype
    if mode == "constant" or dtype != "bool":
        assert_array_equal(ours, F.pad(torch.tensor(x), flat(padding[1:]), mode, **value))
    if dtype.startswith("float"):
        assert kernels.pad_grad(ours, x.shape, padding, mode).dtype == dtype


@pytest.mark.parametrize("value", [1.5, float("inf"), float("nan")])
def test_constant_stands_around(value):
    x = np.zeros((2, 2), "float32")
    padding = ((1, -1), (0, 2))
    ours = kernels.pad(x, padding, "constant", value)
    assert ours.dtype == "float32"
    assert_array_equal(ours, F.pad(torch.tensor(x), flat(padding), value=value))


@pytest.mark.parametrize("mode", MODES)
def test_no_padding_is_a_copy(mode):
    x = np.arange(6.0).reshape(2, 3).T
    padding = ((0, 0), (0, 0))
    for ours in (kernels.pad(x, padding, mode, 0), kernels.pad_grad(x, x.shape, padding, mode)):
        assert_array_equal(ours, x)
        assert not np.shares_memory(ours, x)


@pytest.mark.parametrize("mode", MODES)
def test_an_empty_batch_stays_empty(mode):
    padding = ((0, 0), (0, 0), (2, 1))
    y = kernels.pad(np.ones((0, 2, 3)), padding, mode, 0)
    assert y.shape == (0, 2, 6)
    assert kernels.pad_grad(y, (0, 2, 3), padding, mode).shape == (0, 2, 3)


def test_the_kernel_refuses_an_unknown_mode():
    with pytest.raises(NotImplementedError, match="'mirror'"):
        kernels.pad(np.ones(3), ((1, 1),), "mirror", 0)
