"""The time of one small operation, recorded and differentiated, compared with NumPy's time for the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from parity.speed.sides import EAGER, TORCH
from parity.speed.timing import Effort, compare

NUMPY = "numpy"
CHAIN = 100
"""How many operations a chain has; its time is divided by this."""


@dataclass(frozen=True)
class Op:
    """A piece of code for a library with torch's API, and what it must do at least, in NumPy.

    Attributes:
        name: in words.
        code: statements over ``torch``; ``a``, ``b`` (4 values each, with gradient), ``g`` (4 values), ``m``, ``k``
            (4×4, with gradient), ``h`` (4×4), ``numbers`` (a list of 100 floats). The last line is returned.
        own: the same numbers in NumPy, over the same names and ``np``.
        count: by how much the time is divided.
    """

    name: str
    code: str
    own: str
    count: int = 1


def _chain(name: str, step: str, forward: str, backward: str, first: str = "a", gradient: str = "g") -> Op:
    clear = "a.grad = b.grad = m.grad = k.grad = None"
    code = f"x = {first}\nfor _ in range({CHAIN}): x = {step}\nx.backward({gradient})\n{clear}"
    own = f"x = {first}\nfor _ in range({CHAIN}): x = {forward}\ns = {gradient}\nfor _ in range({CHAIN}): {backward}"
    return Op(f"{name} in a chain of {CHAIN}, forward and backward", code, own, CHAIN)


OPS = (
    Op("a + b, forward", "a + b", "a + b"),
    Op(
        "a + b, forward and backward",
        "(a + b).backward(g)\na.grad = b.grad = None",
        "a + b\ng.copy()\ng.copy()",
    ),
    _chain("x + b", "x + b", "x + b", "s = s + g"),
    _chain("x * b", "x * b", "x * b", "s = s * b; x = x + s * a"),
    _chain("x.tanh()", "x.tanh()", "np.tanh(x)", "s = s * (1 - x * x)"),
    _chain("x @ k", "x @ k", "x @ k", "s = s @ k.T; m = m + x.T @ s", "m", "h"),
    Op("a.detach()[2], indexing", "a.detach()[2]", "a[2]"),
    Op("torch.tensor of 100 numbers", "torch.tensor(numbers)", "np.array(numbers, np.float32)"),
    Op("int(g[2]), reading a number", "int(g[2])", "int(g[2])"),
)


def measure(effort: Effort) -> Iterator[dict[str, Any]]:
    """The time of each of `OPS` under torch, minitorch and NumPy, in seconds."""
    import torch

    import minitorch

    for op in OPS:
        sides = {TORCH: _call(op.code, torch), EAGER: _call(op.code, minitorch), NUMPY: _call(op.own, None)}
        times = {name: asdict(found) for name, found in compare(sides, TORCH, effort).items()}
        for found in times.values():
            for key in ("seconds", "low", "high"):
                found[key] /= op.count
        yield {"name": op.name, "code": op.code, "numpy": op.own, "times": times}


def _call(code: str, library: Any) -> Callable[[], Any]:
    """A function that runs `code`; without a library its names are NumPy's arrays."""
    *lines, last = code.splitlines()
    last = last if "=" in last or last.startswith("for ") else f"return {last}"
    names = "torch, np, a, b, g, m, k, h, numbers"
    space: dict[str, Any] = {}
    exec(f"def call({names}):\n" + "".join(f"    {line}\n" for line in [*lines, last]), space)
    values = np.linspace(0.1, 0.4, 4, dtype=np.float32)
    square = np.eye(4, dtype=np.float32) + values / 10
    arrays: list[Any] = [values, values, values, square, square, square]
    if library is not None:
        arrays = [library.from_numpy(x.copy()) for x in arrays]
        for i in (0, 1, 3, 4):
            arrays[i].requires_grad_()
    numbers = [0.5 * i for i in range(100)]
    call = space["call"]
    return lambda: call(library, np, *arrays, numbers)
