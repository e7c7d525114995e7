"""Where the running line is: which line of the user's script, in which module, in which part of the step."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any

import numpy as np

from minitorch.autograd.engine import Sweep
from minitorch.recording.boxes import Box
from minitorch.recording.program import Place

OURS = ("minitorch", "kernels", "numpy", "cupy", "cupy_backends")
"""Packages whose lines are not the user's."""
SCRIPTS = ("minitorch.models", "minitorch.training")
"""Packages of minitorch that count as the user's code."""
RUN = "_run_recorded"
"""The function of `capture` that calls the step: frames below it are not the step's."""


def running_place(paths: Mapping[int, str]) -> Place:
    """Where the running line is: of the user's script, in which module and section.

    Args:
        paths: by the `id` of a module, its path.
    """
    frame: FrameType | None = sys._getframe(1)
    file, line, module, section = "", 0, "", ""
    while frame is not None:
        code = frame.f_code
        package, _, _ = frame.f_globals.get("__name__", "").partition(".")
        if not section and code is Sweep.run.__code__:
            section = "backward"
        if not section and code.co_name == "hooked" and code.co_filename.endswith("optimizer.py"):
            section = "optimizer"
        if not module and not section and code.co_name == "forward":
            module = paths.get(id(frame.f_locals.get("self")), "")
        if not file and not is_ours(frame) and package:
            file, line = code.co_filename, frame.f_lineno
        if code.co_name == RUN and package == "minitorch":
            break
        frame = frame.f_back
    return Place(file, line, module, section or "forward")


def is_ours(frame: FrameType) -> bool:
    """Whether a frame runs code of minitorch, or of a library, instead of the user's."""
    name = frame.f_globals.get("__name__", "")
    return name.partition(".")[0] in (*OURS, "functools", "contextlib", "importlib") and not name.startswith(SCRIPTS)


def visited_node() -> int | None:
    """In the backward pass: the number of the node of the graph whose gradient is computed."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code is Sweep._visit.__code__:
            number: int = frame.f_locals["node"]._number
            return number
        if frame.f_code.co_name == RUN:
            return None
        frame = frame.f_back
    return None


def asked_by_minitorch() -> bool:
    """Whether the running line of minitorch was not called as a conversion of a tensor by the user."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if not name.startswith(("minitorch.recording", "minitorch._tensor")):
            return is_ours(frame)
        frame = frame.f_back
    return False


def foreign_argument() -> str | None:
    """What the user's line passes to minitorch that holds foreign arrays; None if it passes none."""
    frame: FrameType | None = sys._getframe(1)
    entry: FrameType | None = None
    while frame is not None and is_ours(frame):
        entry, frame = frame, frame.f_back
    if entry is None or entry.f_code.co_name == RUN:
        return None
    code = entry.f_code
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    for name in code.co_varnames[:count]:
        if _holds_array(entry.f_locals.get(name), 3):
            return f"a NumPy array (argument `{name}` of {code.co_name})"
    return None


def _holds_array(value: Any, depth: int) -> bool:
    """Whether a user's argument is an array, or holds arrays."""
    if isinstance(value, np.ndarray | np.generic):
        return True
    if isinstance(value, tuple | list) and depth and len(value) < 100_000:
        return any(_holds_array(part, depth - 1) for part in value)
    return (
        not isinstance(value, Box)
        and type(value).__module__.partition(".")[0] not in OURS
        and (hasattr(value, "__array__") or hasattr(value, "__dlpack__"))
    )
