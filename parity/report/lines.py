"""The comparison in lines as it goes on: a line for each case and option group, with the reason where it fails.

A line fits the terminal. One narrower than `WIDE` gets two short lines instead of a row of columns.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from minitorch.counting import counted
from parity.compare.budget import FACTOR
from parity.compare.explore import SKIPPED
from parity.report.markdown import TITLES, family
from parity.report.table import Record, summary

WIDE = 64
COLUMNS = (("tried", 6), ("worst", 8), ("typical", 8), ("float64", 8))
LEGEND = (
    f"worst, typical: our float32 error over torch's own, the largest and the median of the examples; {FACTOR:g}× is "
    "the limit. float64: the largest in float64. Each row by dtype and order: --rows. Plots and scripts: --html FILE."
)
_COLOURS = {"PASS": "32", "FAIL": "31;1", "SKIP": "33"}


def width() -> int:
    """The columns of the terminal; 80 where there is none."""
    return max(20, shutil.get_terminal_size((80, 24)).columns)


def coloured(text: str, verdict: str) -> str:
    """`text` in the colour of a verdict on a terminal, unless NO_COLOR is set."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()
    return text if plain else f"\033[{_COLOURS[verdict]}m{text}\033[0m"


def verdict(rows: Sequence[Record]) -> str:
    """``FAIL`` if a row is wrong, ``SKIP`` if nothing was compared, else ``PASS``."""
    if not all(row["passed"] for row in rows):
        return "FAIL"
    return "SKIP" if all(row["verdict"].startswith(SKIPPED) for row in rows) else "PASS"


def head(columns: int) -> str:
    """The names of the columns; empty where the terminal is too narrow for them."""
    return "" if columns < WIDE else "".join(f"{name:>{n}}" for name, n in COLUMNS).rjust(columns)


def line(rows: Sequence[Record], reason: str, columns: int) -> str:
    """The text for the rows of one case and option group.

    Args:
        rows: of `parity.report.table.records`.
        reason: why it fails, if it does.
        columns: how wide the text may be.
    """
    word, first = verdict(rows), rows[0]
    name = first["case"] + (f" [{first['group']}]" if first["group"] else "")
    if word == "SKIP":
        reason = first["verdict"].removeprefix(SKIPPED)
    if columns < WIDE:
        lines = [f"{coloured(word, word)} {_cut(name, columns - 5)}"]
        if word == "PASS":
            tried, worst, typical, _ = _figures(rows)
            what = f"worst {worst}, typical {typical}" if typical else worst
            reason = ", ".join(filter(None, (f"{tried} tried", what)))
        return "\n".join([*lines, *_indented(reason, 5, columns)])
    room = columns - 6 - sum(n for _, n in COLUMNS)
    figures = [figure if word == "PASS" or figure != "exact" else "" for figure in _figures(rows)]
    cells = "".join(f"{figure:>{n}}" for figure, (_, n) in zip(figures, COLUMNS, strict=True))
    text = f"{coloured(word, word)}  {_cut(name, room):{room}}" + (cells if word != "SKIP" else "")
    return "\n".join([text.rstrip(), *_indented(reason if word != "PASS" else "", 6, columns)])


def _figures(rows: Sequence[Record]) -> tuple[str, str, str, str]:
    """The cells under `COLUMNS`."""
    tried = next((r["tried"] for r in rows if not r["dtype"]), 0)
    single, double = ([r for r in rows if r["dtype"] == d and r["ratio"] is not None] for d in ("float32", "float64"))
    return (
        str(tried),
        _ratio(max((r["ratio"] for r in single), default=None), single),
        _ratio(max((r["median"] for r in single), default=None), single) if any(map(_rounds, single)) else "",
        _ratio(max((r["ratio"] for r in double), default=None), double),
    )


def _ratio(value: float | None, rows: Sequence[Record]) -> str:
    if value is None:
        return ""
    if not any(map(_rounds, rows)):
        return "exact"
    return _times(value)


def _times(value: float) -> str:
    return f"{value:.2f}×" if value < 1000 else f"{value:.0e}×"


def _rounds(row: Record) -> bool:
    return bool(row["ours"] or row["torch"])


def _cut(name: str, room: int) -> str:
    """A name in `room` characters: of a long one the end, which tells it from others."""
    return name if len(name) <= room else "…" + name[-(room - 1) :]


def _indented(text: str, by: int, columns: int) -> list[str]:
    return textwrap.wrap(text, columns, initial_indent=" " * by, subsequent_indent=" " * by)


def closing(rows: Sequence[Record], columns: int) -> str:
    """The totals of each family, and the verdict on all with its reason."""
    families: dict[str, list[Record]] = {}
    for row in rows:
        families.setdefault(family(row["case"]), []).append(row)
    parts = []
    if len(families) > 1 and columns >= WIDE:
        parts.append(f"{'':{columns - 48}}{'cases':>8}{'tried':>8}{'wrong':>8}{'skipped':>8}{'worst':>8}{'typical':>8}")
        parts += [_total(title, families[title], columns) for title in TITLES if title in families]
    word = verdict(rows)
    text = textwrap.fill(sentence(rows), columns)
    return "\n".join([*parts, "", coloured(word, word) + text.removeprefix(word)]).strip("\n")


def _total(title: str, rows: Sequence[Record], columns: int) -> str:
    s = summary(rows)
    cases = len({r["case"] for r in rows})
    skipped = len({(r["case"], r["group"]) for r in rows if r["verdict"].startswith(SKIPPED)})
    figures = ["" if v is None else _times(v) for v in (s["worst"], s["median"])]
    counts = "".join(f"{n:>8}" for n in (cases, s["examples"], s["wrong"] or "", skipped or "", *figures))
    return f"{title.replace('`', ''):{columns - 48}}{counts}".rstrip()


def sentence(rows: Sequence[Record]) -> str:
    """The verdict on all rows and its reason, in a sentence."""
    s = summary(rows)
    word = verdict(rows)
    if word == "SKIP":
        return "SKIP: nothing could be compared"
    skipped = len({r["case"] for r in rows if r["verdict"].startswith(SKIPPED)})
    left_out = f"; {counted(skipped, 'case')} skipped" if skipped else ""
    number = len({r["case"] for r in rows if not r["verdict"].startswith(SKIPPED)})
    if word == "FAIL":
        wrong = {(r["case"], r["group"]): r for r in rows if not r["passed"]}
        names = [r["case"] + (f" [{r['group']}]" if r["group"] else "") for r in wrong.values()]
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        differ = len({r["case"] for r in wrong.values()})
        verb = "differs" if differ == 1 else "differ"
        of = f"{differ} of {counted(number, 'case')}"
        return f"FAIL: {of} {verb} from torch: {', '.join(names[:8])}{more}{left_out}"
    text = f"PASS: {counted(number, 'case')}, {counted(s['examples'], 'example')}"
    if s["worst"] is None:
        return f"{text}: all agree with torch{left_out}"
    return (
        f"{text}: float32 error {s['worst']:.2f}× torch's at worst (limit {FACTOR:g}×), typically "
        f"{s['median']:.2f}×{left_out}"
    )


def of_groups(content: dict[str, Any]) -> Iterable[tuple[Sequence[Record], str]]:
    """The rows of each case and option group, and why they fail, of what `parity.report.table.content` made."""
    reasons = {(f["case"], f["group"]): f.get("reason", "") for f in content["failures"]}
    groups: dict[tuple[str, str], list[Record]] = {}
    for row in content["rows"]:
        groups.setdefault((row["case"], row["group"]), []).append(row)
    for (case, group), rows in groups.items():
        yield rows, reasons.get((case, group), "")
