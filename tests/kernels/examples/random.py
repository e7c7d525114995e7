"""Examples for random words."""

from __future__ import annotations

import numpy as np

from tests.kernels.examples.example import Drawing, Example, example


@example("philox")
def _philox(d: Drawing) -> Example:
    out = np.zeros(d.number(0, 1, 3, 4, 5, 1023, 4098), "uint32")
    counter = d.number(0, 2**32 - 1, 2**64 - 2, 2**128 - 1, d.between(0, 2**128 - 1))
    return Example((out, d.between(0, 2**64 - 1), counter), (0,))
