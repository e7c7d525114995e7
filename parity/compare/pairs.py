"""Two outcomes side by side: floating-point results as pairs to measure, any other difference as a fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.compare.budget import Measure, measure
from parity.compare.call import Call
from parity.compare.findings import BEHAVIOUR, Fault
from parity.compare.library import Outcome
from parity.compare.structure import Leaf

Array = np.ndarray | None


@dataclass(frozen=True)
class Pair:
    """A result to measure.

    Attributes:
        order: one of `ORDERS`.
        name: ``out[0]``, ``of x`` and the like.
        ours: our result.
        torch: torch's result in the same dtype.
        oracle: torch's result in float64.
        terms: how many terms were summed for one element.
        size: how large the terms are; None if nothing cancels.
        drawn: how large the inputs are.
    """

    order: str
    name: str
    ours: np.ndarray
    torch: np.ndarray
    oracle: np.ndarray
    terms: int
    size: float | None
    drawn: float

    def measure(self, torch_error: float | None = None, near: float = 0.0) -> Measure:
        """The errors; `torch_error`: torch's error in units, if it is known already; `near`: on neighbouring inputs."""
        return measure(self.ours, self.torch, self.oracle, self.terms, self.size, torch_error, self.drawn, near)

    @property
    def key(self) -> str:
        """The name under which errors of this result are collected."""
        return f"{self.order} {self.name}"


def pairs(call: Call, dtype: str, ours: Outcome, torch: Outcome, oracle: Outcome) -> Iterator[Pair | Fault]:
    """All that can be compared of three outcomes of a call."""
    yield from _results(call, dtype, ours, torch, oracle)
    yield from _states(call, dtype, ours, torch, oracle)
    yield from _gradients(call, dtype, ours, torch, oracle)
    yield from _seconds(call, dtype, ours, torch, oracle)
    if ours.aliases != torch.aliases:
        yield Fault(BEHAVIOUR, dtype, f"shares memory: expected {_names(torch.aliases)}, got {_names(ours.aliases)}")
    if ours.mutated != torch.mutated:
        yield Fault(BEHAVIOUR, dtype, f"wrote to its inputs {list(ours.mutated)}, torch to {list(torch.mutated)}")


def _results(call: Call, dtype: str, ours: Outcome, torch: Outcome, oracle: Outcome) -> Iterator[Pair | Fault]:
    paths, wanted = [leaf.path for leaf in ours.leaves], [leaf.path for leaf in torch.leaves]
    if paths != wanted:
        yield Fault(BEHAVIOUR, dtype, f"structure of the result: expected {wanted}, got {paths}")
        return
    for mine, theirs, true in zip(ours.leaves, torch.leaves, oracle.leaves, strict=True):
        what = _difference(mine, theirs, recorded=torch.missing != "gradient")
        if what:
            yield Fault(BEHAVIOUR, dtype, f"{mine.path}: {what}")
        elif theirs.kind != "other":
            y, t = mine.value, theirs.value
            if theirs.kind == "float":  # `item()` widens: the number is only as precise as the tensor
                y, t = y.astype(dtype), t.astype(dtype)
            size = oracle.sizes.get(f"forward {mine.path}")
            if call.kind == "optimizer":
                size = 1.0  # a parameter near zero is the sum of its start and of steps, whose size is about 1
            yield from _result(call, dtype, "forward", mine.path, y, t, true.value, call.terms, size)


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


def _states(call: Call, dtype: str, ours: Outcome, torch: Outcome, oracle: Outcome) -> Iterator[Pair | Fault]:
    """A module's state after the call."""
    if list(ours.state) != list(torch.state):
        yield Fault(
            BEHAVIOUR, dtype, f"keys of state_dict after the call: expected {list(torch.state)}, got {list(ours.state)}"
        )
        return
    for key, t in torch.state.items():
        yield from _result(
            call, dtype, "forward", f"state {key}", ours.state[key], t, oracle.state[key], call.terms, None
        )


def _gradients(call: Call, dtype: str, ours: Outcome, torch: Outcome, oracle: Outcome) -> Iterator[Pair | Fault]:
    terms = max(call.terms, call.gradient_terms)
    for how in ("gradients", "recorded"):
        for name, t in getattr(torch, how).items():
            y, o = getattr(ours, how).get(name), getattr(oracle, how).get(name)
            what = f"of {name}{'' if how == 'gradients' else ', recorded'}"
            size = oracle.sizes.get(f"gradient of {name}", 0.0)
            if y is not None and t is not None:
                yield from _result(call, dtype, "gradient", what, y, t, t if o is None else o, terms, size)
            elif y is not t:
                yield Fault("gradient", dtype, f"{what}: expected {short(t)}, got {short(y)}")


def _seconds(call: Call, dtype: str, ours: Outcome, torch: Outcome, oracle: Outcome) -> Iterator[Pair | Fault]:
    if ours.missing and not torch.missing:
        yield Fault(ours.missing, dtype, "there is none")
        return
    terms = max(call.terms, call.gradient_terms)
    for name in torch.second:
        found = [outcome.second.get(name) for outcome in (ours, torch, oracle)]
        like = next((x for x in found if x is not None), None)
        if like is not None:  # no second derivative is the same as zeros
            y, t, o = (np.zeros_like(like) if x is None else x for x in found)
            size = oracle.sizes.get(f"second order of {name}", 0.0)
            yield from _result(call, dtype, "second order", f"of {name}", y, t, o, terms, size)


def _result(
    call: Call, dtype: str, order: str, name: str, y: Any, t: Any, o: Any, terms: int, size: float | None
) -> Iterator[Pair | Fault]:
    """One result to measure, unless its dtype, shape, or exact values differ already."""
    if y.dtype != t.dtype or y.shape != t.shape:
        yield Fault(order, dtype, f"{name}: expected {t.dtype}{list(t.shape)}, got {y.dtype}{list(y.shape)}")
    elif t.dtype.kind != "f":
        if not np.array_equal(y, t):
            yield Fault(order, dtype, f"{name}: expected {short(t)}, got {short(y)}")
    else:
        true = o if o.dtype == "float64" and o.shape == t.shape else t
        yield Pair(order, name, y, t, true, terms, size, call.drawn)


def _names(aliases: frozenset[tuple[str, str]]) -> str:
    return ", ".join(f"{out} with {name}" for out, name in sorted(aliases)) or "nothing"


def short(x: Array) -> str:
    """An array's dtype, shape and first values."""
    if x is None:
        return "None"
    return f"{x.dtype}{list(x.shape)} {np.array2string(x.reshape(-1)[:6], threshold=6, precision=9)}"
