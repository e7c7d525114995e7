"""Tensors on different devices in one call: every op refuses them, with a helpful message.

The calls are those of the parity cases, so that an op which is added is looked at without being named here.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest
from hypothesis import Phase

import minitorch
from parity.cases import select
from parity.compare.call import Call, run, scope
from parity.compare.case import Case
from parity.compare.explore import drive
from parity.compare.library import Library

pytestmark = pytest.mark.host("every input is put somewhere by the test")

EXAMPLES = 6
MENDED = re.compile(r"at least two devices, .* and .*! In .*device=.*Move them to one device with|move it with \.to\(")
LIBRARY = Library(minitorch, "float32")

MAY_MIX = {
    r"(reshape|view|expand)_as\(|is_same_size\(": "looks at the shape alone",
    r"\.copy_\(|out\[.*\] = |set_\(|\.data = ": "copies from one device to another",
    r"\.to\(|type_as\(": "takes the device of the other tensor",
    r"TensorDataset|DataLoader": "keeps tensors side by side",
    r"distributions\.": "a property may need one of the parameters only",
    r"torch\.optim\.": "each parameter is changed where it lies",
    r"parameters_to_vector|vector_to_parameters": "raises torch's TypeError (tests/nn/test_utils.py)",
}
"""Calls that may mix devices, as in torch, and the reasons."""


def mixed(call: Call, places: list[str]) -> Any:
    """The result of the call, or its error, with its inputs on these devices in turn."""
    names = scope(minitorch, "float32")
    for i, x in enumerate(call.inputs):
        names[x.name] = LIBRARY.input(x).detach().to(places[i % len(places)])
    LIBRARY.seed(call.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return run(call.text, names)
        except Exception as error:
            return error


def accepted(case: Case, group: str, places: list[str]) -> tuple[int, list[str]]:
    """How many calls of a case mixed devices, and the calls that did not refuse it correctly."""
    found: list[str] = []
    tried = 0

    def look(call: Call) -> None:
        used = [x for x in call.inputs if re.search(rf"\b{x.name}\b", call.text)]
        if len(used) < 2 or any(re.search(pattern, call.text) for pattern in MAY_MIX):
            return
        nonlocal tried
        tried += 1
        result = mixed(call, places)
        if not isinstance(result, RuntimeError) or not MENDED.search(str(result)):
            found.append(f"{call}: {type(result).__name__} {str(result)[:200]}")

    drive(look, case.calls(group), EXAMPLES, 0, Phase.generate)
    return tried, found


@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in select() if c.kind == "op"])
def test_mixed_devices_are_refused(case: Case):
    for group in case.groups:
        _, found = accepted(case, group, ["strict:0", "strict:1"])
        assert not found, "\n".join(found)


def test_most_families_are_looked_at():
    """The cases whose calls take two tensors are checked above; without any such case that test would pass."""
    tried = {c.name for c in select() if c.kind == "op" and accepted(c, c.groups[0], ["strict:0", "strict:1"])[0]}
    for name in ("add", "matmul", "cat", "where", "gather", "nn.functional.conv2d", "nn.functional.cross_entropy"):
        assert name in tried, f"no call of {name} mixed devices; there were {sorted(tried)}"
    assert len(tried) > 70


@pytest.mark.parametrize("places", [["strict:0", "cpu"], ["cpu", "strict:0"]])
@pytest.mark.parametrize(
    "name", ["matmul", "cat", "nn.functional.conv2d", "nn.functional.embedding", "gather", "where"]
)
def test_the_host_is_another_device(name: str, places: list[str]):
    (case,) = (c for c in select(name) if c.name == name)
    tried, found = accepted(case, case.groups[0], places)
    assert tried
    assert not [text for text in found if "float[]" not in text], "\n".join(found)
