"""Steps under HIPS autograd: gradients by ``value_and_grad``, Adam in NumPy. It has no fast convolution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from parity.speed.contestants import formulas
from parity.speed.contestants.start import RATES, Adam, arrays, parameters
from parity.speed.sides import Side, Workload


def load(threads: int) -> Mapping[str, Callable[[Workload], Side]]:
    """The steps, by lesson; matrix products are NumPy's, whose threads are set already."""
    import autograd.numpy as xp
    from autograd import value_and_grad

    def simple(loss: Callable[..., Any]) -> Callable[[Workload], Side]:
        def make(work: Workload) -> Side:
            values = parameters(work)
            optimizer = Adam(values, RATES[work.name])
            differentiated = value_and_grad(lambda p: loss(xp, p, *work.inputs))

            def step() -> Any:
                found, gradients = differentiated(values)
                optimizer.step(gradients)
                return (found,)

            return Side(step, arrays)

        return make

    def dqn(work: Workload) -> Side:
        target = parameters(work)
        return simple(lambda xp, p, batch: formulas.dqn(xp, p, target, batch))(work)

    def gan(work: Workload) -> Side:
        values = parameters(work)
        D, G = values[:4], values[4:]
        optimizers = [Adam(part, RATES["gan"]) for part in (D, G)]
        real, ideas = work.inputs
        by_D = value_and_grad(lambda D: formulas.discriminator_loss(xp, D, G, real, ideas))
        by_G = value_and_grad(lambda G: formulas.generator_loss(xp, G, D, ideas))

        def step() -> Any:
            (loss_D, grads_D), (loss_G, grads_G) = by_D(D), by_G(G)
            optimizers[0].step(grads_D)
            optimizers[1].step(grads_G)
            return loss_D, loss_G

        return Side(step, arrays)

    plain: dict[str, Callable[..., Any]] = {
        "autoencoder": formulas.autoencoder,
        "lstm": formulas.lstm,
        "rnn": formulas.rnn,
    }
    return {**{name: simple(loss) for name, loss in plain.items()}, "dqn": dqn, "gan": gan}
