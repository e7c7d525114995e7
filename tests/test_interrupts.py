"""Ctrl-C at every place of a training step where Python raises it: the state is consistent, and the next step works.

Python calls the handler of a signal at the beginning of a function and after a call of a function in C (and where a
loop jumps back). A profile function is called at the first two, and raises KeyboardInterrupt at the k-th of them.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import nn, optim
from minitorch.autograd.graph import this_thread

pytestmark = [
    pytest.mark.host("steps on the host, whose kernels are Python"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # an interrupt within a destructor
]


def interrupted(step: Callable[[], object], at: int) -> bool:
    """Run `step`, interrupted at the place with this number; False if it has fewer."""
    count = 0

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        if event in ("call", "c_return"):
            count += 1
            if count == at:
                sys.setprofile(None)
                raise KeyboardInterrupt

    sys.setprofile(profile)
    try:
        step()
    except KeyboardInterrupt:
        pass
    finally:
        sys.setprofile(None)
    return count >= at


def places(make: Callable[[], Callable[[], object]], every: int = 1) -> Iterator[tuple[int, Callable[[], object]]]:
    """Each place of a step, and the step after it was interrupted there."""
    at = 1
    while True:
        step = make()
        if not interrupted(step, at):
            assert at > 10
            return
        yield at, step
        at += every


def assert_as_before(at: int) -> None:
    """No global state was left changed."""
    state = this_thread.grad_enabled, this_thread.inference_mode, this_thread.passes, this_thread.visited
    this_thread.grad_enabled, this_thread.inference_mode = True, False
    assert state == (True, False, 0, None), at
    free = []

    def look() -> None:
        free.append(torch.default_generator.lock.acquire(blocking=False))
        if free[0]:
            torch.default_generator.lock.release()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert free == [True], at


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * 2

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, g: Any) -> Any:
        return g * 2


class Step:
    """A training step of a net with dropout, batch normalization and a custom function."""

    def __init__(self, make: Callable[..., Any], **options: Any) -> None:
        torch.manual_seed(0)
        self.net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Dropout(0.3), nn.Tanh())
        self.optimizer = make(self.net.parameters(), **options)
        self.x = torch.randn(4, 3)

    def __call__(self) -> None:
        self.optimizer.zero_grad()
        loss = F.mse_loss(Double.apply(self.net(self.x)), torch.ones(4, 2))
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimizer.step()


OPTIMIZERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "Adam": (optim.Adam, {}),
    "Adam, amsgrad": (optim.Adam, {"amsgrad": True}),
    "AdamW": (optim.AdamW, {}),
    "SGD": (optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    "RMSprop": (optim.RMSprop, {"momentum": 0.9, "centered": True}),
    "Adagrad": (optim.Adagrad, {}),
    "Adadelta": (optim.Adadelta, {}),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_of_an_optimizer(name: str) -> None:
    make, options = OPTIMIZERS[name]
    whole = Step(make, **options)
    whole()
    (names,) = {tuple(state) for state in whole.optimizer.state.values()}
    for at, step in places(lambda: Step(make, **options), every=2 if name == "Adam, amsgrad" else 9):
        assert_as_before(at)
        assert isinstance(step, Step)
        assert {tuple(state) for state in step.optimizer.state.values()} <= {(), names}, at
        saved = step.optimizer.state_dict()
        step()
        again = Step(make, **options)
        again.optimizer.load_state_dict(saved)
        again()


@pytest.mark.parametrize(
    "call",
    [
        lambda: nn.Linear(3, 2),
        lambda: nn.Embedding(3, 2, padding_idx=0),
        lambda: nn.init.orthogonal_(torch.empty(2, 2)),
        lambda: nn.init.trunc_normal_(torch.empty(2, 2)),
        lambda: nn.init.sparse_(torch.empty(2, 2), 0.5),
        lambda: F.cosine_similarity(torch.ones(2, 2, requires_grad=True), torch.ones(2, 2)),
        lambda: torch.distributions.Normal(0.0, 1.0).sample(),
        lambda: torch.distributions.Categorical(torch.ones(3)).sample(),
        lambda: Double.apply(torch.ones(2, requires_grad=True)).sum().backward(),
        lambda: torch.no_grad()(torch.ones)(3),
        lambda: torch.inference_mode()(torch.ones)(3),
    ],
)  # fmt: skip
def test_functions_that_do_not_record(call: Callable[[], object]) -> None:
    for at, _ in places(lambda: call):
        assert_as_before(at)
