"""The calls of a program as text of Python."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from minitorch.recording.program import Call, Expression, Value

SIGNS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "matmul": "@",
    "and_": "&",
    "or_": "|",
    "xor": "^",
    "lshift": "<<",
    "rshift": ">>",
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
}
UNARY = {"neg": "-", "pos": "+", "invert": "~"}

Name = Callable[[Any], str]
"""Gives the name of a value, a number, options or an object."""


def call_text(call: Call, name: Name) -> str:
    """The call, without what its result is assigned to."""
    args = [argument_text(a, name) for a in call.args]
    args_and_options = args + [f"{k}={argument_text(v, name)}" for k, v in call.kwargs.items()]
    form = call.form
    if form == "operator":
        if len(args) == 1:
            return f"abs({args[0]})" if call.name == "abs" else UNARY[call.name] + args[0]
        return f"{args[0]} {SIGNS[call.name]} {args[1]}"
    if form == "inplace":
        return f"{args[0]} {SIGNS[call.name]}= {args[1]}"
    if form == "attribute":
        return f"{args[0]}.{call.name}"
    if form == "method":
        return f"{args[0]}.{call.name}({', '.join(args_and_options[1:])})"
    if form in ("getitem", "setitem"):
        item = f"{args[0]}[{index_text(call.args[1], name)}]"
        return item if form == "getitem" else f"{item} = {args[2]}"
    if form == "count":
        return f"float({args[0]})"
    if form == "draw":
        return f"{args[0]}.{call.name}({', '.join(args_and_options[1:])})"
    if form == "constant":
        return f"{argument_text(call.args[0], name)}.copy()"
    if form == "check":
        return f"bool({args[0]})"
    if form == "kernel":
        return f"{name(call.function)}({', '.join(args_and_options)})"
    return f"{call.name}({', '.join(args_and_options)})"


def argument_text(value: Any, name: Name) -> str:
    """An argument."""
    kind = type(value)
    if isinstance(value, Expression):
        return "".join(part if isinstance(part, str) else name(part) for part in value.parts)
    if kind is tuple:
        return "(" + ", ".join(argument_text(v, name) for v in value) + ("," if len(value) == 1 else "") + ")"
    if kind is list:
        return "[" + ", ".join(argument_text(v, name) for v in value) + "]"
    if kind is slice:
        return f"slice({', '.join(argument_text(v, name) for v in (value.start, value.stop, value.step))})"
    if value is None or kind in (bool, int):
        return repr(value)
    if kind is str:
        return f'"{value}"' if value.isidentifier() else repr(value)
    if kind is float:
        return repr(value) if np.isfinite(value) else f'float("{value!r}")'
    if value is Ellipsis:
        return "..."
    if isinstance(value, np.dtype) and value.isbuiltin == 1:
        return f'"{value.name}"'
    if isinstance(value, type) and issubclass(value, np.generic):
        return f"np.{value.__name__}"
    if isinstance(value, np.generic) and np.isfinite(value):
        return f"np.{kind.__name__}({value.item()!r})"
    return name(value)


def index_text(key: Any, name: Name) -> str:
    """An index as it is written between square brackets: ``1:3, ..., None``."""
    if type(key) is tuple and key:
        return ", ".join(_part_text(k, name) for k in key) + ("," if len(key) == 1 else "")
    return _part_text(key, name)


def _part_text(key: Any, name: Name) -> str:
    if type(key) is not slice:
        return argument_text(key, name)
    text = [("" if part is None else argument_text(part, name)) for part in (key.start, key.stop, key.step)]
    return f"{text[0]}:{text[1]}" + (f":{text[2]}" if text[2] else "")


def identifier(text: str) -> str:
    """`text` as a name of a variable."""
    found = re.sub(r"\W+", "_", text).strip("_").lower()
    return f"_{found}" if not found or found[0].isdigit() else found


def result_text(result: Any, name: Name) -> str:
    """What a result is assigned to."""
    if isinstance(result, Value):
        return name(result)
    if isinstance(result, tuple | list):
        return ", ".join(
            f"({result_text(r, name)})" if isinstance(r, tuple | list) else result_text(r, name) for r in result
        ) + ("," * (len(result) == 1))
    return "_"
