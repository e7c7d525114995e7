"""Functions whose single precision is computed in double: the nearest number to the exact value."""

from __future__ import annotations

import numpy as np
import pytest

import kernels

X = np.random.default_rng(0).standard_normal(20_000).astype("float32")
INPUTS = {"log": np.exp(X), "log10": np.exp(X), "tan": 3 * X, "asin": np.tanh(X), "tanh": X}


def ulps(found: np.ndarray, oracle: np.ndarray) -> float:
    return float((np.abs(found - oracle) / np.spacing(np.abs(oracle).astype("float32"))).max())


@pytest.mark.parametrize("name", INPUTS)
def test_rounded_once(name: str) -> None:
    kernel = getattr(kernels, name)
    x = INPUTS[name].astype("float32")
    found = kernel(x)
    assert found.dtype == "float32"
    assert ulps(found, getattr(np, kernel.function)(x.astype("float64"))) <= 0.5 + 1e-6


def test_sigmoid() -> None:
    found = kernels.sigmoid(20 * X)
    assert found.dtype == "float32"
    oracle = 1 / (1 + np.exp(-(20 * X).astype("float64")))
    assert (np.abs(found - oracle) <= 3 * 2.0**-24 * oracle).all()  # the exponential, the sum and the quotient round


def test_lerp() -> None:
    end, weight = np.roll(X, 1), np.abs(np.roll(X, 2))
    for w in (weight, 0.25, 0.75, -2.0, 1.0):
        found = kernels.lerp(X, end, w)
        assert found.dtype == "float32"
        wide = [np.asarray(a, "float64") for a in (X, end, w)]
        assert ulps(found, wide[0] + wide[2] * (wide[1] - wide[0])) <= 0.5 + 1e-6
    assert np.array_equal(kernels.lerp(X, end, 1.0), end)


def test_atan2() -> None:
    y = np.roll(X, 1)
    found = kernels.atan2(X, y)
    assert found.dtype == "float32"
    assert ulps(found, np.arctan2(X.astype("float64"), y.astype("float64"))) <= 0.5 + 1e-6
