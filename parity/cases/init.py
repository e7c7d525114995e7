"""nn.init: the same seed fills a parameter with the same numbers."""

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


uniform.refuses(
    "nn.init.xavier_uniform_(torch.empty(3))",
    "nn.init.kaiming_uniform_(torch.empty(2, 2), mode='fan')",
    "nn.init.eye_(torch.empty(2))",
    "nn.init.uniform_(3)",
    "nn.init.dirac_(torch.empty(2, 2))",
)
normal.refuses(
    "nn.init.xavier_normal_(torch.empty(3))",
    "nn.init.kaiming_normal_(torch.empty(2, 2), nonlinearity='some')",
    "nn.init.sparse_(torch.empty(3), 0.5)",
)
orthogonal.refuses("nn.init.orthogonal_(torch.empty(3))", "nn.init.orthogonal_(3)")
gain.refuses("nn.init.calculate_gain('some')", "nn.init.calculate_gain('leaky_relu', 'a')")
