"""What is noted of one run of a script: the results of its calls, gradients, and parameters after each step."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

import kernels
import minitorch
import parity

Kind = Literal["call", "gradient", "step"]
Array = np.ndarray
_ROOT = Path(minitorch.__file__).parent
_LIBRARIES = tuple(
    f"{path}/"
    for path in (_ROOT, Path(kernels.__file__).parent, Path(parity.__file__).parent, Path(np.__file__).parent)
)
_MODELS = f"{_ROOT / 'models'}/"
_PYTHON = (
    f"{Path(sys.base_prefix) / 'lib'}/",
    f"{Path(sys.prefix) / 'lib'}/",
    "<frozen ",
    "<string>",
    "<__array_function__",
)


class Place(NamedTuple):
    """A line of the script, or of a file that it imports.

    Attributes:
        file: its path.
        line: its number, from 1.
    """

    file: str
    line: int


def is_script(file: str) -> bool:
    """Whether a file is the user's: not of a library. minitorch's model files count as scripts."""
    return file.startswith(_MODELS) or not file.startswith((*_LIBRARIES, *_PYTHON))


def place_of(frame: Any) -> Place:
    """The innermost line of a script from which a frame was called."""
    while frame is not None:
        if is_script(frame.f_code.co_filename):
            return Place(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return Place("", 0)


@dataclass(eq=False)
class Entry:
    """One thing that was noted.

    Attributes:
        kind: ``call``: results; ``gradient``: of one result of a call, or of a parameter; ``step``: parameters.
        name: of the function, module or optimizer; of a parameter.
        place: where the call was made; of a gradient, where the call was made whose result it is for.
        values: floating-point arrays, copies.
        shapes: of all results, of any dtype.
        taken: of the arguments: their shapes.
        sources: numbers of the calls whose results were arguments.
        grads: numbers of the leaves whose `grad` were arguments.
        call: for a gradient: (number of the call that it is for, which result). Steps count as calls.
        nth: for a gradient, how many have arrived there, with this one.
        step: how many optimizer steps were complete before.
    """

    kind: Kind
    name: str
    place: Place
    values: list[Array]
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    taken: list[tuple[int, ...]] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    grads: list[int] = field(default_factory=list)
    call: tuple[int, int] | None = None
    nth: int = 1
    step: int = 0


@dataclass
class Trace:
    """The record of a run.

    Attributes:
        entries: in the order in which they came about.
        steps: how many optimizer steps were complete.
        count: how many calls were noted.
        error: what the script raised, and where; None if it ended.
    """

    entries: list[Entry] = field(default_factory=list)
    steps: int = 0
    count: int = 0
    error: tuple[BaseException, Place] | None = None

    def add(self, entry: Entry) -> int:
        """Note an entry; returns the number of a call."""
        entry.step = self.steps
        self.entries.append(entry)
        if entry.call is None:
            self.count += 1
        return self.count - 1

    def calls(self) -> list[Entry]:
        """The entries that are no gradients: they come in the same order in every library."""
        return [entry for entry in self.entries if entry.call is None]


class Stop(BaseException):
    """Ends a script after the steps that were asked for."""


def tensors(value: Any, kind: type) -> Iterator[Any]:
    """The tensors in a value, in order."""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from tensors(part, kind)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from tensors(part, kind)
