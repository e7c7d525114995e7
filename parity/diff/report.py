"""What ``parity diff`` prints."""

from __future__ import annotations

import linecache
import os
from math import log10

from parity.diff.judge import EPS, Errors, Finding, Verdict
from parity.diff.trace import Place

CHAOS = 1e-3
"""From this error on, in torch itself, the report says how fast errors grow: three digits or less are left."""


def report(verdict: Verdict) -> str:
    """The verdict in words."""
    found = f"{verdict.compared} results, gradients and steps compared"
    if verdict.finding is None and verdict.unlike is not None:
        return (
            f"{found}: no fault up to {_where(verdict.unlike.place)}. There {verdict.unlike.name} makes a tensor of "
            "other numbers in each of torch's own runs, so that what follows cannot be compared. Does it take them "
            "from an array that shares memory with a tensor, or from a random generator without a seed? Or does it "
            "draw them in float64?"
        )
    if verdict.finding is None:
        return "\n".join([f"{found}: no fault", *_growth(verdict)])
    return "\n".join([f"{found}; the runs part here:", "", *_finding(verdict.finding), *_later(verdict)])


def _finding(finding: Finding) -> list[str]:
    lines = []
    for place, name in finding.places:
        lines.append(f"  {_where(place)}   {name}")
        text = linecache.getline(place.file, place.line).strip()
        if text:
            lines.append(f"    {text}")
    entry = finding.entry
    if entry is None:
        return [*lines, f"  minitorch raises {finding.what}; torch does not"]
    if entry.kind == "gradient":
        lines.append(f"  its backward step: {entry.name} ({_where(entry.place)})")
    lines.append(
        f"  step {entry.step}, {finding.what}; shapes {_shapes(entry.taken)} -> {_shapes(entry.shapes)}".replace(
            "shapes  -> ", "shape "
        )
    )
    if finding.errors is not None:
        lines.append(f"  {_errors(finding.errors)}")
    return lines


def _later(verdict: Verdict) -> list[str]:
    if not verdict.later:
        return []
    lines = [f"    step {step:4}  ours {e.ours:.1e}  torch {e.torch:.1e}" for step, e in verdict.later]
    if len(lines) > 8:
        lines[6:-2] = ["    …"]
    return ["", "  from there on, at the same call:", *lines]


def _growth(verdict: Verdict) -> list[str]:
    """How the rounding errors have grown."""
    if len(verdict.growth) < 2:
        return []
    ours, theirs = (max(step[i] for step in verdict.growth) for i in (0, 1))
    lines = [
        f"in {len(verdict.growth)} steps a typical result comes to differ from torch's in float64 by {ours:.1e} of its "
        f"largest number; torch's own in float32 by {theirs:.1e}"
    ]
    if theirs >= CHAOS:
        rate = rate_of_growth([t for _, t in verdict.growth])
        digits = max(0, int(-log10(max(theirs, EPS))))
        left = (
            f"{digits} digits are left that could be compared" if digits else "no digit that could be compared is left"
        )
        lines.append(
            f"this is rounding, growing {rate:.2g}-fold with each step in torch itself as in minitorch: no fault, but "
            f"{left}"
        )
    return lines


def rate_of_growth(errors: list[float]) -> float:
    """By which factor errors grow from step to step, from the first to the largest."""
    last = max(range(len(errors)), key=errors.__getitem__)
    first = max(errors[0], EPS)
    return float((errors[last] / first) ** (1 / last)) if last and errors[last] > first else 1.0


def _errors(errors: Errors) -> str:
    return (
        f"error of ours {errors.ours:.2g} of the largest number, torch's own in float32 {errors.torch:.2g}, "
        f"allowed {errors.allowed:.2g}"
    )


def _where(place: Place) -> str:
    return f"{os.path.relpath(place.file)}:{place.line}" if place.line else "?"


def _shapes(shapes: list[tuple[int, ...]]) -> str:
    return ", ".join(map(str, shapes))
