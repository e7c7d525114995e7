"""What differs between two runs of a program.

Everything but floating-point numbers must be equal. These may differ by `FACTOR` rounding errors of their dtype at the
size of the tensor's largest number. If the tensor is almost zero (`parity.compare.budget.VANISHING`) compared with the
largest number that it depends on, terms have cancelled, and the size of that number counts. The rounding errors are
those of the coarsest dtype that the tensor depends on.

Beyond that, they may differ by `FACTOR` times as much as torch's own result moves when the numbers in the program's
text and the tensors that its statements make are changed by one or two rounding errors each: a result that such a
change affects strongly is ill-conditioned, and shows nothing about either library.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from parity.compare.budget import FACTOR, VANISHING
from parity.programs.memory import memory_facts
from parity.programs.program import ATTRIBUTES, TARGET, Program, Raised, Run, run
from parity.programs.scale import EPS, Scale, largest, scales

NEIGHBOURS = 8


@dataclass(frozen=True)
class Finding:
    """A difference between the runs of one program.

    Attributes:
        kind: ``refuses`` if only minitorch raises, ``accepts`` if only torch does, ``error type``, ``warns``, or what
            differs of a value: a key of `ATTRIBUTES`, with ``grad`` before it for the same of a gradient, or ``type``.
        index: the statement that differs in its effect; None for a value that differs at the end of the program alone.
        shown: the expression that prints the difference; empty if the statement raises.
        torch: what torch made of it.
        ours: what minitorch made of it.
        failing: the statements up to there that raised in one of the two.
        past: what torch has raised and warned of up to there, the facts of `memory_facts`, and ``found: `` with the
            kind of each earlier finding.
    """

    kind: str
    index: int | None
    shown: str
    torch: str
    ours: str
    failing: tuple[int, ...] = ()
    past: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.shown or 'the last statement'}\n  torch:     {self.torch}\n  minitorch: {self.ours}"


HARMLESS = ("stride", "offset", "inference", "retains_grad", "warns", "error type", "grad stride", "grad offset")
"""Kinds of differences after which the rest of a program can still be compared."""


def compare(
    program: Program, known: Callable[[Program, Finding], Any] = lambda program, finding: None
) -> list[Finding]:
    """Run a program with both libraries and compare: the known differences, and the first unknown one.

    The list ends with the first difference that is not known, or that makes the rest of the runs incomparable.

    Args:
        program: the statements.
        known: whether a difference is known.
    """
    import torch

    import minitorch

    torch.set_warn_always(True)  # not just the first time in a process
    theirs, ours = run(program, torch), run(program, minitorch)
    plain = list(differences(program, theirs, ours, []))
    if not plain:
        return []
    facts = memory_facts(program, torch)
    neighbours: list[Run] = []
    if any(f.kind.endswith(("values", "shape")) for f in plain):
        eps = max((scale.eps for scale in scales(program, theirs).values()), default=0.0)
        for n in range(NEIGHBOURS):
            neighbours.append(run(tuple(moved(s, n, eps) for s in program), torch, random.Random(n)))
    found = []
    for finding in differences(program, theirs, ours, neighbours, facts):
        found.append(finding)
        if finding.kind not in HARMLESS or not known(program, finding):
            break
    return found


def differences(
    program: Program, theirs: Run, ours: Run, neighbours: Sequence[Run], facts: Sequence[str] = ()
) -> Iterator[Finding]:
    """The differences of two runs in order.

    Args:
        program: the statements.
        theirs: the run with torch.
        ours: the run with minitorch.
        neighbours: torch's runs from slightly changed numbers.
        facts: by statement, what `memory_facts` says of it.
    """
    failing: list[int] = []
    past: list[str] = []

    def finding(kind: str, index: int | None, shown: str, said: str, found: str) -> Finding:
        before = "\n".join(past)
        past.append(f"found: {kind}")
        return Finding(kind, index, shown, said, found, tuple(failing), before)

    known = scales(program, theirs)
    for i, (t, m) in enumerate(zip(theirs.steps, ours.steps, strict=True)):
        past.extend(t.warned.values())
        past.extend(facts[i : i + 1])
        if t.error or m.error:
            failing.append(i)
            past.append(str(t.error or ""))
        if bool(t.error) != bool(m.error) or (t.error and m.error and t.error.kinds[0] not in m.error.kinds):
            kind = "error type" if t.error and m.error else "accepts" if t.error else "refuses"
            yield finding(kind, i, "", str(t.error or "no error"), str(m.error or "no error"))
        if t.warned.keys() != m.warned.keys() and not (t.error and m.error):  # a call may warn before it fails
            yield finding("warns", i, "", _warnings(t.warned), _warnings(m.warned))
        target = TARGET.match(program[i])
        if target and not t.error:
            for found in _differ(
                target[1], t.value, m.value, [n.steps[i].value for n in neighbours], known.get(target[1], Scale())
            ):
                yield finding(found[0], i, *found[1:])
    for name, value in theirs.end.items():
        for found in _differ(
            name, value, ours.end.get(name), [n.end.get(name) for n in neighbours], known.get(name, Scale())
        ):
            yield finding(found[0], None, *found[1:])


def _warnings(given: dict[str, str]) -> str:
    return "; ".join(f"{category}: {message}" for category, message in given.items()) or "no warning"


Found = tuple[str, str, str, str]


def _differ(shown: str, t: Any, m: Any, near: list[Any], scale: Scale) -> Iterator[Found]:
    """The kinds of differences, the expressions that show them, and their values in either library."""
    if isinstance(t, dict) and isinstance(m, dict):
        yield from _differ_tensors(shown, t, m, [n for n in near if isinstance(n, dict)], len(near), scale)
    elif isinstance(t, list) and isinstance(m, list) and len(t) == len(m):
        for i, (x, y) in enumerate(zip(t, m, strict=True)):
            found = [n[i] for n in near if isinstance(n, list) and i < len(n)]
            yield from _differ(f"{shown}[{i}]", x, y, found, scale)
    elif isinstance(t, float) and isinstance(m, float):
        arrays = [np.asarray(x) for x in (t, m, *(n for n in near if isinstance(n, float)))]
        if not _close(arrays[0], arrays[1], arrays[2:], len(near), scale):
            yield "values", shown, str(t), str(m)
    elif type(t) is not type(m) or t != m:
        yield "type" if type(t) is not type(m) else "values", shown, _short(t), _short(m)


def _differ_tensors(
    shown: str, t: dict[str, Any], m: dict[str, Any], near: list[Any], asked: int, scale: Scale
) -> Iterator[Found]:
    for key in [k for k in ATTRIBUTES if k in t]:
        text = ATTRIBUTES[key].format(shown)
        x, y = t[key], m.get(key)
        if key == "values" and not isinstance(x, Raised) and not isinstance(y, Raised):
            found = [n[key] for n in near if isinstance(n[key], np.ndarray) and n[key].shape == x.shape]
            if t["shape"] == m["shape"] and not _close(x, m[key], found, asked, scale):
                yield key, text, str(x.tolist()), str(m[key].tolist())
        elif key == "grad":
            for kind, place, theirs, ours in _differ(text, x, y, [n.get(key) for n in near], scale):
                yield f"grad {kind}", place, theirs, ours
        elif key == "shape" and any(n[key] != x for n in near):
            return  # how many elements are selected depends on rounding errors
        elif isinstance(x, Raised) != isinstance(y, Raised) or x != y:
            about = {"stride": "shape", "offset": "shape"}
            about |= dict.fromkeys(("requires_grad", "has grad_fn", "is_leaf"), "dtype")
            said = f" ({about[key]} {t[about[key]]})" if key in about else ""
            said += f" (shape {t['shape']})" if about.get(key) == "dtype" and 0 in t["shape"] else ""
            yield key, text, _short(x) + said, _short(y)


def _close(t: np.ndarray, m: np.ndarray, near: Sequence[np.ndarray], asked: int, scale: Scale) -> bool:
    """Whether numbers agree as closely as the docstring of this module says; `asked` neighbours should have them."""
    if t.dtype.kind != "f" and not near:
        return np.array_equal(t, m)
    if len(near) < asked:  # with the changed numbers the program took another branch
        return True
    odd = ~np.isfinite(t) | ~np.isfinite(m)
    x, y = t.astype("float64"), m.astype("float64")
    allowed = np.zeros(x.shape)
    with np.errstate(all="ignore"):
        if t.dtype.kind == "f":
            size = largest(t)
            size = size if size > VANISHING * scale.largest and not scale.cancels else max(size, scale.largest)
            allowed += FACTOR * max(np.finfo(t.dtype).eps, scale.eps) * size
        for n in near:
            step = np.where(n == x, 0.0, np.abs(n.astype("float64") - x))  # ∞ - ∞ is NaN
            allowed = np.maximum(allowed, FACTOR * np.where(np.isnan(step) & ~np.isnan(x), np.inf, step))
        if scale.cancels:  # every element may be as far off as the element with the largest error
            allowed = np.full(x.shape, allowed.max(initial=0.0))
        apart = np.where(odd, ~((x == y) | (np.isnan(x) & np.isnan(y))) & (allowed < np.inf), np.abs(x - y) > allowed)
    return not apart.any()


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return f"a tensor of shape {value['shape']}"
    return str(value) if isinstance(value, Raised) or not isinstance(value, str) else value


_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


@lru_cache(1 << 14)
def moved(statement: str, variant: int, eps: float) -> str:
    """A statement with other numbers, one or two rounding errors away; equal ones stay equal.

    The rounding errors are those of the dtype that the statement names; `eps`, relative, if it names none.
    """
    eps = next((e for name, e in EPS.items() if name in statement), eps)
    return _NUMBER.sub(lambda match: repr(float(match[0]) * (1 + eps * _unit(match[0], variant))), statement)


def _unit(text: str, variant: int) -> float:
    """A number from 1 to 2 or from -2 to -1 that depends only on a text and a variant."""
    drawn = zlib.crc32(f"{text}/{variant}".encode()) % 2001 / 1000 - 1
    return drawn + 1 if drawn > 0 else drawn - 1
