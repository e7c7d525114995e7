"""Recurrent kernels: the order of packed steps, against each sequence alone; forms for NumPy, against the reference."""

import itertools
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import kernels
import minitorch
from kernels.rnn import Steps, resize_batch

SIZES = [(1,), (3,), (3, 3, 3), (4, 3, 1), (2, 2, 1, 1), (5, 1)]


def rows_of_sequences(sizes):
    """For each sequence, the rows of its steps."""
    starts = np.cumsum((0, *sizes))
    return [[int(starts[t]) + i for t, n in enumerate(sizes) if i < n] for i in range(sizes[0])]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("sizes", SIZES)
def test_states_are_carried_along_each_sequence(sizes, reverse):
    steps = Steps(sizes, reverse)
    states = np.arange(sum(sizes) * 2.0).reshape(-1, 2)
    initial = -1 - np.arange(sizes[0] * 2.0).reshape(-1, 2)
    before, last = steps.states_before(states, initial), steps.last_states(states, initial)
    for i, rows in enumerate(rows_of_sequences(sizes)):
        taken = rows[::-1] if reverse else rows
        assert_array_equal(before[taken], np.vstack((initial[i], states[taken[:-1]])))
        assert_array_equal(last[i], states[taken[-1]])
    assert not np.shares_memory(last, states)
    assert not np.shares_memory(before, states)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("sizes", SIZES)
def test_the_batch_is_resized_from_step_to_step(sizes, reverse):
    steps = Steps(sizes, reverse)
    initial = -1 - np.arange(sizes[0] * 2.0).reshape(-1, 2)
    states = np.arange(sum(sizes) * 2.0).reshape(-1, 2)
    expected = steps.states_before(states, initial)
    after = initial[:0]
    for rows, n in steps.in_order():
        assert_array_equal(resize_batch(after, initial, n), expected[rows])
        after = states[rows]


FORM_SIZES = [(3,) * 4, (1,) * 3, (2,), (4, 3, 3, 1), (2, 1, 1), (0, 0)]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-13), ("float32", 2e-5)])
@pytest.mark.parametrize("sizes", FORM_SIZES)
@pytest.mark.parametrize("reverse", [False, True])
def test_the_tuned_kernels_are_the_reference(dtype, tolerance, sizes, reverse):
    rows, n, size = sum(sizes), sizes[0], 5
    count = itertools.count()

    def normal(*shape):
        return np.random.default_rng(next(count)).standard_normal(shape).astype(dtype) / 2

    calls = []
    for nonlinearity in ("tanh", "relu"):
        h0, weight = normal(n, size), normal(size, size)
        calls.append(("rnn", (normal(rows, size), h0, weight, nonlinearity, Steps(sizes, reverse))))
        out = kernels.rnn(*calls[-1][1])[0]
        for g in itertools.product((None, normal(rows, size)), (None, normal(n, size))):
            calls.append(("rnn_grad", (out, h0, weight, *g, nonlinearity, Steps(sizes, reverse))))
    for projected in (0, 2):
        out_size = projected or size
        h0, c0, weight = normal(n, out_size), normal(n, size), normal(4 * size, out_size)
        projection = normal(projected, size) if projected else None
        calls.append(("lstm", (normal(rows, 4 * size), h0, c0, weight, projection, Steps(sizes, reverse))))
        out, _, _, gates, cells = kernels.lstm(*calls[-1][1])
        for g in itertools.product(
            (None, normal(rows, out_size)), (None, normal(n, out_size)), (None, normal(n, size))
        ):
            calls.append(("lstm_grad", (gates, cells, out, h0, c0, weight, projection, *g, Steps(sizes, reverse))))
    for bias in (None, normal(3 * size)):
        h0, weight = normal(n, size), normal(3 * size, size)
        calls.append(("gru", (normal(rows, 3 * size), h0, weight, bias, Steps(sizes, reverse))))
        out, _, gates = kernels.gru(*calls[-1][1])
        for g in itertools.product((None, normal(rows, size)), (None, normal(n, size))):
            calls.append(("gru_grad", (gates, out, h0, weight, *g, Steps(sizes, reverse))))
    for name, args in calls:
        tuned = getattr(kernels, name)(*args)
        with kernels.using("reference"):
            reference = getattr(kernels, name)(*args)
        assert [t is None for t in tuned] == [r is None for r in reference]
        pairs = [(t, r) for t, r in zip(tuned, reference, strict=True) if t is not None]
        for t, r in pairs:
            assert (t.shape, t.dtype) == (r.shape, r.dtype), name
            np.testing.assert_allclose(t, r, rtol=tolerance, atol=tolerance, err_msg=name)


@pytest.mark.host("the form for NumPy")
@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_large_inputs_saturate_without_a_warning(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for form in ("numpy", "reference"):
            with kernels.using(form):
                x = minitorch.full((3, 2, 3), 1e4, requires_grad=True)
                out = getattr(minitorch.nn, name)(3, 4)(x)[0]
                out.sum().backward()
            assert out.isfinite().all()
            assert x.grad.isfinite().all()
