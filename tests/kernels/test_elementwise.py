"""Functions whose single precision is computed in double: no further than half a unit from the truth."""

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
    for part in (x[::2], x.reshape(100, 200).T, np.broadcast_to(x[:5, None], (5, 3)), x[:0], x[0].reshape(())):
        again = kernel(part)
        assert isinstance(again, np.ndarray)
        assert again.shape == part.shape
        assert np.array_equal(again, found[_places(x, part)].reshape(part.shape))
    double = kernel(x.astype("float64"))
    assert double.dtype == "float64"
    assert kernel(x.astype("float16")).dtype == "float16"


def _places(x: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Where in x the elements of a part are."""
    order = np.argsort(x)
    return order[np.searchsorted(x, part.reshape(-1), sorter=order)]


def test_sigmoid() -> None:
    found = kernels.sigmoid(20 * X)
    assert found.dtype == "float32"
    oracle = 1 / (1 + np.exp(-(20 * X).astype("float64")))
    assert (np.abs(found - oracle) <= 3 * 2.0**-24 * oracle).all()  # the exponential, the sum and the quotient round
    for extreme in (X[0].reshape(()), np.float32([-np.inf, -200, 0, 200, np.inf, np.nan])):
        with np.errstate(over="ignore"):
            assert np.array_equal(kernels.sigmoid(extreme), kernels.sigmoid.reference(extreme), equal_nan=True)
    assert kernels.sigmoid(X.astype("float64")).dtype == "float64"


def test_lerp() -> None:
    end, weight = np.roll(X, 1), np.abs(np.roll(X, 2))
    for w in (weight, 0.25, 0.75, -2.0, 1.0):
        found = kernels.lerp(X, end, w)
        assert found.dtype == "float32"
        wide = [np.asarray(a, "float64") for a in (X, end, w)]
        assert ulps(found, wide[0] + wide[2] * (wide[1] - wide[0])) <= 0.5 + 1e-6
    assert np.array_equal(kernels.lerp(X, end, 1.0), end)
    assert kernels.lerp(X.astype("float64"), end.astype("float64"), 0.5).dtype == "float64"


def test_atan2() -> None:
    y = np.roll(X, 1)
    found = kernels.atan2(X, y)
    assert found.dtype == "float32"
    assert ulps(found, np.arctan2(X.astype("float64"), y.astype("float64"))) <= 0.5 + 1e-6
    assert kernels.atan2(X[:6].reshape(2, 3), y[:3]).shape == (2, 3)
    assert kernels.atan2(X.astype("float64"), y.astype("float64")).dtype == "float64"
