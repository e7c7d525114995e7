"""Recurrent layers on NumPy: few calls per step, into buffers made once.

Forward, one exponential serves all gates of a step: σ(a) = 1 / (1 + e⁻ᵃ), with the sign changed in the weights and in z
beforehand. If e⁻ᵃ overflows, σ(a) is 0, which is right. (½ · tanh(½a) + ½ is faster still, but has no relative
precision near 0, which matters for the gradients of a closed gate.) Backward, the factors that do not depend on the
incoming gradient are computed for all steps at once; each step only multiplies them by this gradient.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kernels.backend import Array
from kernels.cpu.products import times
from kernels.rnn import Steps, gru, gru_grad, lstm, lstm_grad, resize_batch, rnn, rnn_grad

BLOCK = 1 << 14
"""Of how many numbers the factors of a gate's gradient are computed at a time, if a step has no more."""


def _single_or_double(x: Array, *_: object) -> bool:
    return x.dtype.char in "fd"


@rnn.on("numpy", when=_single_or_double)
def rnn_numpy(z: Array, h0: Array, weight_hh: Array, nonlinearity: str, steps: Steps) -> tuple[Array, Array]:
    """`rnn` into its result."""
    out = np.empty_like(z, order="C")
    times_weight = times(weight_hh.T, len(h0))
    h = h0
    for rows, n in steps.in_order():
        a = out[rows]
        times_weight(resize_batch(h, h0, n), a)
        a += z[rows]
        if nonlinearity == "tanh":
            np.tanh(a, out=a)
        else:
            np.maximum(0, a, out=a)
        h = a
    return out, steps.last_states(out, h0)


@rnn_grad.on("numpy", when=_single_or_double)
def rnn_grad_numpy(
    out: Array,
    h0: Array,
    weight_hh: Array,
    g_out: Array | None,
    g_h: Array | None,
    nonlinearity: str,
    steps: Steps,
) -> tuple[Array, Array, Array]:
    """`rnn_grad` with tanh' of all steps at once."""
    da = np.empty_like(out)
    if nonlinearity == "tanh":
        np.multiply(out, out, out=da)
        np.subtract(1, da, out=da)
    gh = np.zeros_like(h0, order="C") if g_h is None else np.array(g_h, order="C")
    times_weight = times(weight_hh, len(gh))
    for rows, n in reversed(steps.in_order()):
        d, a = gh[:n], da[rows]
        if g_out is not None:
            d += g_out[rows]
        if nonlinearity == "tanh":
            a *= d
        else:
            a[...] = np.where(out[rows] <= 0, 0, d)
        times_weight(a, d)
    return da, gh, da.T @ steps.states_before(out, h0)


@lstm.on("numpy", when=_single_or_double)
@np.errstate(over="ignore")
def lstm_numpy(
    z: Array, h0: Array, c0: Array, weight_hh: Array, weight_hr: Array | None, steps: Steps
) -> tuple[Array, Array, Array, Array, Array]:
    """`lstm` with a product for each gate, and one exponential for the four of them: g is then overwritten by a tanh.

    The gates of a step are four matrices, each contiguous: functions of a slice of a row are slower.
    """
    n, size = c0.shape
    out = np.empty((len(z), h0.shape[1]), z.dtype)
    cells = np.empty((len(z), size), z.dtype)
    gates = np.empty((4, len(z), size), z.dtype)
    inputs = _gates_first(z, size)
    times_weight = times(np.negative(weight_hh.reshape(4, size, -1).swapaxes(1, 2)), n)
    projection = None if weight_hr is None else np.ascontiguousarray(weight_hr.T)
    products, works = np.empty((4, n, size), z.dtype), np.empty((n, size), z.dtype)
    h, c = h0, c0
    for rows, n in steps.in_order():
        a, work, done = products[:, :n], works[:n], gates[:, rows]
        times_weight(resize_batch(h, h0, n), a)
        np.subtract(a, inputs[:, rows], out=a)
        np.tanh(a[2], out=work)
        np.exp(a, out=a)
        a += 1
        np.divide(1, a, out=done)
        i, f, g, o = (done[k] for k in range(4))
        np.negative(work, out=g)
        before, c, h = resize_batch(c, c0, n), cells[rows], out[rows]
        np.multiply(f, before, out=c)
        np.multiply(i, g, out=work)
        c += work
        np.tanh(c, out=work)
        if projection is None:
            np.multiply(o, work, out=h)
        else:
            work *= o
            np.matmul(work, projection, out=h)
    h_n, c_n = (steps.last_states(states, first) for states, first in ((out, h0), (cells, c0)))
    return out, h_n, c_n, gates.swapaxes(0, 1), cells


@lstm_grad.on("numpy", when=_single_or_double)
def lstm_grad_numpy(
    gates: Array,
    cells: Array,
    out: Array,
    h0: Array,
    c0: Array,
    weight_hh: Array,
    weight_hr: Array | None,
    g_out: Array | None,
    g_h: Array | None,
    g_c: Array | None,
    steps: Steps,
) -> tuple[Array, Array, Array, Array, Array | None]:
    """`lstm_grad` with the factors of ∂c_t and ∂y_t of many steps at once."""
    size = c0.shape[1]
    da = np.empty((len(gates), 4 * size), gates.dtype)
    parts = _gates_first(da, size)
    c_before = steps.states_before(cells, c0)
    gates = gates.swapaxes(0, 1)
    gh = np.zeros_like(h0, order="C") if g_h is None else np.array(g_h, order="C")
    gc = np.zeros_like(c0, order="C") if g_c is None else np.array(g_c, order="C")
    dh, y = (None, None) if weight_hr is None else (np.empty_like(out), np.empty_like(cells))
    works, times_weight = np.empty_like(gc), times(weight_hh, len(gh))
    for some, within in _some_steps(steps, size):
        now = gates[:, some]
        i, f, g, o = (now[k] for k in range(4))
        tanh_c = np.tanh(cells[some])
        if y is not None:
            np.multiply(o, tanh_c, out=y[some])
        factors = np.empty_like(now)
        np.subtract(1, now[:2], out=factors[:2])
        factors[:2] *= now[:2]
        factors[0] *= g
        factors[1] *= c_before[some]
        np.multiply(g, g, out=factors[2])
        np.subtract(1, factors[2], out=factors[2])
        factors[2] *= i
        np.subtract(1, o, out=factors[3])
        factors[3] *= o
        factors[3] *= tanh_c
        through = tanh_c  # ∂c_t / ∂y_t
        through *= through
        np.subtract(1, through, out=through)
        through *= o
        for rows, at, n in within:
            d, dc, work, now = gh[:n], gc[:n], works[:n], factors[:, at]
            if g_out is not None:
                d += g_out[rows]
            if dh is None:
                dy = d
            else:
                dh[rows] = d
                dy = d @ weight_hr
            np.multiply(dy, through[at], out=work)
            dc += work
            now[3] *= dy
            now[:3] *= dc
            dc *= f[at]
            parts[:, rows] = now
            times_weight(da[rows], d)
    weight_hh_grad = da.T @ steps.states_before(out, h0)
    return da, gh, gc, weight_hh_grad, None if dh is None else dh.T @ y


def _gates_first(a: Array, size: int) -> Array:
    """The columns of a (rows, 4 · size) as (4, rows, size): a view."""
    return a.reshape(-1, 4, size).swapaxes(0, 1)


def _some_steps(steps: Steps, size: int) -> Iterator[tuple[slice, list[tuple[slice, slice, int]]]]:
    """The steps, the last one first, a few at a time: the rows of these; and for each its rows, these counted from the
    first of the few, and their number.
    """
    order = steps.in_order()[::-1]
    count = max(1, BLOCK // max(1, size * max((n for _, n in order), default=1)))
    for first in range(0, len(order), count):
        few = order[first : first + count]
        start, stop = min(rows.start for rows, _ in few), max(rows.stop for rows, _ in few)
        yield slice(start, stop), [(rows, slice(rows.start - start, rows.stop - start), n) for rows, n in few]


@gru.on("numpy", when=_single_or_double)
@np.errstate(over="ignore")
def gru_numpy(z: Array, h0: Array, weight_hh: Array, bias_hh: Array | None, steps: Steps) -> tuple[Array, Array, Array]:
    """`gru` with one exponential for r and u."""
    n, size = h0.shape
    out = np.empty((len(z), size), z.dtype)
    gates = np.empty((len(z), 4 * size), z.dtype)
    sign = np.full(3 * size, -1, z.dtype)
    sign[2 * size :] = 1
    times_weight = times(weight_hh.T * sign, n)
    np.multiply(z, sign, out=gates[:, : 3 * size])
    if bias_hh is None:
        gates[:, 3 * size :] = 0
    else:
        gates[:, : 2 * size] -= bias_hh[: 2 * size]
        gates[:, 3 * size :] = bias_hh[2 * size :]
    products, works = np.empty((n, 3 * size), z.dtype), np.empty((n, size), z.dtype)
    h = h0
    for rows, n in steps.in_order():
        before, product, work, new = resize_batch(h, h0, n), products[:n], works[:n], out[rows]
        a = gates[rows]
        both, r, u = a[:, : 2 * size], a[:, :size], a[:, size : 2 * size]
        candidate, m = a[:, 2 * size : 3 * size], a[:, 3 * size :]
        times_weight(before, product)
        both += product[:, : 2 * size]
        _inverse_of_one_plus_exp(both)
        m += product[:, 2 * size :]
        np.multiply(r, m, out=work)
        candidate += work
        np.tanh(candidate, out=candidate)
        np.subtract(before, candidate, out=work)  # (1 - u) · n + u · h = n + u · (h - n)
        work *= u
        np.add(candidate, work, out=new)
        h = new
    return out, steps.last_states(out, h0), gates


@gru_grad.on("numpy", when=_single_or_double)
def gru_grad_numpy(
    gates: Array,
    out: Array,
    h0: Array,
    weight_hh: Array,
    g_out: Array | None,
    g_h: Array | None,
    steps: Steps,
) -> tuple[Array, Array, Array, Array]:
    """`gru_grad` with the factors of ∂h_t of all steps at once: for ∂m_n, ∂z_r, ∂z_u, ∂z_n, in this order."""
    size = h0.shape[1]
    r, u, n, m_n = (gates[:, start : start + size] for start in range(0, 4 * size, size))
    h_before = steps.states_before(out, h0)
    factors = np.empty_like(gates)
    parts = factors.reshape(-1, 4, size)
    d_m, d_r, d_u, d_n = (parts[:, k] for k in range(4))
    rest = 1 - u
    np.multiply(n, n, out=d_n)
    np.subtract(1, d_n, out=d_n)
    d_n *= rest
    np.subtract(h_before, n, out=d_u)
    d_u *= u
    d_u *= rest
    np.multiply(d_n, r, out=d_m)
    np.subtract(1, r, out=d_r)
    d_r *= d_m
    d_r *= m_n
    times_weight = times(np.roll(weight_hh, size, axis=0), len(h0))
    gh = np.zeros_like(h0, order="C") if g_h is None else np.array(g_h, order="C")
    products = np.empty_like(gh)
    dm = factors[:, : 3 * size]
    for rows, count in reversed(steps.in_order()):
        d, part, product = gh[:count], parts[rows], products[:count]
        if g_out is not None:
            d += g_out[rows]
        part *= d[:, None]
        times_weight(dm[rows], product)
        d *= u[rows]
        d += product
    return factors[:, size:], gh, np.roll(dm.T @ h_before, -size, axis=0), np.roll(dm.sum(axis=0), -size)


def _inverse_of_one_plus_exp(x: Array) -> None:
    """Replace x by 1 / (1 + eˣ)."""
    np.exp(x, out=x)
    x += 1
    np.divide(1, x, out=x)
