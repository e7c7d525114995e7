"""The modules Flatten and Unflatten."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw


@case("nn.Flatten", kind="module", also=["nn.Unflatten"])
def flatten(d: Draw) -> str:
    shape = d.shape(2)
    start = d.integer(0, len(shape) - 1)
    d.build = d.choose(
        "nn.Flatten()", f"nn.Flatten({start})", f"nn.Flatten({start}, {d.integer(start, len(shape) - 1)})"
    )
    if shape[1] and d.integer(0, 3) == 3:
        d.build = f"nn.Unflatten(1, ({shape[1]}, 1))"
    return f"m({d.floats('x', shape)})"


flatten.example(
    "nn.Flatten(0, 1); m(x)", "nn.Unflatten(1, (2, -1)); m(x)", "nn.Unflatten(-1, [3, 1]); m(x)", x=(3, 6, 3)
)


flatten.refuses(
    "nn.Flatten(2, 1); m(torch.ones(1, 2, 3))",
    "nn.Flatten(); m([1.0])",
    "nn.Unflatten(1, (2, 2)); m(torch.ones(1, 3))",
    "nn.Unflatten(1, 3); m",
    "nn.Unflatten(1, (2.0, 3)); m",
    "nn.Flatten(1, 5); m(torch.ones(3, 6))",
)
