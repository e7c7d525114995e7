"""Recurrent layers: one direction of one layer over whole sequences, forward and backward.

Sequences come packed. Of N sequences, the longest first, ``batch_sizes[t]`` have a step t; the rows of an array are
the rows of step 0, then the rows of step 1, and so on. A batch of T steps (T·N rows) is ``batch_sizes = (N,) * T``.

The input's part of the gates, z = x · W_ihᵀ + b, is one product for all steps and is computed before (`linear`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from kernels.backend import Array, namespace
from kernels.dispatch import kernel
from kernels.linear_algebra import matmul


class Steps(NamedTuple):
    """The steps of packed sequences.

    Attributes:
        batch_sizes: how many sequences have each step.
        reverse: whether the recurrence runs from each sequence's last step to its first.
    """

    batch_sizes: tuple[int, ...]
    reverse: bool

    def in_order(self) -> Sequence[tuple[slice, int]]:
        """The rows of each step and their number, in the order in which the steps are taken."""
        sizes = self.batch_sizes
        steps = [(slice(stop - n, stop), n) for n, stop in zip(sizes, accumulate(sizes), strict=True)]
        return steps[::-1] if self.reverse else steps

    def alike(self, n: int) -> bool:
        """Whether all n sequences are of one length."""
        return len(self.batch_sizes) * n == sum(self.batch_sizes)

    def states_before(self, states: Array, initial: Array) -> Array:
        """Each row's state before its step (rows, size), given those after it, and the initial ones (N, size)."""
        xp, n = namespace(states), len(initial)
        if self.alike(n):
            return xp.concatenate((states[n:], initial) if self.reverse else (initial, states[: len(states) - n]))
        before = xp.empty_like(states)
        state = initial.copy()
        for rows, n in self.in_order():
            before[rows] = state[:n]
            state[:n] = states[rows]
        return before

    def last_states(self, states: Array, initial: Array) -> Array:
        """The states after each sequence's last step (N, size), given those after every step, and the initial ones."""
        n = len(initial)
        if self.reverse:
            return states[:n].copy()
        if self.alike(n):
            return states[len(states) - n :].copy()
        last, sizes = namespace(states).empty(initial.shape, states.dtype), self.batch_sizes
        for stop, n, left in zip(accumulate(sizes), sizes, (*sizes[1:], 0), strict=True):
            last[left:n] = states[stop - n + left : stop]
        return last


def resize_batch(states: Array, initial: Array, n: int) -> Array:
    """The states before a step of n sequences, given those after the step before it.

    Rows of sequences that have ended are dropped; initial states are appended for those that start here (in reverse).
    """
    known = len(states)
    if known == 0:
        return initial[:n]
    return states[:n] if n <= known else namespace(states).concatenate((states, initial[known:n]))


def _sigmoid(x: Array) -> Array:
    """1 / (1 + e⁻ˣ), for negative x as eˣ / (1 + eˣ): nothing overflows."""
    xp = namespace(x)
    e = xp.exp(-xp.abs(x))
    return xp.where(x >= 0, 1 / (1 + e), e / (1 + e))


@kernel
def rnn(z: Array, h0: Array, weight_hh: Array, nonlinearity: str, steps: Steps) -> tuple[Array, Array]:
    """h_t = φ(z_t + h_{t-1} · W_hhᵀ) with φ = tanh or relu.

    J. L. Elman 1990, https://doi.org/10.1207/s15516709cog1402_1.

    Args:
        z: (rows, H).
        h0: (N, H).
        weight_hh: (H, H).
        nonlinearity: "tanh" or "relu".

    Returns:
        The states h of all steps (rows, H), and the last ones (N, H).
    """
    xp = namespace(z)
    out, h = xp.empty_like(z), h0.copy()
    for rows, n in steps.in_order():
        a = z[rows] + matmul(h[:n], weight_hh.T)
        h[:n] = xp.tanh(a) if nonlinearity == "tanh" else xp.maximum(0, a)
        out[rows] = h[:n]
    return out, h


@kernel
def rnn_grad(
    out: Array,
    h0: Array,
    weight_hh: Array,
    g_out: Array | None,
    g_h: Array | None,
    nonlinearity: str,
    steps: Steps,
) -> tuple[Array, Array, Array]:
    """The gradients of `rnn` for z, h0 and weight_hh, given the gradients of its results (None: zero).

    From the last step to the first: ∂a_t = ∂h_t · φ'(a_t), ∂h_{t-1} = ∂a_t · W_hh; tanh' = 1 - h², relu' = [h > 0]
    (a gradient of NaN or ∞ is 0 too where h is 0, as in torch: it is not multiplied by relu').
    """
    xp = namespace(out)
    da = xp.empty_like(out)
    gh = xp.zeros_like(h0) if g_h is None else g_h.copy()
    for rows, n in reversed(steps.in_order()):
        if g_out is not None:
            gh[:n] += g_out[rows]
        h = out[rows]
        da[rows] = gh[:n] * (1 - h * h) if nonlinearity == "tanh" else xp.where(h <= 0, 0, gh[:n])
        gh[:n] = matmul(da[rows], weight_hh)
    return da, gh, matmul(da.T, steps.states_before(out, h0))


@kernel
def lstm(
    z: Array, h0: Array, c0: Array, weight_hh: Array, weight_hr: Array | None, steps: Steps
) -> tuple[Array, Array, Array, Array, Array]:
    """Long short-term memory, with a_t = z_t + h_{t-1} · W_hhᵀ in four parts.

        i, f, o = σ(a_i), σ(a_f), σ(a_o)         g = tanh(a_g)
        c_t = f · c_{t-1} + i · g                h_t = o · tanh(c_t), or projected (o · tanh(c_t)) · W_hrᵀ

    S. Hochreiter and J. Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735, with the forget gate of F. Gers
    et al. 2000; the projection is of H. Sak et al. 2014, https://arxiv.org/abs/1402.1128.

    Args:
        z: (rows, 4H), the parts in the order i, f, g, o.
        h0: (N, P); P = H without projection.
        c0: (N, H).
        weight_hh: (4H, P).
        weight_hr: (P, H), or None for no projection.

    Returns:
        The states h of all steps (rows, P), the last h (N, P) and c (N, H); for the backward pass the gates i, f, g, o
        (rows, 4, H) and the states c (rows, H) of all steps.
    """
    xp = namespace(z)
    size = c0.shape[1]
    gates = xp.empty((len(z), 4, size), z.dtype)
    cells = xp.empty((len(z), size), z.dtype)
    out = xp.empty((len(z), h0.shape[1]), z.dtype)
    h, c = h0.copy(), c0.copy()
    for rows, n in steps.in_order():
        i, f, g, o = _split(z[rows] + matmul(h[:n], weight_hh.T), size)
        i, f, g, o = _sigmoid(i), _sigmoid(f), xp.tanh(g), _sigmoid(o)
        c[:n] = f * c[:n] + i * g
        y = o * xp.tanh(c[:n])
        h[:n] = y if weight_hr is None else matmul(y, weight_hr.T)
        gates[rows] = xp.stack((i, f, g, o), axis=1)
        cells[rows] = c[:n]
        out[rows] = h[:n]
    return out, h, c, gates, cells


@kernel
def lstm_grad(
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
    """The gradients of `lstm` for z, h0, c0, weight_hh and weight_hr, given the gradients of its results (None: zero).

    From the last step to the first, with y_t = o · tanh(c_t) and ∂y_t = ∂h_t, or ∂h_t · W_hr if projected:

        ∂c_t += ∂y_t · o · (1 - tanh²(c_t))
        ∂a_i = ∂c_t · g · i · (1 - i)            ∂a_f = ∂c_t · c_{t-1} · f · (1 - f)
        ∂a_g = ∂c_t · i · (1 - g²)               ∂a_o = ∂y_t · tanh(c_t) · o · (1 - o)
        ∂c_{t-1} = ∂c_t · f                      ∂h_{t-1} = ∂a_t · W_hh
    """
    xp = namespace(gates)
    size = c0.shape[1]
    da, dh = xp.empty((len(gates), 4 * size), gates.dtype), xp.empty_like(out)
    gh = xp.zeros_like(h0) if g_h is None else g_h.copy()
    gc = xp.zeros_like(c0) if g_c is None else g_c.copy()
    c_before = steps.states_before(cells, c0)
    tanh_c = xp.tanh(cells)
    for rows, n in reversed(steps.in_order()):
        i, f, g, o = (gates[rows, k] for k in range(4))
        t = tanh_c[rows]
        if g_out is not None:
            gh[:n] += g_out[rows]
        dh[rows] = gh[:n]
        gy = gh[:n] if weight_hr is None else matmul(gh[:n], weight_hr)
        gc[:n] += gy * o * (1 - t * t)
        d = gc[:n]
        parts = d * g * i * (1 - i), d * c_before[rows] * f * (1 - f), d * i * (1 - g * g), gy * t * o * (1 - o)
        da[rows] = xp.concatenate(parts, axis=1)
        gc[:n] *= f
        gh[:n] = matmul(da[rows], weight_hh)
    weight_hh_grad = matmul(da.T, steps.states_before(out, h0))
    weight_hr_grad = None if weight_hr is None else matmul(dh.T, gates[:, 3] * tanh_c)
    return da, gh, gc, weight_hh_grad, weight_hr_grad


@kernel
def gru(z: Array, h0: Array, weight_hh: Array, bias_hh: Array | None, steps: Steps) -> tuple[Array, Array, Array]:
    """Gated recurrent units, with m_t = h_{t-1} · W_hhᵀ + b_hh, z and m in three parts.

        r = σ(z_r + m_r)                         u = σ(z_u + m_u)
        n = tanh(z_n + r · m_n)                  h_t = (1 - u) · n + u · h_{t-1}

    K. Cho et al. 2014, https://arxiv.org/abs/1406.1078; r is applied after the product, as cuDNN and torch do.

    Args:
        z: (rows, 3H), the parts in the order r, u, n (torch calls u z).
        h0: (N, H).
        weight_hh: (3H, H).
        bias_hh: (3H), or None.

    Returns:
        The states h of all steps (rows, H), the last ones (N, H), and for the backward pass r, u, n and m_n (rows, 4H).
    """
    xp = namespace(z)
    size = h0.shape[1]
    out = xp.empty((len(z), size), z.dtype)
    gates = xp.empty((len(z), 4 * size), z.dtype)
    h = h0.copy()
    for rows, count in steps.in_order():
        m = matmul(h[:count], weight_hh.T)
        if bias_hh is not None:
            m += bias_hh
        r, u = _split(_sigmoid(z[rows, : 2 * size] + m[:, : 2 * size]), size)
        m_n = m[:, 2 * size :]
        n = xp.tanh(z[rows, 2 * size :] + r * m_n)
        h[:count] = (1 - u) * n + u * h[:count]
        gates[rows] = xp.concatenate((r, u, n, m_n), axis=1)
        out[rows] = h[:count]
    return out, h, gates


@kernel
def gru_grad(
    gates: Array,
    out: Array,
    h0: Array,
    weight_hh: Array,
    g_out: Array | None,
    g_h: Array | None,
    steps: Steps,
) -> tuple[Array, Array, Array, Array]:
    """The gradients of `gru` for z, h0, weight_hh and bias_hh, given the gradients of its results (None: zero).

    From the last step to the first:

        ∂z_n = ∂h_t · (1 - u) · (1 - n²)         ∂z_u = ∂h_t · (h_{t-1} - n) · u · (1 - u)
        ∂z_r = ∂z_n · m_n · r · (1 - r)          ∂m = ∂z_r, ∂z_u, ∂z_n · r
        ∂h_{t-1} = ∂h_t · u + ∂m · W_hh
    """
    xp = namespace(gates)
    size = h0.shape[1]
    dz = xp.empty((len(gates), 3 * size), gates.dtype)
    dm = xp.empty_like(dz)
    gh = xp.zeros_like(h0) if g_h is None else g_h.copy()
    h_before = steps.states_before(out, h0)
    for rows, count in reversed(steps.in_order()):
        r, u, n, m_n = _split(gates[rows], size)
        if g_out is not None:
            gh[:count] += g_out[rows]
        d = gh[:count]
        d_n = d * (1 - u) * (1 - n * n)
        d_u = d * (h_before[rows] - n) * u * (1 - u)
        d_r = d_n * m_n * r * (1 - r)
        dz[rows] = xp.concatenate((d_r, d_u, d_n), axis=1)
        dm[rows] = xp.concatenate((d_r, d_u, d_n * r), axis=1)
        gh[:count] = d * u + matmul(dm[rows], weight_hh)
    return dz, gh, matmul(dm.T, h_before), dm.sum(axis=0)


def _split(x: Array, size: int) -> list[Array]:
    """The columns of x in parts of `size`."""
    return [x[:, start : start + size] for start in range(0, x.shape[1], size)]
