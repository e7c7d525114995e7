"""Optimizers: several steps on a small problem; the checks also continue them in the other library."""

from __future__ import annotations

from string import Template

from parity.compare import draw
from parity.compare.case import CASES, case
from parity.compare.draw import Draw

STEPS = draw.STEPS.format(count=4)


def _problem(d: Draw) -> str:
    """Draw parameters and targets, and the text of the optimizer's first argument."""
    d.steps()
    if d.group == "groups":
        return (
            f"[{{'params': params[:1], 'lr': {d.choose(0.01, 0.1)}}}, {{'params': params[1:]}}]"
            if any(x.name == "param1" for x in d.inputs)
            else "[{'params': params}]"
        )
    return d.choose("params", "params", "iter(params)", "[(f'p{i}', p) for i, p in enumerate(params)]")


def _options(d: Draw, **wanted: tuple[object, ...]) -> str:
    """Keyword arguments: the group's own always, the others now and then."""
    given = {name: d.choose(*values) for name, values in wanted.items() if name == d.group or d.integer(0, 3) == 3}
    return "".join(f", {name}={value}" for name, value in given.items())


@case(
    "optim.SGD",
    groups=("", "momentum", "dampening", "nesterov", "weight_decay", "maximize", "groups"),
    kind="optimizer",
)
def sgd(d: Draw) -> str:
    params = _problem(d)
    if d.group == "nesterov":
        options = f", momentum={d.choose(0.9, 0.5)}, nesterov=True" + _options(d, weight_decay=(0.1,), maximize=(True,))
    elif d.group == "dampening":
        options = f", momentum={d.choose(0.9, 0.5)}, dampening={d.choose(0.5, 0.1)}"
    else:
        options = _options(d, momentum=(0.9, 0.5), weight_decay=(0.1, 0.01), maximize=(True,))
    d.build = f"torch.optim.SGD({params}{d.choose(', lr=0.1', ', lr=0.01', ', 0.05', '')}{options})"
    if "maximize" in options:  # the loss, which has no maximum, would grow without limit, and rounding errors with it
        return STEPS.replace("loss = sum(", "loss = -sum(")
    return STEPS


sgd.refuses(
    "torch.optim.SGD(params, lr=-0.1); 1",
    "torch.optim.SGD([], lr=0.1); 1",
    "torch.optim.SGD([torch.ones(2)], lr=0.1, momentum=-1.0); 1",
    "torch.optim.SGD([torch.ones(2)], lr=0.1, weight_decay=-1.0); 1",
    "torch.optim.SGD([torch.ones(2)], lr=0.1, nesterov=True); 1",
    "torch.optim.SGD(torch.ones(2), lr=0.1); 1",
    "torch.optim.SGD([3.0], lr=0.1); 1",
    "torch.optim.SGD([torch.ones(2, requires_grad=True) * 2], lr=0.1); 1",
    "torch.optim.SGD([{'params': [torch.ones(2)]}, {'lr': 0.1}], lr=0.1); 1",
    "torch.optim.SGD([torch.ones(2)], lr=0.1); optimizer.load_state_dict({'state': {}, 'param_groups': []})",
    "torch.optim.SGD([torch.ones(2)], lr=0.1); optimizer.add_param_group({'params': optimizer.param_groups[0]['params']})",
    "torch.optim.SGD([torch.ones(2)], momentun=0.1); 1",
)

ADAM = {
    "betas": ("(0.9, 0.99)", "(0.5, 0.9)"),
    "eps": (1e-6,),
    "weight_decay": (0.1, 0.01),
    "amsgrad": (True,),
    "maximize": (True,),
}
ADAM_REFUSED = (
    "torch.optim.NAME([torch.ones(2)], lr=-0.1); 1",
    "torch.optim.NAME([torch.ones(2)], eps=-0.1); 1",
    "torch.optim.NAME([torch.ones(2)], betas=(1.0, 0.9)); 1",
    "torch.optim.NAME([torch.ones(2)], betas=(0.9, -0.1)); 1",
    "torch.optim.NAME([torch.ones(2)], weight_decay=-1.0); 1",
    "torch.optim.NAME([]); 1",
    "torch.optim.NAME([torch.ones(2)]); optimizer.load_state_dict({'state': {}, 'param_groups': []})",
)


def _adam(name: str) -> None:
    @case(f"optim.{name}", groups=("", "betas", "weight_decay", "amsgrad", "maximize", "groups"), kind="optimizer")
    def adam(d: Draw) -> str:
        params = _problem(d)
        d.build = f"torch.optim.{name}({params}{d.choose('', ', lr=0.1', ', lr=0.01', ', 0.05')}{_options(d, **ADAM)})"
        return STEPS

    adam.refuses(*(text.replace("NAME", name) for text in ADAM_REFUSED))


for _name in ("Adam", "AdamW"):
    _adam(_name)

OTHERS = {
    "RMSprop": {
        "alpha": (0.9, 0.95),
        "eps": (1e-6,),
        "weight_decay": (0.1, 0.01),
        "momentum": (0.9, 0.5),
        "centered": (True,),
        "maximize": (True,),
    },
    "Adagrad": {
        "lr_decay": (0.1,),
        "initial_accumulator_value": (0.25,),
        "eps": (1e-6,),
        "weight_decay": (0.1, 0.01),
        "maximize": (True,),
    },
    "Adadelta": {"rho": (0.5, 0.95), "eps": (1e-4,), "weight_decay": (0.1, 0.01), "maximize": (True,)},
}
OTHERS_REFUSED = {
    "RMSprop": ("alpha=-0.1", "momentum=-0.1"),
    "Adagrad": ("lr_decay=-0.1", "initial_accumulator_value=-0.1", "fused=True, foreach=True"),
    "Adadelta": ("rho=-0.1", "rho=1.1"),
}


def _other(name: str) -> None:
    @case(f"optim.{name}", groups=("", *OTHERS[name], "groups"), kind="optimizer")
    def other(d: Draw) -> str:
        params = _problem(d)
        lr = d.choose("", ", lr=0.1", ", lr=0.01", ", 0.05")
        d.build = f"torch.optim.{name}({params}{lr}{_options(d, **OTHERS[name])})"
        return STEPS

    refused = ("lr=-0.1", "lr=torch.ones(2)", "eps=-0.1", "weight_decay=-0.1", *OTHERS_REFUSED[name])
    other.refuses(
        f"torch.optim.{name}([]); 1",
        f"torch.optim.{name}(torch.ones(2)); 1",
        f"torch.optim.{name}([torch.ones(2)]); optimizer.load_state_dict({{'state': {{}}, 'param_groups': []}})",
        *(f"torch.optim.{name}([torch.ones(2)], {options}); 1" for options in refused),
    )


for _name in OTHERS:
    _other(_name)


PINNED = (
    "SGD(params)",
    "SGD(params, lr=0.1, weight_decay=0.1)",
    "SGD(params, lr=0.01, momentum=0.9, dampening=0.5, maximize=True)",
    "SGD(params, lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.01)",
    "SGD(params, lr=0.05, weight_decay=0.1, maximize=True)",
    "Adam(params)",
    "Adam(params, lr=0.01, betas=(0.3, 0.7), eps=1e-3, weight_decay=0.1)",
    "Adam(params, lr=0.01, amsgrad=True, maximize=True)",
    "Adam(params, lr=0.01, decoupled_weight_decay=True, weight_decay=0.1)",
    "AdamW(params)",
    "AdamW(params, lr=0.01, amsgrad=True, weight_decay=0.2, maximize=True)",
    "RMSprop(params)",
    "RMSprop(params, lr=0.005, alpha=0.3, eps=1e-3, weight_decay=0.1)",
    "RMSprop(params, lr=0.005, momentum=0.9, maximize=True)",
    "RMSprop(params, lr=0.005, momentum=0.5, centered=True, alpha=0.4, eps=1e-2, weight_decay=0.01)",
    "Adagrad(params)",
    "Adagrad(params, lr=0.1, lr_decay=0.1, initial_accumulator_value=0.25)",
    "Adagrad(params, lr=0.1, weight_decay=0.1, eps=1e-3, maximize=True)",
    "Adadelta(params)",
    "Adadelta(params, lr=0.5, rho=0.3, eps=1e-3, weight_decay=0.1)",
    "Adadelta(params, lr=0.5, rho=0.95, maximize=True)",
    "SGD([{'params': params[:1], 'lr': 0.02, 'momentum': 0.5}, {'params': params[1:]}], lr=0.1)",
    "Adam([{'params': params[:1], 'lr': 0.02, 'betas': (0.5, 0.9)}, {'params': params[1:]}])",
    "SGD(params, lr=torch.tensor(0.1), momentum=0.9)",
    "Adam(params, lr=torch.tensor(0.1))",
    "Adagrad(params, lr=torch.tensor(0.1))",
)
for _build in PINNED:
    CASES[f"optim.{_build.partition('(')[0]}"].example(
        f"torch.optim.{_build}; {draw.STEPS.format(count=8)}",
        terms=80,
        param0=(4, 3),
        param1=(),
        param2=(2, 1, 3),
        target0=(4, 3),
        target1=(),
        target2=(2, 1, 3),
    )


OPTIMIZER = """class Plain(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1, power=1):
        super().__init__(params, dict(lr=lr, power=power))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group['params']:
                if p.grad is not None:
                    state = self.state[p]
                    state['step'] = state.get('step', 0) + 1
                    p.sub_(group['lr'] / state['step'] ** group['power'] * p.grad)

params = [a.detach().clone().requires_grad_(), b.detach().clone().requires_grad_()]
optimizer = Plain($PARAMS)
for _ in range(3):
    optimizer.zero_grad($NONE)
    with torch.enable_grad():
        (params[0] ** 2).sum().backward()
    optimizer.step()
optimizer.add_param_group({'params': torch.ones(2, requires_grad=True)})
optimizer.load_state_dict(optimizer.state_dict())
out = params[0].detach(), params[1].grad is None, optimizer.state_dict(), len(optimizer.param_groups), repr(optimizer)"""


@case("optim.Optimizer")
def optimizer(d: Draw) -> str:
    d.floats("a", d.shape(most=2, elements=40), "normal", grad=False)
    d.floats("b", (2,), "normal", grad=False)
    d.terms = 4
    params = d.choose("params", "params, 0.3", "iter(params), power=2", "[{'params': p, 'power': 0.5} for p in params]")
    return Template(OPTIMIZER).substitute(PARAMS=params, NONE=d.choose("", "set_to_none=True"))


optimizer.refuses(
    "torch.optim.Optimizer([], {})",
    "torch.optim.Optimizer(torch.ones(2), {})",
    "torch.optim.Optimizer([1.0], {})",
    "torch.optim.Optimizer([torch.ones(2, requires_grad=True) * 2], {})",
)
