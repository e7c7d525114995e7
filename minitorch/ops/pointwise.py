"""Rows of ops whose public function only reads its operands: a row also has the function's public names.

    exp = unary_float(kernels.exp, x=lambda g, out: g * out)

is ``Op(kernels.exp, promote=floating(1), x=...)``, and `minitorch.functions.elementwise` makes ``torch.exp``,
``Tensor.exp`` and ``Tensor.exp_`` from it. A function that does more has an `Op` without a row, and is written in
`minitorch.functions`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import kernels
from kernels.half_precision import HALF, SINGLE
from minitorch.autograd.basic import cast
from minitorch.autograd.graph import Variable
from minitorch.autograd.op import Op
from minitorch.ops.promotion import common, floating

ALL = "function method inplace out"


class Pointwise(NamedTuple):
    """An op, how its public function reads operands, and the arguments of `minitorch.functions.public.public`.

    Attributes:
        op: the op.
        operands: the number of operands, 1 or 2.
        numbers: which of two operands may be a Python number: "", "other" or "either".
        refused: kinds of NumPy's dtypes; kinds of common dtypes for which the function is not implemented.
        variants: see `public`.
        also: torch's other names.
        operator: the operator of Python that calls the function.
    """

    op: Op
    operands: int
    numbers: str
    refused: str
    variants: str
    also: str
    operator: str | None


POINTWISE: list[Pointwise] = []
"""All rows."""


def _is_half(x: Any) -> bool:
    return getattr(x._array if isinstance(x, Variable) else x, "dtype", None) is HALF


def in_single(gradient: Callable[..., Any]) -> Callable[..., Any]:
    """A gradient ``f(g, …)`` of several operations, computed in single if `g` is in half precision (a decorator).

    torch has one function for such a gradient, and rounds only its result. If each operation rounded to half precision,
    x³ in the gradient of GELU would overflow for x above 40.
    """

    @functools.wraps(gradient)
    def run(g: Any, *rest: Any) -> Any:
        if not _is_half(g):
            return gradient(g, *rest)
        wide = [cast(x, SINGLE) if _is_half(x) else x for x in (g, *rest)]
        return cast(gradient(*wide), HALF)

    return run


def unary(
    kernel: Any, *, variants: str = ALL, also: str = "", refused: str = "", operator: str | None = None, **op: Any
) -> Op:
    """The op of one tensor, with the arguments of `Op`, and its public function."""
    if "x" in op:
        op["x"] = kernels.blockwise(op["x"])
    POINTWISE.append(Pointwise(Op(kernel, **op), 1, "", refused, variants, also, operator))
    return POINTWISE[-1].op


def unary_float(kernel: Any, *, also: str = "", **op: Any) -> Op:
    """`unary`, computed in the default dtype for integers and booleans."""
    return unary(kernel, also=also, promote=floating(1), **op)


def binary(
    kernel: Any,
    *,
    numbers: str = "",
    variants: str = ALL,
    also: str = "",
    refused: str = "",
    operator: str | None = None,
    **op: Any,
) -> Op:
    """The op of two tensors, with the arguments of `Op` (by default in their common dtype), and its function."""
    op.setdefault("promote", common(2))
    POINTWISE.append(Pointwise(Op(kernel, **op), 2, numbers, refused, variants, also, operator))
    return POINTWISE[-1].op


def comparison(kernel: Any, also: str = "") -> Op:
    """`binary` of a tensor and a tensor or number, without gradients."""
    return binary(kernel, numbers="other", also=also)
