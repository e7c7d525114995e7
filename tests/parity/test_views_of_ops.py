"""Which results are views, of which tensor, and which writes to them are allowed: every case compared with torch."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch

import minitorch
from parity.cases import select
from parity.compare.call import Call
from parity.compare.case import Case
from parity.compare.library import State
from tests.parity.drawn import Run, calls, module_state

CASES = [c for c in select() if c.kind != "optimizer"]

DIFFERENT: dict[str, str] = {
    "Tensor.backward": "the gradients that hooks are given: ours are no views of anything",
    "split": "writes to one of several views, see docs/differences.md",
    "chunk": "the same",
    "unbind": "the same",
    "nonzero": "the same",
    "masked_select": "the same, of nonzero(as_tuple=True)",
    "nn.Linear": "torch's way to add the bias depends on how the input is laid out in memory",
    "nn.functional.linear": "the same",
    "einsum": "torch skips products with sizes of 1, and how it does is its own",
    "Tensor.unfold": "torch does not look for shared memory in the result",
    "other memory": "set_ shares the count of writes",
    "tile": "torch returns a view of a copy for some numbers of repeats",
}


def observed(call: Call, lib: Any, state: State | None, computed: bool) -> list[Any]:
    """Which tensors are views of which, and which writes are refused."""
    run = Run(call, lib, state, computed)
    seen: list[Any] = [
        [run.name_of(t), t._is_view(), run.name_of(t._base), t.is_leaf, t.requires_grad] for t in run.outputs
    ]
    for i in range(len(run.outputs)):
        for write in ("zero_", "mul_", "detach_"):
            run = Run(call, lib, state, computed)
            before, t = {name: x._version for name, x in run.inputs.items()}, run.outputs[i]
            if write == "mul_" and t.dtype is lib.bool:
                continue
            try:
                if write == "zero_":
                    with lib.no_grad():
                        t.zero_()
                else:
                    getattr(t, write)(*([2] if write == "mul_" else []))
            except RuntimeError as error:
                words = ("leaf", "detach views", "single memory location")
                seen.append([i, write, next((word for word in words if word in str(error)), str(error))])
            else:
                changed = [name for name, x in run.inputs.items() if x._version != before[name]]
                seen.append([i, write, changed, t.requires_grad, t.is_leaf])
    return seen


@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in CASES if c.name not in DIFFERENT])
def test_views(case: Case) -> None:
    warnings.simplefilter("ignore")
    for call in calls(case, 1):
        state = module_state(call, torch)
        for computed in (False, True):
            try:
                expected = observed(call, torch, state, computed)
            except RuntimeError:
                continue  # deepcopy of a result
            assert observed(call, minitorch, state, computed) == expected, f"{call}, computed={computed}"
