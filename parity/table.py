"""The table: how it prints, and how it is written as JSON."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from tabulate import tabulate

from parity.budget import FACTOR, limit
from parity.explore import Row
from parity.snippet import snippet

LEGEND = f"""\
Errors are the worst of all examples against torch in float64, in units: the unit in the last place at the size of the
result, times the square root of the number of terms summed. ratio: our error over torch's own float32 error, which
counts as one unit at least; over {FACTOR:g} ({limit("float64"):g} in float64) is over budget. In float64 torch's column
shows the error it makes in float32, in units: how ill-conditioned the examples are. behaviour: structure, dtypes,
memory shared, inputs left alone, state_dict, copies, repr. refusal: invalid calls, which must raise as torch does."""

_HEADERS = ("case", "group", "dtype", "order", "tried", "ours", "torch", "ratio", "median", "verdict")


def text(rows: Iterable[Row]) -> str:
    """The rows as an aligned table."""
    return tabulate(
        [_cells(row) for row in rows],
        _HEADERS,
        disable_numparse=True,
        colalign=("left",) * 4 + ("right",) * 5 + ("left",),
    )


def records(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows as plain dicts, each with the script of its worst example."""
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
            "worst": snippet(row.worst, row.dtype or "float32", row.order) if row.worst else None,
        }
        for row in rows
    ]


def versions(ours: Any, torch: Any) -> dict[str, str]:
    """What was compared, and where."""
    return {
        ours.__name__: str(ours.__version__),
        torch.__name__: str(torch.__version__),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": _processor(),
    }


def _cells(row: Row) -> tuple[str, ...]:
    figures = (row.ours, row.torch, row.ratio, row.median)
    return (row.case, row.group, row.dtype, row.order, str(row.tried), *map(_figure, figures), row.verdict)


def _figure(x: float | None) -> str:
    return "" if x is None else f"{x:.2f}" if x < 1000 else f"{x:.1e}"


def _processor() -> str:
    """The processor's name, or at least its kind."""
    try:
        with open("/proc/cpuinfo") as file:
            found = re.search(r"^model name\s*:\s*(.+)$", file.read(), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1) if found else platform.machine()
