"""A program as a Python file for people: straight-line NumPy with names, that runs alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from minitorch.recording.capture import Capture, Returned, leaves_of
from minitorch.recording.naming import name_values
from minitorch.recording.needed import needed_calls
from minitorch.recording.program import Call, Memory, Value, mapped, values_in
from minitorch.recording.recorder import Number, Options
from minitorch.recording.text import argument_text, call_text, result_text

SMALL = 24
"""An array of at most so many elements is written into the file."""
WIDTH = 110
"""The longest line that an expression is put into."""
INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "true_divide": "/", "matmul": "@"}
INFIX |= {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==", "not_equal": "!="}
VIEWS = ("attribute", "getitem")


class Source:
    """The text of a step.

    Args:
        step: the step, for its name and the names of its parameters.
        taken: a run of it.
        results: the values that outlive the step.

    Attributes:
        arrays: by name: what the file needs that is too large to be written into it.
        needs: packages beside NumPy that the file imports.
    """

    def __init__(self, step: Callable[..., Any], taken: Capture, results: list[Value]) -> None:
        self.step, self.taken, self.results = step, taken, results
        self.arrays: dict[str, np.ndarray] = {}
        self.needs: dict[str, None] = {}
        self._objects: dict[int, tuple[str, Any]] = {}
        self._names = name_values(step, taken, results)
        self._calls = needed_calls(taken.program, results)
        self._calls = [(i, c) for i, c in self._calls if c.form != "check"]
        self._assigns: dict[int, Memory] = {}  # by number of a call: the memory whose name it assigns anew
        self._versions()
        self._inlined: dict[Value, str] = {}
        self._uses = self._count_uses()

    # -- the whole file

    def text(self, data: str) -> str:
        """The file.

        Args:
            data: the name of the ``.npz`` file with `arrays`.
        """
        body = [*self._body()]
        returned = [self._names[r.value] for r in leaves_of(self.taken.result) if isinstance(r, Returned)]
        inputs = [self._names[v] for _, v in sorted(self.taken.program.inputs.items())]
        before = [*self._before()]
        examples = [
            self._array(f"example_{self._names[v]}", v.host) for _, v in sorted(self.taken.program.inputs.items())
        ]
        name = getattr(self.step, "__name__", "step")
        lines = [f'"""One training step, `{name}`, as the array operations that it is: recorded by minitorch.', ""]
        lines += ["Run it, and it repeats the step on the example input and prints what the step returns.", '"""', ""]
        imports = ["import numpy as np"]
        for package in self.needs:
            imports.append(package)
        if self.taken.options:
            imports.insert(0, "from types import SimpleNamespace\n")
        lines += imports
        if self.arrays:
            lines += ["", f'arrays = np.load(__file__.rpartition(".")[0] + ".npz")  # {data}']
        lines += ["", "# Before the step: parameters, buffers, and what the optimizer remembers.", *before, "", ""]
        lines += [f"def step({', '.join(inputs)}):"]
        outside = self._written_outside()
        if outside:
            lines.append(f"    global {', '.join(outside)}")
        lines += [f"    {line}" if line else "" for line in body]
        lines += [f"    return {', '.join(returned)}" if returned else "    return None"]
        lines += ["", "", 'if __name__ == "__main__":', "    import sys", ""]
        lines += ['    np.seterr(all="ignore")  # as in minitorch, 1 / 0 is infinite without a word']
        lines += ["    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 3):"]
        arguments = ", ".join(f"{e}.copy()" for e in examples)
        lines += [f"        print(repr(step({arguments})))"]
        return "\n".join(lines) + "\n"

    def _before(self) -> Iterator[str]:
        """Lines that make what is there before the step."""
        for value, holder, is_gradient in self.taken.program.externals:
            host = (holder._grad if is_gradient else holder)._array
            yield f"{self._names[value]} = {self._array(self._names[value], host)}"
        for name, x in self._objects.values():
            yield f"{name} = {self._object_text(name, x)}"
        for o in self.taken.options:
            fields = o.optimizer._options(o.optimizer.param_groups[o.group])
            text = ", ".join(f"{k}={v!r}" for k, v in zip(fields._fields, fields, strict=True))
            yield f"{self._options_name(o)} = SimpleNamespace({text})"

    def _array(self, name: str, host: np.ndarray) -> str:
        """The text that makes an array; a large one is read from the file."""
        if host.size <= SMALL and host.flags.c_contiguous and np.isfinite(host).all():
            return f'np.array({host.tolist()!r}, dtype="{host.dtype}")'
        self.arrays[name] = np.ascontiguousarray(host) if host.flags.c_contiguous else host
        if host.flags.c_contiguous:
            return f'arrays["{name}"]'
        order = np.argsort([-s for s in host.strides], kind="stable")
        self.arrays[name] = host.transpose(order).copy()
        return f'arrays["{name}"].transpose({[int(i) for i in np.argsort(order)]})'

    def _object_text(self, name: str, x: Any) -> str:
        if isinstance(x, np.ndarray):
            return self._array(name, x)
        if hasattr(x, "get_state"):  # a generator
            self.needs["import minitorch"] = None
            self.arrays[f"{name}_state"] = x.get_state()._array.copy()
            return f'minitorch.Generator()\n{name}.set_state(arrays["{name}_state"])'
        if isinstance(x, np.dtype):
            return f"np.dtype({x.str!r})"
        self.needs[f"from {type(x).__module__} import {type(x).__name__}"] = None
        return repr(x)

    def _versions(self) -> None:
        """Write ``t = t + x`` for ``t += x`` and ``np.add(t, x, out=t)``, so that expressions can be put together.

        That is the same for an array that the step makes and that has no views.
        """
        views = {v.memory: 0 for v in self.taken.program.values}
        writers: dict[Memory, list[Call]] = {}
        for v in {v for _, c in self._calls for v in (*c.reads(), *c.results())}:
            views[v.memory] += 1
        for _, call in self._calls:
            for memory in call.writes:
                writers.setdefault(memory, []).append(call)
        plain = {
            memory
            for memory, calls in writers.items()
            if memory.role == "temporary" and views[memory] == 1 and all(map(_overwrites, calls))
        }
        now: dict[Value, Value] = {}  # the latest version of an array
        calls: list[tuple[int, Call]] = []
        for number, call in self._calls:
            target = _overwrites(call)
            args, options = mapped((call.args, call.kwargs), lambda x: now.get(x, x) if isinstance(x, Value) else x)
            new = replace(call, args=args, kwargs=options)
            if target is not None and target.memory in plain:
                version = Value(target.index, target.memory, target.host, number, target.offset)
                self._names[version] = self._names[target]
                self._assigns[number] = target.memory
                now[target] = version
                options = {k: x for k, x in options.items() if k != "out"}
                form = "operator" if call.form == "inplace" else call.form
                new = replace(call, form=form, args=args, kwargs=options, result=version, writes=[])
            calls.append((number, new))
        reads = {v for _, c in calls for v in c.reads()}
        empty = {c.result for _, c in calls if "np.empty" in c.name} - reads
        self._calls = [(i, c) for i, c in calls if not (c.result in empty and c.result not in self.results)]
        self.results = [now.get(v, v) for v in self.results]
        self._latest = now

    # -- the body

    def _body(self) -> Iterator[str]:
        section = comment = ""
        kernel = None
        skip = self._inline()
        for i, call in self._calls:
            if i in skip:
                continue
            if call.place.section != section:
                section = call.place.section
                yield from (
                    ("", f"# -- {section}") if kernel is not None or section != "forward" else (f"# -- {section}",)
                )
                kernel = None
            if call.kernel is not kernel or kernel is None:
                kernel = call.kernel
                new = self._comment(call)
                if new and new != comment:
                    yield new
                comment = new
            text = self._text(call)
            made = any(v.call == i for v in call.results()) or isinstance(call.result, Number)
            result = (
                self._name(call.result) if isinstance(call.result, Number) else result_text(call.result, self._name)
            )
            yield f"{result} = {text}" if made else text

    def _comment(self, call: Call) -> str:
        place = call.place
        where = f"{os.path.basename(place.file)}:{place.line}" if place.line else ""
        what = "" if call.kernel is None else f"{call.kernel.name}: {_first_sentence(call.kernel.formula)}"
        if call.kernel is None and call.form not in ("draw",):
            return ""
        parts = [where, place.module, what]
        return "# " + "  ".join(part for part in parts if part)

    def _text(self, call: Call) -> str:
        last = call.name.rpartition(".")[2]
        if call.form == "function" and call.name == f"np.{last}" and last in INFIX:
            if len(call.args) == 2 and not call.kwargs:
                a, b = (self._operand(x) for x in call.args)
                return f"{a} {INFIX[last]} {b}"
            out = call.kwargs.get("out")
            onto_first = set(call.kwargs) == {"out"} and len(call.args) == 2 and out is call.args[0]
            if isinstance(out, Value) and onto_first and last in ("add", "subtract", "multiply", "divide"):
                return f"{self._name(out)} {INFIX[last]}= {self._argument(call.args[1])}"
        if call.form == "kernel":
            self.needs["import kernels"] = None
            return f"kernels.{call.name}({', '.join(self._argument(a) for a in call.args)})"
        if call.form in ("operator", "attribute", "method", "getitem"):
            return call_text(call, self._operand)
        return call_text(call, self._name)

    def _argument(self, x: Any) -> str:
        return argument_text(x, self._name)

    def _operand(self, x: Any) -> str:
        """A value as an operand: an expression in parentheses."""
        if not isinstance(x, Value):
            return self._argument(x) if not isinstance(x, Number | Options) else self._name(x)
        text = self._name(x)
        return f"({text})" if x in self._inlined and _loose(text) else text

    def _count_uses(self) -> dict[Value, list[int]]:
        uses: dict[Value, list[int]] = {}
        for i, call in self._calls:
            for v in call.reads():
                uses.setdefault(v, []).append(i)
        for v in self.results:
            uses.setdefault(v, []).append(-1)
        return uses

    def _inline(self) -> set[int]:
        """The numbers of calls that are put into the call that uses them, rather than on a line of their own."""
        skip: set[int] = set()
        reads: dict[Value, set[Memory]] = {}  # of a value that is put into another call: what its text reads
        by_number = dict(self._calls)
        order = [i for i, _ in self._calls]
        for i, call in self._calls:
            v = call.result
            if not isinstance(v, Value) or v.call != i or call.writes or v in self.results:
                continue
            uses = self._uses.get(v, [])
            is_view = v.memory.values[0] is not v and i not in self._assigns
            base = [w for w in call.reads() if w.memory is v.memory]
            if is_view and len(base) == 1 and _placed(base[0]) == _placed(v):
                self._inlined[v] = self._operand(base[0])
                reads[v] = reads.get(base[0], set())
                skip.add(i)
                continue
            if len(uses) != 1 or uses[0] < 0:
                continue
            user = by_number[uses[0]]
            pure = call.form in ("attribute", "getitem", "method", "operator", "function")
            if (
                not pure
                or (user.form == "inplace" and user.args[0] is v)
                or (user.form == "setitem" and user.args[0] is v)
            ):
                continue
            if any(v is w for w in _written(user)) or (call.kernel is not user.kernel and not is_view):
                continue
            read = {w.memory for w in call.reads()}.union(*(reads.get(w, set()) for w in call.reads()))
            between = [k for k in order if i < k < uses[0]]
            written = {m for k in between for m in by_number[k].writes} | {self._assigns.get(k) for k in between}
            if not read.isdisjoint(written) and not (is_view and base and base[0] not in reads):
                continue
            text = self._text(call)
            if len(text) > WIDTH // 2:
                continue
            self._inlined[v] = text
            reads[v] = read
            skip.add(i)
        return skip

    def _written_outside(self) -> list[str]:
        """Names that a line assigns with ``+=`` and that the function did not make."""
        made = {v for i, c in self._calls for v in c.results() if v.call == i} | {*self.taken.program.inputs.values()}
        found: dict[str, None] = {}
        for _, call in self._calls:
            target = call.args[0] if call.form == "inplace" else call.kwargs.get("out")
            assigned = call.form == "inplace" or (call.form == "function" and "= " in self._text(call).split("(")[0])
            if isinstance(target, Value) and target not in made and assigned:
                found[self._names[target]] = None
        return [*found]

    # -- names

    def _name(self, x: Any) -> str:
        if isinstance(x, Value):
            return self._inlined.get(x) or self._names[x]
        if isinstance(x, Number):
            return f"step_number_{x.index + 1}"
        if isinstance(x, Options):
            return self._options_name(x)
        if id(x) not in self._objects:
            kind = "generator" if hasattr(x, "get_state") else "constant"
            self._objects[id(x)] = (f"{kind}_{len(self._objects) + 1}", x)
        return self._objects[id(x)][0]

    def _options_name(self, o: Options) -> str:
        name = type(o.optimizer).__name__.lower()
        return name if len(self.taken.options) == 1 else f"{name}_{o.index + 1}"


def _overwrites(call: Call) -> Value | None:
    """The array all of whose elements a call overwrites with its result, if it does nothing else."""
    alike = len({v.host.dtype for v in call.reads()}) == 1
    if call.form == "inplace" and isinstance(call.args[0], Value):
        return call.args[0] if alike else None
    out = call.kwargs.get("out")
    if call.form != "function" or not isinstance(call.function, np.ufunc) or not isinstance(out, Value):
        return None
    shapes = [v.host.shape for v in values_in(call.args)]
    whole = call.function.signature is not None or np.broadcast_shapes(*shapes) == out.host.shape
    return out if whole and alike and call.kwargs.keys() == {"out"} else None


def _placed(v: Value) -> tuple[Any, ...]:
    """Shape, dtype, strides and offset."""
    return (*v.described()[1:4], v.offset)


def _written(call: Call) -> list[Value]:
    """The values that a call writes into."""
    out = call.kwargs.get("out")
    found = [out] if isinstance(out, Value) else [o for o in out or () if isinstance(o, Value)]
    if call.writes and call.args and isinstance(call.args[0], Value) and not found:
        found.append(call.args[0])
    return found


def _first_sentence(text: str) -> str:
    """The first sentence of a formula, without its conditions where it is long."""
    text = text.partition(". ")[0].rstrip(".")
    return text if len(text) <= 70 else text.partition(" for ")[0].partition(", ")[0].partition(": ")[0]


def _loose(text: str) -> bool:
    """Whether a text is an expression with an operator outside of parentheses."""
    depth = 0
    for c in text:
        depth += (c in "([") - (c in ")]")
        if depth == 0 and c == " ":
            return True
    return text[:1] == "-"


def write(source: Source, path: str | os.PathLike[str]) -> str:
    """Write the file, and beside it the arrays; returns the text."""
    target = Path(path)
    text = source.text(target.with_suffix(".npz").name)
    target.write_text(text, encoding="utf-8")
    if source.arrays:
        np.savez(target.with_suffix(".npz"), **source.arrays)  # type: ignore[arg-type]  # the option `allow_pickle` is no array
    return text
