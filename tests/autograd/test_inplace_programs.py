"""Random programs of views, in-place writes, hooks and retained gradients, run in step by torch and by minitorch.

Values, flags, gradients of first and second order, what hooks see and what tensors retain must agree. Where torch
refuses a step, the program ends there.
minitorch may refuse what torch allows, with an error; it may never give another number.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import event, given, settings, strategies as st

import minitorch
from tests.autograd.worlds import assert_same, plain

Env = list[Any]

VIEWS: dict[str, Callable[[Any, int], Any]] = {
    "first": lambda x, k: x[k % max(len(x), 1)],
    "slice": lambda x, k: x[k % 2 :],
    "last": lambda x, k: x[..., -1:],
    "stride": lambda x, k: x[..., ::2],
    "transpose": lambda x, k: x.transpose(0, -1),
    "view": lambda x, k: x.view(-1),
    "reshape": lambda x, k: x.reshape(-1),
    "unsqueeze": lambda x, k: x.unsqueeze(k % 2),
    "diagonal": lambda x, k: x.diagonal(),
    "narrow": lambda x, k: x.narrow(0, 0, 1),
    "expand": lambda x, k: x.expand(2, *x.shape),
    "unfold": lambda x, k: x.unfold(0, 2, 1),
    "split": lambda x, k: x.split(2)[0],
    "detach": lambda x, k: x.detach(),
    "view_as": lambda x, k: x.view_as(x),
}
FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "mul": lambda x, y: x * y,
    "tanh": lambda x, y: x.tanh(),
    "sum": lambda x, y: x.sum(),
    "clone": lambda x, y: x.clone(),
    "contiguous": lambda x, y: x.contiguous(),
}
WRITES: dict[str, Callable[[Any, Any, Any, int], Any]] = {
    "add_": lambda w, x, y, k: x.add_(y),
    "mul_": lambda w, x, y, k: x.mul_(y),
    "mul_ number": lambda w, x, y, k: x.mul_(0.5),
    "sub_ self": lambda w, x, y, k: x.sub_(x.mean()),
    "copy_": lambda w, x, y, k: x.copy_(y),
    "fill_": lambda w, x, y, k: x.fill_(0.25),
    "fill_ tensor": lambda w, x, y, k: x.fill_(y.sum()),
    "zero_": lambda w, x, y, k: x.zero_(),
    "tanh_": lambda w, x, y, k: x.tanh_(),
    "sigmoid_": lambda w, x, y, k: x.sigmoid_(),
    "relu_": lambda w, x, y, k: x.relu_(),
    "clamp_": lambda w, x, y, k: x.clamp_(-0.5, 0.5),
    "square_": lambda w, x, y, k: x.square_(),
    "eq_": lambda w, x, y, k: x.eq_(0.25),
    "masked_fill_": lambda w, x, y, k: x.masked_fill_(x > 0, 0.125),
    "setitem": lambda w, x, y, k: x.__setitem__(k % max(len(x), 1), y.mean()),
    "setitem slice": lambda w, x, y, k: x.__setitem__(slice(k % 2, None), y),
    "setitem mask": lambda w, x, y, k: x.__setitem__(x > 0.1, y.sum() * 0.01),
    "setitem list": lambda w, x, y, k: x.__setitem__([0, -1], 0.75),
    "setitem self": lambda w, x, y, k: x.__setitem__(0, x[-1] * 2),
    "chain": lambda w, x, y, k: x.add_(1).mul_(y).sub_(y),
    "through a view": lambda w, x, y, k: x.view(-1)[:2].mul_(y.sum() * 0.1),
    "copy_ of itself": lambda w, x, y, k: x.copy_(x.flip(0)),
    "requires_grad_": lambda w, x, y, k: x.requires_grad_(),
}


def watch(x: Any, seen: dict[str, list[Any]], how: str) -> None:
    """Put a hook on `x` that records its gradient, or let `x` retain it.

    Not on a view that was made under no_grad: torch's `register_hook` crashes. And `grad_fn` is read before, because
    without that torch's `retain_grad` takes a view for a leaf whose base was written.
    """
    if x.grad_fn is None and x._is_view():
        return
    if how == "retain":
        x.retain_grad()
    else:
        x.register_hook(seen.setdefault(f"hook {len(seen)}", []).append)


operand = st.integers(0, 30)
steps = st.lists(
    st.tuples(
        st.one_of(*[st.sampled_from([(kind, name) for name in table]) for kind, table in
                    (("view", VIEWS), ("function", FUNCTIONS), ("write", WRITES), ("write", WRITES),
                     ("watch", ("hook", "retain")))]),
        operand,
        operand,
        st.integers(0, 3),
        st.sampled_from(["grad", "grad", "grad", "grad", "grad", "grad", "grad", "no_grad"]),
    ),
    min_size=3,
    max_size=12,
)  # fmt: skip


def start(w: Any) -> Env:
    a = w.tensor([[0.3, -0.7, 0.2], [0.9, -0.1, 0.4]], dtype=w.float64, requires_grad=True)
    b = w.tensor([0.5, -0.25, 0.75], dtype=w.float64, requires_grad=True)
    return [a, b, a * 1, b + 0, w.full((2, 3), 0.1, dtype=w.float64), w.zeros(3, dtype=w.float64)]


def step(w: Any, env: Env, seen: dict[str, list[Any]], instruction: Any) -> None:
    (kind, name), i, j, k, mode = instruction
    x, y = env[i % len(env)], env[j % len(env)]
    with w.no_grad() if mode == "no_grad" else w.enable_grad():
        if kind == "view":
            env.append(VIEWS[name](x, k))
        elif kind == "function":
            env.append(FUNCTIONS[name](x, y))
        elif kind == "watch":
            watch(x, seen, name)
        else:
            WRITES[name](w, x, y, k)


def retained(env: Env) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of reading the `grad` of tensors that are no leaves
        return [t.grad for t in env]


def gradients(w: Any, env: Env, seen: dict[str, list[Any]]) -> Any:
    """First and second-order gradients with respect to the two leaves, and the records of the first pass."""
    loss = sum(((n + 1) * 0.1 * t * t.detach().cos()).sum() for n, t in enumerate(env))
    leaves = env[:2]
    plain_ = w.autograd.grad(loss, leaves, allow_unused=True, retain_graph=True)
    watched = [list(shown) for shown in seen.values()], retained(env)
    first = w.autograd.grad(loss, leaves, allow_unused=True, create_graph=True)
    total = sum((g * g).sum() for g in first if g is not None)
    second = w.autograd.grad(total, leaves, allow_unused=True) if getattr(total, "requires_grad", False) else ()
    # torch gives zeros where an input is reached by a path that leads nowhere, and None where it is not reached.
    zeros = [w.zeros_like(x) for x in leaves]
    orders = [
        [z if g is None else g for g, z in zip(found or zeros, zeros, strict=True)] for found in (plain_, first, second)
    ]
    return orders, watched


def run(program: Any) -> str:
    theirs, ours = start(torch), start(minitorch)
    seen: dict[str, list[Any]] = {}
    seen_by_ours: dict[str, list[Any]] = {}
    for instruction in program:
        try:
            step(torch, theirs, seen, instruction)
        except Exception:
            return "torch refuses a step"
        try:
            step(minitorch, ours, seen_by_ours, instruction)
        except (RuntimeError, NotImplementedError) as error:
            return f"minitorch refuses a step: {instruction[0][1]} {instruction[4]}: {str(error)[:60]}"
    for t, m in zip(theirs, ours, strict=True):
        assert_same(plain(m.detach()), plain(t.detach()), 1e-9, 1e-11)
    try:
        expected = gradients(torch, theirs, seen)
        flags = [(t.requires_grad, t.is_leaf, t.retains_grad) for t in theirs]
    except RuntimeError:
        return "torch refuses the backward pass"
    for m, t, expected_flags in zip(ours, theirs, flags, strict=True):
        # A library whose reshape copies what torch's views gives a copy, which under no_grad requires no gradient.
        if minitorch.get_default_device().type == "cpu" or m._is_view() == t._is_view():
            assert (m.requires_grad, m.is_leaf, m.retains_grad) == expected_flags
    try:
        found = gradients(minitorch, ours, seen_by_ours)
    except RuntimeError as error:
        if "modified by an inplace operation" not in str(error):
            raise
        return "minitorch refuses the backward pass"
    assert_same(plain(found), plain(expected), 1e-8, 1e-10)
    return "compared"


@settings(max_examples=400)
@given(steps)
def test_random_programs(program: Any) -> None:
    event(run(program))


@pytest.mark.parametrize("seed", range(3))
def test_programs_that_torch_allows(seed: int) -> None:
    """Steps are drawn one by one, without steps that torch refuses: so nearly all programs are compared."""
    draw = np.random.default_rng(seed)
    tables = {"view": VIEWS, "function": FUNCTIONS, "write": WRITES, "watch": ("hook", "retain")}
    names = [(kind, n) for kind, table in tables.items() for n in table]
    outcomes = []
    for _ in range(100):
        theirs, program = start(torch), []
        for _ in range(8):
            mode = "no_grad" if draw.random() < 0.1 else "grad"
            instruction = (names[draw.integers(len(names))], *map(int, draw.integers(0, 30, 3)), mode)
            try:
                step(torch, theirs, {}, instruction)
                program.append(instruction)
            except Exception:
                theirs = start(torch)
                for done in program:
                    step(torch, theirs, {}, done)
        outcomes.append(run(program))
    assert outcomes.count("compared") > 60
    assert sum(o.startswith("minitorch refuses") for o in outcomes) < 10
