"""Examples for embedding: rows of a table by number."""

from __future__ import annotations

from tests.kernels.examples.example import Drawing, Example, example


@example("embedding")
def _embedding(d: Drawing) -> Example:
    table, shape = (d.number(1, 5, 40), d.number(1, 3, 70)), d.number((), (0,), (1,), (9,), (2, 30))
    index = d.integers(d.number("int64", "int32"), *shape, high=table[0] - 1)
    return Example((d.array(*table), index, None), elementwise=True)
