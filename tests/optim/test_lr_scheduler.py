"""Schedulers: torch's learning rates to the last bit, torch's checkpoints, refusals and warnings."""

from __future__ import annotations

import copy
import inspect
import pickle
import warnings

import pytest
import torch

import minitorch
import minitorch.optim
from tests.both import both, caught, plain

# a chain within a sequence is stepped first when the sequence is made, before any step of the optimizer
pytestmark = pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")

STEPS = 60
SCHEDULES = {
    "LambdaLR": lambda s, o: s.LambdaLR(o, lambda epoch: 0.95**epoch),
    "LambdaLR, one each": lambda s, o: s.LambdaLR(o, [lambda epoch: 1 / (1 + epoch), lambda epoch: epoch // 7]),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lambda epoch: 0.9 + 0.001 * epoch),
    "StepLR": lambda s, o: s.StepLR(o, 7, gamma=0.3),
    "StepLR, defaults": lambda s, o: s.StepLR(o, step_size=30),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [30, 5, 12, 12], gamma=0.7),
    "ConstantLR": lambda s, o: s.ConstantLR(o),
    "ConstantLR, 40": lambda s, o: s.ConstantLR(o, factor=0.3, total_iters=40),
    "LinearLR": lambda s, o: s.LinearLR(o),
    "LinearLR, falling": lambda s, o: s.LinearLR(o, start_factor=0.9, end_factor=0.05, total_iters=43),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, 0.93),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o),
    "PolynomialLR, 0.9": lambda s, o: s.PolynomialLR(o, total_iters=50, power=0.9),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, T_max=60),
    "CosineAnnealingLR, up and down": lambda s, o: s.CosineAnnealingLR(o, 7, eta_min=1e-3),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 9),
    "CosineAnnealingWarmRestarts, longer": lambda s, o: s.CosineAnnealingWarmRestarts(o, 5, T_mult=2, eta_min=1e-3),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, max_lr=0.3, total_steps=STEPS + 1),
    "OneCycleLR, three phases": lambda s, o: s.OneCycleLR(
        o, [0.3, 0.7], epochs=7, steps_per_epoch=9, three_phase=True, base_momentum=[0.8, 0.7], div_factor=7.0
    ),
    "OneCycleLR, linear": lambda s, o: s.OneCycleLR(
        o, 0.3, 70, pct_start=0.4, anneal_strategy="linear", cycle_momentum=False, final_div_factor=11
    ),
    "SequentialLR": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, total_iters=10), s.CosineAnnealingLR(o, 35), s.ExponentialLR(o, 0.9)], milestones=[10, 45]
    ),
    "SequentialLR, from the second": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.1), s.StepLR(o, 3), s.CosineAnnealingLR(o, 20)], milestones=[0, 20]
    ),
    "ChainedScheduler": lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 20), s.ExponentialLR(o, 0.9)]),
    "SequentialLR of chains": lambda s, o: s.SequentialLR(
        o, [s.ChainedScheduler([s.LinearLR(o), s.ExponentialLR(o, 0.9)], o), s.MultiStepLR(o, [9, 20])], [30]
    ),
}


def an_optimizer(torch, name="SGD", lr=0.05, **options):
    """An optimizer of two groups, with gradients."""
    p, q = torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)
    p.grad, q.grad = torch.ones(2), torch.ones(3)
    return getattr(torch.optim, name)([{"params": [p]}, {"params": [q], "lr": 0.37}], lr=lr, **options)


def options(optimizer):
    """All values that schedulers write into groups."""
    return [{k: v for k, v in g.items() if "lr" in k or k in ("momentum", "betas")} for g in optimizer.param_groups]


def advanced(optimizer, scheduler, steps):
    """The learning rates and momenta at each step."""
    seen = []
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
        seen.append((copy.deepcopy(options(optimizer)), list(scheduler.get_last_lr())))
    return seen


@pytest.mark.parametrize("name", sorted({name.partition(",")[0].partition(" ")[0] for name in SCHEDULES}))
@both
def test_signatures(torch, name):
    parameters = inspect.signature(getattr(torch.optim.lr_scheduler, name)).parameters.values()
    return [(p.name, str(p.kind), p.default if p.default is not p.empty else "none") for p in parameters]


@pytest.mark.parametrize("name", SCHEDULES)
@both
def test_sixty_steps(torch, name):
    optimizer = an_optimizer(torch)
    scheduler = SCHEDULES[name](torch.optim.lr_scheduler, optimizer)
    start = copy.deepcopy(options(optimizer)), scheduler.state_dict(), scheduler.get_last_lr()
    return [plain(start), advanced(optimizer, scheduler, STEPS), scheduler.state_dict()]


@pytest.mark.filterwarnings("ignore:The epoch parameter")
@pytest.mark.parametrize("name", [n for n in SCHEDULES if "Sequential" not in n and "Chained" not in n])
@both
def test_going_to_an_epoch(torch, name):
    optimizer = an_optimizer(torch)
    scheduler = SCHEDULES[name](torch.optim.lr_scheduler, optimizer)
    optimizer.step()
    seen = []
    for epoch in (3, 11, 2, 40, 5):
        scheduler.step(epoch)
        seen.append((copy.deepcopy(options(optimizer)), scheduler.last_epoch))
    return seen, advanced(optimizer, scheduler, 5), scheduler.state_dict()


@both
def test_restarts_at_fractions(torch):
    optimizer = an_optimizer(torch)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 3, T_mult=2)
    seen = []
    for i in range(40):
        scheduler.step(i / 3)
        seen.append((scheduler.get_last_lr(), scheduler.state_dict(), repr(scheduler.T_cur)))
    return seen, caught(lambda: scheduler.step(-1))


@both
def test_the_first_beta_is_cycled(torch):
    optimizer = an_optimizer(torch, "Adam")
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=20)
    seen = advanced(optimizer, scheduler, 20)
    return seen, caught(scheduler.step), scheduler.state_dict(), optimizer.state_dict()["param_groups"]


@pytest.mark.parametrize("name", SCHEDULES)
@both
def test_a_tensor_stays_one(torch, name):
    lr = torch.tensor(0.05, dtype=torch.float64)
    optimizer = an_optimizer(torch, lr=lr, foreach=False)
    scheduler = SCHEDULES[name](torch.optim.lr_scheduler, optimizer)
    seen = advanced(optimizer, scheduler, 20)
    last = scheduler.get_last_lr()[0]
    return seen, lr, optimizer.param_groups[0]["lr"] is lr, last is not lr


@pytest.mark.parametrize("first", [minitorch, torch], ids=["minitorch first", "torch first"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_a_checkpoint_goes_over_in_the_middle(name, first) -> None:
    second = torch if first is minitorch else minitorch
    optimizer = an_optimizer(first)
    scheduler = SCHEDULES[name](first.optim.lr_scheduler, optimizer)
    advanced(optimizer, scheduler, 17)
    saved = copy.deepcopy(scheduler.state_dict()), {**optimizer.state_dict(), "state": {}}
    there = an_optimizer(second)
    other = SCHEDULES[name](second.optim.lr_scheduler, there)
    there.load_state_dict(saved[1])
    other.load_state_dict(saved[0])
    assert plain(other.state_dict()) == plain(scheduler.state_dict())
    expected = advanced(optimizer, scheduler, STEPS - 17)
    assert advanced(there, other, STEPS - 17) == expected
    assert plain(other.state_dict()) == plain(scheduler.state_dict())
    assert plain(scheduler.state_dict()) != plain(saved[0])


@pytest.mark.parametrize("name", [n for n in SCHEDULES if n[:5] not in ("Seque", "Chain")])
@both
def test_going_on_with_last_epoch(torch, name):
    """A new scheduler on the groups of an old run; its first step does not change the learning rate twice."""
    optimizer = an_optimizer(torch)
    advanced(optimizer, SCHEDULES[name](torch.optim.lr_scheduler, optimizer), 9)

    class Resumed:
        """`torch.optim.lr_scheduler` with `last_epoch` given to everything."""

        def __getattr__(self, wanted):
            return lambda *args, **kwargs: getattr(torch.optim.lr_scheduler, wanted)(*args, **kwargs, last_epoch=8)

    scheduler = SCHEDULES[name](Resumed(), optimizer)
    return copy.deepcopy(options(optimizer)), scheduler.state_dict(), advanced(optimizer, scheduler, 9)


METRICS = [
    1.0,
    0.8,
    0.81,
    0.79999,
    0.9,
    0.9,
    0.7,
    0.7,
    0.7,
    0.71,
    0.7,
    0.72,
    0.69,
    0.2,
    0.5,
    0.5,
    0.5,
    0.5,
    0.5,
    0.1,
] * 3


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"patience": 2},
        {"patience": 1, "factor": 0.3, "cooldown": 3},
        {"patience": 0, "mode": "max", "min_lr": [1e-3, 0.1]},
        {"patience": 2, "mode": "max", "threshold_mode": "abs", "threshold": 0.1, "min_lr": 0.02},
        {"patience": 1, "threshold_mode": "abs", "threshold": 0.2, "eps": 1e-3},
        {"patience": 1, "threshold": 0.1},
    ],
    ids=str,
)
@both
def test_plateau(torch, arguments):
    optimizer = an_optimizer(torch)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **arguments)
    seen = [scheduler.state_dict()]
    for metric in METRICS:
        scheduler.step(torch.tensor(metric, dtype=torch.float64))
        seen.append((scheduler.get_last_lr(), scheduler.state_dict(), scheduler.in_cooldown))
    return seen


@pytest.mark.parametrize("first", [minitorch, torch], ids=["minitorch first", "torch first"])
def test_a_plateau_goes_over_in_the_middle(first) -> None:
    second = torch if first is minitorch else minitorch
    optimizer, there = an_optimizer(first), an_optimizer(second)
    scheduler = first.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1, cooldown=2)
    other = second.optim.lr_scheduler.ReduceLROnPlateau(there, mode="max")
    for metric in METRICS[:15]:
        scheduler.step(metric)
    there.load_state_dict(optimizer.state_dict())
    other.load_state_dict(scheduler.state_dict())
    for metric in METRICS[15:]:
        scheduler.step(metric)
        other.step(metric)
        assert other.get_last_lr() == scheduler.get_last_lr()
    assert plain(other.state_dict()) == plain(scheduler.state_dict())


@both
def test_a_group_that_comes_later(torch):
    seen = []
    for lowest in (0.001, [0.001, 0.001]):
        optimizer = an_optimizer(torch)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, min_lr=lowest)
        optimizer.add_param_group({"params": [torch.ones(1, requires_grad=True)]})
        scheduler.step(1.0)
        seen += [type(caught(lambda s=scheduler: s.step(2.0))).__name__, scheduler.min_lrs, options(optimizer)]
    return seen


@both
def test_callable_objects_are_saved(torch):
    class Halving:
        def __init__(self, every):
            self.every = every

        def __call__(self, epoch):
            return 0.5 ** (epoch // self.every)

    seen = []
    for name in ("LambdaLR", "MultiplicativeLR"):
        make, optimizer = getattr(torch.optim.lr_scheduler, name), an_optimizer(torch)
        scheduler = make(optimizer, [Halving(3), lambda epoch: 1.0])
        state = copy.deepcopy(scheduler.state_dict())
        other = make(optimizer, [Halving(5), lambda epoch: 2.0])
        other.load_state_dict(state)
        seen += [state, other.lr_lambdas[0].every, advanced(optimizer, other, 7), list(state)]
    return seen


def refused(torch):
    s, o = torch.optim.lr_scheduler, an_optimizer(torch)
    one = s.StepLR(o, 3)
    return [
        caught(attempt)
        for attempt in (
            lambda: s.StepLR(3, 1),
            lambda: s.StepLR([o], 1),
            lambda: s.StepLR(o),
            lambda: s.LambdaLR(o, [len]),
            lambda: s.MultiplicativeLR(o, 0.5),
            lambda: s.OneCycleLR(o, [0.1], total_steps=3),
            lambda: s.OneCycleLR(o, 0.1),
            lambda: s.OneCycleLR(o, 0.1, total_steps=0),
            lambda: s.OneCycleLR(o, 0.1, total_steps=2.5),
            lambda: s.OneCycleLR(o, 0.1, epochs=0, steps_per_epoch=3),
            lambda: s.OneCycleLR(o, 0.1, epochs=3, steps_per_epoch=-1),
            lambda: s.OneCycleLR(o, 0.1, total_steps=9, pct_start=1),
            lambda: s.OneCycleLR(o, 0.1, total_steps=9, anneal_strategy="quadratic"),
            lambda: s.OneCycleLR(3, 0.1, total_steps=9),
            lambda: s.CosineAnnealingWarmRestarts(o, 0),
            lambda: s.CosineAnnealingWarmRestarts(o, 3, T_mult=0),
            lambda: s.CosineAnnealingWarmRestarts(o, 3, eta_min="0"),
            lambda: s.ReduceLROnPlateau(3),
            lambda: s.ReduceLROnPlateau(o, min_lr=[0.1]),
            lambda: s.SequentialLR(o, [], []),
            lambda: s.SequentialLR(o, [one, 3], [3]),
            lambda: s.LRScheduler(o),
        )
    ], [
        type(caught(attempt)).__name__  # these say more than torch does
        for attempt in (
            lambda: s.StepLR(an_optimizer(torch), 3, last_epoch=3),
            lambda: s.ConstantLR(o, factor=1.5),
            lambda: s.ConstantLR(o, factor=-0.5),
            lambda: s.LinearLR(o, start_factor=0),
            lambda: s.LinearLR(o, start_factor=1.1),
            lambda: s.LinearLR(o, end_factor=-0.1),
            lambda: s.LinearLR(o, end_factor=1.1),
            lambda: s.OneCycleLR(an_optimizer(torch, "Adagrad"), 0.1, total_steps=9),
            lambda: s.ReduceLROnPlateau(o, factor=1.0),
            lambda: s.ReduceLROnPlateau(o, mode="least"),
            lambda: s.ReduceLROnPlateau(o, threshold_mode="relative"),
            lambda: s.SequentialLR(o, [one, one], [3, 4]),
            lambda: s.SequentialLR(an_optimizer(torch), [one], []),
            lambda: s.SequentialLR(o, [one, s.ReduceLROnPlateau(o)], [3]),
            lambda: s.ChainedScheduler([]),
            lambda: s.ChainedScheduler([one, s.StepLR(an_optimizer(torch), 3)]),
            lambda: s.ChainedScheduler([one, s.ReduceLROnPlateau(o)]),
            lambda: s.ChainedScheduler([one], an_optimizer(torch)),
        )
    ]


test_refused_arguments = both(refused)


def test_nothing_refused_is_accepted() -> None:
    errors, names = refused(minitorch)
    assert all(isinstance(e, Exception) for e in errors)
    assert all(name.endswith("Error") for name in names)


@both
def test_warnings(torch):
    def told(*actions):
        with warnings.catch_warnings(record=True) as record:
            warnings.simplefilter("always")
            for action in actions:
                action()
        return [(w.category.__name__, str(w.message)[:32], w.filename == __file__) for w in record]

    s, seen = torch.optim.lr_scheduler, []
    o = an_optimizer(torch)
    scheduler = s.StepLR(o, 3)
    seen.append(told(scheduler.step, o.step, scheduler.step))  # the wrong order
    o = an_optimizer(torch)
    scheduler, second = s.StepLR(o, 3), s.ExponentialLR(o, 0.9)
    seen.append(told(o.step, scheduler.step, second.step, scheduler.step))  # the right one
    o = an_optimizer(torch)
    scheduler = s.StepLR(o, 3)
    o.step = lambda: None
    return [*seen, len(told(o.step, scheduler.step)), len(told(scheduler.get_lr)), len(told(lambda: scheduler.step(4)))]


@both
def test_the_optimizer_is_as_before(torch):
    """Watching its steps leaves hooks, results, copies and pickles of the optimizer alone."""
    optimizer = an_optimizer(torch, momentum=0.9)
    seen = []
    optimizer.register_step_pre_hook(lambda o, args, kwargs: seen.append((o is optimizer, len(args), list(kwargs))))
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    seen.append(optimizer.step(lambda: 5))
    scheduler.step()
    twin = copy.deepcopy(optimizer)
    again = pickle.loads(pickle.dumps(optimizer))
    twin.step()
    again.step()
    return seen, repr(optimizer), options(twin), options(again), twin.param_groups[0]["params"], optimizer.step.__name__


@both
def test_a_scheduler_of_ones_own(torch):
    class WarmUp(torch.optim.lr_scheduler._LRScheduler):
        def __init__(self, optimizer, length, last_epoch=-1):
            self.length = length
            super().__init__(optimizer, last_epoch)

        def get_lr(self):
            return [base * min(1.0, (self.last_epoch + 1) / self.length) for base in self.base_lrs]

    optimizer = an_optimizer(torch)
    scheduler = WarmUp(optimizer, 5)
    seen = [isinstance(scheduler, torch.optim.lr_scheduler.LRScheduler), advanced(optimizer, scheduler, 8)]
    return seen, scheduler.state_dict(), scheduler.base_lrs


@both
def test_a_rate_changed_by_hand(torch):
    seen = []
    for name in ("StepLR", "ExponentialLR", "CosineAnnealingLR", "LambdaLR"):
        optimizer = an_optimizer(torch)
        scheduler = SCHEDULES[name](torch.optim.lr_scheduler, optimizer)
        seen.append(advanced(optimizer, scheduler, 3))
        optimizer.param_groups[0]["lr"] = 0.7
        seen.append(advanced(optimizer, scheduler, 10))
    return seen
