"""A replay does what the step does, bit for bit: random nets, optimizers and schedules, recorded against eager."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.recording import record
from tests.recording.lessons import LESSONS, lesson


def arrays_of(x: Any) -> list[np.ndarray]:
    """The arrays of the tensors in nested tuples, lists and dictionaries."""
    if isinstance(x, Tensor):
        return [x._array]
    if isinstance(x, dict):
        return [a for value in x.values() for a in arrays_of(value)]
    return [a for value in x for a in arrays_of(value)] if isinstance(x, tuple | list) else []


def assert_same(a: Any, b: Any, what: str) -> None:
    """Equal shapes, dtypes and bits."""
    ours, theirs = arrays_of(a), arrays_of(b)
    assert len(ours) == len(theirs), what
    for x, y in zip(ours, theirs, strict=True):
        assert (x.shape, x.dtype, x.strides) == (y.shape, y.dtype, y.strides), what
        assert x.tobytes() == y.tobytes(), f"{what}: {x} and {y}"


class Training:
    """A net, its optimizer, and a step of both, from a fixed seed."""

    def __init__(self, build: Callable[[], Any]) -> None:
        torch.manual_seed(0)
        self.net, self.optimizer, self.step, self.scheduler = build()

    def assert_same_as(self, other: Training) -> None:
        """Equal parameters, buffers, gradients, write counters and state of the optimizer."""
        assert_same(self.net.state_dict(), other.net.state_dict(), "parameters")
        for p, q in zip(self.net.parameters(), other.net.parameters(), strict=True):
            assert (p.grad is None) == (q.grad is None)
            assert p._version == q._version
            if p.grad is not None:
                assert_same(p.grad, q.grad, "gradient")
                assert p.grad._version == q.grad._version
                assert p.grad.requires_grad == q.grad.requires_grad
        ours, theirs = self.optimizer.state_dict(), other.optimizer.state_dict()
        assert_same(ours["state"], theirs["state"], "state of the optimizer")
        assert ours["param_groups"] == theirs["param_groups"]


def compare(build: Callable[[], Any], batches: list[Any], pattern: list[bool], seed: int = 7) -> None:
    """Run a recorded and an eager training side by side; where `pattern` is False, both step eagerly."""
    recorded, eager = Training(build), Training(build)
    torch.manual_seed(seed)
    replay = record(recorded.step, *batches[0])
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    for i in range(replay.steps_taken):
        assert_same(replay.first_results[i], eager.step(*batches[0]), "first results")
    assert torch.equal(state, torch.get_rng_state())
    kept: list[tuple[Any, Any]] = []
    for i, replayed in enumerate(pattern):
        batch = batches[i % len(batches)]
        state = torch.get_rng_state()
        ours = (replay if replayed else recorded.step)(*batch)
        after = torch.get_rng_state()
        torch.set_rng_state(state)
        theirs = eager.step(*batch)
        assert torch.equal(after, torch.get_rng_state())
        assert_same(ours, theirs, f"result of step {i}")
        recorded.assert_same_as(eager)
        kept.append((ours, theirs))
        for training in (recorded, eager):
            if training.scheduler is not None:
                training.scheduler.step()
    for i, (ours, theirs) in enumerate(kept):
        assert_same(ours, theirs, f"result of step {i}, looked at later")


def test_kernels_in_halves_are_taken_apart_where_one_thread_is_used() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        test_lessons("cnn")
        ours = lesson(torch, "cnn")
        program = record(ours.step, *ours.inputs()).program
    finally:
        torch.set_num_threads(threads)
    assert program is not None
    whole = {call.name for call in program.calls if call.form == "kernel"}
    assert not any(name.startswith("conv2d") for name in whole)


@pytest.mark.parametrize("name", LESSONS)
def test_lessons(name: str) -> None:
    ours, theirs = lesson(torch, name), lesson(torch, name)
    torch.manual_seed(3)
    batches = [ours.inputs() for _ in range(4)]
    torch.manual_seed(3)
    replay = record(ours.step, *batches[0])
    replayed = [replay(*batch) for batch in batches]
    torch.manual_seed(3)
    for _ in range(replay.steps_taken):
        theirs.step(*batches[0])
    for i, batch in enumerate(batches):
        assert_same(replayed[i], theirs.step(*batch), f"{name}, step {i}")
    for a, b in zip(ours.modules, theirs.modules, strict=True):
        assert_same(a.state_dict(), b.state_dict(), f"{name}, parameters")


ACTIVATIONS: list[Callable[[], nn.Module]] = [
    nn.ReLU,
    nn.Tanh,
    nn.Sigmoid,
    nn.GELU,
    nn.ELU,
    nn.LeakyReLU,
    nn.Softplus,
    nn.SiLU,
    nn.Hardtanh,
    lambda: nn.Softmax(dim=1),
    lambda: nn.LogSoftmax(dim=1),
    lambda: nn.ReLU(inplace=True),
]
OPTIMIZERS: dict[str, Callable[[Any], optim.Optimizer]] = {
    "sgd": lambda p: optim.SGD(p, lr=0.05),
    "momentum": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, dampening=0.1, weight_decay=0.01),
    "nesterov": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "ascent": lambda p: optim.SGD(p, lr=0.001, maximize=True),
    "adam": lambda p: optim.Adam(p, lr=0.01),
    "amsgrad": lambda p: optim.Adam(p, lr=0.01, amsgrad=True, weight_decay=0.01),
    "adam of slow means": lambda p: optim.Adam(p, lr=0.01, betas=(0.4, 0.9)),
    "adamw": lambda p: optim.AdamW(p, lr=0.01),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.01),
    "centered": lambda p: optim.RMSprop(p, lr=0.01, centered=True, momentum=0.9, weight_decay=0.01),
    "adagrad": lambda p: optim.Adagrad(p, lr=0.01, lr_decay=0.1),
    "adadelta": lambda p: optim.Adadelta(p, lr=1.0),
}
SCHEDULERS: dict[str, Callable[[Any], Any]] = {
    "none": lambda o: None,
    "step": lambda o: optim.lr_scheduler.StepLR(o, 2, 0.5),
    "exponential": lambda o: optim.lr_scheduler.ExponentialLR(o, 0.9),
    "cosine": lambda o: optim.lr_scheduler.CosineAnnealingLR(o, 5),
    "warm-up from 0": lambda o: optim.lr_scheduler.LambdaLR(o, lambda epoch: min(1.0, epoch / 4)),
}


@st.composite
def dense_nets(draw: st.DrawFn) -> tuple[Callable[[], nn.Module], tuple[int, ...]]:
    """A net of numbers (N, F), and the shape of an input of it."""
    width = draw(st.integers(1, 9))
    parts: list[Callable[[], nn.Module]] = []
    shape = draw(st.integers(2, 7)), width
    for _ in range(draw(st.integers(1, 4))):
        out = draw(st.integers(1, 9))
        bias = draw(st.booleans())
        parts.append(lambda i=width, o=out, b=bias: nn.Linear(i, o, bias=b))
        width = out
        for _ in range(draw(st.integers(0, 2))):
            parts.append(
                draw(
                    st.sampled_from(
                        [
                            *ACTIVATIONS,
                            lambda w=width: nn.BatchNorm1d(w),
                            lambda w=width: nn.BatchNorm1d(w, momentum=None),
                            lambda w=width: nn.BatchNorm1d(w, affine=False, track_running_stats=False),
                            lambda w=width: nn.LayerNorm(w),
                            lambda: nn.Dropout(0.3),
                            lambda: nn.Identity(),
                        ]
                    )
                )
            )
    return lambda: nn.Sequential(*[part() for part in parts]), shape


@st.composite
def image_nets(draw: st.DrawFn) -> tuple[Callable[[], nn.Module], tuple[int, ...]]:
    """A net of images (N, C, H, W), and the shape of an input of it."""
    n, c, h, w = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(5, 9)), draw(st.integers(5, 9))
    shape = n, c, h, w
    parts: list[Callable[[], nn.Module]] = []
    for _ in range(draw(st.integers(1, 2))):
        out = draw(st.integers(1, 5))
        size, stride = draw(st.integers(1, 3)), draw(st.integers(1, 2))
        parts.append(lambda i=c, o=out, k=size, s=stride: nn.Conv2d(i, o, k, s, padding=1))
        c = out
        others = [
            nn.ReLU,
            nn.Tanh,
            lambda c=c: nn.BatchNorm2d(c),
            lambda: nn.MaxPool2d(2, 1),
            lambda: nn.AvgPool2d(2, 1),
        ]
        parts.append(draw(st.sampled_from([*others, lambda: nn.Dropout2d(0.5), nn.Identity])))
    parts.append(nn.Flatten)
    return lambda: nn.Sequential(*[part() for part in parts]), shape


@st.composite
def losses(draw: st.DrawFn) -> Callable[[Tensor, Tensor], Tensor]:
    """A loss of an output and of a target of its shape."""
    return draw(
        st.sampled_from(
            [
                lambda y, t: F.mse_loss(y, t),
                lambda y, t: F.l1_loss(y, t),
                lambda y, t: F.smooth_l1_loss(y, t),
                lambda y, t: F.binary_cross_entropy_with_logits(y, t.sigmoid()),
                lambda y, t: F.cross_entropy(y, t.argmax(1)),
                lambda y, t: (y * t).sum() / 10 + y.square().mean(),
                lambda y, t: F.binary_cross_entropy(y.sigmoid(), t.sigmoid()),
            ]
        )
    )


@settings(deadline=None)
@given(
    net=st.one_of(dense_nets(), image_nets()),
    loss=losses(),
    optimizer=st.sampled_from(sorted(OPTIMIZERS)),
    scheduler=st.sampled_from(sorted(SCHEDULERS)),
    to_none=st.booleans(),
    clip=st.booleans(),
    parts=st.integers(1, 2),
    pattern=st.lists(st.booleans(), min_size=3, max_size=7),
    data=st.integers(0, 1000),
)
def test_random_training(
    net: Any,
    loss: Any,
    optimizer: str,
    scheduler: str,
    to_none: bool,
    clip: bool,
    parts: int,
    pattern: list[bool],
    data: int,
) -> None:
    make, shape = net
    torch.manual_seed(data)
    batches = [(torch.randn(*shape), torch.randn(*make().eval()(torch.randn(*shape)).shape)) for _ in range(3)]

    def build() -> Any:
        model = make()
        parameters = [*model.parameters()] or [nn.Parameter(torch.zeros(1))]
        opt = OPTIMIZERS[optimizer](parameters)

        def step(x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
            opt.zero_grad(set_to_none=to_none)
            for _ in range(parts):
                y = model(x)
                value = loss(y, t)
                value.backward()
            if clip:
                nn.utils.clip_grad_norm_(parameters, 1.0)
            opt.step()
            return value, y

        return model, opt, step, SCHEDULERS[scheduler](opt)

    compare(build, batches, [True, *pattern, True])


@settings(deadline=None, max_examples=25)
@given(
    kind=st.sampled_from([nn.RNN, nn.GRU, nn.LSTM]),
    layers=st.integers(1, 2),
    both=st.booleans(),
    length=st.integers(1, 5),
    optimizer=st.sampled_from(sorted(OPTIMIZERS)),
    pattern=st.lists(st.booleans(), min_size=2, max_size=4),
)
def test_recurrent_nets(kind: Any, layers: int, both: bool, length: int, optimizer: str, pattern: list[bool]) -> None:
    torch.manual_seed(1)
    batches = [(torch.randint(0, 5, (3, length)), torch.randint(0, 4, (3,))) for _ in range(2)]

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(5, 3)
            self.rnn = kind(3, 4, layers, batch_first=True, bidirectional=both, dropout=0.2 * (layers > 1))
            self.out = nn.Linear(4 * (1 + both), 4)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(self.rnn(self.embedding(x))[0][:, -1])

    def build() -> Any:
        net = Net()
        opt = OPTIMIZERS[optimizer](net.parameters())

        def step(x: Tensor, t: Tensor) -> Tensor:
            loss = F.cross_entropy(net(x), t)
            opt.zero_grad()
            loss.backward()
            opt.step()
            return loss

        return net, opt, step, None

    compare(build, batches, [True, *pattern, True])


def small(optimizer: Callable[[Any], optim.Optimizer]) -> Callable[[], Any]:
    """A small net, an optimizer, and their step."""

    def build() -> Any:
        net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Dropout(0.2), nn.BatchNorm1d(5), nn.Linear(5, 2))
        opt = optimizer(net.parameters())

        def step(x: Tensor) -> Tensor:
            opt.zero_grad()
            loss = net(x).square().mean()
            loss.backward()
            opt.step()
            return loss

        return net, opt, step, None

    return build


def test_a_running_mean_of_all_batches() -> None:
    def build() -> Any:
        net, opt, step, scheduler = small(OPTIMIZERS["adam"])()
        net[3].momentum = None
        return net, opt, step, scheduler

    compare(build, [(torch.randn(6, 3),) for _ in range(5)], [True] * 20)


def test_hundreds_of_steps() -> None:
    batches = [(torch.randn(6, 3),) for _ in range(5)]
    compare(small(OPTIMIZERS["adam"]), batches, [True] * 300)


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_layers_so_large_that_the_optimizer_works_in_blocks(optimizer: str) -> None:
    def build() -> Any:
        net = nn.Sequential(nn.Linear(300, 301), nn.Tanh(), nn.Linear(301, 3))
        opt = OPTIMIZERS[optimizer](net.parameters())

        def step(x: Tensor) -> Tensor:
            opt.zero_grad()
            loss = net(x).square().mean()
            loss.backward()
            opt.step()
            return loss

        return net, opt, step, None

    compare(build, [(torch.randn(4, 300),)], [True, True, False, True])


def test_gradients_that_are_kept_while_optimizers_use_them() -> None:
    training, eager = Training(small(OPTIMIZERS["adam"])), Training(small(OPTIMIZERS["adam"]))
    x = torch.randn(6, 3)
    torch.manual_seed(1)
    replay = record(training.step, x)
    torch.manual_seed(1)
    for _ in range(replay.steps_taken):
        eager.step(x)
    kept: list[Any] = []
    for keep in (
        lambda p: p.grad,
        lambda p: p.grad.detach(),
        lambda p: p.grad.numpy(),
        lambda p: p.grad.view(-1)[:1],
        lambda p: p.grad.numpy()[..., :1],
    ):
        state = torch.get_rng_state()
        replay(x)
        torch.set_rng_state(state)
        eager.step(x)
        ours, theirs = ([keep(p) for p in t.net.parameters()] for t in (training, eager))
        kept += zip(ours, theirs, strict=True)
        training.assert_same_as(eager)
        for a, b in kept:
            assert np.array_equal(np.asarray(a), np.asarray(b))
        del a, b


def test_options_changed_by_hand() -> None:
    recorded, eager = Training(small(OPTIMIZERS["adam"])), Training(small(OPTIMIZERS["adam"]))
    x = torch.randn(6, 3)
    torch.manual_seed(1)
    replay = record(recorded.step, x)
    torch.manual_seed(1)
    for _ in range(replay.steps_taken):
        eager.step(x)
    for lr, betas, eps in ((0.1, (0.9, 0.999), 1e-8), (0.0, (0.8, 0.9), 1e-3), (1e-3, (0.6, 0.5), 1e-8)):
        for training in (recorded, eager):
            training.optimizer.param_groups[0].update(lr=lr, betas=betas, eps=eps)
        state = torch.get_rng_state()
        ours = replay(x)
        torch.set_rng_state(state)
        assert_same(ours, eager.step(x), "loss")
        recorded.assert_same_as(eager)


def test_a_learning_rate_that_becomes_a_tensor() -> None:
    for name in ("sgd", "adam"):
        recorded, eager = Training(small(OPTIMIZERS[name])), Training(small(OPTIMIZERS[name]))
        x = torch.randn(6, 3)
        torch.manual_seed(1)
        replay = record(recorded.step, x)
        torch.manual_seed(1)
        for _ in range(replay.steps_taken):
            eager.step(x)
        for training in (recorded, eager):
            training.optimizer.param_groups[0]["lr"] = torch.tensor(0.02)
        state = torch.get_rng_state()
        replay(x)
        torch.set_rng_state(state)
        eager.step(x)
        recorded.assert_same_as(eager)


def test_a_learning_rate_that_becomes_a_number_of_numpy() -> None:
    """A float64 of NumPy's is multiplied in float64, unlike a Python number."""
    for name in ("sgd", "adam"):
        recorded, eager = Training(small(OPTIMIZERS[name])), Training(small(OPTIMIZERS[name]))
        x = torch.randn(6, 3)
        torch.manual_seed(1)
        replay = record(recorded.step, x)
        torch.manual_seed(1)
        for _ in range(replay.steps_taken):
            eager.step(x)
        for lr in (np.float64(0.013), 0.017, np.float32(0.1)):
            for training in (recorded, eager):
                training.optimizer.param_groups[0]["lr"] = lr
            state = torch.get_rng_state()
            replay(x)
            torch.set_rng_state(state)
            eager.step(x)
            recorded.assert_same_as(eager)


def test_numbers_of_steps_that_somebody_else_refers_to_stay_where_they_are() -> None:
    recorded, eager = Training(small(OPTIMIZERS["adam"])), Training(small(OPTIMIZERS["adam"]))
    x = torch.randn(6, 3)
    for training in (recorded, eager):
        torch.manual_seed(1)
        training.step(x)
    states = list(recorded.optimizer.state.values())
    number = states[0]["step"]._array  # only this one is referred to
    replay = record(recorded.step, x)
    for _ in range(replay.steps_taken):
        eager.step(x)
    for _ in range(3):
        replay(x)
        eager.step(x)
    assert states[0]["step"]._array is number
    assert number == 1 + replay.steps_taken + 3
    others = [kept["step"]._array for kept in states[1:]]
    assert len({id(a.base) for a in others}) == 1
    for kept, theirs in zip(states, eager.optimizer.state.values(), strict=True):
        assert torch.equal(kept["step"], theirs["step"])


def test_parameters_loaded_and_given_other_memory() -> None:
    recorded, eager = Training(small(OPTIMIZERS["momentum"])), Training(small(OPTIMIZERS["momentum"]))
    x = torch.randn(6, 3)
    torch.manual_seed(1)
    replay = record(recorded.step, x)
    torch.manual_seed(1)
    for _ in range(replay.steps_taken):
        eager.step(x)
    weights = {k: v + 1 for k, v in eager.net.state_dict().items()}
    for training in (recorded, eager):
        training.net.load_state_dict(weights)
        for p in training.net.parameters():
            p.data = p.data * 2
    state = torch.get_rng_state()
    ours = replay(x)
    torch.set_rng_state(state)
    assert_same(ours, eager.step(x), "loss")
    recorded.assert_same_as(eager)


def test_results_and_gradients_that_are_kept() -> None:
    net = nn.Linear(3, 3)

    def step(x: Tensor) -> dict[str, Any]:
        net.zero_grad()
        y = net(x)
        y.sum().backward()
        return {"y": y, "same": x, "views": (y.detach(), y[0]), "w": net.weight, "n": 3, "none": None}

    x = torch.randn(2, 3)
    replay = record(step, x)
    seen = []
    for k in range(4):
        out = replay(x + k)
        assert out["w"] is net.weight
        assert out["n"] == 3
        assert out["none"] is None
        seen.append((out["y"], net.weight.grad, out["y"].tolist(), net.weight.grad.tolist()))
        want = step(x + k)
        assert_same(out["y"], want["y"], "y")
        assert_same(out["views"], want["views"], "views")
    for y, grad, was, grad_was in seen:
        assert y.tolist() == was
        assert grad.tolist() == grad_was
    given = x + 9
    assert replay(given)["same"] is given


def test_inputs_written_in_place_and_aliased() -> None:
    total = torch.zeros(3)

    def step(x: Tensor, y: Tensor) -> Tensor:
        total.add_(x.sum(0))
        y.mul_(2)
        x[0] += 1
        return x + y

    def fresh() -> tuple[Tensor, Tensor]:
        return torch.arange(6.0).reshape(2, 3), torch.ones(2, 3)

    replay = record(step, *fresh())
    a, b, c, d = *fresh(), *fresh()
    before = total.clone()
    ours = replay(a, b)
    gained = total - before
    total.copy_(before)
    assert_same(ours, step(c, d), "sum")
    assert torch.equal(total - before, gained)
    for ours_now, theirs_now in ((a, c), (b, d)):
        assert torch.equal(ours_now, theirs_now)
        assert ours_now._version == theirs_now._version
    a, c = fresh()[0], fresh()[0]
    with pytest.raises(RuntimeError, match="arguments"):
        replay(a, a)
    whole, other = torch.arange(12.0).reshape(4, 3), torch.arange(12.0).reshape(4, 3)
    assert_same(replay(whole[:2], whole[1:3]), step(other[:2], other[1:3]), "overlapping arguments")
    assert torch.equal(whole, other)


def test_gradients_of_inputs() -> None:
    net = nn.Linear(3, 1)

    def step(x: Tensor) -> Tensor:
        net.zero_grad()
        net(x).sum().backward()
        return x

    x = torch.ones(2, 3, requires_grad=True)
    y = torch.ones(2, 3, requires_grad=True)
    replay = record(lambda x: (setattr(x, "grad", None), step(x))[1], x)
    replay(y)
    assert torch.equal(x.grad, y.grad)


def test_a_fresh_recording_where_something_changed() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5))
    scale = [1.0]

    def step(x: Tensor) -> Tensor:
        return net(x) * scale[0]

    replay = record(step, torch.randn(2, 3), on_change="record")
    taken = replay.steps_taken
    for shape in ((2, 3), (5, 3), (5, 3), (5, 3), (2, 3), (5, 3)):
        x = torch.randn(*shape)
        state = torch.get_rng_state()
        ours = replay(x)
        torch.set_rng_state(state)
        assert_same(ours, step(x), "result")
    assert replay.steps_taken == taken + 2
    scale[0] = 3.0
    net.eval()
    for _ in range(4):
        x = torch.randn(2, 3)
        assert_same(replay(x), step(x), "after the change")


def test_two_optimizers_and_a_shared_parameter() -> None:
    def build() -> Any:
        net = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3))
        net[2].weight = net[0].weight
        one, two = optim.SGD([net[0].weight], lr=0.1), optim.Adam([net[0].bias, net[2].bias], lr=0.1)

        def step(x: Tensor) -> Tensor:
            one.zero_grad()
            two.zero_grad()
            loss = (net(x) - x).abs().mean()
            loss.backward()
            one.step()
            two.step()
            return loss

        return net, two, step, None

    compare(build, [(torch.randn(4, 3),)], [True, True, False, True])


def test_draws_of_all_kinds() -> None:
    own = torch.Generator()
    own.manual_seed(3)

    def step(x: Tensor) -> list[Tensor]:
        return [
            torch.rand(3),
            torch.randn(2, 3),
            torch.randn(20, generator=own),
            torch.randint(0, 5, (4,)),
            torch.randperm(5),
            torch.rand_like(x),
            torch.bernoulli(x.sigmoid()),
            torch.multinomial(x.softmax(1), 2),
            torch.normal(x, 1.0),
            F.dropout(x, 0.5),
            x.clone().uniform_(-1, 1),
            x.clone().exponential_(),
            x + torch.empty_like(x).normal_(generator=own),
        ]

    x = torch.randn(4, 3)
    replay = record(step, x)
    for _ in range(3):
        state, own_state = torch.get_rng_state(), own.get_state()
        ours = replay(x)
        torch.set_rng_state(state)
        own.set_state(own_state)
        assert_same(ours, step(x), "draws")


def test_gradients_of_gradients() -> None:
    def build() -> Any:
        net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
        opt = optim.Adam(net.parameters(), lr=0.01)

        def step(x: Tensor) -> Tensor:
            x = x.detach().requires_grad_()
            opt.zero_grad()
            (slope,) = torch.autograd.grad(net(x).sum(), x, create_graph=True)
            loss = (slope.norm(dim=1) - 1).square().mean()
            loss.backward()
            opt.step()
            return loss

        return net, opt, step, None

    compare(build, [(torch.randn(4, 3),), (torch.randn(4, 3),)], [True, True, False, True])


def test_hooks_and_user_functions_that_were_there() -> None:
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: Tensor) -> Tensor:
            (x,) = ctx.saved_tensors
            return g * 2 + x * 0

    def build() -> Any:
        net = nn.Linear(3, 3)
        net.register_forward_hook(lambda m, a, out: Double.apply(out))
        net.weight.register_hook(lambda g: g * 0.5)
        opt = optim.SGD(net.parameters(), lr=0.1)

        def step(x: Tensor) -> Tensor:
            opt.zero_grad()
            loss = net(x).square().sum()
            loss.backward()
            opt.step()
            return loss

        return net, opt, step, None

    compare(build, [(torch.randn(2, 3) / 10,)], [True, True, False, True])


def test_threads_replay_one_after_the_other() -> None:
    recorded, eager = Training(small(OPTIMIZERS["momentum"])), Training(small(OPTIMIZERS["momentum"]))
    x = torch.randn(6, 3)
    torch.manual_seed(1)
    replay = record(recorded.step, x)
    threads = [threading.Thread(target=lambda: [replay(x) for _ in range(25)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    torch.manual_seed(1)
    for _ in range(100 + replay.steps_taken):
        eager.step(x)
    recorded.assert_same_as(eager)


def test_a_recording_holds_no_more_than_its_arena() -> None:
    net = nn.Sequential(nn.Linear(8, 8), *[nn.Tanh() for _ in range(30)])

    def step(x: Tensor) -> Tensor:
        net.zero_grad()
        loss = net(x).square().mean()
        loss.backward()
        return loss

    x = torch.randn(5000, 8)
    one = x._array.nbytes
    replay = record(step, x)
    tracemalloc.start()
    try:
        again = record(step, x)
        again(x)  # the first replay makes views, which stay
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        again(x)
        assert tracemalloc.get_traced_memory()[1] < held + one
    finally:
        tracemalloc.stop()
    assert held < 40 * one  # what the step saves for its backward pass, once
    assert torch.equal(replay(x), again(x))


def test_recording_takes_no_more_arrays_at_a_time_than_the_step() -> None:
    def step(x: Tensor) -> Tensor:
        with torch.no_grad():
            for _ in range(100):
                x = x * 1.5 + 0.25
        return x

    x = torch.randn(500_000)  # so large that the recording itself, some kilobytes for each operation, counts little
    record(step, x)
    tracemalloc.start()
    try:
        record(step, x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40 * x._array.nbytes  # and not all 200


@pytest.mark.parametrize("shape", [(50_000,), (7, 100, 101), (32_768,), (65_537,)])
def test_elementwise_calls_on_large_arrays(shape: tuple[int, ...]) -> None:
    """Sequences of them are divided into blocks: arithmetic, masks, in place, and with a number as an array."""

    def build() -> Any:
        net = nn.ParameterList([nn.Parameter(torch.rand(shape) + 0.5) for _ in range(2)])
        opt = optim.RMSprop(net.parameters(), lr=0.01)

        def step(x: Tensor) -> Tensor:
            opt.zero_grad()
            a, b = net
            y = (a.exp() * 0.5 - b / 3).clamp(-1, 2) + (a * b).sigmoid() * x.mean()
            y = torch.where(y > 0.5, y, y * y) - F.gelu(a - b) + F.elu(b * 2 - 1)
            y.add_(a.detach()).mul_(1.5)
            loss = (y * x).square().mean() + y.flatten()[1:].mul(y.flatten()[:-1]).mean()
            loss.backward()
            opt.step()
            return loss

        return net, opt, step, None

    batches = [(torch.randn(shape),) for _ in range(2)]
    compare(build, batches, [True, True, False, True])


def test_blocks_take_the_place_of_large_arrays() -> None:
    def step(x: Tensor) -> Tensor:
        with torch.no_grad():
            for _ in range(20):
                x = (x * 1.5 + 0.25).tanh()
            return x.sum()

    x = torch.randn(400_000)
    recording = record(step, x)
    assert torch.equal(recording(x), step(x))
    (prepared,) = recording._prepared.values()
    assert prepared.replay.plan.size < 2.5 * x._array.nbytes


def test_memory_does_not_grow() -> None:
    training = Training(small(OPTIMIZERS["adam"]))
    x = torch.randn(6, 3)
    replay = record(training.step, x)
    tracemalloc.start()
    try:
        for _ in range(2500):  # NumPy keeps small pieces of memory for reuse
            replay(x)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(500):
            replay(x)
        assert tracemalloc.get_traced_memory()[0] < before + 5000
    finally:
        tracemalloc.stop()
