"""Examples for recurrent layers."""

from __future__ import annotations

from math import inf

import numpy as np

import kernels
from kernels.dispatch import Kernel
from kernels.rnn import Steps
from tests.kernels.examples.example import Drawing, Example, example


def _sequences(d: Drawing) -> tuple[Steps, int, int, int]:
    """The steps, and the number of rows, of sequences, and of units."""
    sizes = d.number((4, 3, 3, 1), (3, 3, 3), (1,), (2, 2, 1, 1), (9, 9), (0, 0))
    return Steps(sizes, d.number(False, True)), sum(sizes), sizes[0], d.number(1, 3, 40)


def _state(d: Drawing, *shape: int) -> np.ndarray:
    return d.array(*shape, low=-0.5, high=0.5)


def _weight(d: Drawing, *shape: int) -> np.ndarray:
    return d.factors(*shape, high=0.5)


def _gates(d: Drawing, *shape: int) -> np.ndarray:
    """The arguments of the gates' sigmoids: without infinities, sometimes as low as -150.

    In single precision e^150 is infinite, and the sigmoid of -150 a denormal number in one form and 0 in another: times
    an infinite state that would be ∞ in one and NaN in the other.
    """
    return d.array(*shape, low=-4 if inf in d.special else -d.number(4, 150))


def _forward(kernel: Kernel, example: Example) -> list[np.ndarray]:
    """The results of a forward kernel, for the backward one: only these can be its arguments."""
    with np.errstate(all="ignore"):
        return example.run(kernel.reference)


@example("rnn")
def _rnn(d: Drawing) -> Example:
    steps, rows, n, h = _sequences(d)
    phi = d.number("tanh", "relu")
    return Example((d.array(rows, h), _state(d, n, h), _weight(d, h, h), phi, steps))


@example("rnn_grad")
def _rnn_grad(d: Drawing) -> Example:
    forward = _rnn(d)
    _, h0, weight, *rest = forward.args
    out, last = _forward(kernels.rnn, forward)
    gradients = d.either(d.array(*out.shape)), d.either(d.array(*last.shape))
    return Example((d.laid_out(out), h0, weight, *gradients, *rest))


@example("lstm")
def _lstm(d: Drawing) -> Example:
    steps, rows, n, h = _sequences(d)
    p = d.number(None, 1, 4)
    projection = None if p is None else _weight(d, p, h)
    states = _state(d, n, p or h), _state(d, n, h)
    return Example((_gates(d, rows, 4 * h), *states, _weight(d, 4 * h, p or h), projection, steps))


@example("lstm_grad")
def _lstm_grad(d: Drawing) -> Example:
    forward = _lstm(d)
    _, *states_and_weights, steps = forward.args
    out, h, c, gates, cells = _forward(kernels.lstm, forward)
    gradients = (d.either(d.array(*a.shape)) for a in (out, h, c))
    saved = map(d.laid_out, (gates, cells, out))
    return Example((*saved, *states_and_weights, *gradients, steps))


@example("gru")
def _gru(d: Drawing) -> Example:
    steps, rows, n, h = _sequences(d)
    bias = d.either(_weight(d, 3 * h))
    return Example((_gates(d, rows, 3 * h), _state(d, n, h), _weight(d, 3 * h, h), bias, steps))


@example("gru_grad")
def _gru_grad(d: Drawing) -> Example:
    forward = _gru(d)
    _, h0, weight, _, steps = forward.args
    out, last, gates = _forward(kernels.gru, forward)
    gradients = (d.either(d.array(*a.shape)) for a in (out, last))
    return Example((d.laid_out(gates), d.laid_out(out), h0, weight, *gradients, steps))
