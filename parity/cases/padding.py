"""Padding in every mode: the function and its modules."""

from __future__ import annotations

from parity.compare.case import CASES, case
from parity.compare.draw import Draw


@case("nn.functional.pad", groups=("", "reflect", "replicate", "circular"))
def pad(d: Draw) -> str:
    mode = d.group or "constant"
    if mode == "constant":
        shape = d.shape(1)
        amounts = [d.integer(-(n // 3), 3) for n in reversed(shape[d.integer(0, len(shape) - 1) :]) for _ in range(2)]
        value = d.choose("", ", value=1.5", ", 'constant'", ", mode='constant', value=-1.0")
        return f"F.pad({d.floats('x', shape)}, {tuple(amounts)}{value})"
    spatial = tuple(d.size(2, 6) for _ in range(d.integer(1, 3)))
    x = d.floats("x", (*d.choose((2, 3), (1, 1), (2,)), *spatial))
    most = {"reflect": -1, "replicate": 1, "circular": 0}[mode]
    d.gradient_terms = 16
    amounts = [d.integer(0, n + most) for n in reversed(spatial) for _ in range(2)]
    return f"F.pad({x}, {tuple(amounts)}, mode='{mode}')"


pad.refuses(
    "F.pad(torch.ones(2), (1, 1, 1, 1))",
    "F.pad(torch.ones(2), (1,))",
    "F.pad(torch.ones(2), (-3, 0))",
    "F.pad(torch.ones(1, 1, 3), (3, 0), mode='reflect')",
    "F.pad(torch.ones(1, 1, 3), (4, 0), mode='circular')",
    "F.pad(torch.ones(3), (1, 1), mode='reflect')",
    "F.pad(torch.ones(1, 1, 3), (1, 1), mode='nothing')",
    "F.pad(torch.ones(1, 1, 3), (1, 1), mode='reflect', value=1.0)",
    "F.pad(torch.ones(3, 3), 1)",
    "F.pad(torch.ones(3, 3), (1.0, 1))",
    "F.pad(torch.ones(3, 3), (1, 1), 'mirror')",
    "F.pad(torch.ones(1, 1, 0, 3), (1, 1, 1, 1), mode='replicate')",
    "F.pad(torch.ones(1, 1, 8), (-5, -4), mode='replicate')",
    "F.pad(torch.ones(1, 1, 8), (-5, -4), mode='circular')",
    "F.pad(torch.ones(1, 1, 8), (-9, 3))",
)


for _shape, _amounts, _mode in (
    ((2, 3, 4), (1, -2, 0, 1, -1, 3), "constant"),
    ((2, 3, 5, 6), (2, 1, -1, 3), "reflect"),
    ((2, 3, 5, 6), (2, -1, 7, 3), "replicate"),
    ((2, 3, 5, 6), (6, 1, 3, -2), "circular"),  # modulo the size after cropping
    ((2, 5), (5, 5), "circular"),
    ((2, 2, 3, 4, 4), (1, 1, 2, 2, 1, 1), "reflect"),
    ((0, 2, 3), (2, 1), "replicate"),
):
    pad.example(
        f"F.pad(x, {_amounts}, '{_mode}')", f"F.pad(x, {_amounts}, '{_mode}').pow(3)", gradient_terms=30, x=_shape
    )
pad.example("F.pad(x, (1, -2), value=inf)", "F.pad(x, (0, 2), value=nan)", "F.pad(x, (0, 0))", x=(2, 3))
pad.example(
    "F.pad(x, (1, 2), value=-3)",
    "F.pad(x.bool(), (1, 0), value=True)",
    "F.pad(x.to(torch.uint8), (2, 1), 'reflect')",
    "F.pad(x.int(), (2, 1), 'replicate')",
    "F.pad(x.bool(), (2, 1), 'circular')",
    x=[[[0, 1, 2], [3, 4, 5]]],
)


def _padding(name: str, dims: int) -> None:
    least = {"Reflection": 4, "Circular": 3, "Replication": 1}.get(name, 1)

    @case(f"nn.{name}Pad{dims}d", kind="module")
    def module(d: Draw) -> str:
        shape = (*d.choose((d.size(1, 3),), ()), d.size(1, 3), *(d.size(least, 6) for _ in range(dims)))
        amounts = tuple(d.integer(0, 3) for _ in range(2 * dims))
        d.gradient_terms = 16
        value = f", {d.real(-1.0, 0.5, 2.0)}" if name == "Constant" else ""
        d.build = f"nn.{name}Pad{dims}d({d.choose(str(amounts), str(amounts[0]))}{value})"
        return f"m({d.floats('x', shape)})"

    short_input = "torch.ones(1, 1, 2)" if dims == 1 else "torch.ones(1, 1, 2, 2)"
    module.refuses(f"nn.{name}Pad{dims}d(); m({short_input})")
    if name in ("Reflection", "Circular"):
        module.refuses(f"nn.{name}Pad{dims}d(3); m({short_input})")


for _name in ("Constant", "Zero", "Reflection", "Replication", "Circular"):
    for _dims in (1, 2):
        _padding(_name, _dims)

CASES["nn.CircularPad2d"].refuses("nn.CircularPad2d(1); m(torch.ones(3, 6))")
