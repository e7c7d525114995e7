"""Activations: functions, in-place forms and modules."""

from __future__ import annotations

from math import inf, nan

from parity.compare.case import CASES, case
from parity.compare.draw import Draw, Shape, volume

INPLACE: dict[str, tuple[str, tuple[str, ...]]] = {
    "leaky_relu": ("LeakyReLU", ("", "0.2", "negative_slope=0.0", "negative_slope=0.5")),
    "elu": ("ELU", ("", "0.5", "alpha=2.0")),
    "selu": ("SELU", ("",)),
    "silu": ("SiLU", ("",)),
    "hardtanh": ("Hardtanh", ("", "-0.5, 2.0", "min_val=0.0, max_val=1.0")),
    "relu6": ("ReLU6", ("",)),
}
"""Functions with an argument `inplace`, their modules and options."""
PLAIN: dict[str, tuple[str, tuple[str, ...]]] = {
    "gelu": ("GELU", ("", "approximate='none'", "approximate='tanh'")),
    "softplus": ("Softplus", ("", "2.0", "beta=0.5, threshold=1", "threshold=1")),
    "logsigmoid": ("LogSigmoid", ("",)),
}
UNDERSCORED = ("leaky_relu", "elu", "selu", "hardtanh")
FILL = "normal|whole|zeros|big"
TAME = "normal|whole|zeros"
NO_SPECIAL = ("hardtanh", "relu6", "gelu", "elu", "selu")
# At NaN torch's gradient of hardtanh, relu6, elu and selu depends on the position in the array, at infinity its gelu on the dtype.
# At 0, too, torch's first and second derivatives of prelu take different sides: `apart` draws no zeros.
SUMS = ("gelu",)
# torch computes x · (1 + erf x) / 2: for negative x the two terms cancel and only rounding error remains, also in float64.
SATURATED = ("approximate='tanh'",)
# Between 5 and 7.5 tanh is 1 in float32 already, and torch's gradient, which has 1 - tanh² times about x³, is exact. In
# float64 tanh is not, and torch's gradient is wrong by up to 20 units. So no large numbers, few of which are there.
# In place, torch computes the gradient of elu and selu from the result, which is rounded to -1 for x << 0: no large numbers.


@case("nn.functional.relu", groups=("", "special"))
def relu(d: Draw) -> str:
    x = d.floats("x", d.shape(), d.group or None)
    return f"F.relu({d.choose(str(x), f'{x}.clone(), inplace=True', f'{x}, inplace=False')})"


relu.refuses(
    "F.relu([1.0])",
    "x = torch.ones(2, requires_grad=True)\nF.relu(x, inplace=True)",
    "F.relu(torch.ones(3, dtype=torch.bool))",
    "F.relu(1)",
)


@case("nn.functional.sigmoid", groups=("", "special"), also=["nn.functional.tanh"])
def sigmoid(d: Draw) -> str:
    return f"F.{d.choose('sigmoid', 'tanh')}({d.floats('x', d.shape(), d.group or 'normal|big|zeros')})"


sigmoid.refuses("F.sigmoid(1.0)", "F.tanh([1.0])")


@case("nn.functional.relu_")
def relu_(d: Draw) -> str:
    return f"F.relu_({d.floats('x', d.shape())}.clone())"


relu_.refuses("F.relu_(torch.ones(2, requires_grad=True))")


ACTIVATIONS = ("ReLU", "Sigmoid", "Tanh")


def _activation(name: str) -> None:
    @case(f"nn.{name}", groups=("", "special"), kind="module")
    def activation(d: Draw) -> str:
        x = d.floats("x", d.shape(), d.group or None)
        inplace = name == "ReLU" and d.flag()
        d.build = f"nn.{name}({'inplace=True' if inplace else ''})"
        return f"m({x}.clone())" if inplace else f"m({x})"

    activation.refuses(f"nn.{name}(); m([1.0])", f"nn.{name}(); m()")


for _name in ACTIVATIONS:
    _activation(_name)


def _arguments(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _function(name: str, options: tuple[str, ...], inplace: bool) -> None:
    underscored, groups = name in UNDERSCORED, ("",) if name in NO_SPECIAL else ("", "special")
    fill = TAME if name in ("elu", "selu") else FILL

    @case(f"nn.functional.{name}", groups=groups, also=[f"nn.functional.{name}_"] if underscored else ())
    def function(d: Draw) -> str:
        given = d.choose(*options)
        x = d.floats("x", d.shape(), d.group or (TAME if given in SATURATED else fill))
        d.terms = 2 if name in SUMS else 1
        how = d.choose("", "inplace=False", "inplace", "underscore") if inplace else ""
        if how == "underscore" and underscored:
            return f"F.{name}_({_arguments(f'{x}.clone()', given)})"
        if how in ("inplace", "underscore"):
            return f"F.{name}({_arguments(f'{x}.clone()', given, 'inplace=True')})"
        return f"F.{name}({_arguments(str(x), given, how)})"

    function.refuses(f"F.{name}([1.0])", f"F.{name}()")
    if inplace:
        function.refuses(f"x = torch.ones(2, requires_grad=True)\nF.{name}(x, inplace=True)")


def _module(name: str, options: tuple[str, ...], inplace: bool) -> None:
    groups = ("",) if name.lower() in NO_SPECIAL else ("", "special")
    fill = TAME if name in ("ELU", "SELU") else FILL

    @case(f"nn.{name}", groups=groups, kind="module")
    def module(d: Draw) -> str:
        given, writes = d.choose(*options), inplace and d.flag()
        x = d.floats("x", d.shape(), d.group or (TAME if given in SATURATED else fill))
        d.terms = 2 if name.lower() in SUMS else 1
        d.build = f"nn.{name}({_arguments(given, 'inplace=True' if writes else '')})"
        return f"m({x}.clone())" if writes else f"m({x})"

    module.refuses(f"nn.{name}(); m([1.0])", f"nn.{name}(); m()", f"nn.{name}(nothing=1); m(torch.ones(1))")


for _functions, _writes in ((INPLACE, True), (PLAIN, False)):
    for _name, (_layer, _options) in _functions.items():
        _function(_name, _options, _writes)
        _module(_layer, _options, _writes)


_EDGES = [0.0, -0.0, -1, 1, 6, -30, 30, 100, -100, 3.5, -3.5]
_functional = "nn.functional.{}".format
for _name, *_texts in (
    ("leaky_relu", "F.leaky_relu(x)", "F.leaky_relu(x, -0.5)"),
    ("elu", "F.elu(x)", "F.elu(x, 2.5)"),
    ("selu", "F.selu(x)"),
    ("gelu", "F.gelu(x)", "F.gelu(x, approximate='tanh')"),
    ("silu", "F.silu(x)"),
    ("softplus", "F.softplus(x)", "F.softplus(x, 3, 4)", "F.softplus(x, threshold=2)"),
    ("logsigmoid", "F.logsigmoid(x)"),
    ("hardtanh", "F.hardtanh(x)", "F.hardtanh(x, -0.5, 2)"),
    ("relu6", "F.relu6(x * 5)"),
):
    CASES[_functional(_name)].example(*_texts, terms=2 if _name in SUMS else 1, x=_EDGES)
    # torch's gelu of an infinity depends on the dtype
    _limits = "x.detach().double()" if _name == "gelu" else "x.detach()"
    CASES[_functional(_name)].example(*(text.replace("x", _limits, 1) for text in _texts), x=[inf, -inf, nan])
CASES[_functional("hardtanh")].example("F.hardtanh(x, -2, 3)", "F.relu6(x)", x=[*range(-5, 9)])
CASES[_functional("gelu")].example(  # the second derivative is 0 at √2, where the sum of its terms cancelled
    "F.gelu(x)",
    "F.gelu(x, approximate='tanh')",
    terms=2,
    x=[1.0, 1.2, 1.3, 1.36, 1.4, 1.41, 1.42, 1.45, 1.5, -1.38, -1.44],
)
CASES[_functional("gelu")].refuses(
    "F.gelu(torch.ones(3), approximate='sine')", "F.gelu(torch.ones(3, dtype=torch.int64))"
)
CASES[_functional("softplus")].refuses("F.softplus(torch.ones(3, dtype=torch.int64))")
CASES[_functional("elu")].refuses("F.elu(1)")
CASES[_functional("hardtanh")].refuses(
    "F.hardtanh(torch.ones(3), 1, 0)",
    "F.hardtanh(torch.ones(3, dtype=torch.bool))",
    "F.hardtanh(torch.ones(3, dtype=torch.uint8))",
)
CASES["nn.Hardtanh"].refuses("nn.Hardtanh(1, 1); m")


@case("nn.functional.mish", groups=("", "special"), also=["nn.functional.softsign"])
def mish(d: Draw) -> str:
    x = d.floats("x", d.shape(), d.group or TAME)
    return d.choose(f"F.mish({x})", f"F.mish({x}.clone(), inplace=True)", f"F.softsign({x})")


mish.refuses("F.softsign(torch.tensor([True, False]))")


@case("nn.Mish", kind="module", also=["nn.Softsign"])
def mish_module(d: Draw) -> str:
    d.build = d.choose("nn.Mish()", "nn.Softsign()")
    return f"m({d.floats('x', d.shape(), TAME)})"


def _halved(d: Draw) -> tuple[Shape, int]:
    """A shape, and one of its dimensions, which is even."""
    shape = list(d.shape(1, 3, empty=False))
    dim = d.integer(-len(shape), len(shape) - 1)
    shape[dim] *= 2
    return tuple(shape), dim


@case("nn.functional.glu")
def glu(d: Draw) -> str:
    shape, dim = _halved(d)
    return f"F.glu({d.floats('x', shape, TAME)}, {dim})"


@case("nn.GLU", kind="module")
def glu_module(d: Draw) -> str:
    shape, dim = _halved(d)
    d.build = f"nn.GLU({dim})"
    return f"m({d.floats('x', shape, TAME)})"


mish.refuses("F.mish([1.0])")
glu.refuses(
    "F.glu(torch.tensor([1, 2]))", "F.glu(torch.ones(3))", "F.glu(torch.ones(()))", "F.glu(torch.ones(2, 3), 2)"
)
glu_module.refuses("nn.GLU(); m(torch.ones(2, 3))")


@case("nn.functional.prelu")
def prelu(d: Draw) -> str:
    shape = d.shape(2, 4, empty=False)
    d.gradient_terms = volume(shape)
    return f"F.prelu({d.floats('x', shape, 'apart')}, {d.floats('weight', d.choose((1,), (shape[1],)))})"


@case("nn.PReLU", kind="module")
def prelu_module(d: Draw) -> str:
    shape = d.shape(2, 4, empty=False)
    d.gradient_terms = volume(shape)
    d.build = d.choose("nn.PReLU()", f"nn.PReLU({shape[1]})", f"nn.PReLU({shape[1]}, init=0.5)")
    return f"m({d.floats('x', shape, 'apart')})"


prelu.refuses("F.prelu(torch.ones(2, 3), torch.ones(2))", "F.prelu(torch.ones(2, 3), torch.ones(3, 1))")
prelu_module.refuses("nn.PReLU(2); m(torch.ones(2, 3))")
