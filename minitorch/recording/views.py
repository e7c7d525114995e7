"""Arrays of a plan that the program does not have: flat ones that others are parts of, and views; and steps on them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from minitorch.recording.program import Call, Memory, Place, Program, Value

NOWHERE = Place("", 0, "", "optimizer")

NEW = -1
"""The number of steps and calls that are not the program's."""


class Views:
    """Makes such arrays.

    Args:
        program: the program, to which the values are added.

    Attributes:
        first: calls that make views which arrays of the program are, or are views of; they are made once.
        last: calls that make other views, of any array that is there then.
        memories: of the new arrays.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.first: list[Call] = []
        self.last: list[Call] = []
        self.memories: list[Memory] = []

    def new(self, size: int, dtype: np.dtype[Any]) -> Value:
        """A flat temporary array."""
        memory = Memory(len(self.program.memories), "temporary", size * dtype.itemsize)
        self.program.memories.append(memory)
        self.memories.append(memory)
        return self._value(memory, self.program.without_elements((size,), dtype, (dtype.itemsize,)))

    def flat(self, v: Value, each: Callable[[Call], None] | None = None) -> Value:
        """All elements of a contiguous array, without its shape; `each` gets the call if it is made at each replay."""
        view = self._value(v.memory, v.host.reshape(-1), each)
        call = Call("method", "reshape", operator.methodcaller, (v, (-1,)), {}, view, [], None, NOWHERE)
        (each or self.last.append)(call)
        return view

    def part(
        self,
        whole: Value,
        start: int,
        end: int,
        first: bool = False,
        each: Callable[[Call], None] | None = None,
    ) -> Value:
        """Elements of a flat array; `first` if an array of the program is a view of it, `each` as for `flat`."""
        key = slice(start, end)
        view = self._value(whole.memory, whole.host[key], each)
        call = Call("getitem", "getitem", operator.getitem, (whole, key), {}, view, [], None, NOWHERE)
        (each or (self.first if first else self.last).append)(call)
        return view

    def shape(self, part: Value, v: Value) -> None:
        """Make `part`, with its shape, the array of `v`."""
        args = (part, v.host.shape)
        self.first.append(Call("method", "reshape", operator.methodcaller, args, {}, v, [], None, NOWHERE))

    def _value(self, memory: Memory, host: np.ndarray, each: Any = None) -> Value:
        value = Value(len(self.program.values), memory, host, None if each is None else NEW)
        memory.values.append(value)
        self.program.values.append(value)
        return value


def same_step(step: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out: Value) -> Any:
    """A step that calls the same function for other arrays."""
    old = step.call
    call = Call(old.form, old.name, old.function, (*args, out), kwargs, None, [out.memory], old.kernel, old.place)
    new = type(step)(NEW, call)
    new.function, new.args, new.kwargs, new.out = step.function, args, kwargs, out
    return new
