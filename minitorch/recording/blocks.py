"""Elementwise calls on large arrays, block by block: what one call writes is in the cache when the next reads it.

A call for all elements of an array that is larger than the cache writes its result to memory, from where the next call
reads it. Where several such calls follow each other, all of them are made for one block of elements before the next. An
array that only they use is then never needed as a whole, and has the place of a block.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.cpu.blocks import BLOCK
from minitorch.recording.program import Call, Memory, Value, mapped, values_in
from minitorch.recording.views import NEW, Views, same_step


class Divider:
    """Divides sequences of elementwise steps into blocks.

    Args:
        views: makes the blocks' arrays.
        static: values that are the same arrays in all replays.
        local: memory that nobody but the steps uses.

    Attributes:
        unused: memory that the new steps do not use any more.
        over: by memory that the new steps write: memory of the same size that it may be written over.
    """

    def __init__(self, views: Views, static: set[Value], local: set[Memory]) -> None:
        self.views, self.static, self.local = views, static, local
        self.unused: set[Memory] = set()
        self.over: dict[Memory, Memory] = {}

    def divided(self, steps: list[Any]) -> list[Any]:
        """The steps of a plan, with those sequences divided."""
        used: dict[Memory, list[int]] = {}  # the numbers of the steps that use it
        for i, step in enumerate(steps):
            for memory in _memories(step):
                used.setdefault(memory, []).append(i)
        found: list[Any] = []
        first = 0
        while first < len(steps):
            end = first
            while end < len(steps) and self._divisible(steps[end]) and _fits(steps[first:end], steps[end]):
                end += 1
            if end - first > 1:
                found += self._run(steps[first:end], first, end, used)
            else:
                end = max(end, first + 1)
                found += steps[first:end]
            first = end
        return found

    def _divisible(self, step: Any) -> bool:
        """Whether a step can be divided into blocks."""
        if not step.elementwise or not isinstance(step.function, np.ufunc) or step.half is not None:
            return False
        shape = step.out.host.shape
        return step.out.host.size > BLOCK and all(
            (v in self.static or _is_input(v)) and v.host.shape == shape and v.host.flags.c_contiguous
            for v in _arrays(step)
        )

    def _run(self, run: list[Any], first: int, end: int, used: dict[Memory, list[int]]) -> list[Any]:
        """The steps from number `first` to `end`, block by block."""
        whole = {v.memory for step in run for v in _arrays(step) if v.host.nbytes == v.memory.size}
        within = {m for m in self.local & whole if used[m][-1] < end}  # nobody needs it after this sequence
        begun = {m for m in self.local & whole if used[m][0] >= first and _written_first(run, m)}
        self.unused |= within & begun
        ended = {m: used[m][-1] for m in within - begun}
        for k, step in enumerate(run, first):
            memory, dtype = step.out.memory, step.out.host.dtype
            if memory in begun - within and memory not in self.over:
                fits = [m for m, last in ended.items() if last <= k and m.values[0].host.dtype == dtype]
                if fits:
                    self.over[memory] = fits[-1]
                    del ended[fits[-1]]
        return _divided(run, self.views, within & begun)


def _arrays(step: Any) -> list[Value]:
    """The arrays with dimensions that a step uses."""
    return [v for v in values_in((step.args, step.kwargs, step.out)) if not v.scalar and v.host.ndim]


def _memories(step: Any) -> set[Memory]:
    return {v.memory for v in (*step.call.reads(), *step.call.results())}


def _is_input(v: Value) -> bool:
    """Whether it is an argument of the step, as it is."""
    return v.memory.role == "input" and v.call is None


def _fits(run: list[Any], step: Any) -> bool:
    """Whether a step may be done for a block before those of `run` are done for the next: of each memory, all use the
    same part.
    """
    if run and run[0].out.host.shape != step.out.host.shape:
        return False
    parts: dict[Memory, Any] = {}
    for v in (v for s in (*run, step) for v in _arrays(s)):
        part = v.offset, v.host.nbytes, v.host.dtype
        if parts.setdefault(v.memory, part) != part:
            return False
    written = {s.out.memory for s in (*run, step)}
    inputs = any(_is_input(v) for s in (*run, step) for v in _arrays(s))
    if inputs and any(m.role != "temporary" for m in written):  # an input may share memory with another tensor
        return False
    small = {v.memory for s in (*run, step) for v in values_in((s.args, s.kwargs)) if v.scalar or not v.host.ndim}
    return written.isdisjoint(small)


def _written_first(run: list[Any], memory: Memory) -> bool:
    """Whether all of a memory is written before it is read."""
    for step in run:
        read = [v for v in values_in((step.args, step.kwargs)) if v.memory is memory]
        if read or step.out.memory is memory:
            return not read and bool(step.out.host.nbytes == memory.size)
    return False


def _shared(run: list[Any], views: Views, inside: set[Memory]) -> dict[Memory, Value]:
    """The block of each memory in `inside`: one that was used before, and is not any more, where there is one."""
    last = {v.memory: k for k, step in enumerate(run) for v in _arrays(step)}
    found: dict[Memory, Value] = {}
    free: list[Value] = []
    for k, step in enumerate(run):
        free += [found[m] for m in {v.memory for v in values_in((step.args, step.kwargs))} & inside if last[m] == k]
        memory = step.out.memory
        if memory in inside and memory not in found:
            alike = [block for block in free if block.host.dtype == step.out.host.dtype]
            found[memory] = alike[-1] if alike else views.new(BLOCK, step.out.host.dtype)
            free = [block for block in free if block is not found[memory]]
    return found


def _divided(run: list[Any], views: Views, inside: set[Memory]) -> list[Any]:
    """The steps block by block; of the memory in `inside`, there is only a block."""
    size = run[0].out.host.size
    blocks = _shared(run, views, inside)
    whole: dict[Value, Value] = {}
    found: list[Any] = []
    kind = type(run[0])

    def each(call: Call) -> None:
        found.append(kind(NEW, call))

    for v in (v for step in run for v in _arrays(step)):
        if v.memory not in inside and v not in whole:
            whole[v] = views.flat(v, each if _is_input(v) else None)
    for start in range(0, size, BLOCK):
        end = min(size, start + BLOCK)
        parts: dict[Value, Value] = {}

        def leaf(x: Any, start: int = start, end: int = end, parts: dict[Value, Value] = parts) -> Any:
            if not isinstance(x, Value) or x.scalar or not x.host.ndim:
                return x
            if x not in parts:
                if x.memory in inside:
                    parts[x] = views.part(blocks[x.memory], 0, end - start)
                else:
                    parts[x] = views.part(whole[x], start, end, each=each if _is_input(x) else None)
            return parts[x]

        for step in run:
            found.append(same_step(step, mapped(step.args, leaf), mapped(step.kwargs, leaf), leaf(step.out)))
    return found
