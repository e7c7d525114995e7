"""Softmax, its logarithm and softmin: functions, methods and modules."""

from __future__ import annotations

from parity.compare.case import CASES, case
from parity.compare.draw import Draw

FILL = "normal|whole|zeros|big"


@case(
    "softmax",
    groups=("", "special"),
    also=["log_softmax", "Tensor.softmax", "Tensor.log_softmax", "nn.functional.softmax", "nn.functional.log_softmax"],
)
def tensor_softmax(d: Draw) -> str:
    shape = d.shape(0)
    dim = d.integer(-max(1, len(shape)), max(1, len(shape)) - 1)
    x = d.floats("x", shape, d.group or "normal|whole|zeros|big")
    d.terms = shape[dim] if shape else 1
    name, dtype = d.choose("softmax", "log_softmax"), d.choose((), (), (), ("dtype=torch.float64",))
    return d.choose(d.spell(name, x, f"dim={dim}", *dtype), f"F.{name}({x}, dim={dim})")


tensor_softmax.refuses(
    "torch.softmax(torch.ones(2), 1)",
    "torch.softmax(torch.ones(2, dtype=torch.int64), 0)",
    "F.log_softmax(torch.ones(2, 3), dim=-3)",
    "torch.log_softmax(torch.ones(2, dtype=torch.int64), 0)",
)


@case("nn.functional.softmin", groups=("", "special"))
def softmin(d: Draw) -> str:
    shape = d.shape(0)
    dim = d.integer(-max(1, len(shape)), max(1, len(shape)) - 1)
    d.terms = shape[dim] if shape else 1
    x = d.floats("x", shape, d.group or FILL)
    return f"F.softmin({x}, {d.choose('dim=', '')}{dim}{d.choose('', '', ', dtype=torch.float64')})"


softmin.example(  # torch's errors in its float32 run said nothing about float64, as all of it is computed in float64
    "F.softmin(x, dim=0, dtype=torch.float64)", x=[0.29107731580734253, 0.13374358415603638], terms=2
)
softmin.refuses("F.softmin(torch.ones(2), dim=1)", "F.softmin([1.0], dim=0)")


@case("nn.functional.softmax", groups=("", "special"), also=["nn.functional.log_softmax"])
def softmax(d: Draw) -> str:
    shape = d.shape(0)
    dim = d.integer(-max(1, len(shape)), max(1, len(shape)) - 1)
    d.terms = shape[dim] if shape else 1
    x = d.floats("x", shape, d.group or FILL)
    return f"F.{d.choose('softmax', 'log_softmax')}({x}, {d.choose('dim=', '')}{dim}{d.choose('', '', ', dtype=torch.float64')})"


softmax.refuses(
    "F.softmax(torch.ones(2), dim=1)",
    "F.log_softmax(torch.ones(2), dim=-2)",
    "F.softmax(torch.ones(3, dtype=torch.int64), 0)",
)


for _name in ("softmax", "log_softmax", "softmin"):
    CASES[f"nn.functional.{_name.replace('log_', '')}"].example(
        f"F.{_name}(x * 300, 0)", f"F.{_name}(x, -2)", terms=4, x=(4, 5)
    )
    CASES[f"nn.functional.{_name.replace('log_', '')}"].example(f"F.{_name}(x, 0)", x=())
softmax.example(  # without `dim`: 0 for 0, 1 or 3 dimensions, else 1
    *(
        f"F.softmax({text}), F.log_softmax({text}), F.softmin({text})"
        for text in ("x", "x[0]", "x[0, 0]", "x[0, 0, 0]")
    ),
    "F.softmax(x.long(), 0, dtype=dtype)",
    terms=3,
    x=(2, 2, 3, 4),
)


@case("nn.Softmax", groups=("", "special"), also=["nn.LogSoftmax"], kind="module")
def softmax_module(d: Draw) -> str:
    shape = d.shape(0)
    dim = d.integer(-max(1, len(shape)), max(1, len(shape)) - 1)
    d.terms = shape[dim] if shape else 1
    d.build = f"nn.{d.choose('Softmax', 'LogSoftmax')}({d.choose('dim=', '')}{dim})"
    return f"m({d.floats('x', shape, d.group or FILL)})"


softmax_module.refuses(
    "nn.Softmax(dim=1); m(torch.ones(2))", "nn.LogSoftmax(dim=0); m(torch.ones(2, dtype=torch.int64))"
)
