"""Elementwise arithmetic, comparison and choice: a table for ops of one argument, a few lines for each other op."""

from __future__ import annotations

from minitorch.functions.public import TABLE
from parity.compare.case import CASES, case
from parity.compare.draw import ANY, Draw, volume

inf = float("inf")
POSITIVE = "positive"

# name: the values for which it is defined
UNARY: dict[str, str | tuple[float, float]] = {
    "abs": ANY,
    "acos": (-0.95, 0.95),
    "acosh": (1.1, 20.0),
    "asin": (-0.95, 0.95),
    "asinh": ANY,
    "atan": ANY,
    "atanh": (-0.95, 0.95),
    "ceil": ANY,
    "cos": ANY,
    "cosh": ANY,
    "erf": ANY,
    "erfc": ANY,
    "erfinv": (-0.95, 0.95),
    "exp": ANY,
    "exp2": ANY,
    "expm1": ANY,
    "floor": ANY,
    "frac": ANY,
    "isfinite": "special",
    "isinf": "special",
    "isnan": "special",
    "isreal": "special",
    "log": POSITIVE,
    "log10": POSITIVE,
    "log1p": POSITIVE,
    "log2": POSITIVE,
    "logical_not": ANY,
    "neg": ANY,
    "positive": ANY,
    "reciprocal": "apart",
    "relu": ANY,
    "rsqrt": POSITIVE,
    "sigmoid": ANY,
    "sign": ANY,
    "sin": ANY,
    "sinc": "apart",
    "sinh": ANY,
    "sqrt": POSITIVE,
    "square": ANY,
    "tan": ANY,
    "tanh": ANY,
    "trunc": ANY,
}


def _names(name: str) -> tuple[tuple[str, ...], bool, list[str]]:
    """The names of an op's function, whether there is an in-place form, and all other names that a case covers."""
    row = TABLE[name]
    inplace = row.inplace is not None
    also = [*row.also, *(f"Tensor.{n}" for n in row.names), *(f"Tensor.{n}_" for n in row.names if inplace)]
    return row.names, inplace, also


def _unary(name: str, fill: str | tuple[float, float]) -> None:
    names, inplace, also = _names(name)

    @case(name, groups=("", "special"), also=also)
    def unary(d: Draw) -> str:
        # In place, torch passes the gradient through logical_not unchanged. Near 0, as some special values are, the
        # gradient of sinc is the difference of two almost equal numbers: its error is a matter of luck in both libraries.
        grad = name != "logical_not" and not (name == "sinc" and d.group)
        x = d.floats("x", d.shape(), "special" if d.group else fill, grad=grad)
        return d.spell(d.choose(*names), x, inplace=inplace)

    unary.refuses(f"torch.{name}([1.0])", f"torch.{name}(torch.ones(2), torch.ones(2))")


for _name, _fill in UNARY.items():
    _unary(_name, _fill)

for _name in ("erf", "erfc"):
    CASES[_name].example(f"torch.{_name}(x)", x=[0.83, 0.845, 0.86, 1.25, -1.25, 2.85, 2.86, 4, 6, -6, 9, 20, 1e-30])
CASES["erfinv"].example("torch.erfinv(x)", x=[1e-30, -1e-6, 0.9, -0.99, 0.9999, 0.999999, -0.99999994])

# name: the values of the first operand, and of the second, which may be a number
BINARY: dict[str, tuple[str, str]] = {
    "add": (ANY, ANY),
    "sub": (ANY, ANY),
    "mul": (ANY, ANY),
    "div": (ANY, "apart"),
    "floor_divide": (ANY, "apart"),
    "remainder": (ANY, "apart"),
    "fmod": (ANY, "apart"),
    "eq": ("whole", "whole"),
    "ne": ("whole", "whole"),
    "lt": ("whole", "whole"),
    "le": ("whole", "whole"),
    "gt": ("whole", "whole"),
    "ge": ("whole", "whole"),
}
COMPARISONS = {"eq", "ne", "lt", "le", "gt", "ge"}


def _binary(name: str, first: str, second: str) -> None:
    names, _, also = _names(name)

    @case(name, groups=("", "special"), also=also)
    def binary(d: Draw) -> str:
        shape = d.shape()
        spelling = d.choose("plain", "plain", "number", "inplace")
        x = d.floats("x", d.broadcastable(shape, whole=spelling == "inplace"), "special" if d.group else first)
        y: object = d.choose(0.5, 2, -3, 1.25)
        if spelling != "number":
            y = d.floats("y", d.broadcastable(shape), "special" if d.group else second, grad=name not in COMPARISONS)
        return d.spell(d.choose(*names), x, y, inplace=spelling == "inplace")

    @binary.refuses_drawn
    def apart(d: Draw) -> str:
        shape = d.shape(1, empty=False)
        i = d.integer(0, len(shape) - 1)
        x = d.floats("x", (*shape[:i], shape[i] + 1, *shape[i + 1 :]))
        y = d.floats("y", (*shape[:i], shape[i] + 3, *shape[i + 1 :]))
        return d.spell(name, x, y, inplace=True)

    binary.refuses(
        f"torch.{name}(torch.ones(2, 3), torch.ones(2))",
        f"torch.ones(3).{name}_(torch.ones(2, 3))",
        f"torch.{name}(torch.ones(2), 'x')",
        f"torch.{name}(torch.ones(2))",
    )


for _name, (_first, _second) in BINARY.items():
    _binary(_name, _first, _second)

# Operations that accept only two tensors.
PAIRS: dict[str, tuple[str, str]] = {
    "atan2": ("apart", "apart"),
    "logaddexp": (ANY, ANY),
    "logical_and": ("whole", "whole"),
    "logical_or": ("whole", "whole"),
    "logical_xor": ("whole", "whole"),
    "maximum": ("normal|whole", "normal|whole"),
    "minimum": ("normal|whole", "normal|whole"),
}


def _pair(name: str, first: str, second: str) -> None:
    names, inplace, also = _names(name)

    @case(name, groups=("", "special"), also=also)
    def pair(d: Draw) -> str:
        shape = d.shape()
        in_place = inplace and d.flag()
        grad = not name.startswith("logical")
        x = d.floats("x", d.broadcastable(shape, whole=in_place), "special" if d.group else first, grad=grad)
        y = d.floats("y", d.broadcastable(shape), "special" if d.group else second, grad=grad)
        return d.spell(d.choose(*names), x, y, inplace=in_place)

    pair.refuses(f"torch.{name}(torch.ones(2, 3), torch.ones(2))", f"torch.{name}(torch.ones(2), 1.0)")


for _name, (_first, _second) in PAIRS.items():
    _pair(_name, _first, _second)


@case("add(alpha)")
def add_alpha(d: Draw) -> str:
    shape = d.shape()
    x, y = d.floats("x", shape), d.floats("y", d.broadcastable(shape))
    d.terms = 2
    return d.spell(
        d.choose("add", "sub", "rsub" if d.flag() else "sub"), x, y, f"alpha={d.real(0, -2, 0.5, 3)}", method=False
    )


add_alpha.refuses(
    "torch.add(torch.tensor([1]), torch.tensor([1]), alpha=0.5)",
    "torch.tensor([True]) - torch.tensor([True])",
    "1 - torch.tensor([True])",
)


@case("rsub")
def rsub(d: Draw) -> str:
    shape = d.shape()
    other = d.floats("y", d.broadcastable(shape)) if d.flag() else d.real(-1, 2)
    return f"torch.rsub({d.floats('x', shape)}, {other})"


@case("div(rounding_mode)", also=["true_divide", "Tensor.true_divide", "Tensor.true_divide_"])
def div_rounded(d: Draw) -> str:
    shape, mode = d.shape(), d.choose("'trunc'", "'floor'", "None")
    x, y = d.floats("x", shape, "normal|whole|big"), d.floats("y", d.broadcastable(shape), "apart")
    return d.spell(
        d.choose("div", "true_divide") if mode == "None" else "div",
        x,
        y,
        *([] if mode == "None" else [f"rounding_mode={mode}"]),
        inplace=True,
    )


div_rounded.refuses(
    "torch.div(torch.ones(2), 2, rounding_mode='up')",
    "torch.div(torch.tensor([1]), torch.tensor([0]), rounding_mode='floor')",
    "torch.tensor([1]) // 0",
    "torch.tensor([1]) % 0",
    "torch.ones(2, dtype=torch.int64).div_(2)",
)


@case("pow", groups=("", "special", "number"), also=["Tensor.pow", "Tensor.pow_", "float_power", "Tensor.float_power"])
def pow_(d: Draw) -> str:
    shape = d.shape()
    if d.group == "number":
        exponent = d.choose(2, 3, 0.5, -1, 0, 1, 2.0, -2, 1.5)
        x = d.floats("x", shape, "apart" if float(exponent).is_integer() else "positive")
        spelled = d.spell(d.choose("pow", "pow", "float_power"), x, exponent)
        return d.choose(spelled, spelled, f"{x}.clone().pow_({exponent})", f"torch.pow({d.choose(2, 0.5, 3.0)}, {x})")
    fill = d.group or "positive"
    x, y = d.floats("x", d.broadcastable(shape), fill), d.floats("y", d.broadcastable(shape), d.group or "normal|whole")
    return d.spell("pow", x, y)


pow_.example("torch.pow(x, 0.5)", x=[*[1.0] * 43, 0.04278647154569626, 1.0])  # its second derivative was 4.2 units off
pow_.refuses("torch.pow(torch.tensor([2]), -1)", "torch.pow(torch.ones(2), torch.ones(3))", "torch.pow(2, 3)")


@case(
    "clamp",
    groups=("", "special"),
    also=[
        "clip",
        "clamp_min",
        "clamp_max",
        *(f"Tensor.{n}{s}" for n in ("clamp", "clip", "clamp_min", "clamp_max") for s in ("", "_")),
    ],
)
def clamp(d: Draw) -> str:
    shape, kind = d.shape(), d.choose("both", "min", "max", "clamp_min", "clamp_max", "tensors")
    x = d.floats("x", shape, d.group or "normal|whole")
    low, high = d.choose(-1, -0.5, 0), d.choose(1, 0.5, -1)
    if kind == "tensors":
        lower, upper = (
            d.floats("low", d.broadcastable(shape), "normal|whole"),
            d.floats("high", d.broadcastable(shape), "normal|whole"),
        )
        arguments = d.choose((str(lower), str(upper)), (f"min={lower}",), (f"max={upper}",))
        return d.spell("clamp", x, *arguments, inplace=True)
    if kind.startswith("clamp_"):
        return d.spell(kind, x, low, inplace=True)
    arguments = {"both": (str(low), str(high)), "min": (f"min={low}",), "max": (f"max={high}",)}[kind]
    return d.spell(d.choose("clamp", "clip"), x, *arguments, inplace=True)


clamp.refuses(
    "torch.clamp(torch.ones(2))",
    "torch.clamp(torch.ones(2), 'a')",
    "torch.clamp(torch.ones(2), torch.ones(3), torch.ones(2))",
)


@case("round", groups=("", "special"), also=["Tensor.round", "Tensor.round_"])
def round_(d: Draw) -> str:
    fill = d.group or d.choose("normal", "whole", "big", "zeros")
    x = d.floats("x", d.shape(), fill)
    decimals = [f"decimals={d.choose(1, 2, -1)}"] if fill == "normal" and d.flag() else []
    return d.spell("round", f"({x} / 2)" if fill == "whole" else x, *decimals, inplace=True)


@case("lerp", also=["Tensor.lerp", "Tensor.lerp_"])
def lerp(d: Draw) -> str:
    shape = d.shape()
    x, end = d.floats("x", shape), d.floats("end", d.broadcastable(shape))
    weight = d.floats("weight", d.broadcastable(shape), "unit") if d.flag() else d.real(0, 0.25, 1)
    d.gradient_terms *= 2
    return d.spell("lerp", x, end, weight, inplace=True)


lerp.refuses(
    "torch.lerp(torch.ones(2), torch.ones(2, dtype=torch.float64), 0.5)",
    "torch.lerp(torch.ones(2), torch.ones(3), 0.5)",
)


@case("addcmul", also=["addcdiv", *(f"Tensor.addc{n}{s}" for n in ("mul", "div") for s in ("", "_"))])
def addcmul(d: Draw) -> str:
    shape, value = d.shape(), d.choose((), (f"value={d.real(-1, 0.5, 2)}",))
    x, a, b = (
        d.floats("x", shape),
        d.floats("a", d.broadcastable(shape)),
        d.floats("b", d.broadcastable(shape), "apart"),
    )
    d.terms = 2
    return d.spell(d.choose("addcmul", "addcdiv"), x, a, b, *value, inplace=True)


addcmul.refuses(
    "torch.addcdiv(torch.tensor([1]), torch.tensor([1]), torch.tensor([1]))",
    "torch.addcmul(torch.ones(2), torch.ones(3), torch.ones(2))",
)


@case("xlogy", groups=("", "special"), also=["Tensor.xlogy"])
def xlogy(d: Draw) -> str:
    shape = d.shape()
    x, y = (
        d.floats("x", d.broadcastable(shape), d.group or "normal|whole"),
        d.floats("y", d.broadcastable(shape), d.group or "positive"),
    )
    return d.choose(d.spell("xlogy", x, y), f"torch.xlogy(0.5, {y})", f"torch.xlogy({x}, 2.0)")


@case("where", also=["Tensor.where"])
def where(d: Draw) -> str:
    shape = d.shape()
    condition = d.booleans("condition", d.broadcastable(shape))
    x, y = d.floats("x", d.broadcastable(shape)), d.floats("y", d.broadcastable(shape))
    return d.choose(
        f"torch.where({condition}, {x}, {y})",
        f"{x}.where({condition}, {y})",
        f"torch.where({condition}, {x}, 0.5)",
        f"torch.where({condition}, 1, {y})",
        f"torch.where({condition}, 1.0, 2)",
        f"torch.where({condition})",
    )


where.refuses(
    "torch.where(torch.ones(2), torch.ones(2), torch.ones(2))",
    "torch.where(torch.tensor([True, False]), torch.ones(3), torch.ones(2))",
)


@case("masked_fill", also=["Tensor.masked_fill", "Tensor.masked_fill_"])
def masked_fill(d: Draw) -> str:
    shape = d.shape()
    x, mask = d.floats("x", shape), d.booleans("mask", d.broadcastable(shape))
    value = d.floats("value", ()) if d.flag() else d.choose(0, -inf, 2.5)
    d.gradient_terms = volume(shape)
    return d.spell("masked_fill", x, mask, value, inplace=True)


masked_fill.refuses(
    "torch.masked_fill(torch.ones(2), torch.ones(2), 0)",
    "torch.masked_fill(torch.ones(2), torch.tensor([True, False]), torch.ones(2))",
    "torch.masked_fill(torch.ones(2), torch.tensor([True, False, True]), 0)",
)


@case("nan_to_num", also=["Tensor.nan_to_num", "Tensor.nan_to_num_"])
def nan_to_num(d: Draw) -> str:
    arguments = d.choose((), ("nan=1.5",), ("2.0", "3.0", "-3.0"), ("posinf=7.0",))
    return d.spell("nan_to_num", d.floats("x", d.shape(), "special"), *arguments, inplace=True)


@case("isclose", also=["allclose", "equal", "Tensor.isclose", "Tensor.allclose", "Tensor.equal"])
def isclose(d: Draw) -> str:
    shape = d.shape()
    x, y = d.floats("x", shape, "whole|special"), d.floats("y", shape, "whole|special")
    name = d.choose("isclose", "allclose", "equal")
    if name == "equal":
        return d.spell(name, x, d.choose(x, y, f"{y}.reshape(-1)"))
    return d.spell(name, x, d.choose(x, y), *d.choose((), ("rtol=0.5",), ("atol=1.0",), ("equal_nan=True",)))


isclose.refuses(
    "torch.allclose(torch.ones(2), torch.ones(2, dtype=torch.float64))", "torch.isclose(torch.ones(2), torch.ones(3))"
)
