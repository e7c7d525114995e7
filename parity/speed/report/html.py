"""A benchmark's results as one self-contained page: figures, bars, curves, tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import resources

from parity.speed.report import summary
from parity.speed.report.plots import Range, bars, curves
from parity.speed.report.summary import Content, Row
from parity.speed.report.tables import LEGEND, TITLES, Table, tables
from parity.speed.sides import EAGER, RECORDED, TORCH

SIDES = (TORCH, EAGER, RECORDED)
"""The libraries with a fixed colour; the others get colours in the order in which they appear."""
LEAST = "least"
LARGEST = 15
"""How many kernels the plot of the largest ratios shows."""


def page(content: Content) -> str:
    """The page for the result of `parity.speed.benchmark.run`."""
    parts = {table.title: _section(name, content, table) for name, table in _named(content)}
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>minitorch's speed</title>
<style>
{_style()}</style>
</head>
<body>
<header>
<h1>minitorch's speed beside torch's</h1>
<p class="muted"><code>{escape(content["command"])}</code> · {escape(content["date"])}</p>
<p class="muted">{escape(summary.machine(content))}</p>
<p class="muted">{escape(summary.limits(content))}</p>
</header>
{_cards(content)}
<p class="legend">{escape(LEGEND)}</p>
{"".join(parts.values())}</body>
</html>
"""


def _style() -> str:
    shared = resources.files("parity.report").joinpath("page", "style.css").read_text(encoding="utf-8")
    return shared + resources.files("parity.speed.report").joinpath("page", "speed.css").read_text(encoding="utf-8")


def _named(content: Content) -> Iterable[tuple[str, Table]]:
    return zip(content["sections"], tables(content), strict=True)


def _cards(content: Content) -> str:
    cards = []
    steps: Sequence[Row] = content["sections"].get("steps", ())
    for name in summary.timed(steps):
        mean, count = summary.mean_ratio(steps, name)
        cards.append((f"{mean:.2f}", f"{name}: mean ratio to torch over {count} training steps"))
    for section, what in (("growth", "points of growth"), ("kernels", "calls")):
        rows = [r for r in content["sections"].get(section, ()) if EAGER in r["times"]]
        if rows:
            worst = max(rows, key=lambda r: r["times"][EAGER]["ratio"])
            figure = f"{worst['times'][EAGER]['ratio']:.2f}"
            cards.append((figure, f"largest of {len(rows)} {what}: {worst['name']}, {worst['setting']}"))
    if not cards:
        return ""
    inner = "".join(f'<div class="card"><b>{n}</b><span>{escape(what)}</span></div>\n' for n, what in cards)
    return f'<section class="cards">\n{inner}</section>'


def _section(name: str, content: Content, table: Table) -> str:
    rows: Sequence[Row] = content["sections"][name]
    plots = {"steps": _step_plots, "eval": _step_plots, "growth": _growth_plots, "kernels": _kernel_plots}
    drawn = plots[name](rows) if name in plots else ""
    return f'<section id="{name}"><h2>{escape(TITLES[name])}</h2>\n{drawn}{_table(table)}</section>\n'


def _classes(rows: Iterable[Row]) -> dict[str, str]:
    """By side the class that colours it."""
    names = dict.fromkeys([*SIDES, *summary.contestants(rows)])
    return {name: f"side{i}" for i, name in enumerate(names)} | {LEAST: "side4"}


def _key(names: Iterable[str], classes: Mapping[str, str]) -> str:
    return f'<div class="key">{"".join(f"<i class={classes[n]!r}></i>{escape(n)}" for n in names)}</div>'


def _step_plots(rows: Sequence[Row]) -> str:
    names, classes = summary.timed(rows), _classes(rows)
    groups = [(r["name"], _ratios(r, names)) for r in rows if r["times"]]
    if not groups:
        return ""
    drawn = bars(groups, classes, "time over torch's: shorter is faster")
    return f'<div class="plots"><figure class="wide">{drawn}{_key(names, classes)}</figure></div>\n'


def _kernel_plots(rows: Sequence[Row]) -> str:
    found = [r for r in rows if EAGER in r["times"]]
    found.sort(key=lambda r: -r["times"][EAGER]["ratio"])
    if not found:
        return ""
    figures = []
    for title, part in (
        ("where torch is furthest ahead", found[:LARGEST]),
        ("where minitorch is", found[::-1][:LARGEST]),
    ):
        groups = [(_short(f"{r['name']} {r['setting']}"), _ratios(r, [EAGER])) for r in part]
        drawn = bars(groups, _classes(rows), "minitorch's time over torch's")
        figures.append(f"<figure><h2>{title}</h2>{drawn}</figure>")
    return f'<div class="plots">{"".join(figures)}</div>\n'


def _short(text: str, most: int = 26) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _ratios(row: Row, names: Iterable[str]) -> dict[str, Range]:
    times = row["times"]
    return {n: (times[n]["ratio"], times[n]["ratio_low"], times[n]["ratio_high"]) for n in names if n in times}


def _growth_plots(rows: Sequence[Row]) -> str:
    figures = []
    classes, names = _classes(rows), [TORCH, *summary.timed(rows)]
    for curve in dict.fromkeys(row["name"] for row in rows):
        points = [row for row in rows if row["name"] == curve and row["times"]]
        lines = {n: [(r["size"], r["times"][n]["seconds"]) for r in points if n in r["times"]] for n in names}
        lines[LEAST] = [(r["size"], r["least"]) for r in points]
        lines = {name: line for name, line in lines.items() if line}
        if lines:
            drawn = curves(lines, classes, points[0]["axis"])
            figures.append(f"<figure><h2>{escape(curve)}</h2>{drawn}{_key(lines, classes)}</figure>")
    return f'<div class="plots">{"".join(figures)}</div>\n'


def _table(table: Table) -> str:
    kinds = ["word"] * table.words + ["number"] * (len(table.headers) - table.words)
    heads = "".join(f'<th class="{kind}">{escape(name)}</th>' for kind, name in zip(kinds, table.headers, strict=True))
    body = "".join(f"<tr>{''.join(map(_cell, kinds, row))}</tr>\n" for row in table.rows)
    notes = "".join(f"<li>{escape(note)}</li>" for note in table.notes)
    listed = f'<ul class="notes">{notes}</ul>' if notes else ""
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>\n{body}</tbody></table></div>\n{listed}'


def _cell(kind: str, text: str) -> str:
    return f'<td class="{kind}">{escape(text)}</td>'
