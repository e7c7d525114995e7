"""``python -m parity surface``: which names of torch minitorch has, and where its signatures differ.

A list of names has one a line, read with ``torch.`` in front; ``#`` starts a comment.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parity.commands import signatures

LIST = Path(__file__).with_name("surface.txt")


@dataclass(frozen=True)
class Entry:
    """The facts about one name.

    Attributes:
        name: the name without ``torch.``.
        provided: whether minitorch has it.
        differences: how the signatures differ, as text; empty if they agree or one is not known.
    """

    name: str
    provided: bool
    differences: tuple[str, ...] = ()


def names(path: Path = LIST) -> list[str]:
    """The names of a list, in its order, each once.

    Raises:
        ValueError: for a line that is not a dotted name.
    """
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        name = line.partition("#")[0].strip().removeprefix("torch.")
        if name and not all(part.isidentifier() for part in name.split(".")):
            raise ValueError(f"{path}, line {number}: expected a dotted name, but got {name!r}")
        if name and name not in found:
            found.append(name)
    return found


def entry(name: str) -> Entry:
    """Look a name up in both libraries.

    Raises:
        AttributeError: if torch has no such name.
    """
    import torch

    import minitorch

    theirs = resolve(torch, name)
    try:
        ours = resolve(minitorch, name)
    except AttributeError:
        return Entry(name, provided=False)
    method = name.startswith("Tensor.")
    return Entry(
        name, True, tuple(signatures.differences(signatures.of_ours(ours, method), signatures.of_torch(theirs, method)))
    )


def resolve(root: Any, name: str) -> Any:
    """The object that a dotted name refers to in a library; AttributeError if there is none."""
    for part in name.split("."):
        root = getattr(root, part)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; the exit code is 1 if a name is missing."""
    parser = argparse.ArgumentParser(prog="parity surface", description="Which names of torch minitorch provides.")
    parser.add_argument("file", nargs="?", type=Path, default=LIST, help="a list of names (default: the project's own)")
    parser.add_argument("--missing", action="store_true", help="only what is missing or differs")
    options = parser.parse_args(argv)
    try:
        wanted = names(options.file)
    except (OSError, ValueError) as error:
        print(f"parity surface: {error}", file=sys.stderr)
        return 2
    entries, unknown = [], []
    for name in wanted:
        try:
            entries.append(entry(name))
        except AttributeError:
            unknown.append(name)
    width = max(map(len, wanted), default=0)
    for e in entries:
        state = "missing" if not e.provided else "differs" if e.differences else "provided"
        if not (options.missing and state == "provided"):
            print(f"{e.name:{width}}  {state:8}  {'; '.join(e.differences)}".rstrip())
    for name in unknown:
        print(f"{name:{width}}  torch has no such name")
    missing = sum(not e.provided for e in entries)
    differing = sum(bool(e.differences) for e in entries)
    provided = len(entries) - missing
    print(f"\n{len(entries)} names: {provided} provided, {differing} of them with another signature; {missing} missing")
    return 1 if missing else 0
