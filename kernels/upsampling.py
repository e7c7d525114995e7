"""Resizing of signals, images and volumes: dimension by dimension, by weighted sums of a few elements.

Along one dimension, from n elements to m, output element o corresponds to position p = r·o + r/2 − 1/2 of the input,
where r = n/m: elements are intervals, whose centres are mapped. With aligned corners p = r·o and r = (n − 1)/(m − 1).

nearest         the element ⌊r·o⌋
nearest-exact   the element ⌊r·(o + 1/2)⌋
linear          the two elements around p, weighted by 1 − the distance from p
cubic           the four around p, with Keys's weights for a = −3/4 (https://doi.org/10.1109/TASSP.1981.1163711)
area            the mean of the elements ⌊o·n/m⌋ to ⌈(o + 1)·n/m⌉

Antialiased, for r > 1, the weights come from a filter that is r times as wide, so that no element is left out: a
triangle (linear), the cubic with a = −1/2, or a Lanczos window of three lobes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from kernels.backend import Array, backend_of, namespace
from kernels.dispatch import kernel
from kernels.half_precision import widened

Sizes = tuple[int, ...]
Scales = tuple[float | None, ...]
Table = tuple[np.ndarray, np.ndarray, np.ndarray | None]
"""The products of one dimension: the target to which each is added, its source, and its weight (None: all 1)."""


@kernel
def resize(x: Array, sizes: Sizes, mode: str, scales: Scales, align_corners: bool, antialias: bool) -> Array:
    """x resized to `sizes`, from the last dimension to the third.

    Linear. Gradient for an incoming `g`: x: ``resize_grad(g, x.shape[2:], …)``.

    Args:
        x: (N, C, …).
        sizes: the new sizes of the dimensions from the third on.
        mode: nearest, nearest-exact, linear, cubic, area, or lanczos (antialiased only).
        scales: 1/r for each dimension; None for the quotient of the sizes.
        align_corners: whether the first element is mapped to the first, and the last to the last.
        antialias: whether to filter.

    Returns:
        (N, C, *sizes) of x's dtype. Half precision is summed in single.
    """
    out = widened(x)
    for i in reversed(range(len(sizes))):
        table = _products(x.shape[2 + i], sizes[i], mode, scales[i], align_corners, antialias, _weight_type(x))
        out = _combine(out, 2 + i, sizes[i], table)
    return out.astype(x.dtype, copy=False)


@kernel
def resize_grad(g: Array, input_sizes: Sizes, mode: str, scales: Scales, align_corners: bool, antialias: bool) -> Array:
    """Each element of `g` times its weights, added to the elements that it was computed from: the adjoint of `resize`.

    Linear. Gradient for an incoming `h`: g: ``resize(h, g.shape[2:], …)``.

    Args:
        g: (N, C, …).
        input_sizes: the sizes of the input from the third dimension on.
    """
    out = widened(g)
    for i, size in enumerate(input_sizes):
        table = _products(size, g.shape[2 + i], mode, scales[i], align_corners, antialias, _weight_type(g))
        targets, sources, weights = table
        out = _combine(out, 2 + i, size, (sources, targets, weights))
    return out.astype(g.dtype, copy=False)


def _weight_type(x: Array) -> Any:
    """The type in which positions and weights are computed."""
    return np.float64 if x.dtype == "float64" else np.float32


def _combine(x: Array, axis: int, size: int, table: Table) -> Array:
    """The sums of a table's products along `axis`, whose size becomes `size`."""
    xp, put = namespace(x), backend_of(x).asarray
    targets, sources, weights = table
    out = None
    for chosen in _rounds(targets):
        part = xp.take(x, put(sources[chosen]), axis=axis)
        if weights is not None:
            part *= put(weights[chosen]).reshape(-1, *[1] * (x.ndim - 1 - axis))
        if len(chosen) == size and out is None:
            out = part
        elif len(chosen) == size:
            out += part
        else:
            out = xp.zeros((*x.shape[:axis], size, *x.shape[axis + 1 :]), dtype=x.dtype) if out is None else out
            out[(slice(None),) * axis + (put(targets[chosen]),)] += part
    return out


def _rounds(targets: np.ndarray) -> Iterator[np.ndarray]:
    """The indices of the products in rounds without a repeated target, so that each round is one indexed addition."""
    order = np.argsort(targets, kind="stable")
    _, starts, counts = np.unique(targets[order], return_index=True, return_counts=True)
    for i in range(np.max(counts, initial=0)):
        yield order[starts[counts > i] + i]


def _products(n: int, m: int, mode: str, scale: float | None, align_corners: bool, antialias: bool, real: Any) -> Table:
    """The table from a dimension of `n` elements to one of `m`, in numbers of the type `real`."""
    targets = np.arange(m)
    if mode == "area":
        return _area_products(n, m, real)
    if (n == m and (mode == "nearest" or antialias)) or (m == 2 * n and mode == "nearest"):
        return targets, targets // (m // n), None  # whatever the scale
    ratio = real(1 / scale) if scale else real(n) / real(m)
    if mode.startswith("nearest"):
        places = targets.astype(real) + real(0.5 if mode == "nearest-exact" else 0)
        return targets, np.minimum(np.floor(places * ratio).astype(int), n - 1), None
    if align_corners:
        ratio = real(n - 1) / real(m - 1) if m > 1 else real(0)
    if antialias:
        return _antialiased_products(n, m, mode, ratio, real)
    places = targets.astype(real) * ratio if align_corners else (targets.astype(real) + real(0.5)) * ratio - real(0.5)
    if mode == "linear":
        places = np.maximum(places, real(0))
    first = np.minimum(np.floor(places).astype(int), n - 1)
    t = np.clip(places - first.astype(real), real(0), real(1))
    if mode == "linear":
        if n == m:  # whatever the scale
            first, t = targets, np.zeros(n, real)
        sources, weights = np.stack([first, np.minimum(first + (n != m), n - 1)]), np.stack([1 - t, t])
    else:
        sources = np.clip(first + np.arange(-1, 3)[:, None], 0, n - 1)
        weights = np.stack([_cubic(abs(t - real(i)), real(-0.75)) for i in (-1, 0, 1, 2)])
    return np.tile(targets, len(sources)), sources.ravel(), weights.ravel()


def _area_products(n: int, m: int, real: Any) -> Table:
    spans = [np.arange(o * n // m, -(-(o + 1) * n // m)) for o in range(m)]
    targets = np.repeat(np.arange(m), [len(span) for span in spans])
    weights = np.concatenate([np.full(len(span), real(1) / real(len(span))) for span in spans] or [np.empty(0, real)])
    return targets, np.concatenate(spans or [targets]), weights


def _antialiased_products(n: int, m: int, mode: str, ratio: Any, real: Any) -> Table:
    """The table of an antialiased mode: the filter around each position, widened if m < n, with weights of sum 1."""
    reach, weigh = _FILTERS[mode]
    stretch = max(ratio, real(1))
    sources, weights = [], []
    for o in range(m):
        centre = ratio * real(o + 0.5)
        start = max(int(centre - real(reach) * stretch + real(0.5)), 0)
        stop = min(int(centre + real(reach) * stretch + real(0.5)), n)
        sources.append(np.arange(start, stop))
        w = weigh(abs((sources[-1].astype(real) - centre + real(0.5)) / stretch))
        weights.append(w / w.sum() if w.sum() else w)
    targets = np.repeat(np.arange(m), [len(span) for span in sources])
    return targets, np.concatenate(sources or [targets]), np.concatenate(weights or [np.empty(0, real)]).astype(real)


def _cubic(x: np.ndarray, a: Any) -> np.ndarray:
    """Keys's cubic for distances x ≥ 0: (a+2)x³ − (a+3)x² + 1 up to 1, ax³ − 5ax² + 8ax − 4a up to 2, then 0."""
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, x.dtype.type(0)))


def _triangle(x: np.ndarray) -> np.ndarray:
    return np.maximum(1 - x, x.dtype.type(0))


def _lanczos(x: np.ndarray) -> np.ndarray:
    """sinc(x) · sinc(x/3) up to 3, then 0."""
    return np.where(x < 3, np.sinc(x) * np.sinc(x / 3), x.dtype.type(0))


_FILTERS: dict[str, tuple[float, Callable[[np.ndarray], np.ndarray]]] = {
    "linear": (1.0, _triangle),
    "cubic": (2.0, lambda x: _cubic(x, x.dtype.type(-0.5))),
    "lanczos": (3.0, _lanczos),
}
"""For each mode, how far its filter reaches, and its weight at a distance."""
