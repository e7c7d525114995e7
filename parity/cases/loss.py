"""Losses, as functions and as modules: one body for both."""

from __future__ import annotations

from collections.abc import Callable

from parity.compare.case import Case, case
from parity.compare.draw import Draw, Shape, volume

REDUCTIONS = ("mean", "sum", "none")
Arguments = tuple[str, str]
"""The inputs as text, and the options, of a loss."""


def _loss(
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


def _reduction(d: Draw) -> str:
    return d.choose("", *(f", reduction='{r}'" for r in REDUCTIONS))


def _classes(d: Draw) -> tuple[Shape, Shape, int]:
    """The shapes of scores and labels, and the number of classes."""
    n = d.integer(1, 6)
    rest = d.choose((), (), (d.integer(1, 3),), (2, d.integer(1, 3)))
    batch = (d.integer(1, 5),) if rest or d.integer(0, 4) < 4 else ()
    d.terms = n + volume(batch + rest)
    return (*batch, n, *rest), batch + rest, n


def _labels(d: Draw, shape: Shape, classes: int, options: str) -> str:
    """Class indices, some of them ignored where the options ignore any."""
    labels = d.integers("target", shape, 0, classes)
    if "ignore_index" not in options or not shape:
        return str(labels)
    return f"torch.where({d.booleans('kept', shape)}, {labels}, {options.split('ignore_index=')[1].split(',')[0]})"


def _cross_entropy(d: Draw) -> Arguments:
    scores, labels, n = _classes(d)
    x = d.floats("x", scores, "special" if d.group == "special" else "normal|whole|zeros|big")
    options = _reduction(d)
    if d.group in ("smoothing", "probabilities"):
        options += f", label_smoothing={d.choose(0.1, 0.5, 1.0)}" if d.group == "smoothing" or d.flag() else ""
    if d.group == "probabilities":
        return f"{x}, {d.floats('target', scores, 'unit')}", options
    if d.group in ("ignore", "smoothing") and d.integer(0, 3):
        options += f", ignore_index={d.choose(0, n - 1, -100, -1)}"
    return f"{x}, {_labels(d, labels, n, options)}", options


def _weighted_cross_entropy(d: Draw) -> str:
    scores, labels, n = _classes(d)
    x, weight = d.floats("x", scores), d.floats("weight", (n,), "positive", grad=False)
    options = _reduction(d) + d.choose("", ", label_smoothing=0.25")
    target = d.floats("target", scores, "unit") if d.flag() else _labels(d, labels, n, options)
    return f"F.{d.choose('cross_entropy', 'cross_entropy')}({x}, {target}, weight={weight}{options})"


def _nll(d: Draw) -> Arguments:
    scores, labels, n = _classes(d)
    options = _reduction(d) + (f", ignore_index={d.choose(0, n - 1, -100, -1)}" if d.group == "ignore" else "")
    layout = "contiguous" if len(scores) > 2 else None  # torch refuses others for images
    return f"{d.floats('x', scores, layout=layout)}, {_labels(d, labels, n, options)}", options


def _weighted_nll(d: Draw) -> str:
    scores, labels, n = _classes(d)
    weight, options = d.floats("weight", (n,), "positive", grad=False), _reduction(d)
    x = d.floats("x", scores, layout="contiguous")
    return f"F.nll_loss({x}, {_labels(d, labels, n, options)}, weight={weight}{options})"


def _distance(d: Draw) -> Arguments:
    shape = d.shape()
    d.terms = volume(shape) or 1
    fill = "special" if d.group == "special" else "normal|whole|zeros"
    return f"{d.floats('x', shape, fill)}, {d.floats('target', shape, fill)}", _reduction(d)


cross_entropy, cross_entropy_module = _loss(
    "cross_entropy", "CrossEntropyLoss", _cross_entropy, ("", "ignore", "smoothing", "probabilities", "special")
)
nll_loss, nll_loss_module = _loss("nll_loss", "NLLLoss", _nll, ("", "ignore"))
mse_loss, mse_loss_module = _loss("mse_loss", "MSELoss", _distance, ("", "special"))
l1_loss, l1_loss_module = _loss("l1_loss", "L1Loss", _distance, ("", "special"))
case("nn.functional.cross_entropy(weight)")(_weighted_cross_entropy)
case("nn.functional.nll_loss(weight)")(_weighted_nll)


@case("nn.CrossEntropyLoss(weight)", kind="module")
def weighted_modules(d: Draw) -> str:
    scores, labels, n = _classes(d)
    weights = [d.integer(1, 8) / 4 for _ in range(n)]
    d.build = f"nn.{d.choose('CrossEntropyLoss', 'NLLLoss')}(weight=torch.tensor({weights}){_reduction(d)})"
    return f"m({d.floats('x', scores, layout='contiguous')}, {_labels(d, labels, n, '')})"


cross_entropy.refuses(
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([0, 3]))",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([0, -1]))",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([0]))",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([0.0, 1.0]))",
    "F.cross_entropy(torch.ones(2, 3), torch.ones(2, 4))",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([0, 1]), weight=torch.ones(2))",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([0, 1]), reduction='some')",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([0, 1]), label_smoothing=1.5)",
    "F.cross_entropy(torch.ones(2, 3, dtype=torch.int64), torch.tensor([0, 1]))",
    "F.cross_entropy(torch.ones(2, 3), torch.tensor([0, 1], dtype=torch.int32))",
    "F.cross_entropy(torch.ones(2, 3), torch.ones(2, 3), ignore_index=0)",
)
nll_loss.refuses(
    "F.nll_loss(torch.ones(2, 3), torch.tensor([0, 3]))",
    "F.nll_loss(torch.ones(2, 3), torch.tensor([0, 1, 2]))",
    "F.nll_loss(torch.ones(2, 3), torch.tensor([0.0, 1.0]))",
    "F.nll_loss(torch.ones(2, 3), torch.tensor([0, 1]), reduction='some')",
    "F.nll_loss(torch.ones(2, 3, 4), torch.zeros(2, 5, dtype=torch.int64))",
    "F.nll_loss(torch.ones(2, 3), torch.tensor([0, 1]), weight=torch.ones(4))",
)


@cross_entropy.refuses_drawn
def broken_labels(d: Draw) -> str:
    """Labels out of range, or in another shape."""
    scores, labels, n = _classes(d)
    x, name = d.floats("x", scores, layout="contiguous"), d.choose("cross_entropy", "nll_loss")
    if d.flag():
        low, high = d.choose((n, n + 3), (-3, 0))
        return f"F.{name}({x}, {d.integers('target', labels, low, high)})"
    return f"F.{name}({x}, {d.integers('target', (7, *labels), 0, n)})"


for _function in ("mse_loss", "l1_loss"):
    (mse_loss if _function == "mse_loss" else l1_loss).refuses(
        f"F.{_function}(torch.ones(2, 3), torch.ones(2))",
        f"F.{_function}(torch.ones(2), torch.ones(2), reduction='some')",
        f"F.{_function}(torch.ones(2), 1.0)",
        f"F.{_function}(torch.ones(2))",
    )
for _module in (cross_entropy_module, nll_loss_module):
    _module.refuses(
        f"{_module.name}(); m(torch.ones(2, 3), torch.tensor([0, 3]))",
        f"{_module.name}(reduction='some'); m(torch.ones(2, 3), torch.tensor([0, 1]))",
        f"{_module.name}(); m(torch.ones(2, 3))",
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
