"""The calls of a case use every name that it claims to cover, literally."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest
from hypothesis import Phase

import minitorch
from parity.cases import select
from parity.compare.call import Call
from parity.compare.case import Case
from parity.compare.explore import drive

EXAMPLES = 150  # per option group at most: enough for each of a dozen spellings to be drawn


class Said(Exception):
    """Every name has been used."""


def exists(name: str) -> bool:
    """Whether minitorch has the name: a case may have another, such as ``integer arithmetic``."""
    value: Any = minitorch
    for part in name.split("."):
        value = getattr(value, part, None)
    return value is not None


def unsaid(case: Case) -> set[str]:
    """The names that are not used in any of many valid calls of the case."""
    missing = {name for name in case.covers if name != case.name or exists(name)}

    def look(call: Call) -> None:
        said = spelled_out(f"{call.build}\n{call.text}")
        missing.difference_update([name for name in missing if re.search(pattern(name), said)])
        if not missing:
            raise Said

    with contextlib.suppress(Said):
        for group in case.groups:
            drive(look, case.calls(group), EXAMPLES, 0, Phase.generate)
    return missing


OPERATORS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@", "eq": "==", "ne": "!=",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "and": "&", "or": "|", "xor": "^", "neg": "-", "pos": "+", "invert": "~", "abs": "abs(",
    "lshift": "<<", "rshift": ">>", "getitem": "[", "setitem": "] =", "array": "asarray",
}  # fmt: skip


def spelled_out(text: str) -> str:
    """The text with modules in place of the short names that it gives them."""
    for alias, module in re.findall(r"^(\w+) = (torch(?:\.\w+)+)$", text, re.MULTILINE):
        text = re.sub(rf"\b{alias}\.", f"{module}.", text)
    return text


MODULES = ("torch", "nn", "F", "init", "linalg", "optim", "lr_scheduler", "distributions", "utils", "data", "rnn")


def pattern(name: str) -> str:
    """The regular expression of a text that uses the name.

    Testing `x.relu()` does not count as testing `torch.relu(x)`, nor the other way round.
    """
    home, _, short = name.rpartition(".")
    if home == "Tensor" and short.startswith("__"):
        base = short.strip("_")
        symbol = OPERATORS.get(base) or OPERATORS.get(base.removeprefix("r")) or OPERATORS[base.removeprefix("i")] + "="
        return re.escape(symbol)
    if home.rpartition(".")[2][:1].isupper():
        return "".join(rf"(?<!\b{module})" for module in MODULES) + rf"\.{short}\b"
    if home == "nn.functional":
        return rf"\b(F|functional)\.{short}\b"
    return rf"\b{home.rpartition('.')[2] or 'torch'}\.{short}\b"


def test_patterns() -> None:
    assert re.search(pattern("Tensor.sum"), "x.sum(0)")
    assert re.search(pattern("Tensor.sum"), "torch.ones(2).sum()")
    assert not re.search(pattern("Tensor.sum"), "torch.sum(x), F.sum(x), x.sum_to(1), sum(x)")
    assert re.search(pattern("sum"), "torch.sum(x)")
    assert not re.search(pattern("sum"), "x.sum(), torch.sums(x)")
    assert re.search(pattern("nn.Linear"), "nn.Linear(3, 2)")
    assert re.search(pattern("nn.Linear"), "torch.nn.Linear(3, 2)")
    assert not re.search(pattern("nn.Linear"), "nn.LinearLR()")
    assert re.search(pattern("distributions.Normal.sample"), "d.sample()")
    assert re.search(pattern("utils.data.Subset"), spelled_out("u = torch.utils.data\nu.Subset(x, [1])"))
    assert re.search(pattern("nn.functional.relu"), "F.relu(x)")
    assert not re.search(pattern("nn.functional.relu"), "torch.relu(x), x.relu()")
    assert re.search(pattern("Tensor.__radd__"), "1 + x")
    assert not re.search(pattern("Tensor.__iadd__"), "1 + x")


@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in select()])
def test_claims(case: Case) -> None:
    assert not unsaid(case)
