"""Packed sequences, beyond the parity cases: the tuple, pickling, signatures, the type of layers' results."""

from __future__ import annotations

import inspect
import pickle

import numpy as np
import pytest
import torch

import minitorch
import minitorch.nn.utils.rnn
from tests.both import both, caught

CONVERSIONS = ("double", "float", "half", "long", "int", "short", "char", "byte", "cpu")


@pytest.mark.host("lengths are on the host")
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


def test_lengths_beyond_the_input_are_refused():
    with pytest.raises(RuntimeError, match="at most the 4 steps"):
        minitorch.nn.utils.rnn.pack_padded_sequence(minitorch.ones(4, 3, 2), [6, 3, 1])


@pytest.mark.parametrize(
    "name", ["pack_padded_sequence", "pad_packed_sequence", "pad_sequence", "pack_sequence", "unpad_sequence"]
)
def test_signatures(name):
    ours, theirs = (inspect.signature(getattr(lib.nn.utils.rnn, name)) for lib in (minitorch, torch))
    assert [(p.name, p.default) for p in ours.parameters.values()] == [
        (p.name, p.default) for p in theirs.parameters.values()
    ]


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_a_layer_gives_back_a_packed_sequence_in_the_same_order(name):
    rnn = minitorch.nn.utils.rnn
    packed = rnn.pack_padded_sequence(minitorch.ones(5, 4, 3), [2, 5, 1, 4], enforce_sorted=False)
    out = getattr(minitorch.nn, name)(3, 4)(packed)[0]
    assert isinstance(out, rnn.PackedSequence)
    assert out.sorted_indices is packed.sorted_indices


def listed(states):
    """The states of an LSTM, or the state of another layer."""
    return states if isinstance(states, tuple) else [states]


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_a_packed_sequence_gives_what_each_sequence_gives_alone(name):
    module = getattr(minitorch.nn, name)(3, 4, num_layers=2, bidirectional=True).double()
    parts = [minitorch.tensor(np.random.default_rng(n).standard_normal((n, 3))) for n in (2, 5, 3)]
    out, last = module(minitorch.nn.utils.rnn.pack_sequence(parts, enforce_sorted=False))
    for i, (part, found) in enumerate(zip(parts, minitorch.nn.utils.rnn.unpack_sequence(out), strict=True)):
        alone, state = module(part)
        np.testing.assert_allclose(found.numpy(force=True), alone.numpy(force=True), rtol=1e-12, atol=1e-14)
        for a, b in zip(listed(last), listed(state), strict=True):
            np.testing.assert_allclose(a[:, i].numpy(force=True), b.numpy(force=True), rtol=1e-12, atol=1e-14)


@pytest.mark.host("lengths are on the host")
@pytest.mark.parametrize("lengths", [[2, 1], [1, 2], [1], [1, 2, 1]], ids=str)
@both
def test_fewer_lengths_than_sequences(torch, lengths):
    padded = torch.arange(6.0).view(2, 3, 1)  # three sequences of two steps
    pack = torch.nn.utils.rnn.pack_padded_sequence
    return [
        caught(lambda: pack(padded, lengths, enforce_sorted=False)),
        type(caught(lambda: pack(padded, lengths))).__name__,
    ]
