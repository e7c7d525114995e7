"""What a call of an op saves and what its backward step runs: read once from the parameter names of its gradients."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

Gradient = Callable[..., Any]


class Plan:
    """What an op saves, and what its backward step runs, when the arguments in `mask` require a gradient.

    Arguments and results are numbered together, in this order.

    Args:
        op: the `Op`.
        mask: an integer whose bit p is set if the argument at position p requires a gradient.
        count: the number of arguments.

    Attributes:
        count: the number of arguments.
        names: the names of arguments and results; every argument for ``*name`` is called `name`.
        inputs: the arguments that could have a gradient.
        positions: the arguments to which the node has edges, in the order of the edges.
        sources: what is saved: ("value", "shape" or "dtype", of which argument or result); for "origin" nothing is.
        used: how many of the sources the gradients take; the others are for the composite.
        keeps_operand: whether they take an operand of arithmetic, a tensor to torch also if the call has a number for
            it: as in torch, ``x * 2`` cannot be passed twice without `retain_graph`.
        steps: (gradient, the indices in `sources` of what it takes, the edge that its result is for). What a gradient
            takes of ``*name`` is a tuple. The edge of a joint gradient is a list, None for results that are not needed.
    """

    __slots__ = ("count", "inputs", "keeps_operand", "names", "positions", "sources", "steps", "used")

    def __init__(self, op: Any, mask: int, count: int) -> None:
        self.count = count
        self.names = op.parameters[:count] + op.parameters[-1:] * (count - len(op.parameters)) + op.outputs
        inputs: list[list[int]] = []  # of each gradient: the numbers of the arguments that it is for
        for names, _ in op.gradients:
            several = (names,) if isinstance(names, str) else names
            inputs.append([p for name in several for p in range(count) if self.names[p] == name])
        self.inputs = sorted({p for numbers in inputs for p in numbers})
        self.positions = [p for p in self.inputs if mask >> p & 1]
        self.sources: list[tuple[str, int]] = []
        self.steps: list[tuple[Gradient, list[Any], Any]] = []
        for (names, gradient), numbers in zip(op.gradients, inputs, strict=True):
            edges = [self.positions.index(p) if p in self.positions else None for p in numbers]
            if any(edge is not None for edge in edges):
                picks = self._saved_for(op, gradient)
                self.steps.append((gradient, picks, edges[0] if isinstance(names, str) else edges))
        self.used = len(self.sources)
        operands = self.inputs if op.promote is not None else []
        self.keeps_operand = any(kind == "value" and p in operands for kind, p in self.sources)
        if op.composite is not None:
            for p in range(count):
                self._index_of("value", p)

    def _saved_for(self, op: Any, gradient: Gradient) -> list[Any]:
        """The indices in `sources` of what the parameters of a gradient, after the first, name."""
        picks: list[Any] = []
        for parameter in list(inspect.signature(gradient).parameters)[1:]:
            name, kind = parameter, "value"
            if name not in self.names:
                name, _, kind = parameter.rpartition("_")
            numbers = [p for p, known in enumerate(self.names) if known == name]
            if not numbers or kind not in ("value", "shape", "dtype", "origin"):
                known = f"{op.parameters} and {op.outputs}"
                raise TypeError(f"a gradient of {op.name} asks for {parameter!r}; there are {known}")
            if name == op.variadic:
                picks.append(tuple(self._index_of(kind, p) for p in numbers))
            else:
                picks.append(self._index_of(kind, numbers[-1]))
        return picks

    def _index_of(self, *source: Any) -> int:
        """The index of `source` in `sources`, to which it is added if it is new."""
        if source not in self.sources:
            self.sources.append(source)
        return self.sources.index(source)

    def saved_names(self) -> list[str]:
        """The names of `sources`, as gradients spell them: ``x``, ``x_shape``; for ``*tensors`` ``tensors_0_shape``."""
        found = []
        for kind, p in self.sources:
            name = self.names[p]
            if self.names.count(name) > 1:
                name += f"_{p - self.names.index(name)}"
            found.append(name if kind == "value" else f"{name}_{kind}")
        return found
