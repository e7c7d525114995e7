"""L0: the functions and keywords of the array module that backend-neutral code uses are in the installed CuPy.

The text is parsed, not run: `xp.name(…)`, `namespace(x).name(…)`, `….xp.name(…)`, and methods where the receiver is
certainly an array. CuPy is imported but not run, so no driver is needed. Its Python functions have a signature; its
compiled functions and ufuncs have one in the first line of the docstring.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
NOT_NEUTRAL = tuple(ROOT / "kernels" / name for name in ("cpu", "cuda", "cusim"))  # written for one library
METHODS = {name for name in dir(np.ndarray) if not name.startswith("_")}
DYNAMIC = {  # files that take names from the array module by `getattr`, and where their names are known from
    "kernels/elementwise.py": "UniversalKernel: its instances are read from the registry",
    "kernels/dispatch.py": "the same",
    "minitorch/functions/creation.py": "zeros ones empty",
}


@dataclass(frozen=True)
class Use:
    """A use of a name of the array module (`owner` "xp") or of an array, and the arguments if it is called."""

    where: str
    owner: str
    name: str
    called: bool = False
    positional: int = 0
    open_ended: bool = False  # * or ** among the arguments
    keywords: tuple[str, ...] = ()

    def __str__(self) -> str:
        call = f"({', '.join(['…'] * self.positional + [f'{k}=…' for k in self.keywords])})" if self.called else ""
        return f"{self.where}: {self.owner}.{self.name}{call}"


def neutral_files() -> Iterator[Path]:
    """The files whose code runs on every backend."""
    for package in ("kernels", "minitorch"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if not any(folder in path.parents for folder in NOT_NEUTRAL):
                yield path


def uses(text: str, file: str) -> list[Use]:
    """The names of the array module and of arrays that a file's text uses."""
    found = []
    tree = ast.parse(text)
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    modules = {"xp"} | {name for node in ast.walk(tree) for name in _bound_to_modules(node)}
    arrays_only = file.startswith("kernels/")
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        call = calls.get(id(node))
        names = _chain(node, modules)
        if names is not None:
            if id(node) in inner and call is None:
                continue  # a part of a longer chain
            owner = "xp"
        elif (
            call is not None
            and node.attr in METHODS
            and ((arrays_only and _may_be_array(node)) or _is_array(node.value))
        ):
            owner, names = "array", [node.attr]
        else:
            continue
        how: dict[str, Any] = {}
        if call is not None:
            starred = any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords)
            how = {
                "called": True,
                "positional": sum(not isinstance(a, ast.Starred) for a in call.args),
                "open_ended": starred,
                "keywords": tuple(k.arg for k in call.keywords if k.arg is not None),
            }
        found.append(Use(f"{file}:{node.lineno}", owner, ".".join(names), **how))
    return found


def dynamic(text: str) -> bool:
    """Whether a text takes a computed name from an array module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            owner = node.args[0]
            if _is_module(owner, {"xp"}) and not isinstance(node.args[1], ast.Constant):
                return True
    return False


def missing(found: Iterable[Use], library: Any) -> list[str]:
    """For each use that `library`, an array module, does not support: a sentence that says why."""
    wrong = []
    for use in found:
        thing: Any = library if use.owner == "xp" else library.ndarray
        try:
            for name in use.name.split("."):
                thing = getattr(thing, name)
        except (AttributeError, ImportError):
            wrong.append(f"{use}: there is no {use.name}")
            continue
        if not use.called:
            continue
        signature = signature_of(thing, method=use.owner == "array")
        if signature is None:
            wrong.append(f"{use}: its signature cannot be read")
            continue
        values = [None] * use.positional
        try:
            bind = signature.bind_partial if use.open_ended else signature.bind
            bind(*values, **dict.fromkeys(use.keywords))
        except TypeError as error:
            wrong.append(f"{use}: {error}; it is {use.name.rpartition('.')[2]}{signature}")
    return wrong


def signature_of(function: Any, method: bool = False) -> inspect.Signature | None:
    """The signature of a function, a class, a ufunc or a compiled method (without its self); None if it has none."""
    try:
        signature = inspect.signature(function)
        parameters = list(signature.parameters.values())
    except (TypeError, ValueError):
        line = (function.__doc__ or "").strip().partition("\n")[0]
        inside = re.match(r"[\w.]+\((.*)\)(?: ->.*)?$", line)
        if inside is None:
            return None
        parameters = _parsed(inside[1])
        if parameters and parameters[0].name == "self" and not method:
            parameters = parameters[1:]
    if method and parameters:
        parameters = parameters[1:]
    return inspect.Signature(parameters)


def _parsed(text: str) -> list[inspect.Parameter]:
    """The parameters in the first line of a docstring; names may have C types before them."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters: list[inspect.Parameter] = []
    for part in re.split(r",\s*(?![^()\[\]]*[)\]])", text.replace("\\", "")):
        part = part.strip()
        if part == "/":
            parameters = [p.replace(kind=inspect.Parameter.POSITIONAL_ONLY) for p in parameters]
        elif part == "*":
            kind = inspect.Parameter.KEYWORD_ONLY
        elif part.startswith("**"):
            parameters.append(inspect.Parameter(part[2:], inspect.Parameter.VAR_KEYWORD))
        elif part.startswith("*"):
            parameters.append(inspect.Parameter(part[1:], inspect.Parameter.VAR_POSITIONAL))
            kind = inspect.Parameter.KEYWORD_ONLY
        elif part:
            name, default, _ = part.partition("=")
            bare = name.split(":")[0].split()[-1]
            parameters.append(inspect.Parameter(bare, kind, default=None if default else inspect.Parameter.empty))
    return parameters


def _bound_to_modules(node: ast.AST) -> Iterator[str]:
    """Names that an assignment binds to an array module."""
    if isinstance(node, ast.Assign) and _is_module(node.value, {"xp"}):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _is_module(node: ast.expr, names: set[str]) -> bool:
    """Whether an expression is an array module: xp, namespace(…), ….xp."""
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.Attribute):
        return node.attr == "xp"
    if isinstance(node, ast.Call):
        function = node.func
        return getattr(function, "id", getattr(function, "attr", None)) == "namespace"
    return False


def _chain(node: ast.Attribute, modules: set[str]) -> list[str] | None:
    """The names after an array module, None if this does not begin with one."""
    if _is_module(node.value, modules):
        return [node.attr]
    if isinstance(node.value, ast.Attribute):
        before = _chain(node.value, modules)
        return None if before is None else [*before, node.attr]
    return None


def _is_array(node: ast.expr) -> bool:
    """Whether an expression in minitorch is certainly an array: `….​_array`, or a method of one."""
    if isinstance(node, ast.Attribute):
        return node.attr == "_array"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in METHODS and _is_array(node.func.value)
    return False


def _may_be_array(node: ast.Attribute) -> bool:
    """Whether a method's receiver in `kernels`, where there are few other objects, may be an array."""
    value = node.value
    if isinstance(value, ast.Constant | ast.List | ast.Dict | ast.ListComp | ast.JoinedStr):
        return False
    root: ast.AST = value
    while isinstance(root, ast.Attribute | ast.Call | ast.Subscript):
        root = root.func if isinstance(root, ast.Call) else root.value
    return not (isinstance(root, ast.Name) and root.id in {"np", "math", "self", "strides", "order", "_forced"})
