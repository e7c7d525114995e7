"""The report as Markdown, written while the sections run."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

from minitorch import cuda
from minitorch.counting import counted
from minitorch.files import atomic_write
from parity.gpu.processes import Progress
from parity.gpu.section import emulated

EVERY = 2.0
"""Seconds between two versions of the file while a section runs."""
MOST = 40
"""How many names of items that were not reached are shown."""


class Report:
    """The file, and how far each section is.

    Args:
        path: the file.
        names: of all sections that are to run.
    """

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self.path, self.names = path, list(names)
        self.sections: dict[str, Progress] = {}
        self._started = time.monotonic()
        self._written = 0.0
        self._lock = threading.Lock()

    def write(self) -> None:
        """Write the file as it is now."""
        with self._lock, atomic_write(self.path, text=True) as file:
            file.write(self.text())

    def show(self, progress: Progress, now: bool = False) -> None:
        """Take in what a section found, and write the file if that was not done just before, or in any case `now`."""
        with self._lock:
            self.sections[progress.section.name] = progress
            if not now and time.monotonic() - self._written < EVERY:
                return
            self._written = time.monotonic()
            with atomic_write(self.path, text=True) as file:
                file.write(self.text())

    @property
    def failures(self) -> list[str]:
        """Everything that is wrong."""
        return [f"{p.section.title}: {failure}" for p in list(self.sections.values()) for failure in p.failures]

    @property
    def elsewhere(self) -> list[str]:
        """What is wrong without the GPU too."""
        found = [
            (p, failure)
            for p in list(self.sections.values())
            for o in list(p.found.values())
            for failure in o.elsewhere
        ]
        return [f"{p.section.title}: {failure}" for p, failure in found]

    @property
    def missing(self) -> list[str]:
        """What was not reached, or not finished, a sentence each."""
        found = [
            f"{p.section.title}: {counted(len(p.missing), 'item')} of {len(p.items or ())}"
            for p in list(self.sections.values())
            if p.missing
        ]
        unknown = [name for name in self.names if name not in self.sections or self.sections[name].items is None]
        return [*found, *unknown]

    def text(self) -> str:
        """The whole report."""
        mark = "**EMULATED.** No GPU has run any of this; times say nothing of any GPU.\n\n" if emulated() else ""
        date = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
        seconds = time.monotonic() - self._started
        parts = [f"# minitorch on {cuda.get_device_name()}\n\n{mark}{date} UTC, {seconds:.0f} s. {self._verdict()}\n"]
        parts += [f"## {p.section.title}\n\n{_body(p)}\n" for p in list(self.sections.values())]
        return "\n".join(parts)

    def _verdict(self) -> str:
        failures, missing = self.failures, self.missing
        words = []
        if failures:
            words.append("What does not hold:\n\n" + "\n".join(f"- {failure}" for failure in failures))
        else:
            words.append("Everything that ran holds." if missing else "Everything holds.")
        if self.elsewhere:
            told = "\n".join(f"- {failure}" for failure in self.elsewhere)
            words.append(f"Not due to the GPU, because these fail on this machine's host too:\n\n{told}")
        if missing:
            words.append("Not run, or not to the end:\n\n" + "\n".join(f"- {name}" for name in missing))
        return "\n\n".join(words)


def _body(progress: Progress) -> str:
    section, items = progress.section, progress.items or []
    rows = [row for item in items if item in progress.found for row in progress.found[item].rows]
    parts = [f"{len(progress.finished)} of {counted(len(items), 'item')}, {progress.seconds:.0f} s."]
    parts += [section.note] if section.note else []
    parts += [progress.failure] if progress.failure else []
    parts += [table(rows, section.columns)] if rows else []
    missing = progress.missing
    if missing:
        more = f" and {len(missing) - MOST} more" if len(missing) > MOST else ""
        parts.append("Not reached, or not finished, when the time was up: " + ", ".join(missing[:MOST]) + more + ".")
    return "\n\n".join(parts)


def table(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> str:
    """A table in Markdown. A row with fewer cells ends with empty ones."""
    filled = [[*row, *[""] * (len(columns) - len(row))] for row in rows]
    lines = [list(columns), ["---"] * len(columns), *filled]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
