"""torch's values in the explorer: every counterpart computes what the op does, and a fault is found."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import nn, ops, optim
from minitorch.visualization.explorer.trace import Trace
from minitorch.visualization.explorer.tracer import Tracer
from parity.explorer import beside_torch
from parity.explorer.counterparts import OTHER, SAME, key_of
from tests.recording.lessons import LESSONS, lesson

NAMES = {
    "unary": """
        neg reciprocal abs sign square floor ceil trunc sqrt rsqrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin
        acos atan sinc sinh cosh tanh asinh atanh sigmoid relu erf erfc erfinv clone isnan isinf isfinite logical_not
        mean std
        """,
    "along a dimension": "softmax log_softmax cumsum argmax argmin logsumexp amax amin sum var",
    "binary": """
        add sub mul div remainder fmod maximum minimum logaddexp xlogy atan2 eq ne lt le gt ge logical_and logical_or
        logical_xor
        """,
    "of integers": "bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift",
}


def calls() -> list[Any]:
    """Functions of u (3, 4) in (0.1, 0.9), v (3, 4) in (0.1, 0.9) and n (4, 3) of integers that call the ops."""

    def of(kind: str, call: Any) -> list[Any]:
        return [partial(call, getattr(torch, name)) for name in NAMES[kind].split()]

    image = lambda u: u.reshape(1, 1, 3, 4).repeat(2, 2, 2, 2)  # noqa: E731 - one of many small functions
    return [
        *of("unary", lambda f, u, v, n: f(u)),
        *of("along a dimension", lambda f, u, v, n: f(u, 1)),
        *of("binary", lambda f, u, v, n: f(u, v)),
        *of("of integers", lambda f, u, v, n: u.sum() + f(n, n).sum()),
        lambda u, v, n: torch.floor_divide(u.detach(), v.detach()),
        lambda u, v, n: torch.acosh(u + 1),
        lambda u, v, n: torch.pow(u, 2.5),
        lambda u, v, n: torch.pow(u, v),
        lambda u, v, n: u.sum() + torch.bitwise_not(n).sum(),
        lambda u, v, n: torch.where(u > v, u, v),
        lambda u, v, n: torch.lerp(u, v, 0.3),
        lambda u, v, n: torch.addcmul(u, u, v, value=2.0) + torch.addcdiv(u, u, v, value=2.0),
        lambda u, v, n: torch.clamp(u, 0.2, 0.8) + torch.round(u, decimals=1) + torch.div(u, v, rounding_mode="trunc"),
        lambda u, v, n: u @ v.T,
        lambda u, v, n: u.gather(1, n.T % 4) + u.scatter(1, torch.argsort(u.detach(), 1), v).sum() + u.scatter_add(1, n.T % 4, v).sum(),
        lambda u, v, n: u.reshape(4, 3).permute(1, 0).unsqueeze(0).squeeze(0).expand(2, 3, 4).flip(0).roll(1, 1),
        lambda u, v, n: u.diagonal().sum() + u.tril() + u.triu() + u.repeat(2, 1)[:3] + u.contiguous(),
        lambda u, v, n: u.unfold(1, 2, 1).sum() + u[n[0, 0], :].sum() + u[:, n[:, 0] % 4].sum() + u.T.contiguous().sum(),
        lambda u, v, n: torch.cat([u, v]).sum() + torch.stack([u, v]).sum() + torch.moveaxis(u, 0, 0).sum(),
        lambda u, v, n: F.elu(u) + F.leaky_relu(u - v) + F.gelu(u) + F.silu(u) + F.softplus(u) + F.logsigmoid(u),
        lambda u, v, n: F.hardtanh(u - v, -0.1, 0.1) + torch.linalg.vector_norm(u, 2.0, 1, True),
        lambda u, v, n: F.embedding(n % 3, u),
        lambda u, v, n: F.linear(u, v, v[:, 0]),
        lambda u, v, n: F.conv2d(image(u), image(v)[:, :, :2, :3], padding=1, stride=2),
        lambda u, v, n: F.conv_transpose2d(image(u), image(v)[:, :, :2, :3], stride=2, output_padding=1),
        lambda u, v, n: F.max_pool2d(image(u), 2) + F.avg_pool2d(image(u), 2) + F.adaptive_avg_pool2d(image(u), (3, 4)),
        lambda u, v, n: F.mse_loss(u, v) + F.smooth_l1_loss(u, v) + F.huber_loss(u, v) + F.binary_cross_entropy(u, v),
        lambda u, v, n: F.binary_cross_entropy_with_logits(u, v) + F.nll_loss(u, n[:3, 0] % 4),
        lambda u, v, n: F.batch_norm(image(u), None, None, training=True) + F.layer_norm(image(u), (8,)),
        lambda u, v, n: F.group_norm(u.reshape(1, 4, 3), 2, v[0], v[1])
        + F.batch_norm(u, v[0].detach(), v[1].detach(), v[2], v[0]).sum(),
        lambda u, v, n: nn.LSTM(4, 2)(u.unsqueeze(0).repeat(3, 1, 1))[0],
        lambda u, v, n: nn.GRU(4, 2, bidirectional=True)(u.unsqueeze(0).repeat(3, 1, 1))[0],
        lambda u, v, n: nn.RNN(4, 2)(u.unsqueeze(0).repeat(3, 1, 1))[0],
        lambda u, v, n: ops.linear_algebra.matmul(u.reshape(1, 3, 4), v.reshape(1, 4, 3)),
        lambda u, v, n: ops.shape.alias(u),
    ]  # fmt: skip


def traced(step: Any) -> Trace:
    """The trace of a function."""
    tracer = Tracer()
    with tracer.active():
        step()
    return tracer.trace


def arrays(call: Any) -> None:
    """Call a function of the list on new arrays, and differentiate it."""
    rng = np.random.default_rng(0)
    u, v = (torch.tensor(rng.uniform(0.1, 0.9, (3, 4)).astype("float32"), requires_grad=True) for _ in range(2))
    n = torch.tensor(rng.integers(0, 3, (4, 3)))
    out = call(u, v, n)
    if out.requires_grad:
        out.sum().backward()


@pytest.fixture(scope="module")
def compared() -> dict[str, list[Any]]:
    """By kernel: what was compared of its op, forward and backward."""
    found: dict[str, list[Any]] = {}
    torch.manual_seed(0)
    for call in calls():
        weight = torch.ones(1, requires_grad=True)
        trace = traced(lambda: (weight * 1, arrays(call)))  # noqa: B023 - called at once; a trace begins with a node
        results = beside_torch(trace).results
        for (number, _), result in results.items():
            event = trace.events[number]
            made = event if event.forward is None else trace.events[event.forward]
            found.setdefault(key_of(made.rule), []).append((event.kind, result))
    return found


def test_every_counterpart_is_compared_and_within_the_budget(compared: dict[str, list[Any]]) -> None:
    assert sorted((SAME | OTHER.keys()) - compared.keys()) == []
    for kernel in SAME | OTHER.keys():
        assert any(result.values is not None for _, result in compared[kernel]), kernel
        for kind, result in compared[kernel]:
            assert not (result.values is not None and result.fault), f"{kernel}, {kind}: {result.fault}"


def test_the_gradients_of_counterparts_are_compared(compared: dict[str, list[Any]]) -> None:
    backward = {k for k, found in compared.items() if any(kind == "backward" for kind, _ in found)}
    done = {k for k, found in compared.items() if any(kind == "backward" and r.values is not None for kind, r in found)}
    assert (backward & (SAME | OTHER.keys())) - done == set()


@pytest.mark.parametrize("name", LESSONS)
def test_the_steps_of_the_lessons_are_within_the_budget(name: str) -> None:
    taken = lesson(torch, name)
    trace = traced(lambda: taken.step(*taken.inputs()))
    results = beside_torch(trace).results
    assert [r.fault for r in results.values() if r.values is not None and r.fault] == []
    done = {number for (number, _), r in results.items() if r.values is not None}
    assert {trace.events[number].name for number, _ in results if number not in done} <= {"copy", "to_copy"}


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta"])
def test_updates(kind: str) -> None:
    torch.manual_seed(0)
    net = nn.Linear(5, 3)
    optimizer = getattr(optim, kind)(net.parameters(), lr=0.1, weight_decay=0.01)

    def step() -> None:
        optimizer.zero_grad()
        net(torch.ones(2, 5)).square().sum().backward()
        optimizer.step()

    for _ in range(2):  # with the state of a first step and with that of a later one
        trace = traced(step)
        updates = [e for e in trace.events if e.kind == "update"]
        results = beside_torch(trace).results
        assert len(updates) == 2
        for e in updates:
            for i in range(len(e.outputs)):
                assert results[e.number, i].values is not None
                assert results[e.number, i].fault == ""


def test_a_fault_is_found_at_its_event(monkeypatch: pytest.MonkeyPatch) -> None:
    tanh = ops.elementwise.tanh
    monkeypatch.setattr(tanh, "gradients", [("x", lambda g, out: g * (1.00001 - out * out))])
    monkeypatch.setattr(tanh, "plans", {})
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    trace = traced(lambda: net(torch.randn(8, 3)).square().mean().backward())
    faults = [number for (number, _), r in beside_torch(trace).results.items() if r.fault]
    assert [trace.events[number].name for number in faults] == ["TanhBackward0"]


def test_what_cannot_be_compared_says_why() -> None:
    x = torch.ones(3, dtype=torch.float64, requires_grad=True)
    results = beside_torch(traced(lambda: x.exp())).results
    assert {(r.values is None, r.fault) for r in results.values()} == {(True, "only float32 is compared")}
