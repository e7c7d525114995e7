"""What may be written to between an op and its backward pass: every case of parity held against torch.

Where torch refuses the backward pass, minitorch does too, or it gives the gradient as if nothing had been written. Where
torch accepts it, minitorch gives the same gradient.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from parity.cases import select
from parity.compare.call import Call
from parity.compare.case import Case
from parity.compare.library import State
from tests.parity.drawn import Run, calls, module_state

CASES = [c for c in select() if c.kind != "optimizer"]

REFUSED_HERE: dict[str, str] = {
    "nn.RNN": "for a first state of zeros torch does not save the recurrent weights; and it names another error",
    "nn.LSTM": "the same",
    "nn.GRU": "the same",
    "nn.RNNCell": "the same",
    "nn.LSTMCell": "the same",
    "nn.GRUCell": "the same",
    "nn.BatchNorm2d": "without weight and bias the result is what is saved",
    "nn.BatchNorm1d": "the same",
    "nn.functional.nll_loss": "torch saves a copy of the targets of a single sample or a volume",
    "nn.CrossEntropyLoss": "the same",
    "matmul": "torch does not compute with a matrix of no elements",
    "tensordot": "torch leaves out dimensions of size 1",
    "split": "writes to one of several views, see docs/differences.md",
    "Tensor.unfold": "torch does not look for elements that share memory",
}

Gradients = list[np.ndarray | None]
Target = tuple[str, Any]


def gradients(call: Call, lib: Any, state: State | None, target: Target | None) -> Gradients | str | None:
    """The gradients after a write to an input, a parameter or an output; the class of the error that a pass raises;
    None if there is nothing to differentiate.
    """
    run = Run(call, lib, state, computed=True)
    outputs = [t for t in run.outputs if t.requires_grad]
    wanted = [x for x in (*run.leaves.values(), *run.parameters.values()) if x.requires_grad]
    if not outputs or not wanted:
        return None
    weights = [lib.ones_like(t) for t in outputs]
    try:
        if target is not None:
            kind, name = target
            t = run.outputs[name] if kind == "output" else {**run.inputs, **run.parameters}[name]
            with lib.no_grad():
                t.mul_(2) if t.dtype.is_floating_point else t.fill_(0)
        found = lib.autograd.grad(outputs, wanted, weights, allow_unused=True)
    except RuntimeError as error:
        return type(error).__name__
    return [None if g is None else g.detach().numpy() for g in found]


def equal(a: Gradients | str | None, b: Gradients | str | None) -> bool:
    if not isinstance(a, list) or not isinstance(b, list):
        return a == b
    return all(
        (x is None) == (y is None) and (x is None or y is None or np.allclose(x, y, 1e-3, 1e-4, equal_nan=True))
        for x, y in zip(a, b, strict=True)
    )


@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in CASES if c.name not in REFUSED_HERE])
def test_writes_before_the_backward_pass(case: Case) -> None:
    warnings.simplefilter("ignore")
    for call in calls(case, 1)[:4]:
        state = module_state(call, torch)
        try:
            run = Run(call, torch, state, computed=True)
        except RuntimeError:
            continue  # deepcopy of a result
        targets: list[Target] = [("input", name) for name in (*run.inputs, *run.parameters)]
        targets += [("output", i) for i in range(len(run.outputs))]
        unwritten = gradients(call, minitorch, state, None)
        if not equal(gradients(call, torch, state, None), unwritten):
            continue  # random numbers, or gradients that test_cases compares with more care
        for target in targets:
            expected, got = gradients(call, torch, state, target), gradients(call, minitorch, state, target)
            saves_less = expected == "RuntimeError" and equal(got, unwritten)
            assert saves_less or equal(got, expected), f"{call}, {target}: expected {expected}, got {got}"
