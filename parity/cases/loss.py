"""Losses of single numbers, as functions and as modules: one body for both."""

from __future__ import annotations

from collections.abc import Callable

from parity.compare.case import Case, case
from parity.compare.draw import Draw, Shape, volume

REDUCTIONS = ("mean", "sum", "none")
Arguments = tuple[str, str]
"""The inputs as text, and the options, of a loss."""


def loss(
    function: str, module: str, body: Callable[[Draw], Arguments], groups: tuple[str, ...] = ("",)
) -> tuple[Case, Case]:
    """Register a loss as a function and as a module."""

    def as_function(d: Draw) -> str:
        inputs, options = body(d)
        return f"F.{function}({inputs}{options})"

    def as_module(d: Draw) -> str:
        inputs, options = body(d)
        d.build = f"nn.{module}({options.removeprefix(', ')})"
        return f"m({inputs})"

    return case(f"nn.functional.{function}", groups=groups)(as_function), case(
        f"nn.{module}", groups=groups, kind="module"
    )(as_module)


def reduction(d: Draw) -> str:
    return d.choose("", *(f", reduction='{r}'" for r in REDUCTIONS))


def _distance(d: Draw) -> Arguments:
    shape = d.shape()
    d.terms = volume(shape) or 1
    fill = "special" if d.group == "special" else "normal|whole|zeros"
    return f"{d.floats('x', shape, fill)}, {d.floats('target', shape, fill)}", reduction(d)


mse_loss, mse_loss_module = loss("mse_loss", "MSELoss", _distance, ("", "special"))
l1_loss, l1_loss_module = loss("l1_loss", "L1Loss", _distance, ("", "special"))
for _name in ("mse_loss", "l1_loss"):
    _pair = mse_loss if _name == "mse_loss" else l1_loss
    for _reduced in REDUCTIONS:
        _pair.example(
            f"F.{_name}(x, y, reduction='{_reduced}')",
            f"F.{_name}(x, y, reduction='{_reduced}', weight=weight.abs())",
            terms=12,
            x=(3, 4),
            y=(3, 4),
            weight=(3, 4),
        )
    _pair.example(f"F.{_name}(x, y), F.{_name}(x, y, reduction='sum')", x=(0,), y=(0,))
    _pair.example(
        f"F.{_name}(x, y), F.{_name}(y, x.double()), F.{_name}(x, y[0].double())", terms=24, x=(2, 4, 1), y=(3,)
    )
    _pair.example(f"F.{_name}(x, torch.tensor([1, 2, 3]))", terms=3, x=(3,))
l1_loss.example("F.l1_loss(x, y, reduction='sum')", x=[3, -1], y=[1, 5])


for _function in ("mse_loss", "l1_loss"):
    (mse_loss if _function == "mse_loss" else l1_loss).refuses(
        f"F.{_function}(torch.ones(2, 3), torch.ones(2))",
        f"F.{_function}(torch.ones(2), torch.ones(2), reduction='some')",
        f"F.{_function}(torch.ones(2), 1.0)",
        f"F.{_function}(torch.ones(2))",
    )
for _module in (mse_loss_module, l1_loss_module):
    _module.refuses(
        f"{_module.name}(); m(torch.ones(2, 3), torch.ones(2))",
        f"{_module.name}(reduction='some'); m(torch.ones(2), torch.ones(2))",
    )


# -- probabilities, and between the absolute and the squared error


def _between(d: Draw, option: str, *values: float) -> Arguments:
    shape = d.shape()
    d.terms = volume(shape) or 1
    fill = "normal|whole|zeros|big"
    given = f", {option}={d.real(*values)}" if d.flag() else ""
    return f"{d.floats('x', shape, fill)}, {d.floats('target', shape, fill)}", reduction(d) + given


def _smooth_l1(d: Draw) -> Arguments:
    return _between(d, "beta", 0.5, 0.0, 1.0, 2.0)


def _huber(d: Draw) -> Arguments:
    return _between(d, "delta", 0.5, 1.0, 2.0)


def _shape(d: Draw) -> Shape:
    shape = d.shape()
    d.terms = volume(shape) or 1
    return shape


def _kl_div(d: Draw) -> Arguments:
    shape = d.shape(1, empty=False)
    d.terms = volume(shape)
    logs = d.flag()
    target = d.floats("target", shape, (-4.0, 0.0) if logs else "unit|zeros|positive")
    options = d.choose("", *(f", reduction='{r}'" for r in ("batchmean", "sum", "none", "mean")))
    return f"{d.floats('x', shape, (-4.0, 0.0))}, {target}", options + (", log_target=True" if logs else "")


def _bce(d: Draw) -> Arguments:
    shape = _shape(d)
    return f"{d.floats('x', shape, (0.01, 0.99))}, {d.floats('target', shape, (0.0, 1.0))}", reduction(d)


def _bce_with_logits(d: Draw) -> Arguments:
    shape = _shape(d)
    return f"{d.floats('x', shape, 'normal|whole|zeros|big')}, {d.floats('target', shape, (0.0, 1.0))}", reduction(d)


smooth_l1, smooth_l1_module = loss("smooth_l1_loss", "SmoothL1Loss", _smooth_l1)
huber, huber_module = loss("huber_loss", "HuberLoss", _huber)
kl_div, kl_div_module = loss("kl_div", "KLDivLoss", _kl_div)
bce, bce_module = loss("binary_cross_entropy", "BCELoss", _bce)
logits, logits_module = loss("binary_cross_entropy_with_logits", "BCEWithLogitsLoss", _bce_with_logits)


@case("nn.functional.binary_cross_entropy(weight)")
def weighted(d: Draw) -> str:
    shape = _shape(d)
    weight = d.floats("weight", d.broadcastable(shape), "positive", grad=False)
    return f"F.binary_cross_entropy({d.floats('x', shape, (0.01, 0.99))}, {d.floats('target', shape, (0.0, 1.0))}, weight={weight}{reduction(d)})"


@case("nn.functional.binary_cross_entropy_with_logits(weight)")
def weighted_logits(d: Draw) -> str:
    shape = _shape(d)
    given = "".join(
        f", {name}={d.floats(name, d.broadcastable(shape), 'positive', grad=False)}"
        for name in d.subset(("weight", "pos_weight"), 1)
    )
    x, target = d.floats("x", shape, "normal|whole|zeros"), d.floats("target", shape, (0.0, 1.0))
    return f"F.binary_cross_entropy_with_logits({x}, {target}{given}{reduction(d)})"


@case("nn.BCEWithLogitsLoss(weight)", kind="module", also=["nn.BCELoss"])
def weighted_module(d: Draw) -> str:
    rows, n = d.size(1, 4), d.size(1, 4)
    d.terms = rows * n
    weights = f"torch.tensor({[d.integer(1, 8) / 4 for _ in range(n)]})"
    name = d.choose("BCEWithLogitsLoss(pos_weight=", "BCEWithLogitsLoss(weight=", "BCELoss(weight=")
    d.build = f"nn.{name}{weights}{reduction(d)})"
    return f"m({d.floats('x', (rows, n), (0.01, 0.99))}, {d.floats('target', (rows, n), (0.0, 1.0))})"


for _case in (smooth_l1, huber):
    _case.refuses(
        f"{_case.name.replace('nn.functional', 'F')}(torch.ones(2, 3), torch.ones(2))",
        f"{_case.name.replace('nn.functional', 'F')}(torch.ones(2), torch.ones(2), reduction='some')",
        f"{_case.name.replace('nn.functional', 'F')}(torch.ones(2))",
    )
smooth_l1.refuses(
    "F.smooth_l1_loss(torch.ones(2), torch.ones(2), beta=-1.0)",
    "F.smooth_l1_loss(torch.ones(3, dtype=torch.int64), torch.ones(3, dtype=torch.int64))",
)
huber.refuses(
    "F.huber_loss(torch.ones(2), torch.ones(2), delta=0.0)",
    "F.huber_loss(torch.ones(2), torch.ones(2), delta=-1.0)",
    "F.huber_loss(torch.ones(3), torch.ones(3), weight=torch.ones(2))",
)
kl_div.refuses(
    "F.kl_div(torch.ones(2, 3), torch.ones(2))",
    "F.kl_div(torch.ones(2), torch.ones(2), reduction='some')",
    "F.kl_div(torch.ones(3, dtype=torch.int64), torch.ones(3, dtype=torch.int64), reduction='sum')",
)
for _case in (bce, logits):
    _case.refuses(
        f"{_case.name.replace('nn.functional', 'F')}(torch.zeros(2, 3), torch.zeros(2))",
        f"{_case.name.replace('nn.functional', 'F')}(torch.zeros(2), torch.zeros(2), reduction='some')",
        f"{_case.name.replace('nn.functional', 'F')}(torch.zeros(2), torch.zeros(2), weight=torch.ones(3))",
    )
bce.refuses(
    "F.binary_cross_entropy(torch.full((2,), 1.5), torch.zeros(2))",
    "F.binary_cross_entropy(torch.full((2,), -0.5), torch.zeros(2))",
    "F.binary_cross_entropy(torch.ones(3), 2 * torch.ones(3))",
    "F.binary_cross_entropy(torch.ones(3), torch.ones(3).double())",
    "F.binary_cross_entropy(torch.ones(3), torch.ones(3), torch.ones(3, requires_grad=True))",
)
for _module in (smooth_l1_module, huber_module, bce_module, logits_module):
    _module.refuses(
        f"{_module.name}(); m(torch.zeros(2, 3), torch.zeros(2))",
        f"{_module.name}(reduction='some'); m(torch.zeros(2), torch.zeros(2))",
        f"{_module.name}(); m(torch.zeros(2))",
    )
kl_div_module.refuses(
    "nn.KLDivLoss(); m(torch.zeros(2, 3), torch.zeros(2))",
    "nn.KLDivLoss(reduction='some'); m(torch.zeros(2), torch.zeros(2))",
)
mse_loss.refuses(
    "F.mse_loss(torch.ones(3, dtype=torch.int64), torch.ones(3, dtype=torch.int64))",
    "F.mse_loss(torch.ones(3), torch.ones(3), weight=torch.ones(1))",
)
l1_loss.refuses("F.l1_loss(torch.ones(3, dtype=torch.int64), torch.ones(3, dtype=torch.int64))")
logits.refuses(
    "F.binary_cross_entropy_with_logits(torch.ones(3), torch.ones(3, dtype=torch.int64))",
    "F.binary_cross_entropy_with_logits(torch.ones(3, 2), torch.ones(3, 2), pos_weight=torch.ones(3))",
    "F.binary_cross_entropy_with_logits(torch.ones(3), torch.ones(3), pos_weight=torch.ones(3, requires_grad=True))",
)
huber_module.refuses("nn.HuberLoss(delta='1'); m")


def _of_two(c: Case, *texts: str) -> None:
    """Pin calls with two inputs `x` and `y`, and a weight of their shape."""
    c.example(*texts, terms=12, x=(3, 4), y=(3, 4), weight=(3, 4))


for _reduced in REDUCTIONS:
    for _beta in (0, 0.3, 2.0):
        _of_two(smooth_l1, f"F.smooth_l1_loss(x, y, reduction='{_reduced}', beta={_beta})")
    for _delta in (0.3, 1, 2.0):
        _of_two(huber, f"F.huber_loss(x, y, '{_reduced}', {_delta})")
    _of_two(huber, f"F.huber_loss(x, y, '{_reduced}', 0.3, weight)")
    for _weighted in ("", ", weight=weight[0].detach().abs()"):
        _call = f"torch.sigmoid(x), torch.sigmoid(y){_weighted}, reduction='{_reduced}'"
        _of_two(bce, f"F.binary_cross_entropy({_call})")
    for _weighted in ("", ", weight=weight[0].detach().abs()", ", pos_weight=weight[0].detach().abs()"):
        _call = f"x, torch.sigmoid(y){_weighted}, reduction='{_reduced}'"
        _of_two(logits, f"F.binary_cross_entropy_with_logits({_call})")
for _reduced in (*REDUCTIONS, "batchmean"):
    kl_div.example(
        f"F.kl_div(torch.log_softmax(x, -1), torch.softmax(y, -1), reduction='{_reduced}')",
        f"F.kl_div(torch.log_softmax(x, -1), y, reduction='{_reduced}', log_target=True)",
        f"F.kl_div(x[0], torch.softmax(y[0], -1), reduction='{_reduced}')",
        terms=60,
        x=(3, 4),
        y=(3, 4),
    )
kl_div.example("F.kl_div(x, torch.tensor([0, 1, 0], dtype=dtype), reduction='sum')", terms=3, x=(3,))
bce.example(
    "F.binary_cross_entropy(x.detach(), y, reduction='none')", bounds=(0, 1), x=[0.0, 1, 0, 1], y=[0.0, 1, 1, 0]
)
bce.example(
    "F.binary_cross_entropy(x, y.detach(), reduction='none')", bounds=(0, 1), x=[0.0, 1, 0, 1], y=[0.0, 1, 1, 0]
)
logits.example(
    "F.binary_cross_entropy_with_logits(x, torch.ones_like(x), reduction='none')", x=[1000.0, -1000, 60, -60]
)
logits.example(  # the terms of the second derivative cancelled
    "F.binary_cross_entropy_with_logits(x, y, weight=w.detach(), pos_weight=p.detach().exp())",
    "F.binary_cross_entropy_with_logits(x, y, weight=w.detach(), pos_weight=p.detach().exp(), reduction='none')",
    terms=12,
    x=(3, 4),
    y=(3, 4),
    w=(4,),
    p=(4,),
)
huber_module.example("nn.HuberLoss('sum', 2); m(x, y)", terms=12, x=(4, 3), y=(4, 3))
kl_div_module.example("nn.KLDivLoss(reduction='batchmean', log_target=True); m(x, y)", terms=12, x=(4, 3), y=(4, 3))
logits_module.example(
    "nn.BCEWithLogitsLoss(pos_weight=torch.tensor([1.0, 2.0, 3.0])); m(x, y)", terms=12, x=(4, 3), y=(4, 3)
)
