"""`record`, and the `Recording` that it returns: this package's public part, which uses all of its other files.

A recording is made in two stages, and then called in the place of the step.

1. Capture: the step runs with a box in the place of each array. `capture` sets that up with `stand_ins`, and collects
   what the step returns and does to tensors; `boxes` passes each NumPy call on to `recorder`, which appends it to a
   `program`; `arrays` knows which array is which value of it, `frames` which line of the script is running; `state`
   notes what the step reads of Python (attributes, globals); `compare` says whether two captures did the same.
2. Prepare: `needed` drops calls without an effect, `plan` gives each array a place, `flat` joins the optimizer's steps
   for many parameters, `replay` compiles the Python function that does the calls, `fast_calls` writes them so that
   NumPy takes the least time.

A step on a GPU becomes a CUDA graph instead: `graphed` serves the calls, `captured` is one graph, `made` makes its
results and gradients, `draws` its random numbers.

For people: `table` prints the recording; `source` writes it as a NumPy file, with the names of `naming`;
`minitorch.visualization.explorer` makes a page of the step. `text` writes one call as Python, for `replay` and
`source`. This file decides which recording serves a call, and checks before each replay that what the step reads is as
it was (`Prepared.change`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

import kernels
from minitorch.autograd.graph import Variable
from minitorch.recording.capture import Capture, capture, leaves_of
from minitorch.recording.compare import difference
from minitorch.recording.errors import RecordingError
from minitorch.recording.graphed import Graphed, first_step, on_gpu
from minitorch.recording.prepared import Prepared
from minitorch.recording.program import Program
from minitorch.recording.source import Source, write
from minitorch.recording.table import table

RUNS = 3
"""The most real steps that `record` takes until two in turn do the same."""


def record(step: Callable[..., Any], *example_inputs: Any, on_change: str = "error") -> Recording:
    """Run a step a few times as it is, and note its array operations: forward, backward and optimizer.

    The step is run two times, and a third time if the second does something else than the first, as the first step of
    an optimizer that makes its state; each is a real step. The recording can then be printed, read as NumPy
    (`Recording.source`), and called in the place of the step.

    Args:
        step: a function of tensors, or of nested tuples, lists and dictionaries of them; what else it needs (net,
            optimizer) it holds itself. It returns tensors likewise.
        example_inputs: arguments for it.
        on_change: what a call does whose arguments have other shapes or dtypes, or that finds that something which the
            step reads has changed: ``error`` raises; ``record`` takes a real step, and records the step anew in doing
            so. Without example inputs ``record`` begins in that way: nothing is run before the first call.

    Raises:
        RecordingError: if the step depends on what a replay could not know: elements that it reads in Python, numbers
            that change from step to step. The message names the line.
        ValueError: for another `on_change`.
    """
    return Recording(step, example_inputs, on_change)


class Recording:
    """A step as the list of array operations that it is.

    Called with the step's arguments, it does what the step does: same results, parameters, gradients, buffers, state of
    the optimizer and random numbers, bit for bit. Calls of the step itself may come in between. What is returned has no
    history: `backward` belongs into the step.

    Args: as for `record`.

    Attributes:
        step: the step.
        on_change: as for `record`.
        steps_taken: how many real steps were taken to record it.
        first_results: what these returned.
    """

    def __init__(self, step: Callable[..., Any], example_inputs: tuple[Any, ...], on_change: str = "error") -> None:
        if on_change not in ("error", "record"):
            raise ValueError(f"on_change must be 'error' or 'record', but got {on_change!r}")
        self.step = step
        self.on_change = on_change
        self.steps_taken = 0
        self.first_results: list[Any] = []
        self._lock = threading.Lock()
        self._prepared: dict[Any, Prepared | Graphed] = {}
        self._begun: set[Any] = set()  # signatures for which a first step was taken on a GPU
        self._runs: dict[Any, list[Capture]] = {}  # by signature: runs in a row that did not yet agree
        self._first: Prepared | None = None
        if example_inputs or on_change == "error":
            signature, _ = _signature(example_inputs)
            while signature not in self._prepared:
                self.first_results.append(self._take(signature, example_inputs))

    def _take(self, signature: Any, args: tuple[Any, ...]) -> Any:
        """Take a real step, and note it; if it does what the one before did, it can be replayed."""
        if on_gpu(self.step, args):
            return self._take_on_gpu(signature, args)
        taken, result = capture(self.step, args)
        taken.program.forget(taken.program.values)
        self.steps_taken += 1
        runs = self._runs.setdefault(signature, [])
        different = taken.transient
        if runs and not different:
            different = runs[-1].transient or difference(runs[-1], taken) or ""
            if not different:
                for run in runs:  # they refer to the same arrays
                    run.program.release()
                del self._runs[signature], runs[:]
                prepared = self._prepared[signature] = Prepared(taken)
                self._first = self._first or prepared
                return result
        runs.append(taken)
        if len(runs) >= RUNS:
            del self._runs[signature]
            raise RecordingError(taken.transient or different)
        return result

    def _take_on_gpu(self, signature: Any, args: tuple[Any, ...]) -> Any:
        """Take a real step; the second one is captured as a CUDA graph."""
        self.steps_taken += 1
        if signature not in self._begun:
            self._begun.add(signature)
            return first_step(self.step, args)
        made = self._prepared[signature] = Graphed(self.step, args)
        return made.first_result

    def __repr__(self) -> str:
        """A table with a line for each kernel call: where it came from, what it makes, what is no longer needed."""
        if self._first is None:
            how = "a CUDA graph" if self._begun and self._prepared else "not yet recorded"
            return f"<recording of {self._step_name()}: {how}, {self.steps_taken} steps taken>"
        return table(self._first.capture.program, self._first.results)

    def explore(self, file: str | os.PathLike[str]) -> None:
        """Write an HTML page on which to step through the step, forward and backward: see docs/look-inside.md.

        For the values the step is taken once more, on the example inputs as they are now; parameters, buffers,
        gradients, optimizers and random numbers are then as before.

        Args:
            file: the page; it needs no other file.

        Raises:
            RecordingError: if no step has been recorded yet.
            OSError: if the page cannot be written.
        """
        taken = self._on_host().capture
        from minitorch.visualization.explorer.explore import explore_step, unchanged

        tensors = [*(t for t, _ in taken.state.tensors.values()), *leaves_of(taken.args)]
        generators = {id(c.args[0]): c.args[0] for c in taken.program.calls if c.form == "draw"}
        with unchanged(tensors, taken.state.optimizers, generators.values()):
            explore_step(self.step, taken.args, file, self._step_name())

    def _repr_html_(self) -> str:
        from minitorch.visualization import notebook

        return notebook.recording(self)

    @property
    def program(self) -> Program | None:
        """The array operations, with the kernel, module, line and section of each; None if not yet recorded."""
        return None if self._first is None else self._first.capture.program

    def _on_host(self) -> Prepared:
        """The first recording, whose operations are known."""
        if self._first is None and self._begun:
            raise RecordingError(
                f"{self._step_name()} is recorded as a CUDA graph, which is no list of operations: to read the step, "
                "record it with its tensors on the CPU"
            )
        if self._first is None:
            raise RecordingError(
                f"{self._step_name()} is not yet recorded: call it with its arguments two or three times"
            )
        return self._first

    def _step_name(self) -> str:
        return getattr(self.step, "__name__", type(self.step).__name__)

    def source(self, path: str | os.PathLike[str] | None = None) -> str:
        """The step as a Python file: NumPy, straight-line, with comments that name the script's lines and the formulas.

        It begins from the parameters and the optimizer's state as they are now, and runs alone.

        Args:
            path: where to write the file, and beside it, with the ending ``.npz``, its arrays; None: nowhere.
        """
        first = self._on_host()
        found = Source(self.step, first.capture, first.results)
        return found.text("step.npz") if path is None else write(found, path)

    def __call__(self, *args: Any) -> Any:
        """Do what ``step(*args)`` does.

        Raises:
            RecordingError: with ``on_change="error"``, if the arguments are not like the example inputs, or something
                that the step reads is no longer what it was: nothing has been done then. Also if a value that the step
                checks does not pass: then the step has been done up to that check.
        """
        with self._lock:
            signature, inputs = _signature(args)
            prepared = self._prepared.get(signature)
            changed: str | None = None
            if prepared is not None:
                changed = prepared.change(inputs)
                if changed is None:
                    return prepared.run(inputs)
            if self.on_change == "error":
                if changed is None:
                    known = " or ".join(map(_in_words, self._prepared))
                    changed = f"the arguments are {_in_words(signature)}, the step was recorded with {known}"
                raise RecordingError(f"{changed}: record the step anew")
            if self._prepared.pop(signature, None) is not None:  # there may be parameters without a state
                self._begun.discard(signature)
            return self._take(signature, args)


def _signature(args: tuple[Any, ...]) -> tuple[Any, list[Any]]:
    """What must be the same of the arguments (of tensors all but the elements, of others all), and the tensors in them.

    Raises:
        TypeError: for an argument that cannot be compared, such as an array of NumPy's.
    """
    inputs: list[Any] = []
    return tuple([_part(x, inputs) for x in args]), inputs


def _part(x: Any, inputs: list[Any]) -> Any:
    """An argument in a signature; its tensors are appended to `inputs`."""
    if isinstance(x, Variable):
        inputs.append(x)
        a = x._array
        number = next(i for i, t in enumerate(inputs) if t is x)
        device = None if type(a) is np.ndarray else (type(a), kernels.backend_of(a).index_of(a))
        return (Variable, a.dtype, a.shape, a.strides, x._requires_grad, x._node is None, device, number)
    if isinstance(x, tuple | list):
        return (type(x), *[_part(y, inputs) for y in x])
    if isinstance(x, dict):
        return (dict, *x, *[_part(y, inputs) for y in x.values()])
    if isinstance(x, np.ndarray):
        raise TypeError("the arguments of a recorded step are tensors; got a NumPy array: torch.from_numpy makes one")
    return (type(x), repr(x) if isinstance(x, float) else x)


def _in_words(signature: tuple[Any, ...]) -> str:
    """A signature as text: shapes and dtypes, and strides where they are not row-major."""
    return "(" + ", ".join(_part_in_words(part) for part in signature) + ")"


def _part_in_words(part: Any) -> str:
    kind, *rest = part
    if kind is Variable:
        dtype, shape, strides, requires_grad, leaf, device, _ = rest
        text = f"{dtype} of shape {shape}, strides {strides}" + ", requires_grad" * requires_grad
        return text + ", with a history" * (not leaf) + ("" if device is None else f", on GPU {device[1]}")
    if issubclass(kind, tuple | list):
        return _in_words(tuple(rest))
    return ", ".join(map(str, rest)) if kind is dict else str(rest[0])
