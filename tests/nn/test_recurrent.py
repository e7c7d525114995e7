"""Recurrent layers and cells against torch: values, derivatives of two orders, initialisation, state, errors."""

from __future__ import annotations

import copy
import inspect
import itertools
import pickle
import warnings

import numpy as np
import pytest
import torch

import kernels
import minitorch
from kernels.rnn import Steps
from tests.nn.compare import LIBRARIES, floats, raises_alike

LAYERS = ("RNN", "LSTM", "GRU")
CELLS = ("RNNCell", "LSTMCell", "GRUCell")
INPUT, HIDDEN, BATCH, STEPS = 3, 4, 2, 3


def build(lib, name, *args, seed=3, dtype="float64", **options):
    """A module that starts from `seed`, in float64 unless told otherwise."""
    lib.manual_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dropout with one layer
        module = getattr(lib.nn, name)(*args, **options)
    return module.to(getattr(lib, dtype))


def flat(value):
    """The tensors of a nested tuple."""
    return [t for v in value for t in flat(v)] if isinstance(value, tuple | list) else [value]


def states_of(module, name, batch=(BATCH,), grad=True, lib=minitorch):
    """Initial states for a layer, as (h, c) or h."""
    layers = module.num_layers * (2 if module.bidirectional else 1)
    sizes = [module.proj_size or module.hidden_size] + [module.hidden_size] * (name == "LSTM")
    states = [tensor(lib, floats(layers, *batch, s, seed=i), grad) for i, s in enumerate(sizes)]
    return tuple(states) if name == "LSTM" else states[0]


def tensor(lib, array, grad=True, dtype="float64"):
    return lib.tensor(array.astype(dtype)).requires_grad_(grad)


def derivatives(lib, module, outs, inputs, orders=2):
    """`outs`, their gradients for inputs and parameters in a random direction, and the gradients of those."""
    wanted = [*inputs, *module.parameters()]
    found = [*outs]
    for order in range(orders):
        outs = [o for o in outs if o.requires_grad]
        directions = [tensor(lib, floats(*o.shape, seed=order + i)) for i, o in enumerate(outs)]
        grads = lib.autograd.grad(outs, wanted, directions, create_graph=order + 1 < orders, allow_unused=True)
        found += [lib.zeros_like(w) if g is None else g for g, w in zip(grads, wanted, strict=True)]
        outs, wanted = [g for g in grads if g is not None], wanted + directions
    return [t.numpy(force=True) for t in found]


def assert_close(ours, theirs, tolerance=1e-10):
    assert len(ours) == len(theirs)
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        assert (a.shape, a.dtype) == (b.shape, b.dtype), f"result {i}"
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=f"result {i}")


OPTIONS = [
    {},
    {"bias": False},
    {"batch_first": True},
    {"bidirectional": True},
    {"num_layers": 2},
    {"num_layers": 3, "bidirectional": True, "batch_first": True},
    {"num_layers": 2, "bidirectional": True, "bias": False},
]
VARIANTS = [
    *((name, options) for name in LAYERS for options in OPTIONS),
    *(("RNN", {"nonlinearity": "relu", **options}) for options in OPTIONS),
    *(("LSTM", {"proj_size": 2, **options}) for options in OPTIONS),
]


@pytest.mark.parametrize(("name", "options"), VARIANTS)
@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("batched", [False, True])
def test_layer_and_its_derivatives(name, options, given, batched):
    results = []
    for lib in LIBRARIES:
        module = build(lib, name, INPUT, HIDDEN, **options)
        shape = [STEPS, INPUT]
        if batched:
            shape.insert(0 if options.get("batch_first") else 1, BATCH)
        x = tensor(lib, floats(*shape))
        hx = states_of(module, name, (BATCH,) if batched else (), lib=lib) if given else None
        outs = flat(module(x, hx) if given else module(x))
        results.append(derivatives(lib, module, outs, [x, *flat(hx)] if given else [x]))
    assert_close(*results)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("picked", [0, -1])
def test_a_result_that_is_not_used_has_no_gradient(name, picked):
    results = []
    for lib in LIBRARIES:
        module = build(lib, name, INPUT, HIDDEN, num_layers=2)
        x = tensor(lib, floats(STEPS, BATCH, INPUT))
        results.append(derivatives(lib, module, [flat(module(x))[picked]], [x]))
    assert_close(*results)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("batch", [(), (BATCH,)])
def test_cell_and_its_derivatives(name, bias, given, batch):
    for options in ({}, {"nonlinearity": "relu"}) if name == "RNNCell" else ({},):
        results = []
        for lib in LIBRARIES:
            cell = build(lib, name, INPUT, HIDDEN, bias, **options)
            x = tensor(lib, floats(*batch, INPUT))
            states = [tensor(lib, floats(*batch, HIDDEN, seed=i)) for i in range(2 if name == "LSTMCell" else 1)]
            hx = tuple(states) if len(states) > 1 else states[0]
            outs = flat(cell(x, hx) if given else cell(x))
            results.append(derivatives(lib, cell, outs, [x, *states] if given else [x]))
        assert_close(*results)


@pytest.mark.parametrize("name", LAYERS)
def test_single_precision_is_as_precise_as_torchs(name):
    results = []
    for lib in LIBRARIES:
        for dtype in ("float32", "float64"):
            module = build(lib, name, 8, 16, num_layers=2, bidirectional=True, dtype=dtype)
            x = tensor(lib, floats(20, 6, 8), dtype=dtype)
            outs = flat(module(x))
            weights = [tensor(lib, floats(*o.shape), dtype=dtype) for o in outs]
            grads = lib.autograd.grad(outs, [x, *module.parameters()], weights)
            results.append([t.numpy(force=True) for t in (*outs, *grads)])
    for ours, oracle, theirs in zip(results[0], results[3], results[2], strict=True):
        allowed = max(np.abs(theirs - oracle).max(), 4 * np.spacing(np.float32(np.abs(oracle).max())))
        assert np.abs(ours - oracle).max() <= 4 * allowed


@pytest.mark.parametrize("name", [*LAYERS, *CELLS])
@pytest.mark.parametrize("bias", [True, False])
def test_the_same_seed_gives_the_same_weights(name, bias):
    options = {} if name in CELLS else {"num_layers": 2, "bidirectional": True}
    for extra in ({}, {"proj_size": 2}) if name == "LSTM" else ({},):
        ours, theirs = (
            build(lib, name, 5, 7, bias=bias, dtype="float32", seed=11, **options, **extra) for lib in LIBRARIES
        )
        expected = dict(theirs.named_parameters())
        assert [n for n, _ in ours.named_parameters()] == list(expected)
        for key, parameter in ours.named_parameters():
            np.testing.assert_array_equal(parameter.numpy(force=True), expected[key].numpy(force=True))


@pytest.mark.parametrize(("name", "options"), [*VARIANTS[::5], *((name, {}) for name in CELLS)])
def test_state_is_exchanged_both_ways(name, options):
    ours, theirs = (build(lib, name, INPUT, HIDDEN, seed=seed, **options) for seed, lib in enumerate(LIBRARIES))
    x = floats(BATCH, INPUT) if name in CELLS else floats(STEPS, BATCH, INPUT)
    for target, source in ((ours, theirs), (theirs, ours)):
        lib = minitorch if target is ours else torch
        with lib.no_grad():
            for p in target.parameters():
                p.uniform_(-1, 1)
        state = {key: lib.tensor(value.cpu().numpy()) for key, value in source.state_dict().items()}
        assert str(target.load_state_dict(state)) == "<All keys matched successfully>"
        results = [flat(m(lib.tensor(x, dtype=lib.float64))) for m, lib in zip((ours, theirs), LIBRARIES, strict=True)]
        assert_close(*([t.numpy(force=True) for t in r] for r in results))


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("dropout", [0.3, 1.0])
def test_dropout_between_layers_drops_what_torch_drops(name, batch_first, bidirectional, dropout):
    options = {"num_layers": 3, "dropout": dropout, "batch_first": batch_first, "bidirectional": bidirectional}
    trained, evaluated = [], []
    for lib in LIBRARIES:
        module = build(lib, name, INPUT, HIDDEN, **options, dtype="float32")
        x = tensor(lib, floats(6, 7, INPUT), dtype="float32")
        lib.manual_seed(5)
        outs = flat(module(x))
        (grad,) = lib.autograd.grad(outs[0].sum(), x)
        trained.append([t.numpy(force=True) for t in (*outs, grad)])
        evaluated.append([t.numpy(force=True) for t in flat(module.eval()(x))])
    assert_close(*trained, tolerance=2e-6)
    assert_close(*evaluated, tolerance=2e-6)
    assert not np.allclose(trained[0][0], evaluated[0][0])


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}])
def test_an_empty_batch(name, options):
    shapes = [
        [tuple(t.shape) for t in flat(build(lib, name, INPUT, HIDDEN, **options)(lib.ones(5, 0, 3, dtype=lib.float64)))]
        for lib in LIBRARIES
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("name", [*LAYERS, *CELLS])
def test_half_precision(name):
    shape = (BATCH, INPUT) if name in CELLS else (STEPS, BATCH, INPUT)
    results = []
    for lib in LIBRARIES:
        module = build(lib, name, INPUT, HIDDEN, dtype="float16")
        outs = flat(module(lib.tensor(floats(*shape)).half()))
        assert all(o.dtype is lib.float16 for o in outs)
        results.append([o.numpy(force=True) for o in outs])
    assert_close(*results, tolerance=4e-3)


@pytest.mark.parametrize("name", [*LAYERS, *CELLS])
def test_inputs_of_any_layout_and_hidden_state_carried_on(name):
    cell = name in CELLS
    results = []
    for lib in LIBRARIES:
        module = build(lib, name, INPUT, HIDDEN)
        x = tensor(lib, floats(2 * INPUT, BATCH, STEPS))[::2].permute(2, 1, 0)
        outs, hx = [], None
        for part in x if cell else (x[:2], x[2:]):
            result = module(part, hx)
            out, hx = (flat(result)[0], result) if cell else result
            outs += flat(out)
        results.append(derivatives(lib, module, outs, [], orders=1))
    assert_close(*results)


def test_forward_writes_to_none_of_its_arguments():
    module = build(minitorch, "LSTM", INPUT, HIDDEN, num_layers=2, bidirectional=True)
    x = tensor(minitorch, floats(STEPS, BATCH, INPUT))
    hx = states_of(module, "LSTM")
    before = [t.numpy(force=True).copy() for t in (x, *hx, *module.parameters())]
    out, (h, c) = module(x, hx)
    (out.sum() + h.sum() + c.sum()).backward()
    for t, b in zip((x, *hx, *module.parameters()), before, strict=True):
        np.testing.assert_array_equal(t.numpy(force=True), b)


@pytest.mark.parametrize("name", LAYERS)
def test_third_order_by_finite_differences(name):
    module = build(minitorch, name, 2, 2)
    x0 = floats(3, 1, 2).astype("float64")

    def second(x):
        x = minitorch.tensor(x).requires_grad_()
        out = module(x)[0]
        (g,) = minitorch.autograd.grad(out.square().sum(), x, create_graph=True)
        (s,) = minitorch.autograd.grad(g.square().sum(), x, create_graph=True)
        return x, s.square().sum()

    x, value = second(x0)
    (found,) = minitorch.autograd.grad(value, x)
    step = 1e-5 * floats(3, 1, 2, seed=9)
    slope = (second(x0 + step)[1].item() - second(x0 - step)[1].item()) / 2
    np.testing.assert_allclose((found.cpu().numpy() * step).sum(), slope, rtol=1e-6, atol=1e-14)


@pytest.mark.parametrize("name", LAYERS)
def test_frozen_parameters_and_a_leaf_input(name):
    results = []
    for lib in LIBRARIES:
        module = build(lib, name, INPUT, HIDDEN, num_layers=2)
        module.weight_hh_l0.requires_grad_(False)
        module.bias_ih_l1.requires_grad_(False)
        module(tensor(lib, floats(STEPS, BATCH, INPUT), grad=False))[0].square().sum().backward()
        results.append([p.grad if p.grad is None else p.grad.cpu().numpy() for p in module.parameters()])
    assert [g is None for g in results[0]] == [g is None for g in results[1]]
    assert_close(*([g for g in r if g is not None] for r in results))


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"num_layers": 2, "bias": False, "batch_first": True, "dropout": 0.5, "bidirectional": True},
        {"bidirectional": 1},
    ],
)
def test_repr_names_and_weights_in_lists(name, options):
    ours, theirs = (build(lib, name, INPUT, HIDDEN, **options) for lib in LIBRARIES)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [[tuple(w.shape) for w in ws] for ws in ours.all_weights] == [
        [tuple(w.shape) for w in ws] for ws in theirs.all_weights
    ]
    assert [tuple(w.shape) for w in ours._flat_weights] == [tuple(w.shape) for w in theirs._flat_weights]
    assert ours.all_weights[0][0] is ours.weight_ih_l0
    assert ours.flatten_parameters() is None
    for attribute in ("mode", "input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "proj_size"):
        assert getattr(ours, attribute) == getattr(theirs, attribute)


@pytest.mark.parametrize(
    "text",
    [
        "nn.LSTM(3, 4, 2, proj_size=2)",
        "nn.RNN(3, 4, 1, 'relu', False)",
        "nn.RNNCell(3, 4, nonlinearity='relu')",
        "nn.LSTMCell(3, 4, bias=False)",
        "nn.GRUCell(3, 4)",
    ],
)
def test_repr(text):
    ours, theirs = (repr(eval(text, {"nn": lib.nn})) for lib in LIBRARIES)
    assert ours == theirs


@pytest.mark.parametrize("name", [*LAYERS, *CELLS])
def test_signatures(name):
    for method in ("__init__", "forward"):
        ours, theirs = (inspect.signature(getattr(getattr(lib.nn, name), method)) for lib in LIBRARIES)
        assert list(ours.parameters) == list(theirs.parameters)


@pytest.mark.parametrize("name", LAYERS)
def test_copies(name):
    module = build(minitorch, name, INPUT, HIDDEN, num_layers=2)
    x = tensor(minitorch, floats(STEPS, BATCH, INPUT))
    expected = module(x)[0]
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert twin.all_weights[0][0] is twin.weight_ih_l0
        assert (twin(x)[0] == expected).all()


@pytest.mark.parametrize("name", LAYERS)
def test_errors_of_layers(name):
    pair = "({0}, {0})".format if name == "LSTM" else "{0}".format
    make = f"nn.{name}(3, 4)"
    for text in (
        f"{make}(ones(0, 2, 3))",
        f"{make}(ones(5, 2, 3).double())",
        f"{make}(ones(5, 2, 3).long())",
        f"{make}(ones(5, 2, 3, 1))",
        f"{make}(ones(3))",
        f"{make}(ones(5, 2, 4))",
        f"{make}(ones(5, 2, 3), {pair('ones(2, 4)')})",
        f"{make}(ones(5, 2, 3), {pair('ones(1, 3, 4)')})",
        f"{make}(ones(5, 2, 3), {pair('ones(2, 2, 4)')})",
        f"{make}(ones(5, 2, 3), {pair('ones(1, 2, 5)')})",
        f"{make}(ones(5, 2, 3), {pair('ones(1, 2, 4).double()')})",
        f"{make}(ones(5, 3), {pair('ones(1, 2, 4)')})",
        f"{make}(ones(5, 3), {pair('ones(2, 4)')})",
        f"{make}([1.0])",
        *(
            f"nn.{name}({arguments})"
            for arguments in (
                "",
                "3",
                "3, 4, foo=1",
                "0, 4",
                "3, 0",
                "-1, 4",
                "3.0, 4",
                "3, 4.0",
                "3, 4, num_layers=0",
                "3, 4, num_layers=1.5",
                "3, 4, bias=1",
                "3, 4, batch_first=1",
                "3, 4, dropout=2",
                "3, 4, dropout=-1",
                "3, 4, dropout=True",
                "3, 4, dropout='a'",
                "3, 4, dropout=None",
                "3, 4, proj_size=4",
                "3, 4, proj_size=-1",
            )
        ),
    ):
        raises_alike(text)


def test_errors_of_one_layer_alone():
    for text in (
        "nn.RNN(3, 4, nonlinearity='sigmoid')",
        "nn.LSTM(3, 4)(ones(5, 2, 3), ones(1, 2, 4))",
        "nn.LSTM(3, 4)(ones(5, 2, 3), (ones(1, 2, 4), ones(1, 2, 5)))",
        "nn.LSTM(3, 4, proj_size=2)(ones(5, 2, 3), (ones(1, 2, 4), ones(1, 2, 4)))",
        "nn.RNNCell(3, 4, nonlinearity='sigmoid')(ones(2, 3))",
        "nn.LSTMCell(3, 4)(ones(2, 3), ones(2, 4))",
    ):
        raises_alike(text)


@pytest.mark.parametrize("name", CELLS)
def test_errors_of_cells(name):
    pair = "({0}, {0})".format if name == "LSTMCell" else "{0}".format
    make = f"nn.{name}(3, 4)"
    for text in (
        f"{make}(ones(1, 2, 3))",
        f"{make}(ones(()))",
        f"{make}(ones(2, 4))",
        f"{make}(ones(2, 3), {pair('ones(1, 2, 4)')})",
        f"{make}(ones(2, 3), {pair('ones(3, 4)')})",
        f"{make}(ones(2, 3), {pair('ones(2, 5)')})",
        f"{make}(ones(3), {pair('ones(1, 4)')})",
        f"{make}(ones(1, 3), {pair('ones(4)')})",
        f"{make}(ones(2, 3).double())",
        f"{make}(ones(2, 3), {pair('ones(2, 4).double()')})",
        f"{make}([1.0])",
        f"nn.{name}(-3, 4)",
        f"nn.{name}(3.0, 4)",
    ):
        raises_alike(text)


def test_dropout_with_one_layer_warns():
    for lib in LIBRARIES:
        with pytest.warns(UserWarning, match="num_layers greater than 1") as caught:
            lib.nn.GRU(3, 4, dropout=0.5)
        if lib is minitorch:
            assert caught[0].filename == __file__


# -- kernels

SIZES = [(3,) * 4, (1,) * 3, (2,), (4, 3, 3, 1), (2, 1, 1), (0, 0)]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-13), ("float32", 2e-5)])
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("reverse", [False, True])
def test_the_tuned_kernels_are_the_reference(dtype, tolerance, sizes, reverse):
    rows, n, size = sum(sizes), sizes[0], 5
    count = itertools.count()

    def normal(*shape):
        return floats(*shape, seed=next(count)).astype(dtype) / 2

    calls = []
    for nonlinearity in ("tanh", "relu"):
        h0, weight = normal(n, size), normal(size, size)
        calls.append(("rnn", (normal(rows, size), h0, weight, nonlinearity, Steps(sizes, reverse))))
        out = kernels.rnn(*calls[-1][1])[0]
        for g in itertools.product((None, normal(rows, size)), (None, normal(n, size))):
            calls.append(("rnn_grad", (out, h0, weight, *g, nonlinearity, Steps(sizes, reverse))))
    for projected in (0, 2):
        out_size = projected or size
        h0, c0, weight = normal(n, out_size), normal(n, size), normal(4 * size, out_size)
        projection = normal(projected, size) if projected else None
        calls.append(("lstm", (normal(rows, 4 * size), h0, c0, weight, projection, Steps(sizes, reverse))))
        out, _, _, gates, cells = kernels.lstm(*calls[-1][1])
        for g in itertools.product(
            (None, normal(rows, out_size)), (None, normal(n, out_size)), (None, normal(n, size))
        ):
            calls.append(("lstm_grad", (gates, cells, out, h0, c0, weight, projection, *g, Steps(sizes, reverse))))
    for bias in (None, normal(3 * size)):
        h0, weight = normal(n, size), normal(3 * size, size)
        calls.append(("gru", (normal(rows, 3 * size), h0, weight, bias, Steps(sizes, reverse))))
        out, _, gates = kernels.gru(*calls[-1][1])
        for g in itertools.product((None, normal(rows, size)), (None, normal(n, size))):
            calls.append(("gru_grad", (gates, out, h0, weight, *g, Steps(sizes, reverse))))
    for name, args in calls:
        tuned = getattr(kernels, name)(*args)
        with kernels.using("reference"):
            reference = getattr(kernels, name)(*args)
        assert [t is None for t in tuned] == [r is None for r in reference]
        pairs = [(t, r) for t, r in zip(tuned, reference, strict=True) if t is not None]
        assert_close(*zip(*pairs, strict=True), tolerance=tolerance)


@pytest.mark.host("the form for NumPy")
@pytest.mark.parametrize("name", LAYERS)
def test_large_inputs_saturate_without_a_warning(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for form in ("numpy", "reference"):
            with kernels.using(form):
                x = minitorch.full((3, 2, INPUT), 1e4, requires_grad=True)
                out = build(minitorch, name, INPUT, HIDDEN, dtype="float32")(x)[0]
                out.sum().backward()
            assert out.isfinite().all()
            assert x.grad.isfinite().all()
