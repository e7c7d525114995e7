"""Examples for softmax and its logarithm."""

from __future__ import annotations

from tests.kernels.examples.example import Drawing, Example, example


def _rows(d: Drawing) -> tuple[tuple[int, ...], int]:
    n = d.row()
    sizes: tuple[tuple[int, ...], int] = d.number(
        ((3, n), 1), ((n, 3), 0), ((2, n, 3), 1), ((n,), 0), ((), 0), ((0, 3), 1), ((3, 0), 1), ((70, 2), 1)
    )
    return sizes


@example("softmax", "log_softmax")
def _softmax(d: Drawing) -> Example:
    shape, dim = _rows(d)
    return Example((d.array(*shape), dim))


@example("softmax_grad", "log_softmax_grad")
def _softmax_grad(d: Drawing) -> Example:
    shape, dim = _rows(d)
    return Example((d.array(*shape), d.array(*shape), dim))
