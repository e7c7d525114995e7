"""Exploring a case: drawn examples, all checks, rows of figures, and the smallest example of what fails."""

from __future__ import annotations

import contextlib
import functools
import statistics
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed as seeded, settings, strategies as st

from parity.compare.budget import Measure
from parity.compare.call import Call
from parity.compare.case import PINNED, REFUSED, Case
from parity.compare.checks import examine, examine_refusal
from parity.compare.even_draws import BACKEND
from parity.compare.findings import BEHAVIOUR, DTYPES, ORDERS, REFUSAL, Fault, Findings
from parity.compare.snippet import snippet

OK, OVER, FAULT = "ok", "over budget", "fault"
SKIPPED = "skipped: "
"""What the verdict of a row begins with that was not compared; the reason follows."""
_PLACES = (*ORDERS, BEHAVIOUR, REFUSAL)


@dataclass
class Row:
    """The results of the examples of a case and option group, in one dtype and order.

    Attributes:
        case: the case's name.
        group: its option group.
        dtype: the dtype of the runs, empty for checks that do not depend on it.
        order: ``forward``, ``gradient``, ``second order``, ``behaviour`` or ``refusal``.
        tried: how many examples were compared.
        measures: their errors.
        verdict: ``ok``, ``over budget``, ``fault``, or a remark.
        worst: the example with the worst ratio.
        failed: how many of the examples differ from torch.
    """

    case: str
    group: str
    dtype: str
    order: str
    tried: int = 0
    measures: list[Measure] = field(default_factory=list)
    verdict: str = OK
    worst: Call | None = None
    failed: int = 0

    @property
    def ours(self) -> float | None:
        """Our worst error, in units."""
        return max((m.ours for m in self.measures), default=None)

    @property
    def torch(self) -> float | None:
        """torch's worst error, in units."""
        return max((m.torch for m in self.measures), default=None)

    @property
    def ratio(self) -> float | None:
        """The worst ratio of our error to torch's."""
        return max((m.ratio for m in self.measures), default=None)

    @property
    def median(self) -> float | None:
        """The median ratio."""
        return statistics.median(m.ratio for m in self.measures) if self.measures else None

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return self.verdict not in (OVER, FAULT)


@dataclass
class Exploration:
    """The rows of a case's option group; if something failed, the faults of the smallest example found, and its
    script; of a case that is `broken`, its traceback.
    """

    rows: list[Row]
    faults: list[Fault] = field(default_factory=list)
    script: str = ""
    broken: bool = False

    @property
    def report(self) -> str:
        """What failed, and the script that shows it."""
        return "\n".join([*(f"  {fault}" for fault in self.faults), "", self.script])


def skipped(name: str, group: str, reason: str) -> Exploration:
    """The row of what cannot be compared here."""
    return Exploration([Row(name, group, "", BEHAVIOUR, verdict=SKIPPED + reason)])


def broken(name: str, group: str, error: Exception) -> Exploration:
    """The row of a case that raised an error of its own."""
    row = Row(name, group, "", BEHAVIOUR, verdict=FAULT)
    cause = error.__cause__ or error
    fault = Fault(BEHAVIOUR, "", f"the case itself raised {type(error).__name__}: {error}")
    text = "".join(traceback.format_exception(type(cause), cause, cause.__traceback__, limit=-3, chain=False))
    return Exploration([row], [fault], text, broken=True)


class _Found(Exception):
    """Raised inside hypothesis for it to shrink."""


def explore(
    case: Case,
    group: str,
    ours: Any,
    torch: Any,
    examples: int,
    seed: int | None = 0,
    dtypes: Sequence[str] = DTYPES,
    shrink: bool = True,
) -> Exploration:
    """Run `examples` valid calls of an option group through all checks.

    Args:
        case: what to explore.
        group: one of its option groups.
        ours: the library under test.
        torch: the library to compare with.
        examples: how many to draw.
        seed: seed of the drawing; None: new examples each time.
        dtypes: the floating-point dtypes to run in.
        shrink: whether to look for the smallest example that fails.
    """
    checked = Row(case.name, group, "", BEHAVIOUR)
    return _explore(checked, case.calls(group), _judge(case, ours, torch, dtypes), examples, seed, shrink)


def explore_examples(case: Case, ours: Any, torch: Any, dtypes: Sequence[str] = DTYPES) -> Exploration:
    """Run a case's pinned examples through all checks."""
    return _try_all(Row(case.name, PINNED, "", BEHAVIOUR), case.examples, _judge(case, ours, torch, dtypes))


def explore_refusals(case: Case, ours: Any, torch: Any, examples: int, seed: int | None = 0) -> Exploration:
    """Run a case's invalid calls: the given ones, and `examples` drawn ones. Each must raise as torch does."""
    judge = functools.partial(examine_refusal, ours=ours, torch=torch)
    checked = Row(case.name, REFUSED, "", REFUSAL)
    given = _try_all(checked, case.refused, judge)
    if not case.invalid:
        return given
    drawn = _explore(checked, case.invalid_calls(), judge, examples, seed)
    return Exploration(drawn.rows, given.faults + drawn.faults, given.script or drawn.script)


def _judge(case: Case, ours: Any, torch: Any, dtypes: Sequence[str]) -> Callable[[Call], Findings]:
    """The function that examines a valid call of the case."""
    return functools.partial(examine, ours=ours, torch=torch, dtypes=dtypes, exact=case.exact, sampled=case.sampled)


def _try_all(checked: Row, calls: Sequence[Call], judge: Callable[[Call], Findings]) -> Exploration:
    """Judge given calls, one after the other; `checked` is the row for checks without a measure."""
    rows = {("", checked.order): checked}
    faults: list[Fault] = []
    script = ""
    for call in calls:
        findings = _judged(judge, call)
        _enter(rows, checked, call, findings)
        faults += [Fault(f.order, f.dtype, f"{call}: {f.what}") for f in findings.faults]
        for fault in findings.faults[: not script]:
            script = snippet(call, fault.dtype or "float32", _depth(fault))
    return Exploration(_ordered(rows), faults, script)


def _explore(
    checked: Row,
    calls: st.SearchStrategy[Call],
    judge: Callable[[Call], Findings],
    examples: int,
    seed: int | None,
    shrink: bool = True,
) -> Exploration:
    """Draw examples and judge them; `checked` is the row for checks without a measure."""
    rows = {("", checked.order): checked}
    failed: list[tuple[Call, list[Fault]]] = []

    def record(call: Call) -> None:
        findings = _judged(judge, call)
        _enter(rows, checked, call, findings)
        if findings.faults:
            failed.append((call, findings.faults))

    drive(record, calls, examples, seed, Phase.generate)
    ordered = _ordered(rows)
    if not failed:
        return Exploration(ordered)

    faults = list(dict.fromkeys(fault for _, found in failed for fault in found))
    if shrink:

        def refuse(call: Call) -> None:
            findings = _judged(judge, call)
            if findings.faults:
                failed.append((call, findings.faults))
                raise _Found

        with contextlib.suppress(_Found):
            drive(refuse, calls, examples, seed, Phase.generate, Phase.shrink)
        faults = failed[-1][1]  # hypothesis runs the smallest failing example last
    return Exploration(ordered, faults, snippet(failed[-1][0], faults[0].dtype or "float32", _depth(faults[0])))


def _ordered(rows: dict[tuple[str, str], Row]) -> list[Row]:
    return sorted(rows.values(), key=lambda row: (_PLACES.index(row.order), row.dtype))


def drive(
    see: Callable[[Call], None], calls: st.SearchStrategy[Call], examples: int, seed: int | None, *phases: Phase
) -> None:
    """Let hypothesis draw `examples` calls and call `see` with each; the same ones each time, unless `seed` is None."""

    def draw_one(call: Call) -> None:
        see(call)

    test = given(call=calls)(draw_one)
    test = settings(
        backend=BACKEND,
        max_examples=examples,
        phases=phases,
        database=None,
        derandomize=False,
        deadline=None,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )(test)
    (test if seed is None else seeded(seed)(test))()


def _judged(judge: Callable[[Call], Findings], call: Call) -> Findings:
    """The findings on a call; warnings of either library are silenced."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return judge(call)


def _enter(rows: dict[tuple[str, str], Row], checked: Row, call: Call, findings: Findings) -> None:
    """Add the results of one example to the rows."""

    def row(dtype: str, order: str) -> Row:
        return rows.setdefault((dtype, order), Row(checked.case, checked.group, dtype, order))

    checked.tried += 1
    for (dtype, order), m in findings.measures.items():
        r = row(dtype, order)
        r.tried += 1
        if r.worst is None or m.ratio > (r.ratio or 0.0):
            r.worst = call
        r.measures.append(m)
    for (dtype, order), remark in findings.remarks.items():
        row(dtype, order).verdict = remark
    for fault in findings.faults:
        r = row(fault.dtype, fault.order) if fault.order in ORDERS else checked
        r.verdict = OVER if fault.order in ORDERS else FAULT
        r.worst = call
    for place in dict.fromkeys(
        (f.dtype, f.order) if f.order in ORDERS else ("", checked.order) for f in findings.faults
    ):
        rows[place].failed += 1


def _depth(fault: Fault) -> str:
    """The order up to which the script must differentiate to show a fault."""
    if fault.order in (*ORDERS, REFUSAL):
        return fault.order
    return "second order" if "gradient" in fault.what else "forward"
