"""Pooling: windows that fit, ties and padding included."""

from __future__ import annotations

from parity.cases.conv import short
from parity.compare.case import case
from parity.compare.draw import Draw

GROUPS = ("plain", "stride", "padding", "ceil_mode", "special")
MAX_GROUPS = (*GROUPS, "dilation")


class Window:
    """A configuration of a two-dimensional pooling and the shape of an input that it takes."""

    def __init__(self, d: Draw, kind: str) -> None:
        self.kernel = self._pair(d, 1, 3)
        self.stride = self._pair(d, 1, 4) if kind != "plain" else None
        self.padding = tuple(d.integer(0, k // 2) for k in self.kernel) if kind in ("padding", "ceil_mode") else (0, 0)
        self.dilation = self._pair(d, 1, 3) if kind == "dilation" else (1, 1)
        self.ceil = kind == "ceil_mode" or (kind == "dilation" and d.flag())
        spans = [dilation * (kernel - 1) + 1 for kernel, dilation in zip(self.kernel, self.dilation, strict=True)]
        sides = [max(1, span - 2 * p) + d.integer(0, 6) for span, p in zip(spans, self.padding, strict=True)]
        self.shape = (*d.choose((d.batch(),), ()), d.integer(1, 3), *sides)
        self.taps = self.kernel[0] * self.kernel[1]

    @staticmethod
    def _pair(d: Draw, low: int, high: int) -> tuple[int, int]:
        n = d.integer(low, high)
        return (n, n) if d.flag() else (n, d.integer(low, high))

    def arguments(self) -> str:
        """The arguments from the kernel size on."""
        text = str(short(self.kernel))
        if self.stride is not None:
            text += f", stride={short(self.stride)}"
        if self.padding != (0, 0):
            text += f", padding={short(self.padding)}"
        if self.dilation != (1, 1):
            text += f", dilation={short(self.dilation)}"
        return text + (", ceil_mode=True" if self.ceil else "")


def _fill(d: Draw) -> str:
    return "special" if d.group == "special" else "normal|whole|zeros"


@case("nn.functional.max_pool2d", groups=MAX_GROUPS)
def max_pool2d(d: Draw) -> str:
    w = Window(d, d.group)
    d.gradient_terms = w.taps
    return f"F.max_pool2d({d.floats('x', w.shape, _fill(d))}, {w.arguments()}{d.choose('', ', return_indices=True')})"


_WRONG = (
    "F.NAME(torch.ones(1, 1, 4, 4), 5)",
    "F.NAME(torch.ones(1, 1, 4, 4), 2, padding=2)",
    "F.NAME(torch.ones(1, 1, 4, 4), 2, padding=-1)",
    "F.NAME(torch.ones(1, 1, 4, 4), 2, stride=0)",
    "F.NAME(torch.ones(1, 1, 4, 4), 0)",
    "F.NAME(torch.ones(4, 4), 2)",
    "F.NAME(torch.ones(1, 1, 4, 4), (2, 2, 2))",
    "F.NAME(torch.ones(1, 1, 1, 4, 4), 2)",
    "F.NAME(torch.ones(1, 1, 4, 4))",
    "F.NAME(torch.ones(1, 0, 4, 4), 2)",
)
max_pool2d.refuses(
    *(text.replace("NAME", "max_pool2d") for text in _WRONG),
    "F.max_pool2d(torch.ones(1, 1, 4, 4), 2, dilation=0)",
    "F.max_pool2d(torch.ones(1, 1, 4, 4), 2, dilation=4)",
)


@max_pool2d.refuses_drawn
def broken_pool(d: Draw) -> str:
    """A valid window with one thing broken."""
    w = Window(d, d.choose("plain", "stride", "dilation"))
    height, width = w.shape[-2:]
    wrong = d.choose(
        f"({height + 1}, 1)", f"({width + 3},) * 2", "2, padding=2", "3, stride=(1, 0)", "2, stride=-1", "2, padding=(0, -1)", "(0, 1)", "-1", f"2, dilation={height + width}", "2, dilation=0",
        "(1, 2, 3)", "2, stride=(1, 2, 3)",
    )  # fmt: skip
    name = "max_pool2d" if "dilation" in wrong else d.choose("max_pool2d", "avg_pool2d")
    return f"F.{name}({d.floats('x', w.shape)}, {wrong})"


def _average_options(d: Draw) -> str:
    return d.choose("", ", count_include_pad=False") + d.choose("", "", ", divisor_override=3")


@case("nn.functional.avg_pool2d", groups=GROUPS)
def avg_pool2d(d: Draw) -> str:
    w = Window(d, d.group)
    d.terms = w.taps
    return f"F.avg_pool2d({d.floats('x', w.shape, _fill(d))}, {w.arguments()}{_average_options(d)})"


avg_pool2d.refuses(
    *(text.replace("NAME", "avg_pool2d") for text in _WRONG),
    "F.avg_pool2d(torch.ones(1, 1, 4, 4), 2, divisor_override=0)",
    "F.avg_pool2d(torch.ones(1, 1, 4, 4, dtype=torch.bool), 2)",
)


@case("nn.MaxPool2d", groups=MAX_GROUPS, kind="module")
def max_pool2d_module(d: Draw) -> str:
    w = Window(d, d.group)
    d.gradient_terms = w.taps
    d.build = f"nn.MaxPool2d({w.arguments()}{d.choose('', ', return_indices=True')})"
    return f"m({d.floats('x', w.shape, _fill(d))})"


@case("nn.AvgPool2d", groups=GROUPS, kind="module")
def avg_pool2d_module(d: Draw) -> str:
    w = Window(d, d.group)
    d.terms = w.taps
    d.build = f"nn.AvgPool2d({w.arguments()}{_average_options(d)})"
    return f"m({d.floats('x', w.shape, _fill(d))})"


for _module in (max_pool2d_module, avg_pool2d_module):
    _module.refuses(
        f"{_module.name}(5); m(torch.ones(1, 1, 4, 4))",
        f"{_module.name}(2, padding=2); m(torch.ones(1, 1, 4, 4))",
        f"{_module.name}(2); m(torch.ones(4, 4))",
        f"{_module.name}(); m(torch.ones(1, 1, 4, 4))",
    )
