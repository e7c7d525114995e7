"""Plots of times as SVG, drawn by hand: bars of ratios, and times over sizes with both axes logarithmic."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 560, 320
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
        parts += [_line(x(value), TOP, x(value), bottom, "grid"), _text(x(value), bottom + 16, f"{value:g}", "middle")]
    y = float(TOP)
    for name, found in groups:
        parts.append(_text(NAMES - 8, y + BAR * len(found) / 2 + 4, name, "end", "name"))
        for side, (value, low, high) in found.items():
            label = f"{name}, {side}: {value:.2f} ({low:.2f} to {high:.2f})"
            parts.append(
                f'<rect class="{classes[side]}" x="{NAMES}" y="{y + 1:.1f}" width="{max(x(value) - NAMES, 0.5):.1f}" '
                f'height="{BAR - 2}"><title>{escape(label)}</title></rect>'
                f'<path class="spread" d="M{x(low):.1f} {y + BAR / 2:.1f}H{x(high):.1f}"/>'
            )
            parts.append(_text(x(high) + 4, y + BAR - 3, f"{value:.2f}", "start"))
            y += BAR
        y += GAP
    parts.append(_line(x(1), TOP, x(1), bottom, "limit"))
    parts.append(_line(NAMES, TOP, NAMES, bottom, "axis"))
    parts.append(_text(NAMES + inner / 2, height - 8, below, "middle", "name"))
    head = f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(below)}">'
    return f"{head}{''.join(parts)}</svg>"


def curves(lines: Mapping[str, Sequence[tuple[float, float]]], classes: Mapping[str, str], below: str) -> str:
    """Milliseconds over a size, both axes logarithmic: a line for each side.

    Args:
        lines: by side, sizes with their times in seconds.
        classes: the class that colours a side.
        below: the name of the size.
    """
    points = [(size, seconds * 1000) for line in lines.values() for size, seconds in line]
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
        parts += [_line(LEFT, y(value), WIDTH - RIGHT, y(value), "grid")]
        parts += [_text(LEFT - 6, y(value) + 4, f"{value:g}", "end")]
    shown: list[float] = []
    for size in sorted({size for size, _ in points}):
        parts.append(_line(x(size), TOP, x(size), TOP + tall, "grid"))
        if not shown or x(size) - x(shown[-1]) > 44:
            parts.append(_text(x(size), TOP + tall + 16, f"{size:,.0f}", "middle"))
            shown.append(size)
    for name, line in lines.items():
        path = "L".join(f"{x(size):.1f} {y(seconds * 1000):.1f}" for size, seconds in line)
        parts.append(f'<path class="curve {classes[name]}" d="M{path}"/>')
        for size, seconds in line:
            label = f"{name}, {below} {size:,.0f}: {seconds * 1000:.3g} ms"
            parts.append(
                f'<circle class="{classes[name]}" cx="{x(size):.1f}" cy="{y(seconds * 1000):.1f}" r="3.5">'
                f"<title>{escape(label)}</title></circle>"
            )
    parts.append(
        _line(LEFT, TOP + tall, WIDTH - RIGHT, TOP + tall, "axis") + _line(LEFT, TOP, LEFT, TOP + tall, "axis")
    )
    middle = TOP + tall / 2
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="time over {escape(below)}">'
        + "".join(parts)
        + _text(LEFT + inner / 2, HEIGHT - 8, below, "middle", "name")
        + f'<text class="name" text-anchor="middle" transform="translate(14 {middle:g}) rotate(-90)">ms</text></svg>'
    )


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


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<path class="{kind}" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>'


def _text(x: float, y: float, what: str, anchor: str, kind: str = "tick") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(what)}</text>'
