"""Plots of errors as SVG, drawn by hand: bars of ratios, and our error against torch's."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from parity.compare.budget import FACTOR
from parity.report.svg import WIDTH, beside, figure, line, text

HEIGHT = 300
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 44
BINS, STEP = 20, 0.25
"""Ratios are counted in bins of this width; the last one counts all larger ratios too."""


@dataclass(frozen=True)
class Point:
    """A row of the table in the plot of errors.

    Attributes:
        torch: torch's worst error, in units.
        ours: our worst error.
        kind: the class that colours it.
        label: the row in words.
        target: the id of the row.
    """

    torch: float
    ours: float
    kind: str
    label: str
    target: str


def counted(ratios: Iterable[float]) -> list[int]:
    """How many ratios fall into each bin."""
    counts = [0] * BINS
    for ratio in ratios:
        counts[min(int(min(ratio, BINS) / STEP), BINS - 1)] += 1
    return counts


def spark(counts: Sequence[int], width: int = 80, height: int = 16) -> str:
    """A row's ratios as small bars, the budget as a line."""
    bar, most = width / BINS, max(max(counts, default=0), 1)
    bars = "".join(
        f'<rect x="{i * bar:g}" y="{height * (1 - _size(n, most)):.1f}" width="{bar - 0.5:g}" '
        f'height="{height * _size(n, most):.1f}"/>'
        for i, n in enumerate(counts)
        if n
    )
    limit = FACTOR / STEP * bar
    return (
        f'<svg class="spark" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="ratios">{bars}<path class="limit" d="M{limit:g} 0V{height}"/></svg>'
    )


def _size(n: int, most: int) -> float:
    """The height of a bar, on a logarithmic scale that starts at nothing."""
    return math.log1p(n) / math.log1p(most)


def histogram(counts: Sequence[int], what: str) -> str:
    """Bars over the ratio, their height logarithmic. `what` is counted."""
    most = max(max(counts, default=0), 1)
    inner, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    bar = inner / BINS
    parts = []
    for decade in range(math.ceil(math.log10(most + 1)) + 1):
        n = 10**decade
        if n <= most:
            y = TOP + tall * (1 - _size(n, most))
            parts.append(line(LEFT, y, WIDTH - RIGHT, y, "grid") + text(LEFT - 6, y + 4, f"{n:,}", "end"))
    for i, n in enumerate(counts):
        size = tall * _size(n, most)
        beyond = " and more" if i == BINS - 1 else f" to {(i + 1) * STEP:g}"
        parts.append(
            f'<rect class="bar{" over" if i * STEP >= FACTOR else ""}" x="{LEFT + i * bar + 1:.1f}" '
            f'y="{TOP + tall - size:.1f}" width="{bar - 2:.1f}" height="{size:.1f}">'
            f"<title>{i * STEP:g}{beyond}: {n:,} {escape(what)}</title></rect>"
        )
    for ratio in range(int(BINS * STEP) + 1):
        parts.append(text(LEFT + ratio / STEP * bar, TOP + tall + 16, str(ratio), "middle"))
    x = LEFT + FACTOR / STEP * bar
    parts.append(line(x, TOP, x, TOP + tall, "limit") + text(x + 4, TOP + 12, "budget", "start"))
    parts.append(line(LEFT, TOP + tall, WIDTH - RIGHT, TOP + tall, "axis"))
    return _figure(parts, "our error over torch's", what)


def scatter(points: Sequence[Point]) -> str:
    """Our worst error over torch's, one point for each row, both logarithmic; the lines are the ratios 1 and 4.

    Points outside of the frame are drawn on its edge.
    """
    values = [v for p in points for v in (p.torch, p.ours)]
    low, high = -2, min(max(2, math.ceil(math.log10(max([*values, 1.0])))), 6)
    inner, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(v: float) -> float:
        return LEFT + inner * (min(max(math.log10(max(v, 1e-9)), low), high) - low) / (high - low)

    def y(v: float) -> float:
        return TOP + tall * (1 - (min(max(math.log10(max(v, 1e-9)), low), high) - low) / (high - low))

    parts = []
    for decade in range(low, high + 1):
        v = 10.0**decade
        parts.append(line(x(v), TOP, x(v), TOP + tall, "grid") + line(LEFT, y(v), WIDTH - RIGHT, y(v), "grid"))
        if decade % max(1, (high - low) // 6) == 0:
            name = f"{v:g}" if decade < 5 else f"1e{decade}"
            parts.append(text(x(v), TOP + tall + 16, name, "middle") + text(LEFT - 6, y(v) + 4, name, "end"))
    for ratio, kind in ((1.0, "equal"), (FACTOR, "limit")):
        start = max(1.0, 10.0**low)  # below one unit torch's error counts as one
        bent = f"M{x(10.0**low):.1f} {y(ratio):.1f}H{x(start):.1f}L{x(10.0**high / ratio):.1f} {y(10.0**high):.1f}"
        parts.append(f'<path class="{kind}" d="{bent}"/>')
    for p in points:
        parts.append(
            f'<a href="#{p.target}"><circle class="point {p.kind}" cx="{x(p.torch):.1f}" cy="{y(p.ours):.1f}" r="3">'
            f"<title>{escape(p.label)}</title></circle></a>"
        )
    parts.append(line(LEFT, TOP + tall, WIDTH - RIGHT, TOP + tall, "axis") + line(LEFT, TOP, LEFT, TOP + tall, "axis"))
    return _figure(parts, "torch's worst error, in units", "our worst error")


def _figure(parts: list[str], below: str, left: str) -> str:
    names = [
        text(LEFT + (WIDTH - LEFT - RIGHT) / 2, HEIGHT - 8, below, "middle", "name"),
        beside(left, TOP + (HEIGHT - TOP - BOTTOM) / 2),
    ]
    return figure([*parts, *names], HEIGHT, f"{left}, {below}")
