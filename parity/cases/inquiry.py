"""What is asked of tensors, and bases of modules; `einsum`."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw

DTYPES = ("float32", "float64", "int64", "int32", "uint8", "bool")


@case("is_floating_point", also=["is_complex", "numel", "typename"], exact=True)
def is_floating_point(d: Draw) -> str:
    x = d.integers("x", d.shape(), 0, 2, d.choose(*DTYPES))
    name = d.choose("is_floating_point", "is_complex", "numel", "typename")
    if name == "typename":  # of the libraries' own names only the last part is the same
        return f"torch.typename({x}).rpartition('.')[2], torch.typename(3)"
    return d.choose(f"torch.{name}({x})", f"{x}.{name}()")


is_floating_point.refuses("torch.is_floating_point(1.0)", "torch.is_complex([1.0])", "torch.numel(3)")


@case("is_nonzero", also=["Tensor.is_nonzero"], exact=True)
def is_nonzero(d: Draw) -> str:
    x = d.integers("x", d.choose((), (1,), (1, 1)), 0, 2, d.choose(*DTYPES))
    return d.choose(f"torch.is_nonzero({x})", f"{x}.is_nonzero()")


is_nonzero.refuses("torch.is_nonzero(torch.ones(2))", "torch.is_nonzero(torch.ones(0))")


@case("result_type", also=["can_cast"], exact=True)
def result_type(d: Draw) -> str:
    if d.flag():
        return f"torch.can_cast(torch.{d.choose(*DTYPES)}, torch.{d.choose(*DTYPES)})"
    x = d.integers("x", d.choose((2,), ()), 0, 2, d.choose(*DTYPES))
    other = d.choose("1", "1.5", "True", str(d.integers("y", d.choose((2,), ()), 0, 2, d.choose(*DTYPES))))
    return f"str(torch.result_type({x}, {other})).rpartition('.')[2]"


result_type.refuses("torch.result_type(torch.ones(1))", "torch.result_type(torch.ones(1), 'a')")


@case("from_dlpack", exact=True)
def from_dlpack(d: Draw) -> str:
    x = d.integers("x", d.shape(empty=False), 0, 9, d.choose("float32", "float64", "int64", "int32"))
    return f"torch.from_dlpack({d.choose(str(x), f'{x}.cpu().numpy()')}).clone()"


@case("row_stack")
def row_stack(d: Draw) -> str:
    n, rows = d.size(), d.size(1, 3)
    return f"torch.row_stack(({d.floats('x', (rows, n))}, {d.floats('y', (n,))}))"


row_stack.refuses("torch.row_stack((torch.ones(2), torch.ones(3)))", "torch.row_stack(())")


@case("nn.RNNBase", also=["nn.RNNCellBase"], exact=True)
def bases(d: Draw) -> str:
    mode = d.choose("LSTM", "GRU", "RNN_TANH")
    return f"m = nn.RNNBase('{mode}', {d.size(1, 3)}, {d.size(1, 3)}, num_layers={d.size(1, 2)})\nout = repr(m), [p.detach() for p in m.parameters()], issubclass(nn.LSTM, nn.RNNBase), issubclass(nn.GRUCell, nn.RNNCellBase)"


bases.refuses("nn.RNNBase('some', 2, 3)", "nn.RNNBase('GRU', 2, 0)")


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
