"""One example: a text that both libraries run, and the inputs it names."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import CodeType
from typing import Any, Literal

from parity.compare.inputs import Input, largest
from parity.compare.names import NAMES, names as own_names

Kind = Literal["op", "module", "optimizer"]


@dataclass(frozen=True)
class Call:
    """An example that a case has drawn.

    The text is Python, written against torch's API: an expression, or statements that assign ``out``. It sees ``torch``
    (the library that runs it), ``nn``, ``F``, the floating-point ``dtype`` of the run, ``inf``, ``nan`` and the inputs
    by their names; for a module ``m``, for an optimizer ``optimizer``, ``params`` and ``targets``; and the names of
    `parity.compare.names`.

    Attributes:
        text: the text of the call.
        inputs: its array arguments.
        kind: ``op``, ``module`` or ``optimizer``.
        build: the expression that makes the module or the optimizer.
        training: whether the module is in training mode.
        terms: how many numbers are summed for one result.
        gradient_terms: how many for one element of a gradient.
        cotangent: the outputs' gradients: ``normal`` numbers, or a single 1, ``expanded``, as after ``sum()``.
        seed: set before the module is built, and again before it is called.
        variant: how the incoming gradients are changed, as inputs are (`Input.variant`).
    """

    text: str
    inputs: tuple[Input, ...] = ()
    kind: Kind = "op"
    build: str = ""
    training: bool = True
    terms: int = 1
    gradient_terms: int = 1
    cotangent: str = "normal"
    seed: int = 0
    variant: int = 0

    @cached_property
    def drawn(self) -> float:
        """How large the largest finite number among the inputs is, and at least 1."""
        return max([1.0, *(largest(x.base()) for x in self.inputs if x.dtype == "float")])

    def __repr__(self) -> str:
        inputs = ", ".join(f"{x.name}: {x.dtype}{list(x.shape)} {x.fill} {x.layout}" for x in self.inputs)
        return f"<{self.build and self.build + '; '}{self.text}  with {inputs or 'no inputs'}>"


def scope(lib: Any, dtype: str) -> dict[str, Any]:
    """The names that a text sees when `lib` runs it."""
    names = own_names(lib) if NAMES else {}
    names |= {"torch": lib, "dtype": getattr(lib, dtype), "inf": float("inf"), "nan": float("nan")}
    nn = getattr(lib, "nn", None)
    return names if nn is None else names | {"nn": nn, "F": nn.functional}


def run(text: str, names: dict[str, Any]) -> Any:
    """The value of an expression, or the value that statements assign to ``out`` (None without an assignment)."""
    code, expression = _compiled(text)
    if expression:
        return eval(code, names)
    exec(code, names)
    return names.get("out")


def is_expression(text: str) -> bool:
    """Whether a text is an expression, so that its value is the result."""
    return _compiled(text)[1]


def gives_a_result(text: str) -> bool:
    """Whether a text is an expression, or statements in which the name ``out`` occurs."""
    code, expression = _compiled(text)
    return expression or "out" in code.co_names


@lru_cache(4096)
def _compiled(text: str) -> tuple[CodeType, bool]:
    try:
        return compile(text, "<call>", "eval"), True
    except SyntaxError:
        return compile(ast.parse(text), "<call>", "exec"), False
