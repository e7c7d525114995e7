"""The base of all optimizers: parameters and groups, hooks, closures, loading; behaviour and messages are torch's."""

from __future__ import annotations

from importlib import import_module

import pytest

import minitorch
import minitorch.optim
from tests.both import both, caught


def base(library):
    """The module that the base class and the shared hooks are defined in."""
    return import_module(f"{library.__name__}.optim.optimizer")


@both
def test_named_parameters(torch):
    params = [("a", torch.ones(1, requires_grad=True)), ("b", torch.ones(2, requires_grad=True))]
    optimizer = torch.optim.SGD(iter(params), lr=0.1)
    state = optimizer.state_dict()
    optimizer.load_state_dict({**state, "param_groups": [{**state["param_groups"][0], "lr": 0.5}]})
    return state, repr(optimizer), optimizer.param_groups[0]["param_names"]


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


def test_a_write_between_forward_and_backward_is_noticed() -> None:
    p = minitorch.ones(2, requires_grad=True)
    loss = (p * p).sum()
    p.grad = minitorch.ones(2)
    minitorch.optim.SGD([p], lr=0.1).step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()
    assert p.is_leaf
    assert p.requires_grad


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
