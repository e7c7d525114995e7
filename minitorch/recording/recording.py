"""`record`, and the `Recording` that it returns: this package's public part, which uses all of its other files.

A recording is made in two stages, and then called in the place of the step.

1. Capture: the step runs with a box in the place of each array. `capture` sets that up with `stand_ins`, and collects
   what the step returns and does to tensors; `boxes` passes each NumPy call on to `recorder`, which appends it to a
   `program`; `arrays` knows which array is which value of it, `frames` which line of the script is running; `state`
   notes what the step reads of Python (attributes, globals); `compare` says whether two captures did the same.
2. Prepare: `needed` drops calls without an effect, `plan` gives each array a place, `flat` joins the optimizer's steps
   for many parameters, `replay` compiles the Python function that does the calls, `fast_calls` writes them so that
   NumPy takes the least time.

For people: `table` prints the recording; `source` writes it as a NumPy file, with the names of `naming`;
`minitorch.visualization.explorer` makes a page of the step. `text` writes one call as Python, for `replay` and
`source`. This file decides which recording serves a call, and checks before each replay that what the step reads is as
it was (`Prepared.change`).
"""

from __future__ import annotations

import operator
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from kernels.floating_point_errors import IGNORE, get_handling, set_handling
from minitorch import devices, dtypes
from minitorch.autograd.anomaly import AnomalyMode
from minitorch.autograd.graph import Node, Variable, this_thread, wrap
from minitorch.recording.capture import Capture, Input, Returned, capture, leaves_of
from minitorch.recording.compare import difference
from minitorch.recording.errors import RecordingError
from minitorch.recording.flat import move
from minitorch.recording.program import Program, Value, mapped
from minitorch.recording.replay import Replay
from minitorch.recording.source import Source, write
from minitorch.recording.state import identities
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


class _ReplayedStep(Node):
    """The history of a tensor that a replay returned: there is none."""

    def name(self) -> str:
        return "ReplayedStep"

    def gradients(self, grads: Any, create_graph: bool, skip: Any = ()) -> Any:
        raise RecordingError(
            "backward() through the result of a recorded step: a replay has no graph. Call backward() inside the step"
        )


class Prepared:
    """The recording of a step for arguments of certain shapes and dtypes.

    Args:
        taken: a run of the step.
    """

    def __init__(self, taken: Capture) -> None:
        self.capture = taken
        self._modes = _modes()
        self._returned = [r for r in leaves_of(taken.result) if isinstance(r, Returned)]
        self._returned += [g.after for g in taken.gradients if isinstance(g.after, Returned)]
        self.results = list({id(r.value): r.value for r in self._returned}.values())
        self._places = {id(v): i for i, v in enumerate(self.results)}
        self._optimizers = list({id(o.optimizer): o.optimizer for o in taken.options}.values())
        self._used = sorted(taken.program.inputs)
        self._externals = taken.program.externals
        self._arrays: list[Any] = []  # of the externals, which the replay is bound to
        self._bound: bytes | None = None  # which arrays these are
        remembered = {id(t) for o in taken.state.optimizers for kept in o.state.values() for t in kept.values()}
        tensors = {id(t): t for t, _ in taken.state.tensors.values()} | {id(t): t for _, t, _ in self._externals}
        self._tensors = [t for t in tensors.values() if id(t) not in remembered]
        self._flags = list(map(_FLAGS, self._tensors))
        self._with_gradient = [g.leaf for g in taken.gradients if g.used]
        self._without_gradient = [g.leaf for g in taken.gradients if g.before is None]
        self._counters = [(counter, n) for counter, n in taken.counts if not isinstance(counter, int)]
        self._input_counters = [(number, n) for number, n in taken.counts if isinstance(number, int)]
        self._held = [(v, t) for v, t, is_gradient in self._externals if not is_gradient]
        self._values, self._holders = [v for v, _ in self._held], [t for _, t in self._held]
        self._old_gradients = [(v, t) for v, t, is_gradient in self._externals if is_gradient]
        self._plan()

    def _plan(self) -> None:
        """Make the function that a replay calls."""
        taken = self.capture
        result = {id(r.value) for r in leaves_of(taken.result) if isinstance(r, Returned)}
        after = [g for g in taken.gradients if isinstance(g.after, Returned) and not isinstance(g.leaf, int)]
        values = [g.after.value for g in after]
        alone = {v for v in values if values.count(v) == 1 and id(v) not in result and v.fresh and not v.scalar}
        alone -= {g.after.value for g in after if g.used}  # the step reads the old gradient, which is the same array
        self.replay = Replay(taken.program, self.results, taken.options, self._movable(), alone)
        self._moved = move(self.replay.plan.flats, {v: t for v, t, _ in self._externals})
        kept = set(self.replay.plan.kept)
        self._leaves = [g.leaf for g in after if g.after.value in kept]
        plain = {id(g): g for g in after if g.after.value in kept and self._is_plain(g.after)}
        self._new_gradients = [(g.leaf, self._places[id(g.after.value)]) for g in plain.values()]
        self._changing = [g for g in taken.gradients if g.after is not g.before and id(g) not in plain]
        others = {id(r): r for r in leaves_of(taken.result) if isinstance(r, Returned)}
        others |= {id(g.after): g.after for g in self._changing if isinstance(g.after, Returned)}
        self._tensors_made = [(r, self._places[id(r.value)]) for r in others.values()]
        self._references: list[int] = []

    @staticmethod
    def _is_plain(r: Returned) -> bool:
        """Whether a tensor is no more than a new one on its array."""
        return not r.requires_grad and not r.writes and r.shares is None

    def _movable(self) -> set[Value]:
        """The externals that are the state of an optimizer, and whose memory nobody else refers to."""
        states = {id(t) for o in self.capture.state.optimizers for kept in o.state.values() for t in kept.values()}
        found = set()
        for value, holder, is_gradient in self._externals:
            if id(holder) in states and not is_gradient and value.host is holder._array:
                known = holder._layout is not None and holder._layout[0] is value.host and not value.host.ndim
                references = sys.getrefcount(value.host) - known
                alone = value.host.base is None and references == 3  # the value, the tensor, this call
                if alone or isinstance(value.host.base, np.ndarray):
                    found.add(value)
        return found

    def run(self, inputs: list[Any]) -> Any:
        """Do what the step does with these tensors, and return what it returns."""
        for leaf in self._leaves:
            leaf._grad = None
        if list(map(sys.getrefcount, self.replay.own)) != self._references:  # somebody keeps a gradient
            self.replay.renew()
            self.replay.bind(dict(zip(self._values, self._arrays, strict=True)))
            self._references = list(map(sys.getrefcount, self.replay.own))
        handling = get_handling()
        set_handling(IGNORE)
        try:
            arrays = self.replay.run(*[inputs[n]._array for n in self._used])
        finally:
            set_handling(handling)
        taken = self.capture
        for counter, n in self._counters:
            counter[0] += n
        for number, n in self._input_counters:
            inputs[number]._counter[0] += n
        made: dict[int, Any] = {}
        for r, place in self._tensors_made:
            t = made[id(r)] = wrap(arrays[place])
            if r.writes:
                t._counter[0] = r.writes
            if r.shares is not None:
                t._counter = (inputs[r.shares] if isinstance(r.shares, int) else r.shares)._counter
            if r.requires_grad:
                t._node, t._requires_grad = _ReplayedStep((), ((t._array.shape, t._array.dtype),)), True
        for leaf, place in self._new_gradients:
            leaf._grad = wrap(arrays[place])
        for g in self._changing:
            (inputs[g.leaf] if isinstance(g.leaf, int) else g.leaf)._grad = made.get(id(g.after), g.after)
        for optimizer in self._optimizers:
            if "step" in optimizer.__dict__:  # which a learning-rate scheduler has put there
                optimizer._opt_called = True
        if isinstance(taken.result, Returned):
            return made[id(taken.result)]
        return mapped(taken.result, lambda r: inputs[r.number] if isinstance(r, Input) else made.get(id(r), r))

    # -- guards

    def change(self, inputs: list[Any]) -> str | None:
        """What is no longer as it was when the step was recorded, in words; None if all is."""
        modes = _modes()
        if modes != self._modes:
            return f"the mode is {modes}, the step was recorded under {self._modes}"
        changed = self.capture.state.change()
        if changed is not None:
            return f"{changed}, which the step reads"
        if list(map(_FLAGS, self._tensors)) != self._flags:
            for t, flags in zip(self._tensors, self._flags, strict=True):
                if _FLAGS(t) != flags:
                    name = self.capture.names.get(id(t), f"a tensor of shape {tuple(t.shape)}")
                    return f"requires_grad, the history or the hooks of {name} have changed"
        for leaf in self._with_gradient:
            leaf = inputs[leaf] if isinstance(leaf, int) else leaf
            if leaf._grad is None:
                return f"{self._name_of(leaf)}.grad is None, and the step uses it"
        for leaf in self._without_gradient:
            leaf = inputs[leaf] if isinstance(leaf, int) else leaf
            if leaf._grad is not None:
                return f"{self._name_of(leaf)}.grad was None before the step, and is not"
        return self._bind()

    def _bind(self) -> str | None:
        """See that the replay uses the arrays that the tensors hold now."""
        for value, holder in self._old_gradients:  # these are others at every step
            different = self._difference(value, holder, holder._grad._array)
            if different is not None:
                return different
            self.replay.use(value, holder._grad._array)
        arrays = list(map(_ARRAY, self._holders))
        if identities(arrays) == self._bound:
            return None
        for (value, holder), array in zip(self._held, arrays, strict=True):
            different = self._difference(value, holder, array)
            if different is not None:
                return different
        if any(holder._array is not array for holder, array in self._moved):
            self._plan()
            arrays = list(map(_ARRAY, self._holders))
        self._arrays, self._bound = arrays, identities(arrays)
        for (value, _), array in zip(self._held, arrays, strict=True):
            value.host = array
        self.replay.bind(dict(zip(self._values, arrays, strict=True)))
        return None

    def _difference(self, value: Value, holder: Any, array: Any) -> str | None:
        """What makes it impossible to use `array` in the place of the array of `value`, in words."""
        old = value.host
        if type(array) is not np.ndarray:
            return f"{self._name_of(holder)} has moved to another device"
        if (array.shape, array.dtype, array.strides) != (old.shape, old.dtype, old.strides):
            return f"{self._name_of(holder)} has another shape, dtype or memory order"
        return None

    def _name_of(self, t: Any) -> str:
        return self.capture.names.get(id(t), f"a tensor of shape {tuple(t._array.shape)}")


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
        self._prepared: dict[Any, Prepared] = {}
        self._runs: dict[Any, list[Capture]] = {}  # by signature: runs in a row that did not yet agree
        self._first: Prepared | None = None
        if example_inputs or on_change == "error":
            signature, _ = _signature(example_inputs)
            while signature not in self._prepared:
                self.first_results.append(self._take(signature, example_inputs))

    def _take(self, signature: Any, args: tuple[Any, ...]) -> Any:
        """Take a real step, and note it; if it does what the one before did, it can be replayed."""
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
                self._prepared[signature] = Prepared(taken)
                self._first = self._first or self._prepared[signature]
                return result
        runs.append(taken)
        if len(runs) >= RUNS:
            del self._runs[signature]
            raise RecordingError(taken.transient or different)
        return result

    def __repr__(self) -> str:
        """A table with a line for each kernel call: where it came from, what it makes, what is no longer needed."""
        if self._first is None:
            return f"<recording of {self._step_name()}: not yet recorded, {self.steps_taken} steps taken>"
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
        if self._first is None:
            raise RecordingError(f"{self._step_name()} is not yet recorded: call it with its arguments first")
        from minitorch.visualization.explorer.explore import explore_step, unchanged

        taken = self._first.capture
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

    def _step_name(self) -> str:
        return getattr(self.step, "__name__", type(self.step).__name__)

    def source(self, path: str | os.PathLike[str] | None = None) -> str:
        """The step as a Python file: NumPy, straight-line, with comments that name the script's lines and the formulas.

        It begins from the parameters and the optimizer's state as they are now, and runs alone.

        Args:
            path: where to write the file, and beside it, with the ending ``.npz``, its arrays; None: nowhere.
        """
        if self._first is None:
            raise RecordingError(f"{self._step_name()} is not recorded yet: call the recording two or three times")
        found = Source(self.step, self._first.capture, self._first.results)
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
            self._prepared.pop(signature, None)
            return self._take(signature, args)


_ARRAY = operator.attrgetter("_array")
_FLAGS = operator.attrgetter("_requires_grad", "_node", "_hooks", "_after_hooks")


def _modes() -> tuple[Any, ...]:
    """The modes of minitorch that decide what operations do."""
    return (
        this_thread.grad_enabled,
        this_thread.inference_mode,
        dtypes._default,
        devices._default,
        AnomalyMode.enabled,
    )


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
        return (Variable, a.dtype, a.shape, a.strides, x._requires_grad, x._node is None, type(a), number)
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
        dtype, shape, strides, requires_grad, *_ = rest
        return f"{dtype} of shape {shape}, strides {strides}" + ", requires_grad" * requires_grad
    if issubclass(kind, tuple | list):
        return _in_words(tuple(rest))
    return ", ".join(map(str, rest)) if kind is dict else str(rest[0])
