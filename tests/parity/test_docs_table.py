"""The table in the docs: everything is within budget, and its cases and groups exist."""

from __future__ import annotations

import re
from pathlib import Path

from parity.cases import select
from parity.compare.budget import limit
from parity.compare.case import PINNED
from parity.runs import run_budget

TABLE = Path(__file__).parents[2] / "docs" / "parity-table.md"
TEXT = TABLE.read_text(encoding="utf-8")
LINES = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| `")]
DTYPES = ("float32",) * 3 + ("float64",) * 3


def test_summary() -> None:
    found = re.search(r"([\d,]+) rows, ([\d,]+) examples, (\d+) rows over budget or wrong", TEXT)
    assert found
    rows, examples, wrong = (int(number.replace(",", "")) for number in found.groups())
    assert wrong == 0
    assert rows > 3000
    assert examples > 60_000
    ratios = re.search(r"at worst (\S+); the median of the rows' worst is (\S+), that of their medians (\S+)\.", TEXT)
    assert ratios
    worst, typical, median = map(float, ratios.groups())
    assert worst <= limit("float32")
    assert median <= typical <= 1.2
    assert worst == max(float(cell) for line in LINES for cell in line[2:5] if cell not in ("", "exact"))


def test_says_where_it_is_from() -> None:
    assert "Made by `parity --examples 100 --markdown FILE`" in TEXT
    assert re.search(r"minitorch [\d.]+, torch 2\.\S+, numpy [\d.]+, python [\d.]+", TEXT)


def test_lines() -> None:
    groups = {c.name: (*c.groups, PINNED) for c in select()}
    groups |= {run_budget.PREFIX + name: ("",) for name in run_budget.select()}
    assert len(LINES) > 500
    for line in LINES:
        assert line[1] in groups[line[0].strip("`")], line
        assert line[10].startswith("ok"), line
        for dtype, cell in zip(DTYPES, line[2:8], strict=True):
            assert cell in ("", "exact") or float(cell) <= limit(dtype), line
