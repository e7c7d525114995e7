"""``python -m parity surface``: which names of torch minitorch has, and where its signatures differ.

A list of names has one a line, read with ``torch.`` in front; ``#`` starts a comment. Torch's functions written in
Python tell their signature themselves. Those written in C say it in their docstrings, which often leave out a default:
there a default of ours is not held against them.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIST = Path(__file__).with_name("surface.txt")

# Parameters that steer what does not exist here: other layouts and memory formats, pinned memory, named dimensions. A
# function without them is not told apart from one that has them.
UNUSED = {"layout", "pin_memory", "memory_format", "names"}


UNKNOWN = "?"

_PARENTHESES = r"(\((?:[^()]|\([^()]*\))*\))(?= ?->|\s*\n|\s*$)"


@dataclass(frozen=True)
class Parameter:
    """A parameter as both sides can state it.

    Attributes:
        name: what it is called.
        keyword: whether it is given by keyword alone.
        default: the text of its default; None if it has none, ``UNKNOWN`` if a docstring may have left it out.
        variadic: ``*`` or ``**`` where it takes any number.
    """

    name: str
    keyword: bool = False
    default: str | None = None
    variadic: str = ""


@dataclass(frozen=True)
class Entry:
    """What there is to say about one name.

    Attributes:
        name: without ``torch.``.
        provided: whether minitorch has it.
        differences: of the signatures, in words; empty where they agree or one is not known.
    """

    name: str
    provided: bool
    differences: tuple[str, ...] = ()


def names(path: Path = LIST) -> list[str]:
    """The names of a list, in its order, each once.

    Raises:
        ValueError: for a line that is no dotted name.
    """
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        name = line.partition("#")[0].strip().removeprefix("torch.")
        if name and not all(part.isidentifier() for part in name.split(".")):
            raise ValueError(f"{path}, line {number}: expected a dotted name, but got {name!r}")
        if name and name not in found:
            found.append(name)
    return found


def entry(name: str) -> Entry:
    """Look a name up in both libraries.

    Raises:
        AttributeError: if torch has no such name.
    """
    import torch

    import minitorch

    theirs = _resolve(torch, name)
    try:
        ours = _resolve(minitorch, name)
    except AttributeError:
        return Entry(name, provided=False)
    method = name.startswith("Tensor.")
    return Entry(name, True, tuple(differences(parameters(ours, method), overloads(theirs, method))))


def _resolve(root: Any, name: str) -> Any:
    for part in name.split("."):
        root = getattr(root, part)
    return root


def overloads(function: Any, method: bool) -> list[list[Parameter]]:
    """Torch's signatures of a function: one, or those that its docstring lists; none if it does not say."""
    known = parameters(function, method)
    if known is not None:
        return [known]
    text = inspect.getdoc(function) or ""
    name = getattr(function, "__name__", "").rpartition(".")[2]
    head = rf"(?:^|\n)\s*(?:\.\. function:: )?(?:torch\.)?(?:[a-z]+\.)?{name}" + _PARENTHESES
    return [found for one in re.findall(head, text) for found in [_parsed(one, method)] if found is not None]


def _parsed(head: str, method: bool) -> list[Parameter] | None:
    """The parameters of a docstring's ``(input, *, out=None)``, without types before names and notes in brackets."""
    simple = re.sub(r"[\[\]]|\.\.\.|torch\.", "", re.sub(r"\s+", " ", head))
    simple = re.sub(
        r"(?<=[(,]) ?(?:Tensor|int|Scalar|bool|float|Number|Optional\w*|List\w*|tuple)\?? (?=\w)", " ", simple
    )
    for text in (head, simple):
        try:
            arguments = ast.parse(f"def f{text}: pass").body[0].args  # type: ignore[attr-defined]
        except SyntaxError:
            continue
        break
    else:
        return None
    plain = arguments.posonlyargs + arguments.args
    defaults = [None] * (len(plain) - len(arguments.defaults)) + arguments.defaults
    found = [Parameter(a.arg, default=_unparsed(d)) for a, d in zip(plain, defaults, strict=True)]
    if arguments.vararg:
        found.append(Parameter(arguments.vararg.arg, variadic="*"))
    found += [
        Parameter(a.arg, True, _unparsed(d)) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    return [p for p in found if not (method and p.name in ("self", "input"))]


def _unparsed(default: ast.expr | None) -> str:
    return UNKNOWN if default is None else ast.unparse(default).replace("torch.", "")


def parameters(function: Any, method: bool) -> list[Parameter] | None:
    """The parameters that a Python function or class states; None for what states none."""
    if not callable(function) or (isinstance(function, type) and "__init__" not in dir(function)):
        return None
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return None
    found = []
    for p in signature.parameters.values():
        default = None if p.default is p.empty else _text(p.default)
        variadic = "*" if p.kind is p.VAR_POSITIONAL else "**" if p.kind is p.VAR_KEYWORD else ""
        found.append(Parameter(p.name, p.kind is p.KEYWORD_ONLY, default, variadic))
    return found[1:] if method and found and not found[0].variadic else found


def _text(default: Any) -> str:
    """A default as both libraries would write it."""
    return re.sub(r"\b(mini)?torch\.", "", repr(default))


def differences(ours: list[Parameter] | None, theirs: Iterable[list[Parameter]]) -> list[str]:
    """How a signature differs from the nearest of torch's."""
    if ours is None:
        return []
    candidates = [_compared(ours, one) for one in theirs]
    return min(candidates, key=len, default=[])


def _compared(ours: list[Parameter], theirs: list[Parameter]) -> list[str]:
    mine, other = ({p.name: p for p in side if not p.variadic} for side in (ours, theirs))
    takes = {p.variadic for p in ours}  # any number, by position or by keyword
    gives = any(p.variadic == "*" for p in theirs)
    found = [
        f"lacks {name}"
        for name, p in other.items()
        if name not in mine and name not in UNUSED and "**" not in takes and not ("*" in takes and not p.keyword)
    ]
    found += [
        f"has {name} besides" for name, p in mine.items() if name not in other and p.default is None and not gives
    ]
    shared = [name for name in mine if name in other and name not in UNUSED]
    for name in shared:
        a, b = mine[name], other[name]
        if _differ(a.default, b.default):
            found.append(_presence(name, a, b))
        if a.keyword and not b.keyword:
            found.append(f"{name} by keyword alone")
    order = [name for name in shared if not mine[name].keyword and not other[name].keyword]
    if order != [name for name in other if name in order]:
        found.append(f"order {', '.join(order)}")
    return found


def _presence(name: str, ours: Parameter, theirs: Parameter) -> str:
    if ours.default is None:
        return f"{name} has no default, torch's {theirs.default}"
    return f"{name}={ours.default}, in torch {'no default' if theirs.default is None else theirs.default}"


def _differ(ours: str | None, theirs: str | None) -> bool:
    if theirs == UNKNOWN or ours == theirs:
        return False
    if ours is None or theirs is None:
        return True
    try:
        return bool(ast.literal_eval(ours) != ast.literal_eval(theirs))
    except (ValueError, SyntaxError):
        return not (ours.startswith("<") or theirs.startswith("<"))  # an object's repr says nothing


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; the exit code is 1 if a name is missing."""
    parser = argparse.ArgumentParser(prog="parity surface", description="Which names of torch minitorch provides.")
    parser.add_argument("file", nargs="?", type=Path, default=LIST, help="a list of names (default: the project's own)")
    parser.add_argument("--missing", action="store_true", help="only what is missing or differs")
    options = parser.parse_args(argv)
    try:
        wanted = names(options.file)
    except (OSError, ValueError) as error:
        print(f"parity surface: {error}", file=sys.stderr)
        return 2
    entries, unknown = [], []
    for name in wanted:
        try:
            entries.append(entry(name))
        except AttributeError:
            unknown.append(name)
    width = max(map(len, wanted), default=0)
    for e in entries:
        state = "missing" if not e.provided else "differs" if e.differences else "provided"
        if not (options.missing and state == "provided"):
            print(f"{e.name:{width}}  {state:8}  {'; '.join(e.differences)}".rstrip())
    for name in unknown:
        print(f"{name:{width}}  torch has no such name")
    missing = sum(not e.provided for e in entries)
    differing = sum(bool(e.differences) for e in entries)
    provided = len(entries) - missing
    print(f"\n{len(entries)} names: {provided} provided, {differing} of them with another signature; {missing} missing")
    return 1 if missing else 0
