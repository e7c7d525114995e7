"""Recurrent layers, beyond the parity cases: memory, warnings, half precision, third order, lists of weights."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import minitorch
from minitorch.autograd import grad, gradgradcheck
from tests.both import both

LAYERS = ("RNN", "LSTM", "GRU")
CELLS = ("RNNCell", "LSTMCell", "GRUCell")


def build(name, *args, dtype="float64", **options):
    """A module of minitorch that starts from one seed."""
    minitorch.manual_seed(3)
    return getattr(minitorch.nn, name)(*args, **options).to(getattr(minitorch, dtype))


def normal(*shape, seed=0):
    """A leaf with normal numbers in double precision."""
    return minitorch.tensor(np.random.default_rng(seed).standard_normal(shape), requires_grad=True)


@pytest.mark.parametrize("name", [*LAYERS, *CELLS])
def test_half_precision_is_single_precision_rounded(name):
    module = build(name, 3, 4, dtype="float16")
    x = normal(*((2, 3) if name in CELLS else (3, 2, 3))).half()
    out = module(x)[0]
    assert out.dtype is minitorch.float16
    expected = module.float()(x.float())[0]
    np.testing.assert_allclose(out.numpy(force=True), expected.numpy(force=True), rtol=0, atol=4e-3)


def test_forward_and_backward_write_to_none_of_their_arguments():
    module = build("LSTM", 3, 4, num_layers=2, bidirectional=True)
    x, h, c = normal(3, 2, 3), normal(4, 2, 4, seed=1), normal(4, 2, 4, seed=2)
    before = [t.numpy(force=True).copy() for t in (x, h, c, *module.parameters())]
    out, (h_n, c_n) = module(x, (h, c))
    (out.sum() + h_n.sum() + c_n.sum()).backward()
    for t, b in zip((x, h, c, *module.parameters()), before, strict=True):
        np.testing.assert_array_equal(t.numpy(force=True), b)


@pytest.mark.parametrize("name", LAYERS)
def test_third_derivatives(name):
    module = build(name, 2, 2)

    def first(x):
        return grad(module(x)[0].square().sum(), x, create_graph=True)

    assert gradgradcheck(first, (normal(2, 1, 2),))


@pytest.mark.parametrize("name", LAYERS)
@both
def test_frozen_parameters_and_an_input_without_a_gradient(torch, name):
    torch.manual_seed(3)
    module = getattr(torch.nn, name)(3, 4, num_layers=2, dtype=torch.float64)
    module.weight_hh_l0.requires_grad_(False)
    module.bias_ih_l1.requires_grad_(False)
    module(torch.ones(3, 2, 3, dtype=torch.float64))[0].square().sum().backward()
    return [name for name, p in module.named_parameters() if p.grad is None]


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bias": False, "bidirectional": True}, {"bidirectional": 1}])
@both
def test_weights_in_lists(torch, name, options):
    module = getattr(torch.nn, name)(3, 4, **options)
    assert module.all_weights[0][0] is module.weight_ih_l0
    assert module.flatten_parameters() is None
    return (
        [[tuple(w.shape) for w in weights] for weights in module.all_weights],
        [tuple(w.shape) for w in module._flat_weights],
    )


@pytest.mark.parametrize("name", LAYERS)
def test_a_copy_lists_its_own_weights(name):
    module, x = build(name, 3, 4, num_layers=2), normal(3, 2, 3)
    expected = module(x)[0]
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert twin.all_weights[0][0] is twin.weight_ih_l0
        assert (twin(x)[0] == expected).all()


def test_dropout_with_one_layer_warns():
    with pytest.warns(UserWarning, match="num_layers greater than 1") as caught:
        minitorch.nn.GRU(3, 4, dropout=0.5)
    assert caught[0].filename == __file__
