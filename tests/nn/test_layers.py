"""Layers, beyond the parity cases: signatures, initial values in other dtypes, modes, memory."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch

import minitorch
from tests.both import both

nn = minitorch.nn
LAYERS = [name for name, value in vars(nn).items() if inspect.isclass(value) and issubclass(value, nn.Module)]


@pytest.mark.parametrize("name", LAYERS)
def test_signatures(name):
    for method in ("__init__", "forward"):
        ours, theirs = (inspect.signature(getattr(getattr(lib.nn, name), method)) for lib in (minitorch, torch))
        assert [(p.name, p.kind, p.default) for p in ours.parameters.values()] == [
            (p.name, p.kind, p.default) for p in theirs.parameters.values()
        ], method


@pytest.mark.parametrize(
    "build",
    [
        "Linear(300, 7)",
        "Linear(3, 4, bias=False)",
        "Conv1d(4, 6, 3, groups=2)",
        "Conv2d(4, 6, (3, 2))",
        "ConvTranspose2d(40, 3, 5)",
        "Embedding(7, 5)",
        "BatchNorm2d(4)",
        "PReLU(3)",
        "LSTM(5, 7, 2, bidirectional=True, proj_size=2)",
        "GRU(5, 7, bias=False)",
        "RNNCell(5, 7)",
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "float16"])
def test_a_default_dtype_gives_the_same_initial_values(build, dtype):
    def initial(lib):
        lib.manual_seed(5)
        lib.set_default_dtype(getattr(lib, dtype))
        try:
            layer = eval(f"nn.{build}", {"nn": lib.nn})
        finally:
            lib.set_default_dtype(lib.float32)
        tensors = {**layer.state_dict(), "the next random numbers": lib.rand(2)}
        return {key: t.detach().cpu().numpy() for key, t in tensors.items()}

    ours, theirs = initial(minitorch), initial(torch)
    assert list(ours) == list(theirs)
    for key, value in theirs.items():
        assert ours[key].dtype == value.dtype
        np.testing.assert_array_equal(ours[key], value)


def test_dropout_only_in_training():
    layer, x = minitorch.nn.Dropout(0.5), minitorch.ones(100)
    assert layer.eval()(x) is x
    assert 20 < (layer.train()(x) == 0).sum().item() < 80


def test_in_place_layers_write_into_their_input():
    x = minitorch.tensor([-1.0, 1.0])
    assert minitorch.nn.ReLU(inplace=True)(x) is x
    assert x.tolist() == [0.0, 1.0]


def test_device_and_dtype_of_parameters():
    for text in ("nn.Linear(2, 3, device='cpu', dtype=torch.float64)", "nn.Conv2d(1, 2, 3, dtype=torch.float64)"):
        layer = eval(text, {"nn": minitorch.nn, "torch": minitorch})
        assert {p.dtype for p in layer.parameters()} == {minitorch.float64}


@pytest.mark.parametrize("tracked", [True, False])
@both
def test_resetting_statistics_that_are_no_longer_tracked(torch, tracked):
    layer = torch.nn.BatchNorm1d(2)
    layer(torch.tensor([[1.0, 2.0], [3.0, 5.0]]))
    layer.track_running_stats = tracked
    layer.reset_running_stats()
    return list(layer.buffers())
