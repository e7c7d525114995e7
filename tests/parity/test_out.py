"""``out=`` of every function that has it, against torch: on the calls of parity's cases, into tensors of all sorts."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings, strategies as st

import minitorch
from minitorch.functions.public import TABLE, Public
from parity.cases import select
from parity.compare.call import Call, scope
from parity.compare.case import Case
from parity.compare.library import Library
from parity.compare.structure import to_numpy

ROWS = [row for row in TABLE.values() if "out" in row.variants]
KINDS = ("same", "empty", "transposed", "larger", "float64", "float16", "int64", "view")
IN_ORDER = "torch draws into the memory of `out`, in its order; here the numbers are drawn first and written then"
DIFFERENT = {
    ("rand", "transposed"): IN_ORDER,
    ("randn", "transposed"): IN_ORDER,
    ("randint", "transposed"): IN_ORDER,
    ("normal", "transposed"): IN_ORDER,
    ("bernoulli", "transposed"): IN_ORDER,
    ("bernoulli", "int64"): "drawn in the dtype of the input, which integers do not take",
    ("tril", "transposed"): "torch ends the process where `out` is a batch of transposed matrices",
    ("triu", "transposed"): "torch ends the process where `out` is a batch of transposed matrices",
    ("matmul", "transposed"): "torch makes one matrix of a batch, and then refuses an out that is not contiguous",
    ("normal", "float16"): "torch draws in the dtype of `out`, here the numbers are converted",
    ("normal", "float64"): "torch draws in the dtype of `out`, here the numbers are converted",
    ("normal", "int64"): "torch draws in the dtype of `out`, here the numbers are converted",
    ("nansum", "int64"): "torch refuses to sum floats in integers, but not with `dim`",
    ("normal", "empty"): "where the deviation is a number, torch broadcasts the means to the shape of `out`",
    ("normal", "larger"): "with tensors, but not with numbers, torch warns of the resize",
}
OURS, THEIRS = Library(minitorch, "float32"), Library(torch, "float32")


def cases(row: Public) -> list[Case]:
    return [c for c in select() if c.kind == "op" and set(row.names) & set(c.covers)]


def function_call(call: Call, names: tuple[str, ...], methods: bool) -> str | None:
    """The call of one of these functions, or methods of an input, within a text, as a function; None without one."""
    try:
        tree = ast.parse(call.text, mode="eval")
    except SyntaxError:
        return None
    inputs = {x.name for x in call.inputs}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            if owner in inputs and methods:
                node.args.insert(0, node.func.value)
            elif owner != "torch":
                continue
            return f"torch.{node.func.attr}({', '.join(map(ast.unparse, [*node.args, *node.keywords]))})"
    return None


def made(lib: Any, kind: str, like: Any) -> Any:
    """A tensor to write into, for a result like the array `like`."""
    dtype = getattr(lib, kind if kind in ("float64", "float16", "int64") else str(like.dtype))
    if kind == "empty":
        return lib.zeros(0, dtype=dtype)
    if kind == "larger":
        return lib.ones((2, *like.shape), dtype=dtype)
    if kind == "transposed" and like.ndim > 1:
        return lib.ones(like.shape[::-1], dtype=dtype).permute(*reversed(range(like.ndim)))
    if kind == "view":
        return lib.ones((2, *like.shape), dtype=dtype)[1]
    return lib.ones(like.shape, dtype=dtype)


def leaves(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple | list) else [result]


def outcome(library: Library, text: str, call: Call, kind: str, like: list[Any]) -> Any:
    """The outcome of a call with ``out=``: dtypes, shapes, values, whether it warned of a resize; or its error."""
    names = scope(library.lib, library.dtype) | {x.name: library.input(x).detach() for x in call.inputs}
    targets = [made(library.lib, kind, one) for one in like]
    names["target"] = targets[0] if len(targets) == 1 else tuple(targets)
    library.seed(0)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            result = eval(text[:-1].rstrip(", ") + ", out=target)", names)
        except Exception as error:
            return error
    assert all(a is b for a, b in zip(leaves(result), targets, strict=True))
    resized = any("was resized" in str(w.message) for w in seen)
    return [(str(t.dtype), tuple(t.shape), tuple(t.stride()), to_numpy(t)) for t in targets], resized


def plain(text: str, call: Call) -> Iterator[Any]:
    """Arrays of torch's results without ``out=``."""
    names = scope(torch, "float32") | {x.name: THEIRS.input(x).detach() for x in call.inputs}
    THEIRS.seed(0)
    yield from map(to_numpy, leaves(eval(text, names)))


def agree(ours: Any, theirs: Any, kind: str, values: bool) -> str:
    """Where two outcomes differ; empty if they do not."""
    if isinstance(theirs, Exception):
        kinds = [type(e).__name__ for e in (ours, theirs)]
        return "" if kinds[0] == kinds[1] else f"gives {ours!r}, torch raises {theirs!r}"
    if isinstance(ours, Exception):
        return f"raises {ours!r}"
    if kind == "larger" and ours[1] != theirs[1]:
        return f"warns of a resize: {ours[1]}, torch {theirs[1]}"
    for (d, shape, stride, a), (wanted, s, strides, b) in zip(ours[0], theirs[0], strict=True):
        if (d.rpartition(".")[2], shape) != (wanted.rpartition(".")[2], s) or (
            a.size and stride != strides and kind not in ("empty", "larger")
        ):
            return f"{d} {shape} {stride}, torch {wanted} {s} {strides}"
        scale = np.abs(b[np.isfinite(b)]).max(initial=1) if b.dtype.kind == "f" else 0
        with np.errstate(all="ignore"):
            if values and not np.allclose(a, b, rtol=1e-3, atol=1e-3 * scale, equal_nan=True):
                return f"{a}, torch {b}"
    return ""


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in ROWS])
def test_out_is_torch_s(row: Public) -> None:
    found = cases(row)
    tried = 0

    @settings(max_examples=30, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def explored(data: st.DataObject) -> None:
        nonlocal tried
        c = data.draw(st.sampled_from(found))
        call = data.draw(c.calls(data.draw(st.sampled_from(c.groups))))
        text = function_call(call, row.names, row.method is not None)
        assume(text is not None)
        like = list(plain(str(text), call))
        tried += 1
        for kind in KINDS:
            if (row.name, kind) in DIFFERENT or (kind == "larger" and not all(one.size for one in like)):
                continue
            theirs, ours = (outcome(library, str(text), call, kind, like) for library in (THEIRS, OURS))
            difference = agree(ours, theirs, kind, row.name != "empty")
            assert not difference, f"{text} with {call.inputs}, out {kind}: {difference}"

    explored()
    assert tried
