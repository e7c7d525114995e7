"""The figure of the training runs: both losses of each model, and how far they are apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from parity.runs.comparison import CLOSE, EARLY, Comparison

_COLUMNS = 3
_FLOOR = 1e-9
"""Where differences of zero are drawn."""


def draw(figure: Any, found: Sequence[Comparison]) -> None:
    """A panel for each comparison: above the losses with torch and with minitorch, below their relative difference.

    Args:
        figure: an empty `matplotlib.figure.Figure`.
        found: what to draw.
    """
    columns = min(_COLUMNS, len(found))
    panels = np.atleast_1d(figure.subfigures(-(-len(found) // columns), columns)).ravel()
    for panel, c in zip(panels, found, strict=False):
        _panel(panel, c)


def _panel(panel: Any, c: Comparison) -> None:
    steps = c.lessons + 1
    losses, differences = panel.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    for trace, name, style in (
        (c.torch, "torch", {"color": "tab:orange", "linewidth": 3.0, "alpha": 0.6}),
        (c.ours, "minitorch", {"color": "black", "linewidth": 0.7}),
    ):
        values = np.full(len(c.torch.losses), np.nan)
        values[: len(trace.losses)] = trace.losses[: len(values)]
        losses.plot(steps, values[c.lessons], label=name, **style)
    if np.nanmin(c.torch.losses) > 0:
        losses.set_yscale("log")
    losses.set(ylabel="loss", title=f"{c.model}, seed {c.seed}")
    losses.legend(fontsize=7, loc="upper right")
    differences.plot(steps, np.maximum(c.differences, _FLOOR), color="black", linewidth=0.7, label="minitorch")
    if c.torch_differences is not None:
        own = np.maximum(c.torch_differences, _FLOOR)
        differences.plot(steps, own, color="tab:orange", linewidth=0.7, alpha=0.8, label="torch in float64")
    differences.axhline(CLOSE, color="tab:red", linewidth=0.8, linestyle="--")
    differences.axvspan(steps[0], steps[min(EARLY, len(steps)) - 1], color="tab:red", alpha=0.12, linewidth=0)
    differences.set(xlabel="step", ylabel="difference\nfrom torch", yscale="log", ylim=(_FLOOR, 1e3))
    differences.locator_params(axis="x", nbins=6)
    differences.set_yticks([1e-9, 1e-6, 1e-3, 1])
    differences.legend(fontsize=7, loc="upper left", ncols=2, framealpha=0.4)
