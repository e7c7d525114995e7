"""Which calls of a program have an effect that anybody sees; the others are dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from minitorch.recording.program import Call, Expression, Memory, Program, Value
from minitorch.recording.recorder import Number


def needed_calls(program: Program, results: Iterable[Value]) -> list[tuple[int, Call]]:
    """The numbers and calls that write memory which outlives the step, draw random numbers, check, or serve those."""
    live: set[Memory] = {v.memory for v in results}
    numbers: set[Number] = set()
    kept: list[tuple[int, Call]] = []
    for i in range(len(program.calls) - 1, -1, -1):
        call = program.calls[i]
        made = [v for v in call.results() if v.call == i]
        needed = (
            call.form in ("draw", "check")
            or any(m in live or m.role != "temporary" for m in call.writes)
            or any(v.memory in live for v in made)
            or (isinstance(call.result, Number) and call.result in numbers)
        )
        if needed:
            kept.append((i, call))
            live.update(v.memory for v in call.reads())
            numbers.update(numbers_in((call.args, call.kwargs)))
    return kept[::-1]


def numbers_in(tree: Any) -> Iterator[Number]:
    """The numbers in nested arguments."""
    if isinstance(tree, Number):
        yield tree
    elif isinstance(tree, Expression):
        for part in tree.parts:
            yield from numbers_in(part)
    elif isinstance(tree, tuple | list):
        for part in tree:
            yield from numbers_in(part)
    elif isinstance(tree, dict):
        for part in tree.values():
            yield from numbers_in(part)
