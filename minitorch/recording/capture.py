"""Running a step once with boxes in the place of arrays, and noting what it does to tensors beside its arithmetic."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from minitorch.autograd.graph import Variable, wrap
from minitorch.autograd.op import OpNode
from minitorch.recording.before import Before
from minitorch.recording.boxes import ACTIVE, Box
from minitorch.recording.errors import RecordingError
from minitorch.recording.program import Program, Value, mapped
from minitorch.recording.recorder import Options, Recorder
from minitorch.recording.stand_ins import stand_ins
from minitorch.recording.state import State

_recording = threading.Lock()


@dataclass(frozen=True, eq=False)
class Returned:
    """A tensor that the step made and returned.

    Attributes:
        value: its array.
        requires_grad: whether it has a history.
        writes: how often it was written in place.
        shares: a tensor that was there before, whose memory it views; or the number of an input; or None.
    """

    value: Value
    requires_grad: bool
    writes: int
    shares: Any


@dataclass(frozen=True, eq=False)
class Input:
    """An example input that the step returned as it is: its number."""

    number: int


@dataclass(frozen=True, eq=False)
class Gradient:
    """What the step does to the `grad` of a leaf.

    Attributes:
        leaf: the tensor, or the number of an input.
        before: the gradient before the step; None if there was none.
        after: a `Returned`, a tensor that was there before, or None.
        used: whether the step used the array of the gradient before.
    """

    leaf: Any
    before: Any
    after: Any
    used: bool


class Capture(NamedTuple):
    """One run of a step.

    Attributes:
        program: its array operations.
        result: what it returned, with `Returned`, `Input` or an old tensor in the place of tensors.
        gradients: what it did to the gradients of leaves.
        counts: (write counter of a tensor that was there before, by how much it advanced).
        options: the options of optimizers that it read.
        state: what it read of Python, before it ran.
        transient: why this run cannot be replayed, in words; else empty.
        names: by the `id` of a tensor that was there before, its name: ``conv1.weight``.
        args: the arguments of the step.
    """

    program: Program
    result: Any
    gradients: list[Gradient]
    counts: list[tuple[Any, int]]
    options: list[Options]
    state: State
    transient: str
    names: dict[int, str]
    args: tuple[Any, ...]


def leaves_of(tree: Any) -> list[Any]:
    """The leaves of nested tuples, lists and dictionaries, in order."""
    found: list[Any] = []
    mapped(tree, found.append)
    return found


def capture(step: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Capture, Any]:
    """Run ``step(*args)`` and note its array operations.

    Returns:
        The capture, and what the step returned, without history.

    Raises:
        RecordingError: if the step does what a replay could not do.
    """
    if ACTIVE.recorder is not None or not _recording.acquire(blocking=False):
        raise RecordingError("a step is being recorded already: call `record` outside of the step, and in one thread")
    try:
        return _capture(step, args)
    finally:
        _recording.release()


def _capture(step: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Capture, Any]:
    state = State(step)
    names, paths = names_of(state)
    inputs = [t for t in leaves_of(args) if isinstance(t, Variable)]
    before = _Before(inputs, state)
    recorder = Recorder(before.held, {id(t._array): i for i, t in reversed([*enumerate(inputs)])}, paths)
    raw: Any = None
    try:
        before.box(recorder)
        with stand_ins(recorder):
            raw = _run_recorded(step, args)
        before_change = state.change()
        result, returned = _described(raw, before, recorder)
        gradients = before.gradients(recorder)
        transient = recorder.transient or before.refused()
        if before_change is not None:
            transient = (
                f"the step changed a value of Python's: {before_change}. A replay would not do that: keep what changes "
                "in a tensor and write it in place, or do it outside of the step"
            )
        counts = before.counts()
        plain = mapped(raw, lambda t: _without_history(t) if id(t) in returned and id(t) not in before.known else t)
        raw = None
        transient = transient or before.left_alive(returned, lambda array: isinstance(array, Box))
    finally:
        raw = None
        _unbox()
    options = recorder.options
    return Capture(recorder.program, result, gradients, counts, options, state, transient, names, args), plain


def _run_recorded(step: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Call the step. The recorder knows this function by its name: the user's lines are above it."""
    return step(*args)


def _without_history(t: Any) -> Any:
    """A tensor on the same memory, without a graph, and with an array in the place of the box."""
    plain = wrap(np.asarray(t._array.host))
    plain._counter = t._counter
    return plain


class _Before(Before):
    """The tensors as they were before a step on the host, and which tensor holds which array."""

    def __init__(self, inputs: list[Any], state: State) -> None:
        super().__init__(inputs)
        self.held: dict[int, tuple[Any, bool]] = {}
        for t in [*self.tensors, *(t for t, _ in state.tensors.values())]:
            self.held[id(t._array)] = (t, False)
        for t in self.tensors:
            if t._grad is not None:
                self.held[id(t._grad._array)] = (t, True)
        self.reached = state.tensors.keys()

    def box(self, recorder: Recorder) -> None:
        """Put boxes into the place of arrays."""
        for t, array, *_ in self.states:
            if type(array) is np.ndarray:
                t._array = recorder.arrays.box(array)
                if t._layout is not None and t._layout[0] is array:
                    t._layout = (t._array, t._layout[1])

    def gradients(self, recorder: Recorder) -> list[Gradient]:
        """What became of the `grad` of each tensor."""
        used = {id(t) for _, t, is_gradient in recorder.program.externals if is_gradient}
        found = []
        for t, _, _, _, _, _, grad in self.states:
            if t._grad is None and grad is None and not (t._requires_grad and id(t) in self.reached):
                continue
            leaf = self.numbers.get(id(t), t)
            after: Any = t._grad
            if after is grad and grad is not None and id(t) not in used:
                continue
            if after is not None and after is not grad and id(after) not in self.known:
                after = self.returned(after, recorder)
            found.append(Gradient(leaf, grad, after, id(t) in used))
        return found

    def returned(self, t: Any, recorder: Recorder) -> Returned:
        """A new tensor that outlives the step."""
        array = t._array
        value = recorder.symbol(array if isinstance(array, Box) else recorder.arrays.box(array))
        shares = None
        if value.memory.role != "temporary":
            counter = t._counter
            owners = [o for o, _, c, *_ in self.states if c is counter]
            shares = self.numbers.get(id(owners[0]), owners[0]) if owners else None
        return Returned(value, bool(t._requires_grad), t._counter[0], shares)


def _described(raw: Any, before: _Before, recorder: Recorder) -> tuple[Any, set[int]]:
    """What a step returned, as in `Capture.result`, and the ids of the tensors in it."""
    seen: dict[int, Any] = {}

    def leaf(x: Any) -> Any:
        if not isinstance(x, Variable):
            if isinstance(x, Box):
                recorder.fail("the step returns an array; return tensors")
            return x
        if id(x) not in seen:
            if id(x) in before.numbers:
                seen[id(x)] = Input(before.numbers[id(x)])
            elif id(x) in before.known:
                seen[id(x)] = x
            else:
                seen[id(x)] = before.returned(x, recorder)
        return seen[id(x)]

    return mapped(raw, leaf), set(seen)


def _unbox() -> None:
    """Put plain arrays back into the place of boxes, in all tensors and graphs."""
    for x in gc.get_objects():
        if issubclass(type(x), Variable):  # `isinstance` asks the object for its class, which may do anything
            array = x.__dict__.get("_array")
            if isinstance(array, Box):
                x._array = np.asarray(array.host)
                if x._layout is not None and x._layout[0] is array:
                    x._layout = (x._array, x._layout[1])
        elif issubclass(type(x), OpNode) and x.saved:
            x.saved = [np.asarray(s.host) if isinstance(s, Box) else s for s in x.saved]


def names_of(state: State) -> tuple[dict[int, str], dict[int, str]]:
    """By `id`: the names of tensors, with underscores, and the paths of modules."""
    names: dict[int, str] = {}
    paths: dict[int, str] = {}
    for label, root in state.roots:
        for path, module in root.named_modules():
            full = path if len(state.roots) == 1 and path[:1].isalpha() else f"{label}.{path}".rstrip(".")
            paths.setdefault(id(module), full)
            for own in (module._parameters, module._buffers):
                for name, t in own.items():
                    if t is not None:
                        names.setdefault(id(t), f"{full}.{name}" if path or full != label else name)
    for t, label in state.tensors.values():
        names.setdefault(id(t), label)
    for optimizer in state.optimizers:
        for p, kept in optimizer.state.items():
            for name, t in kept.items():
                if isinstance(t, Variable) and isinstance(p, Variable):
                    names[id(t)] = f"{names.get(id(p), 'parameter')}.{name}"
    return names, paths
