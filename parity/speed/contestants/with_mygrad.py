"""Steps under MyGrad: its layers and losses, and Adam in NumPy, since it has no optimizers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from parity.speed.contestants.start import GAMMA, RATES, Adam, arrays, parameters
from parity.speed.sides import Side, Workload


def load(threads: int) -> Mapping[str, Callable[[Workload], Side]]:
    """The steps, by lesson; matrix products are NumPy's, whose threads are set already."""
    import mygrad
    from mygrad.nnet import activations, layers, losses

    def prepared(work: Workload, p: list[Any], loss: Callable[[], Any]) -> Side:
        optimizer = Adam([t.data for t in p], RATES[work.name])

        def step() -> Any:
            found = loss()
            found.backward()
            optimizer.step([t.grad for t in p])
            return (found.data,)

        return Side(step, arrays)

    def tensors(work: Workload) -> list[Any]:
        return [mygrad.tensor(x) for x in parameters(work)]

    def linear(x: Any, w: Any, b: Any) -> Any:
        return x @ w.T + b

    def cnn(work: Workload) -> Side:
        p, (x, y) = tensors(work), work.inputs

        def loss() -> Any:
            h = x
            for i in (0, 2):
                h = layers.conv_nd(h, p[i], stride=1, padding=2) + p[i + 1].reshape(1, -1, 1, 1)
                h = layers.max_pool(activations.relu(h), (2, 2), 2)
            return losses.softmax_crossentropy(linear(h.reshape(len(x), -1), p[4], p[5]), y)

        return prepared(work, p, loss)

    def autoencoder(work: Workload) -> Side:
        p, (x,) = tensors(work), work.inputs

        def loss() -> Any:
            h = x
            for i in range(8):
                h = linear(h, p[2 * i], p[2 * i + 1])
                h = h if i == 3 else activations.sigmoid(h) if i == 7 else activations.tanh(h)
            return mygrad.mean((h - x) ** 2)

        return prepared(work, p, loss)

    def dqn(work: Workload) -> Side:
        p, (batch,) = tensors(work), work.inputs
        target, actions = parameters(work), batch[:, 4].astype(int)

        def values(net: Any, states: np.ndarray) -> Any:
            return linear(activations.relu(linear(states, net[0], net[1])), net[2], net[3])

        def loss() -> Any:
            taken = values(p, batch[:, :4])[np.arange(len(batch)), actions]
            with mygrad.no_autodiff:
                best = values(target, batch[:, 6:10]).data.max(1)
            return mygrad.mean((taken - (batch[:, 5] + np.float32(GAMMA) * (1 - batch[:, 10]) * best)) ** 2)

        return prepared(work, p, loss)

    return {"cnn": cnn, "autoencoder": autoencoder, "dqn": dqn}
