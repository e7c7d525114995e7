"""Messages that name the mend where a beginner's mistake is a likely cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import minitorch
from minitorch import nn, optim
from minitorch.counting import counted

ONES = minitorch.ones


class Listed(nn.Module):
    """Its layers are in a plain list, where a module does not find them."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = [nn.Linear(2, 2)]


@pytest.mark.parametrize(
    ("mistake", "error", "mend"),
    [
        (lambda: nn.Conv2d(3, 8, 3)(ONES(2, 28, 28, 3)), RuntimeError, r"give input.permute\(0, 3, 1, 2\)"),
        (lambda: nn.ConvTranspose2d(3, 8, 3)(ONES(2, 28, 28, 3)), RuntimeError, r"permute\(0, 3, 1, 2\)"),
        (lambda: nn.Linear(400, 10)(ONES(2, 16, 5, 5)), RuntimeError, r"nn.Flatten\(\) before this layer"),
        (lambda: optim.Adam(nn.Linear(2, 2)), TypeError, r"give net.parameters\(\)"),
        (lambda: optim.SGD(nn.Sequential(nn.Linear(2, 2)), lr=0.1), TypeError, r"give net.parameters\(\)"),
        (lambda: nn.ReLU(ONES(3)).mean(), AttributeError, r"made first and called then, ReLU\(options\)\(input\)"),
        (lambda: minitorch.tensor([[1.0, 2], [3]]), ValueError, r"length 2 at dim 1 \(got 1\), at index 1 of dim 0"),
        (
            lambda: minitorch.tensor([[[1], [2]], [[3], [4, 5]]]),
            ValueError,
            r"1 at dim 2 \(got 2\), at index 1 of dim 1",
        ),
        (lambda: ONES(2, dtype="float64"), TypeError, "not str: write minitorch.float64, without quotes"),
        (lambda: ONES(2).to("float64"), RuntimeError, "write minitorch.float64, without quotes"),
        (lambda: nn.Liner, AttributeError, "did you mean 'Linear'"),
        (lambda: nn.MultiheadAttention, AttributeError, r"has no attribute 'MultiheadAttention' \(parity surface nn "),
        (lambda: nn.functional.relu_6, AttributeError, "did you mean .*'relu6'"),
        (lambda: optim.Adamax, AttributeError, "did you mean 'Adam'"),
        (lambda: minitorch.quantile, AttributeError, "parity surface torch lists"),
        (lambda: minitorch.arrange, AttributeError, "did you mean 'arange'"),
    ],
)
def test_the_message_names_the_mend(mistake: Callable[[], Any], error: type[Exception], mend: str) -> None:
    with pytest.raises(error, match=mend):
        mistake()


def test_layers_in_a_plain_list() -> None:
    with pytest.raises(ValueError, match="empty parameter list") as caught:
        optim.Adam(Listed().parameters())
    assert str(caught.value) == "optimizer got an empty parameter list"
    assert "nn.ModuleList" in caught.value.__notes__[0]  # shown below the message, which is PyTorch's


def test_no_hint_where_it_would_be_wrong() -> None:
    for mistake, hint in (
        (lambda: nn.Conv2d(3, 8, 3)(ONES(2, 4, 28, 28)), "permute"),
        (lambda: nn.Linear(400, 10)(ONES(2, 16, 5, 4)), "Flatten"),
        (lambda: nn.Linear(4, 10)(ONES(2, 3)), "Flatten"),
        (lambda: nn.ReLU().no_such_name, "made first"),
        (lambda: ONES(2).to("nowhere"), "write"),
    ):
        with pytest.raises((RuntimeError, AttributeError)) as caught:
            mistake()
        assert hint not in str(caught.value)
    assert not hasattr(minitorch, "__wrapped__")


def test_numbers_and_plurals() -> None:
    assert [counted(n, "time") for n in (0, 1, 2, 1797)] == ["0 times", "1 time", "2 times", "1,797 times"]
    assert counted(2, "class", "classes") == "2 classes"
