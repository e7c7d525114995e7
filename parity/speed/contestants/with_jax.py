"""Steps under JAX: the whole step, its gradients and Adam with it, compiled by ``jax.jit``."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from parity.speed.contestants import formulas
from parity.speed.contestants.start import BETA1, BETA2, EPS, RATES, parameters
from parity.speed.sides import Side, Workload


def load(threads: int) -> Mapping[str, Callable[[Workload], Side]]:
    """The steps, by lesson, on so many threads: XLA reads their number when it is first used."""
    os.environ["NPROC"] = str(threads)
    if threads == 1:
        os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false"
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax
    import jax.numpy as xp

    def adam(p: Any, g: Any, m: Any, v: Any, count: Any, lr: float) -> tuple[Any, Any, Any]:
        m = [BETA1 * a + (1 - BETA1) * b for a, b in zip(m, g, strict=True)]
        v = [BETA2 * a + (1 - BETA2) * b * b for a, b in zip(v, g, strict=True)]
        rate, correction = lr / (1 - BETA1**count), xp.sqrt(1 - BETA2**count)
        return [a - rate * b / (xp.sqrt(c) / correction + EPS) for a, b, c in zip(p, m, v, strict=True)], m, v

    def made(work: Workload, losses: Callable[..., tuple[Any, Any]], inputs: list[Any]) -> Side:
        def step(p: Any, m: Any, v: Any, count: Any, *inputs: Any) -> Any:
            found, gradients = losses(p, *inputs)
            return found, *adam(p, gradients, m, v, count, RATES[work.name]), count + 1

        p = [xp.asarray(x) for x in parameters(work)]
        compiled = jax.jit(step)
        state = [p, [xp.zeros_like(x) for x in p], [xp.zeros_like(x) for x in p], xp.asarray(1.0)]

        def run() -> Any:
            found, *state[:] = jax.block_until_ready(compiled(*state, *inputs))
            return found

        return Side(run, lambda found: [np.asarray(x) for x in found])

    def simple(loss: Callable[..., Any]) -> Callable[[Workload], Side]:
        def losses(p: Any, *inputs: Any) -> tuple[Any, Any]:
            found, gradients = jax.value_and_grad(loss)(p, *inputs)
            return (found,), gradients

        return lambda work: made(work, losses, [xp.asarray(x) for x in work.inputs])

    def cnn(p: Any, x: Any, y: Any) -> Any:
        h = x
        for i in (0, 2):
            h = jax.lax.conv_general_dilated(h, p[i], (1, 1), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHW"))
            h = xp.maximum(h + p[i + 1][:, None, None], 0)
            h = jax.lax.reduce_window(h, -xp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
        return formulas.cross_entropy(xp, formulas.linear(h.reshape(len(h), -1), p[4], p[5]), y)

    def gan(p: Any, real: Any, ideas: Any) -> tuple[Any, Any]:
        D, G = p[:4], p[4:]
        loss_D, grads_D = jax.value_and_grad(lambda D: formulas.discriminator_loss(xp, D, G, real, ideas))(D)
        loss_G, grads_G = jax.value_and_grad(lambda G: formulas.generator_loss(xp, G, D, ideas))(G)
        return (loss_D, loss_G), [*grads_D, *grads_G]

    def dqn(work: Workload) -> Side:
        target = [xp.asarray(x) for x in parameters(work)]
        return simple(lambda p, batch: formulas.dqn(xp, p, target, batch))(work)

    def over(loss: Callable[..., Any]) -> Callable[[Workload], Side]:
        return simple(lambda p, *inputs: loss(xp, p, *inputs))

    return {
        "cnn": simple(cnn),
        "lstm": over(formulas.lstm),
        "gan": lambda work: made(work, gan, [xp.asarray(x) for x in work.inputs]),
        "autoencoder": over(formulas.autoencoder),
        "rnn": over(formulas.rnn),
        "dqn": dqn,
    }
