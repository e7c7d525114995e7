"""Operators between a tensor and an object of another class, which may have operators for tensors of its own."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
import torch

import minitorch

BINARY = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift"]
COMPARISONS = ["lt", "le", "gt", "ge", "eq", "ne"]
FUNCTIONS = [getattr(operator, {"and": "and_", "or": "or_"}.get(name, name)) for name in BINARY + COMPARISONS]


class Foreign:
    """An object whose every operator returns the operator's name."""


for _name in BINARY:
    setattr(Foreign, f"__r{_name}__", lambda self, other, name=_name: name)
for _name in COMPARISONS:
    setattr(Foreign, f"__{_name}__", lambda self, other, name=_name: name)


def outcome(lib: Any, function: Any, swapped: bool, other: Any) -> Any:
    tensor = lib.tensor([2])
    try:
        result = function(other, tensor) if swapped else function(tensor, other)
    except Exception as error:
        return type(error).__name__
    return result if not isinstance(result, lib.Tensor) else result.tolist()


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("other", ["ab", [1, 2], (1,), b"x", None, {}, object], ids=repr)
@pytest.mark.parametrize("swapped", [False, True])
def test_other_classes(function: Any, other: Any, swapped: bool) -> None:
    """``[0] * tensor`` repeats the list, as the tensor is an integer; a sum of both is refused by Python itself."""
    assert outcome(minitorch, function, swapped, other) == outcome(torch, function, swapped, other)


ARITHMETIC = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.pow]


@pytest.mark.parametrize("function", ARITHMETIC, ids=lambda f: f.__name__)
@pytest.mark.parametrize("tensor", ["float16", "float32", "float64", "int64", "uint8"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_dtype_of_a_tensor_and_an_array(function: Any, tensor: str) -> None:
    """torch leaves these operators to NumPy, whose rules differ: float32 and int64 arrays give float64."""
    for array in ("float16", "float32", "float64", "int64", "int8", "bool"):
        for shape in ((), (2,)):
            if array == "bool" and function is operator.sub:  # refused
                continue
            expected, found = (
                function(lib.ones(shape, dtype=getattr(lib, tensor)), np.ones(shape, array))
                for lib in (torch, minitorch)
            )
            assert str(found.dtype) == str(expected.dtype), (array, shape)
            assert found.tolist() == expected.tolist(), (array, shape)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_classes_with_operators_for_tensors(function: Any) -> None:
    expected = outcome(torch, function, False, Foreign())
    assert isinstance(expected, str)
    assert outcome(minitorch, function, False, Foreign()) == expected


@pytest.mark.parametrize("name", ["iadd", "isub", "imul", "itruediv", "ipow", "ior"])
def test_in_place_operators_leave_the_choice_to_the_other_class(name: str) -> None:
    function = getattr(operator, name)
    assert outcome(minitorch, function, False, Foreign()) == outcome(torch, function, False, Foreign())
