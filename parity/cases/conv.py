"""Convolution: configuration and shapes are drawn together, so that the kernel fits."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw

GROUPS = ("plain", "stride", "padding", "dilation", "groups", "same", "everything")


class Config:
    """A configuration of a two-dimensional convolution and the shape of an input that it takes."""

    def __init__(self, d: Draw, kind: str) -> None:
        every = kind == "everything"
        self.kernel = self._pair(d, 1, 3)
        self.stride = self._pair(d, 1, 3) if kind == "stride" or every else (1, 1)
        self.dilation = self._pair(d, 1, 3) if kind in ("dilation", "same") or every else (1, 1)
        self.groups = d.integer(1, 3) if kind == "groups" or every else 1
        self.padding: object = self._pair(d, 0, 2) if kind in ("padding", "stride") or every else (0, 0)
        if kind == "same":
            self.padding = d.choose("same", "same", "valid")
        self.inputs, self.outputs = self.groups * d.integer(1, 3), self.groups * d.integer(1, 3)
        spans = [dilation * (kernel - 1) + 1 for kernel, dilation in zip(self.kernel, self.dilation, strict=True)]
        pads = self.padding if isinstance(self.padding, tuple) else (0, 0)
        sides = [max(1, span - 2 * p) + d.integer(0, 5) for span, p in zip(spans, pads, strict=True)]
        batch = () if d.integer(0, 5) == 5 else (d.batch(),)
        self.shape = (*batch, self.inputs, *sides)
        taps = self.kernel[0] * self.kernel[1]
        places = max(1, batch[0] if batch else 1) * sides[0] * sides[1]
        d.terms = taps * self.inputs // self.groups + 1
        d.gradient_terms = max(taps * self.outputs // self.groups, places)

    @staticmethod
    def _pair(d: Draw, low: int, high: int) -> tuple[int, int]:
        n = d.integer(low, high)
        return (n, n) if d.flag() else (n, d.integer(low, high))

    def options(self) -> str:
        """The keyword arguments that differ from their defaults."""
        defaults = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1}
        given = {name: getattr(self, name) for name, default in defaults.items() if getattr(self, name) != default}
        return "".join(f", {name}={short(value)!r}" for name, value in given.items())


def short(value: object) -> object:
    """A pair of equal numbers as one number."""
    return value[0] if isinstance(value, tuple) and value[0] == value[1] else value


@case("nn.functional.conv2d", groups=GROUPS)
def conv2d(d: Draw) -> str:
    c = Config(d, d.group)
    x, weight = d.floats("x", c.shape), d.floats("weight", (c.outputs, c.inputs // c.groups, *c.kernel))
    bias = d.floats("bias", (c.outputs,)) if d.flag() else None
    return f"F.conv2d({x}, {weight}, {bias}{c.options()})"


conv2d.refuses(
    "F.conv2d(torch.ones(1, 2, 4, 4), torch.ones(1, 3, 2, 2))",
    "F.conv2d(torch.ones(1, 1, 2, 2), torch.ones(1, 1, 3, 3))",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), stride=0)",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), padding=-1)",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), dilation=0)",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), dilation=4)",
    "F.conv2d(torch.ones(1, 3, 4, 4), torch.ones(2, 1, 2, 2), groups=2)",
    "F.conv2d(torch.ones(1, 2, 4, 4), torch.ones(3, 1, 2, 2), groups=2)",
    "F.conv2d(torch.ones(1, 2, 4, 4), torch.ones(2, 1, 2, 2), groups=0)",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), torch.ones(2))",
    "F.conv2d(torch.ones(4, 4), torch.ones(1, 1, 2, 2))",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 2, 2))",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), padding='same', stride=2)",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), padding='some')",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), stride=(1, 2, 3))",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2, dtype=torch.float64))",
    "F.conv2d(torch.ones(1, 1, 4, 4, dtype=torch.int64), torch.ones(1, 1, 2, 2))",
    "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2), stride='a')",
)


@conv2d.refuses_drawn
def broken_conv2d(d: Draw) -> str:
    """A valid configuration with one thing broken."""
    c = Config(d, d.choose("plain", "stride", "padding", "dilation", "groups"))
    weight, options, bias = [c.outputs, c.inputs // c.groups, *c.kernel], c.options(), "None"
    broken = d.choose("channels", "kernel", "bias", "stride", "padding", "dilation", "groups", "rank", "outputs")
    if broken == "channels":
        weight[1] += 1
    elif broken == "kernel":
        weight[2] += c.shape[-2] + 4
    elif broken == "bias":
        bias = str(d.floats("bias", (c.outputs + 1,)))
    elif broken == "rank":
        weight = weight[: d.choose(1, 2, 3)]
    elif broken == "outputs":
        weight, options = [3, c.inputs, *c.kernel], ", groups=2"
    else:
        value = {
            "stride": d.choose(0, -1, (1, 0), (1, 2, 3)),
            "padding": d.choose(-1, (0, -2)),
            "dilation": d.choose(0, -1),
            "groups": d.choose(0, -1, c.inputs + 1),
        }
        options = f", {broken}={value[broken]}"
    return f"F.conv2d({d.floats('x', c.shape)}, {d.floats('weight', tuple(weight))}, {bias}{options})"


@case("nn.Conv2d", groups=(*GROUPS, "padding_mode"), kind="module")
def conv2d_module(d: Draw) -> str:
    mode = d.choose("reflect", "replicate", "circular") if d.group == "padding_mode" else "zeros"
    c = Config(d, "padding" if mode != "zeros" else d.group)
    if mode != "zeros":
        c.shape = (*c.shape[:-2], max(3, c.shape[-2]), max(3, c.shape[-1]))
    options = c.options() + ("" if mode == "zeros" else f", padding_mode={mode!r}") + d.choose("", "", ", bias=False")
    d.build = f"nn.Conv2d({c.inputs}, {c.outputs}, {short(c.kernel)}{options})"
    return f"m({d.floats('x', c.shape)})"


conv2d_module.refuses(
    "nn.Conv2d(3, 4, 2, groups=2); m(torch.ones(1, 3, 4, 4))",
    "nn.Conv2d(2, 3, 2, groups=2); m(torch.ones(1, 2, 4, 4))",
    "nn.Conv2d(2, 2, 2, groups=0); m(torch.ones(1, 2, 4, 4))",
    "nn.Conv2d(1, 1, 2, padding='some'); m(torch.ones(1, 1, 4, 4))",
    "nn.Conv2d(1, 1, 2, padding='same', stride=2); m(torch.ones(1, 1, 4, 4))",
    "nn.Conv2d(1, 1, 2, padding_mode='none'); m(torch.ones(1, 1, 4, 4))",
    "nn.Conv2d(1, 1, 2); m(torch.ones(1, 2, 4, 4))",
    "nn.Conv2d(1, 1, 5); m(torch.ones(1, 1, 4, 4))",
    "nn.Conv2d(1, 1, 2, padding=-1); m(torch.ones(1, 1, 4, 4))",
    "nn.Conv2d(1, 1, 2); m(torch.ones(4, 4))",
    "nn.Conv2d(1, 1, 2); m(torch.ones(1, 1, 4, 4, dtype=torch.float64))",
    "nn.Conv2d(1, 1); m(torch.ones(1, 1, 4, 4))",
    "nn.Conv2d(1, 1, 2, padding=5, padding_mode='reflect'); m(torch.ones(1, 1, 4, 4))",
    "nn.Conv2d(1, 1, 2); m()",
)
