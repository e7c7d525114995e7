"""Running one program with torch and with minitorch, and comparing the two outcomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import minitorch

torch.set_num_threads(1)


def plain(value: Any) -> Any:
    """A result without its framework: tensors as (shape, dtype, array), containers of these."""
    if isinstance(value, torch.Tensor | minitorch.Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        return ("tensor", tuple(value.shape), dtype, np.array(value.detach().tolist()))
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


def outcome(world: Any, program: Callable[[Any], Any]) -> Any:
    try:
        return plain(program(world))
    except Exception as error:
        return error


def assert_same(actual: Any, expected: Any, rtol: float = 1e-6, atol: float = 1e-7) -> None:
    if isinstance(expected, list):
        assert isinstance(actual, list)
        assert len(actual) == len(expected)
        for a, e in zip(actual, expected, strict=True):
            assert_same(a, e, rtol, atol)
    elif isinstance(expected, tuple) and expected and expected[0] == "tensor":
        assert isinstance(actual, tuple), f"expected a tensor, got {actual}"
        assert actual[:3] == expected[:3]
        np.testing.assert_allclose(actual[3], expected[3], rtol, atol)
    elif isinstance(expected, dict):
        assert actual.keys() == expected.keys()
        for key, e in expected.items():
            assert_same(actual[key], e, rtol, atol)
    else:
        assert actual == expected


def same(program: Callable[[Any], Any], says: str | None = None, rtol: float = 1e-6) -> None:
    """Assert that `program`, given the framework, returns the same in both; or raises the same in both.

    Args:
        program: a function of the framework.
        says: if given, the program must raise, and this must stand in both messages.
        rtol: relative tolerance for numbers.
    """
    theirs, ours = outcome(torch, program), outcome(minitorch, program)
    if says is not None:
        assert isinstance(theirs, Exception), f"torch did not raise, but returned {theirs}"
        assert says in str(theirs)
        assert isinstance(ours, Exception), f"expected {theirs!r}, but nothing was raised"
        assert says in str(ours)
    elif isinstance(theirs, Exception):
        raise theirs
    if isinstance(theirs, Exception):
        names = [cls.__name__ for cls in type(ours).__mro__]
        assert type(theirs).__name__ in names, f"expected {theirs!r}, got {ours!r}"
    elif isinstance(ours, Exception):
        raise ours
    else:
        assert_same(ours, theirs, rtol)
