"""Steps under Chainer: its links and its Adam."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from parity.speed.contestants.old_numpy import old_names
from parity.speed.contestants.start import GAMMA, RATES, parameters, trained
from parity.speed.sides import Side, Workload


def load(threads: int) -> Mapping[str, Callable[[Workload], Side]]:
    """The steps, by lesson; matrix products are NumPy's, whose threads are set already."""
    with old_names():
        import chainer
        import chainer.functions as F
        import chainer.links as L

    def linear(w: np.ndarray, b: np.ndarray) -> Any:
        return L.Linear(w.shape[1], w.shape[0], initialW=w, initial_bias=b)

    def conv(w: np.ndarray, b: np.ndarray) -> Any:
        return L.Convolution2D(w.shape[1], w.shape[0], w.shape[2], pad=2, initialW=w, initial_bias=b)

    def prepared(work: Workload, layers: list[Any], loss: Callable[[], Any]) -> Side:
        return trained(chainer.ChainList(*layers), chainer.optimizers.Adam(alpha=RATES[work.name]), loss)

    def cnn(work: Workload) -> Side:
        p, (x, y) = parameters(work), work.inputs
        first, second, out = conv(*p[:2]), conv(*p[2:4]), linear(*p[4:])
        labels = y.astype(np.int32)

        def loss() -> Any:
            h = F.max_pooling_2d(F.relu(first(x)), 2)
            h = F.max_pooling_2d(F.relu(second(h)), 2)
            return F.softmax_cross_entropy(out(h), labels)

        return prepared(work, [first, second, out], loss)

    def autoencoder(work: Workload) -> Side:
        p, (x,) = parameters(work), work.inputs
        layers = [linear(p[2 * i], p[2 * i + 1]) for i in range(8)]

        def loss() -> Any:
            h = x
            for i, part in enumerate(layers):
                h = part(h)
                h = h if i == 3 else F.sigmoid(h) if i == 7 else F.tanh(h)
            return F.mean_squared_error(h, x)

        return prepared(work, layers, loss)

    def dqn(work: Workload) -> Side:
        p, (batch,) = parameters(work), work.inputs
        layers, target = [linear(*p[:2]), linear(*p[2:])], [linear(*p[:2]), linear(*p[2:])]
        actions = batch[:, 4].astype(np.int32)

        def values(net: list[Any], states: np.ndarray) -> Any:
            return net[1](F.relu(net[0](states)))

        def loss() -> Any:
            taken = F.select_item(values(layers, batch[:, :4]), actions)
            with chainer.no_backprop_mode():
                best = values(target, batch[:, 6:10]).array.max(1)
            return F.mean_squared_error(taken, batch[:, 5] + np.float32(GAMMA) * (1 - batch[:, 10]) * best)

        return prepared(work, layers, loss)

    return {"cnn": cnn, "autoencoder": autoencoder, "dqn": dqn}
