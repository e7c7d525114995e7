"""``autograd.Variable``, with which older lessons wrap their tensors."""

from typing import Any

import pytest

import minitorch
from minitorch.autograd import Variable
from tests.autograd.worlds import same


def test_it_gives_a_tensor_on_the_same_memory() -> None:
    def program(w: Any) -> Any:
        x = w.ones(3, requires_grad=True)
        t = w.zeros(3)
        wrapped, trained = w.autograd.Variable(t), w.autograd.Variable(t, requires_grad=True)
        wrapped.add_(1)
        (trained * 2).sum().backward()
        again = w.autograd.Variable(x * 2)
        return t, t._version, wrapped.requires_grad, trained.grad, again.requires_grad, again.is_leaf

    same(program)


def test_every_tensor_is_one() -> None:
    def program(w: Any) -> Any:
        v = w.autograd.Variable
        return isinstance(w.ones(1), v), isinstance(v(w.ones(1)), w.Tensor), isinstance(1.0, v), v.__name__

    same(program)


def test_volatile_has_no_effect() -> None:
    with pytest.warns(UserWarning, match="volatile was removed and now has no effect"):
        assert not Variable(minitorch.ones(1), volatile=True).requires_grad


def test_other_data() -> None:
    same(lambda w: w.autograd.Variable([1, 2]), says="Variable data has to be a tensor, but got list")
    same(lambda w: w.autograd.Variable(w.ones(1, dtype=w.int64), requires_grad=True), says="can require gradients")
    same(lambda w: w.autograd.Variable().shape == (0,))
