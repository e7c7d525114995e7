"""Packed and padded sequences against torch, and recurrent layers that take them."""

from __future__ import annotations

import inspect
import pickle

import numpy as np
import pytest

import minitorch
import minitorch.nn.utils.rnn
from tests.both import both, caught
from tests.nn.compare import LIBRARIES, floats
from tests.nn.test_recurrent import assert_close, build, derivatives, flat, states_of, tensor

CONVERSIONS = ("double", "float", "half", "long", "int", "short", "char", "byte", "cpu")
LENGTHS = [[5, 3, 3, 1], [2, 5, 1, 4], [4, 4, 4, 4], [1, 1, 1, 1], [3, 5, 5, 2]]


def packed_parts(packed):
    """The tensors of a packed sequence, None where there is none."""
    return [packed.data, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices]


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("shape", [(), (2,), (2, 3)])
@both
def test_pack_and_pad(torch, lengths, batch_first, shape):
    rnn = torch.nn.utils.rnn
    x = torch.tensor(floats(*((4, 5) if batch_first else (5, 4)), *shape)).requires_grad_()
    results = []
    in_order = lengths == sorted(lengths, reverse=True)
    for given in (lengths, torch.tensor(lengths, device="cpu")):
        packed = rnn.pack_padded_sequence(x, given, batch_first, enforce_sorted=in_order)
        results += [repr(type(packed).__name__), *packed_parts(packed)]
        for options in ({}, {"padding_value": -1.5, "total_length": 7}, {"total_length": 5}):
            padded, found = rnn.pad_packed_sequence(packed, batch_first, **options)
            (grad,) = torch.autograd.grad((padded * padded).sum(), x, retain_graph=True)
            results += [padded, found, grad]
        results += rnn.unpack_sequence(packed)
    return results


@pytest.mark.parametrize("padding_side", ["right", "left"])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("shape", [(), (2,)])
@both
def test_sequences(torch, padding_side, batch_first, shape):
    rnn = torch.nn.utils.rnn
    parts = [torch.tensor(floats(n, *shape)).requires_grad_() for n in (2, 4, 0, 3)]
    padded = rnn.pad_sequence(parts, batch_first, 2.0, padding_side)
    grads = torch.autograd.grad((padded * padded).sum(), parts)
    again = rnn.unpad_sequence(padded.detach().clone(), torch.tensor([2, 4, 0, 3]), batch_first)
    some = [parts[1], parts[3], parts[0]]
    packed = rnn.pack_sequence(some)
    unsorted = rnn.pack_sequence(some[::-1], enforce_sorted=False)
    results = [padded, *grads, *packed_parts(packed), *packed_parts(unsorted), *rnn.unpack_sequence(unsorted)]
    return results + (again if padding_side == "right" else [])


@pytest.mark.host("lengths lie there")
@both
def test_padding_of_other_dtypes_and_iterables(torch):
    rnn = torch.nn.utils.rnn
    long, double = torch.tensor([1, 2]), torch.tensor([1.5, 2.5, 3.5], dtype=torch.float64)
    return [
        rnn.pad_sequence([long, double]),
        rnn.pad_sequence([double, long], padding_value=9),
        rnn.pad_sequence(iter([long, long[:1]]), padding_value=1.75),
        rnn.pad_sequence(torch.arange(6).reshape(2, 3)),
        rnn.pad_packed_sequence(rnn.pack_sequence([long, long[:1]]), padding_value=-1)[0],
        rnn.pack_padded_sequence(torch.ones(2, 2), [2.9, 1.2]).batch_sizes,
        rnn.pack_padded_sequence(torch.ones(2, 2), torch.tensor([2.0, 1.0])).batch_sizes,
    ]


@pytest.mark.host("lengths lie there")
@both
def test_a_packed_sequence_as_a_tuple(torch):
    rnn = torch.nn.utils.rnn
    data, sizes, order = torch.arange(3.0), torch.tensor([2, 1]), torch.tensor([1, 0])
    packed = rnn.PackedSequence(data, sizes, order)
    pair = rnn.PackedSequence((data, sizes))
    a, b, c, d = packed
    return [
        (a, b, c, d),
        repr(pair),
        tuple(pair),
        packed.to(torch.float32) is packed,
        *(getattr(packed, name)().data for name in CONVERSIONS),
        packed.double().sorted_indices,
        packed.is_cuda,
        packed.is_pinned(),
        isinstance(packed, tuple),
        packed._fields,
        rnn.invert_permutation(torch.tensor([2, 0, 3, 1])),
        rnn.invert_permutation(None),
        type(caught(lambda: rnn.PackedSequence(data))).__name__,
    ]


def test_pickling():
    packed = minitorch.nn.utils.rnn.pack_sequence([minitorch.ones(1), minitorch.ones(2)], enforce_sorted=False)
    twin = pickle.loads(pickle.dumps(packed))
    assert type(twin) is type(packed)
    assert repr(twin) == repr(packed)


@pytest.mark.parametrize(
    "text",
    [
        "rnn.pack_padded_sequence(x, [4, 3])",
        "rnn.pack_padded_sequence(x, [2, 3, 4])",
        "rnn.pack_padded_sequence(x, [4, 3, 0])",
        "rnn.pack_padded_sequence(x, [4, 3, -1])",
        "rnn.pack_padded_sequence(x, [0, 3, 4], enforce_sorted=False)",
        "rnn.pack_padded_sequence(torch.ones(0, 3, 2), [1, 1, 1])",
        "rnn.pack_padded_sequence(torch.ones(4, 0, 2), [])",
        "rnn.pack_padded_sequence(torch.ones(4), [4])",
        "rnn.pack_padded_sequence(x, torch.ones(3, 1).long())",
        "rnn.pack_padded_sequence([1.0], [1])",
        "rnn.pack_padded_sequence(x, 'abc')",
        "rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, [4, 3, 1]), total_length=3)",
        "rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, [4, 3, 1]), total_length=5.5)",
        "rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, [4, 3, 1]), padding_value='a')",
        "rnn.pad_packed_sequence(x)",
        "rnn.pad_sequence([])",
        "rnn.pad_sequence(5)",
        "rnn.pad_sequence([1, 2])",
        "rnn.pad_sequence([torch.ones(())])",
        "rnn.pad_sequence([torch.ones(2, 2), torch.ones(3, 3)])",
        "rnn.pad_sequence([torch.ones(2, 2), torch.ones(3)])",
        "rnn.pad_sequence([torch.ones(2)], padding_side='up')",
        "rnn.pack_sequence([])",
        "rnn.pack_sequence([torch.ones(1), torch.ones(2)])",
        "rnn.unpad_sequence(torch.ones(3, 2, 1), torch.tensor([3, 2, 1]))",
        "torch.nn.GRU(3, 4)(rnn.pack_padded_sequence(x, [4, 3, 1]))",
        "torch.nn.GRU(2, 4)(rnn.pack_padded_sequence(x, [4, 3, 1]), torch.ones(1, 4, 4))",
        "torch.nn.LSTM(3, 4)(rnn.pack_padded_sequence(x, [4, 3, 1]))",
        "torch.nn.RNN(2, 4)(rnn.pack_padded_sequence(x, [4, 3, 1]).double())",
    ],
)
def test_errors(text):
    errors = []
    for lib in LIBRARIES:
        scope = {"torch": lib, "rnn": lib.nn.utils.rnn, "x": lib.ones(4, 3, 2)}
        with pytest.raises(Exception) as info:
            eval(text, scope)
        errors.append(info.value)
    assert type(errors[0]) is type(errors[1]), f"expected {errors[1]!r}, got {errors[0]!r}"
    assert str(errors[0])


def test_lengths_beyond_the_input_are_refused():
    with pytest.raises(RuntimeError, match="at most the 4 steps"):
        minitorch.nn.utils.rnn.pack_padded_sequence(minitorch.ones(4, 3, 2), [6, 3, 1])


@pytest.mark.parametrize(
    "name", ["pack_padded_sequence", "pad_packed_sequence", "pad_sequence", "pack_sequence", "unpad_sequence"]
)
def test_signatures(name):
    ours, theirs = (inspect.signature(getattr(lib.nn.utils.rnn, name)) for lib in LIBRARIES)
    assert [(p.name, p.default) for p in ours.parameters.values()] == [
        (p.name, p.default) for p in theirs.parameters.values()
    ]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("RNN", {}),
        ("RNN", {"nonlinearity": "relu", "bidirectional": True, "num_layers": 2}),
        ("GRU", {"num_layers": 2}),
        ("GRU", {"bidirectional": True, "bias": False}),
        ("LSTM", {"bidirectional": True}),
        ("LSTM", {"num_layers": 2, "bidirectional": True, "proj_size": 2, "batch_first": True}),
    ],
)
@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("given", [False, True])
def test_layers_over_packed_sequences(name, options, lengths, given):
    results = []
    for lib in LIBRARIES:
        module = build(lib, name, 3, 4, **options)
        x = tensor(lib, floats(5, 4, 3))
        in_order = lengths == sorted(lengths, reverse=True)
        packed = lib.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=in_order)
        hx = states_of(module, name, (4,), lib=lib) if given else None
        out, last = module(packed, hx)
        assert isinstance(out, lib.nn.utils.rnn.PackedSequence)
        assert out.sorted_indices is packed.sorted_indices
        padded, _ = lib.nn.utils.rnn.pad_packed_sequence(out)
        results.append(derivatives(lib, module, [padded, *flat(last)], [x, *flat(hx)] if given else [x]))
    assert_close(*results)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_dropout_over_packed_sequences(name):
    results = []
    for lib in LIBRARIES:
        module = build(lib, name, 3, 8, num_layers=3, dropout=0.5, bidirectional=True, dtype="float32")
        packed = lib.nn.utils.rnn.pack_padded_sequence(tensor(lib, floats(5, 4, 3), dtype="float32"), [5, 4, 4, 2])
        lib.manual_seed(0)
        out, last = module(packed)
        results.append([t.numpy(force=True) for t in (out.data, *flat(last))])
    assert_close(*results, tolerance=2e-6)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_a_packed_sequence_gives_what_each_sequence_gives_alone(name):
    module = build(minitorch, name, 3, 4, num_layers=2, bidirectional=True)
    parts = [tensor(minitorch, floats(n, 3)) for n in (2, 5, 3)]
    out, last = module(minitorch.nn.utils.rnn.pack_sequence(parts, enforce_sorted=False))
    for i, (part, found) in enumerate(zip(parts, minitorch.nn.utils.rnn.unpack_sequence(out), strict=True)):
        alone, state = module(part)
        np.testing.assert_allclose(found.numpy(force=True), alone.numpy(force=True), rtol=1e-12, atol=1e-14)
        for a, b in zip(flat(last), flat(state), strict=True):
            np.testing.assert_allclose(a[:, i].numpy(force=True), b.numpy(force=True), rtol=1e-12, atol=1e-14)
