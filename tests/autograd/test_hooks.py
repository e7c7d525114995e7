"""Hooks on tensors and leaves, and gradients of non-leaves."""

from typing import Any

import minitorch
from tests.autograd.worlds import same


def leaf(w: Any, *values: float) -> Any:
    return w.tensor(list(values), dtype=w.float64, requires_grad=True)


def test_order_replacement_and_removal() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        y = x * 3
        log: list[Any] = []
        y.register_hook(lambda g: log.append(("first", g.tolist())))
        y.register_hook(lambda g: g * 10)
        removed = y.register_hook(lambda g: g * 1000)
        y.register_hook(lambda g: log.append(("last", g.tolist())))
        x.register_hook(lambda g: log.append(("leaf", g.tolist())))
        x.register_hook(lambda g: g + 1)
        removed.remove()
        removed.remove()
        (y * y).sum().backward()
        return log, x.grad

    same(program)


def test_a_hook_sees_the_sum_of_all_paths_once() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        y = x * 3
        calls: list[Any] = []
        y.register_hook(lambda g: calls.append(g.tolist()))
        x.register_hook(lambda g: calls.append(g.tolist()))
        (y * y + y.exp() + x).sum().backward()
        return calls

    same(program)


def test_handle_as_a_context_manager() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        with x.register_hook(lambda g: g * 2):
            x.sum().backward()
        x.sum().backward()
        return x.grad

    same(program)


def test_hooks_under_create_graph_are_recorded() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        y = x * x
        y.register_hook(lambda g: g * x)
        (g,) = w.autograd.grad((y * y).sum(), x, create_graph=True)
        return g, w.autograd.grad(g.sum(), x)

    same(program)


def test_hooks_run_for_what_grad_asks_for_alone() -> None:
    def program(w: Any) -> Any:
        x, y = leaf(w, 1, 2), leaf(w, 3, 4)
        log: list[str] = []
        z = x * y
        for name, t in (("x", x), ("y", y), ("z", z)):
            t.register_hook(lambda g, name=name: log.append(name))
        w.autograd.grad(z.sum(), x)
        return log

    same(program)


def test_hooks_of_inputs_change_what_grad_returns() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        y = x * 2
        y.register_hook(lambda g: g * 5)
        x.register_hook(lambda g: g * 7)
        z = (y * y).sum()
        return w.autograd.grad(z, x, retain_graph=True), w.autograd.grad(z, y)

    same(program)


def test_wrong_size_from_a_hook() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        x.register_hook(lambda g: g[:1])
        x.sum().backward()

    same(program, says="has changed the size of value")


def test_something_else_from_a_hook() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        x.register_hook(lambda g: 3)
        x.sum().backward()

    same(program, says="expected Variable, but hook returned 'int'")


def test_hooks_need_a_gradient() -> None:
    same(
        lambda w: w.ones(2).register_hook(print),
        says="cannot register a hook on a tensor that doesn't require gradient",
    )
    same(lambda w: w.ones(2).retain_grad(), says="can't retain_grad on Tensor that has requires_grad=False")
    same(lambda w: w.ones(2).register_post_accumulate_grad_hook(print), says="doesn't require gradient")
    same(
        lambda w: (leaf(w, 1) * 2).register_post_accumulate_grad_hook(print),
        says="post accumulate grad hooks cannot be registered on non-leaf tensors",
    )


def test_retain_grad() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        y = x * 3
        y.retain_grad()
        y.retain_grad()
        y.register_hook(lambda g: g * 2)  # later than retain_grad, and yet seen by it
        x.retain_grad()
        z = y * y
        z.sum().backward(retain_graph=True)
        z.sum().backward()
        return y.grad, x.grad, y.retains_grad, x.retains_grad, z.retains_grad

    same(program)


def test_retain_grad_moves_with_in_place_writes() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        y = x * 3
        y.retain_grad()
        y.mul_(5)
        (y * x).sum().backward()
        return y.grad, x.grad

    same(program)


def test_retained_gradient_is_not_shared() -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        y = x + 0
        y.retain_grad()
        (y + 0).sum().backward()
        y.grad.mul_(100)
        return x.grad, y.grad

    same(program)


def test_post_accumulate_hooks() -> None:
    def program(w: Any) -> Any:
        x, log = leaf(w, 1, 2), []

        def step(p: Any) -> None:
            log.append(p.grad.tolist())
            with w.no_grad():
                p.sub_(p.grad)
            p.grad = None

        handle = x.register_post_accumulate_grad_hook(step)
        (x * x).sum().backward()
        (x * 2).sum().backward()
        handle.remove()
        (x * 2).sum().backward()
        w.autograd.grad((x * 3).sum(), x)
        return log, x, x.grad

    same(program)


def test_a_hook_that_keeps_the_gradient_does_not_share_it_with_grad() -> None:
    kept = []
    x = leaf(minitorch, 1, 2)
    x.register_hook(kept.append)
    (x * 2).sum().backward()
    x.grad.zero_()
    assert kept[0].tolist() == [2, 2]


def test_backward_inside_a_hook() -> None:
    def program(w: Any) -> Any:
        x, y = leaf(w, 1, 2), leaf(w, 5)

        def hook(g: Any) -> None:
            with w.enable_grad():
                (y * g.sum()).sum().backward()

        x.register_hook(hook)
        (x * 3).sum().backward()
        return x.grad, y.grad

    same(program)
