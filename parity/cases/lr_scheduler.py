"""Schedulers: the learning rates of sixty steps are compared bit for bit, and the state at the end."""

from __future__ import annotations

from collections.abc import Callable
from string import Template

from parity.compare.case import case
from parity.compare.draw import Draw

RUN = """params = [torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)]
optimizer = torch.optim.SGD([{'params': params[:1]}, {'params': params[1:], 'lr': 0.37}], lr=0.05, momentum=0.9)
s = torch.optim.lr_scheduler
scheduler = ARGUMENTS
out = [scheduler.get_last_lr()]
for step in range(60):
    optimizer.step()
    scheduler.step(METRIC)
    out.append((scheduler.get_last_lr(), [(group['lr'], group['momentum']) for group in optimizer.param_groups]))
optimizer.load_state_dict(optimizer.state_dict())
scheduler.load_state_dict(scheduler.state_dict())
out.append(scheduler.state_dict())"""


def _run(arguments: str, metric: str = "") -> str:
    return RUN.replace("ARGUMENTS", arguments).replace("METRIC", metric)


def _factor(d: Draw) -> float:
    return d.integer(1, 99) / 100


def _lambda(d: Draw) -> str:
    one, two = (d.choose("lambda e: 0.95 ** e", "lambda e: 1 / (1 + e)", "lambda e: e // 7") for _ in range(2))
    return f"s.LambdaLR(optimizer, {d.choose(one, f'[{one}, {two}]')})"


def _multiplicative(d: Draw) -> str:
    return f"s.MultiplicativeLR(optimizer, lambda e: {_factor(d)} + 0.001 * e)"


def _step(d: Draw) -> str:
    return f"s.StepLR(optimizer, {d.integer(1, 40)}{d.choose('', f', gamma={_factor(d)}')})"


def _multi_step(d: Draw) -> str:
    milestones = [d.integer(0, 60) for _ in range(d.integer(0, 5))]
    return f"s.MultiStepLR(optimizer, {milestones}{d.choose('', f', {_factor(d)}')})"


def _constant(d: Draw) -> str:
    factor, length = d.choose("", f", factor={_factor(d)}"), d.choose("", f", total_iters={d.integer(1, 70)}")
    return f"s.ConstantLR(optimizer{factor}{length})"


def _linear(d: Draw) -> str:
    ends = d.choose(
        "", f", {_factor(d)}", f", {_factor(d)}, {_factor(d)}", f", start_factor=1.0, end_factor={_factor(d)}"
    )
    return f"s.LinearLR(optimizer{ends}{d.choose('', f', total_iters={d.integer(1, 70)}')})"


def _exponential(d: Draw) -> str:
    return f"s.ExponentialLR(optimizer, {_factor(d)})"


def _polynomial(d: Draw) -> str:
    return (
        f"s.PolynomialLR(optimizer{d.choose('', f', {d.integer(1, 70)}')}{d.choose('', f', power={4 * _factor(d)}')})"
    )


def _cosine(d: Draw) -> str:
    return f"s.CosineAnnealingLR(optimizer, {d.integer(1, 70)}{d.choose('', f', eta_min={_factor(d) / 100}')})"


def _restarts(d: Draw) -> str:
    options = d.choose("", f", T_mult={d.integer(1, 3)}") + d.choose("", ", eta_min=0.001")
    return f"s.CosineAnnealingWarmRestarts(optimizer, {d.integer(1, 40)}{options})"


def _one_cycle(d: Draw) -> str:
    steps = d.choose(f"total_steps={d.integer(60, 90)}", f"epochs={d.integer(7, 9)}, steps_per_epoch=9")
    options = [
        d.choose(f"pct_start={d.integer(10, 45) / 100}", "three_phase=True", "div_factor=10", "final_div_factor=100.0")
    ]
    options += [d.choose("anneal_strategy='linear'", "anneal_strategy='cos'")]
    options += [d.choose("cycle_momentum=False", "base_momentum=0.8", "max_momentum=[0.9, 0.95]")]
    return f"s.OneCycleLR(optimizer, {d.choose('0.3', '[0.3, 0.7]')}, {steps}, {', '.join(options)})"


def _sequential(d: Draw) -> str:
    first = d.integer(1, 30)
    return f"s.SequentialLR(optimizer, [{_linear(d)}, {_cosine(d)}, {_step(d)}], [{first}, {first + d.integer(1, 30)}])"


def _chained(d: Draw) -> str:
    return f"s.ChainedScheduler([{_constant(d)}, {_exponential(d)}])"


def _plateau(d: Draw) -> str:
    mode = d.choose("", ", 'max'", ", threshold_mode='abs', threshold=0.1")
    counts = f"factor={_factor(d)}, patience={d.integer(0, 4)}, cooldown={d.integer(0, 3)}"
    return f"s.ReduceLROnPlateau(optimizer{mode}, {counts}{d.choose('', ', min_lr=0.001', ', min_lr=[0.001, 0.1]')})"


SCHEDULERS: dict[str, Callable[[Draw], str]] = {
    "LambdaLR": _lambda,
    "MultiplicativeLR": _multiplicative,
    "StepLR": _step,
    "MultiStepLR": _multi_step,
    "ConstantLR": _constant,
    "LinearLR": _linear,
    "ExponentialLR": _exponential,
    "PolynomialLR": _polynomial,
    "CosineAnnealingLR": _cosine,
    "CosineAnnealingWarmRestarts": _restarts,
    "OneCycleLR": _one_cycle,
    "SequentialLR": _sequential,
    "ChainedScheduler": _chained,
    "ReduceLROnPlateau": _plateau,
}
REFUSED = {
    "LambdaLR": ("optimizer, [abs, abs]", "3, abs"),
    "MultiplicativeLR": ("optimizer, 0.5", "optimizer, [abs, abs]"),
    "StepLR": ("optimizer", "optimizer, 3, last_epoch=3", "3, 3"),
    "MultiStepLR": ("optimizer, 3", "3, [3]"),
    "ConstantLR": ("optimizer, 1.5", "optimizer, -0.5"),
    "LinearLR": ("optimizer, 0", "optimizer, 1.5", "optimizer, 0.5, -1", "optimizer, 0.5, 1.5"),
    "ExponentialLR": ("optimizer", "3, 0.5"),
    "PolynomialLR": ("3",),
    "CosineAnnealingLR": ("optimizer", "3, 3"),
    "CosineAnnealingWarmRestarts": ("optimizer, 0", "optimizer, 3.5", "optimizer, 3, 0", "optimizer, 3, eta_min='0'"),
    "OneCycleLR": (
        "optimizer, 0.1", "optimizer, 0.1, 0", "optimizer, 0.1, 2.5", "optimizer, 0.1, epochs=3", "3, 0.1, 9",
        "optimizer, 0.1, epochs=3, steps_per_epoch=0", "optimizer, [0.1, 0.2], 9", "optimizer, 0.1, 9, pct_start=1",
        "optimizer, 0.1, 9, anneal_strategy='none'", "torch.optim.Adagrad(params), 0.1, 9",
    ),
    "SequentialLR": (
        "optimizer, [], []", "optimizer, [s.StepLR(optimizer, 3)], [3]", "optimizer, [3], []",
        "optimizer, [s.ReduceLROnPlateau(optimizer)], []",
    ),
    "ChainedScheduler": (
        "[]", "[s.ReduceLROnPlateau(optimizer)]", "[s.StepLR(optimizer, 3), s.StepLR(torch.optim.SGD(params), 3)]",
    ),
    "ReduceLROnPlateau": (
        "3", "optimizer, 'least'", "optimizer, factor=1.0", "optimizer, min_lr=[1, 2]",
        "optimizer, threshold_mode='none'",
    ),
}  # fmt: skip


def _scheduler(name: str, draw: Callable[[Draw], str]) -> None:
    @case(f"optim.lr_scheduler.{name}", exact=True)
    def scheduler(d: Draw) -> str:
        return _run(draw(d), "(step * 0.618) % 1.0" if name == "ReduceLROnPlateau" else "")

    setup = "params = [torch.ones(2)]\noptimizer = torch.optim.SGD(params)\ns = torch.optim.lr_scheduler\n"
    scheduler.refuses(*(f"{setup}out = s.{name}({arguments})" for arguments in REFUSED[name]))


for _name, _draw in SCHEDULERS.items():
    _scheduler(_name, _draw)


SCHEDULER = """class Saw(torch.optim.lr_scheduler.LRScheduler):
    def __init__(self, optimizer, teeth, last_epoch=-1):
        self.teeth = teeth
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [base * (1 + self.last_epoch % self.teeth) for base in self.base_lrs]

params = [torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)]
optimizer = torch.optim.SGD([{'params': params[:1]}, {'params': params[1:], 'lr': $LR}], lr=0.05)
scheduler = Saw(optimizer, $TEETH)
out = []
for _ in range(10):
    optimizer.step()
    scheduler.step()
    out.append((scheduler.get_last_lr(), scheduler.last_epoch))
again = Saw(optimizer, 1)
again.load_state_dict(scheduler.state_dict())
out += [again.teeth, again.state_dict(), [group['initial_lr'] for group in optimizer.param_groups]]"""


@case("optim.lr_scheduler.LRScheduler", exact=True)
def scheduler(d: Draw) -> str:
    return Template(SCHEDULER).substitute(LR=d.integer(1, 99) / 100, TEETH=d.integer(1, 9))


scheduler.refuses(
    "torch.optim.lr_scheduler.LRScheduler(3)",
)
