"""Recurrent layers: one direction of one layer. How rows are packed, and the formulas, are said in `kernels.rnn`.

The gradients are fused kernels; those of higher order go through the composite in small ops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import kernels
from kernels.rnn import Sizes, recurrence
from minitorch.autograd.op import Op
from minitorch.ops.elementwise import relu, sigmoid, tanh
from minitorch.ops.linear_algebra import matmul, turned
from minitorch.ops.shape import cat, select


def _run(
    step: Callable[..., tuple[Any, ...]], z: Any, states: tuple[Any, ...], batch_sizes: Sizes, reverse: bool
) -> tuple[Any, ...]:
    """The first state after every step in the order of the rows, and all last states.

    Args:
        step: takes the rows of z and the states before the step, gives the states after it.
        z: (rows, …).
        states: the initial ones, each (N, …); those of sequences that have not begun, or have ended, stay.
        batch_sizes: how many sequences have each step.
        reverse: from the last step to the first.
    """
    outs = []
    for rows, n in recurrence(batch_sizes, reverse):
        after = step(select(z, (rows,)), *(select(s, (slice(n),)) for s in states))
        outs.append(after[0])
        waiting = (select(s, (slice(n, None),)) for s in states)
        states = after if n == states[0].shape[0] else tuple(cat(0, a, w) for a, w in zip(after, waiting, strict=True))
    return (cat(0, *(outs[::-1] if reverse else outs)), *states)


def _columns(x: Any, size: int) -> list[Any]:
    return [select(x, (slice(None), slice(start, start + size))) for start in range(0, x.shape[1], size)]


def _rnn(z: Any, h0: Any, weight_hh: Any, nonlinearity: str, batch_sizes: Sizes, reverse: bool) -> tuple[Any, ...]:
    phi = tanh if nonlinearity == "tanh" else relu
    weight = turned(weight_hh)
    return _run(lambda z_t, h: (phi(z_t + matmul(h, weight)),), z, (h0,), batch_sizes, reverse)


def _lstm(
    z: Any, h0: Any, c0: Any, weight_hh: Any, weight_hr: Any, batch_sizes: Sizes, reverse: bool
) -> tuple[Any, ...]:
    size = c0.shape[1]
    weight = turned(weight_hh)
    projection = None if weight_hr is None else turned(weight_hr)

    def step(z_t: Any, h: Any, c: Any) -> tuple[Any, Any]:
        i, f, g, o = _columns(z_t + matmul(h, weight), size)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        y = sigmoid(o) * tanh(c)
        return (y if projection is None else matmul(y, projection)), c

    return (*_run(step, z, (h0, c0), batch_sizes, reverse), None, None)


def _gru(z: Any, h0: Any, weight_hh: Any, bias_hh: Any, batch_sizes: Sizes, reverse: bool) -> tuple[Any, ...]:
    size = h0.shape[1]
    weight = turned(weight_hh)

    def step(z_t: Any, h: Any) -> tuple[Any]:
        m = matmul(h, weight)
        z_r, z_u, z_n = _columns(z_t, size)
        m_r, m_u, m_n = _columns(m if bias_hh is None else m + bias_hh, size)
        r, u = sigmoid(z_r + m_r), sigmoid(z_u + m_u)
        n = tanh(z_n + r * m_n)
        return ((1 - u) * n + u * h,)

    return (*_run(step, z, (h0,), batch_sizes, reverse), None)


rnn = Op(
    kernels.rnn,
    outputs=("out", "h_n"),
    composite=_rnn,
    joint=(
        ("z", "h0", "weight_hh"),
        lambda g, out, h0, weight_hh, nonlinearity, batch_sizes, reverse: kernels.rnn_grad(
            out, h0, weight_hh, *g, nonlinearity, batch_sizes, reverse
        ),
    ),
)
lstm = Op(
    kernels.lstm,
    outputs=("out", "h_n", "c_n", "gates", "cells"),
    composite=_lstm,
    joint=(
        ("z", "h0", "c0", "weight_hh", "weight_hr"),
        lambda g, gates, cells, out, h0, c0, weight_hh, weight_hr, batch_sizes, reverse: kernels.lstm_grad(
            gates, cells, out, h0, c0, weight_hh, weight_hr, *g[:3], batch_sizes, reverse
        ),
    ),
)
gru = Op(
    kernels.gru,
    outputs=("out", "h_n", "gates"),
    composite=_gru,
    joint=(
        ("z", "h0", "weight_hh", "bias_hh"),
        lambda g, gates, out, h0, weight_hh, batch_sizes, reverse: kernels.gru_grad(
            gates, out, h0, weight_hh, *g[:2], batch_sizes, reverse
        ),
    ),
)
