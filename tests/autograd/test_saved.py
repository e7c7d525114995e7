"""Writing between an operation and its backward pass is allowed where torch allows it, with torch's gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.autograd.worlds import same

NUMBERS = ([[0.5, 0.8], [0.4, 0.9]], [[0.9, 0.31], [0.65, 0.45]], [[0.2, 0.4], [0.6, 0.1]])

OF_ONE: dict[str, Callable[[Any, Any], Any]] = {
    **{
        name: lambda w, x, name=name: getattr(x, name)()
        for name in [
            "sin",
            "cos",
            "tan",
            "asin",
            "acos",
            "atan",
            "sinh",
            "cosh",
            "tanh",
            "asinh",
            "atanh",
            "exp",
            "exp2",
            "expm1",
            "log",
            "log2",
            "log10",
            "log1p",
            "sqrt",
            "rsqrt",
            "reciprocal",
            "sigmoid",
            "relu",
            "erf",
            "erfc",
            "erfinv",
            "abs",
            "square",
            "sinc",
            "floor",
            "neg",
            "sign",
            "norm",
            "sum",
            "mean",
            "prod",
            "std",
            "var",
        ]
    },
    **{
        name: lambda w, x, name=name: getattr(x, name)(1)
        for name in ["cumsum", "cumprod", "logsumexp", "amax", "amin", "softmax", "log_softmax"]
    },
    **{
        name: lambda w, x, name=name: getattr(w.nn.functional, name)(x)
        for name in [
            "gelu",
            "silu",
            "elu",
            "leaky_relu",
            "softplus",
            "hardtanh",
            "relu6",
            "softsign",
            "normalize",
            "softmin",
        ]
    },
    "x ** 2": lambda w, x: x**2,
    "x ** 0.5": lambda w, x: x**0.5,
    "2 ** x": lambda w, x: 2.0**x,
    "1 / x": lambda w, x: 1 / x,
    "3 / x": lambda w, x: 3 / x,
    "x / 2": lambda w, x: x / 2,
    "x / x.norm()": lambda w, x: x / x.norm(),
    "xlogy(2, x)": lambda w, x: w.xlogy(2.0, x),
}
OF_TWO: dict[str, Callable[[Any, Any, Any], Any]] = {
    name: lambda w, x, y, name=name: getattr(w, name)(x, y)
    for name in [
        "add",
        "sub",
        "mul",
        "div",
        "maximum",
        "minimum",
        "atan2",
        "logaddexp",
        "xlogy",
        "remainder",
        "fmod",
        "matmul",
    ]
}
OF_THREE: dict[str, Callable[[Any, Any, Any, Any], Any]] = {
    "addcmul": lambda w, x, y, z: w.addcmul(x, y, z),
    "linear": lambda w, x, y, z: w.nn.functional.linear(x, y, z[0]),
    "clamp": lambda w, x, y, z: w.clamp(x, y, z),
    "where": lambda w, x, y, z: w.where(x > y, y, z),
}
CASES = [
    (function, 1 + (function in OF_TWO.values()) + 2 * (function in OF_THREE.values()), name)
    for table in (OF_ONE, OF_TWO, OF_THREE)
    for name, function in table.items()
]


@pytest.mark.parametrize(("function", "count", "name"), CASES, ids=[case[2] for case in CASES])
def test_writes_before_the_backward_pass(function: Callable[..., Any], count: int, name: str) -> None:
    """Write to each operand and the result, directly and by `.data`, for each choice of `requires_grad`."""

    def program(w: Any, needed: int, written: int, noticed: bool) -> Any:
        xs = [w.tensor(n, requires_grad=bool(needed >> i & 1)) for i, n in enumerate(NUMBERS[:count])]
        ys = [x * 1 for x in xs]
        out = function(w, *ys)
        ones = w.ones_like(out)
        target = [*ys, out][written]
        with w.no_grad():
            (target if noticed else target.data).mul_(2)
        try:
            return w.autograd.grad(out, [x for x in xs if x.requires_grad], ones, allow_unused=True)
        except RuntimeError as error:
            return "modified by an inplace operation" in str(error)

    for needed in range(1, 2**count):
        for written in range(count + 1):
            for noticed in (True, False):
                same(lambda w, n=needed, i=written, noticed=noticed: program(w, n, i, noticed))


@pytest.mark.parametrize("layer", ["RNN", "GRU"])
@pytest.mark.parametrize("directions", [1, 2])
def test_the_output_of_a_recurrent_layer_may_be_written_to(layer: str, directions: int) -> None:
    def program(w: Any) -> Any:
        module = getattr(w.nn, layer)(2, 2, bidirectional=directions == 2)
        with w.no_grad():
            for parameter in module.parameters():
                parameter.fill_(0.3)
        out, last = module(w.ones(3, 1, 2))
        out.mul_(2)
        (out.sum() + last.sum()).backward()
        return [p.grad for p in module.parameters()]

    same(program)
