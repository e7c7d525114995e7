"""Where nodes come from: the line of the user's program that made each, and the modules that it was made in."""

from __future__ import annotations

import linecache
import os
import sys
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

from minitorch.autograd.creation import ignore, observe

PACKAGE = str(Path(__file__).parents[1]) + os.sep
"""How the paths of minitorch's own files begin. A user's file ``minitorch_example.py`` beside it begins otherwise."""
_module_call: set[CodeType] = set()


class Origin(NamedTuple):
    """Where a node was made.

    Attributes:
        file: the file of the innermost call that is not minitorch's own.
        line: its line, from 1.
        function: the function that it is in.
        modules: the modules that were being called, from the outermost to the innermost.
    """

    file: str
    line: int
    function: str
    modules: tuple[Any, ...] = ()

    @property
    def text(self) -> str:
        """The text of the line, without the space around it; empty if the file cannot be read."""
        return linecache.getline(self.file, self.line).strip()

    def __repr__(self) -> str:
        inside = f" in {type(self.modules[-1]).__name__}" if self.modules else ""
        return f"<{self.file}:{self.line}{inside}: {self.text}>"


class keep_origins:
    """A block in which every node that is made keeps its origin: `Node.origin`.

        with minitorch.autograd.keep_origins():
            loss = net(x).sum()
        loss.grad_fn.origin

    It is for looking at a graph: each operation takes some microseconds longer.
    """

    def __enter__(self) -> None:
        observe(_remember)

    def __exit__(self, *error: object) -> None:
        ignore(_remember)


def _remember(node: Any) -> None:
    notes(node)["origin"] = origin_here()


def notes(node: Any) -> dict[str, Any]:
    """What is attached to a node besides its part in the graph; the dictionary is made when it is first asked for.

    ``origin`` is from `keep_origins`, ``calls`` from anomaly mode, ``metadata`` is for users.
    """
    try:
        found: dict[str, Any] = node._notes
    except AttributeError:
        found = node._notes = {}
    return found


def origin_here() -> Origin:
    """The place in the user's program from which this is called."""
    frame: FrameType | None = sys._getframe(1)
    place, modules = None, []
    while frame is not None:
        code = frame.f_code
        if place is None and not code.co_filename.startswith(PACKAGE):
            place = code.co_filename, frame.f_lineno, code.co_name
        if code in _module_call:
            modules.append(frame.f_locals["self"])
        frame = frame.f_back
    return Origin(*(place or ("", 0, "")), tuple(reversed(modules)))


def set_module_call(code: CodeType) -> None:
    """Say which function calls a module's `forward`, with the module as its `self`; `minitorch.nn` does once."""
    _module_call.add(code)
