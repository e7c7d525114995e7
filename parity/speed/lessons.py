"""A training step of each of the eight lessons: forward, backward, optimizer; nets, batches, rates as they are there.

The nets are the classes of `minitorch.models`, over either library. A step reads the same arrays every time:
the time of loading data, of counting and of progress bars is not the library's. No step reads a loss as a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from parity.runs.stand_in import StandIn
from parity.speed.sides import Built, Workload

NAMES = ("cnn", "lstm", "batchnorm", "gan", "autoencoder", "dropout", "rnn", "dqn")
BATCH = {"cnn": 50, "lstm": 50, "batchnorm": 64, "gan": 64, "autoencoder": 64, "dropout": 20, "rnn": 1, "dqn": 64}
"""How many samples a step of each lesson has."""


def workloads(quick: bool = False) -> list[Workload]:
    """The eight steps; `quick` with at most 16 samples."""
    return [lesson(name, min(BATCH[name], 16) if quick else BATCH[name]) for name in NAMES]


def evaluations(quick: bool = False) -> list[Workload]:
    """What the nets of each lesson make of the same inputs in ``eval`` mode, without a graph."""
    return [replace(work, build=_evaluated(work.build), checked=1) for work in workloads(quick)]


def _evaluated(build: Callable[[StandIn], Built]) -> Callable[[StandIn], Built]:
    def evaluated(models: StandIn) -> Built:
        built = build(models)
        for net in built.nets:
            net.eval()

        def step(*inputs: Any) -> Sequence[Any]:
            with models.library.no_grad():
                return built.forward(*inputs)

        return Built(step, tensors=built.tensors)

    return evaluated


def lesson(name: str, batch: int) -> Workload:
    """One of `NAMES` with `batch` samples in a step."""
    inputs, build = _LESSONS[name]
    return Workload(name, f"batch {batch}", inputs(np.random.default_rng(0), batch), build)


def _floats(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.random(shape, np.float32)


def _digits(rng: np.random.Generator, batch: int) -> list[np.ndarray]:
    return [_floats(rng, batch, 1, 28, 28), rng.integers(0, 10, batch)]


def _classifier(net: Any, library: Any, lr: float) -> Built:
    optimizer = library.optim.Adam(net.parameters(), lr=lr)

    def step(x: Any, y: Any) -> Sequence[Any]:
        loss = library.nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return (loss.detach(),)

    return Built(step, [optimizer], list(net.parameters()), [net], lambda x, y: (net(x),))


def cnn(models: StandIn) -> Built:
    """Two convolutions with ReLU and pooling, a linear layer, cross entropy, Adam."""
    return _classifier(models.load("minitorch.models.cnn").CNN(), models.library, 1e-3)


def lstm(models: StandIn) -> Built:
    """An LSTM of 64 units over the 28 rows of an image, a linear layer, cross entropy, Adam."""
    return _classifier(models.load("minitorch.models.lstm").LSTM(), models.library, 5e-3)


def batchnorm(models: StandIn) -> Built:
    """The lesson's four nets of eight layers, one by one: tanh and ReLU, each with and without normalization."""
    module, library = models.load("minitorch.models.batchnorm"), models.library
    nets = [module.Net(activation, norm) for activation in module.ACTIVATIONS for norm in (False, True)]
    return _regressions(nets, library, lambda net, x: net(x)[0])


def dropout(models: StandIn) -> Built:
    """The lesson's two nets of two hidden layers of 300 units, one after the other: with dropout and without."""
    module = models.load("minitorch.models.dropout")
    return _regressions([module.net(0), module.net(0.5)], models.library, lambda net, x: net(x))


def _regressions(nets: Sequence[Any], library: Any, predict: Callable[[Any, Any], Any]) -> Built:
    optimizers = [library.optim.Adam(net.parameters(), lr=0.01) for net in nets]

    def step(x: Any, y: Any) -> Sequence[Any]:
        losses = []
        for net, optimizer in zip(nets, optimizers, strict=True):
            loss = library.nn.functional.mse_loss(predict(net, x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        return losses

    parameters = [p for net in nets for p in net.parameters()]
    return Built(step, optimizers, parameters, nets, lambda x, y: [predict(net, x) for net in nets])


def gan(models: StandIn) -> Built:
    """Generator and discriminator, both losses through one graph, two optimizers."""
    module, torch = models.load("minitorch.models.gan"), models.library
    G, D = module.generator(), module.discriminator()
    optimizer_G = torch.optim.Adam(G.parameters(), lr=1e-4)
    optimizer_D = torch.optim.Adam(D.parameters(), lr=1e-4)

    def step(real: Any, ideas: Any) -> Sequence[Any]:
        painted = G(ideas)
        p_real, p_painted = D(real), D(painted)
        loss_D = -torch.mean(torch.log(p_real) + torch.log(1 - p_painted))
        loss_G = torch.mean(torch.log(1 - p_painted))
        optimizer_D.zero_grad()
        loss_D.backward(retain_graph=True)
        D_gradients = [None if p.grad is None else p.grad.clone() for p in D.parameters()]
        optimizer_G.zero_grad()
        loss_G.backward()
        for p, g in zip(D.parameters(), D_gradients, strict=True):
            p.grad = g
        optimizer_D.step()
        optimizer_G.step()
        return loss_D.detach(), loss_G.detach()

    parameters = [*D.parameters(), *G.parameters()]
    return Built(step, [optimizer_D, optimizer_G], parameters, [D, G], lambda real, ideas: (D(real), D(G(ideas))))


def autoencoder(models: StandIn) -> Built:
    """Eight linear layers from 784 to 3 and back, mean squared error, Adam."""
    net, library = models.load("minitorch.models.autoencoder").AutoEncoder(), models.library
    optimizer = library.optim.Adam(net.parameters(), lr=0.005)

    def step(x: Any) -> Sequence[Any]:
        loss = library.nn.functional.mse_loss(net(x)[1], x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return (loss.detach(),)

    return Built(step, [optimizer], list(net.parameters()), [net], net)


def rnn(models: StandIn) -> Built:
    """An RNN of 32 units over a window of ten points, from a hidden state; mean squared error, Adam."""
    net, library = models.load("minitorch.models.rnn").RNN(), models.library
    optimizer = library.optim.Adam(net.parameters(), lr=0.005)

    def step(x: Any, y: Any, h: Any) -> Sequence[Any]:
        prediction, _ = net(x, h)
        loss = library.nn.functional.mse_loss(prediction, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return (loss.detach(),)

    return Built(step, [optimizer], list(net.parameters()), [net], lambda x, y, h: net(x, h))


def dqn(models: StandIn) -> Built:
    """Q-learning on a batch of stored transitions, with a target network."""
    module, torch = models.load("minitorch.models.dqn"), models.library
    net, target = module.QNet(), module.QNet()
    target.load_state_dict(net.state_dict())
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)

    def step(batch: Any) -> Sequence[Any]:
        states, actions, rewards, after, fell = batch.split([4, 1, 1, 4, 1], dim=1)
        values = net(states).gather(1, actions.long())
        with torch.no_grad():
            wanted = rewards + module.GAMMA * (1 - fell) * target(after).max(1, keepdim=True).values
        loss = torch.nn.functional.mse_loss(values, wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return (loss.detach(),)

    return Built(step, [optimizer], list(net.parameters()), [net], lambda batch: (net(batch[:, :4]),))


def _line(rng: np.random.Generator, batch: int) -> list[np.ndarray]:
    """Numbers and their squares, with noise, of mean 0 and variance 1."""
    x = np.linspace(-1, 1, batch, dtype=np.float32)[:, None]
    return [x, 2 * x**2 - 1 + 0.1 * _floats(rng, batch, 1)]


def _window(rng: np.random.Generator, batch: int) -> list[np.ndarray]:
    times = np.linspace(0, np.pi, 10, endpoint=False, dtype=np.float32)
    waves = [np.repeat(f(times)[None, :, None], batch, 0) for f in (np.sin, np.cos)]
    return [*waves, np.zeros((1, batch, 32), np.float32)]


def _transitions(rng: np.random.Generator, batch: int) -> list[np.ndarray]:
    """Rows of four numbers, an action, a reward, four numbers, and whether the pole fell."""
    rows = _floats(rng, batch, 11) - 0.5
    rows[:, 4], rows[:, 5], rows[:, 10] = rng.integers(0, 2, batch), 1, rng.integers(0, 2, batch)
    return [rows]


_LESSONS: dict[str, tuple[Callable[[np.random.Generator, int], list[np.ndarray]], Callable[[StandIn], Built]]] = {
    "cnn": (_digits, cnn),
    "lstm": (_digits, lstm),
    "batchnorm": (_line, batchnorm),
    "gan": (lambda rng, batch: [_floats(rng, batch, 15), _floats(rng, batch, 5)], gan),
    "autoencoder": (lambda rng, batch: [_floats(rng, batch, 784)], autoencoder),
    "dropout": (_line, dropout),
    "rnn": (_window, rnn),
    "dqn": (_transitions, dqn),
}
