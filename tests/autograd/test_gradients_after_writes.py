"""Gradients with respect to a base and its views, before and after writes to each of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.autograd.worlds import same

TENSORS = ("base", "whole", "part", "head")

WRITES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "a number": lambda w, x, factor: x.mul_(2),
    "a tensor": lambda w, x, factor: x.mul_(factor[: len(x)]),
    "a constant": lambda w, x, factor: x.copy_(w.ones(len(x))),
    "one element": lambda w, x, factor: x.__setitem__(0, 5.0),
    "unnoticed": lambda w, x, factor: x.detach().mul_(2),
}


def under_no_grad(write: Callable[[Any, Any, Any], Any], w: Any, x: Any, factor: Any) -> None:
    with w.no_grad():
        write(w, x, factor)


WRITES["no_grad"] = partial(under_no_grad, WRITES["a tensor"])


def program(w: Any, writes: tuple[tuple[str, str], ...], watched: tuple[str, ...]) -> Any:
    """The flags of a base and its views after some writes, and all gradients: with respect to each of them of each of
    them, as it is afterwards and as it was before; and what hooks and `retain_grad` of those `watched` have seen.
    """
    seen: list[Any] = []
    leaf, factor = (w.tensor(v, requires_grad=True) for v in ([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]))
    base = leaf * 2
    whole = base.view(3)
    tensors = {"base": base, "whole": whole, "part": whole[1:], "head": base[:2]}
    before = {name: t * 1 for name, t in tensors.items()}
    for name in watched:
        tensors[name].retain_grad()
        tensors[name].register_hook(lambda g, name=name: seen.append([name, g.tolist()]))
    for name, write in writes:
        WRITES[write](w, tensors[name], factor)
    targets = [*tensors.values(), leaf, factor]
    for t in tensors.values():
        seen.append([t, t.requires_grad, t.is_leaf, t.retains_grad])
    for t in itertools.chain(tensors.values(), before.values()):
        for target in targets:
            try:
                seen.append(w.autograd.grad((t * t).sum(), target, retain_graph=True, allow_unused=True))
            except RuntimeError:
                seen.append("refused")
    sum((t * t).sum() for t in tensors.values()).backward()
    return seen, [t.grad for t in targets if t.is_leaf or t.retains_grad]


@pytest.mark.parametrize("watched", [(), ("whole",), ("part", "head"), TENSORS], ids=", ".join)
@pytest.mark.parametrize("write", WRITES)
def test_one_write(write: str, watched: tuple[str, ...]) -> None:
    for name in TENSORS:
        same(partial(program, writes=((name, write),), watched=watched))


@pytest.mark.parametrize("watched", [(), TENSORS], ids=", ".join)
@pytest.mark.parametrize("first", WRITES)
def test_two_writes(first: str, watched: tuple[str, ...]) -> None:
    for a, b, second in itertools.product(TENSORS, TENSORS, ("a number", "a tensor", "no_grad")):
        same(partial(program, writes=((a, first), (b, second)), watched=watched))
