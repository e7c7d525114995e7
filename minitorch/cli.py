"""The command ``minitorch``: ``minitorch train MODEL …`` trains one of the networks in `minitorch.models`.

Its exit codes: 0 for success; 2 if it cannot do what the user asked for (a line on standard error says why); 130
if Ctrl-C stopped it; 141 if its output was closed, as by ``| head``. Any other code is the model's own, or Python's for
an error in this program.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Any

from minitorch import streams
from minitorch.command_line import Parser
from minitorch.errors import CorruptFileError, UsageError
from minitorch.models import MODELS
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
    parser = _Parser(prog="minitorch", description="Train the networks of minitorch.")
    parser.add_argument("--version", action="version", version=f"minitorch {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    train = commands.add_parser(
        "train", help="train a network", description="Train a network. Each network has different options."
    )
    models = train.add_subparsers(metavar="MODEL", required=True)
    for name, line in MODELS.items():
        models.add_parser(name, help=line, description=f"Train {line}.").model = name
    return parser


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
