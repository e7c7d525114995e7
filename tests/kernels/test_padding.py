"""Kernels of padding: dtypes, copies, empty batches, and an unknown mode."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import kernels

MODES = ["constant", "reflect", "replicate", "circular"]


@pytest.mark.parametrize("dtype", ["float32", "float16", "int64", "int32", "uint8", "bool"])
@pytest.mark.parametrize("mode", MODES)
def test_dtypes_stay(mode, dtype):
    x = np.arange(6).reshape(1, 2, 3).astype(dtype)
    padding = ((0, 0), (1, 0), (2, 1))
    ours = kernels.pad(x, padding, mode, 1 if mode == "constant" else 0)
    assert ours.dtype == dtype
    if dtype.startswith("float"):
        assert kernels.pad_grad(ours, x.shape, padding, mode).dtype == dtype


@pytest.mark.parametrize("mode", MODES)
def test_no_padding_is_a_copy(mode):
    x = np.arange(6.0).reshape(2, 3).T
    padding = ((0, 0), (0, 0))
    for ours in (kernels.pad(x, padding, mode, 0), kernels.pad_grad(x, x.shape, padding, mode)):
        assert_array_equal(ours, x)
        assert not np.shares_memory(ours, x)


@pytest.mark.parametrize("mode", MODES)
def test_an_empty_batch_stays_empty(mode):
    padding = ((0, 0), (0, 0), (2, 1))
    y = kernels.pad(np.ones((0, 2, 3)), padding, mode, 0)
    assert y.shape == (0, 2, 6)
    assert kernels.pad_grad(y, (0, 2, 3), padding, mode).shape == (0, 2, 3)


def test_the_kernel_refuses_an_unknown_mode():
    with pytest.raises(NotImplementedError, match="'mirror'"):
        kernels.pad(np.ones(3), ((1, 1),), "mirror", 0)
