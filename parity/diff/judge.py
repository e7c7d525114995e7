"""Finding the first entry of minitorch's run that is past its error budget.

The oracle is torch's run in float64. The error of an entry is its largest distance from the oracle's, as a part of the
oracle's largest number. It may be four times torch's own (`budget.limit`): the largest error of torch's run in float32
and of its runs beside it, on numbers that are a rounding error away. Where torch is exact by luck, a rounding error
times the square root of the number of terms counts, as in `parity.compare.budget`. A few numbers may all be exact by
luck: for these the largest error counts that torch had in what they are computed from, or at the same call in an
earlier step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import prod
from statistics import median
from typing import Any, Literal

import numpy as np

from parity.compare.budget import VANISHING, limit
from parity.diff.script import Runs
from parity.diff.trace import Entry, Place, Trace

FEW = 16
"""Results of fewer numbers are exact by luck too often for their own error to say how large it could be."""
UNLIKE = 1e-3
"""By how much numbers differ that are not the same; what rounds them differs by much less."""
EPS = float(np.finfo(np.float32).eps)

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Errors:
    """The errors of one entry, as parts of the oracle's largest number.

    Attributes:
        ours: minitorch's.
        torch: torch's own, the largest of its runs.
        allowed: the budget.
    """

    ours: float
    torch: float
    allowed: float


@dataclass
class Finding:
    """Where minitorch's run parts from torch's.

    Attributes:
        kind: ``values``, ``shapes``, ``error`` (minitorch raises), ``way`` (the runs call different things).
        entry: torch's entry.
        places: the lines at fault: of the call, or for a gradient of the calls whose backward step made it.
        what: what is wrong, in words.
        errors: of an entry with values.
    """

    kind: Literal["values", "shapes", "error", "way"]
    entry: Entry | None
    places: list[tuple[Place, str]]
    what: str
    errors: Errors | None = None


@dataclass
class Verdict:
    """What the comparison of the runs has shown.

    Attributes:
        finding: the first fault; None if there is none.
        compared: how many entries were compared.
        growth: by optimizer step: the median errors of the results of calls, ours and torch's own. (Some results may be
            nothing but rounding errors and have no effect: a bias before batch normalization.)
        later: of the entry at fault: its errors in the steps after.
        unlike: the first call that makes a tensor of numbers that are others in each of torch's runs; None if there is
            none. What follows from them cannot be compared.
    """

    finding: Finding | None
    compared: int
    growth: list[tuple[float, float]]
    later: list[tuple[int, Errors]]
    unlike: Entry | None = None


def judge(runs: Runs) -> Verdict:
    """Compare the runs of a script."""
    theirs = runs.torch.calls()
    ours, oracle = _aligned(runs.ours, theirs), _aligned(runs.oracle, theirs)
    near = [_aligned(trace, theirs) for trace in runs.near]
    consumers: dict[int, list[int]] = {}
    for i, call in enumerate(theirs):
        for s in call.sources:
            consumers.setdefault(s, []).append(i)
    judged: dict[Key, Errors] = {}
    own: dict[Key, float] = {}
    sizes: dict[Key, float] = {}  # the largest number
    before: dict[Key, float] = {}  # by call of the script: torch's largest error there in earlier steps
    finding, later, unlike = None, [], None
    growth: dict[int, list[Errors]] = {}
    number = -1
    for entry in runs.torch.entries:
        number += entry.call is None
        key: Key = ("call", number) if entry.call is None else ("gradient", *entry.call, entry.nth)
        mine, exact = ours.get(key), oracle.get(key)
        if mine is None or exact is None:
            continue
        if mine.shapes != entry.shapes:
            what = f"expected results of shapes {entry.shapes}, got {mine.shapes}"
            finding = finding or Finding("shapes", entry, [(entry.place, entry.name)], what)
            continue
        known = [entry, *(found[key] for found in near if key in found)]
        users = consumers.get(entry.call[0], []) if entry.call is not None else []
        terms = _terms(entry, [theirs[u] for u in users])
        again = (entry.kind, entry.name, entry.place)
        related = _related(entry, users, theirs)
        inherited = max(before.get(again, 0.0), *(own.get(k, 0.0) for k in related))
        errors, wrong = _errors(mine, exact, known, terms, inherited, max(sizes.get(k, 0.0) for k in related))
        sizes[key] = max((float(np.abs(v).max(initial=0.0)) for v in exact.values), default=0.0)
        eps = max((float(np.finfo(v.dtype).eps) for v in entry.values), default=0.0)
        own[key] = max(errors.torch, eps * terms**0.5, inherited if _size(entry) < FEW else 0.0)
        if entry.call is not None:
            own["grad", entry.call[0]] = max(own[key], own.get(("grad", entry.call[0]), 0.0))
        judged[key] = errors
        before[again] = max(before.get(again, 0.0), errors.torch)
        if finding is None and (wrong or errors.ours > errors.allowed):
            finding = Finding("values", entry, _places(entry, users, theirs), wrong or _said(entry), errors)
        elif finding is not None and finding.entry is not None and _same(finding.entry, entry):
            later.append((entry.step, errors))
        if entry.kind == "call" and not entry.taken and errors.torch > UNLIKE:
            unlike = unlike or entry
        if entry.kind == "call" and entry.values:
            growth.setdefault(entry.step, []).append(errors)
    typical = [(median(e.ours for e in step), median(e.torch for e in step)) for step in growth.values()]
    since = _first_unlike_call(runs.ours, theirs)
    if finding is not None and finding.entry is not None and since is not None and since < len(theirs):
        after = theirs.index(finding.entry) if finding.entry.call is None else finding.entry.call[0]
        if after > since:
            place = theirs[since].place
            finding.what += f"; the runs call different things since {place.file}:{place.line}"
    return Verdict(finding or _parted(runs, theirs, ours), len(judged), typical, later, unlike)


def _aligned(trace: Trace, theirs: Sequence[Entry]) -> dict[Key, Entry]:
    """The entries of a run by the numbers that the same calls have in torch's."""
    calls = trace.calls()
    mine, other = ([(c.kind, c.place, plain_name(c.name)) for c in run] for run in (calls, theirs))
    same = _first_unlike_call(trace, theirs)
    same = len(calls) if same is None else same
    numbers = {i: i for i in range(same)}
    if same < max(len(calls), len(theirs)):
        for block in SequenceMatcher(None, mine[same:], other[same:], autojunk=False).get_matching_blocks():
            numbers |= {same + block.a + i: same + block.b + i for i in range(block.size)}
    found: dict[Key, Entry] = {("call", numbers[i]): c for i, c in enumerate(calls) if i in numbers}
    for entry in trace.entries:
        if entry.call is not None and entry.call[0] in numbers:
            found["gradient", numbers[entry.call[0]], entry.call[1], entry.nth] = entry
    return found


def plain_name(name: str) -> str:
    """The name of a function without its namespace, operators as the functions that they call: ``x - y`` is ``sub``."""
    last = name.rpartition(".")[2]
    core = last.strip("_")
    if last.startswith("__"):
        core = core[1:] if core[:1] in "ri" and core[1:] in _OPERATORS else core
        core = _OPERATORS.get(core, core)
    return core


_OPERATORS = {
    **{name: name for name in ("add", "sub", "mul", "div", "pow", "matmul")},
    **{"truediv": "div", "floordiv": "floor_divide", "mod": "remainder"},
    **{"and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor", "invert": "bitwise_not"},
}


def _first_unlike_call(trace: Trace, theirs: Sequence[Entry]) -> int | None:
    """The number of the first call that a run makes elsewhere than torch's does; None if there is none."""
    calls = trace.calls()
    for i, (mine, other) in enumerate(zip(calls, theirs, strict=False)):
        if (mine.kind, mine.place) != (other.kind, other.place):
            return i
    return min(len(calls), len(theirs)) if len(calls) != len(theirs) else None


def _errors(
    mine: Entry, exact: Entry, known: Sequence[Entry], terms: float, inherited: float, drawn: float
) -> tuple[Errors, str]:
    """The errors of an entry, the worst of its values, and what is wrong besides.

    Args:
        mine: minitorch's.
        exact: the oracle's.
        known: of torch's other runs.
        terms: how many were summed for one number.
        inherited: the largest error, in torch, of what it was computed from.
        drawn: the largest number in that.
    """
    worst, ratio, wrong = Errors(0.0, 0.0, 0.0), -1.0, ""
    for i, (m, o) in enumerate(zip(mine.values, exact.values, strict=False)):
        samples = [k.values[i].astype("float64") for k in known if i < len(k.values) and k.values[i].shape == o.shape]
        m, o = m.astype("float64"), o.astype("float64")
        if not o.size or not samples or m.shape != o.shape:
            continue
        finite = np.isfinite(o)
        if np.isfinite(samples[0][finite]).all() and not np.isfinite(m[finite]).all():
            wrong = "infinities or NaN where torch has none"
        if not finite.any():
            continue
        scale = max(float(np.abs(o[finite]).max()), float(np.finfo(np.float32).tiny))
        if o.size < FEW and scale < VANISHING * drawn:  # terms as large as that have cancelled
            scale = drawn
        with np.errstate(all="ignore"):
            torch = max(float(np.nanmax(np.abs(s[finite] - o[finite]), initial=0.0)) for s in samples) / scale
            ours = float(np.nanmax(np.abs(m[finite] - o[finite]), initial=0.0)) / scale
        few = inherited if o.size < FEW else 0.0
        dtype = known[0].values[i].dtype
        allowed = limit(dtype.name) * max(torch, float(np.finfo(dtype).eps) * terms**0.5, few)
        if ours / allowed > ratio:
            worst, ratio = Errors(ours, torch, allowed), ours / allowed
    return worst, wrong


def _terms(entry: Entry, users: Sequence[Entry]) -> float:
    """How many terms were summed for one number, at most: a row of an argument; for a gradient a column as well."""
    if entry.call is None:
        return max([1, *(prod(s[1:]) if len(s) > 1 else prod(s) for s in entry.taken)])
    shapes = [s for user in users for s in (*user.taken, *user.shapes)]
    return max([1, *(max(prod(s[1:]), prod(s[:-1])) for s in shapes)])


def _related(entry: Entry, users: Sequence[int], theirs: Sequence[Entry]) -> list[Key]:
    """What the entry was computed from; for a gradient, from the gradients of the calls that are its `users`."""
    if entry.call is None:
        return [("call", -1), *(("call", s) for s in entry.sources), *(("grad", s) for s in entry.grads)]
    keys: list[Key] = [("call", s) for user in users for s in (user, *theirs[user].sources)]
    return [("call", -1), *keys, *(("gradient", u, i, 1) for u in users for i in range(len(theirs[u].shapes)))]


def _places(entry: Entry, users: Sequence[int], theirs: Sequence[Entry]) -> list[tuple[Place, str]]:
    """The calls at fault: for a gradient those that took what it is the gradient of."""
    if entry.call is None or not users:
        return [(entry.place, entry.name)]
    return list(dict.fromkeys((theirs[user].place, theirs[user].name) for user in users))


def _said(entry: Entry) -> str:
    return "gradient past its budget" if entry.kind == "gradient" else "result past its budget"


def _size(entry: Entry) -> int:
    return max((v.size for v in entry.values), default=0)


def _same(a: Entry, b: Entry) -> bool:
    return (a.kind, a.name, a.place, a.shapes) == (b.kind, b.name, b.place, b.shapes)


def _parted(runs: Runs, theirs: Sequence[Entry], ours: dict[Key, Entry]) -> Finding | None:
    """A fault that is not in the numbers: minitorch raises, or the runs take different ways."""
    if runs.ours.error is not None and runs.torch.error is None:
        error, place = runs.ours.error
        return Finding("error", None, [(place, type(error).__name__)], f"{type(error).__name__}: {error}")
    if runs.torch.error is not None:
        return None
    missing = next((c for i, c in enumerate(theirs) if ("call", i) not in ours), None)
    if missing is not None and not any(c.place == missing.place for c in runs.ours.calls()):
        what = "torch comes to this line, minitorch does not, though all numbers before are within their budget"
        return Finding("way", missing, [(missing.place, missing.name)], what)
    return None
