"""Examples for normalization."""

from __future__ import annotations

from tests.kernels.examples.example import Drawing, Example, example


def _grouped(d: Drawing) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A shape, and the dimensions that a group spans."""
    n = d.row()
    return d.number(
        ((3, n), (1,)),
        ((2, 3, n), (2,)),
        ((n, 2), (0,)),
        ((2, 3, 4, 5), (2, 3)),
        ((3, 2, 4, 7), (0, 2, 3)),
        ((n, 3, 2), (0, 2)),
        ((2, 3, 4), (0, 1, 2)),
        ((2, 3, 2, 3), (0, 2)),
        ((70, 1), (1,)),
        ((0, n), (1,)),
    )


def _parameters(d: Drawing) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """A shape, the dimensions that a group spans, the shape of the parameters, and to what they are reshaped."""
    n = d.row()
    return d.number(
        ((3, n), (1,), (n,), (1, n)),
        ((2, 3, n), (1, 2), (3, n), (1, 3, n)),
        ((40, 7), (1,), (7,), (1, 7)),
        ((n, 2), (0,), (2,), (1, 2)),
        ((3, 2, 4, 7), (0, 2, 3), (2,), (1, 2, 1, 1)),
        ((2, 5, 6, 8), (0, 2, 3), (5,), (1, 5, 1, 1)),
        ((n, 3, 2), (0, 2), (3,), (1, 3, 1)),
        ((2, 3, 4, n), (2, 3), (12,), (1, 3, 4, 1)),
        ((3, 1, 4, 2), (2, 3), (4,), (1, 1, 4, 1)),
        ((2, 3, 4), (0, 1, 2), (3,), (1, 3, 1)),
        ((2, 3, 4), (2,), (3,), (1, 3, 1)),
        ((70, 1), (1,), (1,), (1, 1)),
        ((0, n), (1,), (n,), (1, n)),
    )


@example("normalize")
def _normalize(d: Drawing) -> Example:
    x, dims, own, shape = _parameters(d)
    middle = d.number(0, 3)
    parameters = (d.either(d.factors(*own)) for _ in range(2))
    return Example((d.array(*x, low=middle - 8, high=middle + 8), *parameters, shape, dims, d.number(1e-5, 0.1)))


@example("normalize_grad")
def _normalize_grad(d: Drawing) -> Example:
    x, dims, own, shape = _parameters(d)
    kept = tuple(1 if i in dims else n for i, n in enumerate(x))
    parameters = (d.either(d.factors(*own)) for _ in range(2))
    statistics = d.plain(*kept, low=-1, high=1), d.plain(*kept, low=0.25, high=2)
    return Example((d.array(*x), d.plain(*x), *parameters, *statistics, shape, dims), wide=(4, 5))


@example("scale_by_rms")
def _scale_by_rms(d: Drawing) -> Example:
    shape, dims = _grouped(d)
    return Example((d.array(*shape), dims, d.number(1e-5, 0.1)))
