"""The table that ``print(recording)`` shows: a line for each kernel call."""

from __future__ import annotations

import os
from collections.abc import Iterable

from minitorch.recording.needed import needed_calls
from minitorch.recording.program import Call, KernelCall, Memory, Place, Program, Value

COLUMNS = ("", "section", "module", "kernel", "result", "bytes", "frees", "line")


class Line:
    """One line: the call of a kernel, or a call of NumPy's, a draw or a check outside of one.

    Args:
        number: its number.
        kernel: the kernel call, if it is one.
        calls: the calls that carry it out.

    Attributes:
        place: where it came from.
        made: the pieces of memory that it makes and that are still used after it.
        freed: the pieces of memory that are not used after it.
    """

    def __init__(self, number: int, kernel: KernelCall | None, calls: list[Call]) -> None:
        self.number, self.kernel, self.calls = number, kernel, calls
        self.place: Place = calls[0].place
        self.made: list[Memory] = []
        self.freed: list[Memory] = []

    @property
    def name(self) -> str:
        """The kernel, or what is called."""
        return self.calls[0].name if self.kernel is None else self.kernel.name

    @property
    def results(self) -> list[Value]:
        """The column ``result``: arrays made here and still used later; else one tensor that is written."""
        made = [m.values[0] for m in self.made]
        return made or [m.values[0] for c in self.calls for m in c.writes if m.role != "temporary"][:1]


def lines_of(program: Program, results: Iterable[Value]) -> list[Line]:
    """The calls of a program by kernel call, with what each makes and frees."""
    results = list(results)
    found: list[Line] = []
    last: dict[Memory, Line] = {}
    for _, call in needed_calls(program, results):
        if not found or call.kernel is None or found[-1].kernel is not call.kernel:
            found.append(Line(len(found) + 1, call.kernel, [call]))
        else:
            found[-1].calls.append(call)
        for value in (*call.reads(), *call.results()):
            last[value.memory] = found[-1]
    kept = {v.memory for v in results}
    first: dict[Memory, Line] = {}
    for line in found:
        for call in line.calls:
            for value in call.results():
                first.setdefault(value.memory, line)
    for memory, line in last.items():
        if memory.role != "temporary":
            continue
        made = first.get(memory)
        if memory in kept:
            if made is not None:
                made.made.append(memory)
        elif made is not None and made is not line:
            made.made.append(memory)
            line.freed.append(memory)
    return found


def table(program: Program, results: Iterable[Value]) -> str:
    """The table, as text."""
    lines = lines_of(program, results)
    rows: list[tuple[str, ...]] = [COLUMNS]
    held = peak = 0
    for line in lines:
        made = sum(m.size for m in line.made)
        freed = sum(m.size for m in line.freed)
        held += made
        peak = max(peak, held)
        held -= freed
        place = f"{os.path.basename(line.place.file)}:{line.place.line}" if line.place.line else ""
        shapes = " ".join(f"{v.host.dtype}{_shape(v)}" for v in line.results)
        name = line.name + (f" ({len(line.calls)})" if len(line.calls) > 1 else "")
        rows.append(
            (
                str(line.number),
                line.place.section,
                line.place.module,
                name,
                shapes,
                _bytes(made) if made else "",
                _bytes(freed) if freed else "",
                place,
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    calls = sum(len(line.calls) for line in lines)
    summary = f"{len(lines)} kernel calls, {calls} calls of NumPy; at most {_bytes(peak)} of results are held at a time"
    return "\n".join((*text, summary))


def _shape(value: Value) -> str:
    return "[" + ", ".join(map(str, value.host.shape)) + "]"


def _bytes(n: float) -> str:
    """A number of bytes for people."""
    for unit in ("B", "KB", "MB"):
        if n < 1000 or unit == "MB":
            return f"{n:.0f} {unit}" if unit == "B" or n >= 100 else f"{n:.1f} {unit}"
        n /= 1000
    return ""
