"""Examples for adding at indices."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.kernels.examples.example import INTEGERS, Drawing, Example, example


def _keyed(d: Drawing) -> tuple[tuple[int, ...], Any]:
    """A shape, and a key for it, which selects some elements several times."""
    n = d.number(1, 3, 50, 700)
    shape: tuple[int, ...] = d.number((7, 3), (5,), (4, 5, 6), (2, 300), (1, 1))
    rows = d.random.integers(-shape[0], shape[0], n)
    kind = d.number("rows", "table", "pairs", "mixed", "mask", "none")
    if kind == "table":
        return shape, (rows[: n // 2 * 2].reshape(2, n // 2).astype(d.number("int64", "int32")),)
    if kind == "none":
        return shape, (rows[:0],)
    if kind == "mask":
        return shape, (d.random.random(shape) < 0.5,)
    if kind == "pairs" and len(shape) > 1:
        return shape, (rows, d.random.integers(0, shape[1], n))
    if kind == "mixed" and len(shape) > 1:
        return shape, (slice(None, None, 2), d.random.integers(0, shape[1], min(n, 50)))
    return shape, (rows,)


@example("index_grad")
def _index_grad(d: Drawing) -> Example:
    shape, key = _keyed(d)
    return Example((d.array(*np.empty(shape)[key].shape), shape, key))


@example("index_put")
def _index_put(d: Drawing) -> Example:
    shape, key = _keyed(d)
    dtype = d.number("float64", "float64", *INTEGERS)
    found = np.empty(shape)[key].shape
    unique = np.zeros(shape, int)
    np.add.at(unique, key, 1)
    accumulate = d.number(True, True, False) if unique.max() < 2 else True
    if dtype != "float64":  # a sum of at most 100 ones and a 2 is in the range of every dtype
        x, values = d.integers(dtype, *shape, high=2), d.random.integers(0, 2, found).astype(dtype)
        values.reshape(-1)[100:] = 0
        return Example((x, values, key, accumulate))
    values = d.array(*(found if d.number(True, False) else ()))
    return Example((d.array(*shape), values, key, accumulate))


def _gathered(d: Drawing) -> tuple[tuple[int, ...], int, np.ndarray]:
    """A shape, a dimension, and indices along it, in the other dimensions as many or fewer."""
    shape = d.number((4, 5, 3), (6, 40), (1, 2), (9,))
    dim = d.between(0, len(shape) - 1)
    index = list(shape) if d.number(True, False) else [d.between(1, n) for n in shape]
    index[dim] = d.number(1, 4, 30, 40)
    return shape, dim, d.laid_out(d.random.integers(0, shape[dim], index))


@example("gather")
def _gather(d: Drawing) -> Example:
    shape, dim, index = _gathered(d)
    return Example((d.array(*shape), dim, index))


@example("gather_grad")
def _gather_grad(d: Drawing) -> Example:
    shape, dim, index = _gathered(d)
    return Example((d.array(*index.shape), shape, dim, index))


@example("scatter_add")
def _scatter_add(d: Drawing) -> Example:
    shape, dim, index = _gathered(d)
    source = d.array(*(n + d.number(0, 1) for n in index.shape))
    return Example((d.array(*shape), dim, index, source))
