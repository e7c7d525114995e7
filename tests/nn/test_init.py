"""`nn.init` gives torch's numbers for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import minitorch
from tests.nn.compare import LIBRARIES, raises_alike

SHAPES = [(3, 2), (7, 5), (30, 40), (16, 3, 5, 5), (8, 4, 3), (2, 3, 2, 3, 2)]


def filled(lib, text, shape, dtype="float32"):
    """What an expression of `init` and `x` leaves in a tensor, and the next random number."""
    lib.manual_seed(11)
    x = lib.empty(shape, dtype=getattr(lib, dtype))
    result = eval(text, {"init": lib.nn.init, "x": x, "torch": lib})
    assert result is x
    return x.cpu().numpy(), lib.rand(3).cpu().numpy()


def equal(text, shape, dtype="float32"):
    for ours, theirs in zip(filled(minitorch, text, shape, dtype), filled(torch, text, shape, dtype), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "text",
    [
        "init.uniform_(x)",
        "init.uniform_(x, -2, 0.3)",
        "init.constant_(x, 0.3)",
        "init.ones_(x)",
        "init.zeros_(x)",
        "init.xavier_uniform_(x)",
        "init.xavier_uniform_(x, gain=1.7)",
        "init.kaiming_uniform_(x, a=5**0.5)",
        "init.kaiming_uniform_(x, mode='fan_out', nonlinearity='relu')",
        "init.kaiming_uniform_(x, nonlinearity='tanh', generator=torch.Generator().manual_seed(3))",
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bit_for_bit(text, shape, dtype):
    equal(text, shape, dtype)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "text",
    [
        "init.normal_(x)",
        "init.normal_(x, 2, 0.3)",
        "init.xavier_normal_(x, 0.5)",
        "init.kaiming_normal_(x, 0.2, 'fan_out')",
        "init.trunc_normal_(x)",
        "init.trunc_normal_(x, 1, 2, -0.5, 1)",
        "init.trunc_normal_(x, 0, 1, 2.5, 4)",
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.filterwarnings("ignore:mean")
def test_normal_numbers(text, shape, dtype):
    (ours, next_ours), (theirs, next_theirs) = (filled(lib, text, shape, dtype) for lib in LIBRARIES)
    np.testing.assert_array_equal(next_ours, next_theirs)  # the same number of draws
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=4 * np.spacing(np.abs(theirs).max()))


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (5, 2), (0, 3)])
def test_eye(shape):
    equal("init.eye_(x)", shape)


@pytest.mark.parametrize(("shape", "groups"), [((4, 2, 3), 1), ((4, 2, 3), 2), ((6, 3, 3, 4), 3), ((2, 4, 1, 2, 3), 1)])
def test_dirac(shape, groups):
    equal(f"init.dirac_(x, {groups})", shape)


@pytest.mark.parametrize("shape", [(4, 4), (3, 7), (7, 3), (6, 2, 3, 3), (1, 5)])
def test_orthogonal(shape):
    (ours, next_ours), (theirs, next_theirs) = (filled(lib, "init.orthogonal_(x, 1.5)", shape) for lib in LIBRARIES)
    np.testing.assert_array_equal(next_ours, next_theirs)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-6)
    matrix = ours.reshape(shape[0], -1).astype("float64")
    square = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(square, 2.25 * np.eye(len(square)), atol=1e-5)


def test_sparse():
    (ours, next_ours), (theirs, next_theirs) = (filled(lib, "init.sparse_(x, 0.3)", (9, 6)) for lib in LIBRARIES)
    np.testing.assert_array_equal(next_ours, next_theirs)
    np.testing.assert_array_equal(ours == 0, theirs == 0)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@pytest.mark.parametrize("name", ["linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"])
def test_gains(name):
    assert minitorch.nn.init.calculate_gain(name) == torch.nn.init.calculate_gain(name)
    assert minitorch.nn.init.calculate_gain(name, 0.3) == torch.nn.init.calculate_gain(name, 0.3)


def test_parameters_are_filled_without_a_graph():
    p = minitorch.nn.Parameter(minitorch.empty(4, 3))
    for fill in (minitorch.nn.init.xavier_uniform_, minitorch.nn.init.orthogonal_, minitorch.nn.init.eye_):
        assert fill(p) is p
        assert p.is_leaf
        assert p.requires_grad
    assert p._version > 0


def test_the_old_names_warn():
    for lib in LIBRARIES:
        with pytest.warns(
            FutureWarning, match=r"`nn.init.xavier_uniform` is now deprecated in favor of `nn.init.xavier_uniform_`"
        ):
            lib.nn.init.xavier_uniform(lib.empty(2, 2))


def test_tensors_without_elements_stay_as_they_are():
    for lib in LIBRARIES:
        with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
            lib.nn.init.kaiming_uniform_(lib.empty(0, 3))


def test_a_mean_far_outside_warns():
    for lib in LIBRARIES:
        with pytest.warns(UserWarning, match="mean .*is more than 2 std.* from"):
            lib.nn.init.trunc_normal_(lib.empty(3, 3), mean=-5.0)


@pytest.mark.parametrize(
    "text",
    [
        "nn.init.xavier_uniform_(ones(3))",
        "nn.init.kaiming_normal_(ones(3))",
        "nn.init.kaiming_uniform_(ones(3, 3), mode='fan')",
        "nn.init.kaiming_uniform_(ones(3, 3), nonlinearity='cosine')",
        "nn.init.eye_(ones(3))",
        "nn.init.dirac_(ones(3, 3))",
        "nn.init.dirac_(ones(3, 3, 3), 2)",
        "nn.init.orthogonal_(ones(3))",
        "nn.init.sparse_(ones(3), 0.1)",
        "nn.init.calculate_gain('cosine')",
        "nn.init.calculate_gain('leaky_relu', True)",
        "nn.init.uniform_(ones(3), 1, 0)",
        "nn.init.normal_(ones(3), 0, -1)",
    ],
)
def test_bad_arguments_raise_torchs_errors(text):
    raises_alike(text)
