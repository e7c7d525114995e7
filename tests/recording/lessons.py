"""The training steps of eight lessons, for minitorch and for torch, with the nets and sizes of the lessons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from parity.runs.stand_in import StandIn

LESSONS = ("cnn", "lstm", "batchnorm", "gan", "autoencoder", "dropout", "rnn", "dqn")


class Lesson(NamedTuple):
    """A training step.

    Attributes:
        step: the step, a function of tensors.
        inputs: gives the arguments of the next step; they are random.
        modules: the nets.
    """

    step: Callable[..., Any]
    inputs: Callable[[], tuple[Any, ...]]
    modules: list[Any]


def lesson(lib: Any, name: str) -> Lesson:
    """The step of a lesson in `lib`, minitorch or torch, from a fixed seed."""
    lib.manual_seed(0)
    return globals()[f"_{name}"](lib, StandIn(lib).load(f"minitorch.models.{name}"))


def _classifier(lib: Any, net: Any) -> Lesson:
    optimizer = lib.optim.Adam(net.parameters(), lr=1e-3)

    def step(x: Any, y: Any) -> Any:
        loss = lib.nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return Lesson(step, lambda: (lib.randn(50, 1, 28, 28), lib.randint(0, 10, (50,))), [net])


def _cnn(lib: Any, model: Any) -> Lesson:
    return _classifier(lib, model.CNN())


def _lstm(lib: Any, model: Any) -> Lesson:
    return _classifier(lib, model.LSTM())


def _batchnorm(lib: Any, model: Any) -> Lesson:
    nets = [model.Net(a, n) for a in model.ACTIVATIONS for n in (False, True)]
    optimizers = [lib.optim.Adam(net.parameters(), lr=0.01) for net in nets]

    def step(x: Any, y: Any) -> Any:
        losses = []
        for net, optimizer in zip(nets, optimizers):  # noqa: B905
            loss = lib.nn.functional.mse_loss(net(x)[0], y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss)
        return losses

    return Lesson(step, lambda: (lib.randn(64, 1), lib.randn(64, 1)), nets)


def _gan(lib: Any, model: Any) -> Lesson:
    G, D = model.generator(), model.discriminator()
    optimizer_G = lib.optim.Adam(G.parameters(), lr=1e-4)
    optimizer_D = lib.optim.Adam(D.parameters(), lr=1e-4)

    def step(real: Any) -> Any:
        ideas = lib.randn(64, model.IDEAS)
        painted = G(ideas)
        p_real, p_painted = D(real), D(painted)
        loss_D = -lib.mean(lib.log(p_real) + lib.log(1 - p_painted))
        loss_G = lib.mean(lib.log(1 - p_painted))
        optimizer_D.zero_grad()
        loss_D.backward(retain_graph=True)
        D_gradients = [None if p.grad is None else p.grad.clone() for p in D.parameters()]
        optimizer_G.zero_grad()
        loss_G.backward()
        for p, g in zip(D.parameters(), D_gradients):  # noqa: B905
            p.grad = g
        optimizer_D.step()
        optimizer_G.step()
        return loss_D, loss_G

    return Lesson(step, lambda: (model.masterpieces(64),), [G, D])


def _autoencoder(lib: Any, model: Any) -> Lesson:
    net = model.AutoEncoder()
    optimizer = lib.optim.Adam(net.parameters(), lr=0.005)

    def step(x: Any) -> Any:
        _, decoded = net(x)
        loss = lib.nn.functional.mse_loss(decoded, x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return Lesson(step, lambda: (lib.rand(64, 784),), [net])


def _dropout(lib: Any, model: Any) -> Lesson:
    nets = [model.net(0), model.net(0.5)]
    optimizers = [lib.optim.Adam(net.parameters(), lr=0.01) for net in nets]

    def step(x: Any, y: Any) -> Any:
        losses = []
        for net, optimizer in zip(nets, optimizers):  # noqa: B905
            loss = lib.nn.functional.mse_loss(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss)
        return losses

    return Lesson(step, model.points, nets)


def _rnn(lib: Any, model: Any) -> Lesson:
    net = model.RNN()
    optimizer = lib.optim.Adam(net.parameters(), lr=0.005)
    state = [lib.zeros(1, 1, 32)]

    def step(x: Any, y: Any, h: Any) -> Any:
        prediction, h = net(x, h)
        h = h.detach()
        loss = lib.nn.functional.mse_loss(prediction, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss, h

    return Lesson(step, lambda: (*model.window(3)[1:], state[0]), [net])


def _dqn(lib: Any, model: Any) -> Lesson:
    net, target = model.QNet(), model.QNet()
    target.load_state_dict(net.state_dict())
    optimizer = lib.optim.Adam(net.parameters(), lr=1e-3)

    def step(batch: Any) -> Any:
        states, actions, rewards, after, fell = batch.split([4, 1, 1, 4, 1], dim=1)
        values = net(states).gather(1, actions.long())
        with lib.no_grad():
            wanted = rewards + model.GAMMA * (1 - fell) * target(after).max(1, keepdim=True).values
        loss = lib.nn.functional.mse_loss(values, wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    def inputs() -> tuple[Any, ...]:
        batch = lib.randn(64, 11)
        batch[:, 4] = lib.randint(0, 2, (64,)).to(batch.dtype)
        batch[:, 10] = lib.randint(0, 2, (64,)).to(batch.dtype)
        return (batch,)

    return Lesson(step, inputs, [net, target])
