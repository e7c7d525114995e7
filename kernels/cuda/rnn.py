"""Recurrent layers on CuPy: one launch for all steps, or for each step one product by cuBLAS and one launch.

One launch does all steps (the kernels `…_steps`) where all sequences are of one length, there is no projection, and the
weight has at most `LARGEST` bytes: in float32, up to 256 units of an LSTM, 295 of a GRU, 512 of an RNN. With at most
64 units (in float64 32) and `ALONE` sequences, a block of threads takes one sequence and keeps the weight in registers.

In the other cases, states are not copied from step to step: a step reads the states of the step before where that step
wrote them, and the initial states of the sequences that begin with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from kernels.backend import Array, namespace
from kernels.cuda.launch import Template, contiguous
from kernels.cuda.linear_algebra import product
from kernels.half_precision import wide, widened
from kernels.linear_algebra import matmul
from kernels.rnn import Steps, gru, gru_grad, lstm, lstm_grad, resize_batch, rnn, rnn_grad
from kernels.shape import sum_to

rnn_step = Template("rnn.cu", "rnn_step")
rnn_step_grad = Template("rnn.cu", "rnn_step_grad")
lstm_step = Template("rnn.cu", "lstm_step")
lstm_step_grad = Template("rnn.cu", "lstm_step_grad")
gru_step = Template("rnn.cu", "gru_step")
gru_step_grad = Template("rnn.cu", "gru_step_grad")
rnn_steps, rnn_steps_grad = (Template("rnn.cu", name) for name in ("rnn_steps", "rnn_steps_grad"))
lstm_steps, lstm_steps_grad = (Template("rnn.cu", name) for name in ("lstm_steps", "lstm_steps_grad"))
gru_steps, gru_steps_grad = (Template("rnn.cu", name) for name in ("gru_steps", "gru_steps_grad"))
SEQUENCES, KEPT = 4, 256  # as in `rnn.cu`
LANES = 8  # threads of a unit, as in `rnn.cu`
ALONE = 128
"""Up to how many sequences have a block each. An H100 runs 132 blocks of this size at a time."""
LARGEST = 1 << 20
"""Bytes of the largest weight with which one launch does all steps. In each step a block reads it from the cache."""


@rnn.on("cupy", when=rnn_step.takes)
def rnn_cupy(z: Array, h0: Array, weight_hh: Array, nonlinearity: str, steps: Steps) -> tuple[Array, Array]:
    """`rnn`: one launch, or two for each step."""
    z, out = contiguous(z), namespace(z).empty(z.shape, z.dtype)
    relu = nonlinearity == "relu"
    if _in_one_launch(h0, weight_hh, steps):
        h0 = contiguous(h0)
        h_n = _like(h0)
        _run_steps(rnn_steps, weight_hh, 1, h0, steps, (z, h0, out, h_n), relu)
        return out, h_n
    weight, before = widened(weight_hh).T, h0[:0]
    for rows, n in steps.in_order():
        m = _product(resize_batch(before, h0, n), weight)
        rnn_step.each(z, out[rows].size, z[rows], m, out[rows], relu)
        before = out[rows]
    return out, steps.last_states(out, h0)


@rnn_grad.on("cupy", when=rnn_step_grad.takes)
def rnn_grad_cupy(
    out: Array,
    h0: Array,
    weight_hh: Array,
    g_out: Array | None,
    g_h: Array | None,
    nonlinearity: str,
    steps: Steps,
) -> tuple[Array, Array, Array]:
    """`rnn_grad`: one launch, or two for each step, and a product."""
    out, h0, g_out, g_h = (_contiguous_or_none(a) for a in (out, h0, g_out, g_h))
    relu = nonlinearity == "relu"
    da, weight = namespace(out).empty(out.shape, out.dtype), widened(weight_hh)
    if _in_one_launch(h0, weight_hh, steps):
        gh, before = _like(h0), _like(out)
        _run_steps(rnn_steps_grad, weight_hh.T, 1, h0, steps, (out, h0, g_out, g_h, gh, da, before), relu)
        return da, gh, matmul(da.T, before)
    gh = _gradient_to_write(g_h, h0)
    for rows, n in reversed(steps.in_order()):
        incoming = None if g_out is None else g_out[rows]
        rnn_step_grad.each(out, out[rows].size, out[rows], incoming, gh, da[rows], relu)
        gh[:n] = _product(da[rows], weight)
    return da, gh, matmul(da.T, steps.states_before(out, h0))


@lstm.on("cupy", when=lstm_step.takes)
def lstm_cupy(
    z: Array, h0: Array, c0: Array, weight_hh: Array, weight_hr: Array | None, steps: Steps
) -> tuple[Array, Array, Array, Array, Array]:
    """`lstm`: one launch, or two for each step, with a projection three."""
    xp, size = namespace(z), c0.shape[1]
    z, c0 = contiguous(z), contiguous(c0)
    out = xp.empty((len(z), h0.shape[1]), z.dtype)
    gates, cells = xp.empty(z.shape, z.dtype), xp.empty((len(z), size), z.dtype)
    if weight_hr is None and _in_one_launch(c0, weight_hh, steps):
        h_n, c_n = _like(c0), _like(c0)
        _run_steps(lstm_steps, weight_hh, 1, c0, steps, (z, contiguous(h0), c0, gates, cells, out, h_n, c_n))
        return out, h_n, c_n, gates.reshape(len(z), 4, size), cells
    y = out if weight_hr is None else xp.empty_like(cells)
    weight, projection = widened(weight_hh).T, None if weight_hr is None else widened(weight_hr).T
    h, c = h0[:0], c0[:0]
    for rows, n in steps.in_order():
        m = _product(resize_batch(h, h0, n), weight)
        step = z[rows], m, c, c0, gates[rows], cells[rows], y[rows]
        lstm_step.each(z, n * size, *step, size, len(c))
        if projection is not None:
            out[rows] = _product(y[rows], projection)
        h, c = out[rows], cells[rows]
    h_n, c_n = (steps.last_states(states, first) for states, first in ((out, h0), (cells, c0)))
    return out, h_n, c_n, gates.reshape(len(z), 4, size), cells


@lstm_grad.on("cupy", when=lstm_step_grad.takes)
def lstm_grad_cupy(
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
    """`lstm_grad`: one launch, or two for each step, with a projection a few more, and a product."""
    xp, size = namespace(gates), c0.shape[1]
    gates, cells, out, h0, c0 = map(contiguous, (gates, cells, out, h0, c0))
    g_out, g_h, g_c = map(_contiguous_or_none, (g_out, g_h, g_c))
    da, weight = xp.empty((len(gates), 4 * size), gates.dtype), widened(weight_hh)
    if weight_hr is None and _in_one_launch(c0, weight_hh, steps):
        gh, gc, before = _like(h0), _like(c0), _like(out)
        arrays = gates, cells, out, h0, c0, g_out, g_h, g_c, gh, gc, da, before
        _run_steps(lstm_steps_grad, weight_hh.T, 4, c0, steps, arrays)
        return da, gh, gc, matmul(da.T, before), None
    gh, gc = _gradient_to_write(g_h, h0), _gradient_to_write(g_c, c0)
    dh = None if weight_hr is None else xp.empty_like(out)
    order = steps.in_order()
    earlier = [slice(0), *(rows for rows, _ in order[:-1])]
    for (rows, n), rows_before in zip(reversed(order), reversed(earlier), strict=True):
        incoming = None if g_out is None else g_out[rows]
        gy = gh
        if dh is not None:
            dh[rows] = gh[:n] if incoming is None else gh[:n] + incoming
            gy, incoming = _product(dh[rows], widened(weight_hr)).astype(gh.dtype, copy=False), None
        c = cells[rows_before]
        step = gates[rows], cells[rows], c, c0, gy, incoming, gc, da[rows]
        lstm_step_grad.each(gates, n * size, *step, size, len(c))
        gh[:n] = _product(da[rows], weight)
    weight_hh_grad = matmul(da.T, steps.states_before(out, h0))
    weight_hr_grad = None if dh is None else matmul(dh.T, gates[:, 3] * xp.tanh(cells))
    return da, gh, gc, weight_hh_grad, weight_hr_grad


@gru.on("cupy", when=gru_step.takes)
def gru_cupy(z: Array, h0: Array, weight_hh: Array, bias_hh: Array | None, steps: Steps) -> tuple[Array, Array, Array]:
    """`gru`: one launch, or two for each step."""
    xp, size = namespace(z), h0.shape[1]
    z, h0, bias_hh = contiguous(z), contiguous(h0), _contiguous_or_none(bias_hh)
    out, gates = xp.empty((len(z), size), z.dtype), xp.empty((len(z), 4 * size), z.dtype)
    if _in_one_launch(h0, weight_hh, steps):
        h_n = _like(h0)
        _run_steps(gru_steps, weight_hh, 1, h0, steps, (z, h0, bias_hh, gates, out, h_n))
        return out, h_n, gates
    weight, h = widened(weight_hh).T, h0[:0]
    for rows, n in steps.in_order():
        m = _product(resize_batch(h, h0, n), weight)
        gru_step.each(z, n * size, z[rows], m, bias_hh, h, h0, gates[rows], out[rows], size, len(h))
        h = out[rows]
    return out, steps.last_states(out, h0), gates


@gru_grad.on("cupy", when=gru_step_grad.takes)
def gru_grad_cupy(
    gates: Array,
    out: Array,
    h0: Array,
    weight_hh: Array,
    g_out: Array | None,
    g_h: Array | None,
    steps: Steps,
) -> tuple[Array, Array, Array, Array]:
    """`gru_grad`: one launch, or two for each step, a product and a sum."""
    xp, size = namespace(gates), h0.shape[1]
    gates, out, h0, g_out, g_h = (_contiguous_or_none(a) for a in (gates, out, h0, g_out, g_h))
    weight = widened(weight_hh)
    dz, dm = (xp.empty((len(gates), 3 * size), gates.dtype) for _ in range(2))
    if _in_one_launch(h0, weight_hh, steps):
        gh, before = _like(h0), _like(out)
        _run_steps(gru_steps_grad, weight_hh.T, 3, h0, steps, (gates, out, h0, g_out, g_h, gh, dz, dm, before))
        return dz, gh, matmul(dm.T, before), sum_to(dm, dm.shape[1:])
    gh = _gradient_to_write(g_h, h0)
    order = steps.in_order()
    earlier = [slice(0), *(rows for rows, _ in order[:-1])]
    for (rows, n), rows_before in zip(reversed(order), reversed(earlier), strict=True):
        incoming, h = None if g_out is None else g_out[rows], out[rows_before]
        step = gates[rows], h, h0, incoming, gh, dz[rows], dm[rows]
        gru_step_grad.each(gates, n * size, *step, size, len(h))
        gh[:n] += _product(dm[rows], weight).astype(gh.dtype, copy=False)
    return dz, gh, matmul(dm.T, steps.states_before(out, h0)), sum_to(dm, dm.shape[1:])


def _in_one_launch(initial: Array, weight_hh: Array, steps: Steps) -> bool:
    """Whether one launch does all steps, given the initial states (N, H)."""
    return bool(
        steps.batch_sizes
        and initial.size
        and steps.alike(len(initial))
        and weight_hh.size * wide(initial.dtype).itemsize <= LARGEST
    )


def _run_steps(
    template: Template,
    weight: Array,
    vectors: int,
    initial: Array,
    steps: Steps,
    arrays: Sequence[Array | None],
    *ints: int,
) -> None:
    """Launch a kernel for all steps.

    Args:
        template: the kernel.
        weight: a row for each sum of each unit.
        vectors: how many numbers of a unit its rows multiply.
        initial: the initial states (N, H).
        steps: the steps.
        arrays: that the kernel takes, the first in the dtype of the elements.
        ints: which it takes last.
    """
    n, size = initial.shape
    weight = widened(weight)
    most = KEPT // weight.dtype.itemsize
    alone = n <= ALONE and size <= most
    length = vectors * most if alone else -(-weight.shape[1] // 32) * 32
    if weight.shape[1] != length:
        weight, short = namespace(weight).zeros((len(weight), length), weight.dtype), weight
        weight[:, : short.shape[1]] = short
    count = 1 if alone else SEQUENCES
    numbers = (len(steps.batch_sizes), size, length, steps.reverse, alone, *ints)
    shared = count * (2 * length + size) * weight.dtype.itemsize  # at most 53 KiB; Turing, which has least, has 64
    template.rows(initial, -(-n // count), LANES * size, contiguous(weight), *arrays, n, *numbers, shared=shared)


def _product(states: Array, weight: Array) -> Array:
    """The product of matrices in the dtype in which they are summed, contiguous."""
    return contiguous(product(widened(states), weight))


def _contiguous_or_none(a: Array | None) -> Array:
    return None if a is None else contiguous(a)


def _like(a: Array) -> Array:
    """An array of the shape and dtype of a, to be filled, in row-major order."""
    return namespace(a).empty(a.shape, a.dtype)


def _gradient_to_write(g: Array | None, state: Array) -> Array:
    """A copy of the gradient of a last state, to be overwritten; zeros for None."""
    return namespace(state).zeros(state.shape, state.dtype) if g is None else g.copy(order="C")
