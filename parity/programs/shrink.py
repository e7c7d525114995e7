"""Finding the smallest program that still differs in the same way."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

from parity.programs.program import Program

_OPTIONAL = re.compile(
    r"^with [^:]+: |, (?:keepdim|unbiased|allow_unused|retain_graph|create_graph|materialize_grads|alpha|value)=[^,)]+"
    r"|(?<=dtype=torch\.)(?:float16|float32)|, dtype=torch\.\w+|, requires_grad=True|\.clone\(\)"
)


def shrink(program: Program, fails: Callable[[Program], bool]) -> Program:
    """A smaller program for which `fails` is still true, as for `program`.

    Statements are deleted as long as that is possible; then options are removed, tensors made smaller and numbers
    simpler.
    """
    while True:
        for candidate in _smaller(program):
            if fails(candidate):
                program = candidate
                break
        else:
            return program


def _smaller(program: Program) -> Iterator[Program]:
    """Programs that are a little simpler, the simplest first."""
    n = len(program)
    size = n // 2
    while size:
        for start in range(n - size, -1, -size):
            yield program[:start] + program[start + size :]
        size //= 2
    sides = {n for statement in program for _, _, value in _literals(statement) for n in _shape(value)}
    for side in sorted(sides, reverse=True):  # in all tensors together, so that they still fit each other
        if side > 1:
            yield tuple(_narrow(statement, side) for statement in program)
    for i, statement in enumerate(program):
        for text in _simpler(statement):
            yield (*program[:i], text, *program[i + 1 :])


def _simpler(statement: str) -> Iterator[str]:
    for match in _OPTIONAL.finditer(statement):
        replacement = "float64" if match[0] in ("float16", "float32") else ""
        yield statement[: match.start()] + replacement + statement[match.end() :]
    for start, end, value in _literals(statement):
        others = [_without(value, side) for side in {*_shape(value)} if side > 1]
        if len(value) == 1 and isinstance(value[0], list):
            others.append(value[0])
        others += [v for v in (_round(value),) if v != value]
        for other in others:
            yield f"{statement[:start]}{other}{statement[end:]}"
    for match in re.finditer(r"\b[b-z]\b", statement):  # another name for the same tensor
        for name in "abcd":
            if name < match[0]:
                yield statement[: match.start()] + name + statement[match.end() :]


def _literals(statement: str) -> Iterator[tuple[int, int, Any]]:
    """Where nested lists begin and end that tensors are made of, and the lists."""
    for match in re.finditer(r"torch\.tensor\((?=\[)", statement):
        depth, end = 0, match.end()
        while not (depth == 0 and end > match.end()):
            depth += {"[": 1, "]": -1}.get(statement[end], 0)
            end += 1
        yield match.end(), end, ast.literal_eval(statement[match.end() : end])


def _narrow(statement: str, side: int) -> str:
    """A statement in whose tensors every dimension of this size is one less."""
    for start, end, value in reversed(list(_literals(statement))):
        statement = f"{statement[:start]}{_without(value, side)}{statement[end:]}"
    return statement


def _shape(value: Any) -> tuple[int, ...]:
    return (len(value), *(_shape(value[0]) if value else ())) if isinstance(value, list) else ()


def _without(value: Any, side: int) -> Any:
    """A nested list in which every dimension of this size has lost its last entry."""
    if not isinstance(value, list):
        return value
    return [_without(v, side) for v in (value[:-1] if len(value) == side else value)]


def _round(value: Any) -> Any:
    """A nested list with numbers of one digit."""
    if isinstance(value, list):
        return [_round(v) for v in value]
    if isinstance(value, float):
        return float(round(value)) or 1.0
    return value
