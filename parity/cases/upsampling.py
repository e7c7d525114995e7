"""Transposed convolution, windows as columns and back, resizing, and the cosine of two vectors."""

from __future__ import annotations

from parity.cases.conv import Config, short
from parity.compare.case import case
from parity.compare.draw import Draw, Shape, volume

# -- transposed convolution

GROUPS = ("plain", "stride", "padding", "dilation", "groups", "output_padding", "everything")


class Transposed:
    """A configuration of a transposed convolution and the shape of an input that it takes."""

    def __init__(self, d: Draw, kind: str) -> None:
        c = Config(d, "everything" if kind in ("output_padding", "everything") else kind)
        self.kernel, self.stride, self.dilation, self.groups = c.kernel, c.stride, c.dilation, c.groups
        self.inputs, self.outputs = c.inputs, c.outputs
        self.more = (0, 0)
        if kind in ("output_padding", "everything"):
            rows, columns = (max(s, g) - 1 for s, g in zip(self.stride, self.dilation, strict=True))
            self.more = d.integer(0, rows), d.integer(0, columns)
        sides = [d.size(1, 5), d.size(1, 5)]
        spans = [g * (k - 1) + 1 for k, g in zip(self.kernel, self.dilation, strict=True)]
        whole = [(n - 1) * s + span for n, s, span in zip(sides, self.stride, spans, strict=True)]
        self.padding = (0, 0)
        if kind in ("padding", "stride", "everything"):
            rows, columns = (min(2, (n - 1) // 2) for n in whole)
            self.padding = d.integer(0, rows), d.integer(0, columns)
        batch = () if d.integer(0, 5) == 5 else (d.batch(),)
        self.shape: Shape = (*batch, self.inputs, *sides)
        taps = self.kernel[0] * self.kernel[1]
        places = max(1, volume(batch)) * max(volume(sides), volume(whole))
        d.terms = taps * self.inputs // self.groups + 1
        d.gradient_terms = max(taps * self.outputs // self.groups, places)

    def options(self) -> str:
        """The keyword arguments that differ from their defaults."""
        given = {
            "stride": (self.stride, (1, 1)),
            "padding": (self.padding, (0, 0)),
            "output_padding": (self.more, (0, 0)),
            "groups": (self.groups, 1),
            "dilation": (self.dilation, (1, 1)),
        }
        return "".join(f", {name}={short(value)!r}" for name, (value, default) in given.items() if value != default)


@case("nn.functional.conv_transpose2d", groups=GROUPS)
def conv_transpose2d(d: Draw) -> str:
    c = Transposed(d, d.group)
    x, weight = d.floats("x", c.shape), d.floats("weight", (c.inputs, c.outputs // c.groups, *c.kernel))
    bias = d.floats("bias", (c.outputs,)) if d.flag() else None
    return f"F.conv_transpose2d({x}, {weight}, {bias}{c.options()})"


conv_transpose2d.refuses(
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(3, 1, 2, 2))",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), torch.ones(2))",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), stride=0)",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), padding=-1)",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), output_padding=1)",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), output_padding=-1)",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), dilation=0)",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), groups=0)",
    "F.conv_transpose2d(torch.ones(1, 3, 3, 3), torch.ones(3, 1, 2, 2), groups=2)",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), padding='same')",
    "F.conv_transpose2d(torch.ones(1, 2, 1, 1), torch.ones(2, 1, 1, 1), padding=1)",
    "F.conv_transpose2d(torch.ones(1, 2, 0, 3), torch.ones(2, 1, 2, 2))",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 0, 2, 2))",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 0))",
    "F.conv_transpose2d(torch.ones(3, 3), torch.ones(2, 1, 2, 2))",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2))",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2, dtype=torch.float64))",
    "F.conv_transpose2d(torch.ones(1, 2, 3, 3), torch.ones(2, 1, 2, 2), stride=(1, 2, 3))",
)


@case("nn.ConvTranspose2d", groups=(*GROUPS, "output_size"), kind="module")
def conv_transpose2d_module(d: Draw) -> str:
    c = Transposed(d, "stride" if d.group == "output_size" else d.group)
    d.build = (
        f"nn.ConvTranspose2d({c.inputs}, {c.outputs}, {short(c.kernel)}{c.options()}{d.choose('', '', ', bias=False')})"
    )
    x = d.floats("x", c.shape)
    if d.group != "output_size":
        return f"m({x})"
    sizes = [
        (n - 1) * s - 2 * p + g * (k - 1) + 1 + d.integer(0, s - 1)
        for n, s, p, g, k in zip(c.shape[-2:], c.stride, c.padding, c.dilation, c.kernel, strict=True)
    ]
    return f"m({x}, output_size={sizes})"


conv_transpose2d_module.refuses(
    "nn.ConvTranspose2d(3, 4, 2, groups=2); m(torch.ones(1, 3, 4, 4))",
    "nn.ConvTranspose2d(2, 3, 2, groups=2); m(torch.ones(1, 2, 4, 4))",
    "nn.ConvTranspose2d(1, 1, 2, padding_mode='circular'); m(torch.ones(1, 1, 4, 4))",
    "nn.ConvTranspose2d(1, 1, 2); m(torch.ones(1, 2, 4, 4))",
    "nn.ConvTranspose2d(1, 1, 2, output_padding=1); m(torch.ones(1, 1, 4, 4))",
    "nn.ConvTranspose2d(1, 1, 2, 2); m(torch.ones(1, 1, 4, 4), output_size=(10, 9))",
    "nn.ConvTranspose2d(1, 1, 2, 2); m(torch.ones(1, 1, 4, 4), output_size=(8,))",
    "nn.ConvTranspose2d(1, 1); m(torch.ones(1, 1, 4, 4))",
)

# -- windows as columns

WINDOWS = ("plain", "stride", "padding", "dilation", "everything")


def _windows(d: Draw) -> tuple[Shape, Shape, str, int]:
    """The shape of an image, that of its columns, the arguments from the kernel size on, and the number of taps."""
    c = Config(d, d.group)
    size = c.shape[-2:]
    padding = c.padding if isinstance(c.padding, tuple) else (0, 0)
    counts = [
        (n + 2 * p - g * (k - 1) - 1) // s + 1
        for n, p, g, k, s in zip(size, padding, c.dilation, c.kernel, c.stride, strict=True)
    ]
    channels, taps = d.integer(1, 3), c.kernel[0] * c.kernel[1]
    batch = d.choose((d.batch(),), ())
    given = {"dilation": (c.dilation, (1, 1)), "padding": (padding, (0, 0)), "stride": (c.stride, (1, 1))}
    options = "".join(f", {name}={short(value)}" for name, (value, default) in given.items() if value != default)
    columns = (*batch, channels * taps, counts[0] * counts[1])
    return (*batch, channels, *size), columns, f"{short(c.kernel)}{options}", taps


@case("nn.functional.unfold", groups=WINDOWS)
def unfold(d: Draw) -> str:
    image, _, arguments, taps = _windows(d)
    d.gradient_terms = taps
    return f"F.unfold({d.floats('x', image)}, {arguments})"


@case("nn.functional.fold", groups=WINDOWS)
def fold(d: Draw) -> str:
    image, columns, arguments, d.terms = _windows(d)
    return f"F.fold({d.floats('x', columns)}, {short(image[-2:])}, {arguments})"


@case("nn.Unfold", groups=WINDOWS, kind="module")
def unfold_module(d: Draw) -> str:
    image, _, arguments, taps = _windows(d)
    d.gradient_terms = taps
    d.build = f"nn.Unfold({arguments})"
    return f"m({d.floats('x', image)})"


@case("nn.Fold", groups=WINDOWS, kind="module")
def fold_module(d: Draw) -> str:
    image, columns, arguments, d.terms = _windows(d)
    d.build = f"nn.Fold({short(image[-2:])}, {arguments})"
    return f"m({d.floats('x', columns)})"


unfold.refuses(
    "F.unfold(torch.ones(1, 1, 2, 2), 3)",
    "F.unfold(torch.ones(2, 2), 2)",
    "F.unfold(torch.ones(1, 0, 2, 2), 2)",
    "F.unfold(torch.ones(1, 1, 0, 2), 2, padding=2)",
    "F.unfold(torch.ones(1, 1, 2, 2), 2, stride=0)",
    "F.unfold(torch.ones(1, 1, 2, 2), 2, padding=-1)",
    "F.unfold(torch.ones(1, 1, 2, 2), 2, dilation=0)",
    "F.unfold(torch.ones(1, 1, 2, 2), 0)",
    "F.unfold(torch.ones(1, 1, 2, 2, dtype=torch.int64), 2)",
    "F.unfold(torch.ones(1, 1, 2, 2), (2, 2, 2))",
    "F.unfold(torch.ones(1, 1, 2, 2), (2,))",
    "F.unfold(torch.ones(1, 1, 2, 2), 2.5)",
)
fold.refuses(
    "F.fold(torch.ones(1, 4, 3), (2, 2), 2)",
    "F.fold(torch.ones(1, 5, 1), (2, 2), 2)",
    "F.fold(torch.ones(1, 4, 1, 1), (2, 2), 2)",
    "F.fold(torch.ones(1, 4, 0), (1, 1), 2)",
    "F.fold(torch.ones(1, 4, 1), (2, 2), 2, stride=0)",
    "F.fold(torch.ones(1, 4, 1), (2, 2), 2, dilation=0)",
    "F.fold(torch.ones(1, 4, 1), (2, 2), 2, padding=-1)",
    "F.fold(torch.ones(1, 4, 1), (2, 2), 0)",
    "F.fold(torch.ones(1, 4, 1, dtype=torch.int64), (2, 2), 2)",
    "F.fold(torch.ones(1, 4, 1), (2, 2, 2), 2)",
    "F.fold(torch.ones(1, 4, 1), (2,), 2)",
    "F.fold(torch.ones(1, 4, 1), (2.0, 2), 2)",
)
unfold_module.refuses("nn.Unfold(3); m(torch.ones(1, 1, 2, 2))", "nn.Unfold(); m(torch.ones(1, 1, 2, 2))")
fold_module.refuses("nn.Fold((2, 2), 2); m(torch.ones(1, 4, 3))", "nn.Fold((2, 2)); m(torch.ones(1, 4, 1))")

# -- resizing

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
    least = 2 if d.group == "antialias" else 1  # antialiased, torch reads an image of width 1 wrongly
    sides = tuple(d.size(least**2, 5 if dims == 3 else 8) for _ in range(dims))
    shape = (d.size(1, 2), d.size(1, 3), *sides)
    d.terms, d.gradient_terms = volume(sides), 8 * volume(sides)
    kind = d.choose("size", "sizes", "scale", "scales", "recompute")
    if kind in ("size", "sizes"):
        sizes = tuple(d.size(least, 9) for _ in range(dims))
        arguments = f"size={sizes[0] if kind == 'size' else sizes}"
    else:
        # A dimension must not stay as it is but by a factor of 1: torch's gradient is another there than its result's.
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

# -- the cosine of two vectors


def _vectors(d: Draw) -> tuple[str, int]:
    """Two inputs, joined by a comma, and a dimension of the shape that they broadcast to."""
    shape = tuple(d.size(2, 6) for _ in range(d.integer(1, 3)))  # one number alone has no gradient but rounding
    dim = d.integer(0, len(shape) - 1)
    d.terms = d.gradient_terms = 2 * volume(shape)
    x = d.floats("x", shape, "normal|apart")
    if len(shape) > 1 and dim == len(shape) - 1 and d.flag():
        return f"{x}, {d.floats('y', shape[1:], 'normal|apart')}", dim
    return f"{x}, {d.floats('y', shape, 'normal|apart')}", dim


@case("nn.functional.cosine_similarity")
def cosine_similarity(d: Draw) -> str:
    vectors, dim = _vectors(d)
    return f"F.cosine_similarity({vectors}, dim={dim}{d.choose('', ', eps=0.5')})"


@case("nn.CosineSimilarity", kind="module")
def cosine_similarity_module(d: Draw) -> str:
    vectors, dim = _vectors(d)
    d.build = f"nn.CosineSimilarity(dim={dim}{d.choose('', ', eps=0.5')})"
    return f"m({vectors})"


cosine_similarity.refuses(
    "F.cosine_similarity(torch.ones(2, 3), torch.ones(2, 4))",
    "F.cosine_similarity(torch.ones(2, 3), torch.ones(2, 3), dim=2)",
    "F.cosine_similarity(torch.ones(3), torch.ones(3))",
    "F.cosine_similarity(torch.ones(2, 3, dtype=torch.int64), torch.ones(2, 3, dtype=torch.int64))",
    "F.cosine_similarity(torch.ones(2, 3), torch.ones(2, 3), eps=-1.0)",
    "F.cosine_similarity(torch.ones(3), 3)",
)
cosine_similarity_module.refuses("nn.CosineSimilarity(2); m(torch.ones(2, 3), torch.ones(2, 3))")
