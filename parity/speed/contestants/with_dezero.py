"""Steps under DeZero: its layers and its Adam."""

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
        import dezero
    F, L = dezero.functions, dezero.layers

    def layer(made: Any, w: np.ndarray, b: np.ndarray) -> Any:
        made.W.data, made.b.data = w, b
        return made

    def linear(w: np.ndarray, b: np.ndarray) -> Any:
        return layer(L.Linear(len(b)), np.ascontiguousarray(w.T), b)

    def prepared(work: Workload, layers: list[Any], loss: Callable[[], Any]) -> Side:
        model = dezero.Model()
        for i, part in enumerate(layers):
            setattr(model, f"layer{i}", part)
        return trained(model, dezero.optimizers.Adam(alpha=RATES[work.name]), loss)

    def cnn(work: Workload) -> Side:
        p, (x, y) = parameters(work), work.inputs
        first, second = (layer(L.Conv2d(len(p[i + 1]), 5, pad=2), p[i], p[i + 1]) for i in (0, 2))
        out = linear(p[4], p[5])

        def loss() -> Any:
            h = F.pooling(F.relu(first(x)), 2, 2)
            h = F.pooling(F.relu(second(h)), 2, 2)
            return F.softmax_cross_entropy(out(F.reshape(h, (len(x), -1))), y)

        return prepared(work, [first, second, out], loss)

    def autoencoder(work: Workload) -> Side:
        p, (x,) = parameters(work), work.inputs
        layers = [linear(p[2 * i], p[2 * i + 1]) for i in range(8)]

        def loss() -> Any:
            h = x
            for i, part in enumerate(layers):
                h = part(h)
                h = h if i == 3 else F.sigmoid(h) if i == 7 else F.tanh(h)
            return F.mean_squared_error(h, x) / x.shape[1]

        return prepared(work, layers, loss)

    def dqn(work: Workload) -> Side:
        p, (batch,) = parameters(work), work.inputs
        layers, target = [linear(*p[:2]), linear(*p[2:])], [linear(*p[:2]), linear(*p[2:])]
        actions = batch[:, 4].astype(int)

        def values(net: list[Any], states: np.ndarray) -> Any:
            return net[1](F.relu(net[0](states)))

        def loss() -> Any:
            taken = F.get_item(values(layers, batch[:, :4]), (np.arange(len(batch)), actions))
            with dezero.no_grad():
                best = values(target, batch[:, 6:10]).data.max(1)
            return F.mean_squared_error(taken, batch[:, 5] + np.float32(GAMMA) * (1 - batch[:, 10]) * best)

        for made in (*layers, *target):  # separate arrays: the target network is not trained
            made.W.data, made.b.data = made.W.data.copy(), made.b.data.copy()
        return prepared(work, layers, loss)

    return {"cnn": cnn, "autoencoder": autoencoder, "dqn": dqn}
