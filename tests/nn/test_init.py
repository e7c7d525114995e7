"""`nn.init`, beyond the parity cases: graphs, warnings, older names."""

from __future__ import annotations

import pytest
import torch

import minitorch

LIBRARIES = (minitorch, torch)


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
