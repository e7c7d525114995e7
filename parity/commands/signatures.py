"""The signatures of torch's functions and of ours, in a common form.

Python functions have a signature. For functions written in C, torch installs stub files, `torch/_C/*.pyi`:
all their overloads, generated from the table of operators that the functions themselves are generated from.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, get_overloads

STUBS = ("_C/_VariableFunctions.pyi", "_C/_nn.pyi", "_C/__init__.pyi")

# Parameters for things that minitorch does not have: other layouts and memory formats, pinned memory, named dimensions.
# They are ignored in the comparison.
UNUSED = {"layout", "pin_memory", "memory_format", "names"}

# Overloads that require one of these are for things that minitorch does not have: named dimensions, half-precision
# products that are returned in single precision, storages.
ABSENT = {"names", "out_dtype", "storage"}


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A parameter in the common form.

    Attributes:
        name: its name.
        keyword: whether it is keyword-only.
        default: the text of its default; None if it has none.
        variadic: ``*`` or ``**`` if it takes any number of arguments.
    """

    name: str
    keyword: bool = False
    default: str | None = None
    variadic: str = ""


Signature = list[Parameter]


def of_ours(function: Any, method: bool) -> list[Signature] | None:
    """The signatures of a function of ours: one that takes all that it takes, or its overloads; None if it has none."""
    own = stated(function, method)
    if own is None:
        return None
    definition = inspect.unwrap(function)
    overloads = get_overloads(definition) if inspect.isfunction(definition) else []
    out = [p for p in own if p.name == "out"]
    return [own, *[[*(stated(one, method) or ()), *out] for one in overloads]]


def of_torch(function: Any, method: bool) -> list[Signature]:
    """The signatures of a function of torch's; none if they are not known."""
    known = stated(function, method)
    if known is not None:
        return [known]
    name = getattr(function, "__name__", "").rpartition(".")[2]
    found = _stubs(method).get(name, ()) or _stubs(method).get(name.strip("_"), ())
    return [one for one in found if not any(p.name in ABSENT and p.default is None for p in one)]


def stated(function: Any, method: bool) -> Signature | None:
    """The parameters that a Python function or class states; None for what states none."""
    if not callable(function) or (isinstance(function, type) and "__init__" not in dir(function)):
        return None
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return None
    if str(signature) == "(object, /)":  # what Python 3.13 says of a C function of one argument that states none
        return None
    found = []
    for p in signature.parameters.values():
        default = None if p.default is p.empty else _text_of(repr(p.default))
        variadic = "*" if p.kind is p.VAR_POSITIONAL else "**" if p.kind is p.VAR_KEYWORD else ""
        found.append(Parameter(p.name, p.kind is p.KEYWORD_ONLY, default, variadic))
    return found[1:] if method and found and not found[0].variadic else found


def _text_of(default: str) -> str:
    """The text of a default as both libraries would write it."""
    return re.sub(r"\b(mini)?torch\.", "", default).replace("Size([])", "()")


@functools.cache
def _stubs(methods: bool) -> dict[str, list[Signature]]:
    """By name, the signatures of the functions that torch's stub files declare, or of the tensor's methods there."""
    import torch

    found: dict[str, list[Signature]] = {}
    for file in STUBS:
        body = ast.parse((Path(torch.__file__).parent / file).read_text(encoding="utf-8")).body
        if methods:
            body = [s for c in body if isinstance(c, ast.ClassDef) and c.name == "TensorBase" for s in c.body]
        for statement in body:
            if isinstance(statement, ast.FunctionDef):
                found.setdefault(statement.name, []).append(_declared(statement.args, methods))
    return {name: [one for one in several if not _outdated(one, several)] for name, several in found.items()}


def _declared(arguments: ast.arguments, method: bool) -> Signature:
    """A signature from a stub file, with two faults of these files corrected.

    The files give some methods a parameter `out`, which the methods refuse; and they call the first operand of a
    function `self` in the overloads where it may be a number.
    """
    plain = arguments.posonlyargs + arguments.args
    defaults = [None] * (len(plain) - len(arguments.defaults)) + arguments.defaults
    found = [Parameter(a.arg, default=_unparsed(d)) for a, d in zip(plain, defaults, strict=True)]
    if arguments.vararg:
        found.append(Parameter(arguments.vararg.arg, variadic="*"))
    found += [
        Parameter(a.arg, True, _unparsed(d)) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    if method:
        return [p for p in found if p.name not in ("self", "cls", "out")]
    return [dataclasses.replace(p, name="input") if p.name == "self" else p for p in found]


def _unparsed(default: ast.expr | None) -> str | None:
    return None if default is None else _text_of(ast.unparse(default))


def _outdated(signature: Signature, overloads: Iterable[Signature]) -> bool:
    """Whether a signature is deprecated in torch, as is ``add(self, alpha, other)`` for ``add(self, other, *, alpha)``.

    It has a positional parameter, before an operand, that is keyword-only in another overload.
    """
    options = {p.name for one in overloads for p in one if p.keyword}
    plain = [p for p in signature if not p.keyword and not p.variadic]
    return any(
        p.name in options and p.default is None and any(q.default is None and q.name not in options for q in plain[i:])
        for i, p in enumerate(plain)
    )


def differences(ours: Sequence[Signature] | None, theirs: Sequence[Signature]) -> list[str]:
    """How our signatures differ from torch's, as text: each of torch's is compared with the nearest of ours."""
    if not ours or not theirs:
        return []
    found = [min((_refused(mine, one) for mine in ours), key=len) for one in theirs]
    found += [_besides(mine, theirs) for mine in ours[1:] or ours]
    return list(dict.fromkeys(difference for several in found for difference in several))


def _refused(ours: Signature, theirs: Signature) -> list[str]:
    """The calls that a signature of torch's accepts, but one of ours refuses or understands differently."""
    mine = {p.name: p for p in ours if p.variadic != "**"}
    places = [p.name for p in ours if not p.keyword and not p.variadic]
    takes = {p.variadic for p in ours}
    found = []
    for i, p in enumerate(q for q in theirs if not q.variadic):
        own = mine.get(p.name)
        if p.name in UNUSED or (own is not None and own.variadic):
            continue
        if own is None:
            if not ("**" in takes or ("*" in takes and not p.keyword)):
                found.append(f"lacks {p.name}")
            continue
        if p.default is not None and _differ(own.default, p.default):
            found.append(f"{p.name}={own.default}, in torch {p.default}" if own.default else f"{p.name} has no default")
        if own.keyword and not p.keyword and "*" not in takes:
            found.append(f"{p.name} by keyword alone")
        elif not p.keyword and "*" not in takes and places[i : i + 1] != [p.name]:
            found.append(f"{p.name} at another place")
    return found


def _besides(ours: Signature, theirs: Sequence[Signature]) -> list[str]:
    """What one of our signatures accepts but none of torch's."""
    found = []
    for p in ours:
        same = [q for one in theirs for q in one if q.name == p.name]
        if p.variadic or p.name in UNUSED or any(q.variadic for one in theirs for q in one):
            continue
        if not same:
            found.append(f"has {p.name} besides")
        elif not p.keyword and all(q.keyword for q in same):
            found.append(f"{p.name} by position too")
        if p.default is not None and len(same) == len(theirs) and not any(q.default for q in same):
            found.append(f"{p.name}={p.default}, in torch required")
    return found


def _differ(ours: str | None, theirs: str) -> bool:
    if ours == theirs or theirs == "...":
        return False
    if ours is None:
        return True
    try:
        return bool(ast.literal_eval(ours) != ast.literal_eval(theirs))
    except (ValueError, SyntaxError):
        return not (ours.startswith("<") or theirs.startswith("<"))  # an object's repr says nothing
