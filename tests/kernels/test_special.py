"""The error function, its complement and its inverse, against the C library."""

import math

import numpy as np
import pytest

import kernels

FLOATS = [np.float16, np.float32, np.float64]
X = np.concatenate(
    [
        np.linspace(-7, 7, 20_001),
        np.linspace(0.83, 0.86, 2001),  # where one approximation follows another
        np.linspace(1.24, 1.26, 2001),
        np.linspace(2.84, 2.87, 2001),
        np.logspace(-320, 0, 2001),
        -np.logspace(-20, 0, 2001),
    ]
)
POSITIVE = np.concatenate([np.abs(X), np.linspace(4, 26.5, 10_001)])


def ulps(actual, expected):
    """The largest distance in units of the last place of `expected`, and at least of the smallest normal number."""
    tiny = np.finfo(expected.dtype).tiny
    actual, expected = actual.astype(np.float64), expected
    spacing = np.spacing(np.maximum(np.abs(expected), tiny)).astype(np.float64)
    return float(np.max(np.abs(actual - expected.astype(np.float64)) / spacing))


def elementwise(function, x):
    return np.array([function(v) for v in x.tolist()])


@pytest.mark.parametrize(
    ("kernel", "function", "x", "limit"),
    [(kernels.erf, math.erf, X, 2), (kernels.erfc, math.erfc, X, 4), (kernels.erfc, math.erfc, POSITIVE, 4)],
)
def test_float64_is_within_a_few_units_of_the_c_library(kernel, function, x, limit):
    actual = kernel(x)
    assert actual.dtype == np.float64
    assert ulps(actual, elementwise(function, x)) <= limit


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize(("kernel", "function"), [(kernels.erf, math.erf), (kernels.erfc, math.erfc)])
def test_narrower_dtypes_are_rounded_once(kernel, function, dtype):
    x = X.astype(dtype)
    actual = kernel(x)
    assert actual.dtype == dtype
    assert ulps(actual, elementwise(function, x.astype(np.float64)).astype(dtype)) <= 1


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_erfinv_in_narrower_dtypes_is_rounded_once(dtype):
    x = np.linspace(-1, 1, 20_001)[1:-1].astype(dtype)
    x = x[np.abs(x) < 1]
    actual = kernels.erfinv(x)
    assert actual.dtype == dtype
    assert ulps(actual, kernels.erfinv(x.astype(np.float64)).astype(dtype)) <= 1


def test_erfinv_inverts_erf():
    x = np.linspace(-5, 5, 1001)
    y = elementwise(math.erf, x)
    # an error of half a unit in y is one of d/dy erfinv(y) = sqrt(pi) / 2 exp(x²) times that in x
    allowed = 1e-15 * np.abs(x) + np.spacing(np.abs(y)) * math.sqrt(math.pi) / 2 * np.exp(x * x)
    assert np.all(np.abs(kernels.erfinv(y) - x) <= allowed)


LIMITS = {
    "erf": ([0.0, -0.0, 300.0, -300.0, math.inf, -math.inf, math.nan], [0.0, -0.0, 1, -1, 1, -1, math.nan]),
    "erfc": ([0.0, -0.0, 300.0, -300.0, math.inf, -math.inf, math.nan], [1.0, 1, 0, 2, 0, 2, math.nan]),
    "erfinv": ([0.0, -0.0, 1, -1, 2, -2, math.nan], [0.0, -0.0, math.inf, -math.inf, math.nan, math.nan, math.nan]),
}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.filterwarnings("error")
def test_limits(name, dtype):
    x, expected = (np.array(values, dtype) for values in LIMITS[name])
    actual = getattr(kernels, name)(x)
    np.testing.assert_array_equal(actual, expected)
    np.testing.assert_array_equal(np.signbit(actual[:2]), np.signbit(expected[:2]))


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (3, 4, 5)])
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", ["erf", "erfc", "erfinv"])
def test_shapes_and_dtypes_are_kept(name, dtype, shape):
    x = np.full(shape, 0.5, dtype)
    result = getattr(kernels, name)(x)
    assert isinstance(result, np.ndarray)
    assert (result.shape, result.dtype) == (shape, dtype)
    np.testing.assert_array_equal(x, 0.5)


def test_any_layout_of_memory():
    x = np.linspace(-3, 3, 60).reshape(3, 4, 5)
    for view in (x.T, x[::2, :, ::-1], np.broadcast_to(x[:1], (3, 4, 5))):
        np.testing.assert_array_equal(kernels.erf(view), kernels.erf(view.copy()))
