"""Python's numbers and every dtype, exhaustively: writing, operations, and numbers that are refused as out of range."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch

import minitorch

DTYPES = ("uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "bool")
INF, NAN = float("inf"), float("nan")
NUMBERS = (2, -1, -1.5, 1.5, -0.5, 255, 256, -255, 300, -300, 128, -129, 65504, 65520.0, 70000, 2**31, -(2**31) - 1)
NUMBERS += (2**40, 2.0**63, 2**63, 2**64, -(2**63) - 1, 1e20, 1e39, -1e39, 1e300, INF, -INF, NAN, True)

Write = Callable[[Any, Any, Any], Any]


def _in_place(write: Write) -> Write:
    def written(lib: Any, x: Any, number: Any) -> Any:
        write(lib, x, number)
        return x

    return written


def _mask(lib: Any) -> Any:
    return lib.tensor([True, False])


def _at(lib: Any) -> Any:
    return lib.tensor([0])


WRITES: dict[str, Write] = {
    "fill_": lambda lib, x, n: x.fill_(n),
    "x[0] = n": _in_place(lambda lib, x, n: x.__setitem__(0, n)),
    "x[:] = n": _in_place(lambda lib, x, n: x.__setitem__(slice(None), n)),
    "x[mask] = n": _in_place(lambda lib, x, n: x.__setitem__(_mask(lib), n)),
    "x[[0]] = n": _in_place(lambda lib, x, n: x.__setitem__([0], n)),
    "copy_": lambda lib, x, n: x.copy_(n) if n == n and abs(n) < 2**31 else x,  # others: as the processor converts
    "full": lambda lib, x, n: lib.full((2,), n, dtype=x.dtype),
    "full of one": lambda lib, x, n: lib.full((1,), n, dtype=x.dtype),
    "full_like": lambda lib, x, n: lib.full_like(x, n),
    "new_full": lambda lib, x, n: x.new_full((2,), n),
    "tensor": lambda lib, x, n: lib.tensor(n, dtype=x.dtype),
    "tensor of a list": lambda lib, x, n: lib.tensor([n, 1], dtype=x.dtype),
    "as_tensor": lambda lib, x, n: lib.as_tensor([n], dtype=x.dtype),
    "new_tensor": lambda lib, x, n: x.new_tensor([n]),
    "scalar_tensor": lambda lib, x, n: lib.scalar_tensor(n, dtype=x.dtype),
    "masked_fill": lambda lib, x, n: x.masked_fill(_mask(lib), n),
    "masked_fill_": lambda lib, x, n: x.masked_fill_(_mask(lib), n),
    "index_fill": lambda lib, x, n: x.index_fill(0, _at(lib), n),
    "index_fill_": lambda lib, x, n: x.index_fill_(0, _at(lib), n),
    "scatter": lambda lib, x, n: x.scatter(0, _at(lib), n),
    "scatter add": lambda lib, x, n: x.scatter(0, _at(lib), n, reduce="add"),
    "fill_diagonal_": lambda lib, x, n: x.repeat(2, 1).fill_diagonal_(n),
    "pad": lambda lib, x, n: lib.nn.functional.pad(x, (1, 0), value=n),
    "clamp": lambda lib, x, n: x.clamp(min=n),
    "clamp_": lambda lib, x, n: x.clamp_(max=n),
    "where": lambda lib, x, n: lib.where(_mask(lib), x, n),
    "where, first": lambda lib, x, n: lib.where(_mask(lib), n, x),
    "hardtanh": lambda lib, x, n: lib.nn.functional.hardtanh(x, -abs(n), abs(n)),
    "leaky_relu": lambda lib, x, n: lib.nn.functional.leaky_relu(-x, n),
    "add, alpha": lambda lib, x, n: x.add(x, alpha=n),
    "addcmul": lambda lib, x, n: lib.addcmul(x, x, x, value=n),
    "addcdiv": lambda lib, x, n: lib.addcdiv(x, x, x, value=n),
    "addmm": lambda lib, x, n: lib.addmm(x[:, None], x[:, None], x[None, :1], beta=n),
    "index_add": lambda lib, x, n: x.index_add(0, _at(lib), x[:1], alpha=n),
    "lerp": lambda lib, x, n: lib.lerp(x, x + x, n),
    "linspace": lambda lib, x, n: lib.linspace(0, n, 2, dtype=x.dtype),
    "arange": lambda lib, x, n: lib.arange(n, n + 1, dtype=x.dtype),
}
MEETINGS: dict[str, Write] = {
    "x + n": lambda lib, x, n: x + n,
    "n - x": lambda lib, x, n: n - x,
    "x * n": lambda lib, x, n: x * n,
    "x / n": lambda lib, x, n: x / n,
    "n // x": lambda lib, x, n: n // x,
    "x // n": lambda lib, x, n: x // n,
    "x % n": lambda lib, x, n: x % n,
    "n % x": lambda lib, x, n: n % x,
    "fmod": lambda lib, x, n: x.fmod(n),
    "x ** n": lambda lib, x, n: x**n,
    "n ** x": lambda lib, x, n: n**x,
    "x == n": lambda lib, x, n: x == n,
    "x < n": lambda lib, x, n: x < n,
    "n <= x": lambda lib, x, n: n <= x,
    "x & n": lambda lib, x, n: x & n,
    "xlogy": lambda lib, x, n: lib.xlogy(x, n),
    "x.mul_(n)": lambda lib, x, n: x.mul_(n),
    "maximum": lambda lib, x, n: lib.maximum(x, lib.tensor(n)),
    "x * 0-d": lambda lib, x, n: x * lib.tensor(n),
    "x / 0-d": lambda lib, x, n: x / lib.tensor(n),
    "0-d - x": lambda lib, x, n: lib.tensor(n) - x,
}
ARE_REFUSED_HERE_BY_ANOTHER_ERROR = {(name, "bool", 2**63) for name in MEETINGS}  # torch has no promotion with uint64


def _outcome(lib: Any, write: Write, dtype: str, number: Any) -> Any:
    """The dtype and the values of a result, or the type of the error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            out = write(lib, lib.ones(2, dtype=getattr(lib, dtype)), number)
    except Exception as error:
        return type(error)
    return str(out.dtype), repr(out.tolist())


def _differences(name: str, write: Write) -> list[str]:
    found = []
    for dtype in DTYPES:
        for number in NUMBERS:
            if (name, dtype, number) in ARE_REFUSED_HERE_BY_ANOTHER_ERROR:
                continue
            expected, got = (_outcome(lib, write, dtype, number) for lib in (torch, minitorch))
            refused = isinstance(expected, type) and isinstance(got, type)
            kind = refused and (issubclass(got, expected) or expected is OverflowError)  # torch reads numbers first
            if expected != got and not kind:
                found.append(f"{dtype}, {number}: torch {expected}, minitorch {got}")
    return found


@pytest.mark.parametrize("name", WRITES)
def test_written_numbers(name: str) -> None:
    assert _differences(name, WRITES[name]) == []


@pytest.mark.parametrize("name", MEETINGS)
def test_operands(name: str) -> None:
    assert _differences(name, MEETINGS[name]) == []
