"""The command ``minitorch``.

``minitorch train MODEL …`` trains one of the networks in `minitorch.models`; ``minitorch explore SCRIPT`` writes a page
on which one steps through a training step of a script.

Its exit codes: 0 for success; 2 if it cannot do what the user asked for (a line on standard error says why); 130
if Ctrl-C stopped it; 141 if its output was closed, as by ``| head``. Any other code is the model's own, or Python's for
an error in this program.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from minitorch import streams
from minitorch.command_line import Parser
from minitorch.errors import CorruptFileError, UsageError
from minitorch.models import MODELS
from minitorch.training.options import count, existing_file, output_file
from minitorch.version import __version__

__all__ = ["main"]

_OUTPUT_CLOSED = 141  # 128 + 13, a shell's code for a process that SIGPIPE ended


class _Parser(Parser):
    """A parser whose error messages are one line.

    Attributes:
        model: the name of a model. Its module is imported, and adds its options, only when this parser is used.
    """

    model: str | None = None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self.model is not None:
            module = importlib.import_module(f"minitorch.models.{self.model.replace('-', '_')}")
            module.add_arguments(self)
            self.set_defaults(run=module.run)
        return super().parse_known_args(args, namespace)


def _parser() -> _Parser:
    parser = _Parser(prog="minitorch", description="Train networks, and look inside a training step.")
    parser.add_argument("--version", action="version", version=f"minitorch {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    train = commands.add_parser(
        "train", help="train a network", description="Train a network. Each network has different options."
    )
    models = train.add_subparsers(metavar="MODEL", required=True)
    for name, line in MODELS.items():
        models.add_parser(name, help=line, description=f"Train {line}.").model = name
    explore = commands.add_parser(
        "explore",
        help="write a page on which to step through one training step of a script",
        description="Run a script, with minitorch for `import torch`, until a training step is complete, and write a "
        "page on which to step through it: every operation, forward and backward, with its arrays, formula and lines.",
    )
    explore.add_argument("script", type=existing_file, metavar="SCRIPT", help="a script of yours, unchanged")
    rest = explore.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="ARGUMENT", help="all that follows SCRIPT goes to the script"
    )
    rest.required = False  # so that the error about a missing SCRIPT does not name it
    explore.add_argument("--step", type=count, default=1, help="which training step (default: %(default)s)")
    explore.add_argument("--out", type=output_file, metavar="PAGE", help="the page (default: SCRIPT-step.html)")
    explore.set_defaults(run=_explore)
    return parser


def _explore(args: argparse.Namespace) -> int:
    """Run ``minitorch explore``; returns the exit code, which is 1 after an exception of the script."""
    from minitorch.visualization.explorer.explore import explore_script

    out = args.out or Path(f"{args.script.stem}-step.html")
    if taken := [word for word in args.arguments if word.partition("=")[0] in ("--step", "--out")]:
        print(f"minitorch: {', '.join(taken)} went to the script; for explore, write it before SCRIPT", file=sys.stderr)
    try:
        trace = explore_script(args.script, out, args.arguments, args.step)
    except Exception as error:
        step = error.__traceback__
        while step is not None and step.tb_frame.f_code.co_filename != str(args.script):
            step = step.tb_next
        if step is None or isinstance(error, BrokenPipeError):  # no error of the script: `main` reports it
            raise
        traceback.print_exception(error.with_traceback(step))
        return 1
    events = "1 event" if len(trace.events) == 1 else f"{len(trace.events)} events"
    print(f"{out}: {events} of step {args.step}; open it in a browser", file=sys.stderr)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with the arguments `argv`, by default the process's own; returns its exit code."""
    streams.prepare()
    try:
        try:
            args = _parser().parse_args(argv)
            code: int = args.run(args)
        finally:
            sys.stdout.flush()  # here and not when Python exits, where an error could no longer be caught
        return code
    except BrokenPipeError:
        return _OUTPUT_CLOSED
    except (UsageError, CorruptFileError, OSError) as error:
        print(f"minitorch: error: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except MemoryError as error:
        print(f"minitorch: error: there is not enough memory ({error}): give a smaller --batch-size", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("minitorch: stopped", file=sys.stderr)
        return 130
    finally:
        streams.discard_if_broken()
