"""The error budget on numbers small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from parity.compare.budget import FACTOR, limit, measure

EPS = 2.0**-23  # the distance from 1 to the next number in float32


def f32(*values: float) -> np.ndarray:
    return np.array(values, "float32")


def test_equal_results_have_no_error() -> None:
    found = measure(f32(1, 2), f32(1, 2), np.array([1.0, 2.0]))
    assert (found.ours, found.torch, found.ratio, found.fault) == (0, 0, 0, "")


def test_an_error_counts_in_units_of_its_own_element() -> None:
    found = measure(f32(1 + 3 * EPS, 1024), f32(1 + EPS, 1024), np.array([1.0, 1024.0]))
    assert (found.ours, found.torch, found.ratio) == (3, 1, 3)
    assert not found.fault


def test_where_terms_cancel_the_largest_element_gives_the_unit() -> None:
    oracle = np.array([1.0, 1024.0])
    assert measure(f32(1 + 8 * EPS, 1024), f32(1, 1024), oracle).fault
    assert measure(f32(1 + 8 * EPS, 1024), f32(1, 1024), oracle, size=0.0).ours == 8 / 1024
    assert measure(f32(1 + 8 * EPS), f32(1), np.array([1.0]), size=8.0).ours == 1


def test_the_unit_grows_with_the_root_of_the_number_of_terms() -> None:
    assert measure(f32(1 + 8 * EPS), f32(1), np.array([1.0]), terms=4).ours == 4


def test_next_to_nothing_is_what_is_left_of_larger_terms() -> None:
    found = measure(f32(2e-8), f32(0), np.array([0.0]), size=0.0)
    assert found.ours == pytest.approx(2e-8 / EPS)
    assert measure(f32(2e-8), f32(0), np.array([0.0])).fault
    assert measure(f32(1e-4), f32(0), np.array([0.0]), size=0.0, drawn=1e3).ours == pytest.approx(1e-4 / 2.0**-14)


def test_four_times_torch_and_no_more() -> None:
    oracle, torch = np.array([1.0]), f32(1 + 5 * EPS)
    assert not measure(f32(1 - 10 * EPS), torch, oracle).fault  # below 1 numbers lie twice as close
    assert not measure(f32(1 + 20 * EPS), torch, oracle).fault
    assert "error of 21 units, torch's own 5" in measure(f32(1 + 21 * EPS), torch, oracle).fault


def test_a_known_error_of_torch_stands_for_the_measured_one() -> None:
    oracle = np.array([1.0])
    assert measure(oracle + 2.0**-50, oracle, oracle, torch_error=2.0).ratio == 2
    assert limit("float64") == FACTOR + 1 == limit("float32") + 1


@pytest.mark.parametrize("ours", [(np.nan, 1), (np.inf, 1), (-np.inf, np.nan), (-np.inf, np.inf), (0, 1)])
def test_infinities_and_nan_stand_where_torch_has_them(ours: tuple[float, float]) -> None:
    torch = f32(-np.inf, 1)
    assert "where torch has" in measure(f32(*ours), torch, torch.astype("float64")).fault
    assert not measure(torch, torch, torch.astype("float64")).fault


def test_what_only_float32_overflows_is_compared_with_torch_in_float32() -> None:
    assert not measure(f32(np.inf), f32(np.inf), np.array([1e39])).fault
    assert measure(f32(3e38), f32(np.inf), np.array([1e39])).fault


def test_assert_close_must_hold_too() -> None:
    oracle = np.array([1.0, 32.0])  # within four units of the largest, but not close
    found = measure(f32(1 + 1.5e-5, 32), f32(1, 32), oracle, size=32.0)
    assert "assert_close" in found.fault
    assert not measure(f32(1 + 1.5e-5, 32), f32(1 - 1.5e-5, 32), oracle, size=32.0).fault  # torch is no closer
    assert not measure(f32(1 + 6e-4, 1e5), f32(1, 1e5), np.array([1.0, 1e5]), size=1e5).fault  # the unit is larger


def test_no_elements() -> None:
    assert measure(f32(), f32(), np.array([])).ratio == 0
