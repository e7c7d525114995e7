"""Recurrent layers: one direction of one layer. `kernels.rnn` explains how rows are packed, and has the formulas.

The gradients are fused kernels; gradients of higher order use the composite in small ops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import kernels
from kernels.rnn import Steps
from minitorch.autograd.op import Op
from minitorch.ops.elementwise import relu, sigmoid, tanh
from minitorch.ops.linear_algebra import matmul, transposed
from minitorch.ops.shape import cat, select


def _unroll(step: Callable[..., tuple[Any, ...]], z: Any, states: tuple[Any, ...], steps: Steps) -> tuple[Any, ...]:
    """The first state after every step in the order of the rows, and all last states.

    Args:
        step: a function of the rows of z and the states before the step; returns the states after it.
        z: (rows, …).
        states: the initial states, each (N, …). States of sequences that have not begun or have ended do not change.
        steps: the batch size of every step, and the direction.
    """
    outs = []
    for rows, n in steps.in_order():
        after = step(select(z, (rows,)), *(select(s, (slice(n),)) for s in states))
        outs.append(after[0])
        waiting = (select(s, (slice(n, None),)) for s in states)
        states = after if n == states[0].shape[0] else tuple(cat(0, a, w) for a, w in zip(after, waiting, strict=True))
    return (cat(0, *(outs[::-1] if steps.reverse else outs)), *states)


def _split(x: Any, size: int) -> list[Any]:
    return [select(x, (slice(None), slice(start, start + size))) for start in range(0, x.shape[1], size)]


def _rnn(z: Any, h0: Any, weight_hh: Any, nonlinearity: str, steps: Steps) -> tuple[Any, ...]:
    phi = tanh if nonlinearity == "tanh" else relu
    weight = transposed(weight_hh)
    return _unroll(lambda z_t, h: (phi(z_t + matmul(h, weight)),), z, (h0,), steps)


def _lstm(z: Any, h0: Any, c0: Any, weight_hh: Any, weight_hr: Any, steps: Steps) -> tuple[Any, ...]:
    size = c0.shape[1]
    weight = transposed(weight_hh)
    projection = None if weight_hr is None else transposed(weight_hr)

    def step(z_t: Any, h: Any, c: Any) -> tuple[Any, Any]:
        i, f, g, o = _split(z_t + matmul(h, weight), size)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        y = sigmoid(o) * tanh(c)
        return (y if projection is None else matmul(y, projection)), c

    return (*_unroll(step, z, (h0, c0), steps), None, None)


def _lstm_grad(g: tuple[Any, Any, Any], *args: Any) -> tuple[Any, ...]:
    """The gradients of `lstm`. The first step's c does not depend on weight_hr, so that this has no gradient then."""
    grads: tuple[Any, ...] = kernels.lstm_grad(*args[:-1], *g, args[-1])
    only_c = g[0] is None and g[1] is None
    return (*grads[:4], None) if only_c and len(args[-1].batch_sizes) == 1 else grads


def _gru(z: Any, h0: Any, weight_hh: Any, bias_hh: Any, steps: Steps) -> tuple[Any, ...]:
    size = h0.shape[1]
    weight = transposed(weight_hh)

    def step(z_t: Any, h: Any) -> tuple[Any]:
        m = matmul(h, weight)
        z_r, z_u, z_n = _split(z_t, size)
        m_r, m_u, m_n = _split(m if bias_hh is None else m + bias_hh, size)
        r, u = sigmoid(z_r + m_r), sigmoid(z_u + m_u)
        n = tanh(z_n + r * m_n)
        return ((1 - u) * n + u * h,)

    return (*_unroll(step, z, (h0,), steps), None)


rnn = Op(
    kernels.rnn,
    outputs=("out", "h_n"),
    composite=_rnn,
    joint=(
        ("z", "h0", "weight_hh"),
        lambda g, out, h0, weight_hh, nonlinearity, steps: kernels.rnn_grad(
            out, h0, weight_hh, *g, nonlinearity, steps
        ),
    ),
)
lstm = Op(
    kernels.lstm,
    outputs=("out", "h_n", "c_n", "gates", "cells"),
    composite=_lstm,
    joint=(
        ("z", "h0", "c0", "weight_hh", "weight_hr"),
        lambda g, gates, cells, out, h0, c0, weight_hh, weight_hr, steps: _lstm_grad(
            g[:3], gates, cells, out, h0, c0, weight_hh, weight_hr, steps
        ),
    ),
)
gru = Op(
    kernels.gru,
    outputs=("out", "h_n", "gates"),
    composite=_gru,
    joint=(
        ("z", "h0", "weight_hh", "bias_hh"),
        lambda g, gates, out, h0, weight_hh, steps: kernels.gru_grad(gates, out, h0, weight_hh, *g[:2], steps),
    ),
)
