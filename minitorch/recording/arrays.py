"""Which array of NumPy's is which value of the program, and in which box it is."""

from __future__ import annotations

import weakref
from collections import Counter
from functools import partial
from typing import Any

import numpy as np

from minitorch.recording.boxes import Box, ScalarBox, owner_of
from minitorch.recording.program import Memory, Program, Value, mapped


class Arrays:
    """The arrays of a step that is being recorded.

    What a call has made is let go as soon as the step lets go of its box, as if it were not recorded. So an address may
    be used again, for another array: all that is known by the `id` of an array is forgotten together with it.

    Args:
        program: the program, to which values are added.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._kept: dict[int, Box] = {}  # by `id` of the array: boxes of what is not let go
        self._made: dict[int, weakref.ref[Box]] = {}  # by `id` of the array: boxes of what calls have made
        self._values: dict[int, Value] = {}  # by `id` of the array
        self._memories: dict[int, Memory] = {}  # by `id` of the owner
        self._alive: Counter[int] = Counter()  # by `id` of the owner: how many arrays on its memory there are

    def box(self, host: np.ndarray) -> Box:
        """The box of an array from before the step, the same each time."""
        found = self._box(host)
        if found is None:
            found = self._kept[id(host)] = Box(host)
        return found

    def _box(self, host: Any) -> Box | None:
        made = self._made.get(id(host))
        return self._kept.get(id(host)) if made is None else made()

    def value(self, host: Any) -> Value | None:
        """The value that an array is, if it is known."""
        return self._values.get(id(host))

    def values_of(self, boxes: Any) -> Any:
        """A result as in `Call.result`: the value of each box."""
        return mapped(boxes, lambda b: self._values[id(b.host)] if isinstance(b, Box) else b)

    def knows_memory(self, host: np.ndarray) -> bool:
        """Whether an array is a view of one that is known."""
        return id(owner_of(host)) in self._memories

    def add(self, box: Box, role: str, call: int | None = None, kept: bool = True) -> Value:
        """A new value for the array in a box; if not `kept`, the array is let go together with the box."""
        host = box.host
        key, owner = id(host), id(owner_of(host))
        memory = self._memories.get(owner)
        value = self.program.new_value(host, memory, role, call)
        self._memories[owner] = value.memory
        self._alive[owner] += 1
        self._values[key] = value
        if kept:
            self._kept[key] = box
        else:
            self._made[key] = weakref.ref(box, partial(self._let_go, key, owner, value))
        return value

    def boxed(self, result: Any, call: int) -> Any:
        """The result of a call in boxes; itself if it holds no arrays."""
        if isinstance(result, np.ndarray | np.generic):
            box = self._box(result)
            if box is None or id(result) not in self._values:
                if box is None:
                    box = (Box if isinstance(result, np.ndarray) else ScalarBox)(result)
                value = self.add(box, "temporary", call, kept=False)
                if value.fresh:
                    value.memory.size = getattr(owner_of(result), "nbytes", result.nbytes)
            return box
        if type(result) in (tuple, list) or hasattr(result, "_fields"):
            parts = [self.boxed(part, call) for part in result]
            if any(a is not b for a, b in zip(parts, result, strict=True)):
                return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
        return result

    def _let_go(self, key: int, owner: int, value: Value, box: weakref.ref[Box]) -> None:
        """Forget an array whose box is gone."""
        del self._made[key], self._values[key]
        self._alive[owner] -= 1
        if not self._alive[owner]:
            del self._alive[owner], self._memories[owner]
        self.program.forget([value])

    def forget_since(self, values: int, memories: int) -> None:
        """Forget the values and memories from these numbers on."""
        for value in self.program.values[values:]:
            value.memory.values.remove(value)
            key = id(value.host)
            if self._values.get(key) is value:
                del self._values[key]
                self._alive[id(owner_of(value.host))] -= 1
                self._made.pop(key, None)
                if value.memory.role == "temporary":
                    self._kept.pop(key, None)
        for owner, memory in [*self._memories.items()]:
            if memory.index >= memories:
                del self._memories[owner], self._alive[owner]
