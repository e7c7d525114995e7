"""Unfold and fold: windows as columns, and columns added back to an image."""

from __future__ import annotations

from parity.cases.windows import Convolution, short
from parity.compare.case import case
from parity.compare.draw import Draw, Shape

WINDOWS = ("plain", "stride", "padding", "dilation", "everything")


def _windows(d: Draw) -> tuple[Shape, Shape, str, int]:
    """The shapes of an image and of its columns, the arguments from the kernel size on, and the number of elements of a window."""
    c = Convolution(d, d.group)
    size = c.shape[-2:]
    padding = c.padding if isinstance(c.padding, tuple) else (0, 0)
    counts = [(n + 2 * p - span) // s + 1 for n, p, span, s in zip(size, padding, c.spans, c.stride, strict=True)]
    channels, taps = d.integer(1, 3), c.kernel[0] * c.kernel[1]
    batch = d.choose((d.batch(),), ())
    given = {"dilation": (c.dilation, (1, 1)), "padding": (padding, (0, 0)), "stride": (c.stride, (1, 1))}
    options = "".join(f", {name}={short(value)}" for name, (value, default) in given.items() if value != default)
    columns = (*batch, channels * taps, counts[0] * counts[1])
    return (*batch, channels, *size), columns, f"{short(c.kernel)}{options}", taps


@case("nn.functional.unfold", groups=WINDOWS)
def unfold(d: Draw) -> str:
    image, _, arguments, taps = _windows(d)
    d.gradient_terms = taps
    return f"F.unfold({d.floats('x', image)}, {arguments})"


@case("nn.functional.fold", groups=WINDOWS)
def fold(d: Draw) -> str:
    image, columns, arguments, d.terms = _windows(d)
    return f"F.fold({d.floats('x', columns)}, {short(image[-2:])}, {arguments})"


@case("nn.Unfold", groups=WINDOWS, kind="module")
def unfold_module(d: Draw) -> str:
    image, _, arguments, taps = _windows(d)
    d.gradient_terms = taps
    d.build = f"nn.Unfold({arguments})"
    return f"m({d.floats('x', image)})"


@case("nn.Fold", groups=WINDOWS, kind="module")
def fold_module(d: Draw) -> str:
    image, columns, arguments, d.terms = _windows(d)
    d.build = f"nn.Fold({short(image[-2:])}, {arguments})"
    return f"m({d.floats('x', columns)})"


unfold.refuses(
    "F.unfold(torch.ones(1, 1, 2, 2), 3)",
    "F.unfold(torch.ones(2, 2), 2)",
    "F.unfold(torch.ones(1, 0, 2, 2), 2)",
    "F.unfold(torch.ones(1, 1, 0, 2), 2, padding=2)",
    "F.unfold(torch.ones(1, 1, 2, 2), 2, stride=0)",
    "F.unfold(torch.ones(1, 1, 2, 2), 2, padding=-1)",
    "F.unfold(torch.ones(1, 1, 2, 2), 2, dilation=0)",
    "F.unfold(torch.ones(1, 1, 2, 2), 0)",
    "F.unfold(torch.ones(1, 1, 2, 2, dtype=torch.int64), 2)",
    "F.unfold(torch.ones(1, 1, 2, 2), (2, 2, 2))",
    "F.unfold(torch.ones(1, 1, 2, 2), (2,))",
    "F.unfold(torch.ones(1, 1, 2, 2), 2.5)",
)
fold.refuses(
    "F.fold(torch.ones(1, 4, 3), (2, 2), 2)",
    "F.fold(torch.ones(1, 5, 1), (2, 2), 2)",
    "F.fold(torch.ones(1, 4, 1, 1), (2, 2), 2)",
    "F.fold(torch.ones(1, 4, 0), (1, 1), 2)",
    "F.fold(torch.ones(1, 4, 1), (2, 2), 2, stride=0)",
    "F.fold(torch.ones(1, 4, 1), (2, 2), 2, dilation=0)",
    "F.fold(torch.ones(1, 4, 1), (2, 2), 2, padding=-1)",
    "F.fold(torch.ones(1, 4, 1), (2, 2), 0)",
    "F.fold(torch.ones(1, 4, 1, dtype=torch.int64), (2, 2), 2)",
    "F.fold(torch.ones(1, 4, 1), (2, 2, 2), 2)",
    "F.fold(torch.ones(1, 4, 1), (2,), 2)",
    "F.fold(torch.ones(1, 4, 1), (2.0, 2), 2)",
)
unfold_module.refuses("nn.Unfold(3); m(torch.ones(1, 1, 2, 2))", "nn.Unfold(); m(torch.ones(1, 1, 2, 2))")
fold_module.refuses("nn.Fold((2, 2), 2); m(torch.ones(1, 4, 3))", "nn.Fold((2, 2)); m(torch.ones(1, 4, 1))")
unfold_module.example("nn.Unfold((3, 2), dilation=(1, 2), padding=1, stride=2); m(x)", gradient_terms=6, x=(2, 3, 6, 7))
fold_module.example("nn.Fold((4, 5), (2, 3), stride=(2, 1)); m(x)", terms=6, x=(2, 12, 6))
