"""Losses over classes: of labels and of probabilities, with weights, smoothing and ignored labels."""

from __future__ import annotations

from math import inf

from parity.cases.loss import REDUCTIONS, Arguments, loss, reduction
from parity.compare.case import Case, case
from parity.compare.draw import Draw, Shape, volume


def _classes(d: Draw) -> tuple[Shape, Shape, int]:
    """The shapes of scores and labels, and the number of classes."""
    n = d.integer(1, 6)
    rest = d.choose((), (), (d.integer(1, 3),), (2, d.integer(1, 3)))
    batch = (d.integer(1, 5),) if rest or d.integer(0, 4) < 4 else ()
    d.terms = n + volume(batch + rest)
    return (*batch, n, *rest), batch + rest, n


def _labels(d: Draw, shape: Shape, classes: int, options: str) -> str:
    """Class indices; some of them are ignored if the options say so."""
    labels = d.integers("target", shape, 0, classes)
    if "ignore_index" not in options or not shape:
        return str(labels)
    return f"torch.where({d.booleans('kept', shape)}, {labels}, {options.split('ignore_index=')[1].split(',')[0]})"


def _cross_entropy(d: Draw) -> Arguments:
    scores, labels, n = _classes(d)
    x = d.floats("x", scores, "special" if d.group == "special" else "normal|whole|zeros|big")
    options = reduction(d)
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
    options = reduction(d) + d.choose("", ", label_smoothing=0.25")
    target = d.floats("target", scores, "unit") if d.flag() else _labels(d, labels, n, options)
    return f"F.{d.choose('cross_entropy', 'cross_entropy')}({x}, {target}, weight={weight}{options})"


def _nll(d: Draw) -> Arguments:
    scores, labels, n = _classes(d)
    options = reduction(d) + (f", ignore_index={d.choose(0, n - 1, -100, -1)}" if d.group == "ignore" else "")
    layout = "contiguous" if len(scores) > 2 else None  # torch refuses other layouts for images
    return f"{d.floats('x', scores, layout=layout)}, {_labels(d, labels, n, options)}", options


def _weighted_nll(d: Draw) -> str:
    scores, labels, n = _classes(d)
    weight, options = d.floats("weight", (n,), "positive", grad=False), reduction(d)
    x = d.floats("x", scores, layout="contiguous")
    return f"F.nll_loss({x}, {_labels(d, labels, n, options)}, weight={weight}{options})"


cross_entropy, cross_entropy_module = loss(
    "cross_entropy", "CrossEntropyLoss", _cross_entropy, ("", "ignore", "smoothing", "probabilities", "special")
)
nll_loss, nll_loss_module = loss("nll_loss", "NLLLoss", _nll, ("", "ignore"))
case("nn.functional.cross_entropy(weight)")(_weighted_cross_entropy)
case("nn.functional.nll_loss(weight)")(_weighted_nll)


@case("nn.CrossEntropyLoss(weight)", kind="module")
def weighted_modules(d: Draw) -> str:
    scores, labels, n = _classes(d)
    weights = [d.integer(1, 8) / 4 for _ in range(n)]
    d.build = f"nn.{d.choose('CrossEntropyLoss', 'NLLLoss')}(weight=torch.tensor({weights}){reduction(d)})"
    return f"m({d.floats('x', scores, layout='contiguous')}, {_labels(d, labels, n, '')})"


def _labelled(c: Case, *texts: str) -> None:
    """Pin calls with six scores of four classes in `x`, their labels in `target`, or probabilities in `p.abs()`."""
    c.example(*texts, terms=28, x=(6, 4), target=[0, 1, 3, 1, 2, 0], p=(6, 4), weight=[0.5, 1.0, 2.0, 0.25])


for _reduced in REDUCTIONS:
    for _options in ("", ", ignore_index=1", ", weight=weight.detach()", ", weight=weight.detach(), ignore_index=1"):
        _call = f"x, target, reduction='{_reduced}'{_options}"
        _labelled(nll_loss, f"F.nll_loss({_call})")
        for _smoothing in (0.0, 0.2, 1.0):
            _labelled(cross_entropy, f"F.cross_entropy({_call}, label_smoothing={_smoothing})")
    for _options in ("", ", weight=weight", ", label_smoothing=0.2", ", weight=weight, label_smoothing=0.2"):
        _labelled(cross_entropy, f"F.cross_entropy(x, p.abs(), reduction='{_reduced}'{_options})")
_labelled(cross_entropy, "F.cross_entropy(x, target.to(torch.uint8))")
_labelled(cross_entropy, "F.cross_entropy(x.detach(), target * 0 + 7, ignore_index=7)")  # all targets are ignored: NaN
_labelled(cross_entropy, "F.cross_entropy(x[:0].detach(), p[:0].detach())")  # the same
for _options in ("", ", reduction='none'", ", ignore_index=1"):
    for _case, _call in (
        (cross_entropy, f"F.cross_entropy({{}}, {{}}{_options}, label_smoothing=0.2)"),
        (nll_loss, f"F.nll_loss({{}}, {{}}{_options})"),
    ):
        _case.example(
            _call.format("one", "target[0, 2]"),
            _call.format("none", "target[0, :0]"),
            _call.format("rows", "target"),
            _call.format("images", "target[..., None]"),
            _call.format("volumes", "target[None, ..., None]"),
            terms=28,
            one=(4,),
            none=(0, 4),
            rows=(2, 4, 3),
            images=(2, 4, 3, 1),
            volumes=(1, 4, 2, 3, 1),
            target=[[0, 1, 3], [1, 1, 2]],
        )
cross_entropy.example(
    "F.cross_entropy(x, torch.tensor([1, 2, 0]), reduction='none')",
    x=[[1e4, -1e4, 0], [-inf, 0, 3], [500, 500, 500]],
)


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
    "F.cross_entropy(torch.ones(4), torch.tensor([2, 1]))",
    "F.cross_entropy(torch.ones(()), torch.tensor(0))",
    "F.cross_entropy(torch.ones(3, 4, 5), torch.ones(3, 4, dtype=torch.int64))",
    "F.cross_entropy(torch.ones(3, 4, 5, 6), torch.ones(3, 5, 5, dtype=torch.int64))",
    "F.cross_entropy(torch.ones(3, 4), torch.tensor([[0], [1], [2]]))",
    "F.cross_entropy(torch.ones(3, 4), torch.tensor([0, 1, 2]), torch.ones(4).double())",
    "F.cross_entropy(torch.ones(3, 4), torch.tensor([0, 1, 2]), torch.ones(4, requires_grad=True))",
    "F.cross_entropy(torch.ones(3, 4), torch.ones(3, 4), torch.ones(3))",
    "F.cross_entropy(torch.ones(3, 4), torch.tensor([0, 1, 4]), label_smoothing=0.1)",
    "F.cross_entropy(torch.ones(3, 4), torch.tensor([0, 1, 2]), ignore_index=1.5)",
    "F.cross_entropy(1, torch.tensor(2))",
)
nll_loss.refuses(
    "F.nll_loss(torch.ones(2, 3), torch.tensor([0, 3]))",
    "F.nll_loss(torch.ones(2, 3), torch.tensor([0, 1, 2]))",
    "F.nll_loss(torch.ones(2, 3), torch.tensor([0.0, 1.0]))",
    "F.nll_loss(torch.ones(2, 3), torch.tensor([0, 1]), reduction='some')",
    "F.nll_loss(torch.ones(2, 3, 4), torch.zeros(2, 5, dtype=torch.int64))",
    "F.nll_loss(torch.ones(2, 3), torch.tensor([0, 1]), weight=torch.ones(4))",
    "F.nll_loss(torch.ones(3, 4), torch.ones(3, 4))",
    "F.nll_loss(torch.ones(()), torch.tensor(1))",
    "F.nll_loss(torch.ones(3, 4, 5, 5), torch.ones(3, 5, dtype=torch.int64))",
    "F.nll_loss(torch.ones(3, 4, 5, 5), torch.ones(3, 5, 5, dtype=torch.uint8))",
    "F.nll_loss(torch.ones(3, 4, dtype=torch.int64), torch.tensor([0, 1, 2]))",
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


for _module in (cross_entropy_module, nll_loss_module):
    _module.refuses(
        f"{_module.name}(); m(torch.ones(2, 3), torch.tensor([0, 3]))",
        f"{_module.name}(reduction='some'); m(torch.ones(2, 3), torch.tensor([0, 1]))",
        f"{_module.name}(); m(torch.ones(2, 3))",
    )
cross_entropy_module.example(
    "nn.CrossEntropyLoss(torch.tensor([1.0, 2.0, 3.0]), None, 1, None, 'sum', 0.1); m(x, target)",
    terms=12,
    x=(4, 3),
    target=[0, 1, 2, 2],
)
nll_loss_module.example(
    "nn.NLLLoss(torch.tensor([1.0, 2.0, 3.0]), ignore_index=1); m(x, target)", terms=12, x=(4, 3), target=[0, 1, 2, 2]
)
