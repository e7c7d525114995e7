"""A section of the report: a list of items, each checked on its own, in any of several processes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import minitorch
from minitorch import cuda

Options = argparse.Namespace


@dataclass
class Outcome:
    """What was found for an item.

    Attributes:
        rows: rows of the section's table.
        failures: what is wrong, a sentence each.
        elsewhere: what fails without the GPU too, on the same machine: with another version of torch or NumPy, say.
    """

    rows: list[list[str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Attributes:
        name: what ``--skip`` and ``--only`` call it.
        title: its heading.
        columns: of its table. An item without a result gets a row of its name and the reason.
        items: the names of what is checked, the most valuable first.
        check: checks one item. It may yield several times; each outcome replaces the one before, so that what was found
            until then is kept if the process ends.
        share: the part of the remaining time after which the section is ended.
        limit: seconds after which the process that checks an item is ended.
        workers: how many processes share the items at most; 1 for times, which are taken alone.
        note: text above the table.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    items: Callable[[Options], list[str]]
    check: Callable[[Options, str], Iterator[Outcome]]
    share: float
    limit: float = 60.0
    workers: int = 1
    note: str = ""


def no_gpu() -> str | None:
    """Why the device cuda cannot be used here, or None if it can."""
    try:
        minitorch.device("cuda").backend  # noqa: B018 - raises where there is no GPU
    except RuntimeError as error:
        return str(error)
    return None


def emulated() -> bool:
    """Whether CuPy runs on the emulation instead of a GPU."""
    return "kernels.cusim.emulator" in sys.modules or "emulat" in cuda.get_device_name().lower()
