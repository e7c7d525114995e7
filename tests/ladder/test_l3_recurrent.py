"""Recurrent layers under CuPy: how many launches they take, and which kernels run where."""

from collections import Counter

import numpy as np
import pytest

import minitorch
from kernels.cuda import launch
from minitorch import nn
from tests.kernels.libraries import unavailable_because

pytestmark = [
    pytest.mark.skipif(unavailable_because("cupy") is not None, reason=str(unavailable_because("cupy"))),
    pytest.mark.host("each tensor names its device"),
]


@pytest.fixture
def launched(monkeypatch):
    """How often each kernel for recurrent layers was launched."""
    counts = Counter()
    original = launch.Template._launch

    def counting(self, *args):
        if self.file == "rnn.cu":
            counts[self.name] += 1
        original(self, *args)

    monkeypatch.setattr(launch.Template, "_launch", counting)
    return counts


def gradients(kind, size, device, x, **options):
    """The outputs of a layer, and the gradients of its parameters, on the host."""
    minitorch.manual_seed(0)
    layer = getattr(nn, kind)(x.shape[-1], size, **options).to(device)
    out, _ = layer(x.to(device))
    (out * out).sum().backward()
    return [t.detach().cpu().numpy() for t in (out, *(p.grad for p in layer.parameters()))]


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_direction_is_one_launch_forward_and_one_backward(kind, launched):
    minitorch.manual_seed(1)
    x = minitorch.randn(28, 10, 6)
    ours = gradients(kind, 64, "cuda", x, bidirectional=True, num_layers=2)
    name = kind.lower()
    assert launched == {f"{name}_steps": 4, f"{name}_steps_grad": 4}
    for a, b in zip(ours, gradients(kind, 64, "cpu", x, bidirectional=True, num_layers=2), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-4 * np.abs(b).max())


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_weight_above_the_limit_is_multiplied_step_by_step(kind, launched):
    x = minitorch.ones(3, 2, 6)
    ours = gradients(kind, 520, "cuda", x)
    name = kind.lower()
    assert launched == {f"{name}_step": 3, f"{name}_step_grad": 3}
    for a, b in zip(ours, gradients(kind, 520, "cpu", x), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-4 * np.abs(b).max())


def test_sequences_of_several_lengths_go_step_by_step(launched):
    layer = nn.LSTM(2, 3).to("cuda")
    packed = nn.utils.rnn.pack_padded_sequence(minitorch.ones(4, 3, 2, device="cuda"), [4, 2, 1])
    layer(packed)
    assert launched == {"lstm_step": 4}
