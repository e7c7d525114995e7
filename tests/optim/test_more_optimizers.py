"""RMSprop, Adagrad and Adadelta: torch's numbers, states, texts and messages, and its checkpoints both ways."""

from __future__ import annotations

import copy
import inspect

import numpy as np
import pytest
import torch

import minitorch
import minitorch.optim
from tests.both import both, caught, plain
from tests.optim.test_optim import assert_near, problem, run

CONFIGURATIONS = [
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.005, "alpha": 0.3, "eps": 1e-3, "weight_decay": 0.1}),
    ("RMSprop", {"lr": 0.005, "centered": True}),
    ("RMSprop", {"lr": 0.005, "momentum": 0.9, "maximize": True}),
    ("RMSprop", {"lr": 0.005, "momentum": 0.5, "centered": True, "alpha": 0.4, "eps": 1e-2, "weight_decay": 0.01}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.25}),
    ("Adagrad", {"lr": 0.1, "weight_decay": 0.1, "eps": 1e-3, "maximize": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.3, "eps": 1e-3, "weight_decay": 0.1}),
    ("Adadelta", {"lr": 0.5, "rho": 0.95, "maximize": True}),
]
IDS = [f"{name} {options}" for name, options in CONFIGURATIONS]
NAMES = ("RMSprop", "Adagrad", "Adadelta")


@pytest.mark.parametrize("name", NAMES)
def test_signatures(name) -> None:
    ours, theirs = (
        inspect.signature(getattr(library.optim, name)).parameters.values() for library in (minitorch, torch)
    )
    assert [(p.name, p.kind, p.default) for p in ours] == [(p.name, p.kind, p.default) for p in theirs]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), CONFIGURATIONS, ids=IDS)
def test_fifty_steps(name, options, dtype) -> None:
    ends = {}
    for library in (minitorch, torch):
        params, draw = problem(library, dtype)
        optimizer = getattr(library.optim, name)(params, foreach=False, **options)
        run(library, optimizer, draw, 50)
        ends[library] = params, optimizer
    (ours, optimizer), (theirs, reference) = ends.values()
    assert_near(ours, theirs, 50)
    for p, q in zip(ours, theirs, strict=True):
        state, expected = optimizer.state[p], reference.state[q]
        assert list(state) == list(expected)
        for key in state:
            assert state[key].shape == expected[key].shape
            assert_near([state[key]], [expected[key]], 50)


@pytest.mark.parametrize(("name", "options"), CONFIGURATIONS, ids=IDS)
def test_what_torch_rounds_alike_is_bit_equal(name, options) -> None:
    """One step in float64 from numbers of few bits: nothing is lost in products, so fusing them changes nothing."""
    results = []
    for library in (minitorch, torch):
        p = library.tensor([1.0, -2.0, 0.5, 8.0], dtype=library.float64, requires_grad=True)
        p.grad = library.tensor([0.5, 0.25, -4.0, 1.0], dtype=library.float64)
        getattr(library.optim, name)([p], foreach=False, **{**options, "lr": 0.25}).step()
        results.append(p.detach().cpu().numpy())
    np.testing.assert_array_max_ulp(*results, maxulp=2)


@pytest.mark.parametrize("first", [minitorch, torch], ids=["minitorch first", "torch first"])
@pytest.mark.parametrize(("name", "options"), CONFIGURATIONS, ids=IDS)
def test_a_checkpoint_goes_over_in_the_middle(name, options, first) -> None:
    second = torch if first is minitorch else minitorch

    def moved(value):
        if isinstance(value, minitorch.Tensor | torch.Tensor):
            return second.tensor(value.detach().cpu().numpy())
        if isinstance(value, dict):
            return {k: moved(v) for k, v in value.items()}
        return [moved(v) for v in value] if isinstance(value, list) else value

    params, draw = problem(first)
    optimizer = getattr(first.optim, name)([{"params": params[:1]}, {"params": params[1:], "lr": 0.02}], **options)
    run(first, optimizer, draw, 5)
    there = [second.tensor(p.detach().cpu().numpy(), requires_grad=True) for p in params]
    other = getattr(second.optim, name)([{"params": there[:1]}, {"params": there[1:]}])
    state = optimizer.state_dict()
    other.load_state_dict(moved(state))
    assert plain(other.state_dict()) == plain(state)
    rng = np.random.default_rng(1)
    for _ in range(5):
        for p, q in zip(params, there, strict=True):
            g = np.asarray(rng.standard_normal(p.shape)).astype(np.float32)
            p.grad, q.grad = first.tensor(g), second.tensor(g)
        optimizer.step()
        other.step()
    assert_near(params, there, 10)


@pytest.mark.parametrize(("name", "options"), CONFIGURATIONS, ids=IDS)
@both
def test_texts_and_structures(torch, name, options):
    p, q, unused, late = (torch.ones(n, requires_grad=True) for n in (2, 3, 4, 1))
    optimizer = getattr(torch.optim, name)([{"params": [p, unused]}, {"params": q, "lr": 0.5, "own": "x"}], **options)
    seen = [repr(optimizer), plain(optimizer.state_dict()), optimizer.defaults]
    optimizer.add_param_group({"params": [late]})
    p.grad, q.grad, late.grad = torch.zeros(2), torch.zeros(3), torch.zeros(1)
    optimizer.step()
    state = optimizer.state_dict()
    return [
        *seen,
        state["param_groups"],
        {k: {n: (v.dtype, v.shape, v.requires_grad) for n, v in s.items()} for k, s in state["state"].items()},
        unused,
        [list(g) for g in optimizer.param_groups],
    ]


@pytest.mark.host("the texts name the device")
@both
def test_refused_arguments(torch):
    p, o = torch.ones(2, requires_grad=True), torch.optim
    return [
        caught(attempt)
        for attempt in (
            *(lambda name=name: getattr(o, name)(p) for name in NAMES),
            *(lambda name=name: getattr(o, name)([]) for name in NAMES),
            *(lambda name=name: getattr(o, name)([p], lr=-0.1) for name in NAMES),
            *(lambda name=name: getattr(o, name)([p], lr=torch.ones(2)) for name in NAMES),
            *(lambda name=name: getattr(o, name)([p], eps=-0.1) for name in NAMES),
            *(lambda name=name: getattr(o, name)([p], eps=float("nan")) for name in NAMES),
            *(lambda name=name: getattr(o, name)([p], weight_decay=-0.1) for name in NAMES),
            lambda: o.RMSprop([p], alpha=-0.1),
            lambda: o.RMSprop([p], momentum=-0.1),
            lambda: o.Adagrad([p], lr_decay=-0.1),
            lambda: o.Adagrad([p], initial_accumulator_value=-0.1),
            lambda: o.Adagrad([p], fused=True, foreach=True),
            lambda: o.Adagrad([p], fused=True, differentiable=True),
            lambda: o.Adadelta([p], rho=-0.1),
            lambda: o.Adadelta([p], rho=1.1),
        )
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_step_is_refused(name) -> None:
    with pytest.raises(NotImplementedError, match="differentiable=True"):
        getattr(minitorch.optim, name)([minitorch.ones(1)], differentiable=True)


@pytest.mark.parametrize("name", NAMES)
@both
def test_older_checkpoints(torch, name):
    """Groups with none of the later options, and steps counted in numbers."""
    p = torch.ones(2, requires_grad=True)
    optimizer = getattr(torch.optim, name)([p])
    p.grad = torch.ones(2)
    optimizer.step()
    state = copy.deepcopy(optimizer.state_dict())
    later = ("foreach", "maximize", "differentiable", "capturable", "fused", "centered")
    group = {k: v for k, v in state["param_groups"][0].items() if k not in later}
    state["state"][0]["step"] = 7
    optimizer.load_state_dict({"state": state["state"], "param_groups": [group]})
    step = optimizer.state[p]["step"]
    return (
        step,
        list(optimizer.param_groups[0].items())[1:],
        optimizer.state_dict()["state"][0].keys() == {*state["state"][0]},
    )


@pytest.mark.parametrize("name", NAMES)
@both
def test_a_tensor_as_learning_rate(torch, name):
    p = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    lr = torch.tensor(0.1)
    optimizer = getattr(torch.optim, name)([p], lr=lr, foreach=False)
    for _ in range(3):
        p.grad = torch.tensor([0.5, 0.25], dtype=torch.float64)
        optimizer.step()
        lr.fill_(0.05)
    return [round(v, 14) for v in p.tolist()], optimizer.state_dict()["param_groups"][0]["lr"]


@pytest.mark.parametrize("name", NAMES)
@both
def test_closures_and_versions(torch, name):
    p = torch.ones(2, requires_grad=True)
    optimizer = getattr(torch.optim, name)([p])

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with torch.no_grad():
        loss = optimizer.step(closure)
    held = (p * p).sum()
    optimizer.step()
    return loss, p.is_leaf, type(caught(held.backward)).__name__


@pytest.mark.parametrize("name", NAMES)
def test_it_descends(name) -> None:
    p = minitorch.tensor([3.0, -2.0], requires_grad=True)
    optimizer = getattr(minitorch.optim, name)([p], lr={"RMSprop": 0.05, "Adagrad": 1.0, "Adadelta": 20.0}[name])
    for _ in range(150):
        optimizer.zero_grad()
        (p * p).sum().backward()
        optimizer.step()
    assert p.abs().max().item() < 0.1
