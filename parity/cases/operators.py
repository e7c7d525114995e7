"""Integers, bits, and Python's operators, also in place."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw

INTEGER = ["int64", "int32", "int16", "int8", "uint8"]


@case("integer arithmetic", exact=True)
def integer_arithmetic(d: Draw) -> str:
    shape, dtype = d.shape(), d.choose(*INTEGER)
    low = 0 if dtype == "uint8" else -9
    x, y = d.integers("x", shape, low, 10, dtype), d.integers("y", d.broadcastable(shape), 1, 10, dtype)
    op = d.choose("+", "-", "*", "//", "%", "==", "<", ">=", "/")
    if d.flag():
        return f"{x} {op} {d.choose(3, 1, 7)}"
    return f"{x} {op} {y if d.flag() or dtype == 'uint8' else f'-{y}'}"


@case("integer unary", exact=True)
def integer_unary(d: Draw) -> str:
    dtype = d.choose(*INTEGER)
    x = d.integers("x", d.shape(), 0 if dtype == "uint8" else -9, 10, dtype)
    return f"torch.{d.choose('abs', 'neg', 'sign', 'square', 'floor', 'ceil', 'trunc', 'round', 'relu', 'logical_not', 'bitwise_not')}({x})"


integer_unary.refuses("torch.neg(torch.tensor([True]))", "+torch.tensor([True])", "~torch.ones(2)")


@case("integer to float")
def integer_to_float(d: Draw) -> str:
    x = d.integers("x", d.shape(), 1, 10, d.choose(*INTEGER, "bool") if d.flag() else "int64")
    name = d.choose(
        "sqrt", "exp", "log", "sin", "tanh", "sigmoid", "rsqrt", "reciprocal", "erf", "expm1", "atan", "log1p"
    )
    return f"torch.{name}({x})"


integer_to_float.refuses("torch.ones(2, dtype=torch.int64).exp_()", "torch.ones(2, dtype=torch.int64).sigmoid_()")


@case(
    "bitwise_and",
    also=["bitwise_or", "bitwise_xor", "bitwise_not"]
    + [f"Tensor.bitwise_{n}{s}" for n in ("and", "or", "xor", "not") for s in ("", "_")]
    + ["Tensor.__and__", "Tensor.__or__", "Tensor.__xor__", "Tensor.__invert__"],
    exact=True,
)
def bitwise(d: Draw) -> str:
    shape, dtype = d.shape(), d.choose("int64", "uint8", "bool", "int32")
    x = d.integers("x", shape, 0, 2 if dtype == "bool" else 100, dtype)
    op = d.choose("and", "or", "xor", "not", "operator", "invert")
    if op == "not":
        return d.spell("bitwise_not", x, inplace=True)
    if op == "invert":
        return f"~{x}"
    y = d.integers("y", shape if d.flag() else d.broadcastable(shape), 0, 2 if dtype == "bool" else 100, dtype)
    return f"{x} {d.choose('&', '|', '^')} {y}" if op == "operator" else d.spell(f"bitwise_{op}", x, y, inplace=True)


bitwise.refuses(
    "torch.ones(2) & torch.ones(2)", "torch.bitwise_not(torch.ones(2))", "torch.bitwise_or(torch.ones(2), 1)"
)


@case(
    "bitwise_left_shift",
    also=["bitwise_right_shift", *(f"Tensor.bitwise_{way}_shift{s}" for way in ("left", "right") for s in ("", "_"))]
    + [f"Tensor.__{before}{way}shift__" for before in ("", "i") for way in "lr"],
    exact=True,
)
def shifts(d: Draw) -> str:
    shape, dtype = d.shape(), d.choose("int64", "uint8", "int32", "int8")
    x, y = d.integers("x", shape, 0, 100, dtype), d.integers("y", d.broadcastable(shape), 0, 7, dtype)
    way = d.choose("<<", ">>", "left", "right")
    if way in ("left", "right"):
        return d.spell(f"bitwise_{way}_shift", x, y, inplace=True)
    if d.flag() and y.shape == shape:
        return f"out = {x}.clone()\nout {way}= {y}"
    return f"{x} {way} {y}"


shifts.example(
    "torch.tensor([-5, 5, 1]) >> torch.tensor([1, 2, 64])", "torch.tensor([-5, 5, 1]) << 3", "torch.tensor(3) << 1"
)
shifts.refuses("torch.bitwise_left_shift(torch.ones(2), torch.ones(2))", "torch.tensor([1]) << 'x'")


@case(
    "operators",
    also=[
        f"Tensor.__{n}__"
        for n in [
            "add",
            "radd",
            "sub",
            "rsub",
            "mul",
            "rmul",
            "truediv",
            "rtruediv",
            "pow",
            "rpow",
            "neg",
            "pos",
            "abs",
            "eq",
            "ne",
            "lt",
            "le",
            "gt",
            "ge",
        ]
    ],
)
def operators(d: Draw) -> str:
    shape, kind = d.shape(), d.choose("tensors", "right number", "left number", "one")
    x = d.floats("x", shape, "positive|apart")
    if kind == "one":
        return d.choose(f"-{x}", f"+{x}", f"abs({x})")
    op = d.choose("+", "-", "*", "/", "**", "==", "!=", "<", "<=", ">", ">=")
    if op == "**":
        x = d.floats("z", shape, "positive")
    if kind == "tensors":
        return f"{x} {op} {d.floats('y', d.broadcastable(shape), 'apart')}"
    number = d.choose(2, 0.5, 3.0, 1)
    return f"{x} {op} {number}" if kind == "right number" else f"{number} {op} {x}"


operators.refuses(
    "torch.ones(2) + 'x'",
    "torch.ones(2) + None",
    "torch.ones(2) * [1]",
    "torch.ones(2, 3) + torch.ones(4)",
    "torch.ones(2) < 'x'",
)


@case(
    "operators in place",
    also=[f"Tensor.__{n}__" for n in ["iadd", "isub", "imul", "itruediv", "ipow"]],
)
def operators_in_place(d: Draw) -> str:
    shape = d.shape()
    x, y = d.floats("x", shape, "positive"), d.floats("y", d.broadcastable(shape), "apart")
    operand = d.choose(str(y), "2", "0.5")
    return f"out = {x}.clone()\nkept = out\nout {d.choose('+', '-', '*', '/', '**')}= {operand}\nout = out, out is kept"


operators_in_place.refuses(
    "x = torch.ones(2, requires_grad=True)\nx += 1",
    "x = torch.ones(2, dtype=torch.int64)\nx += 0.5",
    "x = torch.ones(2)\nx += torch.ones(3, 2)",
    "x = torch.ones(2, requires_grad=True)\ny = x.exp()\ny += 1\ny.sum().backward()",
    "x = torch.ones(1).expand(3)\nx += 1",
)
