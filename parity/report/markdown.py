"""The table as Markdown: a line for each option group with its worst ratios."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from parity.compare.budget import FACTOR, limit
from parity.compare.case import CASES
from parity.compare.explore import SKIPPED
from parity.compare.findings import BEHAVIOUR, DTYPES, ORDERS, REFUSAL
from parity.report.table import Record, origin, spelled, summary

FAMILIES = (
    ("nn.functional.", "Functions of `nn.functional`"),
    ("nn.init.", "`nn.init`"),
    ("nn.utils", "`nn.utils`"),
    ("nn.", "Layers and losses"),
    ("optim.lr_scheduler.", "Schedulers"),
    ("optim.", "Optimizers"),
    ("distributions.", "Distributions"),
    ("utils.data", "Data"),
    ("models.", "Training runs"),
    ("Tensor.", "Methods of tensors"),
    ("", "Functions of tensors"),
)
"""The families of cases: how their names begin, and what they are called."""
OWN = "Your own"
TITLES = (OWN, *(title for _, title in FAMILIES))


def family(name: str) -> str:
    """The family of a case; cases that `parity` itself does not bring are a family of their own."""
    known = CASES.get(name)
    if known is not None and not known.body.__module__.startswith("parity.cases"):
        return OWN
    return next(title for prefix, title in FAMILIES if name.startswith(prefix))


def document(content: dict[str, Any]) -> str:
    """The page for the result of `parity.report.table.content`."""
    rows: Sequence[Record] = content["rows"]
    s = summary(rows)
    versions = ", ".join(f"{name} {version}" for name, version in content["versions"].items())
    parts = [
        "# The parity table",
        f"Made by `{spelled(content['command'])} --markdown FILE`, {origin(content)}: {versions}.",
        f"**{s['rows']:,} rows, {s['examples']:,} examples, {s['wrong']} rows over budget or wrong.**",
    ]
    if s["worst"] is not None:
        parts[-1] += (
            f" Our float32 error over torch's own: at worst {s['worst']:.2f}; the median of the rows' worst is "
            f"{s['typical']:.2f}, that of their medians {s['median']:.2f}."
        )
    parts.append(
        f"Each number is the worst ratio, over all examples of a line, of our error to torch's own float32 error "
        f"(see [How close is close?](parity.md)); over {FACTOR:g} in float32 or {limit('float64'):g} in float64 would "
        f"be over budget. `exact`: no error at all. An empty place: nothing to compare there. The last columns "
        f"count the examples, each of which is also compared in structure, dtypes, memory and state, and the calls "
        f"that torch refuses."
    )
    for title, lines in _families(rows):
        parts.append(f"## {title}")
        parts.append("\n".join([*_head(), *lines]))
    return "\n\n".join(parts) + "\n"


def _head() -> tuple[str, str]:
    orders = [f"{order}, {dtype}" for dtype in DTYPES for order in ORDERS]
    names = ["case", "group", *orders, "examples", "refused", "verdict"]
    return f"| {' | '.join(names)} |", f"|---|---|{'---:|' * (len(names) - 3)}---|"


def _families(rows: Iterable[Record]) -> list[tuple[str, list[str]]]:
    """The lines of each family that has any."""
    lines: dict[tuple[str, str], list[Record]] = {}
    refused: dict[str, Record] = {}
    for row in rows:
        if row["order"] == REFUSAL:
            refused[row["case"]] = row
        else:
            lines.setdefault((row["case"], row["group"]), []).append(row)
    for case in refused:
        if not any(name == case for name, _ in lines):
            lines[case, ""] = []
    found: dict[str, list[str]] = {title: [] for title in TITLES}
    seen = set()
    for (case, group), of_group in lines.items():
        also = refused[case] if case in refused and case not in seen else None
        seen.add(case)
        found[family(case)].append(_line(case, group, of_group, also))
    return [(title, found[title]) for title in TITLES if found[title]]


def _line(case: str, group: str, rows: Sequence[Record], refused: Record | None) -> str:
    # A training run has a different order: show it in the column of the forward pass.
    by_place = {(r["dtype"], r["order"] if r["order"] in ORDERS else "forward"): r for r in rows if r["dtype"]}
    ratios = [_ratio(by_place.get((dtype, order))) for dtype in DTYPES for order in ORDERS]
    tried = next((str(r["tried"]) for r in rows if r["order"] == BEHAVIOUR), "")
    verdicts = [r["verdict"] for r in [*rows, *([refused] if refused else [])] if not r["passed"]]
    if any(r["verdict"].startswith(SKIPPED) for r in rows):
        verdicts.append(rows[0]["verdict"])
    remarks = sorted({f"{r['order']}: {r['verdict']}" for r in rows if r["passed"] and r["verdict"] != "ok"})
    verdict = verdicts[0] if verdicts else "; ".join(["ok", *remarks])
    cells = [f"`{case}`", group, *ratios, tried, str(refused["tried"]) if refused else "", verdict]
    return f"| {' | '.join(cells)} |"


def _ratio(row: Record | None) -> str:
    if row is None or row["ratio"] is None:
        return ""
    return f"{row['ratio']:.2f}" if row["ours"] or row["torch"] else "exact"
