"""Reading and writing by index."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw, Shape, volume


def _key(d: Draw, shape: Shape) -> str:
    """The text of an index expression that fits `shape`: integers, slices, ..., None, lists, masks, index tensors."""
    entries: list[str] = []
    fancy = d.choose("none", "none", "tensor", "list", "mask", "two")
    count = d.integer(0, len(shape))
    chosen = d.integer(0, max(0, count - 1))
    common = d.shape(0, 2, elements=8)
    dim = 0
    while dim < count:
        n = shape[dim]
        if n and fancy in ("tensor", "two") and (dim == chosen or (fancy == "two" and dim == chosen + 1)):
            index = d.integers(f"i{dim}", common if dim == chosen else d.broadcastable(common), -n, n)
            entries.append(str(index))
        elif n and fancy == "list" and dim == chosen:
            entries.append(str([d.integer(-n, n - 1) for _ in range(d.integer(0, 3))]))
        elif fancy == "mask" and dim == chosen:
            length = d.integer(1, len(shape) - dim) if d.flag() else 1
            entries.append(str(d.booleans("mask", shape[dim : dim + length])))
            dim += length - 1
        elif n and d.flag():
            entries.append(str(d.integer(-n, n - 1)))
        else:
            start, stop = d.choose("", str(d.integer(-n - 1, n + 1))), d.choose("", str(d.integer(-n - 1, n + 1)))
            entries.append(f"{start}:{stop}" + d.choose("", "::2"[1:], ":3"))
        dim += 1
    if d.integer(0, 3) == 3:
        entries.insert(d.integer(0, len(entries)), "None")
    if len(entries) and d.integer(0, 3) == 3 and fancy != "mask":
        entries.append("...")
    return ", ".join(entries) or "..."


@case("Tensor.__getitem__", groups=("", "assignment"), also=["Tensor.__setitem__"])
def getitem(d: Draw) -> str:
    shape = d.shape(0, 4, elements=300)
    x = d.floats("x", shape)
    key = _key(d, shape)
    d.gradient_terms = 8
    if not d.group:
        return f"{x}[{key}]"
    kind = d.choose("number", "tensor", "same", "augmented")
    if kind == "number":
        return f"out = {x}.clone()\nout[{key}] = {d.choose(0, -1.5)}"
    if kind == "tensor":
        return f"out = {x}.clone()\nout[{key}] = {d.floats('value', d.choose((), (1,)))}"
    if kind == "augmented":
        return f"out = {x}.clone()\nout[{key}] {d.choose('+', '*', '-')}= {d.floats('value', ())}"
    # if an index names an element twice, the result would depend on the order of the writes
    y = d.floats("y", shape)
    key = key if not any(i.name.startswith("i") or "[" in key for i in d.inputs) else "..."
    return f"out = {x}.clone()\nout[{key}] = {y}[{key}]"


getitem.refuses(
    "torch.ones(2)[2]",
    "torch.ones(2)[-3]",
    "torch.ones(2)[0, 0]",
    "torch.ones(2)[torch.tensor([2])]",
    "torch.ones(2)[torch.tensor([0.0])]",
    "torch.ones(2)[torch.tensor([True, False, True])]",
    "torch.ones(2, 3)[[0, 1], [0, 1, 2]]",
    "torch.ones(4)[::-1]",
    "torch.ones(2)['a']",
    "torch.ones(2)[1.0]",
    "torch.ones(())[0]",
    "x = torch.ones(2)\nx[2] = 1",
    "x = torch.ones(2, 3)\nx[0] = torch.ones(2)",
    "x = torch.ones(2)\nx[0] = 'a'",
    "x = torch.ones(2)\nx[torch.tensor([5])] = 1",
    "x = torch.ones(2, requires_grad=True)\nx[0] = 1",
    "x = torch.ones(2, requires_grad=True)\ny = x.exp()\ny[0] = 1\ny.sum().backward()",
)


@case("gather", also=["take_along_dim", "take", "Tensor.gather", "Tensor.take_along_dim", "Tensor.take"])
def gather(d: Draw) -> str:
    shape = d.shape(1, 3, empty=False)
    x, dim, name = (
        d.floats("x", shape),
        d.integer(-len(shape), len(shape) - 1),
        d.choose("gather", "take_along_dim", "take"),
    )
    d.gradient_terms = 16
    if name == "take":
        return d.spell(name, x, d.integers("index", d.shape(0, 2, elements=12), 0, volume(shape)))
    rest = [d.integer(0, n) for n in shape] if name == "gather" else list(shape)
    rest[dim] = d.integer(0, 9)
    return d.spell(
        name,
        x,
        *((dim,) if name == "gather" else ()),
        d.integers("index", tuple(rest), 0, shape[dim]),
        *((f"dim={dim}",) if name != "gather" else ()),
    )


gather.refuses(
    "torch.ones(2).gather(0, torch.tensor([2]))",
    "torch.ones(2).gather(0, torch.tensor([-1]))",
    "torch.ones(2).gather(0, torch.tensor([0.0]))",
    "torch.ones(2, 2).gather(0, torch.tensor([0]))",
    "torch.ones(2, 2).gather(0, torch.zeros(2, 3, dtype=torch.int64))",
    "torch.ones(2).gather(1, torch.tensor([0]))",
    "torch.ones(2).take(torch.tensor([2]))",
)


@case("scatter", also=["scatter_add", *(f"Tensor.scatter{n}{s}" for n in ("", "_add") for s in ("", "_"))])
def scatter(d: Draw) -> str:
    shape = d.shape(1, 3, empty=False, elements=200)
    x, dim, name = d.floats("x", shape), d.integer(-len(shape), len(shape) - 1), d.choose("scatter_add", "scatter")
    d.terms = shape[dim] + (name == "scatter_add")  # what is added, and what was there
    d.gradient_terms = shape[dim]
    if name == "scatter":  # distinct indices: otherwise the result would depend on the order of the writes
        places = f"torch.arange({shape[dim]}).flip(0).reshape({tuple(-1 if i == dim % len(shape) else 1 for i in range(len(shape)))}).expand({shape})"
        source = d.floats("source", shape) if d.flag() else d.choose(1.5, 0)
        return d.spell(name, x, dim, places, source, inplace=True)
    index = tuple(d.integer(0, n) for n in shape)
    return d.spell(name, x, dim, d.integers("index", index, 0, shape[dim]), d.floats("source", index), inplace=True)


scatter.refuses(
    "torch.ones(2).scatter(0, torch.tensor([2]), 1.0)",
    "torch.ones(2).scatter(0, torch.tensor([0, 1]), torch.ones(1))",
    "torch.ones(2).scatter(0, torch.tensor([0, 1]), torch.ones(2, dtype=torch.float64))",
    "torch.ones(2, 2).scatter_add(0, torch.tensor([0]), torch.ones(1))",
    "torch.ones(2).scatter_add(0, torch.tensor([0.0]), torch.ones(1))",
    "torch.ones(2).scatter_add(1, torch.tensor([0]), torch.ones(1))",
)


@case(
    "index_select",
    also=[
        "index_add",
        "index_copy",
        "index_fill",
        *(f"Tensor.index_{n}{s}" for n in ("select", "add", "copy", "fill") for s in ("", "_") if n + s != "select_"),
    ],
)
def index_select(d: Draw) -> str:
    shape = d.shape(1, 3, empty=False, elements=300)
    x, dim, name = (
        d.floats("x", shape),
        d.integer(-len(shape), len(shape) - 1),
        d.choose("select", "add", "copy", "fill"),
    )
    n = shape[dim]
    if name == "copy":
        places = list(d.subset(range(n), least=1))
        index, count = f"torch.tensor({places})", len(places)
    else:
        count = d.integer(1, 6)
        index = str(d.integers("index", (count,), 0, n))
    d.terms = count + (name == "add")  # what is added, and what was there
    d.gradient_terms = count
    if name == "select":
        return d.spell("index_select", x, dim, index)
    if name == "fill":
        return d.spell("index_fill", x, dim, index, d.choose(0.5, 2), inplace=True)
    sides = list(shape)
    sides[dim] = count
    source = d.floats("source", tuple(sides))
    alpha = (f"alpha={d.real(-1, 2)}",) if name == "add" and d.flag() else ()
    return d.spell(f"index_{name}", x, dim, index, source, *alpha, inplace=True)


index_select.refuses(
    "torch.ones(2).index_select(0, torch.tensor([2]))",
    "torch.ones(2).index_select(0, torch.tensor([[0]]))",
    "torch.ones(2).index_select(0, torch.tensor([0.0]))",
    "torch.ones(2).index_select(1, torch.tensor([0]))",
    "torch.ones(2).index_add(0, torch.tensor([0]), torch.ones(1, dtype=torch.float64))",
    "torch.ones(2).index_add(0, torch.tensor([0]), torch.ones(2))",
    "torch.ones(2).index_fill(0, torch.tensor([2]), 1.0)",
    "torch.ones(2).index_copy(0, torch.tensor([0]), torch.ones(2))",
)


@case("index_put", also=["Tensor.index_put", "Tensor.index_put_"])
def index_put(d: Draw) -> str:
    shape = d.shape(1, 2, empty=False, elements=100)
    x, count = d.floats("x", shape), d.integer(1, 6)
    d.terms = count + 1
    index = [d.integers(f"i{k}", (count,), 0, n) for k, n in enumerate(shape[: d.integer(1, len(shape))])]
    values = d.floats("values", d.choose((), (1,)) if len(index) < len(shape) else d.choose((), (count,)))
    return d.spell("index_put", x, f"({', '.join(map(str, index))},)", values, "accumulate=True", inplace=True)


index_put.refuses(
    "torch.ones(2).index_put((torch.tensor([2]),), torch.ones(1))",
    "torch.ones(2).index_put((torch.tensor([0]),), torch.ones(3))",
)


@case(
    "masked_select",
    also=[
        "masked_scatter",
        "nonzero",
        *(f"Tensor.{n}" for n in ("masked_select", "masked_scatter", "masked_scatter_", "nonzero")),
    ],
)
def masked_select(d: Draw) -> str:
    shape = d.shape(0, 3, elements=300)
    x, name = d.floats("x", shape), d.choose("masked_select", "masked_scatter", "nonzero")
    if name == "nonzero":
        return d.choose(d.spell(name, x), f"torch.nonzero({x}, as_tuple=True)", f"{x}.nonzero(as_tuple=True)")
    mask = d.booleans("mask", d.broadcastable(shape))
    if name == "masked_select":
        return d.spell(name, x, mask)
    return d.spell(name, x, mask, d.floats("source", (volume(shape) + 1,)), inplace=True)


masked_select.refuses(
    "torch.ones(2).masked_select(torch.ones(2))",
    "torch.ones(2).masked_select(torch.tensor([True, False, True]))",
    "torch.ones(3).masked_scatter(torch.tensor([True] * 3), torch.ones(2))",
)


@case(
    "writing in place",
    also=[
        f"Tensor.{n}"
        for n in [
            "fill_",
            "zero_",
            "copy_",
            "fill_diagonal_",
            "squeeze_",
            "unsqueeze_",
            "t_",
            "transpose_",
            "swapdims_",
            "swapaxes_",
            "detach_",
            "add_",
            "mul_",
        ]
    ],
)
def writing(d: Draw) -> str:
    shape = d.shape(2, 3, empty=False, elements=300)
    x = d.floats("x", shape)
    change = d.choose(
        "y.fill_(2.5)",
        "y.zero_()",
        f"y.fill_({d.floats('v', ())})",
        f"y.copy_({d.floats('source', d.broadcastable(shape))})",
        "y.squeeze_()",
        "y.unsqueeze_(1)",
        "y.transpose_(0, 1)",
        "y[0].mul_(3.0)",
        "y.select(0, 0).zero_()",
        "y[::2].add_(1.0)",
        f"y.transpose(0, 1).mul_({d.floats('w', ())})",
        "y[..., 0] = 0.0",
        "y[:, :1].copy_(y[:, -1:] * 2)",
        "y.swapdims_(0, -1)",
        "y.swapaxes_(0, 1)",
        "y.detach_()",
        "y = y[0] if y.dim() > 2 else y\ny.t_()",
        "y = y[0] if y.dim() > 2 else y\ny.fill_diagonal_(1.5)",
    )
    return f"y = {x}.clone()\n{change}\nout = y"


writing.refuses(
    "torch.ones(2).fill_(torch.ones(2))",
    "torch.ones(2).copy_(torch.ones(3))",
    "torch.ones(2, requires_grad=True).zero_()",
    "torch.ones(2, requires_grad=True)[0].zero_()",
    "x = torch.ones(2, requires_grad=True)\ny = x.sigmoid()\ny.zero_()\ny.sum().backward()",
    "x = torch.ones(2, requires_grad=True)\ny = x * 2\nz = y * y\ny.add_(1)\nz.sum().backward()",
    "torch.ones(1).expand(2).zero_().add_(torch.ones(2))",
    "torch.ones(2).fill_diagonal_(1.0)",
)
