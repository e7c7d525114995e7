"""The backward pass: gradients of every order, accumulation, keeping and freeing the graph, errors."""

import warnings
from typing import Any

import numpy as np
import pytest

import minitorch
from tests.autograd.worlds import same


def leaf(w: Any, *values: float, dtype: str = "float32") -> Any:
    return w.tensor(list(values), dtype=getattr(w, dtype), requires_grad=True)


def test_gradients_sum_where_paths_meet() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2, 3)
        y = x * x
        z = (y + x).exp() * y - y / x
        z.sum().backward()
        return x.grad

    same(program)


def test_backward_adds_to_grad_in_place() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        (x * 3).sum().backward()
        first = x.grad
        (x * 4).sum().backward()
        return x.grad is first, x.grad, first, first._version

    same(program)


def test_gradients_of_leaves_do_not_share_memory() -> None:
    def program(w: Any) -> Any:
        a, b = leaf(w, 1, 2), leaf(w, 3, 4)
        g = w.ones(2)
        (a + b).backward(g)
        a.grad.mul_(10)
        return a.grad, b.grad, g

    same(program)


def test_gradient_of_a_root_is_a_copy() -> None:
    def program(w: Any) -> Any:
        x, g = leaf(w, 1, 2), w.ones(2)
        x.backward(g)
        x.grad.zero_()
        return g, x.grad

    same(program)


def test_views_as_gradients_do_not_alias() -> None:
    def program(w: Any) -> Any:
        a, b = leaf(w, 1, 2, 3, 4), leaf(w, 1, 2, 3, 4)
        (a.view(2, 2) + b.view(2, 2).t()).sum().backward()
        a.grad.add_(1)
        return a.grad, b.grad

    same(program)


def test_second_backward_needs_retain_graph() -> None:
    def program(w: Any) -> Any:
        y = leaf(w, 1, 2).exp().sum()
        y.backward()
        y.backward()

    same(program, says="Trying to backward through the graph a second time")


def test_second_backward_with_retain_graph() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        y = x.exp().sum()
        y.backward(retain_graph=True)
        y.backward()
        return x.grad

    same(program)


@pytest.mark.parametrize("name", ["sum", "mean", "neg", "add", "view"])
def test_second_backward_where_nothing_was_saved(name: str) -> None:
    programs = {
        "sum": lambda x: x.sum(),
        "mean": lambda x: x.mean(),
        "neg": lambda x: -x,
        "add": lambda x: x + x,
        "view": lambda x: x.view(2, 1),
    }

    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        y = programs[name](x)
        y.backward(w.ones_like(y))
        y.backward(w.ones_like(y))
        return x.grad

    same(program)


def test_part_of_a_freed_graph() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        shared = x.exp()
        shared.sum().backward()
        (shared * 2).sum().backward()

    same(program, says="second time")


def test_third_order() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 0.3, -1.2, dtype="float64")
        y = (x**3 * x.sin() + (x * x).exp()).sum()
        (g,) = w.autograd.grad(y, x, create_graph=True)
        (h,) = w.autograd.grad(g.sum(), x, create_graph=True)
        (k,) = w.autograd.grad((h * g).sum(), x, create_graph=True)
        (m,) = w.autograd.grad(k.sum(), x)
        return g, h, k, m

    same(program, rtol=1e-10)


@pytest.mark.filterwarnings("ignore:Using backward")
def test_backward_with_create_graph_fills_grad_with_history() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2, dtype="float64")
        (x**3).sum().backward(create_graph=True)
        first = x.grad.detach().clone()
        recorded = x.grad.requires_grad
        loss = (x.grad**2).sum()
        x.grad = None
        loss.backward()
        return first, recorded, x.grad

    same(program)


def test_grad_of_several_roots() -> None:
    def program(w: Any) -> Any:
        x, y = leaf(w, 1, 2), leaf(w, 3, 4)
        return w.autograd.grad([x * y, (x + y).sum()], [x, y], [w.tensor([1.0, 10.0]), None])

    same(program)


def test_grad_leaves_grad_alone() -> None:
    def program(w: Any) -> Any:
        x, y = leaf(w, 1, 2), leaf(w, 3, 4)
        found = w.autograd.grad((x * y).sum(), x)
        return x.grad, y.grad, found

    same(program)


def test_grad_with_respect_to_non_leaves() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        a = x * 2
        b = a.exp()
        c = (a * b).sum()
        return w.autograd.grad(c, [a, b, x, c], retain_graph=True), w.autograd.grad(c, [b])

    same(program)


@pytest.mark.parametrize("options", [{}, {"allow_unused": True}, {"materialize_grads": True}])
def test_grad_of_an_unused_input(options: dict[str, bool]) -> None:
    def program(w: Any) -> Any:
        x, y = leaf(w, 1, 2), leaf(w, 3)
        return w.autograd.grad((x * 2).sum(), [x, y], **options)

    same(program, says=None if options else "appears to not have been used in the graph")


def test_grad_options_that_contradict() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1)
        return w.autograd.grad(x.sum(), x, allow_unused=False, materialize_grads=True)

    same(program, says="materialize_grads")


def test_backward_into_chosen_inputs() -> None:
    def program(w: Any) -> Any:
        x, y = leaf(w, 1, 2), leaf(w, 3, 4)
        z = x * y
        (z * z).sum().backward(inputs=[x, z])
        return x.grad, y.grad, z.grad

    same(program)


def test_what_is_not_asked_for_is_not_computed() -> None:
    calls = []

    class Spy(minitorch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 1

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            calls.append(1)
            return g

    x, y = leaf(minitorch, 1), leaf(minitorch, 2)
    minitorch.autograd.grad((x * Spy.apply(y)).sum(), x)
    assert not calls


def test_same_input_twice() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        return w.autograd.grad((x * x).sum(), [x, x])

    same(program)


def test_grad_of_a_non_leaf_warns() -> None:
    y = leaf(minitorch, 1) * 2
    with pytest.warns(UserWarning, match="not a leaf Tensor is being accessed"):
        assert y.grad is None
    y.retain_grad()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert y.grad is None


def test_broadcasting_is_undone() -> None:
    def program(w: Any) -> Any:
        x, y, s = (
            w.ones(2, 1, 3, requires_grad=True),
            w.ones(4, 1, requires_grad=True),
            w.tensor(2.0, requires_grad=True),
        )
        (x * y / s).sum().backward()
        return x.grad, y.grad, s.grad

    same(program)


def test_gradients_have_the_dtype_of_their_input() -> None:
    def program(w: Any) -> Any:
        x, y = leaf(w, 1, 2, dtype="float32"), leaf(w, 3, 4, dtype="float64")
        (x * y).sum().backward()
        return x.grad, y.grad

    same(program)


def test_roots_without_history() -> None:
    same(lambda w: w.ones(1).backward(), says="does not require grad")
    same(lambda w: w.autograd.grad(w.ones(1), w.ones(1)), says="does not require grad")


def test_roots_need_a_gradient_of_their_shape() -> None:
    same(lambda w: leaf(w, 1, 2).exp().backward(), says="grad can be implicitly created only for scalar outputs")
    same(lambda w: leaf(w, 1, 2).exp().backward(w.ones(3)), says="Mismatch in shape")
    same(lambda w: w.autograd.backward([leaf(w, 1), leaf(w, 2)], [w.ones(1)]), says="got 2 tensors and 1 gradients")
    same(lambda w: leaf(w, 1).backward(inputs=[]), says="cannot be empty")


def test_grad_needs_inputs() -> None:
    same(lambda w: w.autograd.grad(leaf(w, 1).exp(), []), says="cannot be empty")


def test_writing_grad() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        x.grad = w.ones(2)
        (x * 2).sum().backward()
        return x.grad

    same(program)
    for value in ("w.ones(3)", "w.ones(2, dtype=w.float64)", "3"):

        def wrong(w: Any, value: str = value) -> None:
            leaf(w, 1, 2).grad = eval(value, {"w": w})

        same(wrong, says="assign")


def test_flags() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        y = x * 2
        d = y.detach()
        i = (x > 0).long()
        return [(t.requires_grad, t.is_leaf, t.grad_fn is None) for t in (x, y, d, i, y.exp(), w.ones(2))]

    same(program)
    same(
        lambda w: (leaf(w, 1) * 2).requires_grad_(False),
        says="you can only change requires_grad flags of leaf variables",
    )
    same(lambda w: w.ones(2, dtype=w.int64).requires_grad_(), says="floating point")


def test_names_of_nodes() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        y = (x * 2).tanh().sum()
        first = y.grad_fn.next_functions[0][0]
        second = first.next_functions[0][0]
        last = second.next_functions[0][0]
        return y.grad_fn.name(), first.name(), second.name(), type(last).__name__, last.variable is x

    same(program)


def test_leaves_used_many_times() -> None:
    def program(w: Any) -> Any:
        m, h = w.full((3, 3), 0.1, requires_grad=True), w.ones(3)
        for _ in range(20):
            h = (m @ h + m.sum()).tanh()
        h.sum().backward()
        return m.grad

    same(program, rtol=1e-4)


def test_float32_stays_float32() -> None:
    x = minitorch.tensor([[0.5, 1.5]], requires_grad=True)
    y = ((x * 2 + 1) / 3 - x**2).exp().mean() + x.softmax(1).log().sum() + x.std() + x.norm()
    (g,) = minitorch.autograd.grad(y, x, create_graph=True)
    (h,) = minitorch.autograd.grad(g.sum(), x)
    assert [t.dtype for t in (y, g, h)] == [minitorch.float32] * 3
    assert h._array.dtype == np.float32


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "hardtanh", "relu6"])
def test_the_constant_gradient_of_a_rectifier_can_be_differentiated(name: str) -> None:
    def program(w: Any) -> Any:
        x = w.tensor([0.5, -2.0, 8.0], requires_grad=True)
        (g,) = w.autograd.grad(getattr(w.nn.functional, name)(x).sum(), x, create_graph=True)
        g.sum().backward()
        return g, g.requires_grad, x.grad

    same(program)
