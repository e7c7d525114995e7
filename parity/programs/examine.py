"""Unknown differences in a program, and the smallest program with such a difference."""

from __future__ import annotations

from collections.abc import Sequence

from parity.programs import differences
from parity.programs.compare import HARMLESS, Finding, compare
from parity.programs.difference import Difference, cause
from parity.programs.program import Program, script
from parity.programs.shrink import shrink


def examine(text: Program, known: Sequence[Difference] = differences.ALL) -> tuple[set[str], Finding | None, bool]:
    """Compare a program: the names of known causes that occur, the unknown difference, and whether it was compared to
    its end.
    """
    found = compare(text, lambda p, f: cause(p, f, known))
    met = {d.name for f in found for d in [cause(text, f, known)] if d}
    unknown = next((f for f in found if not cause(text, f, known)), None)
    return met, unknown, not found or (unknown is None and found[-1].kind in HARMLESS)


def smallest(text: Program, finding: Finding, known: Sequence[Difference] = differences.ALL) -> tuple[Program, Finding]:
    """The smallest program with an unknown finding of the same kind, and that finding."""

    def fails(candidate: Program) -> bool:
        found = examine(candidate, known)[1]
        return found is not None and _alike(found, finding)

    text = shrink(text, fails)
    found = examine(text, known)[1]
    assert found is not None, text
    return text, found


def _alike(a: Finding, b: Finding) -> bool:
    """Whether two findings are of one kind, and their errors of one class."""
    classes = [[said.partition(":")[0] for said in (f.torch, f.ours)] if not f.shown else [] for f in (a, b)]
    return a.kind == b.kind and (a.index is None) == (b.index is None) and classes[0] == classes[1]


def report(text: Program, finding: Finding) -> str:
    """A finding as text: what it is, and a script that shows it."""
    return f"{finding}\n\n{script(text, finding.shown, finding.failing)}"
