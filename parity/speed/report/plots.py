"""Plots of times as SVG, drawn by hand: bars of ratios, and times over sizes with both axes logarithmic."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from parity.report.svg import WIDTH, beside, figure, line, text

HEIGHT = 320
LEFT, RIGHT, TOP, BOTTOM = 64, 30, 14, 44
BAR, GAP, NAMES = 13, 10, 150
"""The height of a bar, the space between two groups, and the width of the names beside them, in units of the plot."""

Range = tuple[float, float, float]
"""A figure with its lower and upper quartile."""


def bars(groups: Sequence[tuple[str, Mapping[str, Range]]], classes: Mapping[str, str], below: str) -> str:
    """Horizontal bars in groups, with the quartiles as a line across the end of each; a line marks 1.

    Args:
        groups: the name of each group, and its figures by the name of the side.
        classes: the class that colours a side, by its name.
        below: a description of the figures.
    """
    most = max([1.0, *(high for _, found in groups for _, _, high in found.values())]) * 1.08
    height = TOP + sum(BAR * len(found) + GAP for _, found in groups) + BOTTOM
    inner, bottom = WIDTH - NAMES - RIGHT - 18, height - BOTTOM

    def x(value: float) -> float:
        return NAMES + inner * value / most

    parts = []
    for value in _ticks(most):
        parts += [line(x(value), TOP, x(value), bottom, "grid"), text(x(value), bottom + 16, f"{value:g}", "middle")]
    y = float(TOP)
    for name, found in groups:
        parts.append(text(NAMES - 8, y + BAR * len(found) / 2 + 4, name, "end", "name"))
        for side, (value, low, high) in found.items():
            label = f"{name}, {side}: {value:.2f} ({low:.2f} to {high:.2f})"
            parts.append(
                f'<rect class="{classes[side]}" x="{NAMES}" y="{y + 1:.1f}" width="{max(x(value) - NAMES, 0.5):.1f}" '
                f'height="{BAR - 2}"><title>{escape(label)}</title></rect>'
                f'<path class="spread" d="M{x(low):.1f} {y + BAR / 2:.1f}H{x(high):.1f}"/>'
            )
            parts.append(text(x(high) + 4, y + BAR - 3, f"{value:.2f}", "start"))
            y += BAR
        y += GAP
    parts.append(line(x(1), TOP, x(1), bottom, "limit"))
    parts.append(line(NAMES, TOP, NAMES, bottom, "axis"))
    parts.append(text(NAMES + inner / 2, height - 8, below, "middle", "name"))
    return figure(parts, height, below)


def curves(lines: Mapping[str, Sequence[tuple[float, float]]], classes: Mapping[str, str], below: str) -> str:
    """Milliseconds over a size, both axes logarithmic: a line for each side.

    Args:
        lines: by side, sizes with their times in seconds.
        classes: the class that colours a side.
        below: the name of the size.
    """
    points = [(size, seconds * 1000) for curve in lines.values() for size, seconds in curve]
    low_x, high_x = _reach([size for size, _ in points])
    low_y, high_y = (math.log10(v) for v in _decades([value for _, value in points]))
    inner, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(size: float) -> float:
        return LEFT + inner * (math.log10(size) - low_x) / (high_x - low_x)

    def y(value: float) -> float:
        return TOP + tall * (1 - (math.log10(value) - low_y) / (high_y - low_y))

    parts = []
    for decade in range(round(low_y), round(high_y) + 1):
        value = 10.0**decade
        parts += [line(LEFT, y(value), WIDTH - RIGHT, y(value), "grid")]
        parts += [text(LEFT - 6, y(value) + 4, f"{value:g}", "end")]
    shown: list[float] = []
    for size in sorted({size for size, _ in points}):
        parts.append(line(x(size), TOP, x(size), TOP + tall, "grid"))
        if not shown or x(size) - x(shown[-1]) > 44:
            parts.append(text(x(size), TOP + tall + 16, f"{size:,.0f}", "middle"))
            shown.append(size)
    for name, curve in lines.items():
        path = "L".join(f"{x(size):.1f} {y(seconds * 1000):.1f}" for size, seconds in curve)
        parts.append(f'<path class="curve {classes[name]}" d="M{path}"/>')
        for size, seconds in curve:
            label = f"{name}, {below} {size:,.0f}: {seconds * 1000:.3g} ms"
            parts.append(
                f'<circle class="{classes[name]}" cx="{x(size):.1f}" cy="{y(seconds * 1000):.1f}" r="3.5">'
                f"<title>{escape(label)}</title></circle>"
            )
    parts.append(line(LEFT, TOP + tall, WIDTH - RIGHT, TOP + tall, "axis") + line(LEFT, TOP, LEFT, TOP + tall, "axis"))
    parts += [text(LEFT + inner / 2, HEIGHT - 8, below, "middle", "name"), beside("ms", TOP + tall / 2)]
    return figure(parts, HEIGHT, f"time over {below}")


def _ticks(most: float) -> list[float]:
    """About five round numbers from 0 on."""
    unit = 10.0 ** math.floor(math.log10(most / 5))
    step = next(unit * factor for factor in (1, 2, 5, 10) if most / (unit * factor) <= 6)
    return [i * step for i in range(int(most / step) + 1)]


def _reach(sizes: Sequence[float]) -> tuple[float, float]:
    """The logarithms of the smallest and the largest size, apart even if they are the same."""
    low, high = math.log10(min(sizes)), math.log10(max(sizes))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _decades(values: Sequence[float]) -> tuple[float, float]:
    """The powers of ten around the values."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return 10.0**low, 10.0 ** max(high, low + 1)
