"""Examples for steps of optimizers."""

from __future__ import annotations

import numpy as np

import kernels
from tests.kernels.examples.example import Drawing, Example, example


def _parameters(d: Drawing, *lows: float) -> list[np.ndarray]:
    """A parameter, its gradient and arrays of the state, each no less than some number; the gradient in any layout.

    What a step writes is mostly contiguous, as parameters are; sometimes all of it is transposed or has gaps.
    """
    shape = d.number((1,), (5,), (), (0,), (3, 7), (300,), (33, 20), (12, 11))
    lay_out = d.number(*[lambda a: a] * 3, lambda a: a.T.copy().T, lambda a: np.repeat(a, 2, axis=-1)[..., ::2])
    param, grad, *states = (d.random.integers(int(64 * low), 256, shape) / 64 for low in (-4, -4, *lows))
    param, *states = (np.asarray(a) if not shape else lay_out(a) for a in (param, *states))
    return [param, d.laid_out(d.with_special(np.asarray(grad))), *states]


@example("sgd_step")
def _sgd_step(d: Drawing) -> Example:
    p, g, b = _parameters(d, -4)
    momentum = d.number(0.0, 0.9)
    rest = d.number(0.1, 0.01), momentum, d.number(0.0, 0.1), d.number(0.0, 0.01)
    options = kernels.SGDOptions(*rest, d.number(False, True), d.number(False, True))
    return Example((p, g, b if momentum else None, options), (0, 2))


@example("adam_step")
def _adam_step(d: Drawing) -> Example:
    p, g, m, v, most = _parameters(d, -4, 0, 0)
    step = d.number(1.0, 5.0, np.array(1.0), np.array(5.0))
    numbers = d.number(0.1, 0.01), d.number(0.9, 0.3), 0.99, d.number(1e-3, 0.1)
    rest = d.number(0.0, 0.01), d.number(False, True), d.number(False, True)
    return Example((p, g, m, v, d.either(most), step, kernels.AdamOptions(*numbers, *rest)), (0, 2, 3, 4), (5,))


@example("count_step")
def _count_step(d: Drawing) -> Example:
    return Example((np.asarray(float(d.between(0, 1000))),), (0,))


@example("rmsprop_step")
def _rmsprop_step(d: Drawing) -> Example:
    p, g, v, m, b = _parameters(d, 3, -0.5, -4)
    v, m = np.asarray(v + 4), np.asarray(m / 8)  # a mean whose square is less than the mean of the squares
    numbers = d.number(0.1, 0.01), d.number(0.9, 0.4), d.number(1e-3, 0.1), d.number(0.0, 0.01), 0.9
    options = kernels.RMSpropOptions(*numbers, d.number(False, True))
    return Example((p, g, v, d.either(m), d.either(b), options), (0, 2, 3, 4))


@example("adagrad_step")
def _adagrad_step(d: Drawing) -> Example:
    p, g, s = _parameters(d, 0)
    step, numbers = d.number(1.0, 5.0), (0.1, d.number(0.0, 0.1), d.number(1e-3, 0.1), d.number(0.0, 0.01))
    return Example((p, g, s, step, kernels.AdagradOptions(*numbers, d.number(False, True))), (0, 2))


@example("adadelta_step")
def _adadelta_step(d: Drawing) -> Example:
    p, g, v, u = _parameters(d, 0, 0)
    numbers = d.number(1.0, 0.1), d.number(0.9, 0.4), d.number(1e-3, 0.1), d.number(0.0, 0.01)
    return Example((p, g, v, u, kernels.AdadeltaOptions(*numbers, d.number(False, True))), (0, 2, 3))
