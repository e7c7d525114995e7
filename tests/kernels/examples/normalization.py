"""Examples for normalization."""

from __future__ import annotations

from math import prod

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


def _of_channels(d: Drawing) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """The shape of an input of group norm, that of its groups, and that of a value for each channel."""
    n, groups, each, size = d.between(1, 3), d.between(1, 3), d.between(1, 3), d.number(9, 33, 100)
    return (n, groups * each, size), (n * groups, each * size), (1, groups * each, 1)


@example("normalize")
def _normalize(d: Drawing) -> Example:
    middle = d.number(0, 3)
    if d.number(False, False, True):
        x_shape, shape, spread = _of_channels(d)
        parameters = (d.either(d.array(x_shape[1])) for _ in range(2))
        x = d.array(*x_shape, low=middle - 8, high=middle + 8)
        return Example((x, *parameters, shape, (1,), spread, d.number(1e-5, 0.1)))
    shape, dims = _grouped(d)
    kept = tuple(1 if i in dims else n for i, n in enumerate(shape))
    spread = d.number(kept, shape[-1:])
    n = prod(spread)
    x = d.array(*shape, low=middle - 8, high=middle + 8)
    return Example((x, d.either(d.array(n)), d.either(d.array(n)), shape, dims, spread, d.number(1e-5, 0.1)))


@example("normalize_grad")
def _normalize_grad(d: Drawing) -> Example:
    if d.number(False, False, True):
        g_shape, shape, spread = _of_channels(d)
        y, scale = d.array(*shape), d.plain(shape[0], 1, low=0.25, high=2)
        return Example((d.array(*g_shape), y, scale, d.either(d.array(g_shape[1])), (1,), spread), wide=(1, 2))
    shape, dims = _grouped(d)
    kept = tuple(1 if i in dims else n for i, n in enumerate(shape))
    y, scale = d.array(*shape), d.plain(*kept, low=0.25, high=2)
    return Example((d.array(*shape), y, scale, d.either(d.array(shape[-1])), dims, shape[-1:]), wide=(1, 2))


@example("normalize_by")
def _normalize_by(d: Drawing) -> Example:
    shape = d.number((3, 2), (2, 3, 5), (2, 3, 4, 5), (0, 3), (1, 7))
    c = shape[1]
    statistics = d.plain(c), d.plain(c, low=0.25, high=2)
    return Example((d.array(*shape), *statistics, d.either(d.plain(c)), d.either(d.plain(c)), d.number(1e-5, 0.1)))


@example("update_running")
def _update_running(d: Drawing) -> Example:
    c = d.number(1, 3, 7)
    running = d.array(c, expanded=False), d.array(c, expanded=False)
    batch = d.plain(1, c, 1), d.plain(1, c, 1)
    return Example((*running, *batch, d.number(0.0, 0.1, 1.0), d.number(1.0, 1.5)), (0, 1), wide=(2, 3))


@example("scale_by_rms")
def _scale_by_rms(d: Drawing) -> Example:
    shape, dims = _grouped(d)
    return Example((d.array(*shape), dims, d.number(1e-5, 0.1)))
