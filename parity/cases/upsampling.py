"""Resizing of signals, images and volumes."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw, Shape, volume

MODES = ("nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area", "antialias")


def _resize(d: Draw) -> tuple[Shape, str]:
    """The shape of an input, and the arguments from the size on."""
    mode = d.group
    options = ""
    if mode == "antialias":
        mode = d.choose("bilinear", "bicubic", "lanczos")
        options = ", antialias=True"
    dims = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3, "lanczos": 2}.get(mode) or d.integer(1, 3)
    if mode == "area":
        dims = min(dims, 2)
    least = 2 if d.group == "antialias" else 1  # torch reads an antialiased image of width 1 wrongly
    sides = tuple(d.size(least**2, 5 if dims == 3 else 8) for _ in range(dims))
    shape = (d.size(1, 2), d.size(1, 3), *sides)
    d.terms, d.gradient_terms = volume(sides), 8 * volume(sides)
    kind = d.choose("size", "sizes", "scale", "scales", "recompute")
    if kind in ("size", "sizes"):
        sizes = tuple(d.size(least, 9) for _ in range(dims))
        arguments = f"size={sizes[0] if kind == 'size' else sizes}"
    else:
        # A factor other than 1 must change the size: otherwise torch's gradient does not match its result.
        factors = tuple(d.choose(2.0, 1.0, 3.0, *([0.5] if n > 1 else []), *([1.7] if n > 1 else [])) for n in sides)
        if kind == "scale":
            factors = (2.0,) * dims if min(sides) == 1 else (d.choose(0.5, 1.7, 2.0),) * dims
        arguments = f"scale_factor={factors[0] if kind == 'scale' else factors}"
        arguments += ", recompute_scale_factor=True" if kind == "recompute" else ""
    if mode in ("linear", "bilinear", "trilinear", "bicubic"):
        options += d.choose("", ", align_corners=True", ", align_corners=False")
    return shape, f"{arguments}, mode={mode!r}{options}"


@case("nn.functional.interpolate", groups=MODES)
def interpolate(d: Draw) -> str:
    shape, arguments = _resize(d)
    return f"F.interpolate({d.floats('x', shape)}, {arguments})"


@case("nn.Upsample", groups=MODES[:-1], kind="module")
def upsample(d: Draw) -> str:
    shape, arguments = _resize(d)
    d.build = f"nn.Upsample({arguments})"
    return f"m({d.floats('x', shape)})"


interpolate.example(
    "F.interpolate(x, (7, 3), mode='bilinear', align_corners=True)",
    "F.interpolate(x, (7, 3), mode='bicubic', align_corners=True)",
    "F.interpolate(x, scale_factor=(1.5, 0.5), mode='bicubic', recompute_scale_factor=True)",
    "F.interpolate(x, (7, 7), mode='nearest-exact')",
    terms=20,
    gradient_terms=160,
    x=(2, 3, 4, 5),
)


interpolate.refuses(
    "F.interpolate(torch.ones(1, 1, 4))",
    "F.interpolate(torch.ones(1, 1, 4), size=2, scale_factor=2.0)",
    "F.interpolate(torch.ones(1, 1, 4), size=0)",
    "F.interpolate(torch.ones(1, 1, 4), size=-1)",
    "F.interpolate(torch.ones(1, 1, 4), scale_factor=0.1)",
    "F.interpolate(torch.ones(1, 0, 4), size=2)",
    "F.interpolate(torch.ones(1, 1, 0), size=2)",
    "F.interpolate(torch.ones(1, 4), size=2)",
    "F.interpolate(torch.ones(1, 1, 4, 4, dtype=torch.int64), size=2)",
    "F.interpolate(torch.ones(1, 1, 4, 4), size=2.5)",
    "F.interpolate(torch.ones(1, 1, 4, 4), size=(2.5, 2))",
    "F.interpolate(torch.ones(1, 1, 4, 4), size=(3,))",
    "F.interpolate(torch.ones(1, 1, 4, 4), scale_factor=(2.0,))",
    "F.interpolate(torch.ones(1, 1, 4, 4), scale_factor='a')",
    "F.interpolate(torch.ones(1, 1, 4, 4), size=2, mode='cubic')",
    "F.interpolate(torch.ones(1, 1, 4, 4), size=2, mode='linear')",
    "F.interpolate(torch.ones(1, 1, 4), size=2, mode='bilinear')",
    "F.interpolate(torch.ones(1, 1, 4), size=2, align_corners=True)",
    "F.interpolate(torch.ones(1, 1, 4), size=2, recompute_scale_factor=True)",
    "F.interpolate(torch.ones(1, 1, 4), size=2, mode='linear', antialias=True)",
    "F.interpolate(torch.ones(1, 1, 4, 4), size=2, mode='lanczos')",
    "F.interpolate(torch.ones(1, 1, 4, 4), size=2, mode='lanczos', antialias=True, align_corners=True)",
)
upsample.refuses(
    "nn.Upsample(); m(torch.ones(1, 1, 4))",
    "nn.Upsample(size=2, mode='bilinear'); m(torch.ones(1, 1, 4))",
    "nn.Upsample(size=(2, 2)); m(torch.ones(1, 1, 4))",
)
