"""Padding on every side of every dimension: with a constant, or with the array's own elements; and the gradient."""

from __future__ import annotations

from kernels.backend import Array, namespace
from kernels.dispatch import kernel
from kernels.windows import Pair


@kernel
def pad(x: Array, padding: tuple[Pair, ...], mode: str, value: float) -> Array:
    """x with more, or where an entry of `padding` is negative with fewer, elements before and after in each dimension.

    Output position p along a dimension of size n is input position r = p − before, or, if r is outside the input:
    ``"constant"``: `value`; ``"reflect"``: −r or 2·(n − 1) − r, the mirror image without the edge itself;
    ``"replicate"``: the nearest edge; ``"circular"``: r modulo n, where n is the size after cropping.

    Linear in x for ``value = 0``. Gradient for an incoming `g`: x: ``pad_grad(g, x.shape, padding, mode)``.

    Args:
        x: any number of dimensions.
        padding: (before, after) for each dimension. What `functional.pad` refuses is not defined.
        value: used by mode ``"constant"`` alone.
    """
    xp = namespace(x)
    if mode == "constant":
        shape = tuple(n + before + after for n, (before, after) in zip(x.shape, padding, strict=True))
        out = xp.full(shape, value, dtype=x.dtype)
        inside, kept = _overlap(x.shape, padding)
        out[inside] = x[kept]
        return out
    out = x.copy()
    for axis, (before, after) in enumerate(padding):
        if before or after:
            out = xp.take(out, xp.asarray(_sources(x.shape[axis], before, after, mode), dtype="int64"), axis=axis)
    return out


@kernel
def pad_grad(g: Array, input_shape: tuple[int, ...], padding: tuple[Pair, ...], mode: str) -> Array:
    """Zeros of `input_shape` with every element of `g` added at the position that `pad` copied: the adjoint of `pad`.

    Linear. Gradient for an incoming `h` of `input_shape`: g: ``pad(h, padding, mode, 0)``.
    """
    xp = namespace(g)
    if mode == "constant":
        out = xp.zeros(input_shape, dtype=g.dtype)
        inside, kept = _overlap(input_shape, padding)
        out[kept] = g[inside]
        return out
    out = g.copy()
    for axis, (before, after) in reversed(list(enumerate(padding))):
        if before or after:
            out = _fold(out, axis, input_shape[axis], before, after, mode)
    return xp.ascontiguousarray(out)


def _fold(g: Array, axis: int, n: int, before: int, after: int, mode: str) -> Array:
    """The adjoint of padding along `axis`, which becomes of size `n`."""
    xp = namespace(g)
    g = xp.moveaxis(g, axis, 0)
    out = xp.zeros((n, *g.shape[1:]), dtype=g.dtype)
    (inside,), (kept,) = _overlap((n,), ((before, after),))
    out[kept] = g[inside]
    for p, source in enumerate(_sources(n, before, after, mode)):
        if not inside.start <= p < inside.stop:
            out[source] += g[p]
    return xp.moveaxis(out, 0, axis)


def _overlap(shape: tuple[int, ...], padding: tuple[Pair, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """The region that input and output share, as slices of the output and as slices of the input."""
    inside, kept = [], []
    for n, (before, after) in zip(shape, padding, strict=True):
        start = max(0, -before)
        stop = max(start, n - max(0, -after))
        inside.append(slice(start + before, stop + before))
        kept.append(slice(start, stop))
    return tuple(inside), tuple(kept)


def _sources(n: int, before: int, after: int, mode: str) -> list[int]:
    """The input position that each output position along a dimension of size `n` is taken from."""
    positions = range(-before, n + after)
    if mode == "reflect":
        return [n - 1 - abs(n - 1 - abs(r)) for r in positions]
    if mode == "replicate":
        return [min(max(r, 0), n - 1) for r in positions]
    if mode == "circular":
        start, stop = max(0, -before), n - max(0, -after)
        return [start + (r - start) % (stop - start) for r in positions]
    raise NotImplementedError(f"expected padding mode constant, reflect, replicate or circular, but got {mode!r}")
