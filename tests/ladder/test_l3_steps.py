"""Training steps under CuPy: nothing in them waits for the GPU, and the losses are the CPU's."""

from contextlib import nullcontext

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from tests.kernels.libraries import unavailable_because

pytestmark = [
    pytest.mark.skipif(unavailable_because("cupy") is not None, reason=str(unavailable_because("cupy"))),
    pytest.mark.filterwarnings("ignore:cupyx.allow_synchronize will be removed"),
]


class Images(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1, bias=False),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(4, 6, 2),
            nn.GELU(),
            nn.AvgPool2d(2, 1),
            nn.Flatten(),
            nn.Linear(6, 10),
        )

    def loss(self, x, y):
        return F.cross_entropy(self.layers(x.float().reshape(4, 1, 6, 6)), y[:, 0])


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(10, 5, padding_idx=0)
        self.norm, self.drop, self.out = nn.LayerNorm(5), nn.Dropout(0.3), nn.Linear(5, 10)

    def loss(self, x, y):
        return F.cross_entropy(self.out(self.drop(self.norm(self.table(x)))).transpose(1, 2), y)


class Sequences(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.layer = getattr(nn, kind)(1, 5, num_layers=2, batch_first=True, bidirectional=True)
        self.out = nn.Linear(10, 1)

    def loss(self, x, y):
        states, _ = self.layer(x.float()[..., None] / 10)
        return F.mse_loss(self.out(states)[..., 0], y.float() / 10)


NETWORKS = {
    "images": Images,
    "words": Words,
    **{kind: lambda kind=kind: Sequences(kind) for kind in ("RNN", "LSTM", "GRU")},
}
OPTIMIZERS = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta"]


def losses(device, network, optimizer, quiet):
    """Three steps' losses; the last two steps within a block of `quiet`."""
    minitorch.manual_seed(0)
    net = NETWORKS[network]().to(device)
    chosen = getattr(minitorch.optim, optimizer)(net.parameters(), lr=0.01)
    random = np.random.default_rng(0)
    x, y = (minitorch.tensor(random.integers(0, 10, (4, 36))).to(device) for _ in range(2))
    found = []
    for i in range(3):
        with quiet() if i else nullcontext():
            chosen.zero_grad()
            loss = net.loss(x, y)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            chosen.step()
        found.append(loss.detach())
    return [loss.item() for loss in found]


@pytest.mark.parametrize(
    ("network", "optimizer"),
    [(network, "Adam") for network in NETWORKS] + [("words", optimizer) for optimizer in OPTIMIZERS],
)
def test_no_step_waits_for_the_gpu(network, optimizer, monkeypatch):
    import cupyx

    monkeypatch.delenv("MINITORCH_CHECK_VALUES", raising=False)  # if it is set, checks read values and so wait
    ours = losses("cuda", network, optimizer, lambda: cupyx.allow_synchronize(False))
    np.testing.assert_allclose(ours, losses("cpu", network, optimizer, nullcontext), rtol=1e-5)


def test_a_wait_would_be_found(monkeypatch):
    import cupyx

    x = minitorch.ones(3, device="cuda")
    with pytest.raises(cupyx.DeviceSynchronized), cupyx.allow_synchronize(False):
        x.sum().item()
