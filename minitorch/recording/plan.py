"""Where the arrays of a replay are, and what each call becomes.

A replay makes no large arrays. What a call makes, and only the program uses, has a place in one piece of memory, the
arena. Places are given anew when an array is no longer used, the lowest free one first, so that what was just used is
still in the cache. With that, the views of parameters and of the arena's arrays are made once, when the replay is bound
to the arrays of its tensors, and so is what depends on Python's numbers alone. Calls write into their place (``out=``),
which does not change their results.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from minitorch.recording.blocks import Divider
from minitorch.recording.flat import Flat, Flattener
from minitorch.recording.program import Call, Memory, Program, Value
from minitorch.recording.views import Views

LARGE = 4096
"""Bytes from which on an array is let go as soon as it is not used any more."""
ALIGNMENT = 64
"""Places begin at multiples of so many bytes: of a line of the cache."""
OPERATORS = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
    "floordiv": np.floor_divide,
    "mod": np.remainder,
    "matmul": np.matmul,
    "and_": np.bitwise_and,
    "or_": np.bitwise_or,
    "xor": np.bitwise_xor,
    "lshift": np.left_shift,
    "rshift": np.right_shift,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "neg": np.negative,
    "pos": np.positive,
    "invert": np.invert,
    "abs": np.absolute,
}
"""The functions that Python's operators call; not ``**``, for which NumPy has several."""
REDUCTIONS = {
    "sum": np.add,
    "prod": np.multiply,
    "max": np.maximum,
    "min": np.minimum,
    "any": np.logical_or,
    "all": np.logical_and,
}
"""The methods that call a `reduce`."""
WITH_OUT = frozenset(["np.cumsum", "np.cumprod", "np.clip", "np.concatenate", "np.stack", "np.mean"])
"""Functions that are no ufuncs and take ``out=``."""
ALLOCATIONS = frozenset(
    ["np.empty", "np.empty_like", "np.zeros", "np.zeros_like", "np.ones", "np.ones_like", "np.full", "np.full_like"]
)
PURE = frozenset(["constant", "function", "method", "attribute", "getitem", "operator"])


def _without_scalars(calls: list[tuple[int, Call]]) -> Iterator[tuple[int, Call]]:
    """The calls; where one makes a scalar of NumPy's only for the next to make an array of it, one makes the array."""
    uses = Counter(v for _, call in calls for v in call.reads())
    done = False
    for (number, call), (next_number, following) in zip(calls, [*calls[1:], *calls[-1:]], strict=True):
        v = call.result
        if done:
            done = False
        elif (
            isinstance(v, Value)
            and v.scalar
            and uses[v] == 1
            and following.name == "np.asarray"
            and following.args == (v,)
            and following.result.host.dtype == v.host.dtype
            and (call.name in OPERATORS if call.form == "operator" else isinstance(call.function, np.ufunc))
        ):
            done = True
            yield next_number, replace(call, result=following.result)
        else:
            yield number, call


def _filled(call: Call) -> Call:
    """The call; for one that makes a small array of one number, a constant: it reads no elements."""
    v = call.result
    if call.name not in ALLOCATIONS or "empty" in call.name or v.host.nbytes > LARGE:
        return call
    array = np.empty_like(v.host)
    value = _fill_value(call)
    if isinstance(value, Value):
        return call
    array.fill(value)
    return replace(call, form="constant", args=(array,), kwargs={})


def _grows(call: Call, made: list[Value]) -> bool:
    """Whether a call makes a large array of small ones: as a constant it would take more memory than it saves time."""
    sizes = [v.memory.size for v in call.reads()]
    return bool(sizes) and any(v.fresh and v.host.nbytes > max(LARGE, *sizes) for v in made)


def _fill_value(call: Call) -> Any:
    """What an allocation fills its array with; None if with nothing."""
    name = call.name.rpartition(".")[2]
    if name.startswith("full"):
        return call.args[1] if len(call.args) > 1 else call.kwargs.get("fill_value")
    return {"empty": None, "zeros": 0, "ones": 1}[name.removesuffix("_like")]


class Step:
    """One line of a replay's function: a call, and the array that its result is written into, if it has one.

    Attributes:
        call: the call of the program that it is for.
        number: the number of the call.
        function: what is called; None to write the call as it stands.
        args: its arguments.
        kwargs: its named arguments.
        out: where the result goes: a value with a place; None for a new array.
        elementwise: whether each element of the result depends only on the same element of the arguments.
        half: for a step that is part of a stretch whose halves may run at the same time: the number of the stretch, and
            whether it is in the second half; else None.
    """

    def __init__(self, number: int, call: Call) -> None:
        self.number, self.call = number, call
        self.function: Callable[..., Any] | None = None
        self.args: tuple[Any, ...] = ()
        self.kwargs: dict[str, Any] = {}
        self.out: Value | None = None
        self.elementwise = False
        self.half: tuple[int, bool] | None = None

    @property
    def made(self) -> list[Value]:
        """The values that the call makes."""
        return [v for v in self.call.results() if v.call == self.number]


class Plan:
    """The lines of a replay, and the places of its arrays.

    Args:
        program: the program.
        calls: the numbers and calls that are needed.
        results: the values that outlive the replay: they are new arrays each time, but for `gradients`.
        movable: externals whose memory may be moved: of the state of optimizers.
        gradients: values that become the gradients of leaves and nothing else; they are the same arrays each time,
            unless somebody else refers to them.

    Attributes:
        once: calls that are made when the replay is bound: views and constants.
        steps: the lines of the run, in order.
        static: the values that are the same arrays in all replays, while the replay is bound to the same tensors.
        kept: those of `gradients` that have an array of their own, which is the same each time.
        flats: arrays that several others are parts of.
        offsets: by memory: where in the arena it begins.
        size: bytes of the arena.
    """

    def __init__(
        self,
        program: Program,
        calls: list[tuple[int, Call]],
        results: list[Value],
        movable: set[Value],
        gradients: set[Value],
    ) -> None:
        self.once: list[tuple[int, Call]] = []
        self.steps: list[Step] = []
        self.kept: list[Value] = []
        self.flats: list[Flat] = []
        self._gradients = gradients
        self.static: set[Value] = {v for v, _, is_gradient in program.externals if not is_gradient}
        self.offsets: dict[Memory, int] = {}
        self.size = 0
        self._escaping = {v.memory for v in results}
        self._written = {m for _, c in calls for m in c.writes}
        self._constant: set[Value] = set()
        self._last: dict[Memory, int] = {}
        self._over: dict[Memory, Memory] = {}  # memory that is written over another's
        self._parts: dict[Memory, Memory] = {}  # of a temporary flat array: its parts' memory, and its own
        for number, call in _without_scalars(calls):
            self._add(number, call)
        self._flatten(program, movable)
        self._divide(program)
        for position, step in enumerate(self.steps):
            for v in (*step.call.reads(), *step.call.results()):
                self._last[self._parts.get(v.memory, v.memory)] = position
        self._place()

    # -- what each call becomes

    def _add(self, number: int, call: Call) -> None:
        v = call.result
        made = [x for x in call.results() if x.call == number]
        lasting = call.form in PURE and not call.writes and bool(made)
        kept = any(x.memory in self._escaping or x.memory in self._written for x in made)
        if lasting and not kept:
            call = _filled(call)
            if self._constant.issuperset(call.reads()) and not _grows(call, made):
                self._constant.update(made)
                self.static.update(made)
                self.once.append((number, call))
                return
        pure = lasting and not any(x.scalar for x in made)
        if pure:
            reads = set(call.reads())
            if reads and reads <= self.static and all(x.memory.values[0] is not x for x in made):
                self.static.update(made)
                self.once.append((number, call))
                return
        step = Step(number, call)
        self._choose(step)
        placeable = pure and isinstance(v, Value) and v.fresh and step.out is v
        if placeable and v in self._gradients:
            self.static.add(v)
            self.kept.append(v)
        elif placeable and v.memory not in self._escaping:
            self.static.add(v)
            self.offsets[v.memory] = 0
        elif step.out is v and step.made:  # it outlives the replay: a new array each time
            step.out, step.function, step.elementwise = None, None, False
        self.steps.append(step)

    def _choose(self, step: Step) -> None:
        """The function that writes the result of a call into its place; for in-place operators, into the operand."""
        call, v = step.call, step.call.result
        name = call.name.rpartition(".")[2]
        if call.form == "inplace":
            if call.name in OPERATORS:
                step.function, step.args, step.out = OPERATORS[call.name], call.args, call.args[0]
                step.elementwise = call.name != "matmul"
            return
        if not isinstance(v, Value) or v.scalar:
            return
        if call.form == "operator":
            function: Any = OPERATORS.get(call.name)
            if call.name == "pow" and call.args[1] in (2, 2.0) and isinstance(call.args[1], int | float):
                if v.host.dtype.kind == "f":
                    step.function, step.args, step.out, step.elementwise = np.square, call.args[:1], v, True
            elif function is not None:
                step.function, step.args, step.out = function, call.args, v
                step.elementwise = call.name != "matmul"
        elif call.form == "function":
            if isinstance(call.function, np.ufunc):
                out = call.kwargs.get("out")
                if out is None and not call.writes and call.function.nout == 1:
                    step.function, step.args, step.kwargs, step.out = call.function, call.args, call.kwargs, v
                    step.elementwise = call.function.signature is None
                elif isinstance(out, Value):
                    rest = {k: x for k, x in call.kwargs.items() if k != "out"}
                    step.function, step.args, step.kwargs, step.out = call.function, call.args, rest, out
                    step.elementwise = call.function.signature is None
            elif call.name in ALLOCATIONS:
                if not isinstance(value := _fill_value(call), Value):
                    step.function, step.args, step.out = np.ndarray.fill, (value,), v
            elif (call.name in WITH_OUT or name in ("reduce", "accumulate")) and "out" not in call.kwargs:
                step.function, step.args, step.kwargs, step.out = call.function, call.args, call.kwargs, v
            elif call.name in ("np.array", "np.asarray", "np.ascontiguousarray") and isinstance(call.args[0], Value):
                self._copy(step, call.args[0], v)
        elif call.form == "method":
            self._choose_method(step, name, v)

    def _choose_method(self, step: Step, name: str, v: Value) -> None:
        call = step.call
        source = call.args[0]
        if (name in ("copy", "astype") and isinstance(source, Value)) or (
            name == "reshape" and v.fresh and isinstance(source, Value) and v.host.flags.c_contiguous
        ):
            self._copy(step, source, v)
        elif name in REDUCTIONS and "out" not in call.kwargs and len(call.args) == 1:
            step.function, step.args, step.out = REDUCTIONS[name].reduce, (source,), v
            step.kwargs = {"axis": None, **call.kwargs}
        elif name in ("mean", "cumsum", "cumprod", "clip") and "out" not in call.kwargs:
            step.function, step.args, step.kwargs, step.out = getattr(np, name), call.args, call.kwargs, v

    def _copy(self, step: Step, source: Value, v: Value) -> None:
        if v.fresh and v.host.size == source.host.size:
            step.function, step.args, step.out = np.copyto, (source,), v

    def _flatten(self, program: Program, movable: set[Value]) -> None:
        """Take the steps of an optimizer for several parameters together."""
        views = Views(program)
        flattener = Flattener(views, movable, set(self.kept), self.static, Step)
        self.steps = flattener.flattened(self.steps)
        for group in flattener.groups:
            self.flats += group.flats
            for flat in group.flats:
                self.static.add(flat.value)
                if flat.kind in ("temporary", "copy"):
                    self.offsets[flat.value.memory] = 0
                for part in flat.parts if flat.kind == "temporary" else ():
                    self.offsets.pop(part.memory, None)
                    self._parts[part.memory] = flat.value.memory
        self._make_once(views)

    def _divide(self, program: Program) -> None:
        """Take elementwise steps on large arrays block by block, and none for memory without values."""
        views = Views(program)
        nothing = np.ndarray.fill, (None,)
        self.steps = [s for s in self.steps if (s.function, s.args) != nothing or s.out not in self.static]
        parts = {*self._parts, *self._parts.values()}
        divider = Divider(views, self.static, self.offsets.keys() - parts)
        self.steps = divider.divided(self.steps)
        self._over = divider.over
        for memory in divider.unused:
            del self.offsets[memory]
        self.once = [(i, call) for i, call in self.once if divider.unused.isdisjoint(v.memory for v in call.reads())]
        self.offsets.update(dict.fromkeys(views.memories, 0))
        self._make_once(views)

    def _make_once(self, views: Views) -> None:
        """Make these views when the replay is bound."""
        self.once = [*((-1, call) for call in views.first), *self.once, *((-1, call) for call in views.last)]
        self.static.update(call.result for call in (*views.first, *views.last))

    # -- places

    def _place(self) -> None:
        """Give each array of the arena the lowest place that is free while it is used."""
        active: list[tuple[int, int, int, Memory]] = []  # (begins, ends, last step, memory), by beginning
        placed: set[Memory] = set()
        for position, step in enumerate(self.steps):
            active = [a for a in active if a[2] >= position]
            for memory in [self._parts.get(v.memory, v.memory) for v in (*step.made, *step.call.reads())]:
                if memory not in self.offsets or memory in placed:
                    continue
                placed.add(memory)
                v = memory.values[0]
                size = -(-max(v.host.nbytes, 1) // ALIGNMENT) * ALIGNMENT
                start = self._overwritten(step, v, active, position)
                if memory in self._over:
                    start = self.offsets[self._over[memory]]
                if start is None:
                    start = 0
                    for begins, ends, _, _ in active:
                        if begins - start >= size:
                            break
                        start = max(start, ends)
                self.offsets[memory] = start
                self.size = max(self.size, start + size)
                active.append((start, start + size, self._last[memory], memory))
                active.sort(key=lambda a: a[:2])

    def _overwritten(self, step: Step, v: Value, active: list[Any], position: int) -> int | None:
        """The place of an argument that is not used any more, where the result may be written over it."""
        if not step.elementwise:
            return None
        for begins, _, last, memory in active:
            first = memory.values[0]
            if last == position and (first.host.shape, first.host.dtype, first.host.strides) == (
                v.host.shape,
                v.host.dtype,
                v.host.strides,
            ):
                return int(begins)
        return None

    def arrays(self) -> dict[Value, np.ndarray]:
        """The arrays of a new arena, by value."""
        arena = np.empty(self.size + ALIGNMENT, np.uint8)
        start = -arena.ctypes.data % ALIGNMENT
        found = {}
        for memory, offset in self.offsets.items():
            h = memory.values[0].host
            found[memory.values[0]] = np.ndarray(h.shape, h.dtype, arena, start + offset, h.strides)
        return found
