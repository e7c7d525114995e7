"""`minitorch.summary`: counts against ones made by hand, and what it leaves as it was."""

from __future__ import annotations

from typing import Any

import pytest

import minitorch
from minitorch import nn


def rows(net: nn.Module, *inputs: Any) -> dict[str, Any]:
    return {row.path: row for row in minitorch.summary(net, *inputs).rows}


def test_multiply_adds() -> None:
    """By the definition: how many products are summed for one element of the result, times the elements."""
    x = minitorch.ones(2, 4, 8, 8)
    assert rows(nn.Conv2d(4, 6, 3, padding=1, groups=2), x)[""].multiply_adds == 2 * 6 * 8 * 8 * (2 * 3 * 3)
    assert rows(nn.ConvTranspose2d(4, 6, 2, stride=2), x)[""].multiply_adds == 2 * 4 * 8 * 8 * (6 * 2 * 2)
    assert rows(nn.Linear(8, 5), x)[""].multiply_adds == 2 * 4 * 8 * 5 * 8
    sequence = minitorch.ones(7, 2, 3)
    steps = 7 * 2
    assert rows(nn.LSTM(3, 5), sequence)[""].multiply_adds == steps * 4 * (3 * 5 + 5 * 5)
    assert rows(nn.LSTM(3, 5, proj_size=2), sequence)[""].multiply_adds == steps * (4 * (3 * 5 + 2 * 5) + 5 * 2)
    assert rows(nn.GRU(3, 5, bidirectional=True), sequence)[""].multiply_adds == 2 * steps * 3 * (3 * 5 + 5 * 5)
    assert rows(nn.RNN(3, 5), sequence)[""].multiply_adds == steps * (3 * 5 + 5 * 5)

    class Product(nn.Module):
        def forward(self, a: Any, b: Any) -> Any:
            return a @ b

    assert rows(Product(), minitorch.ones(4, 2, 3), minitorch.ones(3, 5))[""].multiply_adds == 4 * 2 * 5 * 3


def test_saved_bytes_and_parameters() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Dropout(), nn.Linear(4, 2))
    x = minitorch.ones(5, 3)
    found = rows(net, x)
    assert [row.parameters for row in found.values()] == [0, 16, 0, 0, 10]
    assert found["0"].saved == 0  # the input is the caller's
    assert found["1"].saved == 5 * 4 * 4  # its result
    assert found["2"].saved == 5 * 4 * 4  # its mask
    assert found["3"].saved == 5 * 4 * 4  # its input
    total = minitorch.summary(net, x)
    assert (total.parameters, total.trainable, total.frozen) == (26, 26, 0)
    assert total.saved == 240
    assert total.multiply_adds == 5 * (12 + 8)


def test_frozen_parameters() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)).requires_grad_(False)
    found = minitorch.summary(net, minitorch.ones(5, 3))
    assert (found.trainable, found.frozen, found.saved, found.multiply_adds) == (0, 26, 0, 100)
    assert not any(p.requires_grad for p in net.parameters())
    assert "26 parameters, 26 of them frozen" in repr(found)


def test_table() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.ReLU()), nn.Linear(4, 2))
    assert repr(minitorch.summary(net, minitorch.ones(5, 3))).splitlines() == [
        "layer            output shape  parameters  multiply-adds  saved bytes",
        "---------------------------------------------------------------------",
        "Sequential       (5, 2)",
        "  0: Linear      (5, 4)                16             60",
        "  1: Sequential  (5, 4)",
        "    0: ReLU      (5, 4)                                            80",
        "  2: Linear      (5, 2)                10             40",
        "---------------------------------------------------------------------",
        "total                                  26            100           80",
        "26 parameters",
    ]
    html = minitorch.summary(net, minitorch.ones(5, 3))._repr_html_()
    assert html.count("<tr>") == 7


def test_shared_and_uncalled_modules() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one = nn.Linear(3, 3)
            self.other = nn.Linear(3, 3)
            self.other.weight = self.one.weight
            self.unused = nn.Linear(3, 3)

        def forward(self, x: Any) -> Any:
            return self.other(self.one(self.one(x)))

    found = rows(Net(), minitorch.ones(2, 3))
    assert found["one"].multiply_adds == 2 * 2 * 9
    assert found["other"].parameters == 3
    assert found["unused"].output == ""
    assert "not called" in repr(minitorch.summary(Net(), minitorch.ones(2, 3)))


def test_everything_is_as_before() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout())
    before = {key: value.clone() for key, value in net.state_dict().items()}
    state = minitorch.get_rng_state()
    minitorch.summary(net, minitorch.randn(5, 3, generator=minitorch.Generator()))
    assert minitorch.equal(minitorch.get_rng_state(), state)
    for key, value in net.state_dict().items():
        assert minitorch.equal(value, before[key]), key
    assert net.training
    assert not net[0]._forward_hooks
    assert all(p.grad is None for p in net.parameters())


def test_within_no_grad_and_inputs_that_require_gradients() -> None:
    net, x = nn.Linear(3, 4), minitorch.ones(5, 3, requires_grad=True)
    with minitorch.no_grad():
        assert minitorch.summary(net, x).multiply_adds == 60
    assert x.grad is None


@pytest.mark.parametrize("inputs", [(), ((5, 3),)])
def test_a_shape_or_nothing_instead_of_an_example(inputs: tuple[Any, ...]) -> None:
    with pytest.raises((TypeError, AttributeError)) as error:
        minitorch.summary(nn.Linear(3, 4), *inputs)
    assert "calls the net on example inputs, not on shapes" in error.value.__notes__[0]


def test_several_results_and_no_module() -> None:
    found = rows(nn.LSTM(3, 5), minitorch.ones(7, 2, 3))
    assert found[""].output == "(7, 2, 5), (1, 2, 5), (1, 2, 5)"
    with pytest.raises(TypeError, match=r"takes a module and example inputs, but got Tensor"):
        minitorch.summary(minitorch.ones(2))
