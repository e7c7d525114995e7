"""Examples for the loss of the target classes and the mean squared error."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.kernels.examples.example import Drawing, Example, example


def _targets(d: Drawing) -> tuple[tuple[int, ...], np.ndarray, Any, int, str]:
    """The shape of x, target, weight, ignored class, reduction."""
    rest = d.number((), (), (1,), (2, 3), (5, 7))
    n, classes = d.number(1, 2, 5, 0, 300, 1500) if not rest else d.number(1, 3, 40), d.number(1, 2, 5, 13)
    target = d.random.integers(0, classes, (n, *rest))
    ignored = d.number(-100, 0)
    if ignored < 0 and d.number(True, False):
        target[d.random.random(target.shape) < 0.3] = ignored
    weight = d.either(d.plain(classes, low=0.25, high=2))
    return (n, classes, *rest), d.laid_out(target), weight, ignored, d.number("none", "sum", "mean")


@example("nll_loss")
def _nll_loss(d: Drawing) -> Example:
    shape, *rest = _targets(d)
    return Example((d.array(*shape, low=-4, high=-0.5), *rest))


@example("nll_loss_grad")
def _nll_loss_grad(d: Drawing) -> Example:
    shape, target, *rest = _targets(d)
    g = d.array(*(target.shape if rest[-1] == "none" else ()))
    return Example((g, shape, target, *rest))


def _pair(d: Drawing) -> tuple[np.ndarray, np.ndarray, str]:
    """x, target, reduction; the squares of up to 4096 elements are summed by one block."""
    shape = d.number((), (0, 3), (3, 4), (2, 3, 5), (4500,), (4096,))
    return d.array(*shape), d.array(*shape), d.number("none", "sum", "mean")


@example("mse_loss")
def _mse_loss(d: Drawing) -> Example:
    return Example(_pair(d))


@example("mse_loss_grad")
def _mse_loss_grad(d: Drawing) -> Example:
    x, target, reduction = _pair(d)
    return Example((d.array(*(x.shape if reduction == "none" else ())), x, target, reduction))
