"""The tensors that a step made in a CUDA graph and that outlive it: results and gradients, in memory of their own.

The next replay writes the graph's memory again. So a call copies each piece of memory that its results use, once, and
makes the tensors anew on the copy: views of one memory are views of one memory again. Views of inputs are made on the
memory of this call's inputs; views of parameters are what they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import kernels
from minitorch.autograd.graph import wrap
from minitorch.recording.prepared import ReplayedStep


@dataclass(eq=False)
class Piece:
    """A piece of the graph's memory. Each call copies it.

    Attributes:
        start: the first address that the tensors use.
        end: the address after the last one.
        array: one of the arrays in it.
    """

    start: int
    end: int
    array: Any

    def copy(self) -> Any:
        """A pointer to a copy, which the current stream makes."""
        backend = kernels.backend_of(self.array)
        with backend.on(backend.index_of(self.array)):
            copy = backend.xp.empty(self.end - self.start, "uint8").data
            copy.copy_from_device_async(self.array.data + (self.start - self.array.data.ptr), self.end - self.start)
        return copy


@dataclass(eq=False)
class Made:
    """A tensor that the step made.

    Attributes:
        array: its array in the graph.
        counter: its write counter, whose tensors share memory.
        writes: how often it was written in place.
        requires_grad: whether it is differentiated by.
        history: whether it has a history; the tensor of a call says there that a replay has none.
        grad: its gradient, as a `Made` or a tensor, or None.
        place: a `Piece`, if a call copies the memory; the number of the input whose memory it is; or None, if a call
            makes the tensor on `array` itself.
    """

    array: Any
    counter: list[int]
    writes: int
    requires_grad: bool
    history: bool
    grad: Any
    place: Piece | int | None = field(default=None)


def span(array: Any) -> tuple[int, int]:
    """The first address of an array, and the one after its last."""
    if not array.size:
        return array.data.ptr, array.data.ptr
    steps = zip(array.shape, array.strides, strict=True)
    return array.data.ptr, array.data.ptr + array.itemsize + sum((n - 1) * stride for n, stride in steps)


def set_places(made: Iterable[Made], memory_of: dict[int, int | None], in_place: set[int]) -> None:
    """Decide the `place` of tensors.

    Args:
        made: the tensors.
        memory_of: by `id`, memory from before the step: the number of an input, or None for another tensor's.
        in_place: ids of those, gradients, that are not copied unless others view their memory.
    """
    by_memory: dict[int, list[Made]] = {}
    for m in made:
        if m.array.size:
            by_memory.setdefault(id(m.array.data.mem), []).append(m)
    for memory, group in by_memory.items():
        piece: Piece | int | None = memory_of.get(memory)
        if memory not in memory_of and (len(group) > 1 or id(group[0]) not in in_place):
            spans = [span(m.array) for m in group]
            piece = Piece(min(start for start, _ in spans), max(end for _, end in spans), group[0].array)
        for m in group:
            m.place = piece


class Making:
    """The tensors that one call makes.

    Args:
        inputs: the tensors among the arguments of the call.
        own: the graph's inputs, whose layout they have.
        counters: by `id`, write counters from before the step.
    """

    def __init__(self, inputs: list[Any], own: list[Any], counters: dict[int, list[int]]) -> None:
        self._inputs, self._own = inputs, own
        self._counters = counters | {id(o._counter): t._counter for o, t in zip(own, inputs, strict=True)}
        self._copies: dict[int, Any] = {}
        self._tensors: dict[int, Any] = {}

    def tensor(self, made: Made) -> Any:
        """The tensor: the same one, if it is asked for again."""
        t = self._tensors.get(id(made))
        if t is None:
            t = self._tensors[id(made)] = wrap(self._array(made))
            t._counter[0] = made.writes
            t._counter = self._counters.setdefault(id(made.counter), t._counter)
            t._requires_grad = made.requires_grad
            if made.history:
                t._node = ReplayedStep((), ((t._array.shape, t._array.dtype),))
            if made.grad is not None:
                t._grad = self.tensor(made.grad) if isinstance(made.grad, Made) else made.grad
        return t

    def _array(self, made: Made) -> Any:
        array, place = made.array, made.place
        if place is None:
            return array
        if isinstance(place, int):
            start = self._inputs[place]._array.data + (array.data.ptr - self._own[place]._array.data.ptr)
        else:
            copy = self._copies.get(id(place))
            if copy is None:
                copy = self._copies[id(place)] = place.copy()
            start = copy + (array.data.ptr - place.start)
        return type(array)(array.shape, array.dtype, memptr=start, strides=array.strides)
