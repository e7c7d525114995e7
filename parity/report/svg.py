"""The parts that plots as SVG are made of: lines, texts, the name of the vertical axis, the figure around them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH = 560
"""The width of a plot, in its own units."""


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line of the class `kind`."""
    return f'<path class="{kind}" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>'


def text(x: float, y: float, what: str, anchor: str, kind: str = "tick") -> str:
    """A text of the class `kind`, whose start, middle or end is at x."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(what)}</text>'


def figure(parts: Sequence[str], height: float, label: str) -> str:
    """A plot of `WIDTH` units and this height, described by `label`."""
    head = f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}">'
    return f"{head}{''.join(parts)}</svg>"


def beside(what: str, middle: float) -> str:
    """The name of the vertical axis, turned, around the height `middle`."""
    turned = f'transform="translate(14 {middle:g}) rotate(-90)"'
    return f'<text class="name" text-anchor="middle" {turned}>{escape(what)}</text>'
