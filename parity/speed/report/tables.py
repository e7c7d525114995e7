"""A benchmark's results as tables, in plain text or Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tabulate import tabulate

from parity.speed.op import NUMPY
from parity.speed.report import summary
from parity.speed.report.summary import Content, Row
from parity.speed.sides import EAGER, TORCH

LEGEND = """\
ratio: a side's time over torch's in the same round, the median over the rounds, and in brackets its quartiles. least:
the time that the matrix products take at this machine's measured rate, or the bytes that must be read and written at
its bandwidth, whichever is longer; no implementation of the same formulas is faster. –: no time, the notes say why."""


@dataclass(frozen=True)
class Table:
    """A section as words.

    Attributes:
        title: its heading.
        headers: the names of the columns.
        rows: the cells.
        words: how many columns, from the left, are words; the others are numbers.
        notes: remarks below it.
    """

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int
    notes: Sequence[str] = ()


def tables(content: Content) -> list[Table]:
    """A table for each section that was measured."""
    made = {
        **dict.fromkeys(("steps", "eval", "growth", "kernels"), _compared),
        "op": _op,
        "memory": _memory,
        "import": _import,
    }
    return [made[name](TITLES[name], rows) for name, rows in content["sections"].items()]


TITLES = {
    "steps": "Training steps of the lessons",
    "eval": "The nets of the lessons in eval mode, forward only",
    "growth": "Growth: training steps of several sizes",
    "kernels": "Layers and functions, forward and backward",
    "op": "One small operation",
    "memory": "Memory of a step",
    "import": "Import",
}


def text(content: Content) -> str:
    """Everything, for a terminal."""
    return "\n\n".join(_parts(content, "simple", lambda title: f"{title}\n{'=' * len(title)}"))


def markdown(content: Content) -> str:
    """Everything, for a page."""
    head = f"`parity {content['command'].removeprefix('parity ')}`, {content['date']}, {content['seconds']:.0f} s."
    return "\n\n".join([head, *_parts(content, "github", lambda title: f"### {title}")])


def _parts(content: Content, form: str, heading: Callable[[str], str]) -> list[str]:
    parts = [summary.machine(content), summary.limits(content), LEGEND]
    for table in tables(content):
        align = ("left",) * table.words + ("right",) * (len(table.headers) - table.words)
        parts.append(heading(table.title))
        parts.append(tabulate(table.rows, table.headers, form, disable_numparse=True, colalign=align))
        parts += ["\n".join(f"- {note}" for note in table.notes)] if table.notes else []
    return parts


def _compared(title: str, rows: Sequence[Row]) -> Table:
    others = summary.timed(rows)
    headers = ["what", "size", "torch, ms", f"{EAGER}, ms", *(f"{name}: ratio" for name in others), "least, ms"]
    cells = []
    for row in rows:
        times = row["times"]
        milliseconds = [_milli(times.get(name, {}).get("seconds")) for name in (TORCH, EAGER)]
        ratios = [_ratio(times.get(name)) for name in others]
        cells.append([row["name"], row["setting"], *milliseconds, *ratios, _milli(row["least"])])
    means = [summary.mean_ratio(rows, name) for name in others]
    shown = ["–" if mean is None else f"{mean:.2f}" + _of(count, len(rows)) for mean, count in means]
    cells.append(["geometric mean", "", "", "", *shown, ""])
    return Table(title, headers, cells, 2, [*(row["wrong"] for row in rows if row["wrong"]), *summary.notes(rows)])


def _of(count: int, all_: int) -> str:
    return "" if count == all_ else f" (of {count})"


def _op(title: str, rows: Sequence[Row]) -> Table:
    cells = []
    for row in rows:
        own, torch, ours = (row["times"][name]["seconds"] * 1e6 for name in (NUMPY, TORCH, EAGER))
        cells.append(
            [row["name"], f"{own:.2f}", f"{torch:.2f}", f"{ours:.2f}", f"{ours - own:.2f}", _ratio(row["times"][EAGER])]
        )
    headers = ["what", "NumPy itself, µs", "torch, µs", "minitorch, µs", "over NumPy, µs", "minitorch: ratio"]
    return Table(title, headers, cells, 1)


def _memory(title: str, rows: Sequence[Row]) -> Table:
    names = list(dict.fromkeys(name for row in rows for name in [*row["memory"], *row["missing"]]))
    cells = []
    for row in rows:
        for key, shown in _FIGURES.items():
            peak = key in ("first", "peak")
            if peak == (row["steps"] < 100):
                found = [row["memory"].get(name, {}).get(key) for name in names]
                base = found[names.index(TORCH)] if peak and TORCH in names else None
                ratio = [f"{n / base:.2f}" if n is not None and base else "–" for n in found[1:]]
                cells.append([row["name"], shown[0], *("–" if n is None else shown[1](n) for n in found), *ratio])
    headers = ["what", "figure", *names, *(f"{name}: ratio" for name in names[1:])]
    return Table(title, headers, cells, 2, summary.notes(rows))


_FIGURES: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "first": ("peak with the first step, MiB", lambda n: f"{n / 2**20:.1f}"),
    "peak": ("peak of a later step, MiB", lambda n: f"{n / 2**20:.1f}"),
    "grown": ("memory grown after a tenth of them, KiB", lambda n: f"{n / 1024:.0f}"),
    "objects": ("Python objects more after a tenth of them", lambda n: f"{n:.0f}"),
}


def _import(title: str, rows: Sequence[Row]) -> Table:
    cells = [[r["name"], _milli(r["seconds"]), f"{_milli(r['low'])}–{_milli(r['high'])}"] for r in rows]
    return Table(title, ["module", "time, ms", "quartiles, ms"], cells, 1)


def _milli(seconds: float | None) -> str:
    """Seconds as milliseconds with three digits."""
    if seconds is None:
        return "–"
    value = seconds * 1000
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _ratio(time: Mapping[str, Any] | None) -> str:
    if time is None:
        return "–"
    return f"{time['ratio']:.2f} ({time['ratio_low']:.2f}–{time['ratio_high']:.2f})"
