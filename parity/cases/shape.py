"""Reshaping, viewing, joining and splitting."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw, Shape, volume


def _any_dim(d: Draw, ndim: int) -> int:
    return d.integer(-ndim, ndim - 1)


def _refactored(d: Draw, shape: Shape) -> list[int]:
    """Another shape of the same volume, perhaps with -1 for one of its sides."""
    n, sides = volume(shape), []
    for factor in (2, 3, 5, 7):
        if n and n % factor == 0 and d.flag():
            sides.append(factor)
            n //= factor
    sides.insert(d.integer(0, len(sides)), n)
    if volume(shape) and d.flag():
        sides[d.integer(0, len(sides) - 1)] = -1
    return sides


@case("reshape", also=["Tensor.reshape", "Tensor.view", "Tensor.view_as", "Tensor.reshape_as"])
def reshape(d: Draw) -> str:
    shape = d.shape()
    kind = d.choose("reshape", "view", "view_as", "reshape_as")
    x = d.floats("x", shape, layout="contiguous" if kind.startswith("view") else None)
    sides = _refactored(d, shape)
    arguments = d.choose(str(tuple(sides)), ", ".join(map(str, sides)))
    if kind.endswith("_as"):
        other = d.floats(
            "other", tuple(volume(shape) // max(1, -volume(sides)) if n == -1 else n for n in sides), grad=False
        )
        return f"{x}.{kind}({other})"
    return d.choose(
        f"{x}.{kind}({arguments})",
        f"{x}.{kind}({arguments})",
        f"torch.reshape({x}, {tuple(sides)})" if kind == "reshape" else f"{x}.view({sides})",
    )


reshape.refuses(
    "torch.ones(6).reshape(4)",
    "torch.ones(6).reshape(-1, -1)",
    "torch.ones(6).view(4, -1)",
    "torch.ones(2, 3).t().view(6)",
    "torch.ones(6).reshape(-2, 3)",
    "torch.ones(0).reshape(-1, 0)",
    "torch.ones(6).reshape('a')",
    "torch.ones(6).view(2.0, 3)",
)


@case("flatten", also=["ravel", "unflatten", "Tensor.flatten", "Tensor.ravel", "Tensor.unflatten"])
def flatten(d: Draw) -> str:
    shape = d.shape()
    x, name = d.floats("x", shape), d.choose("flatten", "ravel", "unflatten")
    if name == "ravel" or not shape:
        return d.spell("ravel", x)
    start = d.integer(0, len(shape) - 1)
    if name == "unflatten":
        sides = _refactored(d, (shape[start],)) if shape[start] else [0, 2]
        return d.spell(name, x, start, tuple(sides))
    end = d.integer(start, len(shape) - 1)
    return d.spell(
        name, x, *d.choose((), (start,), (start, end), (f"start_dim={start}", f"end_dim={end - len(shape)}"))
    )


flatten.refuses(
    "torch.ones(2, 3).flatten(1, 0)",
    "torch.ones(2, 3).flatten(2)",
    "torch.ones(6).unflatten(0, (4, 2))",
    "torch.ones(6).unflatten(0, (-1, -1))",
)


@case(
    "transpose",
    also=["t", "permute", "movedim", "swapaxes", "swapdims", "moveaxis"]
    + [f"Tensor.{n}" for n in ["transpose", "t", "permute", "movedim", "swapaxes", "swapdims", "moveaxis", "T", "mT"]],
)
def transpose(d: Draw) -> str:
    name = d.choose("transpose", "t", "permute", "movedim", "swapaxes", "swapdims", "moveaxis", "T", "mT")
    if name in ("t", "T"):
        x = d.floats("x", d.shape(2 if name == "T" else 0, 2))
        return f"{x}.T" if name == "T" else d.spell("t", x)
    shape = d.shape(2 if name == "mT" else 1)
    x, n = d.floats("x", shape), len(shape)
    if name == "mT":
        return f"{x}.mT"
    if name == "permute":
        dims = d.subset(range(n), least=n)
        return d.choose(
            f"torch.permute({x}, {dims})", f"{x}.permute({', '.join(map(str, dims))})", f"{x}.permute({dims})"
        )
    if name.startswith("move"):
        count = d.integer(1, n)
        source, target = d.subset(range(n), least=n)[:count], d.subset(range(n), least=n)[:count]
        return d.spell(name, x, source[0], target[0]) if count == 1 else d.spell(name, x, source, target)
    return d.spell(name, x, _any_dim(d, n), _any_dim(d, n))


transpose.refuses(
    "torch.ones(2, 3).transpose(0, 2)",
    "torch.ones(2, 3, 4).t()",
    "torch.ones(2, 3).permute(0)",
    "torch.ones(2, 3).permute(0, 0)",
    "torch.ones(2, 3).permute(0, 2)",
    "torch.ones(2, 3).movedim((0, 1), (0, 0))",
    "torch.ones(2, 3).movedim(0, 2)",
    "torch.ones(2).mT",
)


@case("squeeze", also=["unsqueeze", "Tensor.squeeze", "Tensor.unsqueeze"])
def squeeze(d: Draw) -> str:
    shape = tuple(1 if d.flag() else n for n in d.shape())
    x = d.floats("x", shape)
    if d.flag():
        return d.spell("unsqueeze", x, d.integer(-len(shape) - 1, len(shape)))
    if not shape or d.flag():
        return d.spell("squeeze", x)
    return d.spell("squeeze", x, d.choose(_any_dim(d, len(shape)), d.subset(range(len(shape)))))


squeeze.refuses(
    "torch.ones(2).squeeze(1)",
    "torch.ones(2).unsqueeze(2)",
    "torch.ones(1, 2).squeeze((0, 0))",
    "torch.ones(2).unsqueeze()",
)


@case(
    "Tensor.expand",
    also=["Tensor.expand_as", "broadcast_to", "Tensor.broadcast_to", "broadcast_tensors", "broadcast_shapes"],
)
def expand(d: Draw) -> str:
    target = d.shape()
    shape = d.broadcastable(target)
    x, kind = (
        d.floats("x", shape),
        d.choose("expand", "expand_as", "broadcast_to", "broadcast_tensors", "broadcast_shapes"),
    )
    if kind == "expand":
        sides = [
            -1
            if i >= len(target) - len(shape) and d.integer(0, 3) == 3 and shape[i - len(target) + len(shape)] == n
            else n
            for i, n in enumerate(target)
        ]
        return f"{x}.expand({d.choose(', '.join(map(str, sides)), str(tuple(sides)))})" if target else f"{x}.expand(())"
    if kind == "expand_as":
        return f"{x}.expand_as({d.floats('y', target)})"
    if kind == "broadcast_tensors":
        return f"tuple(torch.broadcast_tensors({x}, {d.floats('y', d.broadcastable(target))}))"
    if kind == "broadcast_shapes":
        return f"torch.broadcast_shapes({shape}, {d.broadcastable(target)})"
    return d.spell(kind, x, target)


expand.example(
    *(f"y = x.{call}\nout = y, y.stride()" for call in ("expand(1, 2)", "expand(3, 1, 2)", "broadcast_to((1, 2))")),
    x=(2,),
)
expand.refuses(
    "torch.ones(2).expand(3)",
    "torch.ones(2, 3).expand(3)",
    "torch.ones(2).expand(-1, 2)",
    "torch.broadcast_to(torch.ones(2), (3,))",
    "torch.broadcast_tensors(torch.ones(2), torch.ones(3))",
    "torch.broadcast_shapes((2,), (3,))",
)


@case("tile", also=["Tensor.repeat", "Tensor.tile", "repeat_interleave", "Tensor.repeat_interleave"])
def tile(d: Draw) -> str:
    shape = d.shape(most=3, elements=60)
    x, kind = d.floats("x", shape), d.choose("repeat", "tile", "repeat_interleave", "repeats")
    if kind == "repeat_interleave":
        dim = d.choose((), (f"dim={_any_dim(d, len(shape))}",)) if shape else ()
        d.gradient_terms = 3
        return d.spell(kind, x, d.integer(0, 3), *dim)
    if kind == "repeats" and shape:
        along = _any_dim(d, len(shape))
        return d.spell("repeat_interleave", x, d.integers("counts", (shape[along],), 0, 3), f"dim={along}")
    extra = d.integer(0, 1) if kind == "repeat" else d.integer(-1, 1)
    counts = tuple(d.integer(0 if d.integer(0, 9) == 9 else 1, 3) for _ in range(max(0, len(shape) + extra)))
    d.gradient_terms = volume(counts)
    return f"{x}.repeat({counts})" if kind == "repeat" else d.spell("tile", x, counts)


tile.refuses(
    "torch.ones(2, 3).repeat(2)",
    "torch.ones(2).repeat(-1)",
    "torch.ones(3).repeat_interleave(-1)",
    "torch.ones(3).repeat_interleave(torch.tensor([1, 2]))",
    "torch.ones(3).repeat_interleave(2, dim=1)",
    "torch.ones(3).repeat_interleave(torch.tensor([1.0, 2.0, 3.0]))",
    "torch.ones(3).repeat_interleave(torch.tensor([True, True, True]))",
    "torch.ones(3).repeat_interleave(1.0)",
)
tile.example("torch.repeat_interleave(x, torch.tensor([], dtype=torch.int64), dim=0)", "x.repeat_interleave(2)", x=(0,))


@case("cat", also=["concat", "concatenate", "stack", "hstack", "vstack"])
def cat(d: Draw) -> str:
    name = d.choose("cat", "concat", "concatenate", "stack", "hstack", "vstack")
    shape, count = d.shape(0 if name == "stack" else 1, 3, elements=200), d.integer(1, 3)
    dim = d.integer(-len(shape) - 1, len(shape)) if name == "stack" else _any_dim(d, len(shape))
    along = {"hstack": min(1, len(shape) - 1), "vstack": 0 if len(shape) > 1 else None, "stack": None}.get(name, dim)
    parts = []
    for i in range(count):
        sides = list(shape)
        if along is not None:
            sides[along] = d.integer(0, 3)
        parts.append(d.floats(f"x{i}", tuple(sides)))
    tensors = d.choose("[{}]", "({},)").format(", ".join(map(str, parts)))
    return (
        f"torch.{name}({tensors})"
        if name.endswith("stack") and name != "stack"
        else f"torch.{name}({tensors}, dim={dim})"
    )


cat.refuses(
    "torch.cat([])",
    "torch.cat([torch.ones(2, 3), torch.ones(2, 2)], 0)",
    "torch.cat([torch.ones(2), torch.ones(2, 2)])",
    "torch.cat(torch.ones(2))",
    "torch.cat([torch.ones(2), 1.0])",
    "torch.cat([torch.ones(2)], 1)",
    "torch.cat([torch.ones(())])",
    "torch.stack([])",
    "torch.stack([torch.ones(2), torch.ones(3)])",
    "torch.stack([torch.ones(2)], 2)",
    "torch.vstack([torch.ones(2), torch.ones(3)])",
)


@case("cat(mixed dtypes)")
def cat_mixed(d: Draw) -> str:
    x, y = d.floats("x", (2, 3)), d.integers("y", (2, 3), -5, 6, d.choose("int64", "bool", "int8"))
    z = d.integers("z", (1, 3), 0, 3, d.choose("int32", "uint8"))
    return d.choose(
        f"torch.cat([{y}, {x}])",
        f"torch.cat([{y}, {z}])",
        f"torch.stack([{x}, {y}])",
        f"torch.cat([torch.ones(0), {x}], 1)",
    )


@case(
    "split",
    also=[
        "chunk",
        "unbind",
        "narrow",
        "select",
        *(f"Tensor.{n}" for n in ["split", "chunk", "unbind", "narrow", "select"]),
    ],
)
def split(d: Draw) -> str:
    shape = d.shape(1, empty=False)
    x, dim, name = (
        d.floats("x", shape),
        _any_dim(d, len(shape)),
        d.choose("split", "sections", "chunk", "unbind", "narrow", "select"),
    )
    n = shape[dim]
    if name == "split":
        return d.spell(name, x, d.integer(1, n), f"dim={dim}")
    if name == "sections":
        first = d.integer(0, n)
        return d.spell("split", x, [first, n - first], f"dim={dim}")
    if name == "chunk":
        return d.spell(name, x, d.integer(1, n + 1), f"dim={dim}")
    if name == "unbind":
        return d.spell(name, x, f"dim={dim}")
    if name == "select":
        return d.spell(name, x, dim, d.integer(-n, n - 1))
    start = d.integer(0, n)
    return d.spell(name, x, dim, start, d.integer(0, n - start))


split.refuses(
    "torch.ones(4).split([1, 2])",
    "torch.ones(4).split(0)",
    "torch.ones(4).split(-1)",
    "torch.ones(4).split(2, 1)",
    "torch.ones(4).chunk(0)",
    "torch.ones(()).unbind()",
    "torch.ones(4).narrow(0, 3, 2)",
    "torch.ones(4).narrow(0, 0, -1)",
    "torch.ones(4).select(0, 4)",
    "torch.ones(()).select(0, 0)",
    "torch.ones(4).select(1, 0)",
)


@case("flip", also=["roll", "Tensor.flip", "Tensor.roll"])
def flip(d: Draw) -> str:
    shape = d.shape(1)
    x, n = d.floats("x", shape), len(shape)
    if d.flag():
        dims = d.subset(range(n), least=1)
        return d.choose(f"torch.flip({x}, {dims})", f"{x}.flip({', '.join(map(str, dims))})", f"{x}.flip({list(dims)})")
    if d.flag():
        return d.spell("roll", x, d.integer(-4, 4))
    dims = d.subset(range(n), least=1)
    return d.spell("roll", x, tuple(d.integer(-4, 4) for _ in dims), dims)


flip.refuses(
    "torch.ones(2).flip(1)", "torch.ones(2, 2).flip(0, 0)", "torch.ones(2).roll((1, 2), 0)", "torch.ones(2).roll(1, 1)"
)


@case("Tensor.unfold")
def unfold(d: Draw) -> str:
    shape = d.shape(1, 3, empty=False)
    dim = _any_dim(d, len(shape))
    d.gradient_terms = shape[dim]
    return f"{d.floats('x', shape)}.unfold({dim}, {d.integer(1, shape[dim])}, {d.integer(1, 3)})"


unfold.refuses(
    "torch.ones(3).unfold(0, 4, 1)",
    "torch.ones(3).unfold(0, 2, 0)",
    "torch.ones(3).unfold(1, 2, 1)",
    "torch.ones(3).unfold(0, -1, 1)",
)


@case("diagonal", also=["diag", "diag_embed", "Tensor.diagonal", "Tensor.diag", "Tensor.diag_embed"])
def diagonal(d: Draw) -> str:
    name = d.choose("diagonal", "diag", "diag_embed")
    offset = d.integer(-2, 2)
    if name == "diag":
        return d.spell(name, d.floats("x", d.shape(1, 2, empty=False)), offset)
    shape = d.shape(2, empty=False, elements=300)
    x = d.floats("x", shape)
    dims = d.subset(range(len(shape)), least=2)[:2]
    options = d.choose((), (f"offset={offset}",), (f"offset={offset}", f"dim1={dims[0]}", f"dim2={dims[1]}"))
    return d.spell(name, x, *options)


diagonal.refuses(
    "torch.ones(2).diagonal()",
    "torch.ones(2, 2).diagonal(0, 0, 0)",
    "torch.ones(2, 2, 2).diag()",
    "torch.ones(2, 2).diagonal(0, 0, 2)",
)


@case("tril", also=["triu", *(f"Tensor.tri{n}{s}" for n in "lu" for s in ("", "_"))])
def tril(d: Draw) -> str:
    return d.spell(
        d.choose("tril", "triu"), d.floats("x", d.shape(2)), *d.choose((), (d.integer(-3, 3),)), inplace=True
    )


tril.refuses("torch.ones(2).tril()", "torch.ones(()).triu()")


@case("row_stack")
def row_stack(d: Draw) -> str:
    n, rows = d.size(), d.size(1, 3)
    return f"torch.row_stack(({d.floats('x', (rows, n))}, {d.floats('y', (n,))}))"


row_stack.refuses("torch.row_stack((torch.ones(2), torch.ones(3)))", "torch.row_stack(())")
