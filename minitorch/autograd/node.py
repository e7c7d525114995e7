"""A node of the graph: one recorded operation."""

from __future__ import annotations

import itertools
import traceback
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minitorch.autograd.variable import Variable

Edge = tuple[Any, int, tuple[int, ...], Any]
"""Where a gradient goes: a node or a leaf tensor, the number of the node's output, the shape and dtype it must have."""

_order = itertools.count()


class Anomaly:
    """Whether nodes remember where they were made, and whether a backward pass looks for NaN (see `anomaly.py`)."""

    enabled = False
    check_nan = True


class Node:
    """One recorded operation. Nodes are numbered as they are made; a backward pass visits them from last to first."""

    __slots__ = ("__weakref__", "edges", "hooks", "order", "outputs", "retained", "trace")

    def __init__(self, edges: Sequence[Edge | None], outputs: int) -> None:
        self.order = next(_order)
        self.edges = edges
        self.outputs = outputs
        self.hooks: dict[int, dict[int, Callable[[Any], Any]]] | None = None
        self.retained: dict[int, weakref.ref[Variable]] | None = None
        self.trace = traceback.extract_stack() if Anomaly.enabled else None

    def name(self) -> str:
        """The name that tensors show as their ``grad_fn``."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """The nodes (or leaf tensors) that the inputs came from, each with the number of its output."""
        return tuple((None, 0) if edge is None else (edge[0], edge[1]) for edge in self.edges)

    def gradients(self, grads: list[Any], create_graph: bool) -> Sequence[Any]:
        """The gradients for `edges`, given those of the outputs (None: zero)."""
        raise NotImplementedError

    def release(self) -> None:
        """Free what was saved for the backward pass."""

    def hooks_of(self, index: int) -> dict[int, Callable[[Any], Any]]:
        """The hooks on the gradient of output number `index`."""
        if self.hooks is None:
            self.hooks = {}
        return self.hooks.setdefault(index, {})

    def retain(self, index: int, tensor: Variable) -> None:
        """Let a backward pass leave the gradient of output number `index` in ``tensor.grad``."""
        if self.retained is None:
            self.retained = {}
        self.retained[index] = weakref.ref(tensor)

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self):#x}>"
