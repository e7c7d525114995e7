"""Examples for sums and means."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.kernels.examples.example import ELEMENTS, INTEGERS, Drawing, Example, example

SHAPES: list[tuple[int, ...]] = [
    *[(65, 2), (700, 3, 2), (300, 40), (2, 33), (4, 1, 90), (29, 1), (2, 17, 3, 5), (2000,)],
    *[(), (0,), (1,), (2, 0, 3), (0, 70)],
]
"""Some with many terms, in each dimension: `kernels.cpu.reduction` sums these part by part."""


def _terms(d: Drawing) -> tuple[np.ndarray, tuple[int, ...]]:
    """An array, and the dimensions to sum over."""
    x = d.array(*d.number(*SHAPES), low=d.number(-4, 0))
    return x, tuple(i for i in range(x.ndim) if d.number(True, True, False))


@example("sum")
def _sum(d: Drawing) -> Example:
    x, dims = _terms(d)
    dtype: Any = ELEMENTS
    if d.number(True, False, False):  # as of booleans, the sum of integers is an int64
        x, dtype = d.integers(d.number("bool", *INTEGERS), *x.shape), np.dtype("int64")
    return Example((x, dims, d.number(False, True), dtype))


@example("mean")
def _mean(d: Drawing) -> Example:
    x, dims = _terms(d)
    return Example((x, dims, d.number(False, True)))


@example("argmax", "argmin")
def _argmax(d: Drawing) -> Example:
    """Of few different numbers, so that many are equal, and some NaN."""
    x = d.random.integers(-2, 3, d.number((65, 2), (700, 3, 2), (4, 1, 90), (2, 600), (1,))).astype("float64")
    if d.number(True, False):
        x = np.where(d.random.random(x.shape) < 0.02, np.nan, x)
    return Example((x, d.between(0, x.ndim - 1), d.number(False, True)))


@example("var", "std")
def _var(d: Drawing) -> Example:
    x, dims = _terms(d)
    return Example((x, dims, d.number(False, True), d.number(0, 1, 1, 2.5)))


@example("sum_to")
def _sum_to(d: Drawing) -> Example:
    x, dims = _terms(d)
    kept = tuple(1 if i in dims else n for i, n in enumerate(x.shape))
    lead = 0
    while lead < len(kept) and lead in dims and d.number(True, False):
        lead += 1
    return Example((x, kept[lead:]))
