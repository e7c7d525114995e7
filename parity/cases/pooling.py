"""Pooling in one and two dimensions, ties and padding included, and adaptive pooling: functions and modules."""

from __future__ import annotations

from math import inf, nan

from parity.cases.windows import MAXIMA, MEANS, Pooling, short
from parity.compare.case import CASES, case
from parity.compare.draw import Draw, Shape, volume


def _fill(d: Draw) -> str:
    return "special" if d.group == "special" else "normal|whole|zeros"


@case("nn.functional.max_pool2d", groups=MAXIMA)
def max_pool2d(d: Draw) -> str:
    w = Pooling(d, d.group)
    d.gradient_terms = w.taps
    return f"F.max_pool2d({d.floats('x', w.shape, _fill(d))}, {w.arguments}{d.choose('', ', return_indices=True')})"


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
    "F.max_pool2d(torch.ones(1, 1, 4, 4), 2.0)",
    "F.max_pool2d(torch.ones(1, 1, 4, 4, dtype=torch.bool), 2)",
    "F.max_pool2d(1, 2)",
    "F.max_pool2d(torch.ones(1, 1, 8, 8), 12, 2, ceil_mode=True)",
    "F.max_pool2d(torch.ones(1, 1, 8, 8), 3, padding=2, dilation=2)",
    "F.max_pool2d(torch.ones(1, 1, 0, 8), 2)",
    "F.max_pool2d(torch.ones(2, 3, 8, 8), ())",
    "F.max_pool2d(torch.ones(2, 3, 8, 8), (2, -1))",
    "F.max_pool2d(torch.ones(2, 3, 8, 8), 2, stride=(2, 0))",
    "F.max_pool2d(torch.ones(2, 3, 8, 8), 2, stride=(-1, 1))",
    "F.max_pool2d(torch.ones(2, 3, 8, 8), 2, padding=(0, -1))",
    "F.max_pool2d(torch.ones(2, 3, 8, 8), 2, ceil_mode=1)",
)


@max_pool2d.refuses_drawn
def broken_pool(d: Draw) -> str:
    """A valid window with one thing broken."""
    w = Pooling(d, d.choose("plain", "stride", "dilation"))
    height, width = w.shape[-2:]
    wrong = d.choose(
        f"({height + 1}, 1)", f"({width + 3},) * 2", "2, padding=2", "3, stride=(1, 0)", "2, stride=-1", "2, padding=(0, -1)", "(0, 1)", "-1", f"2, dilation={height + width}", "2, dilation=0",
        "(1, 2, 3)", "2, stride=(1, 2, 3)",
    )  # fmt: skip
    name = "max_pool2d" if "dilation" in wrong else d.choose("max_pool2d", "avg_pool2d")
    return f"F.{name}({d.floats('x', w.shape)}, {wrong})"


def _average_options(d: Draw) -> str:
    return d.choose("", ", count_include_pad=False") + d.choose("", "", ", divisor_override=3")


max_pool2d.example(  # of equal values the first is chosen, of NaNs the last, and never padding
    "F.max_pool2d(x, 2, return_indices=True)",
    "F.max_pool2d(x, 3, 2, 1, return_indices=True)",
    "F.max_pool2d(x, (1, 4), 1, return_indices=True)",
    "F.max_pool2d(x[:, :, 2:], 2, 1, 1, 2, return_indices=True)",
    gradient_terms=4,
    x=[[[[1.0, 1, nan, 2], [1, 1, 3, nan], [-inf, -inf, 0, 0], [-inf, -inf, 0, 0]]]],
)
max_pool2d.example(
    "F.max_pool2d(x, 3, 1, 1, return_indices=True)",
    *(
        f"F.max_pool2d(x.to(torch.{_dtype}), 2, padding=1, return_indices=True)"
        for _dtype in ("int32", "int16", "int8", "uint8")
    ),
    "F.max_pool2d(x + -9223372036854775800, 2, padding=1, return_indices=True)",
    x=[[[n % 7 - 3 for n in range(i, i + 4)] for i in range(0, 16, 4)]] * 2,
)
max_pool2d.example("F.max_pool2d(x, 2, return_indices=True)", x=(0, 3, 6, 7))
max_pool2d.example("F.max_pool2d(x, 20, 10, return_indices=True)", gradient_terms=4, x=(2, 40, 40))  # over 255 taps


@case("nn.functional.avg_pool2d", groups=MEANS)
def avg_pool2d(d: Draw) -> str:
    w = Pooling(d, d.group)
    d.terms = w.taps
    return f"F.avg_pool2d({d.floats('x', w.shape, _fill(d))}, {w.arguments}{_average_options(d)})"


avg_pool2d.refuses(
    *(text.replace("NAME", "avg_pool2d") for text in _WRONG),
    "F.avg_pool2d(torch.ones(1, 1, 4, 4), 2, divisor_override=0)",
    "F.avg_pool2d(torch.ones(1, 1, 4, 4, dtype=torch.bool), 2)",
    "F.avg_pool2d(torch.ones(1, 1, 4, 4), 2, ceil_mode=1)",
    "F.avg_pool2d(torch.ones(1, 1, 4, 4, dtype=torch.int32), 2)",
    "F.avg_pool2d(torch.ones(1, 1, 4, 4), 2, count_include_pad=1)",
)


avg_pool2d.example("F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False)", terms=9, x=(2, 3, 7, 7))
avg_pool2d.example(
    "F.avg_pool2d(x, 2, divisor_override=-3)", "F.avg_pool2d(x, 2, ceil_mode=True).square()", terms=9, x=(3, 7, 7)
)
avg_pool2d.example(
    "F.avg_pool2d(x, 2, 1)",
    "F.avg_pool2d(x, 3, 2, 1, divisor_override=-2)",
    "F.avg_pool2d(x * 2**53, (1, 2))",
    x=[[[n % 7 - 3 for n in range(i, i + 4)] for i in range(0, 16, 4)]],
)
avg_pool2d.example("F.avg_pool2d(x, 2)", x=(0, 3, 6, 7))


@case("nn.MaxPool2d", groups=MAXIMA, kind="module")
def max_pool2d_module(d: Draw) -> str:
    w = Pooling(d, d.group)
    d.gradient_terms = w.taps
    d.build = f"nn.MaxPool2d({w.arguments}{d.choose('', ', return_indices=True')})"
    return f"m({d.floats('x', w.shape, _fill(d))})"


@case("nn.AvgPool2d", groups=MEANS, kind="module")
def avg_pool2d_module(d: Draw) -> str:
    w = Pooling(d, d.group)
    d.terms = w.taps
    d.build = f"nn.AvgPool2d({w.arguments}{_average_options(d)})"
    return f"m({d.floats('x', w.shape, _fill(d))})"


for _module in (max_pool2d_module, avg_pool2d_module):
    _module.refuses(
        f"{_module.name}(5); m(torch.ones(1, 1, 4, 4))",
        f"{_module.name}(2, padding=2); m(torch.ones(1, 1, 4, 4))",
        f"{_module.name}(2); m(torch.ones(4, 4))",
        f"{_module.name}(); m(torch.ones(1, 1, 4, 4))",
    )

# -- one dimension


@case("nn.functional.max_pool1d", groups=MAXIMA, also=["nn.functional.max_pool1d_with_indices"])
def max_pool1d(d: Draw) -> str:
    w = Pooling(d, d.group, 1)
    d.gradient_terms = w.taps
    x = d.floats("x", w.shape, _fill(d))
    if d.flag():
        return f"F.max_pool1d_with_indices({x}, {w.arguments})"
    return f"F.max_pool1d({x}, {w.arguments}{d.choose('', ', return_indices=True')})"


@case("nn.functional.max_pool2d_with_indices", groups=MAXIMA)
def max_pool2d_with_indices(d: Draw) -> str:
    w = Pooling(d, d.group)
    d.gradient_terms = w.taps
    return f"F.max_pool2d_with_indices({d.floats('x', w.shape, _fill(d))}, {w.arguments})"


@case("nn.functional.avg_pool1d", groups=MEANS)
def avg_pool1d(d: Draw) -> str:
    w = Pooling(d, d.group, 1)
    d.terms = w.taps
    return f"F.avg_pool1d({d.floats('x', w.shape, _fill(d))}, {w.arguments}{d.choose('', ', count_include_pad=False')})"


for _case, _name in ((max_pool1d, "max_pool1d"), (avg_pool1d, "avg_pool1d")):
    _case.refuses(
        f"F.{_name}(torch.ones(1, 1, 4), 5)",
        f"F.{_name}(torch.ones(1, 1, 4), 2, padding=2)",
        f"F.{_name}(torch.ones(1, 1, 4), 2, stride=0)",
        f"F.{_name}(torch.ones(1, 1, 4), 0)",
        f"F.{_name}(torch.ones(4), 2)",
        f"F.{_name}(torch.ones(1, 1, 4))",
    )


@case("nn.MaxPool1d", groups=MAXIMA, kind="module")
def max_pool1d_module(d: Draw) -> str:
    w = Pooling(d, d.group, 1)
    d.gradient_terms = w.taps
    d.build = f"nn.MaxPool1d({w.arguments}{d.choose('', ', return_indices=True')})"
    return f"m({d.floats('x', w.shape, _fill(d))})"


@case("nn.AvgPool1d", groups=MEANS, kind="module")
def avg_pool1d_module(d: Draw) -> str:
    w = Pooling(d, d.group, 1)
    d.terms = w.taps
    d.build = f"nn.AvgPool1d({w.arguments}{d.choose('', ', count_include_pad=False')})"
    return f"m({d.floats('x', w.shape, _fill(d))})"


for _module in (max_pool1d_module, avg_pool1d_module):
    _module.refuses(
        f"{_module.name}(5); m(torch.ones(1, 1, 4))",
        f"{_module.name}(2); m(torch.ones(4))",
        f"{_module.name}(); m(torch.ones(1, 1, 4))",
    )

# -- adaptive


def _adaptive(d: Draw, dims: int) -> tuple[Shape, str]:
    """The shape of an input, and an output size."""
    shape = (*d.choose((d.size(1, 3),), ()), d.size(1, 3), *(d.size(1, 7) for _ in range(dims)))
    d.terms = d.gradient_terms = volume(shape[-dims:])
    sizes = tuple(d.choose(None, d.size(1, 5)) if dims == 2 and d.flag() else d.size(1, 5) for _ in range(dims))
    return shape, str((short(sizes) or sizes) if dims == 2 else sizes[0])


for _dims in (1, 2):

    @case(f"nn.functional.adaptive_avg_pool{_dims}d")
    def adaptive(d: Draw, dims: int = _dims) -> str:
        shape, size = _adaptive(d, dims)
        return f"F.adaptive_avg_pool{dims}d({d.floats('x', shape)}, {size})"

    @case(f"nn.AdaptiveAvgPool{_dims}d", kind="module")
    def adaptive_module(d: Draw, dims: int = _dims) -> str:
        shape, size = _adaptive(d, dims)
        d.build = f"nn.AdaptiveAvgPool{dims}d({size})"
        return f"m({d.floats('x', shape)})"

    adaptive.refuses(
        f"F.adaptive_avg_pool{_dims}d(torch.ones(4), 2)",
        f"F.adaptive_avg_pool{_dims}d(torch.ones(1, 4, 4, 4), (1, 2, 3))",
    )
    adaptive_module.refuses(
        f"nn.AdaptiveAvgPool{_dims}d(2); m(torch.ones(4))", f"nn.AdaptiveAvgPool{_dims}d(); m(torch.ones(1, 4, 4, 4))"
    )


CASES["nn.functional.adaptive_avg_pool2d"].example(
    *(f"F.adaptive_avg_pool2d(x, {_size})" for _size in ("(3, None)", "(None, 4)", "(7, 2)", "1")),
    "F.adaptive_avg_pool2d(x.detach(), (0, 2))",
    "F.adaptive_avg_pool2d(x, 2).square()",
    terms=35,
    gradient_terms=70,
    x=(2, 3, 5, 7),
)
CASES["nn.functional.adaptive_avg_pool2d"].example("F.adaptive_avg_pool2d(x, 2)", x=[[[inf, 1, 1, 1], [1, 1, 1, 1]]])
CASES["nn.functional.adaptive_avg_pool2d"].refuses(
    "F.adaptive_avg_pool2d(torch.ones(1, 1, 4, 4), -1)", "F.adaptive_avg_pool2d(torch.ones(2, 3, 8, 0), 2)"
)
CASES["nn.AvgPool2d"].refuses("nn.AvgPool2d(0); m(torch.ones(1, 1, 4, 4))")
max_pool2d_module.example(
    "nn.MaxPool2d((3, 2), stride=(2, 1), padding=(1, 0), dilation=1, return_indices=True, ceil_mode=True); m(x)",
    gradient_terms=6,
    x=(2, 3, 6, 7),
)
avg_pool2d_module.example(
    "nn.AvgPool2d((3, 2), (2, 1), (1, 0), ceil_mode=True, count_include_pad=False, divisor_override=5); m(x)",
    terms=6,
    x=(2, 3, 6, 7),
)
avg_pool1d.refuses(
    "F.avg_pool1d(torch.ones(1, 1, 4), 2, ceil_mode=1)", "F.avg_pool1d(torch.ones(1, 1, 4), 2, count_include_pad=1)"
)
