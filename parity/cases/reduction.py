"""Sums, means, extremes and sorting along dimensions."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw, Shape, volume


def _dims(d: Draw, shape: Shape, several: bool = True) -> tuple[tuple[str, ...], int]:
    """The arguments of a reduction over drawn dimensions (none: over all), and how many elements are reduced to one."""
    ndim = len(shape)
    kind = d.choose("all", "one", "several" if several else "one")
    keep = d.choose((), (), ("keepdim=True",))
    if kind == "all" or not ndim:
        return (), volume(shape)
    if kind == "one":
        dim = d.integer(-ndim, ndim - 1)
        return (f"dim={dim}", *keep), shape[dim]
    dims = d.subset(range(ndim), least=1)
    return (f"dim={dims}" if d.flag() else f"dim={list(dims)}", *keep), volume([shape[i] for i in dims])


def _one_dim(d: Draw, shape: Shape) -> int:
    ndim = max(1, len(shape))
    return d.integer(-ndim, ndim - 1)


def _length(shape: Shape, dim: int) -> int:
    return shape[dim] if shape else 1


@case("sum", groups=("", "special"), also=["Tensor.sum", "Tensor.nansum", "nansum"])
def sum_(d: Draw) -> str:
    shape = d.shape()
    x = d.floats("x", shape, d.group or None)
    arguments, d.terms = _dims(d, shape)
    dtype = d.choose((), (), (), ("dtype=torch.float64",)) if arguments else ()
    return d.spell(d.choose("sum", "nansum" if d.group else "sum"), x, *arguments, *dtype)


sum_.refuses(
    "torch.ones(2, 3).sum(2)",
    "torch.ones(2, 3).sum((0, 0))",
    "torch.ones(2, 3).sum((0, -2))",
    "torch.ones(2, 3).sum('x')",
    "torch.sum([1.0, 2.0])",
)


@case("mean", groups=("", "special"), also=["Tensor.mean"])
def mean(d: Draw) -> str:
    shape = d.shape()
    x = d.floats("x", shape, d.group or None)
    arguments, d.terms = _dims(d, shape)
    return d.spell("mean", x, *arguments)


mean.refuses("torch.ones(2, dtype=torch.int64).mean()", "torch.ones(2).mean(1)", "torch.tensor([True]).mean(0)")


@case("var", also=["std", "Tensor.var", "Tensor.std", "var_mean", "std_mean"])
def var(d: Draw) -> str:
    shape = d.shape(1, empty=False)
    arguments, count = _dims(d, shape)
    d.terms = 2 * count
    free, lost = d.choose(
        ((), 1), (("correction=0",), 0), (("correction=2",), 2), (("unbiased=False",) if arguments else ("False",), 0)
    )
    x = d.floats("x", shape, "distinct" if count > 1 else "normal", grad=count > max(lost, 1))
    name = d.choose("var", "std", "var_mean", "std_mean")
    return d.spell(name, x, *arguments, *free, method="mean" not in name)


var.refuses("torch.ones(2, dtype=torch.int64).var()", "torch.ones(2).std(1)", "torch.std(torch.tensor([True, False]))")


@case("prod", groups=("", "special"), also=["Tensor.prod"])
def prod(d: Draw) -> str:
    shape = d.shape(most=3, elements=24)
    x = d.floats("x", shape, d.group or "normal|whole|apart", grad=not d.group)
    arguments, d.terms = _dims(d, shape, several=False)
    d.gradient_terms = d.terms * d.terms
    return d.spell("prod", x, *arguments)


prod.example("torch.prod(x)", x=[-0.09540101885795593])  # one factor: its gradient does not depend on it
prod.refuses("torch.ones(2, 3).prod((0, 1))", "torch.ones(2).prod(1)")


@case("amax", groups=("", "special"), also=["amin", "Tensor.amax", "Tensor.amin"])
def amax(d: Draw) -> str:
    shape = d.shape(empty=False)
    x = d.floats("x", shape, d.group or "normal|whole|zeros")
    arguments, d.gradient_terms = _dims(d, shape)
    return d.spell(d.choose("amax", "amin"), x, *arguments)


amax.refuses("torch.ones(0, 3).amax([])", "torch.ones(2, 0).amax(1)", "torch.ones(2).amin(1)", "torch.ones(0).amax()")


@case("max", groups=("", "special"), also=["min", "Tensor.max", "Tensor.min"])
def max_(d: Draw) -> str:
    shape = d.shape(empty=False)
    x = d.floats("x", shape, d.group or "normal|distinct")
    name = d.choose("max", "min")
    if d.integer(0, 3) == 3:
        d.gradient_terms = 2
        return d.spell(name, x, d.floats("y", d.broadcastable(shape), "normal|whole"))
    arguments, d.gradient_terms = _dims(d, shape, several=False)
    call = d.spell(name, x, *arguments)
    return d.choose(f"tuple({call})", f"{call}.values", f"{call}.indices") if arguments else call


max_.refuses(
    "torch.ones(0).max()",
    "torch.ones(2, 0).max(1)",
    "torch.ones(2).min(1)",
    "torch.max(torch.ones(2), torch.ones(3))",
    "torch.ones(2).max((0,))",
)


@case("argmax", groups=("", "special"), also=["argmin", "Tensor.argmax", "Tensor.argmin"])
def argmax(d: Draw) -> str:
    shape = d.shape(empty=False)
    x = d.floats("x", shape, d.group or "normal|whole|zeros")
    arguments, _ = _dims(d, shape, several=False)
    return d.spell(d.choose("argmax", "argmin"), x, *arguments)


argmax.refuses("torch.ones(0).argmax()", "torch.ones(2, 0).argmax(1)", "torch.ones(2).argmin(1)")
argmax.refuses("torch.tensor([True]).argmax(2)", "torch.tensor([True]).argmax()", "torch.tensor([True]).argmin(0)")


@case("aminmax", groups=("", "special"), also=["Tensor.aminmax"])
def aminmax(d: Draw) -> str:
    shape = d.shape(empty=False)
    x = d.floats("x", shape, d.group or "normal|distinct")
    arguments, d.gradient_terms = _dims(d, shape, several=False)
    return f"tuple({d.spell('aminmax', x, *arguments)})"


@case("all", also=["any", "Tensor.all", "Tensor.any", "count_nonzero", "Tensor.count_nonzero"])
def all_(d: Draw) -> str:
    shape = d.shape()
    x = d.choose(
        d.booleans,
        lambda n, s: d.floats(n, s, "whole|special"),
        lambda n, s: d.integers(n, s, 0, 3, d.choose("int64", "uint8")),
    )("x", shape)
    name = d.choose("all", "any", "count_nonzero")
    arguments, _ = _dims(d, shape, several=name != "count_nonzero")
    return d.spell(name, x, *(arguments[:1] if name == "count_nonzero" else arguments))


all_.refuses("torch.tensor([True]).all(1)", "torch.tensor([True]).any(-2)")


@case("logsumexp", groups=("", "special"), also=["Tensor.logsumexp"])
def logsumexp(d: Draw) -> str:
    shape = d.shape(1)
    x = d.floats("x", shape, d.group or "normal|whole|zeros|big")
    dims = d.subset(range(len(shape)), least=1) if d.flag() else _one_dim(d, shape)
    d.terms = volume([shape[i] for i in dims]) if isinstance(dims, tuple) else shape[dims]
    return d.spell("logsumexp", x, f"dim={dims}", *d.choose((), ("keepdim=True",)))


logsumexp.refuses("torch.ones(2).logsumexp(1)")


@case(
    "cumsum",
    groups=("", "special"),
    also=["cumprod", *(f"Tensor.cum{n}{s}" for n in ("sum", "prod") for s in ("", "_"))],
)
def cumsum(d: Draw) -> str:
    name = d.choose("cumsum", "cumprod")
    shape = d.shape(elements=2000 if name == "cumsum" else 100)
    grad = name == "cumsum" or not d.group
    x = d.floats("x", shape, d.group or ("normal|whole|zeros" if name == "cumsum" else "apart|whole"), grad=grad)
    dim = _one_dim(d, shape)
    d.terms = _length(shape, dim)
    return d.spell(name, x, f"dim={dim}", inplace=True)


cumsum.refuses("torch.tensor(1.0).cumsum(1)", "torch.tensor(1.0).cumprod(-2)")
cumsum.refuses("torch.ones(2).cumsum(1)", "torch.ones(2).cumsum()", "torch.cumprod(torch.ones(2), 'x')")


@case("cummax", groups=("", "special"), also=["Tensor.cummax"])
def cummax(d: Draw) -> str:
    shape = d.shape(elements=100)
    x = d.floats("x", shape, d.group or "distinct|whole|zeros", grad=not d.group)
    return f"tuple({d.spell('cummax', x, f'dim={_one_dim(d, shape)}')})"


cummax.example("tuple(torch.tensor([3, 1, 3, 2, 4]).cummax(0))", "tuple(torch.tensor(True).cummax(0))")
cummax.refuses("torch.ones(2).cummax(1)", "torch.ones(2).cummax()", "torch.cummax([1.0], 0)")


@case("norm", also=["Tensor.norm", "linalg.norm", "linalg.vector_norm"])
def norm(d: Draw) -> str:
    shape = tuple(n if n != 1 else 2 for n in d.shape(1))
    p = d.choose("'fro'", "1", "2", "3", "inf", "-inf", "0", "1.5")
    x = d.floats("x", shape, "normal|apart", grad=p != "0")
    arguments, d.terms = _dims(d, shape if 0 not in shape else (), several=p in ("'fro'", "2"))
    if (0 in shape and p != "'fro'") or (arguments and arguments[0].count(",") > 1):
        p = "2"  # "fro" is for matrices; no elements have no largest one
    if p != "'fro'" and d.integer(0, 2) == 2:
        options = ", ".join([str(x), f"ord={p}", *arguments])
        flat = len(shape) == 1 or (arguments and "[" not in arguments[0] and "(" not in arguments[0])
        return f"torch.linalg.{'norm' if flat else 'vector_norm'}({options})"
    if not arguments:
        return d.spell("norm", x) if p == "'fro'" else d.spell("norm", x, p)
    return d.spell("norm", x, f"p={p}", *arguments)


norm.refuses(
    "torch.ones(2, dtype=torch.int64).norm()",
    "torch.ones(2).norm(2, 1)",
    "torch.ones(2).norm('abc')",
    "torch.ones(2, 2, 2).norm(dim=(0, 1, 2))",
)


@case("sort", groups=("", "special"), also=["argsort", "Tensor.sort", "Tensor.argsort"])
def sort(d: Draw) -> str:
    shape = d.shape()
    x = d.floats("x", shape, d.group or "normal|whole|distinct")
    options = [f"dim={_one_dim(d, shape)}", *d.choose((), ("descending=True",)), "stable=True"]
    return d.choose(
        f"tuple({d.spell('sort', x, *options)})",
        d.spell("argsort", x, *options),
        f"torch.sort({x}, {', '.join(options)}).values",
    )


sort.refuses("torch.ones(2).sort(1)", "torch.argsort(torch.ones(2), 1)")


@case("topk", also=["Tensor.topk"])
def topk(d: Draw) -> str:
    shape = d.shape(1)
    x, dim = d.floats("x", shape, "distinct", layout="contiguous"), _one_dim(d, shape)
    k = d.integer(0, shape[dim])
    return f"tuple({d.spell('topk', x, k, f'dim={dim}', *d.choose((), ('largest=False',)))})"


topk.refuses("torch.ones(3).topk(4)", "torch.ones(3).topk(1, 1)", "torch.ones(3).topk(-1)")


@case("median", groups=("", "special"), also=["Tensor.median"])
def median(d: Draw) -> str:
    shape = d.shape(1, empty=False)
    # torch reads memory that it has not written for the median of some expanded tensors
    x = d.floats("x", shape, d.group or "distinct|normal", grad=not d.group, layout="contiguous")
    if d.flag():
        whole = d.floats("whole", shape, "whole|zeros", layout="contiguous")
        return d.spell("median", d.choose(x, x if d.group else whole))
    call = d.spell("median", x, f"dim={_one_dim(d, shape)}", *d.choose((), ("keepdim=True",)))
    return f"tuple({call})" if not d.group else f"{call}.values"


median.example("x.median()", terms=3, x=[float("nan"), 1.0, float("nan"), 2.0])
median.refuses("torch.ones(2).median(1)", "torch.ones(2, 0).median(1)")


@case("integer reductions", exact=True)
def integer_reductions(d: Draw) -> str:
    shape, dtype = d.shape(empty=False), d.choose("int64", "int32", "int8", "uint8", "bool")
    x = d.integers("x", shape, 0, 2 if dtype == "bool" else 9, dtype)
    name = d.choose("sum", "prod", "amax", "amin", "max", "min", "argmax", "cumsum", "cumprod")
    if name == "argmax" and dtype == "bool":
        name = "sum"
    if name.startswith("cum"):
        return d.spell(name, x, f"dim={_one_dim(d, shape)}")
    arguments, _ = _dims(d, shape, several=name in ("sum", "amax", "amin"))
    call = d.spell(name, x, *arguments)
    return f"tuple({call})" if name in ("max", "min") and arguments else call


@case("dimensions out of range")
def in_range(d: Draw) -> str:
    shape = d.shape(1, empty=False)
    d.terms = volume(shape)
    return (
        f"{d.floats('x', shape, 'distinct')}.{d.choose('sum', 'mean', 'amax', 'argmin', 'all')}({_one_dim(d, shape)})"
    )


@in_range.refuses_drawn
def out_of_range(d: Draw) -> str:
    shape = d.shape(empty=False)
    beyond = max(1, len(shape)) + d.integer(0, 2)
    dim = d.choose(beyond, -beyond - 1)
    name = d.choose(
        "sum",
        "mean",
        "prod",
        "amax",
        "max",
        "argmin",
        "std",
        "logsumexp",
        "cumsum",
        "sort",
        "softmax",
        "unbind",
        "select",
        "squeeze",
        "flip",
        "size",
    )
    rest = ", 0" if name == "select" else ""
    return f"{d.floats('x', shape)}.{name}({dim}{rest})"
