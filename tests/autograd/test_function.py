"""`autograd.Function`: users' own operations."""

from typing import Any

import pytest
import torch

import minitorch
from tests.autograd.worlds import same


def leaf(w: Any) -> Any:
    return w.tensor([1.0, 2.0, 3.0], dtype=w.float64, requires_grad=True)


def function(w: Any, forward: Any = None, backward: Any = None, setup_context: Any = None, name: str = "Own") -> Any:
    """A subclass of the framework's Function with these static methods."""
    methods = {
        "forward": forward or (lambda ctx, x, *rest: x * 2),
        "backward": backward,
        "setup_context": setup_context,
    }
    return type(name, (w.autograd.Function,), {k: staticmethod(f) for k, f in methods.items() if f is not None})


def cube(w: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x**3

    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return 3 * x**2 * g

    return function(w, forward, backward, name="Cube")


def test_values_and_gradients_of_every_order() -> None:
    def program(w: Any) -> Any:
        x = leaf(w)
        y = cube(w).apply(x)
        (g,) = w.autograd.grad(y.sum(), x, create_graph=True)
        (h,) = w.autograd.grad(g.sum(), x, create_graph=True)
        (k,) = w.autograd.grad(h.sum(), x)
        return y, g, h, k, y.grad_fn.name(), type(y.grad_fn).__name__, repr(y.grad_fn)[:35]

    same(program)


def test_the_form_with_setup_context() -> None:
    def program(w: Any) -> Any:
        seen: list[Any] = []

        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            x, k = inputs
            ctx.save_for_backward(x, output[0])
            ctx.k = k
            seen.append((w.is_grad_enabled(), x.requires_grad, output[0].requires_grad))

        def backward(ctx: Any, g: Any, h: Any) -> Any:
            x, out = ctx.saved_tensors
            seen.append((ctx.needs_input_grad, ctx.k, x, out, out.grad_fn is not None))
            return g * ctx.k + h, None

        x = leaf(w)
        a, b = function(w, lambda x, k: (x * k, x + 1), backward, setup_context).apply(x, 3)
        (a * b).sum().backward()
        return seen, x.grad

    same(program)


def test_modes_inside() -> None:
    def program(w: Any) -> Any:
        seen: list[Any] = []

        def forward(ctx: Any, x: Any, y: Any) -> Any:
            seen.append((w.is_grad_enabled(), x.requires_grad, (x * 1).requires_grad, ctx.needs_input_grad))
            return x * y

        def backward(ctx: Any, g: Any) -> Any:
            seen.append((w.is_grad_enabled(), g.requires_grad))
            return g, None

        own = function(w, forward, backward)
        x, y = leaf(w), w.ones(3, dtype=w.float64)
        own.apply(x, y).sum().backward()
        w.autograd.grad(own.apply(x, y).sum(), x, create_graph=True)
        with w.no_grad():
            seen.append(own.apply(x, y).requires_grad)
        seen.append(own.apply(y, y).requires_grad)
        return seen

    same(program)


def test_several_outputs_and_unused_ones() -> None:
    def program(w: Any, materialize: bool) -> Any:
        seen: list[Any] = []

        def forward(ctx: Any, x: Any) -> Any:
            ctx.set_materialize_grads(materialize)
            return x * 2, x.sum(), x * 3, 5, None

        def backward(ctx: Any, *grads: Any) -> Any:
            seen.append(grads)
            return grads[0] * 2

        x = leaf(w)
        out = function(w, forward, backward).apply(x)
        out[0].sum().backward()
        return seen, x.grad, out[3:], [o.output_nr for o in out[:3]]

    same(lambda w: program(w, True))
    same(lambda w: program(w, False))


def test_non_differentiable_outputs() -> None:
    def program(w: Any) -> Any:
        seen: list[Any] = []

        def forward(ctx: Any, x: Any) -> Any:
            place, mask = x.argmax(), (x > 1).double()
            ctx.mark_non_differentiable(place, mask)
            return x * 2, place, mask

        def backward(ctx: Any, *grads: Any) -> Any:
            seen.append(grads)
            return grads[0]

        x = leaf(w)
        out = function(w, forward, backward).apply(x)
        out[0].sum().backward()
        return [(o.requires_grad, o.grad_fn is None) for o in out], seen, x.grad

    same(program)


@pytest.mark.parametrize(
    "result",
    [
        "(g,)",
        "(g, None, None)",
        "(g, None, g)",
        "(g, g)",
        "(5, None)",
        "[g, None]",
        "(w.ones(4), None)",
        "(w.ones(2, 3), None)",
        "(g.float(), None)",
        "(None, None)",
        "(g.sum(), None)",
        "(w.ones(3, 1), None)",
    ],
)
def test_what_backward_may_return(result: str) -> None:
    def program(w: Any) -> Any:
        own = function(w, lambda ctx, x, k: x * k, lambda ctx, g: eval(result, {"g": g, "w": w}))
        x = leaf(w)
        try:
            own.apply(x, 2).sum().backward()
        except RuntimeError as error:
            return str(error)
        return x.grad

    same(program)


def test_missing_methods() -> None:
    same(
        lambda w: function(w).apply(leaf(w)).sum().backward(),
        says="You must implement either the backward or vjp method",
    )
    same(
        lambda w: type("Own", (w.autograd.Function,), {}).apply(leaf(w)), says="You must implement the forward function"
    )


def test_vjp_is_another_name_for_backward() -> None:
    def program(w: Any) -> Any:
        own = type("Own", (w.autograd.Function,), {})
        own.forward, own.vjp = staticmethod(lambda ctx, x: x * 2), staticmethod(lambda ctx, g: g * 7)
        x = leaf(w)
        own.apply(x).sum().backward()
        return x.grad

    same(program)


def test_what_can_be_saved() -> None:
    def saving(w: Any, *what: Any) -> Any:
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(*what)
            return x * 1

        return function(w, forward, lambda ctx, g: g * (2 if ctx.saved_tensors[0] is None else 1)).apply(leaf(w))

    same(lambda w: saving(w, 3), says="save_for_backward can only save variables, but argument 0 is of type int")
    same(lambda w: saving(w, None).sum().backward())


def test_saved_tensors_are_themselves() -> None:
    def program(w: Any) -> Any:
        seen: list[Any] = []

        def forward(ctx: Any, x: Any, y: Any) -> Any:
            out = x * y
            ctx.save_for_backward(x, y, out)
            return out

        def backward(ctx: Any, g: Any) -> Any:
            x, y, out = ctx.saved_tensors
            seen.append((x is leaf_, y.grad_fn is other.grad_fn, out.grad_fn.name(), y.requires_grad, out))
            return g * y, g * x

        leaf_ = leaf(w)
        other = leaf_ * 2
        function(w, forward, backward).apply(leaf_, other).sum().backward()
        return seen, leaf_.grad

    same(program)


def test_saved_tensors_are_watched_and_freed() -> None:
    def overwritten(w: Any) -> None:
        x = leaf(w) * 1
        y = cube(w).apply(x)
        x.add_(1)
        y.sum().backward()

    def twice(w: Any) -> None:
        y = cube(w).apply(leaf(w)).sum()
        y.backward()
        y.backward()

    def inspected(w: Any) -> Any:
        y = cube(w).apply(leaf(w))
        before = y.grad_fn.saved_tensors
        y.sum().backward()
        y.grad_fn.saved_tensors  # noqa: B018
        return before

    same(overwritten, says="modified by an inplace operation")
    same(twice, says="second time")
    same(inspected, says="second time")


def test_marking_inputs_dirty() -> None:
    def program(w: Any, make: Any, forget: bool = False) -> Any:
        def forward(ctx: Any, x: Any) -> Any:
            ctx.mark_dirty(x)
            x.mul_(2)
            return x * 1 if forget else x

        own = function(w, forward, lambda ctx, g: g * 2)
        x = leaf(w)
        y = make(x)
        z = own.apply(y)
        (z * z).sum().backward()
        return z is y, z, x.grad, z.grad_fn is not None

    same(lambda w: program(w, lambda x: x * 1))
    same(lambda w: program(w, lambda x: x), says="a leaf Variable that requires grad")
    same(lambda w: program(w, lambda x: x * 1, forget=True), says="must all be outputs of the Function")


def test_a_dirty_view_changes_its_base() -> None:
    def program(w: Any) -> Any:
        def forward(ctx: Any, x: Any) -> Any:
            ctx.mark_dirty(x)
            return x.mul_(2)

        x = leaf(w)
        y = x * 1
        function(w, forward, lambda ctx, g: g * 2).apply(y[:2])
        (y * y).sum().backward()
        return y, x.grad

    same(program)


def test_inputs_returned_unchanged() -> None:
    def program(w: Any) -> Any:
        own = function(w, lambda ctx, x: x, lambda ctx, g: g * 2)
        x = leaf(w)
        y = own.apply(x)
        y.sum().backward()
        constant = w.ones(2)
        return y is x, y.is_leaf, y._is_view(), x.grad, own.apply(constant).requires_grad

    same(program)
    own = "This view was created inside a custom Function"
    same(lambda w: function(w, lambda ctx, x: x, lambda ctx, g: g).apply(leaf(w)).add_(1), says=own)
    same(lambda w: function(w, lambda ctx, x: x[1:], lambda ctx, g: g).apply(leaf(w) * 1).add_(1), says=own)


def test_once_differentiable() -> None:
    def program(w: Any, second: bool) -> Any:
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        module = __import__(f"{w.__name__}.autograd.function", fromlist=["once_differentiable"])
        own = function(w, forward, module.once_differentiable(lambda ctx, g: 2 * g * ctx.saved_tensors[0]))
        x = leaf(w)
        (g,) = w.autograd.grad((own.apply(x) ** 2).sum(), x, create_graph=second)
        return g.sum().backward() if second else g

    same(lambda w: program(w, False))
    same(lambda w: program(w, True), says="marked with @once_differentiable")


def test_arguments_by_name_and_of_any_kind() -> None:
    def program(w: Any) -> Any:
        own = function(w, lambda ctx, x, factor, options: x * factor * options["k"], lambda ctx, g: (g * 6, None, None))
        x = leaf(w)
        own.apply(x, options={"k": 3}, factor=2).sum().backward()
        return x.grad

    same(program)


def test_instances_are_refused() -> None:
    with pytest.warns(DeprecationWarning, match="should not be instantiated"):
        own = cube(minitorch)()
    with pytest.raises(RuntimeError, match="Legacy autograd function"):
        own(leaf(minitorch))


def test_gradients_kept_by_the_user_are_not_shared() -> None:
    kept: list[Any] = []

    def backward(ctx: Any, g: Any) -> Any:
        kept.append(g * 1)
        return kept[0]

    x = leaf(minitorch)
    function(minitorch, None, backward).apply(x).sum().backward()
    x.grad.zero_()
    assert kept[0].tolist() == [1, 1, 1]


def test_functions_in_functions() -> None:
    def program(w: Any) -> Any:
        inner = cube(w)

        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return inner.apply(x) * g

        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return inner.apply(x).exp()

        x = leaf(w)
        (g,) = w.autograd.grad(function(w, forward, backward).apply(x).sum(), x, create_graph=True)
        return g, w.autograd.grad(g.sum(), x)

    same(program)


def test_marking_a_view_dirty() -> None:
    def program(w: Any, make: Any, written: bool) -> Any:
        def forward(ctx: Any, x: Any) -> Any:
            ctx.mark_dirty(x)
            if written:
                x.mul_(2)
            return x

        x = leaf(w)
        base, view, other = make(x)
        y = function(w, forward, lambda ctx, g: g * 5).apply(view)
        (y * other * base).sum().backward()
        return y is view, y, view._version, base.grad_fn is not None, x.grad

    for written in (True, False):
        same(lambda w, written=written: program(w, lambda x: (b := x.clone(), b[:], b[:]), written))
        same(lambda w, written=written: program(w, lambda x: (b := x.clone(), b[:], b.view(3, 1)[:, 0]), written))
    same(lambda w: program(w, lambda x: (x, x[:], x), True), says="a view of a leaf Variable that requires grad")


def test_dirty_inputs_count_as_written() -> None:
    def program(w: Any, x: Any) -> Any:
        def forward(ctx: Any, x: Any) -> Any:
            ctx.mark_dirty(x)
            return x

        own = function(w, forward, lambda ctx, g: g)
        y = x * 1
        z = y.exp() * y
        own.apply(y)
        z.sum().backward()

    same(lambda w: program(w, leaf(w)), says="modified by an inplace operation")


@pytest.mark.parametrize("differentiable", [True, False])
@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize("kind", ["plain", "leaf", "result", "view"])
def test_a_dirty_output_that_is_not_recorded_is_detached(differentiable: bool, recorded: bool, kind: str) -> None:
    """If the output cannot require a gradient but the input does, `apply` returns a detached alias of the input."""

    def run(w: Any) -> Any:
        class Double(w.autograd.Function):
            @staticmethod
            def forward(ctx: Any, a: Any) -> Any:
                ctx.mark_dirty(a)
                if not differentiable:
                    ctx.mark_non_differentiable(a)
                return a.mul_(2)

        a = w.ones(2, 2, requires_grad=kind != "plain")
        given = a * 2 if kind == "result" else (a * 2)[0] if kind == "view" else a
        with w.set_grad_enabled(recorded):
            try:
                out = Double.apply(given)
            except RuntimeError:
                return "refused"
        return (
            out is given, out.requires_grad, given.requires_grad, out.is_leaf, out._is_view(), out._version,
            given._version, out.tolist(), given.tolist(),
        )  # fmt: skip

    assert run(minitorch) == run(torch)
