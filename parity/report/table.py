"""The table: its rows as plain dicts, their summary, and their text."""

from __future__ import annotations

import platform
import re
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from tabulate import tabulate

from minitorch.counting import counted as with_word
from parity.compare.budget import FACTOR, limit
from parity.compare.explore import Exploration, Row
from parity.compare.snippet import snippet
from parity.report.plots import counted

Record = dict[str, Any]

LEGEND = f"""\
Errors are the worst of all examples against torch in float64, in units: the unit in the last place at the size of the
result, times the square root of the number of terms summed. ratio: our error over torch's own float32 error, which
counts as one unit at least; over {FACTOR:g} ({limit("float64"):g} in float64) is over budget. In float64 torch's column
shows the error it makes in float32, in units: how ill-conditioned the examples are. behaviour: structure, dtypes,
shared memory, inputs unchanged, state_dict, copies, repr. refusal: invalid calls, which must raise as torch does."""

HEADERS = ("case", "group", "dtype", "order", "tried", "ours", "torch", "ratio", "median", "verdict")


def content(
    command: dict[str, Any], versions: dict[str, str], date: str, found: Iterable[Exploration]
) -> dict[str, Any]:
    """All results of a comparison: what ``--json`` writes, and what the pages are made from."""
    explorations = list(found)
    return {
        "command": command,
        "versions": versions,
        "date": date,
        "rows": records(row for exploration in explorations for row in exploration.rows),
        "failures": [failure(e) for e in explorations if e.faults],
    }


def failure(e: Exploration) -> dict[str, str]:
    """What differs in an exploration, why in a line, and the script that shows it."""
    row = e.rows[0]
    return {"case": row.case, "group": row.group, "title": title(e), "reason": reason(e), "report": e.report}


def reason(e: Exploration) -> str:
    """Why an exploration fails: ``NaN where torch has -inf, in 3 of 40 examples``; empty if it does not."""
    if not e.faults:
        return ""
    fault = e.faults[0]
    rows = [r for r in e.rows if (r.dtype, r.order) == (fault.dtype, fault.order)] or [
        r for r in e.rows if not r.passed
    ]
    row = next(iter(rows), e.rows[0])
    what = re.sub(r"^<.*?>: ", "", fault.what, flags=re.DOTALL).removeprefix(
        "out: "
    )  # neither the call nor the usual place
    often = f", in {row.failed} of {with_word(row.tried, 'example')}" if row.failed else ""
    more = f"; and {with_word(len(e.faults) - 1, 'other difference')}" if len(e.faults) > 1 else ""
    return f"{what}{often} ({', '.join(filter(None, (fault.order, fault.dtype)))}){more}"


def title(exploration: Exploration) -> str:
    """The heading of a failure."""
    row = exploration.rows[0]
    what = "could not be compared" if exploration.broken else "differs from torch in the smallest example found"
    return f"{row.case}{row.group and f' [{row.group}]'} {what}:"


def records(rows: Iterable[Row], scripts: bool = True) -> list[Record]:
    """The rows as plain dicts, each with the count of its ratios by size and the script of its worst example.

    Without `scripts` there are none: it takes time to write them.
    """
    return [
        {
            "case": row.case,
            "group": row.group,
            "dtype": row.dtype,
            "order": row.order,
            "tried": row.tried,
            "ours": row.ours,
            "torch": row.torch,
            "ratio": row.ratio,
            "median": row.median,
            "verdict": row.verdict,
            "passed": row.passed,
            "call": "; ".join(filter(None, (row.worst.build, row.worst.text))) if row.worst else "",
            "worst": snippet(row.worst, row.dtype or "float32", row.order) if row.worst and scripts else None,
            "ratios": counted(m.ratio for m in row.measures),
        }
        for row in rows
    ]


def summary(rows: Sequence[Record]) -> dict[str, Any]:
    """A summary of the table: counts, and the ratios of errors of the float32 rows in which either library rounds.

    ``worst`` is the largest ratio of all, ``typical`` the median over the rows of each one's largest, ``median`` the
    median over the rows of each one's median.
    """
    rounding = [r for r in rows if r["dtype"] == "float32" and (r["ours"] or r["torch"])]
    ratios, medians = [r["ratio"] for r in rounding], [r["median"] for r in rounding]
    return {
        "rows": len(rows),
        "examples": sum(r["tried"] for r in rows if not r["dtype"]),
        "wrong": sum(not r["passed"] for r in rows),
        "worst": max(ratios, default=None),
        "typical": statistics.median(ratios) if ratios else None,
        "median": statistics.median(medians) if medians else None,
    }


def text(rows: Iterable[Record]) -> str:
    """The rows as an aligned table."""
    return tabulate(
        [cells(row) for row in rows],
        HEADERS,
        disable_numparse=True,
        colalign=("left",) * 4 + ("right",) * 5 + ("left",),
    )


def cells(row: Record) -> tuple[str, ...]:
    """The texts of a row, under `HEADERS`."""
    figures = (row["ours"], row["torch"], row["ratio"], row["median"])
    words = (row["case"], row["group"], row["dtype"], row["order"], str(row["tried"]))
    return (*words, *map(figure, figures), row["verdict"])


def figure(x: float | None) -> str:
    """A number of the table."""
    return "" if x is None else f"{x:.2f}" if x < 1000 else f"{x:.1e}"


def spelled(command: dict[str, Any]) -> str:
    """The command line that the table comes from."""
    parts = ["parity", *([command["pattern"]] if command["pattern"] else []), "--examples", str(command["examples"])]
    parts += ["--seed", str(command["seed"])] if command["seed"] else []
    return " ".join(parts + (["--dtype", command["dtype"]] if command["dtype"] else []))


def origin(content: dict[str, Any]) -> str:
    """When the table was made, and from how many parts if it was made in parts."""
    parts = content["command"].get("parts", 1)
    return content["date"] if parts == 1 else f"{content['date']}, joined from {parts} parts"


def versions(ours: Any, torch: Any) -> dict[str, str]:
    """What was compared, and where."""
    return {
        ours.__name__: str(ours.__version__),
        torch.__name__: str(torch.__version__),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": _processor(),
    }


def _processor() -> str:
    """The processor's name, or at least its kind."""
    try:
        with open("/proc/cpuinfo") as file:
            found = re.search(r"^model name\s*:\s*(.+)$", file.read(), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1) if found else platform.machine()
