"""``parity programs``: random programs under both libraries."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from parity.programs import differences
from parity.programs.compare import HARMLESS, Finding, compare
from parity.programs.difference import Difference, cause
from parity.programs.generator import program
from parity.programs.program import Program, script
from parity.programs.shrink import shrink
from parity.programs.unmended import NOT_YET_MENDED

KNOWN: tuple[Difference, ...] = (*differences.ALL, *NOT_YET_MENDED)


def examine(text: Program, known: Sequence[Difference] = KNOWN) -> tuple[set[str], Finding | None, bool]:
    """Compare a program: the names of known causes that it meets, what is not known, and whether it was compared to
    its end.
    """
    found = compare(text, lambda p, f: cause(p, f, known))
    met = {d.name for f in found for d in [cause(text, f, known)] if d}
    unknown = next((f for f in found if not cause(text, f, known)), None)
    return met, unknown, not found or (unknown is None and found[-1].kind in HARMLESS)


def smallest(text: Program, finding: Finding, known: Sequence[Difference] = KNOWN) -> tuple[Program, Finding]:
    """The smallest program that has a finding of the same kind that is not known, and that finding."""

    def fails(candidate: Program) -> bool:
        found = examine(candidate, known)[1]
        return found is not None and _alike(found, finding)

    text = shrink(text, fails)
    found = examine(text, known)[1]
    assert found is not None, text
    return text, found


def _alike(a: Finding, b: Finding) -> bool:
    """Whether two findings are of one kind, and their errors of one class."""
    classes = [[said.partition(":")[0] for said in (f.torch, f.ours)] if not f.shown else [] for f in (a, b)]
    return a.kind == b.kind and (a.index is None) == (b.index is None) and classes[0] == classes[1]


def report(text: Program, finding: Finding) -> str:
    """A finding as text: what it is, and a script that shows it."""
    return f"{finding}\n\n{script(text, finding.shown, finding.failing)}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 1 when something is found that is not known."""
    options = _parser().parse_args(argv)
    if options.differences:
        print(differences.page(), end="")
        return 0
    return _search(range(options.start, options.start + options.count), options)


def _search(numbers: Iterable[int], options: argparse.Namespace) -> int:
    causes: Counter[str] = Counter()
    whole = unknown = count = 0
    known = differences.ALL if options.strict else KNOWN
    for number in numbers:
        text = program(options.seed, number)
        met, finding, compared = examine(text, known)
        count += 1
        causes.update(met)
        whole += compared
        if finding is not None:
            unknown += 1
            if unknown <= options.show:
                print(f"program {number} of seed {options.seed}: {report(*smallest(text, finding, known))}", flush=True)
    for name, programs in causes.most_common():
        print(f"{programs:7} {name}")
    print(f"{count} programs, {whole} compared to their end, {unknown} with a difference that is not known")
    return 1 if unknown else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="parity programs", description="Run random programs under torch and minitorch, and compare all they do."
    )
    parser.add_argument("--count", type=int, default=1000, help="how many programs (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the programs (default: %(default)s)")
    parser.add_argument("--start", type=int, default=0, help="the number of the first (default: %(default)s)")
    parser.add_argument("--show", type=int, default=10, help="how many findings to print (default: %(default)s)")
    parser.add_argument("--strict", action="store_true", help="count what is still to be mended as not known")
    parser.add_argument("--differences", action="store_true", help="print the page of deliberate differences")
    return parser


if __name__ == "__main__":
    sys.exit(main())
