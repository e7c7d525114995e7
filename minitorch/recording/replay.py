"""The function that a replay calls: the program as straight-line Python, compiled once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitorch.recording.errors import RecordingError
from minitorch.recording.needed import needed_calls
from minitorch.recording.program import Call, Expression, Memory, Program, Value
from minitorch.recording.recorder import Number, Options
from minitorch.recording.text import call_text, result_text


class Replay:
    """A program that can be run.

    Args:
        program: the program.
        results: the values that the function returns, in this order.
        options: the options that it reads.

    Attributes:
        text: the function's text.
        space: its globals: externals and constants.
        run: the function; it takes the arrays of the inputs, in order, None for those that the step does not use.
    """

    def __init__(self, program: Program, results: list[Value], options: list[Options]) -> None:
        self.program = program
        self.space: dict[str, Any] = {"failed": self._failed}
        self._names: dict[int, str] = {}
        self._checks: list[Call] = []
        self._keep: list[Any] = []
        calls = needed_calls(program, results)
        first = [c for _, c in calls if c.form == "check" and _of_options_only(c)]
        rest = [(i, c) for i, c in calls if c not in first]
        lines = [f"{self._name(o)} = {self._object(_reader(o))}()" for o in options]
        lines += [self._check(c) for c in first]
        last = self._last_uses(rest, results)
        made = {v for i, call in rest for v in call.results() if v.call == i}
        for i, call in rest:
            lines.append(self._line(i, call))
            dead = [self._name(v) for m in last.get(i, ()) for v in m.values if v in made]
            if dead:
                lines.append("del " + ", ".join(dead))
        lines.append("return (" + "".join(f"{self._name(v)}, " for v in results) + ")")
        inputs = [f"v{program.inputs[n].index}" for n in sorted(program.inputs)]
        outside = {v for _, c in rest if c.form == "inplace" for v in c.reads() if v not in made}
        outside -= {*program.inputs.values()}
        if outside:
            lines.insert(0, "global " + ", ".join(sorted(map(self._name, outside))))
        self.text = f"def step({', '.join(inputs)}):\n" + "".join(f"    {line}\n" for line in lines)
        import numpy as np

        self.space["np"] = np
        for value, _, _ in program.externals:
            self.space[f"v{value.index}"] = value.host
        exec(compile(self.text, "<recorded step>", "exec"), self.space)
        self.run: Callable[..., tuple[Any, ...]] = self.space["step"]

    def bind(self, value: Value, array: Any) -> None:
        """Use another array for an external."""
        self.space[f"v{value.index}"] = array

    def _line(self, i: int, call: Call) -> str:
        if call.form == "check":
            return self._check(call)
        text = call_text(call, self._name)
        if isinstance(call.result, Number):
            return f"{self._name(call.result)} = {text}"
        if not any(v.call == i for v in call.results()):
            return text
        return f"{result_text(call.result, self._name)} = {text}"

    def _check(self, call: Call) -> str:
        self._checks.append(call)
        return f"if {call_text(call, self._name)} is not {call.expected}: failed({len(self._checks) - 1})"

    def _failed(self, number: int) -> None:
        call = self._checks[number]
        place = call.place
        what = "a value that the step checks" if call.form == "check" and call.name == "bool" else "an option"
        raise RecordingError(
            f"{place.file}:{place.line}: {what} decides what the step does, and is no longer what it was when the step "
            f"was recorded (it was {call.expected}); check the arguments, or record the step anew"
        )

    def _last_uses(self, calls: list[tuple[int, Call]], results: list[Value]) -> dict[int, list[Memory]]:
        """By number of a call, the temporary memory that nothing uses after it."""
        last: dict[Memory, int] = {}
        for i, call in calls:
            for v in [*call.reads(), *call.results()]:
                last[v.memory] = i
        kept = {v.memory for v in results}
        found: dict[int, list[Memory]] = {}
        for memory, i in last.items():
            if memory.role == "temporary" and memory not in kept:
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
            self.space[found] = x
        return found


def _reader(options: Options) -> Callable[[], Any]:
    optimizer, group = options.optimizer, options.group
    return lambda: optimizer._options(optimizer.param_groups[group])


def _of_options_only(call: Call) -> bool:
    """Whether a check depends on options alone, so that it can be made before anything is written."""
    parts = [p for a in call.args if isinstance(a, Expression) for p in a.parts]
    return bool(parts) and all(isinstance(p, str | Options) for p in parts)
