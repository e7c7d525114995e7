"""The generic checks: one call, run by torch in two precisions and by the library under test, compared in every
respect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from parity.compare import module_checks, optimizer_checks
from parity.compare.budget import FACTOR, Measure
from parity.compare.call import Call, gives_a_result
from parity.compare.findings import BEHAVIOUR, DTYPES, REFUSAL, Fault, Findings
from parity.compare.inputs import ABSOLUTE, largest, moved
from parity.compare.library import Library, Outcome, State, build, evaluate, forward, load, state_of
from parity.compare.pairs import Pair, pairs, short
from parity.compare.structure import Leaf, leaves

Outcomes = dict[str, Outcome]
NEIGHBOURS = 32


def examine(
    call: Call, ours: Any, torch: Any, dtypes: Sequence[str] = DTYPES, exact: bool = False, sampled: bool = False
) -> Findings:
    """Run a call that torch accepts in all libraries and compare.

    Args:
        call: the example.
        ours: the library under test.
        torch: the library to compare with.
        dtypes: the floating-point dtypes to run in.
        exact: whether results must be equal bit for bit.
        sampled: whether results are random numbers: they are compared with torch in the same dtype, not in float64.

    Raises:
        ValueError: if torch refuses the call, or the call has no result; both are mistakes of the case.
    """
    findings = Findings()
    if not gives_a_result(call.text):
        raise ValueError(f"expected an expression, or statements that assign the result to out, but got {call.text!r}")
    try:
        state, theirs = _by_torch(call, torch, DTYPES if sampled else ("float64",))
    except Exception as error:
        hint = " (parity.both and parity.twin give names to what is your own)" if type(error) is NameError else ""
        raise ValueError(f"torch refuses what the case draws as valid, {call}: {error}{hint}") from error
    own = Yardstick(call, theirs, torch)
    for dtype in dtypes:
        library = Library(ours, dtype)
        try:
            got = evaluate(call, library, state)
            if exact:
                findings.add(_exactly(call, dtype, got, theirs[dtype]))
            elif sampled:
                findings.add(_compared(call, dtype, got, theirs[dtype], theirs[dtype], None))
            else:
                findings.add(_within_budget(call, dtype, got, theirs, own))
            _repeat(call, library, Library(torch, dtype), got, state, findings)
        except Exception as error:  # torch did not raise it
            findings.fault(BEHAVIOUR, dtype, f"raised {type(error).__name__}: {error}")
    if not findings.faults and call.kind != "op":
        _check_kind(call, ours, torch, state, findings)
    return findings


def _by_torch(call: Call, torch: Any, sized: Sequence[str] = ("float64",)) -> tuple[State | None, Outcomes]:
    """The state that the call's module starts from, and torch's outcome in each dtype. `sized`: as for `evaluate`."""
    state = state_of(build(call, Library(torch, "float32"))) if call.kind == "module" else None
    if state is not None and call.variant > 0:
        state = {key: moved(x, call.variant) if x.dtype.kind == "f" else x for key, x in state.items()}
    return state, {dtype: evaluate(call, Library(torch, dtype), state, sized=dtype in sized) for dtype in DTYPES}


class Yardstick:
    """torch's own float32 errors on a call, in units, by result: a measure of how well-conditioned the call is.

    On one input torch may be exact by luck, or large terms may sum to a small result. So before an error of ours counts
    as too large, torch's error is also measured on neighbouring inputs, and the size of the terms on absolute values.
    """

    def __init__(self, call: Call, theirs: Outcomes, torch: Any) -> None:
        self.call = call
        self.theirs = theirs
        self.torch = torch
        self.errors = _torch_errors(call, theirs)
        self.near: dict[str, float] = {}  # the same on neighbouring inputs
        self._wide = False
        self._single: Yardstick | None = None

    def of(self, dtype: str) -> Yardstick:
        """The yardstick for results in a dtype.

        Where the call itself names float64, as in ``softmax(x, 0, dtype=torch.float64)``, torch computes in double in
        its float32 run too. Its errors there say nothing about its float64 run: those of the same call in the dtype of
        the run do.
        """
        if dtype != "float64" or "torch.float64" not in self.call.text:
            return self
        if self._single is None:
            call = replace(self.call, text=self.call.text.replace("torch.float64", "dtype"))
            self._single = Yardstick(call, _by_torch(call, self.torch)[1], self.torch)
        return self._single

    def widen(self) -> None:
        """Measure neighbouring inputs too (once)."""
        if self._wide:
            return
        self._wide = True
        sizes = self.theirs["float64"].sizes
        if self.call.terms > 1:
            sizes |= _sizes(_varied(self.call, ABSOLUTE), self.torch)
        for i in range(1, NEIGHBOURS + 1):
            neighbour = _varied(self.call, i)
            outcomes = _by_torch(neighbour, self.torch)[1]
            outcomes["float64"].sizes |= sizes
            for key, error in _torch_errors(neighbour, outcomes).items():
                self.near[key] = max(self.near.get(key, 0.0), error)


def _within_budget(call: Call, dtype: str, got: Outcome, theirs: Outcomes, own: Yardstick) -> Findings:
    """The findings by the error budget."""
    own = own.of(dtype)
    findings = _compared(call, dtype, got, theirs[dtype], theirs["float64"], own)
    if findings.faults or any(m.ratio > FACTOR for m in findings.measures.values()):
        own.widen()
        findings = _compared(call, dtype, got, theirs[dtype], theirs["float64"], own)
    return findings


def _torch_errors(call: Call, theirs: Outcomes) -> dict[str, float]:
    """torch's float32 errors in units, by what was measured."""
    found = pairs(call, "float32", theirs["float32"], theirs["float32"], theirs["float64"])
    return {p.key: p.measure().torch for p in found if isinstance(p, Pair)}


def _varied(call: Call, variant: int) -> Call:
    return replace(call, inputs=tuple(replace(x, variant=variant) for x in call.inputs), variant=variant)


def _sizes(call: Call, torch: Any) -> dict[str, float]:
    """How large the results are, by what they are called in `Outcome.sizes`."""
    outcome = evaluate(call, Library(torch, "float64"), backward=False)
    return {f"forward {leaf.path}": largest(leaf.value) for leaf in outcome.leaves if leaf.kind in ("tensor", "float")}


def _compared(
    call: Call, dtype: str, got: Outcome, expected: Outcome, oracle: Outcome, own: Yardstick | None
) -> Findings:
    findings = _begun(dtype, expected)
    errors, near = ({}, {}) if own is None else (own.errors, own.near)
    for p in pairs(call, dtype, got, expected, oracle):
        if isinstance(p, Fault):
            findings.faults.append(p)
        else:
            found = p.measure(errors.get(p.key, 0.0), near.get(p.key, 0.0))
            findings.note(dtype, p.order, found, p.name)
    return findings


def _begun(dtype: str, expected: Outcome) -> Findings:
    """Empty findings with an entry for each order that torch supports."""
    findings = Findings()
    has = {"forward": True, "gradient": bool(expected.gradients), "second order": bool(expected.second)}
    findings.measures = {(dtype, order): Measure() for order, there in has.items() if there}
    if expected.missing:
        findings.remarks[dtype, expected.missing] = "torch has none"
    return findings


def _exactly(call: Call, dtype: str, got: Outcome, expected: Outcome) -> Findings:
    """The findings of a comparison with torch in the same dtype, bit for bit."""
    findings = _begun(dtype, expected)
    for p in pairs(call, dtype, got, expected, expected):
        if isinstance(p, Fault):
            findings.faults.append(p)
        elif not np.array_equal(p.ours, p.torch, equal_nan=True):
            what = f"{p.name}: not equal bit for bit: expected {short(p.torch)}, got {short(p.ours)}"
            findings.fault(p.order, dtype, what)
    return findings


def _repeat(
    call: Call, library: Library, torch: Library, first: Outcome, state: State | None, findings: Findings
) -> None:
    """The same call again under `no_grad`: it must give no graph, unless torch has one too, and the same numbers."""
    if call.kind == "optimizer":
        return
    again = _under_no_grad(call, library, state)
    recorded = [_is_recorded(after) for after in again]
    if any(recorded):  # as a distribution's `probs`, which is computed with gradients on
        theirs = [_is_recorded(after) for after in _under_no_grad(call, torch, state)]
        for after, ours, expected in zip(again, recorded, theirs, strict=True):
            if ours and not expected:
                findings.fault(BEHAVIOUR, library.dtype, f"{after.path} is recorded under no_grad()")
    for before, after in zip(first.leaves, again, strict=True):
        if after.kind != "other" and not np.array_equal(
            before.value, after.value, equal_nan=before.value.dtype.kind == "f"
        ):
            findings.fault(BEHAVIOUR, library.dtype, f"{after.path} differs when the call is repeated under no_grad()")


def _under_no_grad(call: Call, library: Library, state: State | None) -> list[Leaf]:
    """The results of the call without recording."""
    module = None
    if call.kind == "module" and state is not None:
        module = build(call, library)
        load(module, state, library)
    with library.lib.no_grad():
        result, _ = forward(call, library, module)
        return list(leaves(result, library.lib))


def _is_recorded(leaf: Leaf) -> bool:
    return bool(leaf.kind == "tensor" and leaf.requires_grad and leaf.tensor.grad_fn is not None)


def _check_kind(call: Call, ours: Any, torch: Any, state: State | None, findings: Findings) -> None:
    """The checks of every module, or of every optimizer, besides its results."""
    mine, theirs = Library(ours, "float32"), Library(torch, "float32")
    try:
        if call.kind == "module" and state is not None:
            differences = module_checks.differences(call, mine, theirs, state)
        else:
            differences = optimizer_checks.differences(call, mine, theirs, Library(torch, "float64"))
        for what in differences:
            findings.fault(BEHAVIOUR, "", what)
    except Exception as error:  # torch did not raise it
        findings.fault(BEHAVIOUR, "", f"raised {type(error).__name__}: {error}")


def examine_refusal(call: Call, ours: Any, torch: Any) -> Findings:
    """Run a call that torch refuses: the library under test must raise an error whose type has the same name, with a
    message.

    Raises:
        ValueError: if torch accepts the call, which is a mistake of the case.
    """
    findings = Findings()
    expected, got = _error(call, Library(torch, "float32")), _error(call, Library(ours, "float32"))
    if expected is None:
        raise ValueError(f"torch accepts what the case draws as invalid: {call}")
    kind = type(expected).__name__
    if got is None:
        findings.fault(REFUSAL, "", f"accepted what torch refuses with {kind}: {expected}")
    elif type(got).__name__ != kind:
        findings.fault(REFUSAL, "", f"expected {kind} ({expected}), but got {type(got).__name__} ({got})")
    elif not str(got).strip():
        findings.fault(REFUSAL, "", f"{kind} without a message; torch says: {expected}")
    return findings


def _error(call: Call, library: Library) -> Exception | None:
    """The error that a library raises in the call or in its backward passes; None if it raises none."""
    try:
        evaluate(call, library)
    except Exception as error:
        return error
    return None
