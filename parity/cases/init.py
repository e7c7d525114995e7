"""nn.init: for the same seed a parameter gets the same numbers."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw, volume

UNIFORM = ("uniform_", "xavier_uniform_", "kaiming_uniform_", "constant_", "ones_", "zeros_", "eye_", "dirac_")
NORMAL = ("normal_", "xavier_normal_", "kaiming_normal_", "trunc_normal_", "sparse_")
OPTIONS = {
    "uniform_": ("", ", -0.5, 0.25", ", a=1.0, b=3.0"),
    "normal_": ("", ", 1.0, 0.5", ", std=0.02"),
    "constant_": (", 0.3", ", 2"),
    "trunc_normal_": ("", ", std=0.5", ", mean=1.0, a=0.0, b=2.0"),
    "sparse_": (", 0.5", ", sparsity=0.1, std=0.2"),
    **{
        f"xavier_{kind}_": ("", ", gain=2.0", ", gain=nn.init.calculate_gain('tanh')") for kind in ("uniform", "normal")
    },
    **{
        f"kaiming_{kind}_": ("", ", mode='fan_out'", ", a=0.2, nonlinearity='leaky_relu'", ", nonlinearity='relu'")
        for kind in ("uniform", "normal")
    },
}


def _filled(d: Draw, name: str) -> str:
    sides = 2 if name in ("eye_", "sparse_") else d.choose(2, 2, 4)
    if name == "dirac_":
        sides = d.choose(3, 4)
    shape = tuple(d.integer(1, 6) for _ in range(sides))
    target = d.choose(f"torch.empty({shape}, dtype=dtype)", f"nn.Parameter(torch.empty({shape}))")
    return f"w = {target}\nr = nn.init.{name}(w{d.choose(*OPTIONS.get(name, ('',)))})\nout = w.detach(), r is w, w.requires_grad, torch.rand(2)"


@case("nn.init", also=[f"nn.init.{name}" for name in UNIFORM], exact=True)
def uniform(d: Draw) -> str:
    return _filled(d, d.choose(*UNIFORM))


@case("nn.init(normal)", also=[f"nn.init.{name}" for name in NORMAL], sampled=True)
def normal(d: Draw) -> str:
    return _filled(d, d.choose(*NORMAL))


@case("nn.init.orthogonal_", sampled=True)
def orthogonal(d: Draw) -> str:
    shape = tuple(d.integer(1, 6) for _ in range(d.choose(2, 2, 4)))
    rows, columns = shape[0], volume(shape[1:])
    d.terms = 8 * min(rows, columns) * max(rows, columns)  # reflections, one for each row or column, over all of it
    gain = d.choose("", ", 2.0", ", gain=nn.init.calculate_gain('tanh')")
    made = (
        f"w = torch.empty({shape}, dtype=dtype)\nr = nn.init.orthogonal_(w{gain})\nflat = w.reshape({rows}, {columns})"
    )
    product = "flat @ flat.T" if rows <= columns else "flat.T @ flat"
    return f"{made}\nout = w, {product}, r is w, torch.rand(2)"


@case("nn.init.calculate_gain", exact=True)
def gain(d: Draw) -> str:
    name = d.choose("linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu")
    return f"nn.init.calculate_gain('{name}'{d.choose('', ', 0.2') if name == 'leaky_relu' else ''})"


_FILLED = "w = torch.empty({}, dtype=dtype)\nout = nn.init.{}, torch.rand(3)"
for _shape in ((7, 5), (30, 40), (16, 3, 5, 5), (2, 3, 2, 3, 2)):
    uniform.example(
        *(
            _FILLED.format(_shape, text)
            for text in (
                "uniform_(w, -2, 0.3)",
                "xavier_uniform_(w, gain=1.7)",
                "kaiming_uniform_(w, a=5**0.5)",
                "kaiming_uniform_(w, mode='fan_out', nonlinearity='relu')",
                "kaiming_uniform_(w, nonlinearity='tanh', generator=torch.Generator().manual_seed(3))",
            )
        )
    )
    normal.example(
        *(
            _FILLED.format(_shape, text)
            for text in (
                "normal_(w, 2, 0.3)",
                "xavier_normal_(w, 0.5)",
                "kaiming_normal_(w, 0.2, 'fan_out')",
                "trunc_normal_(w, 1, 2, -0.5, 1)",
                "trunc_normal_(w, 0, 1, 2.5, 4)",
            )
        )
    )
uniform.example(*(_FILLED.format(shape, "eye_(w)") for shape in ((2, 5), (5, 2), (0, 3))))
uniform.example(
    _FILLED.format((4, 2, 3), "dirac_(w, 2)"),
    _FILLED.format((6, 3, 3, 4), "dirac_(w, 3)"),
    _FILLED.format((2, 4, 1, 2, 3), "dirac_(w)"),
)
normal.example(_FILLED.format((9, 6), "sparse_(w, 0.3)"))
for _shape in ((4, 4), (3, 7), (7, 3), (6, 2, 3, 3), (1, 5)):
    orthogonal.example(_FILLED.format(_shape, "orthogonal_(w, 1.5)"), terms=500)
gain.example(*(f"nn.init.calculate_gain('{name}', 0.3)" for name in ("linear", "tanh", "leaky_relu", "selu")))


uniform.refuses(
    "nn.init.xavier_uniform_(torch.empty(3))",
    "nn.init.kaiming_uniform_(torch.empty(2, 2), mode='fan')",
    "nn.init.eye_(torch.empty(2))",
    "nn.init.uniform_(3)",
    "nn.init.dirac_(torch.empty(2, 2))",
    "nn.init.dirac_(torch.ones(3, 3, 3), 2)",
    "nn.init.uniform_(torch.ones(3), 1, 0)",
    "nn.init.kaiming_uniform_(torch.ones(3, 3), nonlinearity='cosine')",
)
normal.refuses(
    "nn.init.xavier_normal_(torch.empty(3))",
    "nn.init.kaiming_normal_(torch.empty(2, 2), nonlinearity='some')",
    "nn.init.sparse_(torch.empty(3), 0.5)",
    "nn.init.normal_(torch.ones(3), 0, -1)",
)
orthogonal.refuses("nn.init.orthogonal_(torch.empty(3))", "nn.init.orthogonal_(3)")
gain.refuses(
    "nn.init.calculate_gain('leaky_relu', True)",
    "nn.init.calculate_gain('some')",
    "nn.init.calculate_gain('leaky_relu', 'a')",
)
