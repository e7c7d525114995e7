"""Losses of probabilities, and those between the absolute and the squared error: one body for function and module."""

from __future__ import annotations

from parity.cases.loss import Arguments, _loss, _reduction
from parity.compare.case import case
from parity.compare.draw import Draw, Shape, volume


def _between(d: Draw, option: str, *values: float) -> Arguments:
    shape = d.shape()
    d.terms = volume(shape) or 1
    fill = "normal|whole|zeros|big"
    given = f", {option}={d.real(*values)}" if d.flag() else ""
    return f"{d.floats('x', shape, fill)}, {d.floats('target', shape, fill)}", _reduction(d) + given


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
    return f"{d.floats('x', shape, (0.01, 0.99))}, {d.floats('target', shape, (0.0, 1.0))}", _reduction(d)


def _bce_with_logits(d: Draw) -> Arguments:
    shape = _shape(d)
    return f"{d.floats('x', shape, 'normal|whole|zeros|big')}, {d.floats('target', shape, (0.0, 1.0))}", _reduction(d)


smooth_l1, smooth_l1_module = _loss("smooth_l1_loss", "SmoothL1Loss", _smooth_l1)
huber, huber_module = _loss("huber_loss", "HuberLoss", _huber)
kl_div, kl_div_module = _loss("kl_div", "KLDivLoss", _kl_div)
bce, bce_module = _loss("binary_cross_entropy", "BCELoss", _bce)
logits, logits_module = _loss("binary_cross_entropy_with_logits", "BCEWithLogitsLoss", _bce_with_logits)


@case("nn.functional.binary_cross_entropy(weight)")
def weighted(d: Draw) -> str:
    shape = _shape(d)
    weight = d.floats("weight", d.broadcastable(shape), "positive", grad=False)
    return f"F.binary_cross_entropy({d.floats('x', shape, (0.01, 0.99))}, {d.floats('target', shape, (0.0, 1.0))}, weight={weight}{_reduction(d)})"


@case("nn.functional.binary_cross_entropy_with_logits(weight)")
def weighted_logits(d: Draw) -> str:
    shape = _shape(d)
    given = "".join(
        f", {name}={d.floats(name, d.broadcastable(shape), 'positive', grad=False)}"
        for name in d.subset(("weight", "pos_weight"), 1)
    )
    x, target = d.floats("x", shape, "normal|whole|zeros"), d.floats("target", shape, (0.0, 1.0))
    return f"F.binary_cross_entropy_with_logits({x}, {target}{given}{_reduction(d)})"


@case("nn.BCEWithLogitsLoss(weight)", kind="module", also=["nn.BCELoss"])
def weighted_module(d: Draw) -> str:
    rows, n = d.size(1, 4), d.size(1, 4)
    d.terms = rows * n
    weights = f"torch.tensor({[d.integer(1, 8) / 4 for _ in range(n)]})"
    name = d.choose("BCEWithLogitsLoss(pos_weight=", "BCEWithLogitsLoss(weight=", "BCELoss(weight=")
    d.build = f"nn.{name}{weights}{_reduction(d)})"
    return f"m({d.floats('x', (rows, n), (0.01, 0.99))}, {d.floats('target', (rows, n), (0.0, 1.0))})"


for _case in (smooth_l1, huber):
    _case.refuses(
        f"{_case.name.replace('nn.functional', 'F')}(torch.ones(2, 3), torch.ones(2))",
        f"{_case.name.replace('nn.functional', 'F')}(torch.ones(2), torch.ones(2), reduction='some')",
        f"{_case.name.replace('nn.functional', 'F')}(torch.ones(2))",
    )
smooth_l1.refuses("F.smooth_l1_loss(torch.ones(2), torch.ones(2), beta=-1.0)")
huber.refuses(
    "F.huber_loss(torch.ones(2), torch.ones(2), delta=0.0)", "F.huber_loss(torch.ones(2), torch.ones(2), delta=-1.0)"
)
kl_div.refuses("F.kl_div(torch.ones(2, 3), torch.ones(2))", "F.kl_div(torch.ones(2), torch.ones(2), reduction='some')")
for _case in (bce, logits):
    _case.refuses(
        f"{_case.name.replace('nn.functional', 'F')}(torch.zeros(2, 3), torch.zeros(2))",
        f"{_case.name.replace('nn.functional', 'F')}(torch.zeros(2), torch.zeros(2), reduction='some')",
        f"{_case.name.replace('nn.functional', 'F')}(torch.zeros(2), torch.zeros(2), weight=torch.ones(3))",
    )
bce.refuses(
    "F.binary_cross_entropy(torch.full((2,), 1.5), torch.zeros(2))",
    "F.binary_cross_entropy(torch.full((2,), -0.5), torch.zeros(2))",
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
