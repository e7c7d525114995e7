"""Losses, beyond the parity cases: warnings, older arguments, dtypes, memory, third order."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch.autograd import grad, gradgradcheck
from tests.both import both

F = minitorch.nn.functional


def normal(*shape: int, seed: int = 0, dtype: str = "float32") -> np.ndarray:
    """Normal numbers."""
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def test_third_derivatives_of_cross_entropy():
    labels = minitorch.tensor([0, 2, 1])

    def first(x):
        return grad(F.cross_entropy(x, labels, label_smoothing=0.1), x, create_graph=True)

    assert gradgradcheck(first, (minitorch.tensor(normal(3, 3, dtype="float64"), requires_grad=True),))


def test_one_step_is_the_same_with_create_graph():
    x, t = normal(8, 5), np.arange(8) % 5
    grads = []
    for create_graph in (False, True):
        leaf = minitorch.tensor(x, requires_grad=True)
        loss = F.cross_entropy(leaf, minitorch.tensor(t), label_smoothing=0.1)
        grads.append(minitorch.autograd.grad(loss, leaf, create_graph=create_graph)[0].detach().cpu().numpy())
    np.testing.assert_allclose(*grads, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"])
def test_targets_of_another_shape_broadcast_with_a_warning(name):
    with pytest.warns(UserWarning, match="target size") as caught:
        getattr(F, name)(minitorch.ones(4, 1), minitorch.ones(3))
    assert caught[0].filename == __file__


def test_a_float32_loss_stays_in_float32():
    for name in ("mse_loss", "l1_loss", "cross_entropy", "nll_loss"):
        x = minitorch.ones(3, 4, requires_grad=True)
        target = minitorch.zeros(3, 4) if name.endswith(("mse_loss", "l1_loss")) else minitorch.tensor([0, 1, 2])
        for reduction in ("none", "sum", "mean"):
            loss = getattr(F, name)(x, target, reduction=reduction)
            loss.sum().backward()
            assert loss.dtype is minitorch.float32
            assert x.grad.dtype is minitorch.float32


@pytest.mark.parametrize(
    ("flags", "reduction"), [((False, None), "sum"), ((None, False), "none"), ((True, True), "mean")]
)
def test_the_old_flags_mean_a_reduction(flags, reduction):
    x, y = minitorch.tensor(normal(3, 4)), minitorch.tensor(normal(3, 4, seed=1))
    with pytest.warns(UserWarning, match=f"please use reduction='{reduction}'"):
        loss = F.mse_loss(x, y, *flags)
    assert loss.tolist() == F.mse_loss(x, y, reduction=reduction).tolist()
    with pytest.warns(UserWarning, match=f"please use reduction='{reduction}'"):
        assert minitorch.nn.CrossEntropyLoss(size_average=flags[0], reduce=flags[1]).reduction == reduction


@pytest.mark.parametrize("name", ["cross_entropy", "l1_loss"])
@both
def test_scores_may_be_overwritten_after_the_loss_is_taken(torch, name):
    x = torch.tensor([[0.5, -1.0, 2.0], [0.25, 0.5, 0.5]], requires_grad=True)
    scores = x * 2
    target = torch.tensor([0, 2]) if name == "cross_entropy" else torch.zeros(2, 3)
    loss = getattr(torch.nn.functional, name)(scores, target)
    scores.mul_(3)
    loss.backward()
    return [[round(v, 6) for v in row] for row in x.grad.tolist()]
