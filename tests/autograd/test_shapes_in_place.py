"""Views of a base whose shape is changed in place, by `t_` and kin, and writes to all of them: random programs."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import pytest

from tests.autograd.worlds import same

pytestmark = pytest.mark.host("on CuPy results are in row-major order, so that other reshapes of them are views")

CHANGES = (
    "a.t_()",
    "a.transpose_(0, 1)",
    "a.squeeze_()",
    "a.squeeze_(0)",
    "a.unsqueeze_(0)",
    "a.unsqueeze_(-1)",
    "a.swapaxes_(0, -1)",
    "b.unsqueeze_(0)",
    "b.t_()",
    "b.squeeze_()",
    "b.transpose_(0, -1)",
    "c.unsqueeze_(0)",
    "c.squeeze_()",
)
VIEWS = (
    "b = a[0]",
    "b = a[:, 1:]",
    "b = a.t()",
    "b = a.view(-1)",
    "b = a.unsqueeze(1)",
    "c = b[...]",
    "c = a[..., 0]",
    "c = b.unsqueeze(0)",
    "c = a.reshape(-1)[1:]",
)
WRITES = (
    "a.mul_(2)",
    "b.mul_(2)",
    "c.mul_(2)",
    "b.add_(v.sum())",
    "a.add_(v.sum())",
    "c.fill_(1)",
    "a.copy_(a * a.detach())",
    "b[0] = v.sum()",
    "c.sub_(v.mean())",
)


def program(w: Any, text: list[str], shape: tuple[int, int], transposed: bool) -> Any:
    """The flags of a base and its views after each statement, and the gradients at the end."""
    x = w.arange(1.0, 1 + shape[0] * shape[1]).reshape(shape).requires_grad_()
    v = w.tensor([1.0, 2.0], requires_grad=True)
    a = x.t() * 1 if transposed else x * 1
    names = {"torch": w, "v": v, "a": a, "b": a[0], "c": a[..., -1]}
    seen: list[Any] = []
    for statement in text:
        try:
            exec(statement, names)
        except (RuntimeError, IndexError) as error:
            seen.append(type(error).__name__)
        for name in "abc":
            t = names[name]
            seen.append([t, t.requires_grad, t.is_leaf, t._is_view(), t._version])
    a, b, c = (names[name] for name in "abc")
    try:
        (a.sum() + 2 * (b * b).sum() + 3 * c.sum()).backward()
    except RuntimeError:  # `a` was an operand of what is now written
        return seen
    return seen, x.grad, v.grad


@pytest.mark.parametrize("seed", range(20))
def test_random_programs(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(40):
        text = [draw.choice(VIEWS)]
        text += [draw.choice(draw.choice([VIEWS, CHANGES, CHANGES, WRITES, WRITES])) for _ in range(draw.randint(1, 5))]
        shape, transposed = draw.choice([(2, 3), (1, 3), (3, 3), (3, 1), (2, 2)]), draw.random() < 0.5
        same(partial(program, text=text, shape=shape, transposed=transposed))


def test_a_flat_view_of_a_transposed_result() -> None:
    """The gradient that is copied is laid out otherwise than the base: a reshape of it is no view."""

    def program(w: Any) -> Any:
        x = w.arange(6.0).reshape(2, 3).requires_grad_()
        base = x.t() * 1
        base.t().view(-1)[1:4].mul_(5)
        (base * base).sum().backward()
        return x.grad

    same(program)


def test_a_change_of_shape_counts_as_a_write() -> None:
    def program(w: Any) -> Any:
        x, c = w.ones(2, 3, requires_grad=True), w.ones(2, 3)
        y = (x * c).sum()
        c.t_()
        y.backward()

    same(program, says="modified by an inplace operation")
