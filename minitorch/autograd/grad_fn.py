"""The public attributes of a node of the graph, which users get as ``tensor.grad_fn``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class GradFn:
    """The public attributes of a node."""

    __slots__ = ()

    _edges: Sequence[tuple[Any, int] | None]

    def name(self) -> str:
        """The name that tensors show as their ``grad_fn``."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """For each input, the node that made it and the number of its output; for a leaf an `AccumulateGrad`."""
        return tuple(
            (None, 0) if edge is None else (AccumulateGrad(edge[0]), 0) if edge[1] < 0 else edge for edge in self._edges
        )

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self):#x}>"


class AccumulateGrad(GradFn):
    """What `next_functions` shows for a leaf. In the graph leaves have no nodes, only edges that lead to them.

    Attributes:
        variable: the leaf.
    """

    __slots__ = ("_edges", "variable")

    def __init__(self, variable: Any) -> None:
        self._edges = ()
        self.variable = variable
