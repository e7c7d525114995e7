"""Examples for products of matrices."""

from __future__ import annotations

from tests.kernels.examples.example import Drawing, Example, example


@example("matmul")
def _matmul(d: Drawing) -> Example:
    n, k, m = (d.number(0, 1, 3, 15, 16, 17, 40) for _ in range(3))
    before, behind = d.number(((), ()), ((2,), ()), ((), (3,)), ((2, 1), (3,)), ((0,), ()))
    return Example((d.array(*before, n, k), d.factors(*behind, k, m)))


@example("linear")
def _linear(d: Drawing) -> Example:
    n, k, m = (d.number(0, 1, 3, 15, 40) for _ in range(3))
    rows = d.number((n,), (2, n), ())
    return Example((d.array(*rows, k), d.factors(m, k), d.either(d.array(m))))


@example("linear_weight_grad")
def _linear_weight_grad(d: Drawing) -> Example:
    n, k, m = (d.number(0, 1, 3, 15, 40) for _ in range(3))
    rows = d.number((n,), (2, n))
    return Example((d.array(*rows, m), d.factors(*rows, k)))
