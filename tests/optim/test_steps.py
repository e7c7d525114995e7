"""The optimizers one by one, beyond the parity cases: texts, states, older checkpoints, dtypes, forms."""

from __future__ import annotations

import copy
import inspect
import pickle

import numpy as np
import pytest
import torch

import kernels
import minitorch
import minitorch.optim
from tests.both import both, caught, plain

CONFIGURATIONS = [
    ("SGD", {}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.5, "maximize": True}),
    ("SGD", {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01}),
    ("Adam", {"lr": 0.01, "betas": (0.3, 0.7), "eps": 1e-3, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.01, "amsgrad": True, "maximize": True}),
    ("Adam", {"lr": 0.01, "decoupled_weight_decay": True, "weight_decay": 0.1}),
    ("AdamW", {"lr": 0.01, "amsgrad": True, "weight_decay": 0.2, "maximize": True}),
    ("RMSprop", {}),
    ("RMSprop", {"momentum": 0.5, "centered": True, "weight_decay": 0.01}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.25}),
    ("Adadelta", {"lr": 0.5, "rho": 0.3, "eps": 1e-3, "weight_decay": 0.1}),
]
IDS = [f"{name} {options}" for name, options in CONFIGURATIONS]
NAMES = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta")


def problem(seed=0):
    """Parameters, and a function that puts the next gradients into them."""
    rng = np.random.default_rng(seed)
    shapes = [(4, 3), (5,), (), (2, 1, 3)]
    params = [minitorch.tensor(rng.standard_normal(s).astype("float32"), requires_grad=True) for s in shapes]

    def draw():
        for p in params:
            p.grad = minitorch.tensor(np.asarray(rng.standard_normal(p.shape)).astype("float32"))

    return params, draw


def run(optimizer, draw, steps):
    for _ in range(steps):
        draw()
        optimizer.step()


@pytest.mark.parametrize("name", NAMES)
def test_signatures(name) -> None:
    ours, theirs = (
        inspect.signature(getattr(library.optim, name)).parameters.values() for library in (minitorch, torch)
    )
    assert [(p.name, p.kind, p.default) for p in ours] == [(p.name, p.kind, p.default) for p in theirs]


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


@pytest.mark.host("the form for NumPy")
@pytest.mark.parametrize(("name", "options"), [c for c in CONFIGURATIONS if c[0] in ("SGD", "Adam", "AdamW")])
def test_implementations_agree(name, options) -> None:
    """The steps in blocks are the reference, bit by bit, also for arrays that are larger than a block or transposed."""
    results = []
    for form in ("reference", "numpy"):
        rng = np.random.default_rng(0)
        arrays = [rng.standard_normal(s).astype(np.float32) for s in ((40_000,), (3, 2), ())]
        params = [minitorch.tensor(a, requires_grad=True) for a in arrays]
        params[1].data = params[1].detach().T
        optimizer = getattr(minitorch.optim, name)(params, **options)
        with kernels.using(form):
            for _ in range(3):
                for p in params:
                    p.grad = minitorch.tensor(np.asarray(rng.standard_normal(p.shape)).astype(np.float32))
                optimizer.step()
        results.append([p.detach().cpu().numpy().tobytes() for p in params])
    assert results[0] == results[1]


def test_loading_an_own_checkpoint_changes_nothing() -> None:
    ends = []
    for reload in (False, True):
        params, draw = problem()
        optimizer = minitorch.optim.Adam(params, lr=0.01, amsgrad=True)
        run(optimizer, draw, 5)
        if reload:
            state = pickle.loads(pickle.dumps(optimizer.state_dict()))
            optimizer = minitorch.optim.Adam(params)
            optimizer.load_state_dict(state)
        run(optimizer, draw, 5)
        ends.append([p.tolist() for p in params])
    assert ends[0] == ends[1]


@pytest.mark.parametrize("name", NAMES)
@both
def test_older_checkpoints(torch, name):
    """Groups without the later options, and step counts that are Python numbers."""
    p = torch.ones(2, requires_grad=True)
    optimizer = getattr(torch.optim, name)([p], **({"momentum": 0.9} if name == "SGD" else {}))
    p.grad = torch.ones(2)
    optimizer.step()
    state = copy.deepcopy(optimizer.state_dict())
    later = ("foreach", "maximize", "differentiable", "capturable", "fused", "centered", "amsgrad", "nesterov")
    group = {k: v for k, v in state["param_groups"][0].items() if k not in later}
    if name != "SGD":
        state["state"][0]["step"] = 7
    optimizer.load_state_dict({"state": state["state"], "param_groups": [group]})
    return (
        optimizer.state[p].get("step"),
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
    optimizer = getattr(minitorch.optim, name)([p], lr={"Adagrad": 1.0, "Adadelta": 20.0}.get(name, 0.05))
    for _ in range(150):
        optimizer.zero_grad()
        (p * p).sum().backward()
        optimizer.step()
    assert p.abs().max().item() < 0.1


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_step_is_refused(name) -> None:
    with pytest.raises(NotImplementedError, match="differentiable=True"):
        getattr(minitorch.optim, name)([minitorch.ones(1)], differentiable=True)


def test_copies() -> None:
    params, draw = problem()
    optimizer = minitorch.optim.Adam(params, lr=0.01)
    run(optimizer, draw, 2)
    for twin in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        theirs = twin.param_groups[0]["params"]
        assert repr(twin) == repr(optimizer)
        assert plain(twin.state_dict()) == plain(optimizer.state_dict())
        assert set(twin.state) == set(theirs)
        assert theirs[0] is not params[0]
        theirs[0].grad = minitorch.ones(4, 3)
        before = params[0].tolist()
        twin.step()
        assert params[0].tolist() == before
        assert theirs[0].tolist() != before


def test_float16_stays_float16() -> None:
    for name in ("SGD", "Adam"):
        p = minitorch.ones(3, dtype=minitorch.float16, requires_grad=True)
        p.grad = minitorch.ones(3, dtype=minitorch.float16)
        optimizer = getattr(minitorch.optim, name)([p], lr=minitorch.tensor(0.1))
        optimizer.step()
        assert p.dtype is minitorch.float16
        assert p.tolist() == [pytest.approx(0.9, abs=1e-3)] * 3


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
