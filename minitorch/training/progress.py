"""The progress of a training run: a bar on a terminal, and lines with the means of the losses and other figures."""

from __future__ import annotations

import sys
from time import perf_counter
from types import TracebackType
from typing import Any, TextIO

from tqdm import tqdm as terminal_bar
from tqdm.auto import tqdm

__all__ = ["Progress"]

_IN_NOTEBOOK = tqdm.status_printer is not terminal_bar.status_printer  # it draws with ipywidgets

_SHOW_EVERY = 0.1  # seconds between two updates of the bar


class Progress:
    """Counts the items that a training run has processed, and averages figures such as the loss over them.

        with Progress(total=epochs * len(images), unit="images") as progress:
            for epoch in range(epochs):
                for batch, labels in loader:
                    ...
                    progress.step(len(batch), loss=loss, accuracy=accuracy)
                progress.report(f"epoch {epoch + 1}/{epochs}", test_accuracy=evaluate())

    On a terminal (standard error), and in a notebook that has ipywidgets, a bar shows the epoch, the means since the
    last report, and the time left; a narrow one shows as many of the means as fit. Each report is a line on standard
    output, with the means since the last report; a log file gets only these lines. A figure whose name ends in
    ``accuracy`` is a fraction, and is shown as a percentage.

    Args:
        total: how many items the whole training works through.
        unit: what an item is called.
        epochs: how many epochs these items are; None: the bar counts items instead.
        lines: how many lines are printed without a call of `report`, in equal distances.
        done: how many items are done already, in a run that is continued.
        out: the file for the reports; by default standard output.
        show_bar: True draws the bar, False does not; by default it is drawn on a terminal and in a notebook.
    """

    def __init__(
        self,
        total: int,
        *,
        unit: str = "images",
        epochs: int | None = None,
        lines: int = 0,
        done: int = 0,
        out: TextIO | None = None,
        show_bar: bool | None = None,
    ) -> None:
        self._total, self._done = total, done
        self._unit = unit
        self._epochs = epochs
        self._every = -(-total // lines) if lines else 0
        self._out = sys.stdout if out is None else out
        self._bar: tqdm[Any] = tqdm(
            total=total,
            initial=done,
            bar_format="{bar}",
            dynamic_ncols=True,
            leave=False,
            disable=(False if _IN_NOTEBOOK else None) if show_bar is None else not show_bar,
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
        before, self._done = self._done, self._done + count
        if not self._bar.disable:
            if self._latest - self._shown > _SHOW_EVERY:
                self._shown = self._latest
                self._show()
            self._bar.update(count)
        if self._every and (self._done // self._every > before // self._every or self._done >= self._total > before):
            self.report(f"{self._unit.removesuffix('s')} {self._done}/{self._total}")

    def _show(self) -> None:
        """Set the texts on both sides of the bar, which leave it a few cells."""
        state = self._bar.format_dict
        columns, rate = state["ncols"] or 80, state["rate"]
        where = f"{self._unit.removesuffix('s')} {self._done}/{self._total}"
        if self._epochs:
            each = self._total / self._epochs
            where = f"epoch {min(int(self._done / each) + 1, self._epochs)}/{self._epochs}"
        left = f"{_time((self._total - self._done) / rate)} left" if rate else ""
        room = columns - len(where) - len(left) - max(4, columns // 8) - 3  # the cells of the bar, and spaces
        shown: list[str] = []
        for part in _parts(self._means()):
            if len("  ".join([*shown, part])) + 2 <= room:
                shown.append(part)
        self._bar.bar_format = f"{where} {{bar}} {'  '.join(filter(None, [*shown, left]))}"

    def _means(self) -> dict[str, float]:
        return {name: total / self._counts[name] for name, total in self._sums.items()}

    def report(self, title: str, **figures: float) -> dict[str, float]:
        """Print `title`, the means since the last report, `figures` and the rate.

        The time between the last step and the report does not count for the rate.

        Returns:
            The means and `figures`, by name.
        """
        means = self._means() | figures
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
    return "  ".join(_parts(figures))


def _parts(figures: dict[str, float]) -> list[str]:
    """Each figure with its name."""
    words = []
    for name, value in figures.items():
        shown = f"{100 * value:.2f} %" if name.endswith("accuracy") else f"{value:.4g}"
        words.append(f"{name.replace('_', ' ')} {shown}")
    return words


def _time(seconds: float) -> str:
    """``45 s``, ``3 min``, ``2.5 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
