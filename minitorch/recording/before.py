"""The tensors as they were before a step, to see what the step does to them beside its arithmetic."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from minitorch.autograd.graph import Variable
from minitorch.recording.boxes import Box
from minitorch.recording.errors import RecordingError


def variables() -> list[Any]:
    """All tensors there are."""
    found = [t for t in gc.get_objects() if issubclass(type(t), Variable) and "_array" in t.__dict__]
    return sorted(found, key=id)  # the garbage collector's order changes


class Before:
    """All tensors as they are now.

    Args:
        inputs: the tensors among the arguments of the step.

    Attributes:
        tensors: all tensors.
        states: of each: (tensor, array, write counter, its count, requires_grad, node, grad).
        known: their ids.
        numbers: by `id`, the number of an input.

    Raises:
        RecordingError: if an input has a history.
    """

    def __init__(self, inputs: list[Any]) -> None:
        self.inputs = inputs
        self.tensors = variables()
        self.states = [
            (t, t._array, t._counter, t._counter[0], t._requires_grad, t._node, t._grad) for t in self.tensors
        ]
        self.known = {id(t) for t in self.tensors}
        self.numbers = {id(t): i for i, t in reversed([*enumerate(inputs)])}
        for i, t in enumerate(inputs):
            if t._node is not None:
                raise RecordingError(
                    f"input {i} of the step has a history (grad_fn {t._node.name()}): a replay could not continue it. "
                    "Pass input.detach(), or compute the input in the step"
                )

    def refused(self) -> str:
        """What the step did to a tensor that a replay cannot do; empty if nothing."""
        for t, array, _, _, requires_grad, node, _ in self.states:
            now = t._array.host if isinstance(t._array, Box) else t._array
            what = ""
            if now is not array:
                what = "gave other memory (`.data = …`, `set_`) to"
            elif t._requires_grad != requires_grad:
                what = "changed requires_grad of"
            elif t._node is not node:
                what = "wrote, with gradients, into"
            if what:
                return (
                    f"the step {what} a tensor of shape {tuple(array.shape)} that was there before it; a replay does "
                    "not do that. Copy into it in place under no_grad(), or do it outside of the step"
                )
        return ""

    def restore(self) -> None:
        """Undo in Python what the step did to them: gradients, write counters and the like, not elements."""
        for t, array, counter, n, requires_grad, node, grad in self.states:
            t._array, t._requires_grad, t._node, t._grad = array, requires_grad, node, grad
            counter[0] = n

    def counts(self) -> list[tuple[Any, int]]:
        """The write counters that advanced, or the numbers of the inputs whose they are, and by how much."""
        numbers = {id(t._counter): i for i, t in reversed([*enumerate(self.inputs)])}
        found = {id(c): (numbers.get(id(c), c), c[0] - n) for _, _, c, n, _, _, _ in self.states if c[0] != n}
        return [*found.values()]

    def left_alive(self, allowed: set[int], made: Callable[[Any], bool]) -> str:
        """A tensor that the step made, and that is still there though it was not returned, in words; else empty.

        Args:
            allowed: ids of tensors that may be there.
            made: whether the step made an array.
        """

        def left() -> list[Any]:
            there = {*allowed, *self.known, *(id(t._grad) for t in self.tensors if t._grad is not None)}
            return [t for t in variables() if id(t) not in there and made(t._array)]

        found = left()
        if found:
            found = []
            gc.collect()
            found = left()
        if not found:
            return ""
        return (
            f"the step made a tensor of shape {tuple(found[0]._array.shape)} and left it somewhere without returning "
            "it: a replay would not renew it. Return it, or copy it in place into a tensor made before"
        )
