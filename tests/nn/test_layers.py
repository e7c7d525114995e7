"""The layers: torch's initial values, attributes, texts and results."""

from __future__ import annotations

import copy
import inspect
import pickle
import warnings

import numpy as np
import pytest
import torch

import minitorch
from tests.nn.compare import LIBRARIES, compare, floats, raises_alike

LAYERS = [
    ("nn.Identity(3, a=1)", (2, 3)),
    ("nn.Linear(3, 4)", (2, 3)),
    ("nn.Linear(3, 4, bias=False)", (5, 2, 3)),
    ("nn.Linear(300, 7)", (3, 300)),
    ("nn.Linear(1, 1)", (1, 1)),
    ("nn.Conv2d(1, 2, 3)", (2, 1, 5, 6)),
    ("nn.Conv2d(4, 6, (3, 2), stride=(1, 2), padding=(2, 0), dilation=(1, 2), groups=2)", (2, 4, 6, 7)),
    ("nn.Conv2d(3, 4, [2, 3], bias=False, padding='same')", (3, 5, 6)),
    ("nn.Conv2d(3, 4, 3, padding='valid')", (2, 3, 5, 6)),
    ("nn.Conv2d(3, 4, 3, padding=(1, 2), padding_mode='reflect')", (2, 3, 5, 6)),
    ("nn.Conv2d(3, 4, (4, 3), padding='same', padding_mode='circular')", (2, 3, 5, 6)),
    ("nn.Conv2d(3, 4, 3, padding=2, padding_mode='replicate', stride=2)", (2, 3, 5, 6)),
    ("nn.Conv1d(3, 4, 3)", (2, 3, 9)),
    ("nn.Conv1d(4, 6, 3, 2, 1, 2, 2, False, 'circular')", (4, 9)),
    ("nn.Conv1d(4, 6, 4, padding='same', padding_mode='replicate')", (2, 4, 9)),
    ("nn.ConvTranspose2d(3, 4, 3)", (2, 3, 5, 6)),
    ("nn.ConvTranspose2d(4, 6, (3, 2), (2, 3), (1, 0), (1, 2), 2, False, (1, 2))", (4, 5, 6)),
    ("nn.ConvTranspose2d(40, 3, 5, dilation=3, output_padding=2)", (2, 40, 4, 3)),
    ("nn.Unfold((3, 2), dilation=(1, 2), padding=1, stride=2)", (2, 3, 6, 7)),
    ("nn.Fold((4, 5), (2, 3), stride=(2, 1))", (2, 12, 6)),
    ("nn.Upsample(scale_factor=2)", (2, 3, 4, 5)),
    ("nn.Upsample((7, 3), mode='bilinear', align_corners=True)", (2, 3, 4, 5)),
    ("nn.Upsample(scale_factor=(1.5, 0.5), mode='bicubic', recompute_scale_factor=True)", (2, 3, 4, 5)),
    ("nn.MaxPool1d(2)", (2, 3, 8)),
    ("nn.MaxPool2d(2)", (2, 3, 6, 7)),
    (
        "nn.MaxPool2d((3, 2), stride=(2, 1), padding=(1, 0), dilation=1, return_indices=True, ceil_mode=True)",
        (2, 3, 6, 7),
    ),
    ("nn.AvgPool1d(2)", (2, 3, 8)),
    ("nn.AvgPool2d(2)", (2, 3, 6, 7)),
    ("nn.AvgPool2d((3, 2), (2, 1), (1, 0), ceil_mode=True, count_include_pad=False, divisor_override=5)", (2, 3, 6, 7)),
    ("nn.AdaptiveAvgPool2d((3, None))", (2, 3, 6, 7)),
    ("nn.AdaptiveAvgPool1d(3)", (2, 3, 7)),
    ("nn.Flatten()", (2, 3, 4)),
    ("nn.Flatten(0, 1)", (2, 3, 4)),
    ("nn.Unflatten(1, (2, -1))", (3, 6)),
    ("nn.ReLU()", (2, 3)),
    ("nn.Sigmoid()", (2, 3)),
    ("nn.Tanh()", (2, 3)),
    ("nn.LeakyReLU(0.3)", (2, 3)),
    ("nn.ELU(1.5)", (2, 3)),
    ("nn.SELU()", (2, 3)),
    ("nn.GELU('tanh')", (2, 3)),
    ("nn.SiLU()", (2, 3)),
    ("nn.Softplus(2, 5)", (2, 3)),
    ("nn.LogSigmoid()", (2, 3)),
    ("nn.Hardtanh(-0.5, 2.0)", (2, 3)),
    ("nn.ReLU6()", (2, 3)),
    ("nn.Softmax(dim=-1)", (2, 3)),
    ("nn.LogSoftmax(1)", (2, 3)),
    ("nn.Dropout(0.3)", (4, 5)),
    ("nn.ZeroPad1d(2)", (2, 3, 4)),
    ("nn.ZeroPad2d((1, 2, 0, 3))", (2, 3, 4, 5)),
    ("nn.ConstantPad1d((1, 0), 2.5)", (2, 3)),
    ("nn.ConstantPad2d(1, 3)", (2, 3, 4)),
    ("nn.ReflectionPad1d(2)", (2, 3, 4)),
    ("nn.ReflectionPad2d((1, 2, 0, 3))", (2, 3, 4, 5)),
    ("nn.ReplicationPad1d(2)", (3, 4)),
    ("nn.ReplicationPad2d(2)", (2, 3, 4, 5)),
    ("nn.CircularPad1d((1, 3))", (2, 3, 4)),
    ("nn.CircularPad2d(2)", (3, 4, 5)),
]
IN_PLACE = ["ReLU", "LeakyReLU", "ELU", "SELU", "SiLU", "Hardtanh", "ReLU6"]
TEXTS = [text for text, _ in LAYERS] + [f"nn.{name}(inplace=True)" for name in IN_PLACE]
TEXTS += ["nn.Softmax()", "nn.Dropout(p=1, inplace=True)"]
TYPES = sorted({text.partition("(")[0] for text, _ in LAYERS})


def build(lib, text, dtype="float32"):
    lib.manual_seed(2)
    return eval(text, {"nn": lib.nn}).to(getattr(lib, dtype))


@pytest.mark.parametrize("text", [text for text, _ in LAYERS])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_the_same_seed_gives_the_same_initial_values(text, dtype):
    def state(lib):
        lib.manual_seed(5)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            lib.set_default_dtype(getattr(lib, dtype))
            try:
                layer = eval(text, {"nn": lib.nn})
            finally:
                lib.set_default_dtype(lib.float32)
        return {k: v.detach().cpu().numpy() for k, v in layer.state_dict().items()}, lib.rand(2).cpu().numpy()

    (ours, after), (theirs, after_theirs) = state(minitorch), state(torch)
    assert list(ours) == list(theirs)
    for key, value in theirs.items():
        assert ours[key].dtype == value.dtype
        np.testing.assert_array_equal(ours[key], value)
    np.testing.assert_array_equal(after, after_theirs)


@pytest.mark.parametrize("text", TEXTS)
def test_texts_and_attributes(text):
    ours, theirs = (build(lib, text) for lib in LIBRARIES)
    assert repr(ours) == repr(theirs)
    for name, value in vars(theirs).items():
        if (name.startswith("_") and name != "_reversed_padding_repeated_twice") or callable(value):
            continue
        found = getattr(ours, name)
        assert (tuple(found) if isinstance(value, list) else found) == (
            tuple(value) if isinstance(value, list) else value
        ), name
    assert ours._version == theirs._version


@pytest.mark.parametrize("name", TYPES)
def test_signatures(name):
    ours, theirs = (inspect.signature(eval(name, {"nn": lib.nn})) for lib in LIBRARIES)
    assert [(p.name, p.kind, p.default) for p in ours.parameters.values()] == [
        (p.name, p.kind, p.default) for p in theirs.parameters.values()
    ]


@pytest.mark.parametrize(("text", "shape"), LAYERS)
@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_results_and_gradients(text, shape):
    def call(lib, x):
        layer = build(lib, text, str(x.dtype).removeprefix("torch."))
        lib.manual_seed(9)
        out = layer(x)
        parameters = list(layer.parameters())
        if parameters:
            grads = lib.autograd.grad(out.sum(), parameters, retain_graph=True)
            return (out, *grads)
        return out

    compare(call, floats(*shape), terms=300)


@pytest.mark.parametrize(("text", "shape"), LAYERS)
@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_evaluation_copies_and_pickles(text, shape):
    layer, x = build(minitorch, text).eval(), minitorch.tensor(floats(*shape))
    results = [layer(x), copy.deepcopy(layer)(x), pickle.loads(pickle.dumps(layer))(x)]
    first, *others = [r[0].tolist() if isinstance(r, tuple) else r.tolist() for r in results]
    assert all(other == first for other in others)


def test_dropout_only_in_training():
    layer, x = minitorch.nn.Dropout(0.5), minitorch.ones(100)
    assert layer.eval()(x) is x
    assert 20 < (layer.train()(x) == 0).sum().item() < 80


def test_in_place_layers_write_into_their_input():
    x = minitorch.tensor([-1.0, 1.0])
    assert minitorch.nn.ReLU(inplace=True)(x) is x
    assert x.tolist() == [0.0, 1.0]


def test_device_and_dtype_of_parameters():
    for text in ("nn.Linear(2, 3, device='cpu', dtype=torch.float64)", "nn.Conv2d(1, 2, 3, dtype=torch.float64)"):
        layer = eval(text, {"nn": minitorch.nn, "torch": minitorch})
        assert {p.dtype for p in layer.parameters()} == {minitorch.float64}


def test_resetting_draws_again():
    def both(lib):
        lib.manual_seed(1)
        layer = lib.nn.Conv2d(2, 3, 3)
        layer.reset_parameters()
        return layer.weight.detach().cpu().numpy()

    np.testing.assert_array_equal(both(minitorch), both(torch))


def test_a_net_trains_like_torchs():
    def losses(lib):
        lib.manual_seed(0)
        nn = lib.nn
        net = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.2), nn.Linear(36, 5)
        )
        x, t = lib.rand(16, 1, 6, 6), lib.randint(0, 5, (16,))
        criterion, found = nn.CrossEntropyLoss(label_smoothing=0.1), []
        for _ in range(20):
            loss = criterion(net(x), t)
            net.zero_grad()
            loss.backward()
            with lib.no_grad():
                for p in net.parameters():
                    p -= 0.2 * p.grad
            found.append(loss.item())
        return found

    ours, theirs = losses(minitorch), losses(torch)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)
    assert ours[-1] < 0.9 * ours[0]


@pytest.mark.parametrize(
    "text",
    [
        "nn.Conv2d(3, 4, 3, groups=0)",
        "nn.Conv2d(3, 4, 3, groups=2)",
        "nn.Conv2d(4, 3, 3, groups=2)",
        "nn.Conv2d(3, 4, 3, padding='all')",
        "nn.Conv2d(3, 4, 3, padding='same', stride=2)",
        "nn.Conv2d(3, 4, 3, padding_mode='mirror')",
        "nn.Conv2d(3, 4, 3, padding=-1)(ones(1, 3, 8, 8))",
        "nn.Conv2d(3, 4, 3)(ones(1, 2, 8, 8))",
        "nn.Conv2d(3, 4, 3)(ones(1, 3, 2, 2))",
        "nn.Conv2d(3, 4, 3)(ones(8, 8))",
        "nn.Conv2d(3, 4, 3, padding=5, padding_mode='reflect')(ones(1, 3, 4, 4))",
        "nn.Conv2d(3, 4, 3)(ones(1, 3, 8, 8).double())",
        "nn.Linear(3, 4)(ones(2, 5))",
        "nn.Linear(3, 4)(ones(2, 3).double())",
        "nn.Linear(3, 4)(ones(2, 3, dtype=torch.long))",
        "nn.Linear(3)",
        "nn.Linear(3, -4)",
        "nn.MaxPool2d(5)(ones(1, 1, 4, 4))",
        "nn.MaxPool2d(2, padding=2)(ones(1, 1, 4, 4))",
        "nn.AvgPool2d(0)(ones(1, 1, 4, 4))",
        "nn.Dropout(2)",
        "nn.Dropout(-0.1)",
        "nn.Unflatten(1, 3)",
        "nn.Unflatten(1, (2.0, 3))",
        "nn.Unflatten(1, (2, 2))(ones(3, 6))",
        "nn.Flatten(1, 5)(ones(3, 6))",
        "nn.CircularPad2d(1)(ones(3, 6))",
        "nn.ReflectionPad2d(4)(ones(1, 1, 4, 4))",
        "nn.Softmax(3)(ones(3))",
        "nn.Hardtanh(1, 1)",
    ],
)
def test_bad_arguments_raise_torchs_errors(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raises_alike(text)
