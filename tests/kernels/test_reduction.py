"""Sums in NumPy are as precise as PyTorch's, along any axis. Their values are compared in test_forms."""

from __future__ import annotations

import itertools
from typing import Literal

import numpy as np
import pytest
import torch

import kernels

SHAPES = [(3000, 4), (70_001, 3), (8, 100, 100, 5), (300, 300, 3), (400, 2, 300), (2000, 1, 3), (1, 2000, 1), (257, 2)]


def axes(ndim: int) -> list[tuple[int, ...]]:
    return [dims for n in range(1, ndim + 1) for dims in itertools.combinations(range(ndim), n)]


@pytest.mark.parametrize("layout", ["contiguous", "transposed", "strided", "reversed"])
@pytest.mark.parametrize("shape", SHAPES)
def test_no_axis_loses_more_than_torch(shape: tuple[int, ...], layout: str) -> None:
    x = np.random.default_rng(0).random(shape, "float32")
    x = {"contiguous": x, "transposed": x.T, "strided": x[::2], "reversed": x[::-1]}[layout]
    for dims in axes(x.ndim):
        oracle = x.sum(axis=dims, dtype="float64", keepdims=True)
        unit = np.spacing(oracle.max().astype("float32"))
        theirs = torch.from_numpy(x.copy()).sum(dims, keepdim=True).numpy()
        allowed = 4 * max(1.0, np.abs(theirs - oracle).max() / unit)
        for keepdim in (True, False):
            ours = kernels.sum(x, dims, keepdim, x.dtype)
            mean = kernels.mean(x, dims, keepdim)
            assert ours.dtype == mean.dtype == x.dtype
            assert ours.shape == mean.shape == (oracle if keepdim else oracle.squeeze(dims)).shape
            assert np.abs(ours.reshape(oracle.shape) - oracle).max() <= allowed * unit, dims
            count = x.size / oracle.size
            assert np.abs(mean.reshape(oracle.shape) - oracle / count).max() <= (allowed + 1) * unit / count, dims
        back = kernels.sum_to(x, oracle.shape)
        assert np.abs(back - oracle).max() <= allowed * unit


@pytest.mark.parametrize("form", ["numpy", "reference"])
@pytest.mark.parametrize("layout", ["C", "F"])
def test_half_precision_is_summed_in_single(form: str, layout: Literal["C", "F"]) -> None:
    """In half precision 2048 + 1 is 2048."""
    x = np.ones((5000, 2), "float16", order=layout)
    with kernels.using(form):
        assert kernels.sum(x, (0,), False, x.dtype).tolist() == [5000, 5000]
        assert kernels.mean(x, (0,), False).tolist() == [1, 1]
        assert kernels.sum_to(x, (2,)).tolist() == [5000, 5000]
