"""Containers of modules and of parameters."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw


@case(
    "nn.Sequential",
    also=["nn.ModuleList", "nn.ModuleDict", "nn.Parameter", "nn.ParameterList", "nn.ParameterDict"],
    kind="module",
)
def sequential(d: Draw) -> str:
    n, hidden, m = d.size(1, 5), d.size(1, 8), d.size(1, 4)
    layers = f"nn.Linear({n}, {hidden}), nn.{d.choose('Tanh', 'ReLU', 'Sigmoid')}(), nn.Linear({hidden}, {m})"
    kinds = (
        "Sequential",
        "ordered",
        "nested",
        "ModuleList",
        "ModuleDict",
        "Parameter",
        "ParameterList",
        "ParameterDict",
    )
    kind = d.choose(*kinds)
    rows = d.batch(4)
    x = d.floats("x", (rows, n))
    d.terms, d.gradient_terms = n + hidden, max(hidden, m, rows) * 2
    if kind == "ModuleList":
        d.build = f"nn.ModuleList([{layers}])"
        return f"out = {x}\nfor layer in m:\n    out = layer(out)\nout = out, len(m), m[-1] is m[2], repr(m[:2])"
    if kind == "ModuleDict":
        d.build = f"nn.ModuleDict({{'first': nn.Linear({n}, {hidden}), 'second': nn.Linear({hidden}, {m})}})"
        return f"m['second'](m['first']({x})), list(m.keys()), 'first' in m"
    if kind == "ParameterList":
        d.build = f"nn.ParameterList([nn.Parameter(torch.ones({n}, 2)), torch.zeros(2)])"
        return (
            f"import copy\nout = {x} @ m[0] + m[-1], len(m), [tuple(p.shape) for p in m], repr(copy.deepcopy(m).cpu())"
        )
    if kind == "ParameterDict":
        d.build = f"nn.ParameterDict({{'a': nn.Parameter(torch.ones({n}, 2)), 'b': torch.zeros(2)}})"
        return f"import copy\nout = {x} @ m['a'] + m.b, list(m.keys()), 'a' in m, repr(copy.deepcopy(m).cpu())"
    if kind == "Parameter":
        d.build = f"nn.Sequential({layers})"
        return f"m.scale = nn.Parameter(torch.full((1,), 2.0, dtype=dtype))\nout = m({x}) * m.scale, [k for k, _ in m.named_parameters()], repr(nn.Parameter(torch.ones(2, device='cpu')))"
    if kind == "ordered":
        d.build = f"nn.Sequential(__import__('collections').OrderedDict(a=nn.Linear({n}, {hidden}), b=nn.Linear({hidden}, {m})))"
    elif kind == "nested":
        d.build = f"nn.Sequential(nn.Sequential({layers}), nn.Dropout(0.5), nn.Linear({m}, {m}))"
        d.terms += m
    else:
        d.build = f"nn.Sequential({layers})"
    return f"m({x}), len(m), m[0] is next(m.children()), [k for k, _ in m.named_modules()]"


sequential.refuses(
    "nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 3)); m(torch.ones(1, 2))",
    "nn.Sequential(3); m(torch.ones(1))",
    "nn.Sequential(nn.ReLU()); m[1]",
    "nn.ModuleList([nn.ReLU()]); m(torch.ones(1))",
    "nn.ModuleList([3]); m[0]",
    "nn.ModuleDict({'a': nn.ReLU()}); m['b']",
    "nn.Sequential(nn.ReLU()); m.nothing",
    "nn.Linear(1, 1); m.weight = 3",
    "nn.Linear(1, 1); m.register_parameter('weight', 3)",
    "nn.Linear(1, 1); m.register_buffer('weight', torch.ones(1))",
    "nn.Linear(1, 1); m.add_module('x', 3)",
    "nn.Linear(1, 1); m.to(torch.int64)",
    "nn.Linear(1, 1); m.train('yes')",
    "nn.Linear(1, 1); m.load_state_dict({'weight': torch.ones(2, 2), 'bias': torch.ones(1)})",
    "nn.Linear(1, 1); m.load_state_dict([1])",
    "nn.Linear(1, 1); m.get_submodule('nothing')",
    "nn.Module(); m(torch.ones(1))",
    "nn.Parameter(torch.tensor([1])); m",
)
