"""A recording is never stale: what a replay could not know is refused, with the line and the mend."""

from __future__ import annotations

import argparse
import functools
import itertools
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from random import uniform
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.recording import RecordingError, record
from minitorch.recording.boxes import Box

X = torch.linspace(-1, 1, 12).reshape(4, 3)


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """After each test all tensors have plain arrays again, and the host's backend is NumPy's."""
    import gc

    yield
    tensors = [t for t in gc.get_objects() if issubclass(type(t), Tensor)]
    assert not [t for t in tensors if isinstance(t.__dict__.get("_array"), Box)]
    assert type(torch.zeros(1)._array) is np.ndarray


class Net(nn.Module):
    """A linear layer and a number."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 2)
        self.dropout = nn.Dropout(0.5)
        self.scale = 2.0

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(self.fc(x)) * self.scale


def training(net: nn.Module, lr: float = 0.1, **options: Any) -> tuple[Callable[[Tensor], Tensor], optim.Optimizer]:
    """A step of a net, and its optimizer."""
    optimizer = optim.SGD(net.parameters(), lr=lr, **options)

    def step(x: Tensor) -> Tensor:
        optimizer.zero_grad()
        loss = net(x).square().mean()
        loss.backward()
        optimizer.step()
        return loss

    return step, optimizer


# -- while recording


def test_a_value_that_decides() -> None:
    def step(x: Tensor) -> Tensor:
        if x.sum() > 0:
            return x + 1
        return x - 1

    with pytest.raises(RecordingError, match=r"test_refusals.py:\d+: the step reads the elements.*torch.where"):
        record(step, X)


@pytest.mark.parametrize(
    "read",
    [
        lambda x: x.sum().item(),
        lambda x: float(x.sum()),
        lambda x: int(x.sum()),
        lambda x: x.tolist(),
        lambda x: x.numpy(),
        lambda x: np.asarray(x),
        lambda x: print(x),
        lambda x: f"{x}",
        lambda x: f"{x.sum():.2f}",
        lambda x: repr(x),
        lambda x: bool(x.sum()),
        lambda x: x.sum() and 1,
        lambda x: range(x.long().sum()),
        lambda x: [1, 2, 3][x.long().sum() % 3],
        lambda x: 3 in x,
        lambda x: torch.tensor([x.sum(), x.sum()]),
        lambda x: x.detach().numpy(),
    ],
)
def test_reading_elements(read: Callable[[Tensor], object], capsys: pytest.CaptureFixture[str]) -> None:
    def step(x: Tensor) -> Tensor:
        read(x)
        return x + 1

    with pytest.raises(RecordingError, match="the step "):
        record(step, X)


@pytest.mark.parametrize(
    "select",
    [lambda x: x[x > 0], lambda x: x.nonzero(), lambda x: x.masked_select(x > 0)],
)
def test_a_shape_that_depends_on_elements(select: Callable[[Tensor], Tensor]) -> None:
    def step(x: Tensor) -> Tensor:
        return select(x) * 2

    with pytest.raises(RecordingError, match="shape"):
        record(step, X)(X + 0.5)  # other elements, another shape


def test_comparisons_by_minitorch_are_checked_again() -> None:
    y = X.clone()
    replay = record(lambda x: x * 2 if torch.equal(x, y) else x, X)
    assert torch.equal(replay(X), X * 2)
    with pytest.raises(RecordingError, match="a value that the step checks"):
        replay(X + 1)


def test_numbers_that_change_from_step_to_step() -> None:
    count = [0]

    def counting(x: Tensor) -> Tensor:
        count[0] += 1
        return x * count[0]

    with pytest.raises(RecordingError, match=r"count\[0\] is \d, it was \d|an argument of"):
        record(counting, X)

    def drawing(x: Tensor) -> Tensor:
        return x * int.from_bytes(os.urandom(2), "big")

    with pytest.raises(RecordingError, match=r"test_refusals.py:\d+: an argument of \w+.* was .*\d+.* in one step and"):
        record(drawing, X)


GENERATOR = np.random.default_rng()


@pytest.mark.parametrize(
    "draw",
    [
        lambda x: x * random.random(),
        lambda x: x * uniform(0, 1),
        lambda x: x * time.time(),
        lambda x: x * float(np.random.rand()),  # noqa: NPY002
        lambda x: x * float(GENERATOR.random()),
        lambda x: x if random.random() < 0.999 else x * 2,
    ],
)
def test_sources_of_numbers_that_differ_each_time(draw: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(RecordingError, match="something else each time"):
        record(draw, X)


def test_numpy_random_numbers() -> None:
    def step(x: Tensor) -> Tensor:
        return x + torch.from_numpy(np.random.default_rng().random((4, 3)))

    with pytest.raises(RecordingError, match="something else each time"):
        record(step, X)


def test_arrays_of_the_user() -> None:
    data = np.ones((4, 3), "float32")
    for use in (
        lambda x: x + torch.from_numpy(data),
        lambda x: x + torch.tensor(data),
        lambda x: x + torch.as_tensor(data),
        lambda x: x[np.array([0, 1])],
        lambda x: x + torch.tensor([data[0], data[1], data[2], data[3]]),
        lambda x: x + data,
        lambda x: x + torch.from_numpy(data) * 2,
        lambda x: torch.from_numpy(data) * 2,
        lambda x: (x * 2).copy_(torch.from_numpy(data)),
        lambda x: torch.stack([x, torch.from_numpy(data)]),
        lambda x: torch.where(x > 0, torch.from_numpy(data), x),
        lambda x: (x * 2).index_copy(0, torch.tensor([0]), torch.from_numpy(data[:1])),
    ):

        def step(x: Tensor, use: Any = use) -> Tensor:
            return use(x)

        with pytest.raises(RecordingError, match="array"):
            record(step, X)


def test_literals_are_constants() -> None:
    def step(x: Tensor) -> Tensor:
        w = torch.tensor([1.0, 2.0, 3.0])
        w += 1
        return x * w + torch.arange(3) + torch.ones(4, 3)

    replay = record(step, X)
    for _ in range(3):
        assert torch.equal(replay(X), step(X))


def test_iterators() -> None:
    batches = itertools.cycle([X, X])

    def step() -> Tensor:
        return next(batches) * 2

    with pytest.raises(RecordingError, match="iterator"):
        record(step)


def test_tensors_that_change_from_step_to_step() -> None:
    batches = [X, X + 1, X + 2]

    def step() -> Tensor:
        batches.append(batches.pop(0))
        return batches[0] * 2

    with pytest.raises(RecordingError):
        record(step)


def test_tensors_left_behind() -> None:
    history: list[Tensor] = []

    def appending(x: Tensor) -> Tensor:
        y = x * 2
        history.append(y)
        return x

    with pytest.raises(RecordingError, match=r"history has \d entries"):
        record(appending, X)

    class Holder:
        state = X

    def replacing(x: Tensor) -> Tensor:
        Holder.state = Holder.state + x
        return x * 2

    with pytest.raises(RecordingError, match="state"):
        record(replacing, X)


def test_memory_given_away() -> None:
    w = torch.zeros(3)

    def step(x: Tensor) -> Tensor:
        w.data = x[0] * 2
        return x * w

    with pytest.raises(RecordingError, match="other memory"):
        record(step, X)


def test_graphs_from_before_the_step() -> None:
    w = torch.ones(3, requires_grad=True)
    outside = (w * w).exp()

    def step(x: Tensor) -> Tensor:
        w.grad = None
        (outside * x).sum().backward(retain_graph=True)
        return w.grad

    with pytest.raises(RecordingError):
        record(step, X)
    y = X.clone().requires_grad_() * 2
    with pytest.raises(RecordingError, match="history"):
        record(lambda x: x * 2, y)


def test_seeds_inside() -> None:
    def step(x: Tensor) -> Tensor:
        torch.manual_seed(0)
        return x * torch.rand(3)

    with pytest.raises(RecordingError, match="manual_seed"):
        record(step, X)


def test_recording_inside_a_recording() -> None:
    def step(x: Tensor) -> Tensor:
        record(lambda y: y * 2, x)
        return x

    with pytest.raises(RecordingError, match="already"):
        record(step, X)


def test_an_error_of_the_step_passes_through_and_everything_works_after_it() -> None:
    net = Net()

    def step(x: Tensor) -> Tensor:
        y = net(x)
        raise KeyError(y.shape)

    with pytest.raises(KeyError):
        record(step, X)
    assert type(net.fc.weight._array) is np.ndarray
    again, _ = training(net)
    assert record(again, X)(X).shape == ()


# -- at a replay


def changed(match: str, change: Callable[[Net, Any, optim.Optimizer], object], **options: Any) -> None:
    """After `change` a replay is refused, and has done nothing."""
    net = Net()
    step, optimizer = training(net, **options)
    replay = record(step, X)
    replay(X)
    change(net, step, optimizer)
    before = {k: v.clone() for k, v in net.state_dict().items()}
    state = torch.get_rng_state()
    with pytest.raises(RecordingError, match=match):
        replay(X)
    for k, v in net.state_dict().items():
        assert k not in before or torch.equal(v, before[k])
    assert torch.equal(state, torch.get_rng_state())


def test_evaluation_mode() -> None:
    changed(r"net.*training is False, it was True", lambda net, step, o: net.eval())
    changed(r"dropout.*training", lambda net, step, o: net.dropout.eval())


def test_attributes_of_modules() -> None:
    changed(r"net.scale is 3.0, it was 2.0", lambda net, step, o: setattr(net, "scale", 3.0))
    changed(r"\.p is 0.25, it was 0.5", lambda net, step, o: setattr(net.dropout, "p", 0.25))


def test_parameters_replaced() -> None:
    changed("weight", lambda net, step, o: setattr(net.fc, "weight", nn.Parameter(torch.ones(2, 3))))
    changed("fc", lambda net, step, o: setattr(net, "fc", nn.Linear(3, 2)))
    changed("bias", lambda net, step, o: setattr(net.fc, "bias", None))


def test_parameters_of_another_shape() -> None:
    changed("weight", lambda net, step, o: setattr(net.fc.weight, "data", torch.ones(4, 3)))
    changed("weight", lambda net, step, o: setattr(net.fc.weight, "data", torch.ones(3, 2).T))
    changed("weight", lambda net, step, o: setattr(net.fc.weight, "data", torch.ones(2, 3).double()))


def test_frozen_parameters() -> None:
    changed("requires_grad", lambda net, step, o: net.fc.weight.requires_grad_(False))


def test_hooks_added_later() -> None:
    changed("hooks", lambda net, step, o: net.fc.register_forward_hook(lambda m, a, out: out * 2))
    changed("hooks", lambda net, step, o: net.fc.register_forward_pre_hook(lambda m, a: None))
    changed("hooks", lambda net, step, o: net.fc.weight.register_hook(lambda g: g * 2))
    changed("hooks", lambda net, step, o: o.register_step_pre_hook(lambda *a: None))
    changed("hooks", lambda net, step, o: net.fc.weight.register_post_accumulate_grad_hook(lambda p: None))


def test_hooks_of_all_modules() -> None:
    handles: list[Any] = []
    register = nn.modules.module.register_module_forward_hook
    try:
        changed("hooks", lambda net, step, o: handles.append(register(lambda m, a, out: out * 2)))
    finally:
        for handle in handles:
            handle.remove()


def test_options_that_choose_what_a_step_does() -> None:
    def put(key: str, value: Any) -> Callable[..., None]:
        return lambda net, step, o: o.param_groups[0].update({key: value})

    changed("momentum", put("momentum", 0.9))
    changed("nesterov", put("nesterov", True), momentum=0.9)
    changed("weight_decay", put("weight_decay", 0.1))
    changed("maximize", put("maximize", True))


def test_groups_and_state_replaced() -> None:
    changed("param_groups", lambda net, step, o: o.add_param_group({"params": [torch.zeros(3, requires_grad=True)]}))
    changed("state", lambda net, step, o: o.state.clear(), momentum=0.9)
    changed("param_groups", lambda net, step, o: o.load_state_dict(o.state_dict()), momentum=0.9)


def test_closures_and_globals() -> None:
    factor = 2.0

    def step(x: Tensor) -> Tensor:
        return x * factor

    replay = record(step, X)
    assert torch.equal(replay(X), X * 2)
    factor = 3.0
    with pytest.raises(RecordingError, match=r"factor is 3.0, it was 2.0"):
        replay(X)
    factor = 2.0
    assert torch.equal(replay(X), X * 2)


FACTOR = 2.0


def helped(x: Tensor) -> Tensor:
    return x * FACTOR


def test_globals_of_functions_that_are_called() -> None:
    global FACTOR
    replay = record(lambda x: helped(x) + 1, X)
    FACTOR = 3.0
    try:
        with pytest.raises(RecordingError, match="FACTOR"):
            replay(X)
    finally:
        FACTOR = 2.0


def test_functions_replaced() -> None:
    class Model:
        def __call__(self, x: Tensor) -> Tensor:
            return self.transform(x)

        def transform(self, x: Tensor) -> Tensor:
            return x * 2

    replay = record(Model(), X)
    Model.transform = lambda self, x: x * 3
    with pytest.raises(RecordingError, match="transform"):
        replay(X)


def test_objects_that_hold_much_else() -> None:
    class Trainer:
        """It keeps what the step does not read."""

        def __init__(self) -> None:
            self.net, self.epoch, self.losses, self.factor = Net(), 0, [], 1.0

        def step(self, x: Tensor) -> Tensor:
            return self.net(x).sum() * self.factor

    trainer = Trainer()
    replay = record(trainer.step, X)
    trainer.epoch += 1
    trainer.losses.append(replay(X))
    replay(X)
    trainer.factor = 2.0
    with pytest.raises(RecordingError, match="factor"):
        replay(X)


@functools.lru_cache
def cached(x: int) -> float:
    return x * FACTOR


def test_objects_of_the_standard_library() -> None:
    global FACTOR
    for config in (SimpleNamespace(scale=2.0, other=1), argparse.Namespace(scale=2.0, other=1)):
        replay = record(lambda x, config=config: x * config.scale, X)
        config.other = 5
        replay(X)
        config.scale = 3.0
        with pytest.raises(RecordingError, match=r"scale is 3.0, it was 2.0"):
            replay(X)
    replay = record(lambda x: x * cached(3), X)
    FACTOR = 4.0
    try:
        with pytest.raises(RecordingError, match="FACTOR"):
            replay(X)
    finally:
        FACTOR = 2.0


def test_objects_of_minitorch() -> None:
    noise = torch.distributions.Normal(torch.zeros(3), torch.ones(3))
    replay = record(lambda x: x + noise.log_prob(x), X)
    assert torch.equal(replay(X), X + noise.log_prob(X))
    noise.loc = torch.ones(3)
    with pytest.raises(RecordingError, match="loc"):
        replay(X)


def test_lists_of_numbers() -> None:
    weights = [1.0, 2.0]

    def step(x: Tensor) -> Tensor:
        return x * weights[0] + weights[1]

    replay = record(step, X)
    weights[1] = 3.0
    with pytest.raises(RecordingError, match=r"weights\[1\] is 3.0, it was 2.0"):
        replay(X)


def test_other_arguments() -> None:
    replay = record(lambda x: x * 2, X)
    for other in (X[:2], X.double(), X.T, torch.zeros(4, 3, requires_grad=True)):
        with pytest.raises(RecordingError, match="the arguments are"):
            replay(other)
    with pytest.raises(RecordingError, match="the arguments are"):
        replay(X, X)
    replay = record(lambda x, scale: x * scale, X, 2.0)
    assert torch.equal(replay(X, 2.0), X * 2)
    with pytest.raises(RecordingError, match=r"3.0"):
        replay(X, 3.0)


def test_modes() -> None:
    w = torch.ones(3, requires_grad=True)
    replay = record(lambda x: x * w, X)
    with torch.no_grad(), pytest.raises(RecordingError, match="mode"):
        replay(X)


def test_gradients_there_or_not() -> None:
    net = Net()

    def accumulating(x: Tensor) -> Tensor:
        loss = net(x).sum()
        loss.backward()
        return loss

    accumulating(X)
    replay = record(accumulating, X)
    replay(X)
    net.zero_grad()
    with pytest.raises(RecordingError, match="grad is None"):
        replay(X)
    fresh = Net()

    def clearing(x: Tensor) -> Tensor:
        loss = fresh(x).sum()
        loss.backward()
        out = fresh.fc.weight.grad * 1
        fresh.zero_grad()
        return out

    replay = record(clearing, X)
    replay(X)
    fresh.fc.weight.grad = torch.ones(2, 3)
    with pytest.raises(RecordingError, match="grad was None"):
        replay(X)


def test_checks_of_values_are_made_again() -> None:
    target = torch.tensor([0, 1, 2, 1])
    replay = record(lambda x, t: F.cross_entropy(x, t), X, target)
    with pytest.raises(RecordingError, match=r"test_refusals.py:\d+: a value that the step checks"):
        replay(X, target + 1)


def test_backward_through_a_replay() -> None:
    w = torch.ones(3, requires_grad=True)
    replay = record(lambda x: (x * w).sum(), X)
    loss = replay(X)
    assert loss.requires_grad
    assert not loss.is_leaf
    with pytest.raises(RecordingError, match="inside the step"):
        loss.backward()


def test_options_of_record() -> None:
    with pytest.raises(ValueError, match="on_change"):
        record(lambda x: x, X, on_change="ignore")


def test_two_threads_record() -> None:
    entered, leave = threading.Event(), threading.Event()
    errors: list[Any] = []

    def slow(x: Tensor) -> Tensor:
        entered.set()
        leave.wait(10)
        return x * 2

    def other() -> None:
        entered.wait(10)
        try:
            record(lambda x: x * 2, torch.zeros(2))
        except RecordingError as error:
            errors.append(error)
        finally:
            leave.set()

    thread = threading.Thread(target=other)
    thread.start()
    record(lambda x: slow(x), X)
    thread.join()
    assert len(errors) == 1
    assert "already" in str(errors[0])
