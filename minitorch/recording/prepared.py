"""A recorded step on the host: the replay, and what is done before it (checks) and after it (tensors are made)."""

from __future__ import annotations

import operator
import sys
from typing import Any

import numpy as np

from kernels.floating_point_errors import IGNORE, get_handling, set_handling
from minitorch.autograd.graph import Node, wrap
from minitorch.recording.capture import Capture, Input, Returned, leaves_of
from minitorch.recording.errors import RecordingError
from minitorch.recording.flat import move
from minitorch.recording.guard import Guard
from minitorch.recording.program import Value, mapped
from minitorch.recording.replay import Replay
from minitorch.recording.state import identities

_ARRAY = operator.attrgetter("_array")


class ReplayedStep(Node):
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
        self._guard = Guard(taken.state, taken.names, [t for _, t, _ in taken.program.externals])
        self._returned = [r for r in leaves_of(taken.result) if isinstance(r, Returned)]
        self._returned += [g.after for g in taken.gradients if isinstance(g.after, Returned)]
        self.results = list({id(r.value): r.value for r in self._returned}.values())
        self._places = {id(v): i for i, v in enumerate(self.results)}
        self._optimizers = list({id(o.optimizer): o.optimizer for o in taken.options}.values())
        self._used = sorted(taken.program.inputs)
        self._externals = taken.program.externals
        self._arrays: list[Any] = []  # of the externals, which the replay is bound to
        self._bound: bytes | None = None  # which arrays these are
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
                t._node, t._requires_grad = ReplayedStep((), ((t._array.shape, t._array.dtype),)), True
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
        changed = self._guard.change()
        if changed is not None:
            return changed
        for leaf in self._with_gradient:
            leaf = inputs[leaf] if isinstance(leaf, int) else leaf
            if leaf._grad is None:
                return f"{self._guard.name_of(leaf)}.grad is None, and the step uses it"
        for leaf in self._without_gradient:
            leaf = inputs[leaf] if isinstance(leaf, int) else leaf
            if leaf._grad is not None:
                return f"{self._guard.name_of(leaf)}.grad was None before the step, and is not"
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
            return f"{self._guard.name_of(holder)} has moved to another device"
        if (array.shape, array.dtype, array.strides) != (old.shape, old.dtype, old.strides):
            return f"{self._guard.name_of(holder)} has another shape, dtype or memory order"
        return None
