"""Sizes of convolution and pooling: refused exactly when torch refuses them; the result of others has torch's shape."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings, strategies as st

import minitorch

pytestmark = pytest.mark.host  # the arguments are checked on the host, whatever the device


def agree(call: Callable[[Any], Any]) -> None:
    """Assert that a call on either library raises the same type of error, or gives the same shape."""
    try:
        expected = call(torch)
    except Exception as error:
        with pytest.raises(type(error)):
            call(minitorch)
    else:
        assert tuple(call(minitorch).shape) == tuple(expected.shape)


def pairs(*values: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(*[st.sampled_from(values)] * 2)


SMALL = (1, 1, 1, 2, 2, 3, 0, -1)


@settings(max_examples=500)
@given(
    x=st.tuples(*[st.integers(1, 3)] * 2, *[st.integers(1, 5)] * 2),
    weight=st.tuples(*[st.integers(1, 3)] * 4),
    options=st.tuples(pairs(*SMALL), pairs(*SMALL), pairs(*SMALL), st.sampled_from(SMALL)),
)
def test_convolutions(x, weight, options) -> None:
    agree(lambda lib: lib.nn.functional.conv2d(lib.zeros(x), lib.zeros(weight), None, *options))


@settings(max_examples=500)
@given(
    x=st.tuples(*[st.integers(0, 3)] * 2, *[st.integers(0, 8)] * 2),
    kernel=pairs(0, 1, 1, 2, 2, 3, 4, 5, -1),
    stride=pairs(0, 1, 1, 2, 2, 3, 4, 5, -1),
    padding=pairs(0, 0, 1, 2, -1),
    dilation=pairs(1, 1, 2, 3, 0),
    ceil_mode=st.booleans(),
)
def test_poolings(x, kernel, stride, padding, dilation, ceil_mode) -> None:
    agree(lambda lib: lib.nn.functional.max_pool2d(lib.zeros(x), kernel, stride, padding, dilation, ceil_mode))
