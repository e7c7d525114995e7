"""The generic checks: one call, run by torch in two precisions and by the library under test, compared in every respect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from parity import module_checks, optimizer_checks
from parity.budget import Measure, measure
from parity.call import Call
from parity.structure import Leaf, leaves
from parity.world import Outcome, State, World, build, evaluate, forward, load, state_of

ORDERS = ("forward", "gradient", "second order")
DTYPES = ("float32", "float64")
BEHAVIOUR = "behaviour"
REFUSAL = "refusal"


@dataclass(frozen=True)
class Fault:
    """Something that differs from torch.

    Attributes:
        order: one of `ORDERS` for numbers, `BEHAVIOUR` for everything else, `REFUSAL` for errors.
        dtype: the dtype of the run, or empty.
        what: what differs.
    """

    order: str
    dtype: str
    what: str

    def __str__(self) -> str:
        return f"{self.order}{self.dtype and f' in {self.dtype}'}: {self.what}"


@dataclass
class Findings:
    """What one call showed: the worst measure by (dtype, order), the faults, and remarks on what could not be compared."""

    measures: dict[tuple[str, str], Measure] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    remarks: dict[tuple[str, str], str] = field(default_factory=dict)

    def note(self, dtype: str, order: str, m: Measure, what: str) -> None:
        """Take a measure of one array into account."""
        worst = self.measures.get((dtype, order))
        if worst is None or m.ratio > worst.ratio or m.fault:
            self.measures[dtype, order] = m
        if m.fault:
            self.fault(order, dtype, f"{what}: {m.fault}")

    def fault(self, order: str, dtype: str, what: str) -> None:
        """Note something that differs."""
        self.faults.append(Fault(order, dtype, what))


def examine(
    call: Call, ours: Any, torch: Any, dtypes: Sequence[str] = DTYPES, exact: bool = False, sampled: bool = False
) -> Findings:
    """Run a call that torch accepts in all worlds and compare.

    Args:
        call: the example.
        ours: the library under test.
        torch: the library to compare with.
        dtypes: the floating-point dtypes to run in.
        exact: whether results are equal bit for bit, or wrong.
        sampled: whether results are random numbers: their oracle is torch in the same dtype, not in float64.

    Raises:
        ValueError: if torch refuses the call: the case has drawn it for the wrong stream.
    """
    findings = Findings()
    try:
        state = state_of(build(call, World(torch, "float32"))) if call.kind == "module" else None
        theirs = {dtype: evaluate(call, World(torch, dtype), state, sized=dtype == "float64") for dtype in DTYPES}
    except Exception as error:
        raise ValueError(f"torch refuses what the case draws as valid: {call}") from error
    for dtype in dtypes:
        world = World(ours, dtype)
        try:
            got = evaluate(call, world, state)
            oracle = theirs[dtype if sampled else "float64"]
            known = {} if exact else _torch_errors(call, theirs, findings) if dtype == "float64" and not sampled else None
            _compare(call, dtype, got, theirs[dtype], oracle, findings, exact, known)
            _repeat(call, world, got, state, findings)
        except Exception as error:  # whatever it is, torch did not raise it
            findings.fault(BEHAVIOUR, dtype, f"raised {type(error).__name__}: {error}")
    if not findings.faults:
        if call.kind == "module" and state is not None:
            for what in module_checks.differences(call, World(ours, "float32"), World(torch, "float32"), state):
                findings.fault(BEHAVIOUR, "", what)
        if call.kind == "optimizer":
            for what in optimizer_checks.differences(call, World(ours, "float32"), World(torch, "float32"), World(torch, "float64")):
                findings.fault(BEHAVIOUR, "", what)
    return findings


def examine_refusal(call: Call, ours: Any, torch: Any) -> Findings:
    """Run a call that torch refuses: the library under test must raise the same type of error, with a message.

    Raises:
        ValueError: if torch accepts the call: the case has drawn it for the wrong stream.
    """
    findings = Findings()
    expected = refusal(call, World(torch, "float32"))
    if expected is None:
        raise ValueError(f"torch accepts what the case draws as invalid: {call}")
    got = refusal(call, World(ours, "float32"))
    if got is None:
        findings.fault(REFUSAL, "", f"accepted what torch refuses with {type(expected).__name__}: {expected}")
    elif not isinstance(got, type(expected)):
        findings.fault(
            REFUSAL, "", f"expected {type(expected).__name__} ({expected}), but got {type(got).__name__} ({got})"
        )
    elif not str(got).strip():
        findings.fault(REFUSAL, "", f"{type(got).__name__} without a message; torch says: {expected}")
    return findings


def refusal(call: Call, world: World) -> Exception | None:
    """The error that a world raises on the way through the call and its backward pass."""
    try:
        evaluate(call, world)
    except Exception as error:
        return error
    return None


def _torch_errors(call: Call, theirs: Mapping[str, Outcome], findings: Findings) -> dict[str, float]:
    """torch's float32 errors in units, by what was measured: they say how well-conditioned the call is."""
    single = Findings()
    known: dict[str, float] = {}
    for order, what, _, t, o, terms, size in _pairs(call, theirs["float32"], theirs["float32"], theirs["float64"], single):
        known[f"{order} {what}"] = measure(t, t, o, terms, size).torch
    return known


def _compare(
    call: Call,
    dtype: str,
    got: Outcome,
    expected: Outcome,
    oracle: Outcome,
    findings: Findings,
    exact: bool,
    known: dict[str, float] | None,
) -> None:
    """Compare two outcomes; `known` holds torch's errors where they are not to be taken from `expected`."""
    if exact:
        oracle = expected
    for order in ORDERS:
        if not order.startswith("second") or expected.second:
            if order == "forward" or expected.gradients:
                findings.measures.setdefault((dtype, order), Measure())
    if expected.missing:
        findings.remarks[dtype, expected.missing] = "torch has none"
    for order, what, y, t, o, terms, size in _pairs(call, got, expected, oracle, findings, dtype):
        if exact:
            if not np.array_equal(y, t, equal_nan=True):
                findings.fault(order, dtype, f"{what}: not equal bit for bit: expected {_short(t)}, got {_short(y)}")
        else:
            findings.note(dtype, order, measure(y, t, o, terms, size, known.get(f"{order} {what}", 0.0) if known is not None else None), what)
    if got.aliases != expected.aliases:
        findings.fault(BEHAVIOUR, dtype, f"shares memory: expected {_names(expected.aliases)}, got {_names(got.aliases)}")
    if got.mutated != expected.mutated:
        findings.fault(BEHAVIOUR, dtype, f"wrote to its inputs {list(got.mutated)}, torch to {list(expected.mutated)}")


Pair = tuple[str, str, np.ndarray, np.ndarray, np.ndarray, int, float | None]


def _pairs(
    call: Call, got: Outcome, expected: Outcome, oracle: Outcome, findings: Findings, dtype: str = ""
) -> Iterator[Pair]:
    """All floating-point results to measure; what is not a number is compared on the way.

    Yields:
        order, name, our result, torch's, the oracle's, how many terms were summed, how large they are (None: nothing cancels).
    """
    paths, wanted = [leaf.path for leaf in got.leaves], [leaf.path for leaf in expected.leaves]
    if paths != wanted:
        findings.fault(BEHAVIOUR, dtype, f"structure of the result: expected {wanted}, got {paths}")
        return
    for mine, theirs, true in zip(got.leaves, expected.leaves, oracle.leaves, strict=True):
        what = _difference(mine, theirs, recorded=expected.missing != "gradient")
        if what:
            findings.fault(BEHAVIOUR, dtype, f"{mine.path}: {what}")
        elif theirs.kind != "other":
            y, t, o = mine.value, theirs.value, true.value
            if theirs.kind == "float":  # what `item()` gives is as precise as the tensor was
                y, t = y.astype(dtype or "float32"), t.astype(dtype or "float32")
            yield from _number("forward", mine.path, y, t, o, call.terms, None, findings, dtype)
    for key in dict.fromkeys([*got.buffers, *expected.buffers]):
        if key not in got.buffers or key not in expected.buffers:
            findings.fault(BEHAVIOUR, dtype, f"state_dict after the call: {key} is there only on one side")
            return
        y, t, o = (outcome.buffers[key] for outcome in (got, expected, oracle))
        yield from _number("forward", f"state {key}", y, t, o, call.terms, None, findings, dtype)
    terms = max(call.terms, call.gradient_terms)
    for how, outcomes in (("", [w.gradients for w in (got, expected, oracle)]), (", recorded", [w.recorded for w in (got, expected, oracle)])):
        for name in outcomes[1]:
            y, t, o = (gradients.get(name) for gradients in outcomes)
            if y is None or t is None or o is None:
                if (y is None) != (t is None):
                    findings.fault("gradient", dtype, f"of {name}{how}: expected {_short(t)}, got {_short(y)}")
            else:
                size = oracle.sizes.get(f"gradient of {name}") if terms > 1 else None
                yield from _number("gradient", f"of {name}{how}", y, t, o, terms, size, findings, dtype)
    if got.missing and not expected.missing:
        findings.fault(got.missing, dtype, "there is none")
        return
    for name in expected.second:
        y, t, o = (outcome.second.get(name) for outcome in (got, expected, oracle))
        t, o = _zeros_for_none(t, (o, y)), _zeros_for_none(o, (t, y))
        y = _zeros_for_none(y, (t, o))
        if y is not None and t is not None and o is not None:
            size = oracle.sizes.get(f"second order of {name}", 0.0)
            yield from _number("second order", f"of {name}", y, t, o, terms, size, findings, dtype)


def _number(
    order: str, what: str, y: Any, t: Any, o: Any, terms: int, size: float | None, findings: Findings, dtype: str
) -> Iterator[Pair]:
    """One result to measure, unless its dtype, shape, or exact values differ already."""
    if y.dtype != t.dtype or y.shape != t.shape:
        findings.fault(order, dtype, f"{what}: expected {t.dtype}{list(t.shape)}, got {y.dtype}{list(y.shape)}")
    elif t.dtype.kind != "f":
        if not np.array_equal(y, t):
            findings.fault(order, dtype, f"{what}: expected {_short(t)}, got {_short(y)}")
    else:
        yield order, what, y, t, o if o.dtype == "float64" and o.shape == t.shape else t, terms, size


def _difference(mine: Leaf, theirs: Leaf, recorded: bool) -> str:
    """What differs between two leaves other than their numbers; `recorded`: whether torch has a derivative."""
    if mine.kind != theirs.kind:
        return f"expected {theirs.kind} {theirs.value!r}, got {mine.kind} {mine.value!r}"
    if theirs.kind == "other":
        same = type(mine.value) is type(theirs.value) and mine.value == theirs.value
        return "" if same else f"expected {theirs.value!r}, got {mine.value!r}"
    if recorded and mine.requires_grad != theirs.requires_grad:
        return f"expected requires_grad={theirs.requires_grad}, got {mine.requires_grad}"
    return ""


def _repeat(call: Call, world: World, first: Outcome, state: State | None, findings: Findings) -> None:
    """The same call again without recording: no graph, and the very same numbers."""
    module = None
    if call.kind == "optimizer":
        return
    if call.kind == "module" and state is not None:
        module = build(call, world)
        load(module, state, world)
    with world.lib.no_grad():
        result, _ = forward(call, world, module)
        again = list(leaves(result, world.lib))
    for before, after in zip(first.leaves, again, strict=True):
        if after.kind == "tensor" and after.requires_grad and after.tensor.grad_fn is not None:
            findings.fault(BEHAVIOUR, world.dtype, f"{after.path} is recorded under no_grad()")
        if after.kind != "other" and not np.array_equal(before.value, after.value, equal_nan=before.value.dtype.kind == "f"):
            findings.fault(BEHAVIOUR, world.dtype, f"{after.path} differs when the call is repeated under no_grad()")


def _zeros_for_none(x: np.ndarray | None, others: Sequence[np.ndarray | None]) -> np.ndarray | None:
    """Nothing is the same as zeros, where the derivative is a derivative already."""
    if x is not None:
        return x
    return next((np.zeros_like(other) for other in others if other is not None), None)


def _names(aliases: frozenset[tuple[str, str]]) -> str:
    return ", ".join(f"{out} with {name}" for out, name in sorted(aliases)) or "nothing"


def _short(x: np.ndarray | None) -> str:
    if x is None:
        return "None"
    return f"{x.dtype}{list(x.shape)} {np.array2string(x.reshape(-1)[:6], threshold=6, precision=9)}"
