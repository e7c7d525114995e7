"""How large the numbers of a program are, and how coarse its dtypes: name by name, since most programs have parts that
have nothing to do with each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.programs.program import Program, Run

EPS = {"float16": 2.0**-10, "float32": 2.0**-23, "float64": 2.0**-52}
"""The relative rounding error of each floating-point dtype."""

_NAME = re.compile(r"\b(?:[a-z]|seen)\b")


@dataclass(frozen=True)
class Scale:
    """The numbers that may have had part in the value of a name.

    Attributes:
        largest: the largest of them.
        eps: the relative rounding error of the coarsest dtype among them.
        cancels: whether torch computes one of them as a difference of numbers as large as its operand: for a negative
            x, 1 + erf x in `gelu`; in the gradient of `layer_norm`, the incoming gradient and its projection.
    """

    largest: float = 0.0
    eps: float = 0.0
    cancels: bool = False


def scales(program: Program, run: Run) -> dict[str, Scale]:
    """The scale of every name of a program. Names that occur in one statement have had part in each other."""
    groups: list[tuple[set[str], set[str], list[Any]]] = []  # names, the dtypes and functions among them, their values
    for i, statement in enumerate(program):
        names = set(_NAME.findall(statement)) & run.end.keys()
        if "torch.exp(" in statement and "out=" in statement:
            statement += " float32"  # the exponential of integers, written into float64
        values = [run.steps[i].value, *[run.end[name] for name in names]]
        found = {*re.findall(r"float\d\d|gelu|layer_norm", statement), *_dtypes(values)}
        for group in [g for g in groups if g[0] & names]:
            groups.remove(group)
            names, found, values = names | group[0], found | group[1], values + group[2]
        groups.append((names, found, values))
    known: dict[str, Scale] = {}
    for names, found, values in groups:
        eps = max((EPS[dtype] for dtype in found if dtype in EPS), default=0.0)
        cancels = bool({"gelu", "layer_norm"} & found)
        known |= dict.fromkeys(names, Scale(max(map(largest, values), default=0.0), eps, cancels))
    return known


def _dtypes(values: Iterable[Any]) -> set[str]:
    return {v["dtype"] for v in values if isinstance(v, dict)}


def largest(value: Any) -> float:
    """The largest finite number of a tensor in floating point; 0 for other values."""
    array = value["values"] if isinstance(value, dict) else value
    if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
        return 0.0
    return float(np.abs(array[np.isfinite(array)]).max(initial=0.0))
