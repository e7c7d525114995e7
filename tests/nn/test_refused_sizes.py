"""Sizes that convolution, pooling and padding refuse: the same that torch refuses, with its types of exceptions."""

from itertools import chain
from types import ModuleType
from typing import Any

import pytest
import torch
import torch.nn.functional as TF
from hypothesis import given, settings, strategies as st

import minitorch
import minitorch.nn.functional as F

pytestmark = pytest.mark.host  # the arguments are checked on the host, whatever the device


def agree(ours: Any, theirs: Any) -> Any:
    """Call both: they raise the same type of exception, or give the same shape. Returns it, or None."""
    try:
        expected = theirs()
    except Exception as error:
        with pytest.raises(type(error)):
            ours()
        return None
    assert ours().shape == tuple(expected.shape)
    return expected.shape


def conv2d(library: ModuleType, functional: Any, x: Any, weight: Any, bias: Any, options: dict[str, Any]) -> Any:
    return functional.conv2d(
        library.zeros(x), library.zeros(weight), None if bias is None else library.zeros(bias), **options
    )


CONVOLUTIONS: dict[str, Any] = {
    "three channels for a weight of two": ((2, 3, 8, 8), (4, 2, 3, 3), None, {}),
    "channels of a group": ((2, 3, 8, 8), (4, 1, 3, 3), None, {"groups": 2}),
    "outputs not divisible by groups": ((2, 3, 8, 8), (4, 1, 3, 3), None, {"groups": 3}),
    "fewer outputs than groups": ((2, 4, 8, 8), (2, 1, 3, 3), None, {"groups": 4}),
    "no groups": ((2, 3, 8, 8), (4, 3, 3, 3), None, {"groups": 0}),
    "groups in a tuple": ((2, 3, 8, 8), (4, 3, 3, 3), None, {"groups": (1,)}),
    "two groups in a tuple": ((2, 3, 8, 8), (4, 3, 3, 3), None, {"groups": (1, 2)}),
    "a fraction of a group": ((2, 3, 8, 8), (4, 3, 3, 3), None, {"groups": 1.5}),
    "negative padding": ((2, 3, 8, 8), (4, 3, 3, 3), None, {"padding": (0, -1)}),
    "no stride": ((2, 3, 8, 8), (4, 3, 3, 3), None, {"stride": (1, 0)}),
    "an empty stride": ((2, 3, 8, 8), (4, 3, 3, 3), None, {"stride": ()}),
    "three strides": ((2, 3, 8, 8), (4, 3, 3, 3), None, {"stride": (1, 1, 1)}),
    "a fraction in a stride": ((2, 3, 8, 8), (4, 3, 3, 3), None, {"stride": (1, 1.5)}),
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


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolutions_refused(name: str) -> None:
    args = CONVOLUTIONS[name]
    assert agree(lambda: conv2d(minitorch, F, *args), lambda: conv2d(torch, TF, *args)) is None


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ((2, 3, 8, 8), (4, 2, 3, 3), None, {}),
            r"Given groups=1, weight of size \[4, 2, 3, 3\], expected input\[2, 3, 8, 8\] to have 2 channels, but",
        ),
        (
            ((2, 3, 8, 8), (4, 3, 5, 5), None, {"padding": (1, 0), "dilation": 3}),
            r"padded input size per channel: \(10 x 8\). Kernel size: \(13 x 13\). Kernel size can't be greater than",
        ),
    ],
)
def test_messages_say_expected_and_actual(args: Any, message: str) -> None:
    for library, functional in ((torch, TF), (minitorch, F)):
        with pytest.raises(RuntimeError, match=message):
            conv2d(library, functional, *args)


@pytest.mark.parametrize("function", ["conv1d", "conv2d", "conv_transpose2d", "linear"])
@pytest.mark.parametrize("missing", ["input", "weight"])
def test_a_missing_tensor_is_a_type_error(function: str, missing: str) -> None:
    for library, functional in ((torch, TF), (minitorch, F)):
        tensors = {"input": library.zeros(1, 1, 3, 3), "weight": library.zeros(1, 1, 3, 3), missing: None}
        with pytest.raises(TypeError, match="NoneType"):
            getattr(functional, function)(**tensors)


small = st.sampled_from([1, 1, 1, 2, 2, 3, 0, -1])
pairs = st.tuples(small, small)


@settings(max_examples=500)
@given(
    x=st.tuples(*[st.integers(1, 3)] * 2, *[st.integers(1, 5)] * 2),
    weight=st.tuples(*[st.integers(1, 3)] * 4),
    stride=pairs,
    padding=pairs,
    dilation=pairs,
    groups=small,
)
def test_convolutions_are_refused_exactly_when_torch_s_are(x, weight, stride, padding, dilation, groups) -> None:
    args = x, weight, None, {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    agree(lambda: conv2d(minitorch, F, *args), lambda: conv2d(torch, TF, *args))


POOLINGS: dict[str, Any] = {
    "no kernel": {"kernel_size": (0, 2)},
    "negative kernel": {"kernel_size": (2, -1)},
    "an empty kernel size": {"kernel_size": ()},
    "three kernel sizes": {"kernel_size": (2, 2, 2)},
    "no stride": {"stride": (2, 0)},
    "negative stride": {"stride": (-1, 1)},
    "negative padding": {"padding": (0, -1)},
    "padding of more than half the kernel": {"padding": (2, 0)},
    "no dilation": {"dilation": (0, 1)},
    "padding of more than half a dilated kernel": {"kernel_size": (3, 3), "padding": (2, 2), "dilation": (2, 2)},
    "kernel larger than input": {"kernel_size": (9, 9)},
    "kernel much larger than input": {"kernel_size": (12, 12), "stride": (2, 2), "ceil_mode": True},
    "ceil mode is no flag": {"ceil_mode": 1},
    "no channels": {"x": (2, 0, 8, 8)},
    "no rows": {"x": (2, 3, 0, 8)},
    "two dimensions": {"x": (8, 8)},
    "five dimensions": {"x": (1, 2, 3, 8, 8)},
}


@pytest.mark.parametrize("name", POOLINGS)
def test_poolings_refused(name: str) -> None:
    options = {"kernel_size": (2, 2), **POOLINGS[name]}
    shape = options.pop("x", (2, 3, 8, 8))
    ours = lambda: F.max_pool2d(minitorch.zeros(shape), **options)  # noqa: E731
    assert agree(ours, lambda: TF.max_pool2d(torch.zeros(shape), **options)) is None


@pytest.mark.parametrize("function", ["avg_pool1d", "avg_pool2d"])
@pytest.mark.parametrize("flag", ["ceil_mode", "count_include_pad"])
def test_flags_of_averages_are_bools(function: str, flag: str) -> None:
    for library, functional in ((torch, TF), (minitorch, F)):
        with pytest.raises(TypeError, match=flag):
            getattr(functional, function)(library.zeros(2, 3, 8, 8)[0], 2, **{flag: 1})


def test_a_divisor_of_zero_is_refused() -> None:
    for library, functional in ((torch, TF), (minitorch, F)):
        with pytest.raises(RuntimeError, match="divisor must be not zero"):
            functional.avg_pool2d(library.zeros(1, 1, 4, 4), 2, divisor_override=0)


@pytest.mark.parametrize(("x", "output_size"), [((2, 3, 8, 8), (-1, 2)), ((8, 8), (2, 2)), ((2, 3, 8, 0), (2, 2))])
def test_adaptive_averages_refused(x: Any, output_size: Any) -> None:
    theirs = lambda: torch._C._nn.adaptive_avg_pool2d(torch.zeros(x), output_size)  # noqa: E731  # without TF's reading
    assert agree(lambda: F.adaptive_avg_pool2d(minitorch.zeros(x), output_size), theirs) is None


sizes = st.sampled_from([0, 1, 1, 2, 2, 3, 4, 5, -1])
size_pairs = st.tuples(sizes, sizes)


@settings(max_examples=500)
@given(
    x=st.tuples(*[st.integers(0, 3)] * 2, *[st.integers(0, 8)] * 2),
    kernel=size_pairs,
    stride=size_pairs,
    padding=st.tuples(*[st.sampled_from([0, 0, 1, 2, -1])] * 2),
    dilation=st.tuples(*[st.sampled_from([1, 1, 2, 3, 0])] * 2),
    ceil_mode=st.booleans(),
)
def test_poolings_are_refused_exactly_when_torch_s_are(x, kernel, stride, padding, dilation, ceil_mode) -> None:
    args = kernel, stride, padding, dilation, ceil_mode
    agree(lambda: F.max_pool2d(minitorch.zeros(x), *args), lambda: TF.max_pool2d(torch.zeros(x), *args))


@pytest.mark.parametrize(
    ("x", "padding", "mode"),
    [
        ((2, 3, 8), ((8, 0),), "reflect"),
        ((2, 3, 8), ((0, 9),), "reflect"),
        ((2, 3, 8), ((-5, -4),), "replicate"),
        ((2, 3, 8), ((9, 0),), "circular"),
        ((2, 3, 8), ((0, 9),), "circular"),
        ((2, 3, 8), ((-5, -4),), "circular"),
        ((2, 3, 8), ((-5, -4),), "constant"),
        ((2, 3, 8), ((-9, 3),), "constant"),
        ((2, 3, 8), ((1, 1),), "mirror"),
    ],
)
def test_paddings_refused(x: Any, padding: Any, mode: str) -> None:
    widths = tuple(chain(*padding))
    ours = lambda: F.pad(minitorch.zeros(x), widths, mode)  # noqa: E731
    assert agree(ours, lambda: TF.pad(torch.zeros(x), widths, mode)) is None
