"""Facts about every op, read from the op itself, from the text of its gradients and from its callers."""

from __future__ import annotations

import ast
import dis
import functools
import importlib
import inspect
import itertools
import linecache
import pkgutil
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import minitorch
from kernels.dispatch import KERNELS, Kernel
from minitorch.autograd.op import Op
from parity.cases import select

OPERATORS = {  # methods of Python's operators
    "__add__": "+", "__sub__": "-", "__mul__": "*", "__truediv__": "/", "__floordiv__": "//", "__mod__": "%",
    "__pow__": "**", "__matmul__": "@", "__neg__": "-x", "__and__": "&", "__or__": "|", "__xor__": "^",
    "__getitem__": "x[…]", "__setitem__": "x[…] =",
}  # fmt: skip
Names = Sequence[tuple[str, ...]]
PLUMBING = ("minitorch.autograd.", "minitorch.functions.arguments", "minitorch.functions.variants")
"""Files whose functions call ops on behalf of every function: writing into ``out=``, views of written memory."""


@dataclass(frozen=True)
class Gradient:
    """The gradient of one input, or of several at once.

    Attributes:
        inputs: the op's inputs whose gradient this is.
        parameters: what it takes: the incoming gradient, then what the graph keeps for it.
        text: an expression, or the name of a function.
    """

    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Entry:
    """The facts about one op.

    Attributes:
        name: its name in its file.
        module: its file's module.
        op: the op.
        formula: the first paragraph of its kernel's docstring, in one line.
        notes: the paragraphs after it, up to the ones about arguments and results.
        gradients: one for each line of its definition.
        helpers: the functions of the op's file, other than ops, that the gradients call, directly or not.
        keeps: the values that the graph may save for them, as ``x`` or ``x.shape``.
        forms: the libraries for which its kernel has a form beside the reference.
        names: the public functions and methods that compute it, as torch writes them without ``torch.``; the names of
            one function together.
        within: the ops in whose gradients it is used.
        cases: the parity cases that compare these names with torch's.
    """

    name: str
    module: str
    op: Op
    formula: str
    notes: tuple[str, ...]
    gradients: tuple[Gradient, ...]
    helpers: tuple[Any, ...]
    keeps: tuple[str, ...]
    forms: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    within: tuple[str, ...]
    cases: tuple[str, ...]


def entries() -> list[Entry]:
    """Every op of minitorch, in the order of files and of definitions in them."""
    importlib.import_module("kernels.cuda.all_kernels")  # registers CuPy's forms, without CuPy
    found = list(_ops())
    names = _names(op for _, _, op in found)
    within = _within(found)
    return [_entry(module, name, op, names.get(id(op), []), within.get(id(op), [])) for module, name, op in found]


def kernels_without_op(known: Iterable[Entry]) -> list[Kernel]:
    """The kernels that no op computes: gradients that have no gradient, steps of optimizers, random numbers."""
    computed = {id(e.op.kernel) for e in known}
    return [k for _, k in sorted(KERNELS.items()) if id(k) not in computed]


def forms(kernel: Callable[..., Any]) -> tuple[str, ...]:
    """The libraries for which a kernel has a form beside the reference."""
    return tuple(sorted(kernel.implementations, reverse=True)) if isinstance(kernel, Kernel) else ()


def summary(docstring: str | None) -> tuple[str, tuple[str, ...]]:
    """The first paragraph of a docstring in one line, and the others up to the ones about arguments and results."""
    first, *rest = inspect.cleandoc(docstring or "").split("\n\n")
    notes = itertools.takewhile(lambda p: not re.match(r"(Args|Returns|Raises):", p), rest)
    return " ".join(first.split()), tuple(notes)


def _ops() -> Iterator[tuple[str, str, Op]]:
    seen = set()
    for module in _modules():
        text = Path(module.__file__ or "").read_text(encoding="utf-8")
        for name in _assigned(ast.parse(text)):
            op = getattr(module, name, None)
            if isinstance(op, Op) and id(op) not in seen:
                seen.add(id(op))
                yield module.__name__, name, op


def _modules() -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(minitorch.__path__, "minitorch."):
        if not info.name.endswith("__main__"):
            yield importlib.import_module(info.name)


def _assigned(tree: ast.Module) -> Iterator[str]:
    """The names that a file assigns at its top level, in order."""
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        for target in targets:
            for node in ast.walk(target) if target is not None else ():
                if isinstance(node, ast.Name):
                    yield node.id


def _entry(module: str, name: str, op: Op, names: Names, within: list[str]) -> Entry:
    formula, notes = summary(op.kernel.__doc__)
    gradients = tuple(_gradient(inputs, function) for inputs, function in op.gradients)
    saved = [kept(parameter) for g in gradients for parameter in g.parameters[1:] if is_kept(parameter)]
    flat = {name for group in names for name in group}
    cases = [c.name for c in select() if set(c.covers) & flat]
    return Entry(
        name,
        module,
        op,
        formula,
        notes,
        gradients,
        _helpers(op),
        tuple(dict.fromkeys(saved)),
        forms(op.kernel),
        tuple(names),
        tuple(within),
        tuple(cases),
    )


def kept(parameter: str) -> str:
    """The value that the graph saves for a gradient's parameter: ``x.shape`` for ``x_shape``."""
    return re.sub(r"_(shape|dtype)$", r".\1", parameter)


def is_kept(parameter: str) -> bool:
    """Whether the graph saves something for a gradient's parameter: not for ``x_origin``, which only has an edge."""
    return not parameter.endswith("_origin")


# -- the text of a gradient


def _gradient(inputs: str | Sequence[str], function: Any) -> Gradient:
    names = (inputs,) if isinstance(inputs, str) else tuple(inputs)
    function = inspect.unwrap(function)  # the definition: `kernels.cpu.blocks.blockwise` and others wrap it
    text = _lambda_text(function) if function.__name__ == "<lambda>" else function.__name__
    return Gradient(names, tuple(inspect.signature(function).parameters), text)


def _helpers(op: Op) -> tuple[Any, ...]:
    """The functions of the op's file that its gradients and its composite call, directly or through other functions."""
    found: dict[Any, None] = {}
    pending = [inspect.unwrap(function) for _, function in op.gradients] + ([op.composite] if op.composite else [])
    file = {function.__module__ for function in pending}
    while pending:
        function = pending.pop()
        if isinstance(function, FunctionType) and function.__module__ in file and function not in found:
            if function.__name__ != "<lambda>":
                found[function] = None
            pending += _referenced(function)
    return tuple(found)


@functools.cache
def _parsed(file: str) -> tuple[str, ast.Module]:
    text = "".join(linecache.getlines(file))
    return text, ast.parse(text)


def _lambda_text(function: FunctionType) -> str:
    """The expression of a lambda as it is written, in one line."""
    code = function.__code__
    places = {(p[0], p[2], p[1], p[3]) for p in code.co_positions()}
    text, tree = _parsed(code.co_filename)
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            body = node.body
            if (body.lineno, body.col_offset, body.end_lineno, body.end_col_offset) in places:
                written = " ".join((ast.get_source_segment(text, body) or "").split())
                return re.sub(r",? (?=[)\]])", "", re.sub(r"(?<=[(\[]) ", "", written))
    raise LookupError(f"{code.co_filename}, line {code.co_firstlineno}: no lambda found there")


def definition(function: Any) -> str:
    """A function's text without annotations."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
    return ast.unparse(tree)


# -- who calls an op


def _within(found: Iterable[tuple[str, str, Op]]) -> dict[int, list[str]]:
    """By op, the other ops in whose gradients it is called."""
    using: dict[int, list[str]] = {}
    for _, name, op in found:
        for _, gradient in op.gradients:
            for used in _reached(gradient, set()):
                if used is not op and name not in using.setdefault(id(used), []):
                    using[id(used)].append(name)
    return using


def _names(known: Iterable[Op]) -> dict[int, Names]:
    """By op, the public names that compute it: the functions of its name, unless they call other ops only; if there is
    no such function, all functions that call it; else the modules whose methods do.
    """
    faces: dict[int, tuple[Any, list[str]]] = {}
    for name, function in _functions():
        faces.setdefault(id(function), (function, []))[1].append(name)
    calls: dict[int, list[tuple[str, ...]]] = {}
    for function, names in faces.values():
        for op in _reached(function, faces.keys() - {id(function)}):
            calls.setdefault(id(op), []).append(tuple(names))
    layers: dict[int, list[str]] = {}
    for name, method in _layers():
        for op in _reached(method, faces.keys()):
            layers.setdefault(id(op), []).append(name)
    found: dict[int, Names] = {}
    for op in known:
        same = {key: None for key, (_, names) in faces.items() if any(_plain(name) == op.name for name in names)}
        namesakes = []
        for key in same:
            reached = _reached(faces[key][0], faces.keys() - same.keys())
            if op in reached or not reached:
                namesakes.append(tuple(faces[key][1]))
        modules = list(dict.fromkeys(layers.get(id(op), [])))
        modules = [name for name in modules if _plain(name).lower().startswith(op.name)] or modules
        found[id(op)] = namesakes or calls.get(id(op)) or [(name,) for name in modules]
    return found


def _plain(name: str) -> str:
    """A public name without what it belongs to, and without the underscore of the form in place."""
    return name.rpartition(".")[2].rstrip("_")


def _functions() -> Iterator[tuple[str, Any]]:
    """Public functions and methods, without what wraps them, by the names that users call them by."""
    for prefix, owner in (
        ("", minitorch),
        ("Tensor.", minitorch.Tensor),
        ("nn.functional.", minitorch.nn.functional),
        ("linalg.", minitorch.linalg),
    ):
        for name in sorted(dir(owner)):
            value = inspect.getattr_static(owner, name)
            if isinstance(value, FunctionType) and (not name.startswith("_") or name in OPERATORS):
                yield prefix + name, inspect.unwrap(value)


def _layers() -> Iterator[tuple[str, Any]]:
    """The methods of the public modules, without those that all modules have."""
    for name, layer in sorted(vars(minitorch.nn).items()):
        if isinstance(layer, type) and issubclass(layer, minitorch.nn.Module):
            for base in layer.__mro__:
                if base is not minitorch.nn.Module and issubclass(base, minitorch.nn.Module):
                    yield from ((f"nn.{name}", method) for method in vars(base).values())


def _reached(function: Any, stop: Set[int], seen: set[int] | None = None) -> list[Op]:
    """The ops that a function calls, itself or in helpers, but not in functions whose id is in `stop`."""
    seen = set() if seen is None else seen
    found: list[Op] = []
    for value in _referenced(function):
        if isinstance(value, Op):
            found.append(value)
        elif (
            isinstance(value, FunctionType)
            and value.__module__.startswith("minitorch.")
            and not value.__module__.startswith(PLUMBING)
            and id(inspect.unwrap(value)) not in stop
            and id(value) not in seen
        ):
            seen.add(id(value))
            found += _reached(inspect.unwrap(value), stop, seen)
    return list({id(op): op for op in found}.values())


def _referenced(function: Any) -> Iterator[Any]:
    """The values of the global names, attributes of modules and closure variables that a function's code reads."""
    if not isinstance(function, FunctionType):
        return
    for cell in function.__closure__ or ():
        yield from _members(cell.cell_contents)
    pending: list[CodeType] = [function.__code__]
    while pending:
        code = pending.pop()
        pending += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        value: Any = None
        for instruction in dis.get_instructions(code):
            if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                value = function.__globals__.get(instruction.argval)
            elif instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and isinstance(value, ModuleType):
                value = getattr(value, instruction.argval, None)
            else:
                value = None
            yield from _members(value)


def _members(value: Any) -> Iterator[Any]:
    """The value itself if it is an op or a function; if it is a table of ops or functions, these."""
    if isinstance(value, dict):
        value = tuple(value.values())
    for one in value if isinstance(value, tuple | list) else (value,):
        if isinstance(one, Op | FunctionType):
            yield one
