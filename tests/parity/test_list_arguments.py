"""Functions that take a list of tensors, given lists, numbers, arrays and other things: torch's results and errors.

Not those that torch has written in Python, whose AttributeError is a TypeError here.
"""

from __future__ import annotations

import pytest

from parity.programs import differences
from parity.programs.examine import examine, report

pytestmark = pytest.mark.host(reason="programs make their tensors on the default device of either library")

CALLS = (
    *(
        f"torch.{name}({{}})"
        for name in (
            "cat",
            "concat",
            "stack",
            "hstack",
            "vstack",
            "row_stack",
            "broadcast_tensors",
            "where",
        )
    ),
    "torch.meshgrid({}, indexing='ij')",
    "torch.einsum('i,i', {})",
    "torch.einsum('i', {})",
    "torch.chunk({}, 1)",
    "torch.unbind({})",
    "torch.nn.utils.clip_grad_norm_({}, 1.0)",
)
ARGUMENTS = (
    "(t, t)",
    "[t, [1.0, 2.0, 3.0]]",
    "[t, 2]",
    "[t, np.ones(3)]",
    "[t, None]",
    "[t, 'x']",
    "[[1.0, 2.0, 3.0]]",
    "[1.0, 2.0]",
    "[]",
    "()",
    "t",
    "2.0",
    "None",
    "'x'",
    "np.ones(3)",
    "{0: t}",
    "{t}",
    "t, t",
    "t, 2",
    "t, [1.0]",
    "t, np.ones(3)",
)


@pytest.mark.parametrize("call", CALLS)
def test_list_arguments(call: str) -> None:
    for given in ARGUMENTS:
        text = ("t = torch.ones(3)", "a = " + call.replace("{}", given))
        finding = examine(text, differences.ALL)[1]
        assert finding is None, report(text, finding)


@pytest.mark.parametrize(
    "call",
    [
        "x, [0, 1], y, [1, 2], [0, 2]",
        "x, [0, 1], y, [1, 2]",
        "x, [0, 0]",
        "x, [..., 1], [1, ...]",
        "x, [0, 52]",
        "x, [3, 2], y, [2, 5], [5, 3]",
        "'ab,bc->ac', x, y",
    ],
)
def test_einsum_with_numbers_for_letters(call: str) -> None:
    text = ("x = torch.ones(2, 3)", "y = torch.ones(3, 4)", f"a = torch.einsum({call})")
    finding = examine(text, differences.ALL)[1]
    assert finding is None, report(text, finding)
