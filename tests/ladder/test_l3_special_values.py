"""The functions of CuPy that `kernels.cuda.corrected_cupy` replaces, beside NumPy's, on special values."""

from itertools import product

import numpy as np
import pytest

from tests.kernels.libraries import unavailable_because

pytestmark = [
    pytest.mark.skipif(unavailable_because("cupy") is not None, reason=str(unavailable_because("cupy"))),
    pytest.mark.host("compares two libraries"),
]
VALUES = [0.0, -0.0, 1.0, -1.5, 1e-3, np.inf, -np.inf, np.nan]
DTYPES = ["float16", "float32", "float64"]


def same(ours, expected):
    """Equal, with the signs of zeros, in one dtype."""
    assert ours.dtype == expected.dtype
    ours = ours.get()
    np.testing.assert_array_equal(ours, expected)
    numbers = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(ours)[numbers], np.signbit(expected)[numbers])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_the_larger_and_the_smaller(name, dtype):
    """Of 0 and −0 NumPy takes the second, except in half precision. One operand may be a Python number."""
    from kernels.cuda.corrected_cupy import MODULE

    x, y = np.array(list(product(VALUES, VALUES)), dtype).T.copy()
    ours = getattr(MODULE, name)

    def numpys(x, y):
        return getattr(np, name)(x, y, dtype="float64").astype(dtype)

    same(ours(MODULE.asarray(x), MODULE.asarray(y)), numpys(x, y))
    same(ours(0, MODULE.asarray(y)), numpys(0, y))
    same(ours(MODULE.asarray(x), 0.5), numpys(x, 0.5))
    out = MODULE.empty_like(MODULE.asarray(x))
    assert ours(MODULE.asarray(x), MODULE.asarray(y), out=out) is out
    same(out, numpys(x, y))
    same(ours(MODULE.asarray([3, -2]), 1), getattr(np, name)(np.array([3, -2]), 1))


@pytest.mark.parametrize("dtype", DTYPES)
def test_sinc_of_nan_is_nan(dtype):
    from kernels.cuda.corrected_cupy import MODULE

    x = np.array([np.nan, 0, -0.0, 0.5], dtype)
    ours = MODULE.sinc(MODULE.asarray(x)).get()
    assert ours.dtype == dtype
    np.testing.assert_allclose(ours, np.sinc(x), rtol=2e-3 if dtype == "float16" else 1e-6)
