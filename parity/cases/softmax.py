"""Softmax, its logarithm and softmin: functions and modules."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw

FILL = "normal|whole|zeros|big"


@case("nn.functional.softmin", groups=("", "special"))
def softmin(d: Draw) -> str:
    shape = d.shape(0)
    dim = d.integer(-max(1, len(shape)), max(1, len(shape)) - 1)
    d.terms = shape[dim] if shape else 1
    x = d.floats("x", shape, d.group or FILL)
    return f"F.softmin({x}, {d.choose('dim=', '')}{dim}{d.choose('', '', ', dtype=torch.float64')})"


softmin.refuses("F.softmin(torch.ones(2), dim=1)", "F.softmin([1.0], dim=0)")


@case("nn.functional.softmax", groups=("", "special"), also=["nn.functional.log_softmax"])
def softmax(d: Draw) -> str:
    shape = d.shape(0)
    dim = d.integer(-max(1, len(shape)), max(1, len(shape)) - 1)
    d.terms = shape[dim] if shape else 1
    x = d.floats("x", shape, d.group or FILL)
    return f"F.{d.choose('softmax', 'log_softmax')}({x}, {d.choose('dim=', '')}{dim}{d.choose('', '', ', dtype=torch.float64')})"


softmax.refuses("F.softmax(torch.ones(2), dim=1)", "F.log_softmax(torch.ones(2), dim=-2)")


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
