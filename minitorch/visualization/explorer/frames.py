"""The user's running functions: which lines they are at, and which of their variables holds a tensor or a module."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from minitorch.visualization.explorer.trace import Line

OURS = ("minitorch", "kernels", "numpy", "functools", "contextlib", "importlib", "runpy")
"""Packages whose lines are not the user's."""
SCRIPTS = ("minitorch.models",)
"""Modules of minitorch whose lines are shown as the user's."""


def called(step: Callable[..., Any], *args: Any) -> Any:
    """Call a step, or a script. The tracer knows this function: the user's lines are above it."""
    return step(*args)


def user_frames() -> Iterator[FrameType]:
    """The frames of the user's program that are running, the innermost first."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code is not called.__code__:
        name = frame.f_globals.get("__name__", "")
        if name.partition(".")[0] not in OURS or name.startswith(SCRIPTS):
            yield frame
        frame = frame.f_back


def lines_of(frames: list[FrameType]) -> list[Line]:
    """The lines at which functions are running."""
    return [Line(f.f_code.co_filename, f.f_lineno, f.f_code.co_name) for f in frames]


def variables(frame: FrameType) -> Iterator[tuple[str, Any]]:
    """The variables of a running function, and of its file if that is the user's."""
    yield from [*frame.f_locals.items()]
    if frame.f_locals is not frame.f_globals and frame.f_globals.get("__name__", "").partition(".")[0] not in OURS:
        yield from [*frame.f_globals.items()]


def variable_of(t: Any, frames: list[FrameType]) -> str:
    """The name of a variable of the running functions that holds a tensor; empty if there is none."""
    for frame in frames:
        for name, value in frame.f_locals.items():
            if value is t and not name.startswith("_"):
                return name
    return ""
