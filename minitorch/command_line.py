"""A parser of command lines whose errors are one line, which names the nearest option or choice."""

from __future__ import annotations

import argparse
import re
from typing import Any, NoReturn

from minitorch.near_names import nearest

__all__ = ["Parser"]

_CHOICE = re.compile(r"invalid choice: '(.*?)' \(choose from (.*)\)")


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that tells of unknown options itself, with its own options, also as a subcommand's parser."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """What `ArgumentParser` returns; a parser with no subcommands refuses arguments that it does not know."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown and self._subparsers is None:
            self.error(f"unrecognized arguments: {' '.join(unknown)}{self._near(unknown)}")
        return found, unknown

    def _near(self, unknown: list[str]) -> str:
        """The options that are most like the first unknown one."""
        word = next((w.partition("=")[0] for w in unknown if w.startswith("--")), "")
        options = [o for action in self._actions for o in action.option_strings if o.startswith("--")]
        return _did_you_mean(nearest(word.replace("_", "-"), options) if word else "")

    def error(self, message: str) -> NoReturn:
        """Print the message in a line on standard error, and end with the code 2."""
        wrong = _CHOICE.search(message)
        if wrong:
            message += _did_you_mean(nearest(wrong[1], re.findall(r"[^\s,']+", wrong[2])))
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def _did_you_mean(near: str) -> str:
    return near and f"; did you mean {near.replace(chr(39), '')}?"
