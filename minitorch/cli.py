"""The command ``minitorch``: ``minitorch train MODEL …`` trains one of the networks in `minitorch.models`.

Exit codes: 0 done, 2 the user's request could not be carried out (one line on standard error says why), 130 stopped
by Ctrl-C; anything else is the model's own, or Python's for a defect of ours.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from minitorch.errors import CorruptFileError, UsageError
from minitorch.models import MODELS
from minitorch.version import __version__

__all__ = ["main"]


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, and which may get its options only when they are asked for.

    Attributes:
        model: the name of the model whose module adds this parser's options, imported when they are parsed.
    """

    model: str | None = None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self.model is not None:
            module = importlib.import_module(f"minitorch.models.{self.model.replace('-', '_')}")
            module.add_arguments(self)
            self.set_defaults(run=module.run)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def _parser() -> _Parser:
    parser = _Parser(prog="minitorch", description="Train the networks of minitorch.")
    parser.add_argument("--version", action="version", version=f"minitorch {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    train = commands.add_parser(
        "train", help="train a network", description="Train a network; each has options of its own."
    )
    models = train.add_subparsers(metavar="MODEL", required=True)
    for name, line in MODELS.items():
        models.add_parser(name, help=line, description=f"Train {line}.").model = name
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with the arguments `argv` (by default the process's own); return its exit code."""
    try:
        args = _parser().parse_args(argv)
        code: int = args.run(args)
        return code
    except (UsageError, CorruptFileError, OSError) as error:
        print(f"minitorch: error: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("minitorch: stopped", file=sys.stderr)
        return 130
