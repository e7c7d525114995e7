"""Recurrent kernels: the order of packed steps, against each sequence alone; saturated gates."""

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
