"""The marks between which a Markdown page has the table of a command, and putting a new table there."""

from __future__ import annotations

from pathlib import Path

from minitorch.files import atomic_write

BEGIN, END = "<!-- begin: {} -->", "<!-- end -->"
"""The lines before and after the table; the first one names the command."""


def is_marked(page: Path, command: str) -> bool:
    """Whether a page has a place for the table of a command."""
    return BEGIN.format(command) in page.read_text(encoding="utf-8")


def put(page: Path, command: str, text: str) -> None:
    """Write `text` between the marks of a page that has them for this command, in place of what is there."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN.format(command))
    with atomic_write(page, text=True) as file:
        file.write(f"{before}{begin}\n{text}\n{END}{rest.partition(END)[2]}")
