"""One training step of a script: the script runs until the step is complete, and is then stopped."""

from __future__ import annotations

import builtins
import gc
import linecache
import os
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from minitorch.as_torch import as_torch
from minitorch.errors import UsageError
from minitorch.optim.optimizer import Optimizer
from minitorch.visualization.explorer.frames import called
from minitorch.visualization.explorer.trace import Line, Trace
from minitorch.visualization.explorer.tracer import Tracer


class _Stop(BaseException):
    """Ends the script after the step."""


class Watch:
    """Notes one training step of a script.

    A step ends where the optimizers have stepped and the first of them is about to step again: so both optimizers of a
    GAN are in it. In a script without an optimizer it ends where, after a backward pass, the line runs again that made
    the step's first node.

    Args:
        step: which step, from 1.
    """

    def __init__(self, step: int) -> None:
        self.step = step
        self.tracer = Tracer(self._before_step, self._after_step, self._before_recorded)
        self._first: Any = None
        self._rounds = 0
        self._complete: int | None = None  # how many events the step had when an optimizer last stepped

    @property
    def trace(self) -> Trace:
        """The events of the step.

        Raises:
            UsageError: if the script ended before the step.
        """
        trace = self.tracer.trace
        if self._rounds < self.step and (self.step > 1 or not trace.events):
            what = "trains no step: no operation on a tensor that requires a gradient was run"
            if self._rounds:
                what = f"ends after {self._rounds} steps: there is no step {self.step}"
            raise UsageError(f"the script {what}")
        if self._complete is not None:
            trace.cut(self._complete)
        return trace

    def _before_step(self, optimizer: Any) -> None:
        self._first = self._first or optimizer
        if optimizer is self._first:
            self._rounds += 1
            if self._rounds > self.step:
                raise _Stop

    def _after_step(self, optimizer: Any) -> None:
        if self._rounds == self.step:
            self._complete = len(self.tracer.trace.events)
        else:
            self.tracer.restart()
            self.tracer.paused = self._rounds < self.step - 1

    def _before_recorded(self, lines: list[Line]) -> None:
        tracer = self.tracer
        again = tracer.passes and lines == tracer.trace.events[0].lines
        if not again or self._first is not None or self._has_optimizer():
            return
        self._rounds += 1
        if self._rounds == self.step:
            self._complete = len(self.tracer.trace.events)
            raise _Stop
        self.tracer.restart()

    def _has_optimizer(self) -> bool:
        """Whether there is an optimizer of one of the leaves."""
        leaves = {id(leaf) for leaf in self.tracer.trace.leaves}
        optimizers = [o for o in gc.get_objects() if issubclass(type(o), Optimizer)]
        return any(id(p) in leaves for o in optimizers for group in o.param_groups for p in group["params"])


def trace_script(path: Path, arguments: Sequence[str] = (), step: int = 1) -> Trace:
    """Run a script as the main program, with minitorch for ``import torch``, until a training step is complete.

    Raises:
        UsageError: if the script ends before that.
    """
    watch = Watch(step)
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=str(path), __builtins__=builtins)
    text = path.read_bytes()
    linecache.checkcache()
    saved, modules_main, folder = sys.argv, sys.modules["__main__"], str(path.resolve().parent)
    sys.argv = [str(path), *arguments]
    sys.path.insert(0, folder)
    sys.modules["__main__"] = main
    try:
        with as_torch(), watch.tracer.active():
            called(exec, compile(text, os.fspath(path), "exec"), main.__dict__)
    except _Stop:
        pass
    except SystemExit as end:
        if end.code not in (0, None):
            raise
    finally:
        sys.argv = saved
        sys.path.remove(folder)
        sys.modules["__main__"] = modules_main
    return watch.trace
