"""``python -m parity surface``: which of torch's names minitorch has, by family, and where its signatures differ.

A list of names, as `surface.txt` is one, has one a line, read with ``torch.`` in front; ``#`` starts a comment.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minitorch.command_line import Parser
from minitorch.counting import counted
from minitorch.errors import UsageError
from parity.commands import signatures
from parity.commands.public_names import FAMILIES, out_of_scope, provided, public
from parity.report.lines import width

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
    """Print the table of families, the names of one family, or what a list says; 1 if a name of a list is missing."""
    parser = Parser(
        prog="parity surface",
        description="Which of torch's public names minitorch has.",
        epilog=f"families: torch, {', '.join(filter(None, FAMILIES))}",
    )
    parser.add_argument(
        "what", nargs="?", help="a family, whose names are printed, or a file with a list of names (default: all)"
    )
    parser.add_argument("--list", action="store_true", help="the names that the project itself promises")
    parser.add_argument("--missing", action="store_true", help="only names that are missing or differ")
    options = parser.parse_args(argv)
    family = "" if options.what == "torch" else options.what
    if options.list or (options.what and family not in FAMILIES):
        return _of_list(LIST if options.list else Path(options.what), options.missing)
    counts = {f: Counted(f) for f in ([family] if options.what else FAMILIES)}
    if options.what or options.missing:
        for c in counts.values():
            c.print_names(options.missing)
    else:
        _print_table(counts.values())
    return 0


class Counted:
    """The public names of a family, sorted by whether minitorch has them."""

    def __init__(self, family: str) -> None:
        self.family = family
        self.names = public(family)
        self.provided = [name for name in self.names if provided(family, name)]
        absent = {name: out_of_scope(family, name) for name in self.names if name not in self.provided}
        self.out = {name: why for name, why in absent.items() if why}
        self.missing = [name for name, why in absent.items() if not why]

    def print_names(self, missing: bool) -> None:
        """Print the names, or only those that are missing."""
        lead = f"{self.family}." if self.family else ""
        groups = {"missing": self.missing} if missing else {"provided": self.provided, "missing": self.missing}
        for why in dict.fromkeys([] if missing else self.out.values()):
            groups[f"out of scope, {why}"] = [name for name, reason in self.out.items() if reason == why]
        for title, names in groups.items():
            if names:
                print(f"torch.{lead}*: {title}, {counted(len(names), 'name')}")
                print(textwrap.fill(" ".join(names), width(), initial_indent="  ", subsequent_indent="  "))


def _print_table(families: Iterable[Counted]) -> None:
    """A line for each family, the totals, and what is out of scope."""
    found = list(families)
    columns = width()
    room = max(14, columns - 36)
    print(f"{'':{room}}{'names':>8}{'has':>7}{'missing':>9}{'no aim':>8}")
    for c in found:
        counts = f"{len(c.names):>8}{len(c.provided):>7}{len(c.missing):>9}{len(c.out):>8}"
        print(f"{(c.family or 'torch')[-room:]:{room}}{counts}")
    total, has = sum(len(c.names) for c in found), sum(len(c.provided) for c in found)
    out = Counter(why for c in found for why in c.out.values())
    aim = total - sum(out.values())
    text = (
        f"Of torch's {total:,} public names minitorch has {has:,}. {aim:,} are its aim: it has {100 * has / aim:.0f} % "
        f"of these, and {aim - has:,} are missing. {total - aim:,} are not its aim:"
    )
    print("\n" + textwrap.fill(text, columns))
    for why, n in out.most_common():
        print(textwrap.fill(f"{n:>5}  {why}", columns, subsequent_indent=" " * 7))
    print(textwrap.fill("The names: parity surface nn, parity surface nn.functional --missing, …", columns))


def _of_list(file: Path, missing_only: bool) -> int:
    """Print what minitorch has of a list of names; 1 if one is missing."""
    try:
        wanted = names(file)
    except OSError:
        raise UsageError(
            f"there is neither a family nor a file {str(file)!r}; families: torch, {', '.join(filter(None, FAMILIES))}"
        ) from None
    except ValueError as error:
        raise UsageError(str(error)) from None
    entries, unknown = [], []
    for name in wanted:
        try:
            entries.append(entry(name))
        except AttributeError:
            unknown.append(name)
    longest = max(map(len, wanted), default=0)
    for e in entries:
        state = "missing" if not e.provided else "differs" if e.differences else "provided"
        if not (missing_only and state == "provided"):
            print(f"{e.name:{longest}}  {state:8}  {'; '.join(e.differences)}".rstrip())
    for name in unknown:
        print(f"{name:{longest}}  torch has no such name")
    missing = sum(not e.provided for e in entries)
    differing = sum(bool(e.differences) for e in entries)
    there = len(entries) - missing
    differ = f"{differing} of them with another signature"
    print(f"\n{counted(len(entries), 'name')}: {there} provided, {differ}; {missing} missing")
    return 1 if missing else 0
