"""SGD, Adam, AdamW and their base: torch's numbers, states, texts and messages, and its checkpoints both ways."""

from __future__ import annotations

import copy
import pickle
from importlib import import_module

import numpy as np
import pytest
import torch

import kernels
import minitorch
import minitorch.optim
from tests.both import both, caught, plain

CONFIGURATIONS = [
    ("SGD", {}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.5, "maximize": True}),
    ("SGD", {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01}),
    ("Adam", {}),
    ("Adam", {"lr": 0.01, "betas": (0.3, 0.7), "eps": 1e-3, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.01, "amsgrad": True, "maximize": True}),
    ("Adam", {"lr": 0.01, "decoupled_weight_decay": True, "weight_decay": 0.1}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.01, "amsgrad": True, "weight_decay": 0.2, "maximize": True}),
]
IDS = [f"{name} {options}" for name, options in CONFIGURATIONS]
SHAPES = [(4, 3), (5,), (), (2, 1, 3)]


def base(library):
    return import_module(f"{library.__name__}.optim.optimizer")


def problem(library, dtype="float32", seed=0):
    """Parameters, and a function that puts the next gradients into them."""
    rng = np.random.default_rng(seed)
    params = [library.tensor(rng.standard_normal(s).astype(dtype), requires_grad=True) for s in SHAPES]

    def draw():
        for p in params:
            p.grad = library.tensor(np.asarray(rng.standard_normal(p.shape)).astype(dtype))

    return params, draw


def run(library, optimizer, draw, steps):
    for _ in range(steps):
        draw()
        optimizer.step()


def assert_near(ours, theirs, steps):
    """Each step rounds a handful of times where torch, which multiplies and adds at once, rounds less often."""
    for a, b in zip(ours, theirs, strict=True):
        a, b = a.detach().cpu().numpy(), b.detach().cpu().numpy()
        assert a.dtype == b.dtype
        scale = max(1.0, float(np.abs(b).max())) * np.finfo(b.dtype).eps
        assert np.abs(a - b).max() <= 4 * steps * scale


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
        optimizer = getattr(library.optim, name)([p], foreach=False, **{**options, "lr": 0.25})
        optimizer.step()
        results.append(p.detach().cpu().numpy())
    np.testing.assert_array_max_ulp(*results, maxulp=2)


@pytest.mark.host("the form for NumPy")
@pytest.mark.parametrize(("name", "options"), CONFIGURATIONS, ids=IDS)
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


@pytest.mark.parametrize(("name", "options"), CONFIGURATIONS, ids=IDS)
@pytest.mark.parametrize("first", [minitorch, torch], ids=["minitorch first", "torch first"])
def test_a_checkpoint_goes_over_in_the_middle(name, options, first) -> None:
    second = torch if first is minitorch else minitorch

    def moved(value, library):
        if isinstance(value, minitorch.Tensor | torch.Tensor):
            return library.tensor(value.detach().cpu().numpy())
        if isinstance(value, dict):
            return {k: moved(v, library) for k, v in value.items()}
        if isinstance(value, list):
            return [moved(v, library) for v in value]
        return value

    params, draw = problem(first)
    optimizer = getattr(first.optim, name)([{"params": params[:1]}, {"params": params[1:], "lr": 0.02}], **options)
    run(first, optimizer, draw, 5)
    there = [second.tensor(p.detach().cpu().numpy(), requires_grad=True) for p in params]
    other = getattr(second.optim, name)([{"params": there[:1]}, {"params": there[1:]}])
    state = optimizer.state_dict()
    other.load_state_dict(moved(state, second))
    assert plain(other.state_dict()) == plain(state)
    rng = np.random.default_rng(1)
    for _ in range(5):
        for p, q in zip(params, there, strict=True):
            g = np.asarray(rng.standard_normal(p.shape)).astype(np.float32)
            p.grad, q.grad = first.tensor(g), second.tensor(g)
        optimizer.step()
        other.step()
    assert_near(params, there, 10)


def test_loading_an_own_checkpoint_changes_nothing() -> None:
    ends = []
    for reload in (False, True):
        params, draw = problem(minitorch)
        optimizer = minitorch.optim.Adam(params, lr=0.01, amsgrad=True)
        run(minitorch, optimizer, draw, 5)
        if reload:
            state = pickle.loads(pickle.dumps(optimizer.state_dict()))
            optimizer = minitorch.optim.Adam(params)
            optimizer.load_state_dict(state)
        run(minitorch, optimizer, draw, 5)
        ends.append([p.tolist() for p in params])
    assert ends[0] == ends[1]


@pytest.mark.parametrize(("name", "options"), CONFIGURATIONS, ids=IDS)
@both
def test_texts_and_structures(torch, name, options):
    p, q, unused = (torch.ones(n, requires_grad=True) for n in (2, 3, 4))
    optimizer = getattr(torch.optim, name)([{"params": [p, unused]}, {"params": q, "lr": 0.5, "own": "x"}], **options)
    seen = [repr(optimizer), optimizer.state_dict(), optimizer.defaults]
    p.grad, q.grad = torch.zeros(2), torch.zeros(3)
    optimizer.step()
    state = optimizer.state_dict()
    return [
        *seen,
        state["param_groups"],
        {k: {n: (v.dtype, v.shape, v.requires_grad) for n, v in s.items()} for k, s in state["state"].items()},
        unused,
        [list(g) for g in optimizer.param_groups],
    ]


@both
def test_named_parameters(torch):
    params = [("a", torch.ones(1, requires_grad=True)), ("b", torch.ones(2, requires_grad=True))]
    optimizer = torch.optim.SGD(iter(params), lr=0.1)
    state = optimizer.state_dict()
    optimizer.load_state_dict({**state, "param_groups": [{**state["param_groups"][0], "lr": 0.5}]})
    return state, repr(optimizer), optimizer.param_groups[0]["param_names"]


@pytest.mark.host("the texts name the device")
@pytest.mark.filterwarnings("ignore:optimizer contains")
@both
def test_refused_arguments(torch):
    p, t = torch.ones(2, requires_grad=True), torch.ones(2)
    sgd, adam, adamw = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
    two = torch.ones(2)

    def added(group, **options):
        return lambda: sgd([{"params": [p]}], **options).add_param_group(group)

    return [
        caught(attempt)
        for attempt in (
            lambda: sgd(p),
            lambda: sgd([]),
            lambda: sgd([3]),
            lambda: sgd(3),
            lambda: sgd([p * 2]),
            lambda: sgd([{"params": {p}}]),
            lambda: sgd([{"lr": 3}]),
            lambda: sgd([{"params": [p]}, {"params": [p]}]),
            lambda: sgd([{"params": [p]}, [t]]),
            lambda: sgd([("a", p), t]),
            lambda: sgd([p], lr=-1),
            lambda: sgd([p], lr=torch.tensor(-1.0)),
            lambda: sgd([p], lr=two),
            lambda: sgd([p], momentum=-1.0),
            lambda: sgd([p], weight_decay=-1),
            lambda: sgd([p], nesterov=True),
            lambda: sgd([p], momentum=0.9, dampening=0.1, nesterov=True),
            lambda: sgd([p], fused=True, differentiable=True),
            lambda: sgd([p], fused=True, foreach=True),
            lambda: adam([p], lr=-1.0),
            lambda: adam([p], lr=two),
            lambda: adam([p], eps=-1.0),
            lambda: adam([p], betas=(1.0, 0.9)),
            lambda: adam([p], betas=(0.9, -0.1)),
            lambda: adam([p], betas=(0, 0.9)),
            lambda: adam([p], betas=(0.9, torch.tensor(0.9))),
            lambda: adam([p], weight_decay=-1.0),
            lambda: adam([p], lr=torch.tensor(0.1), foreach=True),
            lambda: adam([p], fused=True, foreach=True),
            lambda: adamw([p], betas=(0.9, 1.0)),
            added([t]),
            added({"params": [p]}),
            added({"params": [t, "x"]}),
            added({"params": [("name", t)]}),
            lambda: torch.optim.Optimizer([p], {"lr": base(torch).required}),
            lambda: torch.optim.Optimizer([p], {"lr": 0.1}).step(),
        )
    ]


def test_a_recorded_step_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="differentiable=True"):
        minitorch.optim.SGD([minitorch.ones(1)], differentiable=True)


@both
def test_duplicates_warn(torch):
    p = torch.ones(1, requires_grad=True)
    with pytest.warns(UserWarning, match="duplicate parameters") as record:
        torch.optim.SGD([p, p], lr=0.1)
    return [str(w.message) for w in record]


@both
def test_groups(torch):
    p, q = (torch.ones(2, requires_grad=True) for _ in range(2))
    optimizer = torch.optim.SGD([p], lr=0.5)
    optimizer.add_param_group({"params": (t for t in [q]), "lr": 0.25})
    for t in (p, q):
        t.grad = torch.ones(2)
    optimizer.step()
    optimizer.param_groups[0]["lr"] = 0.125
    optimizer.step()
    return p, q, len(optimizer.param_groups), optimizer.state_dict()


@pytest.mark.filterwarnings("ignore:Using backward")
@both
def test_zero_grad(torch):
    p, q = (torch.ones(2, requires_grad=True) for _ in range(2))
    optimizer = torch.optim.SGD([p, q], lr=0.5)
    (p * p).sum().backward(create_graph=True)
    grad = p.grad
    optimizer.zero_grad(set_to_none=False)
    seen = [p.grad, q.grad, p.grad is grad, p.grad.grad_fn]
    optimizer.zero_grad()
    return [*seen, p.grad]


@both
def test_closure(torch):
    p = torch.tensor([2.0], requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=0.25)
    calls = []

    def closure():
        calls.append(torch.is_grad_enabled())
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    losses = [optimizer.step(closure).item() for _ in range(3)]
    with torch.no_grad():
        losses.append(optimizer.step(closure=closure).item())
    return losses, calls, p, optimizer.step(), p.is_leaf


@both
def test_step_hooks(torch):
    p = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=0.5)
    seen = []
    optimizer.register_step_pre_hook(lambda o, args, kwargs: seen.append(("pre", len(args), list(kwargs), p.item())))
    optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append(("post", len(args), list(kwargs), p.item())))
    shared = [
        base(torch).register_optimizer_step_pre_hook(lambda *rest: seen.append("all pre")),
        base(torch).register_optimizer_step_post_hook(lambda *rest: seen.append("all post")),
    ]
    p.grad = torch.ones(1)
    try:
        optimizer.step()
    finally:
        for handle in shared:
            handle.remove()
    with optimizer.register_step_pre_hook(lambda o, args, kwargs: (args, {"closure": lambda: 7})):
        result = optimizer.step()
    with optimizer.register_step_pre_hook(lambda o, args, kwargs: 3):
        wrong = type(caught(optimizer.step)).__name__
    optimizer.step(closure=lambda: 1)
    return seen, result, wrong


@both
def test_state_hooks(torch):
    p = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=0.5)
    seen = []
    optimizer.register_state_dict_pre_hook(lambda o: seen.append("save"))
    optimizer.register_state_dict_pre_hook(lambda o: seen.append("save first"), prepend=True)
    optimizer.register_state_dict_post_hook(lambda o, state: {**state, "more": 1})
    optimizer.register_load_state_dict_pre_hook(lambda o, state: seen.append(list(state)))
    optimizer.register_load_state_dict_pre_hook(
        lambda o, state: {**state, "param_groups": [{**state["param_groups"][0], "lr": 2.0}]}
    )
    optimizer.register_load_state_dict_post_hook(lambda o: seen.append("loaded"))
    state = optimizer.state_dict()
    optimizer.load_state_dict(state)
    return state, seen, optimizer.param_groups[0]["lr"]


@both
def test_loading(torch):
    p, q = (torch.ones(2, dtype=torch.float64, requires_grad=True) for _ in range(2))
    optimizer = torch.optim.Adam([{"params": [p]}, {"params": [q]}])
    groups = optimizer.state_dict()["param_groups"]
    older = [{"params": g["params"], "lr": 0.1, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0} for g in groups]
    state = {
        0: {"step": 3, "exp_avg": torch.ones(2), "exp_avg_sq": torch.ones(2, dtype=torch.float64), "more": [1, 2.5]},
        "other": 5,
    }
    wrong = [
        caught(lambda: optimizer.load_state_dict({"state": {}, "param_groups": groups[:1]})),
        caught(
            lambda: optimizer.load_state_dict({"state": {}, "param_groups": [groups[0], {**groups[1], "params": []}]})
        ),
    ]
    optimizer.load_state_dict({"state": state, "param_groups": older})
    return wrong, optimizer.state_dict(), optimizer.param_groups[1]["params"][0] is q


@both
def test_a_tensor_as_learning_rate(torch):
    seen = []
    for name in ("SGD", "Adam", "AdamW"):
        p = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
        lr = torch.tensor(0.1)
        optimizer = getattr(torch.optim, name)([p], lr=lr, foreach=False)
        for _ in range(3):
            p.grad = torch.tensor([0.5, 0.25], dtype=torch.float64)
            optimizer.step()
            lr.fill_(0.05)
        seen.append([round(v, 14) for v in p.tolist()])
        seen.append(optimizer.state_dict()["param_groups"][0]["lr"])
    return seen


@both
def test_an_optimizer_of_ones_own(torch):
    required = base(torch).required

    class Sign(torch.optim.Optimizer):
        def __init__(self, params, lr=required):
            super().__init__(params, {"lr": lr})

        @torch.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        self.state[p]["count"] = self.state[p].get("count", 0) + 1
                        p.add_(p.grad.sign(), alpha=-group["lr"])

    class Twice(Sign):
        def step(self, closure=None):
            super().step()
            super().step()

    p = torch.tensor([1.0, 2.0], requires_grad=True)
    p.grad = torch.tensor([3.0, -1.0])
    seen = []
    optimizer = Twice([p], lr=0.5)
    optimizer.register_step_post_hook(lambda *rest: seen.append("stepped"))
    optimizer.step()
    return p, optimizer.state_dict(), seen, caught(lambda: Sign([p])), repr(optimizer)


def test_copies() -> None:
    params, draw = problem(minitorch)
    optimizer = minitorch.optim.Adam(params, lr=0.01)
    run(minitorch, optimizer, draw, 2)
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


def test_a_write_between_forward_and_backward_is_noticed() -> None:
    p = minitorch.ones(2, requires_grad=True)
    loss = (p * p).sum()
    p.grad = minitorch.ones(2)
    minitorch.optim.SGD([p], lr=0.1).step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()
    assert p.is_leaf
    assert p.requires_grad


def test_float16_stays_float16() -> None:
    for name in ("SGD", "Adam"):
        p = minitorch.ones(3, dtype=minitorch.float16, requires_grad=True)
        p.grad = minitorch.ones(3, dtype=minitorch.float16)
        optimizer = getattr(minitorch.optim, name)([p], lr=minitorch.tensor(0.1))
        optimizer.step()
        assert p.dtype is minitorch.float16
        assert p.tolist() == [pytest.approx(0.9, abs=1e-3)] * 3
