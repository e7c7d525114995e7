"""Running a script, or a model of ``minitorch train``, under a library, watched."""

from __future__ import annotations

import builtins
import contextlib
import io
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

import minitorch
from parity.diff.precision import InFloat64, Moved
from parity.diff.trace import Place, Stop, Trace, is_script
from parity.diff.watch import watching
from parity.runs.stand_in import PLAIN
from parity.runs.trace import train

NEIGHBOURS = 3
Run = Callable[[Any], None]
"""What is compared: a function that does the same with the library that it is given."""


class Runs:
    """The runs of one script that are compared.

    Attributes:
        ours: minitorch's.
        torch: torch's in float32.
        oracle: torch's in float64.
        near: torch's in float32 on numbers a rounding error away, to see what such an error does.
    """

    def __init__(self, ours: Trace, torch: Trace, oracle: Trace, near: list[Trace]) -> None:
        self.ours = ours
        self.torch = torch
        self.oracle = oracle
        self.near = near


def run_all(run: Run, ours: Any = minitorch, seed: int = 0, steps: int | None = None) -> Runs:
    """Run the same under minitorch and, in several ways, under torch.

    Args:
        run: what is run; what it prints is not shown.
        ours: the library to compare with torch: minitorch, perhaps with other functions in it.
        seed: of the random numbers that it starts with.
        steps: after how many optimizer steps it is stopped; None: never.
    """
    found, expected = watched(run, ours, seed, steps), watched(run, torch, seed, steps)
    if expected.error is not None:  # there is nothing to compare with, and other runs would only fail again
        return Runs(found, expected, expected, [])
    return Runs(
        found,
        expected,
        watched(run, torch, seed, steps, InFloat64()),
        [watched(run, torch, seed, steps, Moved(n)) for n in range(NEIGHBOURS)],
    )


def watched(
    run: Run, library: Any, seed: int, steps: int | None, mode: AbstractContextManager[Any] | None = None
) -> Trace:
    """The trace of one run, which begins with random numbers of `seed`, those of NumPy and Python too.

    An exception of the script ends the run and is part of the trace.
    """
    trace = Trace()
    library.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - scripts draw from it
    random.seed(seed)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), mode or nullcontext():
        warnings.simplefilter("ignore")
        try:
            with watching(library, trace, steps):
                run(library)
        except Stop:
            pass
        except (Exception, SystemExit) as error:
            if not isinstance(error, SystemExit) or error.code not in (0, None):
                trace.error = error, _place(error)
    return trace


def _place(error: BaseException) -> Place:
    """The innermost line of a script in an exception's traceback."""
    found, step = Place("", 0), error.__traceback__
    while step is not None:
        if is_script(step.tb_frame.f_code.co_filename):
            found = Place(step.tb_frame.f_code.co_filename, step.tb_lineno)
        step = step.tb_next
    return found


def script(path: Path, arguments: Sequence[str] = ()) -> Run:
    """Run a script as the main program.

    Where it, or a file of its folder that it imports, imports ``torch`` or ``minitorch``, it gets the library. It may
    import ``torch.nn.functional`` and the like too.
    """

    def run(library: Any) -> None:
        before, sys.argv = sys.argv, [str(path), *arguments]
        try:
            Imports(library, path.resolve().parent).execute(path.resolve(), "__main__")
        finally:
            sys.argv = before

    return run


def model(name: str, options: Sequence[str] = ()) -> Run:
    """Run a model of ``minitorch train``, which writes no files."""

    def run(library: Any) -> None:
        train(name, library, options)

    return run


class Imports:
    """What ``import`` means in a script: torch and minitorch are the library, files beside the script are its own.

    Args:
        library: in the place of torch and of minitorch.
        folder: the script's.
    """

    def __init__(self, library: Any, folder: Path) -> None:
        self.library = library
        self.folder = folder
        self.loaded: dict[str, ModuleType] = {}
        self._builtins = {**vars(builtins), "__import__": self._import}

    def execute(self, path: Path, name: str) -> ModuleType:
        """Run a file as a new module called `name`."""
        module = self.loaded[name] = ModuleType(name)
        vars(module).update(__file__=str(path), __builtins__=self._builtins)
        exec(compile(path.read_bytes(), str(path), "exec"), vars(module))
        return module

    def _import(
        self, name: str, globals: Any = None, locals: Any = None, fromlist: Sequence[str] | None = (), level: int = 0
    ) -> Any:
        """What ``import`` gets (the contract of `builtins.__import__`)."""
        top, _, below = name.partition(".")
        if top in ("torch", "minitorch") and below.partition(".")[0] not in PLAIN and not level:
            found = self._within(below)
            for word in fromlist or ():
                if not hasattr(found, word) and word != "*":
                    self._within(f"{below}.{word}".strip("."))
            return found if fromlist else self.library
        file = self.folder / f"{top}.py"
        if not level and not below and file.is_file():
            return self.loaded.get(name) or self.execute(file, name)
        return builtins.__import__(name, globals, locals, fromlist or (), level)

    def _within(self, path: str) -> Any:
        """The part of the library that a path like ``nn.functional`` names."""
        found, full = self.library, self.library.__name__
        for part in path.split(".") if path else ():
            full += f".{part}"
            found = getattr(found, part, None) or import_module(full)
        return found


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """torch with one thread, so that its sums do not depend on the number of cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
