"""What several libraries' steps share: minitorch's initial parameters as arrays, and Adam in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

import minitorch
from parity.compare.structure import to_numpy
from parity.runs.stand_in import StandIn
from parity.speed.sides import Side, Workload

RATES = {"cnn": 1e-3, "lstm": 5e-3, "gan": 1e-4, "autoencoder": 0.005, "rnn": 0.005, "dqn": 1e-3}
"""The learning rate of each lesson."""
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8
GAMMA = 0.99
"""The discount of the next step's reward (dqn)."""


def parameters(work: Workload) -> list[np.ndarray]:
    """The parameters of a lesson's nets before the first step, as torch draws them for the seed 0."""
    minitorch.manual_seed(0)
    return [np.array(to_numpy(p)) for p in work.build(StandIn(minitorch)).tensors]


def arrays(result: Iterable[Any]) -> list[np.ndarray]:
    """The results of a step as NumPy arrays."""
    return [np.asarray(x) for x in result]


def trained(model: Any, optimizer: Any, loss: Callable[[], Any]) -> Side:
    """A training step with Chainer's API, which DeZero has too: the gradients are cleared after the forward pass."""
    optimizer.setup(model)

    def step() -> Any:
        found = loss()
        model.cleargrads()
        found.backward()
        optimizer.update()
        return (found.data,)

    return Side(step, arrays)


class Adam:
    """Adam on NumPy arrays, which it changes in place, for libraries that have no optimizers.

    D. Kingma, J. Ba 2015, https://arxiv.org/abs/1412.6980.

    Args:
        values: the parameters.
        lr: the learning rate.
    """

    def __init__(self, values: Sequence[np.ndarray], lr: float) -> None:
        self.values, self.lr, self.count = values, lr, 0
        self.means = [np.zeros_like(p) for p in values]
        self.squares = [np.zeros_like(p) for p in values]

    def step(self, gradients: Sequence[np.ndarray]) -> None:
        """One step along `gradients`, one for each parameter."""
        self.count += 1
        rate = self.lr / (1 - BETA1**self.count)
        correction = float(np.sqrt(1 - BETA2**self.count))
        for p, g, m, v in zip(self.values, gradients, self.means, self.squares, strict=True):
            m += (1 - BETA1) * (g - m)
            v += (1 - BETA2) * (g * g - v)
            p -= rate * m / (np.sqrt(v) / correction + EPS)
