"""A name that a case says it covers is a name that its calls use."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from parity.call import Call
from parity.case import Case, select
from parity.provider import BACKEND

EXAMPLES = 150  # per option group: enough for each of a dozen spellings to come up


def texts(case: Case) -> str:
    """What some of the case's calls say, all in one."""
    found = [f"{call.build}\n{call.text}" for call in case.refused]

    def keep(call: Call) -> None:
        found.append(f"{call.build}\n{call.text}")

    for group in case.groups:
        drawn = given(call=case.calls(group))(lambda call: keep(call))
        drawn = settings(
            max_examples=EXAMPLES,
            backend=BACKEND,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )(drawn)
        seed(0)(drawn)()
    return "\n".join(found)


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
    said = texts(case)
    names = [name for name in case.covers if re.fullmatch(r"[\w.]+", name)]
    missing = [name for name in names if not re.search(pattern(name), said)]
    assert not missing
