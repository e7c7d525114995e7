"""A program, a run of it with one library, and the script that runs it with both."""

from __future__ import annotations

import contextlib
import math
import random
import re
import textwrap
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np

Program = tuple[str, ...]
"""Statements, one line each. A statement that raises does not end the program: the next one runs."""

TARGET = re.compile(r"(?:with [^:]+: )?([a-z]\w*),? = ")
"""What matches a statement that gives a new value to a name, with that name as its group."""

WRITTEN = re.compile(
    r"(?:with [^:]+: )?([a-z])(?:\.(?:[\w.()\[\]:-]*\.)?\w+_\(|\[.*\] [-+*/]?= | [-+*/]= )|.*out=([a-z])\b"
)
"""What matches a statement that writes to a tensor, with its name as the first group, or as the second for ``out=``."""

RANDOM = re.compile(r"rand|dropout|bernoulli|multinomial|normal|(uniform|exponential|geometric|cauchy)_")
"""What matches a statement that may draw random numbers."""

ATTRIBUTES = {  # the part of a tensor that is compared, and the expression that prints it
    "dtype": "{}.dtype",
    "shape": "{}.shape",
    "stride": "{}.stride()",
    "offset": "{}.storage_offset()",
    "requires_grad": "{}.requires_grad",
    "is_leaf": "{}.is_leaf",
    "has grad_fn": "{}.grad_fn is not None",
    "retains_grad": "{}.retains_grad",
    "inference": "{}.is_inference()",
    "values": "{}",
    "grad": "{}.grad",
}


@dataclass(frozen=True)
class Raised:
    """An error: the names of its class and of the classes that this derives from, and its message."""

    kinds: tuple[str, ...]
    message: str = field(compare=False)

    def __str__(self) -> str:
        lines = self.message.strip().splitlines()
        return f"{self.kinds[0]}: {lines[0] if lines else ''}"


@dataclass(frozen=True)
class Step:
    """The effect of a statement.

    Attributes:
        error: what it raised, or None.
        value: what it assigned, as `observe` describes it; None if it assigned nothing.
        warned: the warnings that it gave, by category.
    """

    error: Raised | None
    value: Any
    warned: dict[str, str]


@dataclass(frozen=True)
class Run:
    """A run of a program with a library: its steps, and the values of all names at its end."""

    steps: tuple[Step, ...]
    end: dict[str, Any]


def run(program: Sequence[str], lib: Any, noise: random.Random | None = None) -> Run:
    """Run a program with a library under the name ``torch``.

    Random numbers start from the seed 0. The grad mode of the caller is untouched. ``seen`` is an empty list that hooks
    may append to, ``np`` is NumPy, ``inf`` and ``nan`` are floats.

    Args:
        program: its statements.
        lib: torch or minitorch.
        noise: if given, every element that a statement makes or writes is multiplied by a number that this draws, one
            or two rounding errors from 1.
    """
    names = names_for(lib)
    given = set(names) - {"seen"}
    steps = []
    lib.default_generator.manual_seed(0)
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn"), lib.enable_grad():
        warnings.simplefilter("always")
        for statement in program:
            caught.clear()
            error = execute(statement, names)
            warned = {w.category.__name__: str(w.message).partition("(Triggered")[0].strip() for w in caught}
            target = TARGET.match(statement)
            new = target or WRITTEN.match(statement)
            if noise and new and error is None:
                _disturb(names.get(next(filter(None, new.groups()))), noise, lib, "gelu" in statement)
            value = observe(names.get(target[1]), lib) if target and error is None else None
            steps.append(Step(error, value, warned))
        return Run(tuple(steps), {k: observe(v, lib) for k, v in names.items() if k not in given and k[0] != "_"})


def names_for(lib: Any) -> dict[str, Any]:
    """The names that a program starts with, for a library."""
    return {
        "torch": lib,
        "F": lib.nn.functional,
        "np": np,
        "inf": math.inf,
        "nan": math.nan,
        "seen": [],
    }


def _disturb(value: Any, noise: random.Random, lib: Any, cancels: bool = False) -> None:
    """Change each element of a tensor in floating point that is not a view by one or two rounding errors.

    Equal elements change alike, so that they stay equal. If terms have cancelled, the rounding errors are those of 1.
    """
    if isinstance(value, lib.Tensor) and value.is_floating_point() and not value._is_view():
        given = [repr(v) for v in value.detach().double().flatten().tolist()]
        eps = lib.finfo(value.dtype).eps
        by_value = {v: noise.choice((-1, 1)) * noise.uniform(1, 2) * eps for v in dict.fromkeys(given)}
        changes = lib.tensor([by_value[v] for v in given], dtype=value.dtype).reshape(value.shape)
        with contextlib.suppress(RuntimeError), lib.no_grad():  # an expanded tensor cannot be written to
            value.data.add_(changes) if cancels else value.data.mul_(1 + changes)  # -0 stays -0


def execute(statement: str, names: dict[str, Any]) -> Raised | None:
    """Run one statement; what it raises, or None."""
    try:
        exec(compiled(statement), names)
    except Exception as error:
        return raised(error)
    return None


@lru_cache(1 << 16)
def compiled(statement: str) -> CodeType:
    """A statement as code."""
    return compile(statement, "<program>", "exec")


def raised(error: Exception) -> Raised:
    """An error in a form in which the libraries can be compared."""
    return Raised(tuple(c.__name__ for c in type(error).__mro__[:-2]), str(error))


def observe(value: Any, lib: Any) -> Any:
    """A value in a form that can be compared: tensors as dicts of `ATTRIBUTES`, containers of these, or texts."""
    if isinstance(value, lib.Tensor):
        return _tensor(value, lib)
    if isinstance(value, tuple | list):
        return [observe(v, lib) for v in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, lib.dtype):
        return str(value).rpartition(".")[2]
    if isinstance(value, np.ndarray | np.generic):
        return {"dtype": str(value.dtype), "shape": value.shape, "stride": value.strides, "values": np.array(value)}
    return "object"


def _tensor(t: Any, lib: Any) -> dict[str, Any]:
    """A tensor attribute by attribute; the error for one that raises."""
    found: dict[str, Any] = {
        "dtype": str(t.dtype).rpartition(".")[2],
        "shape": tuple(t.shape),
        "stride": _outcome(lambda: tuple(t.stride())),
        "offset": _outcome(t.storage_offset),
        "values": _outcome(lambda: t.detach().clone().numpy()),  # a tensor that NumPy views is never resized again
    }
    try:
        found |= {
            "requires_grad": t.requires_grad,
            "is_leaf": t.is_leaf,
            "has grad_fn": t.grad_fn is not None,
            "retains_grad": t.retains_grad,
            "inference": t.is_inference(),
        }
        if found["is_leaf"] or found["retains_grad"]:
            found["grad"] = observe(t.grad, lib)
    except Exception as error:  # for a view whose history torch refuses to say
        found["has grad_fn"] = raised(error)
    return found


def _outcome(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Exception as error:
        return raised(error)


def script(program: Sequence[str], shown: str = "", failing: Sequence[int] = ()) -> str:
    """A script that runs the program under both libraries.

    Args:
        program: its statements.
        shown: an expression to print at the end.
        failing: the indices of statements that raise in one of the libraries: their errors are printed.
    """
    lines = []
    for i, statement in enumerate(program):
        if i in failing:
            lines += ["try:", f"    {statement}", "except Exception as error:", "    print(repr(error))"]
        else:
            lines.append(statement)
    lines += [f"print({shown})"] if shown else []
    start = ["F = torch.nn.functional"] if any("F." in line for line in lines) else []
    start += ["seen = []"] if any("seen" in line for line in lines) else []
    start += ["torch.manual_seed(0)"] if any(RANDOM.search(line) for line in lines) else []
    body = "\n".join([*start, *lines])
    needs = ["from math import inf, nan"] if re.search(r"\b(inf|nan)\b", body) else []
    needs += ["", "import numpy as np"] if "np." in body else [""]
    head = "\n".join([*needs, "import torch", "", "import minitorch"]).lstrip()
    return f"{head}\n\n\ndef run(torch):\n{textwrap.indent(body, '    ')}\n\n\nrun(torch)\nrun(minitorch)\n"
