"""Nodes as users see them: classes, hooks, what they keep, where they were made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import minitorch
from minitorch.autograd.graph import Node
from minitorch.autograd.origins import Origin, notes
from tests.autograd.worlds import same


def leaf(w: Any) -> Any:
    return w.tensor([1.0, 2.0], requires_grad=True)


# -- classes


def test_classes_are_named_after_the_ops() -> None:
    def program(w: Any) -> Any:
        x = leaf(w)
        y = (x * 2).log1p()
        first = y.grad_fn.next_functions[0][0]
        last = first.next_functions[0][0]
        table = w.zeros(3)
        table[1] = x[0]
        nodes = (y.grad_fn, first, last, table.grad_fn)
        return (
            [type(node).__name__ for node in nodes],
            [isinstance(node, w.autograd.graph.Node) for node in nodes],
            y.grad_fn is y.grad_fn,
            last is (x + 1).grad_fn.next_functions[0][0],
            last.variable is x,
            first.next_functions[1],
            len((x * w.ones(2)).grad_fn.next_functions),
            last._sequence_nr(),
            y.grad_fn._sequence_nr() > first._sequence_nr(),
        )

    same(program)


def test_metadata_belongs_to_the_node() -> None:
    def program(w: Any) -> Any:
        x = leaf(w)
        y = x * 2
        before = dict(y.grad_fn.metadata)
        y.grad_fn.metadata["k"] = 1
        kept = y.grad_fn.next_functions[0][0]
        kept.metadata["k"] = 2
        return before, y.grad_fn.metadata, (x + 1).grad_fn.next_functions[0][0].metadata, (x + 1).grad_fn.metadata

    same(program)


def test_unknown_attributes() -> None:
    for name in ("_saved_nothing", "nothing"):
        same(lambda w, name=name: getattr((leaf(w) * 2).grad_fn, name), says="'MulBackward0' object has no attribute")
    same(lambda w: setattr((leaf(w) * 2).grad_fn, "nothing", 1), says="'MulBackward0' object has no attribute")


# -- what is saved


def test_saved_values_of_a_freed_node() -> None:
    def program(w: Any) -> Any:
        x = leaf(w)
        y = x * x
        y.sum().backward()
        return y.grad_fn._saved_self

    same(program, says="Trying to backward through the graph a second time")


def test_saved_values_that_were_overwritten() -> None:
    def program(w: Any) -> Any:
        y = leaf(w).exp()
        z = y + 1
        node = y.grad_fn
        y.add_(1)
        return z, node._saved_result

    same(program, says="has been modified by an inplace operation")


def test_a_saved_result_is_that_of_its_node() -> None:
    same(lambda w: (y := leaf(w).exp()).grad_fn._saved_result.grad_fn is y.grad_fn)


def test_what_this_call_did_not_save_is_none() -> None:
    def program(w: Any) -> Any:
        node = (leaf(w) * w.ones(2)).grad_fn
        return node._saved_self, node._saved_other, [name for name in dir(node) if name.startswith("_saved_")]

    same(program)


def test_the_op_s_own_names() -> None:
    node = (minitorch.ones(2, requires_grad=True) * minitorch.ones(2)).grad_fn
    assert node._saved_y is not None
    assert node._saved_x is None


def test_repr_says_what_is_saved() -> None:
    x = minitorch.ones(2, requires_grad=True)
    y = x * x
    assert repr(y.grad_fn) == "<MulBackward0 saves x (2,) float32, y (2,) float32>"
    assert repr((x + 1).grad_fn) == "<AddBackward0>"
    assert repr(x.sum(0, keepdim=True).grad_fn) == "<SumBackward0 saves x_shape=(2,), dims=(0,)>"
    assert repr(y.grad_fn.next_functions[0][0]) == "<AccumulateGrad of a leaf (2,) float32>"
    y.sum().backward()
    assert repr(y.grad_fn) == "<MulBackward0, freed>"


def test_repr_of_a_tuple_of_inputs() -> None:
    x = minitorch.ones(2, requires_grad=True)
    text = repr(minitorch.cat([x, x]).grad_fn)
    assert text == "<CatBackward0 saves dim=0, tensors_0_shape=(2,), tensors_1_shape=(2,)>"


def test_repr_of_a_function_s_node() -> None:
    class Double(minitorch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * 2

    node = Double.apply(minitorch.ones(2, requires_grad=True)).grad_fn
    assert repr(node).startswith("<torch.autograd.function.DoubleBackward object at 0x")
    assert repr(node).endswith(" saves argument_0 (2,) float32>")


# -- hooks


def numbers(gradients: Any) -> Any:
    return [None if g is None else g.tolist() for g in gradients]


@pytest.mark.parametrize(
    "hook",
    [
        lambda w: lambda gi, go: (gi[0] * 5, None if gi[1] is None else gi[1] * 7),
        lambda w: lambda gi, go: (None, gi[1]),
        lambda w: lambda gi, go: None,
    ],
    ids=["other", "none", "nothing"],
)
@pytest.mark.parametrize("both", [True, False])
def test_hooks_of_a_node(hook: Callable[[Any], Any], both: bool) -> None:
    def program(w: Any) -> Any:
        x, seen = leaf(w), []
        y = x * (x if both else w.ones(2))
        y.grad_fn.register_hook(lambda gi, go: seen.append((numbers(gi), numbers(go))))
        y.grad_fn.register_hook(hook(w))
        removed = y.grad_fn.register_hook(lambda gi, go: seen.append("removed"))
        removed.remove()
        (y * w.tensor([1.0, 3.0])).sum().backward()
        return seen, x.grad

    same(program)


WRONG = {
    "has returned an incorrect number of values (got 1, but expected 2)": lambda w: lambda gi, go: (gi[0],),
    "expected tuple, but hook returned 'Tensor'": lambda w: lambda gi, go: gi[0],
    "expected Variable, but hook returned 'int'": lambda w: lambda gi, go: (1, 2),
    "has changed the size of value": lambda w: lambda gi, go: (gi[0], w.ones(3)),
    "can't replace a None gradient with a non-None value": lambda w: lambda gi, go: (gi[0], w.ones(2)),
}


@pytest.mark.parametrize("says", WRONG)
def test_what_hooks_may_not_return(says: str) -> None:
    def program(w: Any) -> Any:
        x = leaf(w)
        y = x * (w.ones(2) if "None" in says else x)
        y.grad_fn.register_hook(WRONG[says](w))
        y.sum().backward()

    same(program, says=says)


def test_prehooks_of_a_node_follow_the_tensor_s_hooks() -> None:
    def program(w: Any) -> Any:
        x, seen = leaf(w), []
        y = x * 2
        y.retain_grad()
        y.register_hook(lambda g: g * 3)
        y.grad_fn.register_prehook(lambda go: (seen.append(numbers(go)), (go[0] * 10,))[1])
        y.sum().backward()
        return seen, y.grad, x.grad

    same(program)


def test_hooks_of_a_leaf_s_node() -> None:
    def program(w: Any) -> Any:
        x, seen = leaf(w), []
        node = (x * 1).grad_fn.next_functions[0][0]
        x.register_hook(lambda g: seen.append(("hook", g.tolist())))
        x.register_post_accumulate_grad_hook(lambda t: seen.append(("accumulated", t.grad.tolist())))
        node.register_prehook(lambda go: (seen.append(("before", numbers(go))), (go[0] * 2,))[1])
        handle = node.register_hook(lambda gi, go: seen.append(("after", numbers(gi), numbers(go))))
        (x * 3).sum().backward()
        (x * 3).sum().backward()
        handle.remove()
        found = w.autograd.grad((x * 3).sum(), x)
        return [list(entry) for entry in seen], x.grad, found

    same(program)


def test_hooks_get_gradients_in_the_inputs_shapes() -> None:
    def program(w: Any) -> Any:
        x, b, shapes = w.ones(2, 3, requires_grad=True), w.ones(3, requires_grad=True), []
        y = x * b
        y.grad_fn.register_hook(lambda gi, go: shapes.extend(tuple(g.shape) for g in gi))
        y.sum().backward()
        return shapes

    same(program)


def test_hooks_where_gradients_are_asked_for() -> None:
    def program(w: Any) -> Any:
        x, seen = leaf(w), []
        y = x * 3
        z = y * x
        z.grad_fn.register_hook(lambda gi, go: seen.append(numbers(gi)))
        y.grad_fn.register_prehook(lambda go: seen.append("not visited"))
        return w.autograd.grad(z.sum(), y), seen

    same(program)


def test_hooks_of_an_op_whose_backward_step_is_recorded_by_its_composite() -> None:
    def program(w: Any) -> Any:
        x = w.tensor([[1.0, 2.0], [3.0, 5.0], [2.0, 9.0]], requires_grad=True)
        y = w.nn.functional.batch_norm(x, None, None, training=True)
        y.grad_fn.register_prehook(lambda go: (go[0] * 3,))
        y.grad_fn.register_hook(lambda gi, go: (gi[0] * 2, *gi[1:]))
        (first,) = w.autograd.grad((y**3).sum(), x, create_graph=True)
        return first, w.autograd.grad((first**2).sum(), x)

    same(program, rtol=1e-4)


def test_an_array_that_a_hook_has_seen_is_not_added_to() -> None:
    def program(w: Any) -> Any:
        x, seen = leaf(w), []
        y = x * x
        y.grad_fn.register_hook(lambda gi, go: seen.extend([*gi, *go]))
        y.sum().backward()
        x.grad.add_(100)
        (x * x).sum().backward()
        return seen, x.grad

    same(program)


# -- origins


def test_origins() -> None:
    x = minitorch.ones(2, requires_grad=True)
    net = minitorch.nn.Sequential(minitorch.nn.Linear(2, 2), minitorch.nn.Tanh())
    before = x * 2
    with minitorch.autograd.keep_origins():
        y = net(x)
        z = y * 2  # the line of z
    after = z + 1
    assert before.grad_fn.origin is None
    assert after.grad_fn.origin is None
    origin = z.grad_fn.origin
    assert isinstance(origin, Origin)
    assert origin.file == __file__
    assert origin.function == "test_origins"
    assert origin.text == "z = y * 2  # the line of z"
    assert origin.modules == ()
    tanh = y.grad_fn.origin
    assert tanh.line == origin.line - 1
    assert tanh.modules == (net, net[1])
    assert y.grad_fn.next_functions[0][0].origin.modules == (net, net[0])
    assert repr(tanh) == f"<{__file__}:{tanh.line} in Tanh: y = net(x)>"


def test_origin_in_a_file_beside_the_package() -> None:
    file = f"{Path(minitorch.__file__).parent}_example.py"
    names = {"x": minitorch.ones(2, requires_grad=True)}
    with minitorch.autograd.keep_origins():
        exec(compile("y = x * 2", file, "exec"), names)
    origin = names["y"].grad_fn.origin
    assert isinstance(origin, Origin)
    assert origin.file == file


def test_origins_beside_anomaly_mode() -> None:
    x = minitorch.ones(2, requires_grad=True)
    with minitorch.autograd.keep_origins():
        with minitorch.autograd.set_detect_anomaly(True), minitorch.autograd.keep_origins():
            y = x * 2
        z = x * 3
    assert y.grad_fn.origin is not None
    assert "calls" in notes(y.grad_fn)
    assert z.grad_fn.origin is not None
    assert "calls" not in notes(z.grad_fn)
    assert Node.on_creation is None
