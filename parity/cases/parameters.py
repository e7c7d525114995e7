"""nn.utils: functions of many parameters and gradients."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw, volume

CLIPPED = """with torch.enable_grad():
    sum((p * p).sum() * 3 for p in params).backward()
"""


def _parameters(d: Draw) -> str:
    """Statements that make leaves with a gradient, and one leaf without."""
    names = []
    for i in range(d.integer(1, 3)):
        x = d.floats(f"x{i}", d.shape(0, 2, empty=False, elements=60), "normal|big", grad=False, layout="contiguous")
        d.terms += volume(x.shape)
        names.append(f"{x}.clone().requires_grad_()")
    idle = "extra = [torch.ones(2, requires_grad=True)]\n" if d.flag() else "extra = []\n"
    return f"params = [{', '.join(names)}]\n{idle}{CLIPPED}"


@case(
    "nn.utils.clip_grad_norm_",
    also=[f"nn.utils.{n}" for n in ("clip_grad_value_", "clip_grads_with_norm_", "get_total_norm")],
)
def clip(d: Draw) -> str:
    setup, norm = _parameters(d), d.choose("2.0", "1.0", "inf", "2", "0.5")
    change = d.choose(
        f"nn.utils.clip_grad_norm_(params + extra, {d.choose(1.0, 0.1, 1e6)}, norm_type={norm})",
        "nn.utils.clip_grad_norm_(params[0], 0.5)",
        f"nn.utils.clip_grad_value_(params + extra, {d.choose(0.5, 2, 100.0)})",
        f"nn.utils.get_total_norm([p.grad for p in params], {norm})",
        "nn.utils.clip_grads_with_norm_(params, 0.75, nn.utils.get_total_norm([p.grad for p in params]))",
    )
    return f"{setup}result = {change}\nout = result, [p.grad for p in params]"


for _norm in (2, 1.0, 3, "inf", "-inf", 0):
    for _most in (0.5, 1e6):
        clip.example(
            "params = [a.detach().clone().requires_grad_(), b.detach().clone().requires_grad_(), torch.ones(2, requires_grad=True)]\n"
            "with torch.enable_grad():\n"
            "    ((params[0] * a.detach()).sum() + (params[1] * b.detach()).sum()).backward()\n"
            f"norm = nn.utils.clip_grad_norm_(iter(params), {_most}, {_norm})\n"
            "out = norm, [p.grad for p in params]",
            terms=13,
            a=(3, 4),
            b=(),
        )


clip.refuses(
    "p = torch.full((2,), inf, requires_grad=True)\n(p * 2).sum().backward()\np.grad.fill_(nan)\n"
    "nn.utils.clip_grad_norm_([p], 1.0, error_if_nonfinite=True)",
    "nn.utils.clip_grad_norm_([torch.ones(2)], 'a')\nnn.utils.clip_grad_norm_(3, 1.0)",
)


@case("nn.utils.parameters_to_vector", also=["nn.utils.vector_to_parameters"])
def vectors(d: Draw) -> str:
    shapes = [d.shape(0, 3, empty=False, elements=40) for _ in range(d.integer(1, 3))]
    parts = [d.floats(f"x{i}", shape, layout="contiguous") for i, shape in enumerate(shapes)]
    if d.flag():
        return f"nn.utils.parameters_to_vector([{', '.join(map(str, parts))}])"
    vector = d.floats("v", (sum(map(volume, shapes)),), grad=False)
    targets = ", ".join(f"{x}.detach().clone()" for x in parts)
    return f"params = [{targets}]\nnn.utils.vector_to_parameters({vector}, params)\nout = params"


vectors.refuses(
    "nn.utils.vector_to_parameters([1.0], [torch.ones(1)])",
    "nn.utils.vector_to_parameters(torch.ones(3), [torch.ones(2, 2)])",
    "nn.utils.parameters_to_vector([])",
)
