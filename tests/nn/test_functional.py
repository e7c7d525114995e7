"""Functions of `nn.functional` but the losses, against torch."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

import minitorch
from tests.nn.compare import LIBRARIES, compare, floats, raises_alike

CONVOLUTIONS = [
    # input, weight, options
    ((2, 3, 7, 6), (4, 3, 3, 2), {}),
    ((2, 3, 7, 6), (4, 3, 3, 2), {"stride": 2, "padding": 1}),
    ((2, 4, 8, 9), (6, 2, 3, 3), {"stride": (2, 1), "padding": (0, 2), "dilation": (1, 2), "groups": 2}),
    ((3, 4, 6, 6), (4, 1, 3, 3), {"groups": 4, "padding": "same"}),
    ((2, 3, 6, 7), (4, 3, 2, 4), {"padding": "same"}),
    ((2, 3, 9, 7), (4, 3, 2, 3), {"padding": "same", "dilation": (3, 2)}),
    ((2, 3, 6, 7), (4, 3, 3, 3), {"padding": "valid", "stride": 2}),
    ((3, 7, 6), (4, 3, 3, 3), {"padding": 1}),
    ((1, 20, 9, 9), (8, 20, 5, 5), {"padding": 2}),
    ((1, 1, 1, 1), (1, 1, 1, 1), {}),
    ((0, 3, 7, 6), (4, 3, 3, 3), {}),
]


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize(("x", "weight", "options"), CONVOLUTIONS)
def test_conv2d(x, weight, options):
    terms = weight[1] * weight[2] * weight[3] * 4
    for bias in ([], [floats(weight[0])]):
        compare(
            lambda lib, *t: lib.nn.functional.conv2d(*t, **options), floats(*x), floats(*weight), *bias, terms=terms
        )


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize(
    ("x", "weight", "options"),
    [
        ((2, 3, 9), (4, 3, 3), {}),
        ((2, 4, 9), (4, 2, 3), {"stride": 2, "padding": 1, "groups": 2}),
        ((3, 9), (4, 3, 4), {"padding": "same", "dilation": 3}),
    ],
)
def test_conv1d(x, weight, options):
    compare(lambda lib, *t: lib.nn.functional.conv1d(*t, **options), floats(*x), floats(*weight), floats(4), terms=30)


def test_third_derivatives_of_conv2d():
    compare(
        lambda lib, x, w: lib.nn.functional.conv2d(x, w, padding=1).pow(3),
        floats(1, 2, 4, 4),
        floats(2, 2, 3, 3),
        terms=100,
        orders=3,
    )


@pytest.mark.parametrize(
    ("x", "kernel", "options"),
    [
        ((2, 3, 6, 7), 2, {}),
        ((2, 3, 6, 7), (3, 2), {"stride": (1, 2), "padding": (1, 0)}),
        ((2, 3, 7, 7), 3, {"stride": 2, "padding": 1, "ceil_mode": True}),
        ((2, 3, 8, 9), 2, {"dilation": (3, 2), "stride": 1}),
        ((3, 6, 7), 2, {}),
        ((0, 3, 6, 7), 2, {}),
    ],
)
def test_max_pool2d(x, kernel, options):
    compare(lambda lib, t: lib.nn.functional.max_pool2d(t, kernel, return_indices=True, **options), floats(*x))
    compare(lambda lib, t: lib.nn.functional.max_pool2d_with_indices(t, kernel, **options)[0].square(), floats(*x))


def test_max_pool2d_chooses_the_first_of_equals_and_nan():
    x = np.array(
        [[[[1, 1, np.nan, 2], [1, 1, 3, np.nan], [-np.inf, -np.inf, 0, 0], [-np.inf, -np.inf, 0, 0]]]], "float32"
    )
    compare(lambda lib, t: lib.nn.functional.max_pool2d(t, 2, return_indices=True), x)
    compare(lambda lib, t: lib.nn.functional.max_pool2d(t, 3, 2, 1, return_indices=True), x)


def test_max_pool_of_integers():
    x = np.arange(32).reshape(1, 2, 4, 4) % 7
    compare(lambda lib, t: lib.nn.functional.max_pool2d(t, 3, 1, 1, return_indices=True), x)


@pytest.mark.parametrize("options", [{}, {"stride": 1, "padding": 1}, {"dilation": 2, "ceil_mode": True}])
@pytest.mark.parametrize("shape", [(2, 3, 9), (3, 9)])
def test_max_pool1d(shape, options):
    compare(lambda lib, t: lib.nn.functional.max_pool1d(t, 3, return_indices=True, **options), floats(*shape))


@pytest.mark.parametrize(
    ("x", "kernel", "options"),
    [
        ((2, 3, 6, 7), 2, {}),
        ((2, 3, 6, 7), (3, 2), {"stride": (1, 2), "padding": (1, 0)}),
        ((2, 3, 7, 7), 3, {"stride": 2, "padding": 1, "ceil_mode": True}),
        ((2, 3, 7, 7), 3, {"stride": 2, "padding": 1, "ceil_mode": True, "count_include_pad": False}),
        ((3, 7, 7), 2, {"divisor_override": -3}),
    ],
)
def test_avg_pool2d(x, kernel, options):
    compare(lambda lib, t: lib.nn.functional.avg_pool2d(t, kernel, **options), floats(*x), terms=9)
    compare(lambda lib, t: lib.nn.functional.avg_pool2d(t, kernel, **options).square(), floats(*x), terms=9)


@pytest.mark.parametrize("shape", [(2, 3, 9), (3, 9)])
def test_avg_pool1d(shape):
    compare(lambda lib, t: lib.nn.functional.avg_pool1d(t, 3, 2, 1, True, False), floats(*shape), terms=3)


@pytest.mark.parametrize("size", [2, (3, None), (7, 2), 1])
def test_adaptive_avg_pool2d(size):
    compare(lambda lib, t: lib.nn.functional.adaptive_avg_pool2d(t, size).square(), floats(2, 3, 5, 7), terms=40)
    compare(lambda lib, t: lib.nn.functional.adaptive_avg_pool1d(t, 3), floats(3, 7), terms=7)


@pytest.mark.parametrize(
    ("x", "pad", "mode"),
    [
        ((3, 4), (1, 2), "constant"),
        ((2, 3, 4), (1, -2, 0, 1, -1, 3), "constant"),
        ((2, 3, 5), (2, 1), "reflect"),
        ((2, 3, 5, 6), (2, 1, -1, 3), "reflect"),
        ((3, 5, 6), (2, 1, 0, 3), "replicate"),
        ((2, 3, 5, 6), (2, -1, 7, 3), "replicate"),
        ((2, 3, 5, 6), (6, 1, 3, -2), "circular"),
        ((2, 5), (5, 5), "circular"),
        ((2, 2, 3, 4, 4), (1, 1, 2, 2, 1, 1), "reflect"),
        ((2, 3), (0, 0), "constant"),
    ],
)
def test_pad(x, pad, mode):
    compare(lambda lib, t: lib.nn.functional.pad(t, pad, mode), floats(*x), terms=30)
    compare(lambda lib, t: lib.nn.functional.pad(t, pad, mode).pow(3), floats(*x), terms=30)
    if mode == "constant":
        compare(lambda lib, t: lib.nn.functional.pad(t, pad, mode, 2.5), floats(*x))
        compare(lambda lib, t: lib.nn.functional.pad(t, pad, value=-3), np.ones(x, "int64"))


@pytest.mark.parametrize(
    ("x", "weight", "bias"),
    [
        ((5, 3), (4, 3), (4,)),
        ((2, 5, 3), (4, 3), (4,)),
        ((3,), (4, 3), (4,)),
        ((5, 3), (3,), None),
        ((2, 5, 3), (4, 3), (5, 4)),
        ((5, 3), (4, 3), (1,)),
        ((0, 3), (4, 3), (4,)),
        ((5, 0), (4, 0), (4,)),
    ],
)
def test_linear(x, weight, bias):
    arrays = [floats(*s) for s in (x, weight, bias) if s is not None]
    compare(lambda lib, *t: lib.nn.functional.linear(*t), *arrays, terms=30)
    compare(lambda lib, *t: lib.nn.functional.linear(*t).square(), *arrays, terms=60)


def test_bilinear():
    arrays = floats(2, 5, 3), floats(2, 5, 4), floats(6, 3, 4), floats(6)
    compare(lambda lib, *t: lib.nn.functional.bilinear(*t), *arrays, terms=60)


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_activations(name):
    compare(lambda lib, x: getattr(lib.nn.functional, name)(x), floats(4, 5))


@pytest.mark.parametrize(
    "text",
    [
        "leaky_relu(x)",
        "leaky_relu(x, -0.5)",
        "elu(x)",
        "elu(x, 2.5)",
        "selu(x)",
        "gelu(x)",
        "gelu(x, approximate='tanh')",
        "silu(x)",
        "softplus(x)",
        "softplus(x, 3, 4)",
        "logsigmoid(x)",
        "hardtanh(x)",
        "hardtanh(x, -0.5, 2)",
        "relu6(x * 5)",
    ],
)
def test_further_activations(text):
    x = np.concatenate([floats(40), np.array([0, -1, 1, 6, -30, 30, 100, -100], "float32")])

    def call(lib, x):
        return eval(text, vars(lib.nn.functional) | {"x": x})

    compare(call, x)
    compare(call, np.array([np.inf, -np.inf, np.nan], "float32"), orders=0)


@pytest.mark.parametrize("name", ["leaky_relu", "elu", "selu", "hardtanh"])
def test_further_activations_in_place(name):
    x = minitorch.tensor(floats(5), requires_grad=True)
    y = x * 2
    out = getattr(minitorch.nn.functional, name + "_")(y)
    assert out is y
    expected = minitorch.tensor(floats(5), requires_grad=True)
    result = getattr(minitorch.nn.functional, name)(expected * 2)
    assert out.tolist() == result.tolist()
    out.sum().backward()
    result.sum().backward()
    assert x.grad.tolist() == expected.grad.tolist()


def test_hardtanh_of_integers():
    compare(lambda lib, x: lib.nn.functional.hardtanh(x, -2, 3), np.arange(-5, 6))


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize(("shape", "dim"), [((4, 5), 1), ((4, 5), 0), ((2, 3, 4), -2), ((7,), 0), ((), 0)])
def test_softmax(name, shape, dim):
    compare(lambda lib, x: getattr(lib.nn.functional, name)(x * 3, dim), floats(*shape), terms=10)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize("shape", [(), (3,), (3, 4), (2, 3, 4), (2, 2, 3, 4)])
def test_softmax_without_a_dimension_warns_and_takes_torchs(name, shape):
    results = []
    for lib in LIBRARIES:
        with pytest.warns(UserWarning, match="Implicit dimension choice for " + name):
            results.append(getattr(lib.nn.functional, name)(lib.tensor(floats(*shape))).cpu().numpy())
    np.testing.assert_allclose(*results, rtol=1e-6)


def test_softmax_converts_first():
    assert minitorch.nn.functional.softmax(minitorch.arange(3), 0, dtype=minitorch.float64).dtype is minitorch.float64


def test_normalize():
    compare(lambda lib, x: lib.nn.functional.normalize(x), floats(4, 5), terms=30)
    compare(lambda lib, x: lib.nn.functional.normalize(x, p=3, dim=0, eps=2.0), floats(4, 5), terms=30)


def test_one_hot():
    for classes in (-1, 5):
        compare(lambda lib, x: lib.nn.functional.one_hot(x, classes), np.array([[0, 2], [1, 1]]))  # noqa: B023


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("shape", [(), (5,), (4, 7), (3, 40, 5)])
def test_dropout_drops_what_torch_drops(p, dtype, shape):
    def both(lib):
        lib.manual_seed(3)
        x = lib.ones(shape, dtype=getattr(lib, dtype), requires_grad=True)
        y = lib.nn.functional.dropout(x, p)
        z = lib.nn.functional.dropout(y, p)
        z.sum().backward()
        return y.detach().cpu().numpy(), x.grad.cpu().numpy(), lib.rand(1).cpu().numpy()

    for a, b in zip(both(minitorch), both(torch), strict=True):
        np.testing.assert_array_equal(a, b)


def test_dropout_draws_in_the_order_of_memory():
    def both(lib):
        lib.manual_seed(3)
        return lib.nn.functional.dropout(lib.ones(6, 5, 4).permute(2, 0, 1)).cpu().numpy()

    np.testing.assert_array_equal(both(minitorch), both(torch))


def test_dropout_in_evaluation_and_in_place():
    x = minitorch.ones(1000)
    assert minitorch.nn.functional.dropout(x, 0.5, training=False) is x
    assert minitorch.nn.functional.dropout(x, 0.5, inplace=True) is x
    assert sorted(set(x.tolist())) == [0.0, 2.0]


def test_relu_in_place():
    x = minitorch.tensor([-1.0, 2.0])
    assert minitorch.nn.functional.relu(x, inplace=True) is x
    assert x.tolist() == [0.0, 2.0]
    with pytest.raises(RuntimeError, match="leaf"):
        minitorch.nn.functional.relu_(minitorch.ones(2, requires_grad=True))


def test_half_precision_is_summed_in_single():
    F, x = minitorch.nn.functional, np.full((1, 1, 64, 64), 1.001, "float16")
    t = minitorch.tensor(x)
    for y in (F.avg_pool2d(t, 64), F.adaptive_avg_pool2d(t, 1), F.conv2d(t, t / 4096), F.mse_loss(t, 0 * t)):
        assert y.dtype is minitorch.float16
        np.testing.assert_allclose(y.item(), 1.001, rtol=2e-3)


@pytest.mark.parametrize(
    "text",
    [
        "F.conv2d(ones(4, 4), ones(1, 1, 2, 2))",
        "F.conv2d(ones(2, 1, 1, 4, 4), ones(1, 1, 2, 2))",
        "F.conv2d(ones(1, 1, 4, 4), ones(1, 2, 2))",
        "F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 2, 2).double())",
        "F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 2, 2), ones(1).double())",
        "F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 2, 2), ones(2))",
        "F.conv2d(ones(1, 3, 4, 4), ones(1, 1, 2, 2))",
        "F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 5, 2))",
        "F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 2, 2), padding=-1)",
        "F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 2, 2), padding='all')",
        "F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 2, 2), padding='same', stride=2)",
        "F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 2, 2), stride=0)",
        "F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 2, 2), stride=(1, 1, 1))",
        "F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 2, 2), stride=1.0)",
        "F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 2, 2), dilation=0)",
        "F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 2, 2), groups=0)",
        "F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 2, 2), groups=2)",
        "F.conv2d([1], ones(1, 1, 2, 2))",
        "F.conv1d(ones(1, 1, 1, 4), ones(1, 1, 2))",
        "F.conv1d(ones(1, 3, 4), ones(1, 1, 2))",
        "F.conv1d(ones(1, 1, 4), ones(1, 1, 5))",
        "F.max_pool2d(ones(4, 4), 2)",
        "F.max_pool2d(ones(1, 1, 4, 4), (2, 2, 2))",
        "F.max_pool2d(ones(1, 1, 4, 4), 2.0)",
        "F.max_pool2d(ones(1, 1, 4, 4), 0)",
        "F.max_pool2d(ones(1, 1, 4, 4), 2, stride=0)",
        "F.max_pool2d(ones(1, 1, 4, 4), 2, padding=2)",
        "F.max_pool2d(ones(1, 1, 4, 4), 2, padding=-1)",
        "F.max_pool2d(ones(1, 1, 4, 4), 5)",
        "F.max_pool2d(ones(1, 0, 4, 4), 2)",
        "F.max_pool2d(ones(1, 1, 4, 4, dtype=torch.bool), 2)",
        "F.max_pool2d(1, 2)",
        "F.max_pool1d(ones(4), 2)",
        "F.max_pool1d(ones(1, 1, 4), 5)",
        "F.max_pool1d(ones(1, 1, 4), 2, padding=2)",
        "F.avg_pool2d(ones(4, 4), 2)",
        "F.avg_pool2d(ones(1, 1, 4, 4), 2, divisor_override=0)",
        "F.avg_pool2d(ones(1, 1, 4, 4), 2, ceil_mode=1)",
        "F.avg_pool2d(ones(1, 1, 4, 4, dtype=torch.int32), 2)",
        "F.avg_pool1d(ones(1, 1, 4), 5)",
        "F.adaptive_avg_pool2d(ones(4, 4), 2)",
        "F.adaptive_avg_pool2d(ones(1, 1, 4, 4), (2,))",
        "F.adaptive_avg_pool2d(ones(1, 1, 4, 4), -1)",
        "F.linear(ones(2, 3), ones(4, 5))",
        "F.linear(ones(2, 3), ones(4, 3).double())",
        "F.linear(ones(2, 3), ones(4, 3), ones(3))",
        "F.linear(ones(()), ones(4, 3))",
        "F.linear(3, ones(4, 3))",
        "F.linear(ones(2, 3, dtype=torch.bool), ones(4, 3, dtype=torch.bool))",
        "F.pad(ones(3, 3), (1,))",
        "F.pad(ones(3, 3), 1)",
        "F.pad(ones(3, 3), (1.0, 1))",
        "F.pad(ones(3, 3), (1, 1, 1, 1, 1, 1))",
        "F.pad(ones(3), (1, 1), 'reflect')",
        "F.pad(ones(3, 3, 3), (3, 1), 'reflect')",
        "F.pad(ones(3, 3), (1, 1), 'mirror')",
        "F.pad(ones(3, 3), (1, 1), 'reflect', 1.0)",
        "F.pad(ones(3, 3, 3), (4, 1), 'circular')",
        "F.pad(ones(3, 3), (-4, 0))",
        "F.pad(ones(1, 1, 0, 3), (1, 1, 1, 1), 'replicate')",
        "F.dropout(ones(3), 1.5)",
        "F.dropout(ones(3), -0.5)",
        "F.dropout(ones(3, dtype=torch.long), 0.5)",
        "F.dropout(ones(3, requires_grad=True), 0.5, True, True)",
        "F.softmax(ones(3, dtype=torch.long), 0)",
        "F.softmax(ones(3), 1)",
        "F.relu(ones(3, dtype=torch.bool))",
        "F.relu(1)",
        "F.gelu(ones(3), approximate='sine')",
        "F.gelu(ones(3, dtype=torch.long))",
        "F.softplus(ones(3, dtype=torch.long))",
        "F.elu(1)",
        "F.hardtanh(ones(3), 1, 0)",
        "F.hardtanh(ones(3, dtype=torch.bool))",
        "F.hardtanh(ones(3, dtype=torch.uint8))",
        "F.leaky_relu(ones(3, requires_grad=True), inplace=True)",
        "F.one_hot(torch.tensor([0, 1, 2]), 2)",
        "F.one_hot(torch.tensor([0, -1, 2]))",
        "F.one_hot(torch.tensor([0, 1.0]))",
        "F.one_hot(torch.tensor([], dtype=torch.long))",
        "F.normalize(ones(3, 3, dtype=torch.long))",
    ],
)
def test_bad_arguments_raise_torchs_errors(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raises_alike(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("F.conv2d(ones(2, 3, 8, 8), ones(4, 5, 3, 3))", ["[4, 5, 3, 3]", "[2, 3, 8, 8]", "5 channels", "got 3"]),
        ("F.linear(ones(2, 3), ones(4, 5))", ["[2, 3]", "[4, 5]", "(2x3 and 5x4)"]),
        ("F.max_pool2d(ones(1, 2, 4, 4), 5)", ["(2x4x4)", "too small"]),
        ("F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 5, 5))", ["(4 x 4)", "(5 x 5)"]),
        ("F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 2, 2).double())", ["float32", "float64"]),
    ],
)
def test_messages_say_expected_and_actual(text, words):
    message = raises_alike(text)
    for word in words:
        assert word in message
