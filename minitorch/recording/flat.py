"""The steps of an optimizer for many parameters as one: their states and gradients are parts of one array each.

An optimizer does the same dozen calls for each parameter. Where the arrays of the same role (the gradients, the means)
are parts of one flat array, in the same order, each call is made once for all of them. Functions of each element give
the same bits however the elements are grouped. The state of the optimizer is moved into flat arrays for that, and its
tensors become views of them; parameters stay where they are, so what writes them is still called for each.

A large parameter is not worth moving. Its step is taken on its own arrays, block by block, so that the block stays in
the cache from the first call to the one that writes the parameter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kernels import KERNELS
from kernels.cpu.blocks import BLOCK
from minitorch.recording.needed import numbers_in
from minitorch.recording.program import Call, Expression, Value, mapped, values_in
from minitorch.recording.recorder import Number, Options
from minitorch.recording.views import NOWHERE, Views, same_step

HALVES = 1 << 16
"""From so many elements on, two threads compute a half each; a parameter of so many is large."""


@dataclass
class Flat:
    """A flat array, and the values that are its parts, in order.

    Attributes:
        value: the flat array; its `host` says size and dtype.
        parts: the parts.
        kind: ``state`` (of an optimizer), ``gradient``, ``temporary``, ``copy``: copied together at the beginning, or
            ``view`` of the only part.
    """

    value: Value
    parts: list[Value]
    kind: str


@dataclass
class Group:
    """What replaces the steps of an optimizer for some parameters.

    Attributes:
        steps: the steps.
        flats: the flat arrays.
    """

    steps: list[Any] = field(default_factory=list)
    flats: list[Flat] = field(default_factory=list)


class Flattener:
    """Finds steps of an optimizer that can be taken together.

    Args:
        views: makes the flat arrays and views of them.
        movable: externals whose memory may be moved.
        gradients: values that become the gradients of leaves and nothing else.
        static: values that are the same arrays in all replays.
        step_type: the class of steps, `plan.Step`.
    """

    def __init__(
        self, views: Views, movable: set[Value], gradients: set[Value], static: set[Value], step_type: Any
    ) -> None:
        self.views, self.movable, self.gradients, self.static = views, movable, gradients, static
        self.step_type = step_type
        self.groups: list[Group] = []
        self._segments = 0

    def flattened(self, steps: list[Any]) -> list[Any]:
        """The steps of a replay; an optimizer's steps for many parameters are replaced by fewer, on flat arrays."""
        out: list[Any] = []
        run: list[Any] = []
        for step in steps:
            if _of_optimizer(step):
                run.append(step)
            else:
                out += self._run(run)
                run = []
                out.append(step)
        return out + self._run(run)

    def _run(self, run: list[Any]) -> list[Any]:
        """What replaces `run`, a sequence of steps that all belong to optimizers."""
        instances: dict[int, list[Any]] = {}
        for step in run:
            if step.call.kernel is not None:
                instances.setdefault(step.call.kernel.number, []).append(step)
        alike: dict[Any, list[list[Any]]] = {}
        for steps in instances.values():
            signature = _signature(steps)
            if signature is not None:
                alike.setdefault(signature, []).append(steps)
        replaced = self._counters(run)  # by id of an old step: the new steps that replace it
        for every in alike.values():
            large = [[steps] for steps in every if _values(steps)[0].host.size >= HALVES]
            small = [steps for steps in every if _values(steps)[0].host.size < HALVES]
            for members in [*([small] if small else []), *large]:
                group = self._group(members)
                if group is None:
                    continue
                self.groups.append(group)
                for steps in members:
                    replaced.update({id(step): [] for step in steps})
                replaced[id(members[-1][-1])] = group.steps
        return [new for step in run for new in replaced.get(id(step), [step])]

    def _counters(self, run: list[Any]) -> dict[int, list[Any]]:
        """The numbers of the step that are kept for each parameter: one step adds to all; as `replaced` in `_run`."""
        alike: dict[Any, list[int]] = {}
        for place, step in enumerate(run):
            v, args = step.out, step.args
            own = step.function is np.add and v in self.movable and not v.host.ndim and args[0] is v
            if own and type(args[1]) in (int, float):
                alike.setdefault((v.host.dtype, repr(args[1])), []).append(place)
        replaced: dict[int, list[Any]] = {}
        for places in alike.values():
            column = [run[place].out for place in places]
            read_early = {
                v for k, v in zip(places, column, strict=True) for step in run[places[0] : k] if v in step.call.reads()
            }
            if len(column) == 1 or len(set(column)) < len(column) or read_early:
                continue
            flat = Flat(self.views.new(len(column), column[0].host.dtype), column, "state")
            self.groups.append(Group([], [flat]))
            first = run[places[0]]
            replaced.update({id(run[place]): [] for place in places})
            replaced[id(first)] = [same_step(first, (flat.value, first.args[1]), {}, flat.value)]
        return replaced

    def _group(self, members: list[list[Any]]) -> Group | None:
        roles = [_values(steps) for steps in members]  # of each instance: its values, in order of appearance
        sizes = [values[0].host.size for values in roles]
        total = sum(sizes)
        if len(members) == 1 and total <= BLOCK:
            return None
        made = [{v for step in steps for v in step.made} for steps in members]
        written = {step.out for step in members[0]}
        kinds = []
        for role, first in enumerate(roles[0]):
            column = [values[role] for values in roles]
            if first in made[0]:
                kinds.append("temporary")
            elif len(members) == 1 and first in self.static:
                kinds.append("view")
            elif all(v in self.movable for v in column) and len(set(column)) == len(column):
                kinds.append("state")
            elif all(v in self.gradients for v in column) and len(set(column)) == len(column):
                kinds.append("gradient")
            else:
                kinds.append("copy" if first not in written else "")
        index = {v: role for role, v in enumerate(roles[0])}
        flat_step = [all(kinds[index[v]] for v in _values([step])) for step in members[0]]
        if not any(flat_step):
            return None
        used = {role for step, ok in zip(members[0], flat_step, strict=True) if ok for role in _roles(step, index)}
        inside = _inside_of_segments(members[0], flat_step, index)
        group = Group()
        flats: dict[int, Flat] = {}
        for role in sorted(used):
            column = [values[role] for values in roles]
            dtype = column[0].host.dtype
            if kinds[role] == "view":
                flats[role] = Flat(self.views.flat(column[0]), column, "view")
            elif kinds[role] == "temporary" and role in inside:  # only a block of it is ever needed, of each half
                halves = 2 if _block_size(total) < total else 1
                flats[role] = Flat(self.views.new(halves * _block_size(total), dtype), column, "temporary")
            else:
                flats[role] = Flat(self.views.new(total, dtype), column, kinds[role])
            group.flats.append(flats[role])
            if kinds[role] == "copy" or (kinds[role] == "temporary" and role not in inside):
                starts = np.cumsum([0, *sizes])
                for v, start, size in zip(column, map(int, starts[:-1]), sizes, strict=True):
                    part = self.views.part(flats[role].value, start, start + size, first=True)
                    if kinds[role] == "copy":
                        group.steps.append(self._copied(v, part))
                    else:
                        self.views.shape(part, v)
        numbers = [_numbers(steps) for steps in members]
        if len(members) > 1 and numbers[0]:
            parts: list[Any] = ["("]
            for values in numbers:
                parts += [values[0], " == "]
            parts[-1] = ")"
            check = Call("check", "condition", bool, (Expression(tuple(parts)),), {}, None, [], None, NOWHERE)
            check.expected = True
            group.steps.append(self.step_type(-1, check))
        segment: list[Any] = []
        for k, ok in enumerate(flat_step):
            if ok:
                segment.append(members[0][k])
                continue
            self._divided(group, segment, flats, index, total)
            segment = []
            group.steps += [steps[k] for steps in members]
        self._divided(group, segment, flats, index, total)
        return group

    def _divided(
        self, group: Group, segment: list[Any], flats: dict[int, Flat], index: dict[Value, int], total: int
    ) -> None:
        """Append the steps of a segment on the flat arrays, block by block."""
        size = _block_size(total)
        starts = [*range(0, total, size)] if segment else []
        self._segments += 1
        for start in starts:
            end, second = min(total, start + size), 2 * start >= total
            views: dict[int, Value] = {}
            for step in segment:
                for role in _roles(step, index):
                    if role not in views:
                        whole = flats[role].value
                        if len(starts) > 1:
                            first = start if whole.host.size == total else size * second
                            whole = self.views.part(whole, first, first + end - start)
                        views[role] = whole

                def leaf(x: Any, views: dict[int, Value] = views) -> Any:
                    return views[index[x]] if isinstance(x, Value) else x

                if step.function is np.ndarray.fill:  # memory without values: it has a place, and nothing is done
                    continue
                new = same_step(step, mapped(step.args, leaf), mapped(step.kwargs, leaf), leaf(step.out))
                if len(starts) > 1:
                    new.half = (self._segments, second)
                group.steps.append(new)

    def _copied(self, v: Value, part: Value) -> Any:
        """The step that copies an array into its part of a flat one."""
        step = self.step_type(
            -1, Call("function", "np.copyto", np.copyto, (part, v), {}, None, [part.memory], None, NOWHERE)
        )
        step.function, step.args, step.out = np.copyto, (v,), part
        return step


def _block_size(total: int) -> int:
    """How many elements are computed at a time; as many blocks in each half, where a thread is worth it."""
    if total < HALVES:
        return total
    blocks = 2 * -(-total // (2 * BLOCK))
    return -(-total // blocks)


def _of_optimizer(step: Any) -> bool:
    """Whether a step belongs to an optimizer: a call of its kernel, or counting its steps."""
    call = step.call
    if call.place.section != "optimizer":
        return False
    if call.kernel is not None and KERNELS[call.kernel.name].reference.__module__ == "kernels.optimizer":
        return True
    return call.form == "count" or all(v.host.ndim == 0 for v in (*call.reads(), *call.results()))


def _signature(steps: list[Any]) -> Any:
    """What is the same for the steps of two parameters that can be taken together; None if these cannot be."""
    if KERNELS[steps[0].call.kernel.name].reference.__module__ != "kernels.optimizer":
        return None
    values = _values(steps)
    shape = values[0].host.shape
    for v in values:
        if v.scalar or v.host.shape != shape or not v.host.flags.c_contiguous or not v.host.size:
            return None
    index = {v: role for role, v in enumerate(values)}

    def leaf(x: Any) -> Any:
        if isinstance(x, Value):
            return ("value", index[x], x.host.dtype.str)
        if isinstance(x, Expression):
            return tuple(
                "number" if isinstance(p, Number) else p.index if isinstance(p, Options) else p for p in x.parts
            )
        return repr(x)

    found: list[Any] = []
    for step in steps:
        plain = step.function is None and not step.made and step.call.form != "function"
        if step.function is np.ndarray.fill and step.args == (None,):
            found.append(("empty", index[step.out]))
        elif plain or not isinstance(step.function, np.ufunc) or not step.elementwise or step.out is None:
            return None
        else:
            arguments = mapped((step.args, tuple(step.kwargs.items()), step.out), leaf)
            found.append((step.function.__name__, arguments, step.out in step.made))
    return tuple(found)


def _values(steps: Iterable[Any]) -> list[Value]:
    """The values of steps, in order of appearance."""
    found: dict[Value, None] = {}
    for step in steps:
        found.update(dict.fromkeys(values_in((step.args, step.kwargs, step.out))))
    return [*found]


def _inside_of_segments(steps: list[Any], flat_step: list[bool], index: dict[Value, int]) -> set[int]:
    """The roles of values that are used in one sequence of flat steps only."""
    segments: dict[int, set[int]] = {}
    segment = 0
    for step, ok in zip(steps, flat_step, strict=True):
        segment += not ok
        for role in _roles(step, index):
            segments.setdefault(role, set()).add(segment if ok else -1)
    return {role for role, found in segments.items() if len(found) == 1 and -1 not in found}


def _roles(step: Any, index: dict[Value, int]) -> list[int]:
    return [index[v] for v in _values([step])]


def _numbers(steps: Iterable[Any]) -> list[Number]:
    """The numbers of steps that the arguments depend on."""
    return [n for step in steps for n in numbers_in((step.args, step.kwargs))]


def move(flats: list[Flat], holders: dict[Value, Any]) -> list[tuple[Any, np.ndarray]]:
    """Give the flat arrays of optimizers' states to their values, moving the state there unless it is there already.

    Args:
        flats: flat arrays of all kinds.
        holders: by value, the tensor that holds its array.

    Returns:
        Each tensor, and the array that it holds now.
    """
    found = []
    for flat in flats:
        if flat.kind != "state":
            continue
        arrays = [holders[v]._array for v in flat.parts]
        whole = _joined(arrays)
        if whole is None:
            whole = np.concatenate([a.reshape(-1) for a in arrays])
            start = 0
            for v, a in zip(flat.parts, arrays, strict=True):
                holders[v]._array = v.host = whole[start : start + a.size].reshape(a.shape)
                if not a.ndim:
                    holders[v]._layout = None  # which refers to the old array; there are no strides to remember
                start += a.size
        flat.value.host = whole
        found += [(holders[v], holders[v]._array) for v in flat.parts]
    return found


def _joined(arrays: list[np.ndarray]) -> np.ndarray | None:
    """The flat array whose parts, one after the other, these arrays are; None if they are not."""
    base = arrays[0].base
    if not isinstance(base, np.ndarray) or base.ndim != 1 or base.dtype != arrays[0].dtype:
        return None
    first = begin = arrays[0].ctypes.data
    for a in arrays:
        if a.base is not base or a.ctypes.data != begin or not a.flags.c_contiguous:
            return None
        begin += a.nbytes
    start = (first - base.ctypes.data) // base.itemsize
    return base[start : start + (begin - first) // base.itemsize]
