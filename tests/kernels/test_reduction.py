"""Sums in NumPy: equal to the reference, and as precise as PyTorch's whatever axis they go along."""

from __future__ import annotations

import itertools

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


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64", "bool"])
def test_equal_to_the_reference(dtype: str) -> None:
    x = np.random.default_rng(0).integers(0, 2, (700, 3, 2)).astype(dtype)  # ones and zeros add up exactly
    into = np.dtype("int64" if x.dtype.kind in "bi" else dtype)
    for dims in [(), *axes(3)]:
        found = kernels.sum(x, dims, False, into)
        expected = kernels.sum.reference(x, dims, False, into)
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)


def test_nothing_to_add() -> None:
    assert kernels.sum(np.zeros((0, 700), "float32"), (0,), False, np.dtype("float32")).tolist() == [0.0] * 700
    with np.errstate(invalid="ignore"):
        assert np.isnan(kernels.mean(np.zeros((0, 700), "float32"), (0,), False)).all()


def test_infinities_and_nan() -> None:
    x = np.ones((1000, 3), "float32")
    x[700, 0], x[701, 1], x[702, 1] = np.inf, np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        assert repr(kernels.sum(x, (0,), False, x.dtype).tolist()) == "[inf, nan, 1000.0]"
