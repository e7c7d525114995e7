"""Hooks on tensors and leaves, and gradients of non-leaves."""

from typing import Any

import pytest

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


@pytest.mark.parametrize("on", ["leaf", "result", "node"])
def test_wrong_dtype_from_a_hook(on: str) -> None:
    def program(w: Any) -> Any:
        x = leaf(w, 1, 2)
        y = x * 2
        if on == "node":
            y.grad_fn.register_hook(lambda gi, go: (gi[0].half(), None))
        else:
            (x if on == "leaf" else y).register_hook(lambda g: g.half())
        y.sum().backward()

    same(program, says="has changed the type of value")


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


def test_retain_grad_on_views_of_written_memory() -> None:
    def program(w: Any, write: Any) -> Any:
        x = leaf(w, 1, 2, 3)
        base = x.clone()
        v, u, unused = base[:], base.view(3, 1), base[1:]
        for t in (v, u, unused):
            t.retain_grad()
        write(base, v)
        (v * 2 + u[:, 0] * 3).sum().backward()
        return v.grad, u.grad, unused.grad, x.grad, v.retains_grad, u.retains_grad

    same(lambda w: program(w, lambda base, v: v.mul_(5)))
    same(lambda w: program(w, lambda base, v: base.mul_(5)))
    same(lambda w: program(w, lambda base, v: base[0].mul_(5)))
    same(lambda w: program(w, lambda base, v: v[1:].zero_()))


def test_hooks_of_a_view_end_where_it_is_written() -> None:
    def program(w: Any, write: Any) -> Any:
        x, log = leaf(w, 1, 2, 3), []
        base = x.clone()
        outer = base[:]
        inner = outer[:2]
        early = (inner * 7).sum()
        for name, t in (("base", base), ("outer", outer), ("inner", inner)):
            t.register_hook(lambda g, name=name: log.append((name, g.tolist())))
        outer.retain_grad()
        write(inner)
        assert inner.grad_fn is not None  # torch's register_hook would take the old node, which this replaces
        inner.register_hook(lambda g: log.append(("inner, written", g.tolist())))
        (early + (inner * inner).sum()).backward()
        return sorted(log), x.grad, outer.grad

    same(lambda w: program(w, lambda t: t.mul_(2)))
    same(lambda w: program(w, lambda t: t.copy_(w.ones(2, dtype=w.float64))))
    same(lambda w: program(w, lambda t: t.__setitem__(0, 5.0)))
    same(lambda w: program(w, lambda t: t.__setitem__([1], 5.0)))
    same(lambda w: program(w, lambda t: t.add_(t)))


def test_a_refused_write_leaves_hooks_and_retained_gradients() -> None:
    def program(w: Any) -> Any:
        x, log = leaf(w, 1, 2, 3), []
        v = x.clone()[:]
        v.register_hook(lambda g: log.append(g.tolist()))
        v.retain_grad()
        try:
            v.add_(w.ones(2, 3))
        except RuntimeError:
            log.append("refused")
        v.sum().backward()
        return log, v.grad

    same(program)


def test_post_accumulate_hooks_run_without_recording() -> None:
    def program(w: Any, create_graph: bool) -> Any:
        x, log = leaf(w, 1, 2), []
        x.register_post_accumulate_grad_hook(lambda p: log.append((w.is_grad_enabled(), p.grad.tolist())))
        (x * x).sum().backward(create_graph=create_graph)
        return log, w.is_grad_enabled()

    def step(w: Any) -> Any:
        x = leaf(w, 1, 2)
        x.register_post_accumulate_grad_hook(lambda p: p.sub_(p.grad))
        (x * x).sum().backward()
        return x, x._version

    same(lambda w: program(w, False))
    same(lambda w: program(w, True))
    same(step)


def test_what_post_accumulate_hooks_may_return() -> None:
    def program(w: Any, value: Any) -> Any:
        x = leaf(w, 1, 2)
        x.register_post_accumulate_grad_hook(lambda p: value(p))
        (x * x).sum().backward()
        return x.grad

    same(lambda w: program(w, lambda p: None))
    same(lambda w: program(w, lambda p: p))
    same(lambda w: program(w, lambda p: 3), says="expected Variable, but hook returned 'int'")
    same(lambda w: program(w, lambda p: p.detach()), says="Tensor post accumulate grad hooks should return None.")
