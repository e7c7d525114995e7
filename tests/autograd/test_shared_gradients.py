"""Which gradients share memory, and what a hook's in-place write changes: held against torch."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from parity.compare.library import overlap
from tests.autograd.worlds import same

UNCHANGED: dict[str, Callable[[Any, Any], Any]] = {
    "clone": lambda x, other: x.clone(),
    "view": lambda x, other: x.view_as(x),
    "transpose": lambda x, other: x.t(),
    "add": lambda x, other: x + other,
    "twice": lambda x, other: x + x,
    "slice": lambda x, other: x[:1],
    "expand": lambda x, other: x.expand(2, 2, 2),
    "double": lambda x, other: x.double(),
    "multiply": lambda x, other: x * other,
}
HOOKS: dict[str, Callable[[Any], Any]] = {
    "no hook": lambda g: None,
    "look": lambda g: None,
    "return": lambda g: g,
    "double": lambda g: g * 2,
    "view": lambda g: g.view_as(g),
}


def shared(w: Any, op: str, hook: str, hooked: str, retained: tuple[str, ...], how: str, record: bool) -> Any:
    """Which of all gradients share memory, and their values.

    One thing is left out, as docs/differences.md says: torch may keep memory that a hook has seen, or that was given to
    `backward`, as the grad of a leaf.
    """
    tensors = {"leaf": w.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)}
    other = w.tensor([[2.0, 3.0], [4.0, 5.0]], requires_grad=True)
    tensors["inner"] = tensors["leaf"].clone()
    tensors["outer"] = UNCHANGED[op](tensors["inner"], other)
    found: dict[str, Any] = {}

    def watch(g: Any) -> Any:
        result = HOOKS[hook](g)
        found[f"seen {len(found)}"] = g
        if result is not None:
            found[f"returned {len(found)}"] = result
        return result

    if hook != "no hook":
        tensors[hooked].register_hook(watch)
    for name in retained:
        tensors[name].retain_grad()
    options = {"retain_graph": True, "create_graph": record}
    out, weight = tensors["outer"], w.ones_like(tensors["outer"])
    if how == "backward":
        for _ in range(1 if op in ("view", "transpose") else 2):
            out.backward(weight, **options)
    elif how == "inputs":
        out.backward(weight, inputs=[tensors["inner"], tensors["leaf"]], **options)
    else:
        for names in (["leaf", "inner", "outer", "leaf"], ["inner"]):
            for name, g in zip(
                names, w.autograd.grad(out, [tensors[n] for n in names], weight, **options), strict=True
            ):
                found[f"grad {len(found)} of {name}"] = g
    for name in ("inner", "outer"):
        found[f"{name}.grad"] = tensors[name].grad
    found = {name: g.detach() for name, g in found.items() if g is not None}
    pairs = [list(pair) for pair in itertools.combinations(found, 2) if overlap(*(found[name] for name in pair))]
    return pairs, [list(item) for item in found.items()], tensors["leaf"].grad


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("record", [False, True], ids=["plain", "create_graph"])
@pytest.mark.parametrize("how", ["backward", "inputs", "grad"])
@pytest.mark.parametrize("op", UNCHANGED)
def test_which_gradients_share_memory(op: str, how: str, record: bool) -> None:
    for hook, hooked in itertools.product(HOOKS, ("leaf", "inner", "outer")):
        for retained in ((), ("inner",), ("inner", "outer")):
            same(partial(shared, op=op, hook=hook, hooked=hooked, retained=retained, how=how, record=record), rtol=1e-5)


def test_a_retained_gradient_is_nobody_elses() -> None:
    def program(w: Any) -> Any:
        x = w.tensor([1.0], requires_grad=True)
        y = x.view(-1)
        y.retain_grad()
        (g,) = w.autograd.grad(y.square().sum(), x)
        g.mul_(10)
        first = y.grad
        y.square().sum().backward()
        return g, first, y.grad

    same(program)


def test_grad_gives_what_hooks_make_of_a_gradient_only_where_the_pass_ends() -> None:
    def program(w: Any) -> Any:
        x = w.tensor([1.0, 2.0], requires_grad=True)
        y = x.clone()
        y.register_hook(lambda g: g * 2)
        out = (y * 3).sum()
        return [w.autograd.grad(out, inputs, retain_graph=True) for inputs in ([y], [x], [x, y], [y, x])]

    same(program)


VIEWS: dict[str, Callable[[Any], Any]] = {
    "x[...]": lambda x: x[...],
    "x[:]": lambda x: x[:],
    "x[:, :]": lambda x: x[:, :],
    "x[None]": lambda x: x[None],
    "x[0]": lambda x: x[0],
    "x[0:2]": lambda x: x[0:2],
    "narrow": lambda x: x.narrow(0, 0, 2),
    "flatten": lambda x: x.flatten(),
    "transpose": lambda x: x.t(),
    "unsqueeze": lambda x: x.unsqueeze(0),
    "expand": lambda x: x.expand(3, 2, 2),
    "diagonal": lambda x: x.diagonal(),
    "split": lambda x: x.split(2)[0],
    "unbind": lambda x: x.unbind(0)[0],
    "squeeze": lambda x: x.squeeze(),
    "clone": lambda x: x.clone(),
    "add": lambda x: x + 1,
    "sum": lambda x: x.sum(0),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("record", [False, True], ids=["plain", "create_graph"])
@pytest.mark.parametrize("end", ["sum", "mean"])
@pytest.mark.parametrize("first", VIEWS)
def test_hooks_that_write_to_an_expanded_gradient(first: str, end: str, record: bool) -> None:
    """torch refuses the write, or gives a gradient that is not expanded."""

    def program(w: Any, second: str, hooked: str) -> Any:
        x = w.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
        y = VIEWS[first](x)
        out = VIEWS[second](y) if second != "transpose" or y.dim() == 2 else y.clone()
        {"x": x, "y": y}[hooked].register_hook(lambda g: [g.mul_(2), None][1])
        try:
            getattr(out, end)().backward(create_graph=record)
        except RuntimeError as error:
            return "single memory location" in str(error)
        return x.grad

    for second in ("flatten", "transpose", "x[...]", "clone", "add", "unsqueeze"):
        for hooked in "xy":
            same(partial(program, second=second, hooked=hooked))


def test_a_gradient_that_is_a_view_of_the_given_one() -> None:
    """It requires a gradient if the given one does, as a view that was made without recording."""

    def program(w: Any, computed: bool, write: bool) -> Any:
        x = w.tensor([[1.0, 2.0]], requires_grad=True)
        weight = w.tensor([[1.0], [2.0]], requires_grad=True)
        (g,) = w.autograd.grad(x.transpose(0, 1), x, weight * 1 if computed else weight)
        if write:
            g.mul_(2)
        return g, g.requires_grad, g.is_leaf, g._is_view(), (g * 2).requires_grad

    for computed in (False, True):
        same(partial(program, computed=computed, write=False))
        same(partial(program, computed=computed, write=True), says="view")
