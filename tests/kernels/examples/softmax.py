"""Examples for softmax and its logarithm."""

from __future__ import annotations

from tests.kernels.examples.example import Drawing, Example, example


@example("softmax", "log_softmax")
def _softmax(d: Drawing) -> Example:
    n = d.row()
    shape, dim = d.number(
        ((3, n), 1), ((n, 3), 0), ((2, n, 3), 1), ((n,), 0), ((), 0), ((0, 3), 1), ((3, 0), 1), ((70, 2), 1)
    )
    return Example((d.array(*shape), dim))
