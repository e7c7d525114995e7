"""Linear and bilinear maps: functions and modules."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw, volume


@case("nn.functional.linear")
def linear(d: Draw) -> str:
    n, m, rows = d.size(1, 9), d.size(1, 9), d.shape(most=3, elements=60)
    x, weight = d.floats("x", (*rows, n)), d.floats("weight", (m, n))
    bias = d.floats("bias", (m,)) if d.flag() else None
    d.terms, d.gradient_terms = n + (bias is not None), max(m, volume(rows))
    return f"F.linear({x}, {weight}, {bias})"


linear.refuses(
    "F.linear(torch.ones(2, 3), torch.ones(4, 2))",
    "F.linear(torch.ones(2, 3), torch.ones(4, 3), torch.ones(3))",
    "F.linear(torch.ones(2, 3, dtype=torch.int64), torch.ones(4, 3))",
    "F.linear(torch.ones(2, 3, dtype=torch.float64), torch.ones(4, 3))",
    "F.linear([1.0, 2.0], torch.ones(4, 2))",
    "F.linear(torch.ones(2, 3), torch.ones(4, 3).double())",
    "F.linear(torch.ones(()), torch.ones(4, 3))",
    "F.linear(3, torch.ones(4, 3))",
    "F.linear(torch.ones(2, 3, dtype=torch.bool), torch.ones(4, 3, dtype=torch.bool))",
    "F.linear(None, torch.ones(2, 3))",
    "F.linear(torch.ones(2, 3), None)",
)


linear.example(
    "F.linear(x, weight)",
    "F.linear(x, weight, bias).square()",
    terms=4,
    gradient_terms=10,
    x=(2, 5, 3),
    weight=(4, 3),
    bias=(4,),
)
linear.example("F.linear(x, weight)", terms=3, x=(5, 3), weight=(3,))
linear.example("F.linear(x, weight, bias)", terms=4, gradient_terms=10, x=(2, 5, 3), weight=(4, 3), bias=(5, 4))
linear.example("F.linear(x, weight, bias)", terms=4, gradient_terms=20, x=(5, 3), weight=(4, 3), bias=(1,))
linear.example("F.linear(x, weight, bias)", x=(0, 3), weight=(4, 3), bias=(4,))
linear.example("F.linear(x, weight, bias)", gradient_terms=5, x=(5, 0), weight=(4, 0), bias=(4,))


@case("nn.Linear", kind="module", also=["nn.Identity"])
def linear_module(d: Draw) -> str:
    n, m, rows = d.size(1, 9), d.size(1, 9), d.shape(most=3, elements=60)
    d.build = f"nn.Linear({n}, {m}{d.choose('', ', bias=False', ', bias=True', ', dtype=torch.float32')})"
    d.terms, d.gradient_terms = n + 1, max(m, volume(rows))  # the products, and the bias
    if d.integer(0, 7) == 7:
        d.build = f"nn.Sequential(nn.Identity(), {d.build})"
    return f"m({d.floats('x', (*rows, n))})"


linear_module.example("nn.Identity(3, a=1); m(x)", terms=5, x=(2, 4))
linear_module.example("nn.Linear(300, 7); m(x)", terms=301, x=(3, 300))


linear_module.refuses(
    "nn.Linear(3, 2); m(torch.ones(2, 4))",
    "nn.Linear(3, 2); m(torch.ones(2, 3, dtype=torch.int64))",
    "nn.Linear(3, 2); m(torch.ones(2, 3, dtype=torch.float64))",
    "nn.Linear(3, 2); m()",
    "nn.Linear(3); m(torch.ones(3))",
    "nn.Linear(-1, 2); m(torch.ones(3))",
    "nn.Linear(3, 2); m([1.0, 2.0, 3.0])",
)


@case("nn.functional.bilinear")
def bilinear(d: Draw) -> str:
    n, k, m, rows = d.size(1, 4), d.size(1, 4), d.size(1, 4), d.shape(1, 2, empty=False, elements=20)
    d.terms, d.gradient_terms = n * k + 1, max(n * k, m * max(n, k), volume(rows))
    x, y, weight = d.floats("x", (*rows, n)), d.floats("y", (*rows, k)), d.floats("weight", (m, n, k))
    bias = f", {d.floats('bias', (m,))}" if d.flag() else ""
    return f"F.bilinear({x}, {y}, {weight}{bias})"


bilinear.refuses(
    "F.bilinear(torch.ones(2, 3), torch.ones(2, 4), torch.ones(5, 4, 4))",
    "F.bilinear(torch.ones(2, 3), torch.ones(3, 4), torch.ones(5, 3, 4))",
    "F.bilinear(torch.ones(2, 3), torch.ones(2, 4), torch.ones(5, 3, 4), torch.ones(4))",
)
