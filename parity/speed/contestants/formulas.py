"""The losses of lessons as functions of parameters, over an array module: for libraries that differentiate functions.

`xp` is ``jax.numpy`` or ``autograd.numpy``; parameters are in the order of the lesson's nets, a layer's weight before
its bias.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from parity.speed.contestants.start import GAMMA

Parameters = Sequence[Any]


def linear(x: Any, w: Any, b: Any) -> Any:
    """x·wᵀ + b."""
    return x @ w.T + b


def sigmoid(xp: Any, x: Any) -> Any:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + xp.exp(-x))


def cross_entropy(xp: Any, logits: Any, labels: Any) -> Any:
    """The mean of -log softmax(logits) at the labels."""
    shifted = logits - xp.max(logits, axis=1, keepdims=True)
    return xp.mean(xp.log(xp.sum(xp.exp(shifted), axis=1)) - shifted[np.arange(len(labels)), labels])


def autoencoder(xp: Any, p: Parameters, x: Any) -> Any:
    """Eight linear layers; tanh between them, but not around the code; a sigmoid at the end."""
    h = x
    for i in range(8):
        h = linear(h, p[2 * i], p[2 * i + 1])
        h = h if i == 3 else sigmoid(xp, h) if i == 7 else xp.tanh(h)
    return xp.mean((h - x) ** 2)


def rnn(xp: Any, p: Parameters, x: Any, y: Any, h: Any) -> Any:
    """h = tanh(W·x + b + U·h + c) along the window, and a linear layer."""
    w, u, b, c, out, bias = p
    h, states = h[0], []
    for t in range(x.shape[1]):
        h = xp.tanh(linear(x[:, t], w, b) + linear(h, u, c))
        states.append(h)
    return xp.mean((linear(xp.stack(states, 1), out, bias) - y) ** 2)


def lstm(xp: Any, p: Parameters, x: Any, y: Any) -> Any:
    """The gates i, f, g, o along the rows of an image, and a linear layer on the last output."""
    w, u, b, c, out, bias = p
    rows = x[:, 0]
    h = s = xp.zeros((len(rows), u.shape[1]), x.dtype)
    for t in range(rows.shape[1]):
        i, f, g, o = xp.split(linear(rows[:, t], w, b) + linear(h, u, c), 4, axis=1)
        s = sigmoid(xp, f) * s + sigmoid(xp, i) * xp.tanh(g)
        h = sigmoid(xp, o) * xp.tanh(s)
    return cross_entropy(xp, linear(h, out, bias), y)


def q_values(xp: Any, p: Parameters, states: Any) -> Any:
    """The net of dqn."""
    return linear(xp.maximum(linear(states, p[0], p[1]), 0), p[2], p[3])


def dqn(xp: Any, p: Parameters, target: Parameters, batch: Any) -> Any:
    """(Q(s, a) - r - γ max Q'(s', ·))² on average; no gradient reaches the target network's parameters."""
    actions = batch[:, 4].astype(int)
    values = q_values(xp, p, batch[:, :4])[np.arange(len(batch)), actions]
    wanted = batch[:, 5] + GAMMA * (1 - batch[:, 10]) * xp.max(q_values(xp, target, batch[:, 6:10]), axis=1)
    return xp.mean((values - wanted) ** 2)


def generated(xp: Any, p: Parameters, ideas: Any) -> Any:
    """The generator of gan."""
    return linear(xp.maximum(linear(ideas, p[0], p[1]), 0), p[2], p[3])


def judged(xp: Any, p: Parameters, x: Any) -> Any:
    """The discriminator of gan."""
    return sigmoid(xp, linear(xp.maximum(linear(x, p[0], p[1]), 0), p[2], p[3]))


def discriminator_loss(xp: Any, D: Parameters, G: Parameters, real: Any, ideas: Any) -> Any:
    """-mean(log D(real) + log(1 - D(G(ideas))))."""
    painted = generated(xp, G, ideas)
    return -xp.mean(xp.log(judged(xp, D, real)) + xp.log(1 - judged(xp, D, painted)))


def generator_loss(xp: Any, G: Parameters, D: Parameters, ideas: Any) -> Any:
    """mean(log(1 - D(G(ideas))))."""
    return xp.mean(xp.log(1 - judged(xp, D, generated(xp, G, ideas))))
