"""torch's promotion table, exhaustively: every pair of dtypes, as tensors with and without dimensions and as Python
numbers."""

from __future__ import annotations

import itertools
import operator
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import minitorch

DTYPES = ("uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "bool")
NUMBERS = (True, 2, 2.5)
Operand = tuple[str, Any]
OPERANDS: list[Operand] = [(form, d) for d in DTYPES for form in ("tensor", "0-d")] + [("number", n) for n in NUMBERS]
PAIRS = [(a, b) for a, b in itertools.product(OPERANDS, OPERANDS) if "number" not in (a[0], b[0]) or a[0] != b[0]]


def made(lib: Any, operand: Operand, values: Any) -> Any:
    """An operand in a library."""
    form, what = operand
    if form == "number":
        return what
    return lib.tensor(values if form == "tensor" else values[0], dtype=getattr(lib, what))


def outcome(lib: Any, function: Callable[..., Any], a: Operand, b: Operand) -> Any:
    """The dtype, shape and values of a result, or the type of the error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = function(lib, made(lib, a, [3, 1, 2]), made(lib, b, [2, 1, 3]))
    except Exception as error:
        return type(error)
    if not isinstance(result, lib.Tensor):
        return repr(result)
    values = result.cpu().numpy()
    return (
        str(result.dtype),
        values.shape,
        repr(values.tolist() if values.dtype.kind != "f" else values.round(2).tolist()),
    )


def mismatches(function: Callable[..., Any], pairs: list[tuple[Operand, Operand]] = PAIRS) -> list[str]:
    found = []
    for a, b in pairs:
        expected, got = outcome(torch, function, a, b), outcome(minitorch, function, a, b)
        if expected != got and not (isinstance(expected, type) and isinstance(got, type) and issubclass(got, expected)):
            found.append(f"{a[1]} {a[0]}, {b[1]} {b[0]}: expected {expected}, got {got}")
    return found


BINARY = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}
INPLACE = {
    "+=": operator.iadd,
    "-=": operator.isub,
    "*=": operator.imul,
    "/=": operator.itruediv,
    "//=": operator.ifloordiv,
    "%=": operator.imod,
    "**=": operator.ipow,
    "&=": operator.iand,
}
FUNCTIONS = [
    "maximum", "minimum", "atan2", "fmod", "remainder", "floor_divide", "true_divide", "logical_and", "logical_xor", "bitwise_or",
    "logaddexp", "xlogy", "eq", "gt", "pow", "add", "mul", "float_power", "result_type",
]  # fmt: skip


@pytest.mark.parametrize("symbol", BINARY)
def test_operators(symbol: str) -> None:
    function = BINARY[symbol]
    found = mismatches(lambda lib, a, b: function(a, b))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("symbol", INPLACE)
def test_operators_in_place(symbol: str) -> None:
    function = INPLACE[symbol]
    found = mismatches(lambda lib, a, b: function(a, b), [(a, b) for a, b in PAIRS if a[0] != "number"])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str) -> None:
    found = mismatches(lambda lib, a, b: getattr(lib, name)(a, b), [(a, b) for a, b in PAIRS if a[0] != "number"])
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(lambda lib, a, b: lib.where(lib.tensor([True, False, True]), a, b), id="where"),
        pytest.param(lambda lib, a, b: a.clone().copy_(b), id="copy_"),
        pytest.param(lambda lib, a, b: a.reshape(-1).clone().fill_(b), id="fill_"),
        pytest.param(lambda lib, a, b: lib.clamp(a, min=b), id="clamp"),
        pytest.param(lambda lib, a, b: lib.add(a, b, alpha=2), id="add with alpha"),
        pytest.param(lambda lib, a, b: lib.sub(a, b, alpha=0.5), id="sub with alpha"),
    ],
)
def test_functions_with_more_arguments(function: Callable[..., Any]) -> None:
    found = mismatches(function, [(a, b) for a, b in PAIRS if a[0] != "number"])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", ["cat", "stack"])
def test_joining(name: str) -> None:
    pairs = [(a, b) for a, b in PAIRS if a[0] == b[0] == "tensor"]
    found = mismatches(lambda lib, a, b: getattr(lib, name)([a, b]), pairs)
    assert not found, "\n".join(found)


UNARY = [
    "abs", "neg", "sign", "square", "sqrt", "rsqrt", "exp", "log", "sin", "tanh", "sigmoid", "relu", "floor", "round", "reciprocal",
    "sum", "mean", "prod", "cumsum", "max", "argmax", "std", "all", "any", "softmax", "logical_not", "bitwise_not", "erf", "isnan",
    "median", "sort", "norm", "count_nonzero", "cumprod", "logsumexp", "amin", "trunc", "frac", "nan_to_num", "isfinite",
]  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
def test_one_operand(name: str) -> None:
    def call(lib: Any, a: Any, b: Any) -> Any:
        along = (0,) if name in ("softmax", "cumsum", "cumprod", "logsumexp") else ()
        result = getattr(lib, name)(a, *along)
        return result if isinstance(result, lib.Tensor) else result[0]

    found = mismatches(call, [(a, ("number", 2)) for a in OPERANDS if a[0] != "number"])
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("a", "b"), list(itertools.product(DTYPES, DTYPES)))
def test_promote_types(a: str, b: str) -> None:
    pairs = [(getattr(lib, a), getattr(lib, b)) for lib in (torch, minitorch)]
    assert str(torch.promote_types(*pairs[0])) == str(minitorch.promote_types(*pairs[1]))


@pytest.mark.parametrize(("a", "b"), list(itertools.product(DTYPES, DTYPES)))
def test_conversions(a: str, b: str) -> None:
    values = np.array([0, 1, 100]).astype(a)
    expected, got = (lib.tensor(values).to(getattr(lib, b)) for lib in (torch, minitorch))
    assert str(expected.dtype) == str(got.dtype)
    np.testing.assert_array_equal(got.cpu().numpy(), expected.cpu().numpy())
