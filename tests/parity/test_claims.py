"""A name that a case says it covers is a name that its calls use."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

import minitorch
from parity.call import Call
from parity.case import Case, select
from parity.provider import BACKEND

EXAMPLES = 150  # per option group at most: enough for each of a dozen spellings to come up


class Said(Exception):
    """Every name has come up."""


def exists(name: str) -> bool:
    """Whether minitorch has the name; some cases have names of their own."""
    value: Any = minitorch
    for part in name.split("."):
        value = getattr(value, part, None)
    return value is not None


def unsaid(case: Case) -> set[str]:
    """The names that none of a good number of the case's calls uses."""
    missing = {name for name in case.covers if exists(name)}

    def look(call: Call) -> None:
        said = f"{call.build}\n{call.text}"
        missing.difference_update([name for name in missing if re.search(pattern(name), said)])
        if not missing:
            raise Said

    with contextlib.suppress(Said):
        for call in case.refused:
            look(call)
        for group in case.groups:
            drawn = given(call=case.calls(group))(lambda call: look(call))
            drawn = settings(
                max_examples=EXAMPLES,
                backend=BACKEND,
                phases=[Phase.generate],
                database=None,
                deadline=None,
                verbosity=Verbosity.quiet,
                suppress_health_check=list(HealthCheck),
            )(drawn)
            seed(0)(drawn)()
    return missing


OPERATORS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@", "eq": "==", "ne": "!=",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "and": "&", "or": "|", "xor": "^", "neg": "-", "pos": "+", "invert": "~", "abs": "abs(",
    "getitem": "[", "setitem": "] =", "array": "asarray",
}  # fmt: skip


def pattern(name: str) -> str:
    """What a text that uses the name must contain, as a regular expression."""
    short = name.rpartition(".")[2]
    if short.startswith("__"):
        base = short.strip("_")
        symbol = OPERATORS.get(base) or OPERATORS.get(base.removeprefix("r")) or OPERATORS[base.removeprefix("i")] + "="
        return re.escape(symbol)
    return rf"\b{re.escape(short)}\b"


@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in select()])
def test_claims(case: Case) -> None:
    assert not unsaid(case)
