"""Steps under tinygrad: its layers and its Adam, the whole step captured by its ``TinyJit``. It needs clang."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from typing import Any

from minitorch.errors import UsageError
from parity.speed.contestants.start import GAMMA, RATES, parameters
from parity.speed.sides import Side, Workload


def load(threads: int) -> Mapping[str, Callable[[Workload], Side]]:
    """The steps, by lesson. What it compiles runs on `threads` threads at most.

    Raises:
        UsageError: if there is no clang.
    """
    if shutil.which("clang") is None:
        raise UsageError("tinygrad compiles with clang, which is not installed: apt-get install clang")
    os.environ.update(DEV="CPU", CPU_COUNT=str(threads))
    from tinygrad import Context, Tensor, TinyJit
    from tinygrad.nn.optim import Adam

    def prepared(work: Workload, p: list[Any], loss: Callable[..., Any]) -> Side:
        optimizer = Adam(p, lr=RATES[work.name])
        inputs = [Tensor(x).realize() for x in work.inputs]

        def step() -> Any:
            with Context(TRAINING=1):
                found = loss(*inputs)
                optimizer.zero_grad()
                found.backward()
                return found.realize(*optimizer.schedule_step())

        captured = TinyJit(step)

        def run() -> Any:
            found = captured()
            found.numpy()  # waits until it is done
            return found

        return Side(run, lambda found: [found.numpy()])

    def tensors(work: Workload) -> list[Any]:
        return [Tensor(x).realize() for x in parameters(work)]

    def linear(x: Any, w: Any, b: Any) -> Any:
        return x.linear(w.T, b)

    def cnn(work: Workload) -> Side:
        p = tensors(work)

        def loss(x: Any, y: Any) -> Any:
            for i in (0, 2):
                x = x.conv2d(p[i], p[i + 1], padding=2).relu().max_pool2d(2)
            return linear(x.flatten(1), p[4], p[5]).cross_entropy(y)

        return prepared(work, p, loss)

    def autoencoder(work: Workload) -> Side:
        p = tensors(work)

        def loss(x: Any) -> Any:
            h = x
            for i in range(8):
                h = linear(h, p[2 * i], p[2 * i + 1])
                h = h if i == 3 else h.sigmoid() if i == 7 else h.tanh()
            return ((h - x) ** 2).mean()

        return prepared(work, p, loss)

    def dqn(work: Workload) -> Side:
        p, target = tensors(work), [Tensor(x).realize() for x in parameters(work)]

        def values(net: list[Any], states: Any) -> Any:
            return linear(linear(states, net[0], net[1]).relu(), net[2], net[3])

        def loss(batch: Any) -> Any:
            taken = values(p, batch[:, :4]).gather(1, batch[:, 4:5].int())
            best = values(target, batch[:, 6:10]).max(1, keepdim=True).detach()
            return ((taken - (batch[:, 5:6] + GAMMA * (1 - batch[:, 10:]) * best)) ** 2).mean()

        return prepared(work, p, loss)

    return {"cnn": cnn, "autoencoder": autoencoder, "dqn": dqn}
