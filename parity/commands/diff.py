"""``python -m parity diff``: where a script's runs under minitorch and under torch part."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from minitorch.command_line import Parser
from minitorch.errors import UsageError
from minitorch.models import MODELS
from minitorch.training.options import count, seed


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code is 1 when a fault is found, 2 when the script cannot run under torch."""
    end = list(argv).index("--") if "--" in argv else len(argv)
    options, arguments = _parser().parse_args(argv[:end]), argv[end + 1 :]
    from parity.diff import script
    from parity.diff.judge import judge
    from parity.diff.report import report

    if options.script in MODELS and options.script != "all":
        run = script.model(options.script, arguments)
    elif Path(options.script).is_file():
        run = script.script(Path(options.script), arguments)
    else:
        raise UsageError(f"there is no file {options.script!r}, and no model of that name")
    with script.one_thread():
        runs = script.run_all(run, seed=options.seed, steps=options.steps)
    if runs.torch.error is not None:
        error, place = runs.torch.error
        print(f"under torch the script ends with {type(error).__name__}: {error}", file=sys.stderr)
        print(f"  {place.file}:{place.line}", file=sys.stderr)
        if runs.ours.error is None:
            print("under minitorch it does not", file=sys.stderr)
        return 2
    if runs.oracle.error is not None:
        error, place = runs.oracle.error
        print(
            f"there is no reference: torch cannot run the script in float64. {type(error).__name__}: {error}\n"
            f"  {place.file}:{place.line}",
            file=sys.stderr,
        )
        return 2
    verdict = judge(runs)
    print(report(verdict))
    return 1 if verdict.finding is not None else 0


class _Parser(Parser):
    def error(self, message: str) -> NoReturn:
        if message.startswith("unrecognized arguments"):
            message += "; arguments of the script follow --"
        super().error(message)


def _parser() -> Parser:
    parser = _Parser(
        prog="parity diff",
        usage="%(prog)s [-h] [--steps STEPS] [--seed SEED] script [-- ARGUMENT ...]",
        description="Run a script under minitorch and under torch, from the same seed, and show the first call, "
        "gradient or step whose error is past its budget. What the script prints is not shown. What follows -- are its "
        "arguments: parity diff script.py --steps 5 -- --lr 0.1",
    )
    parser.add_argument("script", help="a file that imports torch or minitorch, or the name of a lesson's model")
    parser.add_argument("--steps", type=count, default=20, help="stop after this many optimizer steps (%(default)s)")
    parser.add_argument("--seed", type=seed, default=0, help="of the random numbers, unless the script sets one")
    return parser
