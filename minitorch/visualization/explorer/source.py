"""The text of what runs: an op with its gradients, its kernel's reference, an optimizer's update, as in their files."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import sys
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from kernels.dispatch import KERNELS, Kernel
from minitorch.autograd.function import Function
from minitorch.autograd.op import Op
from minitorch.optim.optimizer import Optimizer


class Excerpt(NamedTuple):
    """Lines of a file.

    Attributes:
        title: what they are.
        file: the file, from the package on: ``minitorch/ops/loss.py``.
        line: the number of the first line.
        text: the lines.
    """

    title: str
    file: str
    line: int
    text: str


class GradientLines(NamedTuple):
    """Where an op's gradient is written.

    Attributes:
        inputs: the inputs of the op that it is for.
        keeps: what it takes beside the incoming gradient.
        file: its file.
        first: its first line.
        last: its last line.
        text: the lambda, in one line; empty for a function.
    """

    inputs: list[str]
    keeps: list[str]
    file: str
    first: int
    last: int
    text: str


class Rule(NamedTuple):
    """How an operation, or the update of an optimizer, is computed.

    Attributes:
        formula: in a sentence.
        excerpts: the text.
        gradients: of an op.
        form: the function that runs on NumPy arrays in the place of the reference, if there is one.
    """

    formula: str
    excerpts: list[Excerpt]
    gradients: list[GradientLines]
    form: str


def rule_of(rule: Any) -> Rule:
    """The text of an op, of a user's `Function`, or of an optimizer's class."""
    if isinstance(rule, Op):
        return _of_op(rule)
    if isinstance(rule, type) and issubclass(rule, Optimizer):
        return _of_optimizer(rule)
    if isinstance(rule, type) and issubclass(rule, Function):
        found = _excerpt("the Function, forward and backward", rule)
        return Rule(_summary(rule.__doc__) if rule.__doc__ != Function.__doc__ else "", found, [], "")
    return Rule("", [], [], "")


def _of_op(op: Op) -> Rule:
    definition = _statement("the operation and its gradients", op, "minitorch")
    gradients, functions = [], {}
    for names, gradient in op.gradients:
        function = inspect.unwrap(gradient)
        if not isinstance(function, FunctionType):
            continue
        parameters = list(inspect.signature(function).parameters)
        first, last, text = _place_of(function)
        inputs = [names] if isinstance(names, str) else list(names)
        gradients.append(
            GradientLines(inputs, parameters[1:], _short(function.__code__.co_filename), first, last, text)
        )
        for helper in (function, *_called_in(function)):
            if helper.__name__ != "<lambda>" or not definition:
                functions[helper] = _excerpt("a function that the gradients call", helper)
    excerpts = [*definition, *(e for found in functions.values() for e in found)]
    formula, form = _summary(op.kernel.__doc__), ""
    if isinstance(op.kernel, Kernel):
        excerpts += _of_kernel(op.kernel)
        tuned = op.kernel.implementations.get("numpy")
        if tuned is not None:
            code = inspect.unwrap(tuned).__code__
            form = f"{_short(code.co_filename)}:{code.co_firstlineno}"
    else:
        excerpts += _excerpt("its forward function", op.kernel)
    return Rule(formula, excerpts, gradients, form)


def _of_optimizer(cls: Any) -> Rule:
    ours = getattr(cls, "_update", None)
    step = inspect.unwrap(cls.step) if ours is None or ours is Optimizer._update else ours
    names = [name for name in step.__code__.co_names if name in KERNELS and name.endswith("_step")]
    excerpts = _excerpt("the update of a parameter", step)
    for name in names:
        excerpts += _of_kernel(KERNELS[name])
    formula = _summary(KERNELS[names[0]].__doc__) if names else _summary(cls.__doc__)
    return Rule(formula, excerpts, [], "")


def _of_kernel(kernel: Kernel) -> list[Excerpt]:
    """The reference form of a kernel; of one that NumPy has, the line that names NumPy's function."""
    title = "its kernel's reference"
    return _statement(title, kernel, "kernels") or _excerpt(title, kernel.reference)


def _summary(docstring: str | None) -> str:
    """The first paragraph of a docstring."""
    return " ".join(inspect.cleandoc(docstring or "").split("\n\n")[0].split())


def _excerpt(title: str, thing: Any) -> list[Excerpt]:
    """The lines of a function or class; empty if its file cannot be read."""
    try:
        lines, first = inspect.getsourcelines(thing)
    except (OSError, TypeError):
        return []
    return [Excerpt(title, _short(inspect.getsourcefile(thing) or ""), max(first, 1), "".join(lines))]


def _statement(title: str, thing: Any, package: str) -> list[Excerpt]:
    """The statement ``name = …`` of a file of a package that makes a thing; empty if there is none."""
    for module in [
        m for name, m in sys.modules.items() if name.startswith(f"{package}.") and isinstance(m, ModuleType)
    ]:
        for name, value in [*vars(module).items()]:
            if value is thing and module.__dict__.get("__file__", "").endswith(".py"):
                place = _assignments(str(module.__file__)).get(name)
                if place is not None:
                    first, last = place
                    text = "".join(linecache.getlines(str(module.__file__))[first - 1 : last])
                    return [Excerpt(title, _short(str(module.__file__)), first, text)]
    return []


@functools.cache
def _tree(file: str) -> ast.Module:
    return ast.parse("".join(linecache.getlines(file)))


@functools.cache
def _assignments(file: str) -> dict[str, tuple[int, int]]:
    """By name that a file assigns: the first and the last line of the statement."""
    found = {}
    for statement in _tree(file).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        for target in targets:
            for node in ast.walk(target) if target is not None else ():
                if isinstance(node, ast.Name):
                    found[node.id] = (statement.lineno, statement.end_lineno or statement.lineno)
    return found


def _place_of(function: FunctionType) -> tuple[int, int, str]:
    """The first and the last line of a function; of a lambda, its expression's, and its text in one line."""
    code = function.__code__
    if function.__name__ == "<lambda>":
        places = {(p[0], p[2], p[1], p[3]) for p in code.co_positions()}
        for node in ast.walk(_tree(code.co_filename)):
            if isinstance(node, ast.Lambda):
                body = node.body
                if (body.lineno, body.col_offset, body.end_lineno, body.end_col_offset) in places:
                    text = ast.get_source_segment("".join(linecache.getlines(code.co_filename)), node) or ""
                    return node.lineno, node.end_lineno or node.lineno, " ".join(text.split())
    try:
        lines, first = inspect.getsourcelines(function)
    except OSError:
        return code.co_firstlineno, code.co_firstlineno, ""
    return first, first + len(lines) - 1, ""


def _called_in(function: FunctionType) -> list[FunctionType]:
    """The functions of the same file that a function names, other than ops."""
    found = [function.__globals__.get(name) for name in function.__code__.co_names]
    return [f for f in found if isinstance(f, FunctionType) and f.__module__ == function.__module__]


def _short(file: str) -> str:
    """A file's path from its package on: the last of the names, as a checkout's folder may be called minitorch too."""
    parts = Path(file).parts
    packages = [i for i, part in enumerate(parts) if part in ("minitorch", "kernels")]
    return "/".join(parts[packages[-1] if packages else -1 :])
