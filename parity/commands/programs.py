"""``parity programs``: random programs under both libraries."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence

from minitorch.command_line import Parser
from parity.programs import differences
from parity.programs.examine import examine, report, smallest
from parity.programs.generator import program


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 1 if an unknown difference is found."""
    options = _parser().parse_args(argv)
    if options.differences:
        print(differences.page(), end="")
        return 0
    return _search(range(options.start, options.start + options.count), options)


def _search(numbers: Iterable[int], options: argparse.Namespace) -> int:
    causes: Counter[str] = Counter()
    whole = unknown = count = 0
    for number in numbers:
        text = program(options.seed, number)
        met, finding, compared = examine(text)
        count += 1
        causes.update(met)
        whole += compared
        if finding is not None:
            unknown += 1
            if unknown <= options.show:
                print(f"program {number} of seed {options.seed}: {report(*smallest(text, finding))}", flush=True)
    for name, programs in causes.most_common():
        print(f"{programs:7} {name}")
    print(f"{count} programs, {whole} compared to their end, {unknown} with a difference that is not known")
    return 1 if unknown else 0


def _parser() -> Parser:
    parser = Parser(
        prog="parity programs", description="Run random programs under torch and minitorch, and compare all they do."
    )
    parser.add_argument("--count", type=int, default=1000, help="how many programs (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the programs (default: %(default)s)")
    parser.add_argument("--start", type=int, default=0, help="the number of the first program (default: %(default)s)")
    parser.add_argument("--show", type=int, default=10, help="how many findings to print (default: %(default)s)")
    parser.add_argument("--differences", action="store_true", help="print the page of deliberate differences")
    return parser
