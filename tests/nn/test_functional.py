"""Functions of `nn.functional`, beyond the parity cases: warnings, messages, half precision, third order."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch.autograd import grad, gradgradcheck
from tests.both import both, caught

F = minitorch.nn.functional


def normal(*shape: int, seed: int = 0) -> minitorch.Tensor:
    """A leaf with normal numbers in double precision."""
    return minitorch.tensor(np.random.default_rng(seed).standard_normal(shape), requires_grad=True)


def test_third_derivatives_of_conv2d():
    def first(x, weight):
        return grad(F.conv2d(x, weight, padding=1).pow(3).sum(), (x, weight), create_graph=True)

    assert gradgradcheck(first, (normal(1, 2, 3, 3), normal(1, 2, 2, 2, seed=1)))


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "selu", "hardtanh"])
def test_activations_in_place_return_their_argument(name):
    x = minitorch.tensor([-1.0, 2.0], requires_grad=True)
    y = x * 2
    assert getattr(F, name + "_")(y) is y
    assert y.tolist() == getattr(F, name)(x.detach() * 2).tolist()
    with pytest.raises(RuntimeError, match="leaf"):
        getattr(F, name + "_")(x)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize("shape", [(), (3,), (3, 4), (2, 3, 4), (2, 2, 3, 4)])
def test_softmax_without_a_dimension_warns(name, shape):
    with pytest.warns(UserWarning, match="Implicit dimension choice for " + name) as caught:
        getattr(F, name)(minitorch.ones(shape))
    assert caught[0].filename == __file__


@pytest.mark.parametrize("p", [0.1, 0.5])
@pytest.mark.parametrize("shape", [(), (4, 7), (3, 40, 5)])
@both
def test_dropout_in_half_precision_drops_what_torch_drops(torch, p, shape):
    torch.manual_seed(3)
    x = torch.ones(shape, dtype=torch.float16, requires_grad=True)
    y = torch.nn.functional.dropout(torch.nn.functional.dropout(x, p), p)
    y.sum().backward()
    return y, x.grad, torch.rand(1)


def test_dropout_in_evaluation_and_in_place():
    x = minitorch.ones(1000)
    assert F.dropout(x, 0.5, training=False) is x
    assert F.dropout(x, 0.5, inplace=True) is x
    assert sorted(set(x.tolist())) == [0.0, 2.0]


def test_half_precision_is_summed_in_single():
    t = minitorch.tensor(np.full((1, 1, 64, 64), 1.001, "float16"))
    for y in (F.avg_pool2d(t, 64), F.adaptive_avg_pool2d(t, 1), F.conv2d(t, t / 4096), F.mse_loss(t, 0 * t)):
        assert y.dtype is minitorch.float16
        np.testing.assert_allclose(y.item(), 1.001, rtol=2e-3)


ones, tensor = minitorch.ones, minitorch.tensor


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: F.conv2d(ones(2, 3, 8, 8), ones(4, 5, 3, 3)),
            "[4, 5, 3, 3]; [2, 3, 8, 8]; 5 channels; got 3",
        ),
        (lambda: F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 5, 5)), "(4 x 4); (5 x 5)"),
        (lambda: F.conv2d(ones(1, 1, 4, 4), ones(1, 1, 2, 2).double()), "float32; float64"),
        (lambda: F.linear(ones(2, 3), ones(4, 5)), "[2, 3]; [4, 5]; (2x3 and 5x4)"),
        (lambda: F.max_pool2d(ones(1, 2, 4, 4), 5), "(2x4x4); too small"),
        (
            lambda: F.cross_entropy(ones(3, 9), tensor([0, 10, 1])),
            "Target 10 is out of bounds; [0, 8]",
        ),
        (lambda: F.nll_loss(ones(3, 4), ones(3)), "float32"),
        (
            lambda: F.cross_entropy(ones(3, 4), tensor([0, 1])),
            "batch_size (3) to match target batch_size (2)",
        ),
    ],
)
def test_messages_say_expected_and_actual(call, words):
    message = str(caught(call))
    for word in words.split("; "):
        assert word in message


@pytest.mark.parametrize("name", ["layer_norm", "group_norm", "batch_norm"])
def test_normalization_of_groups_of_millions(name: str) -> None:
    """BLAS adds one number after the other: its sum of 2²² squares is wrong by 8 in the sixth digit."""
    x = np.random.default_rng(0).random((1, 1, 1 << 22), "float32")
    exact = x.astype("float64")
    exact = (exact - exact.mean()) / np.sqrt(exact.var() + 1e-5)
    t = minitorch.tensor(x)
    out = {
        "layer_norm": lambda: F.layer_norm(t, t.shape),
        "group_norm": lambda: F.group_norm(t, 1),
        "batch_norm": lambda: F.batch_norm(t, None, None, training=True),
    }[name]()
    assert np.abs(out.cpu().numpy() - exact).max() < 5e-7
