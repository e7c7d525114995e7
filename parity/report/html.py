"""The table as one self-contained page: figures, plots, and the script of each row's worst example."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib import resources
from typing import Any

from parity.compare.budget import FACTOR, limit
from parity.report.plots import Point, counted, histogram, scatter, spark
from parity.report.table import HEADERS, LEGEND, Record, figure, origin, spelled, summary

_NUMBERS = ("tried", "ours", "torch", "ratio", "median")
_KINDS = {"forward": "forward", "gradient": "gradient", "second order": "second"}


def page(content: dict[str, Any]) -> str:
    """The page for the result of `parity.report.table.content`."""
    rows: Sequence[Record] = content["rows"]
    versions = ", ".join(f"{name} {version}" for name, version in content["versions"].items())
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>minitorch against torch</title>
<style>
{_asset("style.css")}</style>
</head>
<body>
<header>
<h1>minitorch against torch</h1>
<p class="muted"><code>{escape(spelled(content["command"]))}</code> · {escape(origin(content))}</p>
<p class="muted">{escape(versions)}</p>
</header>
{_cards(rows)}
{_plots(rows)}
{_failures(content["failures"])}
<p class="legend">{escape(LEGEND)}</p>
<div class="controls">
<input type="search" id="filter" placeholder="filter: words of case, group, dtype, order, verdict" aria-label="filter">
<label><input type="checkbox" id="wrong"> only what is wrong</label>
<span class="muted" id="count">{len(rows)} rows</span>
</div>
<div class="scroll">
<table>
<thead><tr>{"".join(map(_head, HEADERS))}<th>ratios</th></tr></thead>
{"".join(_row(i, row) for i, row in enumerate(rows))}</table>
</div>
<script>
{_asset("table.js")}</script>
</body>
</html>
"""


def _asset(name: str) -> str:
    return resources.files("parity.report").joinpath("page", name).read_text(encoding="utf-8")


def _cards(rows: Sequence[Record]) -> str:
    s = summary(rows)
    cards = [
        (f"{s['rows']:,}", "rows", ""),
        (f"{s['examples']:,}", "examples", ""),
        (f"{s['wrong']:,}", "rows over budget or wrong", "wrong" if s["wrong"] else "ok"),
    ]
    if s["worst"] is not None:
        within = "ok" if s["worst"] <= FACTOR else "wrong"
        cards += [
            (figure(s["worst"]), f"worst ratio in float32 (budget: {FACTOR:g})", within),
            (figure(s["typical"]), "median of the rows' worst ratios", ""),
            (figure(s["median"]), "median of the rows' median ratios", ""),
        ]
    inner = "".join(
        f'<div class="card"><b class="{kind}">{n}</b><span>{escape(what)}</span></div>\n' for n, what, kind in cards
    )
    return f'<section class="cards">\n{inner}</section>'


def _plots(rows: Sequence[Record]) -> str:
    measured = [(i, r) for i, r in enumerate(rows) if r["dtype"] == "float32" and r["ratio"] is not None]
    examples = [sum(counts) for counts in zip(*(r["ratios"] for _, r in measured), strict=True)]
    points = [
        Point(r["torch"], r["ours"], _KINDS.get(r["order"], "forward"), f"{_name(r)}: {r['ratio']:.2f}", f"row{i}")
        for i, r in measured
    ]
    key = "".join(f'<i class="{kind}"></i>{order}' for order, kind in _KINDS.items())
    return f"""<section class="plots">
<figure><h2>Every example, in float32</h2>{histogram(examples, "examples")}</figure>
<figure><h2>The worst of each float32 row</h2>{histogram(counted(r["ratio"] for _, r in measured), "rows")}</figure>
<figure><h2>Whose error is larger, in float32</h2>{scatter(points)}<div class="key">{key}</div></figure>
</section>"""


def _failures(failures: Sequence[dict[str, str]]) -> str:
    if not failures:
        return ""
    parts = [
        f"<details><summary>{escape(f['title'])}</summary><pre>{escape(f['report'])}</pre></details>" for f in failures
    ]
    return f'<section class="failures"><h2 class="wrong">What differs</h2>\n{"".join(parts)}</section>'


def _name(row: Record) -> str:
    return " ".join(filter(None, (row["case"], row["group"] and f"[{row['group']}]", row["dtype"], row["order"])))


def _head(name: str) -> str:
    kind = ' class="number"' if name in _NUMBERS else ""
    return f'<th data-name="{name}"{kind}><button type="button">{name}</button></th>'


def _row(i: int, row: Record) -> str:
    cells = []
    for name in HEADERS:
        value = row[name]
        if name in _NUMBERS:
            shown = str(value) if name == "tried" else figure(value)
            over = name == "ratio" and value is not None and value > limit(row["dtype"])
            kind = "number wrong" if over else "number"
            cells.append(f'<td class="{kind}" data-value="{"" if value is None else value}">{shown}</td>')
        elif name == "verdict":
            kind = "ok" if value == "ok" else "remark" if row["passed"] else "wrong"
            cells.append(f'<td class="{kind}">{escape(value)}</td>')
        else:
            cells.append(f'<td class="{name}">{escape(value)}</td>')
    ratios = spark(row["ratios"]) if any(row["ratios"]) else ""
    script = ""
    if row["worst"]:
        call = escape(" ".join(row["call"].split()))
        script = (
            f'<tr class="script"><td colspan="{len(HEADERS) + 1}"><details><summary>{call}</summary>'
            f"<pre>{escape(row['worst'])}</pre></details></td></tr>"
        )
    return f'<tbody id="row{i}"><tr>{"".join(cells)}<td>{ratios}</td></tr>{script}</tbody>\n'
