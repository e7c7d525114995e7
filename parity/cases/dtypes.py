"""Dtypes and sizes: the dtype and size of a tensor, and the common dtype of two operands."""

from __future__ import annotations

from parity.compare.case import case
from parity.compare.draw import Draw

DTYPES = ("float32", "float64", "int64", "int32", "uint8", "bool")


@case("is_floating_point", also=["is_complex", "numel", "typename"], exact=True)
def is_floating_point(d: Draw) -> str:
    x = d.integers("x", d.shape(), 0, 2, d.choose(*DTYPES))
    name = d.choose("is_floating_point", "is_complex", "numel", "typename")
    if name == "typename":  # only the last part of the libraries' names is the same
        return f"torch.typename({x}).rpartition('.')[2], torch.typename(3)"
    return d.choose(f"torch.{name}({x})", f"{x}.{name}()")


is_floating_point.refuses("torch.is_floating_point(1.0)", "torch.is_complex([1.0])", "torch.numel(3)")


@case("result_type", also=["can_cast"], exact=True)
def result_type(d: Draw) -> str:
    if d.flag():
        return f"torch.can_cast(torch.{d.choose(*DTYPES)}, torch.{d.choose(*DTYPES)})"
    x = d.integers("x", d.choose((2,), ()), 0, 2, d.choose(*DTYPES))
    other = d.choose("1", "1.5", "True", str(d.integers("y", d.choose((2,), ()), 0, 2, d.choose(*DTYPES))))
    return f"str(torch.result_type({x}, {other})).rpartition('.')[2]"


result_type.refuses("torch.result_type(torch.ones(1))", "torch.result_type(torch.ones(1), 'a')")
