"""Importing files of one's own that register cases, kernels or backends."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import kernels
import minitorch
from minitorch.errors import UsageError

LOADED: dict[str, str] = {}
"""The modules that were loaded, by name; with the folder in which they are found, if that is not on Python's path."""

_OF_THE_IMPORT = (__file__, importlib.__file__, "<frozen importlib")
"""Files whose lines do not belong into a traceback for the person who wrote the imported file."""


def load(names: Iterable[str]) -> list[str]:
    """Import files (``folder/own.py``) and modules (``package.own``, also from the current folder); their names.

    Raises:
        UsageError: if there is no such file or module, it raises an error while it is imported, or another module of
            that name is imported instead.
    """
    return [_load_file(Path(name)) if name.endswith(".py") else _load_module(name) for name in names]


def backend_named(name: str) -> kernels.Backend:
    """The backend of a device such as ``cpu`` or ``strict:1``.

    Raises:
        UsageError: if none has that name, or its array library is not installed.
    """
    try:
        device = minitorch.device(name)
    except RuntimeError as error:
        raise UsageError(f"{error} (--load FILE.py or --load MODULE registers another)") from None
    try:
        return device.backend
    except RuntimeError as error:
        raise UsageError(str(error)) from None


def _load_file(path: Path) -> str:
    path = path.absolute()
    if not path.is_file():
        raise UsageError(f"there is no file {str(path)!r} to load")
    if not path.stem.isidentifier():
        raise UsageError(f"{path.name!r} cannot be imported: the name of the file must be a name of Python's")
    folder = str(path.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    module = _imported(path.stem, path.name)
    found = Path(getattr(module, "__file__", None) or "")
    if not found.is_file() or not found.samefile(path):
        raise UsageError(f"another module is called {path.stem!r} ({found}): rename {path}")
    LOADED[path.stem] = folder
    return path.stem


def _load_module(name: str) -> str:
    here = str(Path.cwd())
    if here not in sys.path and "" not in sys.path:
        sys.path.append(here)
    module = _imported(name, name)
    file = getattr(module, "__file__", None)
    LOADED[name] = here if file and Path(file).is_relative_to(here) else ""
    return name


def _imported(name: str, given: str) -> ModuleType:
    """The module of that name, imported; an error in it is told with its traceback."""
    try:
        return importlib.import_module(name)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
            raise UsageError(
                f"there is no module {name!r} in {Path.cwd()} or on Python's path (a file is given with its ending: "
                f"{name}.py)"
            ) from None
        trace = error.__traceback__
        while trace and trace.tb_frame.f_code.co_filename.startswith(_OF_THE_IMPORT):
            trace = trace.tb_next
        told = "".join(traceback.format_exception(error.with_traceback(trace))).rstrip()
        raise UsageError(f"{given} raised an error while it was imported\n\n{told}") from None
