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


@example("standardize")
def _standardize(d: Drawing) -> Example:
    shape, dims = _grouped(d)
    middle = d.number(0, 3)
    return Example((d.array(*shape, low=middle - 8, high=middle + 8), dims, d.number(1e-5, 0.1)))


@example("standardize_grad")
def _standardize_grad(d: Drawing) -> Example:
    shape, dims = _grouped(d)
    kept = tuple(1 if i in dims else n for i, n in enumerate(shape))
    return Example((d.array(*shape), d.array(*shape), d.plain(*kept, low=0.25, high=2), dims), wide=(2,))


@example("scale_by_rms")
def _scale_by_rms(d: Drawing) -> Example:
    shape, dims = _grouped(d)
    return Example((d.array(*shape), dims, d.number(1e-5, 0.1)))
