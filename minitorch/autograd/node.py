"""A node of the graph: one recorded operation."""

from __future__ import annotations

import itertools
import threading
import traceback
import weakref
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minitorch.autograd.variable import Variable

Edge = tuple[Any, int]
"""Where a gradient goes: a node and the number of its output, or a leaf tensor and -1."""

_order = itertools.count()


class Anomaly:
    """Whether nodes remember where they were made, and whether a backward pass looks for NaN (see `anomaly.py`)."""

    enabled = False
    check_nan = True
    visiting = threading.local()  # in each thread, `node`: the one whose backward step is running


class Node:
    """One recorded operation. Nodes are numbered as they are made; a backward pass visits them from last to first.

    Args:
        edges: where the gradient of each input goes, None for an input that needs none.
        outputs: the shape and dtype of each output, which are those of the gradients that arrive.
    """

    __slots__ = ("__weakref__", "_edges", "_hooks", "_order", "_outputs", "_retained", "_trace")

    def __init__(self, edges: Sequence[Edge | None], outputs: Sequence[tuple[tuple[int, ...], Any]]) -> None:
        self._order = next(_order)
        self._edges = edges
        self._outputs = outputs
        self._hooks: dict[int, dict[int, Callable[[Any], Any]]] | None = None
        self._retained: dict[int, weakref.ref[Variable]] | None = None
        self._trace: tuple[traceback.StackSummary, Node | None] | None = None  # the call, and the node it was part of
        if Anomaly.enabled:
            self._trace = traceback.extract_stack(), getattr(Anomaly.visiting, "node", None)

    def name(self) -> str:
        """The name that tensors show as their ``grad_fn``."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """The nodes that the inputs came from, each with the number of its output; a leaf as `AccumulateGrad`."""
        return tuple(
            (None, 0) if edge is None else (AccumulateGrad(edge[0]), 0) if edge[1] < 0 else edge for edge in self._edges
        )

    def gradients(self, grads: list[Any], create_graph: bool, skip: Collection[int] = ()) -> Sequence[Any]:
        """The gradients for `edges`, given those of the outputs (None: zero); those for edges in `skip` go unused."""
        raise NotImplementedError

    def release(self) -> None:
        """Free what was saved for the backward pass."""

    def hooks_of(self, index: int) -> dict[int, Callable[[Any], Any]]:
        """The hooks on the gradient of output number `index`."""
        if self._hooks is None:
            self._hooks = {}
        return self._hooks.setdefault(index, {})

    def retain(self, index: int, tensor: Variable) -> None:
        """Let a backward pass leave the gradient of output number `index` in ``tensor.grad``."""
        if self._retained is None:
            self._retained = {}
        self._retained[index] = weakref.ref(tensor)

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self):#x}>"


class AccumulateGrad(Node):
    """How a leaf shows among `next_functions`. The engine itself knows leaves by their edges and does without."""

    __slots__ = ("variable",)

    def __init__(self, variable: Variable) -> None:
        super().__init__((), ())
        self.variable = variable
