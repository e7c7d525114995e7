"""The progress of a training run: a bar on a terminal, and lines with the means of the losses and other figures."""

from __future__ import annotations

import sys
from time import perf_counter
from types import TracebackType
from typing import Any, TextIO

from tqdm import tqdm

__all__ = ["Progress"]

_SHOW_EVERY = 0.1  # seconds between two updates of the bar


class Progress:
    """Counts the items that a training run has processed, and averages figures such as the loss over them.

        with Progress(total=epochs * len(images), unit="images") as progress:
            for epoch in range(epochs):
                for batch, labels in loader:
                    ...
                    progress.step(len(batch), loss=loss, accuracy=accuracy)
                progress.report(f"epoch {epoch + 1}/{epochs}", test_accuracy=evaluate())

    If standard error is a terminal, a bar there shows the latest figures and the rate. Each report is a line on
    standard output, with the means since the last report; a log file gets only these lines. A figure whose name ends
    in ``accuracy`` is a fraction, and is shown as a percentage.

    Args:
        total: how many items the whole run processes.
        unit: the name of the items.
        done: how many items were done before, in a run that is continued.
        out: the file for the reports; by default standard output.
        show_bar: True draws the bar, False does not; by default it is drawn if standard error is a terminal.
    """

    def __init__(
        self,
        total: int,
        *,
        unit: str = "images",
        done: int = 0,
        out: TextIO | None = None,
        show_bar: bool | None = None,
    ) -> None:
        self._unit = unit
        self._out = sys.stdout if out is None else out
        self._bar: tqdm[Any] = tqdm(
            total=total,
            initial=done,
            unit=f" {unit}",
            unit_scale=True,
            dynamic_ncols=True,
            leave=False,
            disable=None if show_bar is None else not show_bar,
        )
        self._shown = 0.0
        self._restart()

    def step(self, count: int, **figures: float) -> None:
        """Record that `count` more items are done. Each figure is a mean over these items."""
        self._latest = perf_counter()
        self._count += count
        for name, value in figures.items():
            self._sums[name] = self._sums.get(name, 0.0) + value * count
            self._counts[name] = self._counts.get(name, 0) + count
        if not self._bar.disable:
            if self._latest - self._shown > _SHOW_EVERY:
                self._shown = self._latest
                self._bar.set_postfix_str(_text(figures), refresh=False)
            self._bar.update(count)

    def report(self, title: str, **figures: float) -> dict[str, float]:
        """Print `title`, the means since the last report, `figures` and the rate.

        The time between the last step and the report does not count for the rate.

        Returns:
            The means and `figures`, by name.
        """
        means = {name: total / self._counts[name] for name, total in self._sums.items()} | figures
        line = f"{title}  {_text(means)}" if means else title
        if self._count:
            line += f"  {self._count / max(self._latest - self._began, 1e-9):,.0f} {self._unit}/s"
        self._bar.write(line, file=self._out)
        self._out.flush()
        self._restart()
        return means

    def _restart(self) -> None:
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self._count = 0
        self._began = self._latest = perf_counter()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()


def _text(figures: dict[str, float]) -> str:
    words = []
    for name, value in figures.items():
        shown = f"{100 * value:.2f} %" if name.endswith("accuracy") else f"{value:.4g}"
        words.append(f"{name.replace('_', ' ')} {shown}")
    return "  ".join(words)
