"""Elementwise calls on large arrays, block by block: what one call writes is in the cache when the next reads it.

A call for all elements of an array that is larger than the cache writes its result to memory, from where the next call
reads it. Where several such calls follow each other, all of them are made for one block of elements before the next. An
array that only they use is then never needed as a whole, and has the place of a block.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.cpu.blocks import BLOCK
from minitorch.recording.program import Memory, Value, mapped, values_in
from minitorch.recording.views import Views, same_step


def in_blocks(steps: list[Any], views: Views, static: set[Value], local: set[Memory]) -> tuple[list[Any], set[Memory]]:
    """The steps of a plan, with sequences of elementwise steps divided into blocks.

    Args:
        steps: the steps.
        views: makes the blocks' arrays.
        static: values that are the same arrays in all replays.
        local: memory that nobody but the steps uses.

    Returns:
        The new steps, and the memory that they do not use any more.
    """
    users: dict[Memory, int] = {}  # how many steps use it
    for step in steps:
        for memory in _memories(step):
            users[memory] = users.get(memory, 0) + 1
    found: list[Any] = []
    unused: set[Memory] = set()
    run: list[Any] = []
    for step in [*steps, None]:
        if step is not None and _divisible(step, static) and _fits(run, step):
            run.append(step)
            continue
        if len(run) > 1:
            inside = {m for m in set().union(*map(_memories, run)) & local if _uses(run, m) == users[m]}
            inside = {m for m in inside if _written_first(run, m)}
            found += _divided(run, views, inside)
            unused |= inside
        else:
            found += run
        run = []
        if step is not None:
            if _divisible(step, static):
                run.append(step)
            else:
                found.append(step)
    return found, unused


def _arrays(step: Any) -> list[Value]:
    """The arrays with dimensions that a step uses."""
    return [v for v in values_in((step.args, step.kwargs, step.out)) if not v.scalar and v.host.ndim]


def _memories(step: Any) -> set[Memory]:
    return {v.memory for v in (*step.call.reads(), *step.call.results())}


def _uses(run: list[Any], memory: Memory) -> int:
    return sum(memory in _memories(step) for step in run)


def _divisible(step: Any, static: set[Value]) -> bool:
    """Whether a step can be divided into blocks."""
    if not step.elementwise or not isinstance(step.function, np.ufunc) or step.half is not None:
        return False
    shape = step.out.host.shape
    return step.out.host.size > BLOCK and all(
        v in static and v.host.shape == shape and v.host.flags.c_contiguous for v in _arrays(step)
    )


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
    for v in (v for step in run for v in _arrays(step)):
        if v.memory not in inside and v not in whole:
            whole[v] = views.flat(v)
    found = []
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
                    parts[x] = views.part(whole[x], start, end)
            return parts[x]

        for step in run:
            found.append(same_step(step, mapped(step.args, leaf), mapped(step.kwargs, leaf), leaf(step.out)))
    return found
