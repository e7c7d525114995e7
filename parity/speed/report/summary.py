"""Figures taken from a benchmark's rows: the libraries, means of ratios, the machine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from parity.speed.sides import TORCH

Row = Mapping[str, Any]
Content = Mapping[str, Any]


def contestants(rows: Iterable[Row]) -> list[str]:
    """The libraries that any row times or misses, in the order in which they first appear; torch first."""
    found = dict.fromkeys([TORCH])
    for row in rows:
        found |= dict.fromkeys([*row["times"], *row["missing"]])
    return list(found)


def timed(rows: Iterable[Row]) -> list[str]:
    """The libraries, except torch, that have a time in any row."""
    rows = list(rows)
    return [name for name in contestants(rows) if name != TORCH and any(name in row["times"] for row in rows)]


def mean_ratio(rows: Iterable[Row], name: str) -> tuple[float | None, int]:
    """The geometric mean of a contestant's ratios to torch over the rows that have one, and how many these are."""
    ratios = [row["times"][name]["ratio"] for row in rows if name in row["times"]]
    return (math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else None), len(ratios)


def notes(rows: Iterable[Row]) -> list[str]:
    """Why times are missing: each reason once, with its rows."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for name, reason in row.get("missing", {}).items():
            places = found.setdefault((name, reason), [])
            if row["name"] not in places:
                places.append(row["name"])
    return [f"{name}: {reason} ({_listed(places)})" for (name, reason), places in found.items()]


def _listed(places: Sequence[str]) -> str:
    return ", ".join(places) if len(places) <= 8 else f"{', '.join(places[:8])} and {len(places) - 8} more"


def machine(content: Content) -> str:
    """Processor, cores, threads, memory, versions and load, in a sentence or two."""
    m = content["machine"]
    memory = f", {m['memory_bytes'] / 2**30:.0f} GiB of memory" if m["memory_bytes"] else ""
    versions = ", ".join(f"{name} {version}" for name, version in m["versions"].items())
    before, after = content["load"]
    load = "" if before is None else f" Load (processes that want a core): {before:.1f} before, {after:.1f} after."
    quick = " A short form on tiny sizes: its times mean nothing." if content["quick"] else ""
    stopped = " Stopped before the end." if content["stopped"] else ""
    return (
        f"{m['processor']}, {m['cores']} cores{memory}, {m['system']}; "
        f"{m['threads']} thread{'s' * (m['threads'] > 1)} for each library"
        f"{', each side in a process of its own' * bool(content.get('apart'))}; "
        f"{m['blas']}; {versions}.{load}{quick}{stopped}"
    )


def limits(content: Content) -> str:
    """The machine's measured limits as text."""
    bandwidth = ", ".join(
        f"{rate / 1e9:.0f} GB/s ({_size(int(size))})" for size, rate in content["limits"]["bandwidth"].items()
    )
    return (
        f"Limits measured here: {content['limits']['flops'] / 1e9:.0f} GFLOP/s in a float32 matrix product; copies "
        f"read and write {bandwidth}."
    )


def _size(size: int) -> str:
    return f"{size >> 20} MiB" if size >= 1 << 20 else f"{size >> 10} KiB"
