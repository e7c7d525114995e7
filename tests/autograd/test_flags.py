"""Flags of tensors, and changes of shape in place, in all grad modes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import minitorch
from tests.autograd.worlds import same

VIEWS: dict[str, Callable[[Any], Any]] = {
    "view": lambda x: x.view(-1),
    "t": lambda x: x.t(),
    "expand": lambda x: x.expand(3, 1, 2),
    "squeeze": lambda x: x.squeeze(0),
    "slice": lambda x: x[:, 1:],
    "detach": lambda x: x.detach(),
}
RESHAPED: dict[str, Callable[[Any], Any]] = {
    "t_": lambda x: x.t_(),
    "transpose_": lambda x: x.transpose_(0, 1),
    "squeeze_": lambda x: x.squeeze_(0),
    "unsqueeze_": lambda x: x.unsqueeze_(0),
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_an_inference_tensor_if_its_base_is(view: str) -> None:
    def program(w: Any) -> Any:
        x = w.ones(1, 2)
        with w.inference_mode():
            made, base = VIEWS[view](x), w.ones(1, 2)
            of_inference_tensor = VIEWS[view](base)
        return made.is_inference(), of_inference_tensor.is_inference(), VIEWS[view](base).is_inference()

    same(program)


def test_nothing_is_recorded_under_inference_mode() -> None:
    def program(w: Any, mode: Callable[[], Any]) -> Any:
        x = w.ones(2, requires_grad=True)
        with w.inference_mode():
            with mode():
                inner = (x * 2).requires_grad
            after = (x * 2).requires_grad
            with w.inference_mode(False):
                recorded = (x * 2).requires_grad
        return inner, after, recorded, (x * 2).requires_grad

    same(lambda w: program(w, w.enable_grad))
    same(lambda w: program(w, lambda: w.set_grad_enabled(True)))
    same(lambda w: program(w, w.no_grad))

    def decorated(w: Any) -> Any:
        x = w.ones(2, requires_grad=True)
        with w.inference_mode():
            return w.enable_grad()(lambda: (x * 2).requires_grad)()

    same(decorated)


@pytest.mark.parametrize("method", RESHAPED)
def test_changes_of_shape_in_place(method: str) -> None:
    change = RESHAPED[method]
    same(lambda w: change(w.ones(1, 2, requires_grad=True)), says="leaf Variable that requires grad")
    same(lambda w: change(w.ones(1, 2, requires_grad=True)[:]), says="a view of a leaf Variable that requires grad")

    def of_an_inference_tensor(w: Any) -> Any:
        with w.inference_mode():
            x = w.ones(1, 2)
        return change(x)

    same(of_an_inference_tensor, says="Inplace update to inference tensor outside InferenceMode is not allowed")

    def leaf_under_no_grad(w: Any) -> Any:
        x = w.tensor([[1.0, 2.0]], requires_grad=True)
        with w.no_grad():
            change(x)
        (x * x).sum().backward()
        return x, x.is_leaf, x.requires_grad, x.grad

    same(leaf_under_no_grad)


def test_a_result_that_changes_its_shape_under_no_grad() -> None:
    def program(w: Any) -> Any:
        x = w.tensor([[1.0, 2.0]], requires_grad=True)
        y = x * 3
        y.retain_grad()
        with w.no_grad():
            y.unsqueeze_(0)
        flags = y.is_leaf, y.requires_grad, y.retains_grad
        y.mul_(2).sum().backward()
        return flags, x.grad

    same(program)


@pytest.mark.parametrize("method", RESHAPED)
def test_the_gradient_has_the_shape_of_before(method: str) -> None:
    """torch refuses most of these backward passes and transposes the gradient of a square matrix."""

    def gradient(mode: Callable[[], Any]) -> Any:
        x = minitorch.tensor([[1.0, 2.0]], requires_grad=True)
        y = x * x
        with mode():
            RESHAPED[method](y)
        (y * minitorch.tensor([3.0, 4.0]).view(y.shape)).sum().backward()
        return x.grad

    assert gradient(minitorch.no_grad).tolist() == gradient(minitorch.enable_grad).tolist() == [[6.0, 16.0]]


def test_a_leaf_that_no_longer_requires_a_gradient_gets_none() -> None:
    def program(w: Any, change: Callable[[Any], Any]) -> Any:
        x, y = w.ones(2, requires_grad=True), w.ones(2, requires_grad=True)
        called: list[str] = []
        x.register_post_accumulate_grad_hook(lambda p: called.append("x"))
        out = (x * y).sum()
        change(x)
        out.backward()
        return x.grad, y.grad, called

    same(lambda w: program(w, lambda x: x.requires_grad_(False)))
    same(lambda w: program(w, lambda x: x.detach_()))
    same(lambda w: program(w, lambda x: x))


def test_requires_grad_of_a_result_cannot_be_assigned() -> None:
    def program(w: Any, value: bool) -> Any:
        y = w.ones(2, requires_grad=True) * 2
        y.requires_grad = value

    same(lambda w: program(w, True), says="leaf variables")
    same(lambda w: program(w, False), says="leaf variables")
    same(lambda w: (w.ones(2, requires_grad=True) * 2).requires_grad_().requires_grad)
    same(lambda w: (w.ones(2, requires_grad=True) * 2).requires_grad_(False), says="leaf variables")


def test_inputs_of_backward_retain_their_gradients() -> None:
    def program(w: Any) -> Any:
        x = w.ones(2, requires_grad=True)
        y = x * 2
        z = y[:1]
        out = y.exp().sum() + z.sum()
        out.backward(inputs=[y, y, x], retain_graph=True)
        first = y.retains_grad, y.grad.clone(), x.grad.clone()
        out.backward(inputs=[x], retain_graph=True)
        out.backward()
        return first, y.grad, x.grad, z.retains_grad

    same(program)


def test_a_gradient_that_arrives_unchanged_is_the_given_tensor() -> None:
    def program(w: Any, function: Callable[[Any], Any]) -> Any:
        x = w.ones(2, requires_grad=True)
        given = w.tensor([1.0, 2.0], requires_grad=True)
        out = function(x)
        (g,) = w.autograd.grad(out, x if out.is_leaf else out, given)
        return g is given, g.requires_grad, g

    same(lambda w: program(w, lambda x: x))
    same(lambda w: program(w, lambda x: x * 2))
