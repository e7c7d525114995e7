"""Products of matrices and vectors."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw, volume

MATRICES = "normal|normal|whole|zeros"


@case("matmul", groups=("", "batched"), also=["Tensor.matmul", "Tensor.__matmul__", "Tensor.__rmatmul__"])
def matmul(d: Draw) -> str:
    n, k, m = d.batch(9), d.batch(17), d.batch(9)
    if d.group:
        batch = d.shape(1, 2, elements=12)
        x = d.floats("x", (*d.broadcastable(batch), n, k), MATRICES)
        y = d.floats("y", (*d.broadcastable(batch), k, m), MATRICES)
    else:
        x = d.floats("x", d.choose((n, k), (k,)), MATRICES)
        y = d.floats("y", d.choose((k, m), (k,)), MATRICES)
    d.terms = k
    d.gradient_terms *= max(n, m)
    return d.choose(d.spell("matmul", x, y), f"{x} @ {y}")


matmul.refuses(
    "torch.ones(2, 3) @ torch.ones(2, 3)",
    "torch.ones(2) @ torch.ones(3)",
    "torch.ones(()) @ torch.ones(2)",
    "torch.ones(2, 2, 3) @ torch.ones(3, 3, 2)",
    "torch.ones(2, 3) @ torch.ones(3, 2, dtype=torch.float64)",
    "torch.ones(2, 3) @ 2",
    "torch.ones(2, 3, 4) @ torch.ones(3)",
)


@matmul.refuses_drawn
def mismatched(d: Draw) -> str:
    n, k, m = d.size(1, 4), d.size(1, 4), d.size(1, 4)
    batch = d.shape(0, 2, empty=False, elements=8)
    x = d.floats("x", d.choose((n, k), (k,), (*batch, n, k)))
    return f"{x} @ {d.floats('y', d.choose((k + 1, m), (k + 2,), (*batch, k + 1, m)))}"


@case(
    "mm",
    also=["bmm", "mv", "dot", "outer", "ger", *(f"Tensor.{n}" for n in ("mm", "bmm", "mv", "dot", "outer", "ger"))],
)
def mm(d: Draw) -> str:
    n, k, m, b = d.batch(9), d.batch(17), d.batch(9), d.batch()
    name = d.choose("mm", "bmm", "mv", "dot", "outer", "ger")
    shapes = {
        "mm": ((n, k), (k, m)),
        "bmm": ((b, n, k), (b, k, m)),
        "mv": ((n, k), (k,)),
        "dot": ((k,), (k,)),
        "outer": ((n,), (m,)),
        "ger": ((n,), (m,)),
    }
    x, y = (d.floats(name_, shape, MATRICES) for name_, shape in zip("xy", shapes[name], strict=True))
    d.terms = 1 if name in ("outer", "ger") else k
    d.gradient_terms = max(n, m)
    return d.spell(name, x, y)


mm.refuses(
    "torch.mm(torch.ones(2, 3), torch.ones(2, 3))",
    "torch.mm(torch.ones(2), torch.ones(2, 3))",
    "torch.bmm(torch.ones(2, 3, 4), torch.ones(3, 4, 2))",
    "torch.bmm(torch.ones(2, 3, 4), torch.ones(2, 3, 4))",
    "torch.bmm(torch.ones(3, 4), torch.ones(4, 2))",
    "torch.mv(torch.ones(2, 3), torch.ones(2))",
    "torch.dot(torch.ones(2), torch.ones(3))",
    "torch.dot(torch.ones(2, 2), torch.ones(2, 2))",
    "torch.outer(torch.ones(2, 2), torch.ones(2))",
    "torch.mm(torch.ones(2, 2), torch.ones(2, 2, dtype=torch.int64))",
)


@case("addmm", also=["baddbmm", "Tensor.addmm", "Tensor.baddbmm"])
def addmm(d: Draw) -> str:
    n, k, m, b = d.size(1, 7), d.size(1, 9), d.size(1, 7), d.size(1, 3)
    name = d.choose("addmm", "baddbmm")
    batch = (b,) if name == "baddbmm" else ()
    options = d.choose((), ("beta=0",), (f"beta={d.real(0.5, -2)}", f"alpha={d.real(0.5, 2)}"))
    c = d.floats("c", d.broadcastable((*batch, n, m)), grad=options != ("beta=0",))
    x, y = d.floats("x", (*batch, n, k), MATRICES), d.floats("y", (*batch, k, m), MATRICES)
    d.terms, d.gradient_terms = k + 1, d.gradient_terms * max(n, m)
    return d.spell(name, c, x, y, *options)


addmm.refuses(
    "torch.addmm(torch.ones(2), torch.ones(2, 3), torch.ones(2, 3))",
    "torch.addmm(torch.ones(5), torch.ones(2, 3), torch.ones(3, 4))",
)


@case("trace", also=["Tensor.trace"])
def trace(d: Draw) -> str:
    n, m = d.size(1, 7), d.size(1, 7)
    d.terms = min(n, m)
    return d.spell("trace", d.floats("x", (n, m)))


trace.refuses("torch.trace(torch.ones(2))")


@case("tensordot")
def tensordot(d: Draw) -> str:
    inner, left, right = d.shape(1, 2, elements=20), d.shape(0, 2, elements=20), d.shape(0, 2, elements=20)
    d.terms, d.gradient_terms = volume(inner), max(volume(left), volume(right))
    if d.flag():
        x, y = d.floats("x", left + inner), d.floats("y", inner + right)
        return f"torch.tensordot({x}, {y}, dims={len(inner)})"
    x, y = d.floats("x", inner + left), d.floats("y", right + inner)
    dims = list(range(len(inner))), list(range(len(right), len(right) + len(inner)))
    return f"torch.tensordot({x}, {y}, dims={dims})"


tensordot.example(  # a dimension of size 1 broadcasts
    "torch.tensordot(x, y, 1)",
    "torch.tensordot(y, x, ([0], [1]))",
    "torch.tensordot(x, y[:, :1], ([0, 1], [1, 0]))",
    terms=12,
    x=(3, 4),
    y=(1, 3),
)
tensordot.refuses(
    "torch.tensordot(torch.ones(2, 3), torch.ones(2, 3), dims=1)",
    "torch.tensordot(torch.ones(2), torch.ones(2), dims=([0], [0, 1]))",
)


@case("einsum")
def einsum(d: Draw) -> str:
    sizes = {letter: d.size(1, 4) for letter in "bijk"}
    equation = d.choose(
        "ij,jk->ik",
        "bij,bjk->bik",
        "ij->ji",
        "ij->",
        "i,j->ij",
        "ii->i",
        "ii",
        "ij,ij->i",
        "bij,bjk,k->bi",
        "...ij,jk->...ik",
        "ij,jk",
    )
    shapes = [
        tuple(sizes["i" if "ii" in term else letter] for letter in term.replace("...", "b"))
        for term in equation.split("->")[0].split(",")
    ]
    inputs = ", ".join(str(d.floats(name, shape)) for name, shape in zip("xyz", shapes, strict=False))
    d.terms = d.gradient_terms = 64
    return f"torch.einsum('{equation}', {inputs})"


einsum.refuses(
    "torch.einsum('ij,jk->ik', torch.ones(2, 3), torch.ones(2, 3))",
    "torch.einsum('ij->ij', torch.ones(2))",
    "torch.einsum('ij->ik', torch.ones(2, 3))",
    "torch.einsum('ij,jk->ik', torch.ones(2, 3))",
)
