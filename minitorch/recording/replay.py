"""The function that a replay calls: the program as straight-line Python, compiled once."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from kernels.cpu.threads import in_halves
from minitorch.recording.errors import RecordingError
from minitorch.recording.fast_calls import as_array, changing, is_constant, number_dtype, product
from minitorch.recording.needed import needed_calls
from minitorch.recording.plan import LARGE, REDUCTIONS, Plan, Step
from minitorch.recording.program import Call, Expression, Memory, Program, Value
from minitorch.recording.recorder import Number, Options
from minitorch.recording.text import argument_text, call_text, result_text


class Replay:
    """A program that can be run.

    Args:
        program: the program.
        results: the values that the function returns, in this order.
        options: the options that it reads.
        movable: as for `Plan`.
        gradients: as for `Plan`.

    Attributes:
        plan: where its arrays are.
        text: the function's text.
        run: the function; it takes the arrays of the inputs, in order, and returns those of the results.
        own: the arrays of gradients, and the flat arrays that they are parts of.
    """

    def __init__(
        self,
        program: Program,
        results: list[Value],
        options: list[Options],
        movable: set[Value],
        gradients: set[Value],
    ) -> None:
        self._space: dict[str, Any] = {
            "np": np,
            "in_halves": in_halves,
            "failed": self._failed,
            "other_shape": _other_shape,
            "changing": changing,
        }
        self._numbers: dict[tuple[str, np.dtype[Any]], str] = {}  # names of numbers that are put into arrays
        self._before: list[str] = []  # lines that do that, for the next step
        self._names: dict[int, str] = {}
        self._checks: list[Call] = []
        self._keep: list[Any] = []
        self._halves: dict[int, tuple[list[str], list[str], list[str]]] = {}
        calls = needed_calls(program, results)
        first = [c for _, c in calls if c.form == "check" and _of_options_only(c)]
        first = [*{call_text(c, self._name): c for c in reversed(first)}.values()]
        calls = [(i, c) for i, c in calls if not (c.form == "check" and _of_options_only(c))]
        self.plan = Plan(program, calls, results, movable, gradients)
        lines = [f"{self._name(o)} = {self._object(_reader(o))}()" for o in options]
        lines += [self._check(c) for c in first]
        last = self._last_uses(results)
        assigned = {v for step in self.plan.steps for v in step.made if v not in self.plan.static}
        for i, step in enumerate(self.plan.steps):
            if step.half is not None:
                lines += self._half(i, step)
                continue
            lines += self._lines(step)
            dead = [self._name(v) for m in last.get(i, ()) for v in m.values if v in assigned]
            if dead:
                lines.append("del " + ", ".join(dead))
        lines.append("return (" + "".join(f"{self._name(v)}, " for v in results) + ")")
        inputs = [f"v{program.inputs[n].index}" for n in sorted(program.inputs)]
        self.text = f"def step({', '.join(inputs)}):\n" + "".join(f"    {line}\n" for line in lines)
        for value, array in self.plan.arrays().items():
            self._space[self._name(value)] = array
        once = []
        for _, call in self.plan.once:
            if call.form == "constant":
                self._space[self._name(call.result)] = call.args[0]
            else:
                once.append(f"{result_text(call.result, self._name)} = {call_text(call, self._name)}\n")
        self.renew()
        self._once = compile("".join(once), "<once>", "exec")
        exec(compile(self.text, "<recorded step>", "exec"), self._space)
        self.run: Callable[..., tuple[Any, ...]] = self._space["step"]

    def renew(self) -> None:
        """Make new arrays for the gradients; `bind` must follow."""
        parts: dict[Value, np.ndarray] = {}
        self.own: list[np.ndarray] = []
        for flat in self.plan.flats:
            if flat.kind != "gradient":
                continue
            whole = np.empty(flat.value.host.size, flat.value.host.dtype)
            self.own.append(whole)
            self._space[self._name(flat.value)] = whole
            start = 0
            for part in flat.parts:
                parts[part] = whole[start : start + part.host.size].reshape(part.host.shape)
                start += part.host.size
        for value in self.plan.kept:
            if value not in parts:
                h = value.host
                parts[value] = np.ndarray(h.shape, h.dtype, np.empty(max(h.nbytes, 1), np.uint8), 0, h.strides)
            self._space[self._name(value)] = parts[value]
            self.own.append(parts[value])

    def bind(self, arrays: dict[Value, np.ndarray]) -> None:
        """Use these arrays for what was there before the step, and make the views of them."""
        for value, array in arrays.items():
            self._space[self._name(value)] = array
        for flat in self.plan.flats:
            if flat.kind == "state":
                self._space[self._name(flat.value)] = flat.value.host
        exec(self._once, self._space)

    def use(self, value: Value, array: np.ndarray) -> None:
        """Let the replay read `array` for `value`: an old gradient, which is another array at each step.

        Views made by `bind` are not made anew, so no call in `Plan.once` may read `value`.
        """
        self._space[f"v{value.index}"] = array

    # -- lines

    def _lines(self, step: Step) -> list[str]:
        lines = self._own_lines(step)
        before, self._before = self._before, []
        return before + lines

    def _own_lines(self, step: Step) -> list[str]:
        call = step.call
        if call.form == "check":
            return [self._check(call)]
        if step.function is not None and step.out is not None:
            return self._into(step, step.function, step.out)
        if call.form == "inplace":
            args = ", ".join(argument_text(a, self._name) for a in call.args)
            return [f"{self._object(getattr(operator, 'i' + call.name.rstrip('_')))}({args})"]
        text = self._scalar_text(call) or call_text(call, self._name)
        if isinstance(call.result, Number):
            return [f"{self._name(call.result)} = {text}"]
        if not step.made:
            return [text]
        lines = [f"{result_text(call.result, self._name)} = {text}"]
        if call.form == "kernel":
            for v in step.made:
                lines.append(f"if {self._name(v)}.shape != {v.host.shape}: other_shape({self._object(call)})")
        return lines

    def _scalar_text(self, call: Call) -> str | None:
        """A method that gives a scalar of NumPy's, written so that it takes less time; None if it is none of these."""
        v = call.result
        if call.form != "method" or not isinstance(v, Value) or not v.scalar:
            return None
        source = call.args[0]
        if call.name in REDUCTIONS and len(call.args) == 1 and not call.kwargs:
            return f"{self._call(REDUCTIONS[call.name].reduce, (source,))}, None)"
        if call.name == "astype" and source.scalar and source.host.dtype == v.host.dtype:
            return self._name(source)
        return None

    def _half(self, i: int, step: Step) -> list[str]:
        """A step of a stretch that two threads divide: its line goes into the function of its half."""
        assert step.half is not None
        stretch = step.half[0]
        halves = self._halves.setdefault(stretch, ([], [], []))
        halves[step.half[1]].extend(self._own_lines(step))
        halves[2].extend(self._before)
        self._before = []
        following = self.plan.steps[i + 1].half if i + 1 < len(self.plan.steps) else None
        if following is not None and following[0] == stretch:
            return []
        used = sorted(set(re.findall(r"\b[nok]\d+\b", "\n".join(halves[0] + halves[1]))))
        for k, body in enumerate(halves[:2]):
            text = "".join(f"    {line}\n" for line in body)
            exec(compile(f"def h{stretch}_{k}({', '.join(used)}):\n{text}", "<recorded step>", "exec"), self._space)
        run = f"in_halves(lambda part: (h{stretch}_1 if part.start else h{stretch}_0)({', '.join(used)}), 2)"
        return [*halves[2], run]

    def _into(self, step: Step, function: Callable[..., Any], out: Value) -> list[str]:
        """A call that writes its result into its place."""
        target = self._name(out)
        if function is np.ndarray.fill:
            return [] if step.args[0] is None else [f"{target}.fill({self._argument(step.args[0])})"]
        if function is np.copyto:
            source = step.args[0].host
            if source.shape != out.host.shape:  # a reshape that copies
                target = f"{target}.reshape({source.shape})"
            return [f"{target}[...] = {self._argument(step.args[0])}"]
        if function is np.matmul and not step.kwargs:
            return [f"{self._call(f, a)}, {target})" for f, a in product(step.args, out)]
        kwargs = {k: np.dtype(x) if k == "dtype" and x is not None else x for k, x in step.kwargs.items()}
        if getattr(function, "__name__", "") == "reduce" and kwargs.keys() <= {"axis", "dtype", "keepdims"}:
            axis, dtype = kwargs.get("axis", 0), kwargs.get("dtype")
            text = f"{self._call(function, step.args)}, {self._argument(axis)}, {self._name(dtype)}, {target}"
            return [f"{text}, True)" if kwargs.get("keepdims") else f"{text})"]
        named = [f"{k}={self._name(x) if k == 'dtype' else self._argument(x)}" for k, x in kwargs.items()]
        args = step.args
        if not named and (dtype := number_dtype(function, args)) is not None:
            args = tuple([self._number(x, dtype) for x in args])
        if isinstance(function, np.ufunc) and not named and function not in (np.maximum, np.minimum):
            return [f"{self._call(function, args)}, {target})"]
        return [", ".join([self._call(function, args), *named, f"out={target})"])]

    def _call(self, function: Callable[..., Any], args: tuple[Any, ...]) -> str:
        """The beginning of a call, without what comes after these arguments."""
        return f"{self._object(function)}({', '.join(map(self._argument, args))}"

    def _argument(self, x: Any) -> str:
        return argument_text(x, self._name)

    def _number(self, x: Any, dtype: np.dtype[Any]) -> Any:
        """An argument: a Python number is put into an array, one that may change by a line before the step."""
        if type(x) in (int, float):
            return as_array(x, dtype)
        if not is_constant(x):
            return x
        text = self._argument(x)
        name = self._numbers.get((text, dtype))
        if name is None:
            name = self._numbers[text, dtype] = f"k{len(self._numbers)}"
            self._before.append(f"{name} = changing({text}, {self._object(np.empty((), dtype))})")
        return Expression((name,))

    def _check(self, call: Call) -> str:
        self._checks.append(call)
        truth = "not " if call.expected else ""
        return f"if {truth}({call_text(call, self._name)}): failed({len(self._checks) - 1})"

    def _failed(self, number: int) -> None:
        call = self._checks[number]
        place = call.place
        what = "a value that the step checks"
        if call.name == "condition":
            what = call_text(call, _in_words).removeprefix("bool(").removesuffix(")")
        raise RecordingError(
            f"{place.file}:{place.line}: {what} decides what the step does, and is no longer what it was when the step "
            f"was recorded (it was {call.expected}); check the arguments, or record the step anew"
        )

    def _last_uses(self, results: list[Value]) -> dict[int, list[Memory]]:
        """By number of a step, the large temporary memory without a place that nothing uses after it."""
        last: dict[Memory, int] = {}
        for i, step in enumerate(self.plan.steps):
            for v in [*step.call.reads(), *step.call.results()]:
                last[v.memory] = i
        kept = {v.memory for v in results} | self.plan.offsets.keys()
        found: dict[int, list[Memory]] = {}
        for memory, i in last.items():
            if memory.role == "temporary" and memory not in kept and memory.size >= LARGE:
                found.setdefault(i, []).append(memory)
        return found

    def _name(self, x: Any) -> str:
        if isinstance(x, Value):
            return f"v{x.index}"
        if isinstance(x, Number):
            return f"n{x.index}"
        if isinstance(x, Options):
            return f"o{x.index}"
        return self._object(x)

    def _object(self, x: Any) -> str:
        found = self._names.get(id(x))
        if found is None:
            found = self._names[id(x)] = f"c{len(self._names)}"
            self._keep.append(x)
            self._space[found] = x
        return found


def _in_words(x: Any) -> str:
    """Options in a message."""
    return f"{type(x.optimizer).__name__}.param_groups[{x.group}]" if isinstance(x, Options) else "the step's number"


def _other_shape(call: Call) -> None:
    place = call.place
    raise RecordingError(
        f"{place.file}:{place.line}: {call.name} gives an array of another shape than when the step was recorded: the "
        "shape depends on the elements. Write the step with torch.where"
    )


def _reader(options: Options) -> Callable[[], Any]:
    optimizer, group = options.optimizer, options.group
    return lambda: optimizer._options(optimizer.param_groups[group])


def _of_options_only(call: Call) -> bool:
    """Whether a check depends on options alone, so that it can be made before anything is written."""
    parts = [p for a in call.args if isinstance(a, Expression) for p in a.parts]
    return bool(parts) and all(isinstance(p, str | Options) for p in parts)
