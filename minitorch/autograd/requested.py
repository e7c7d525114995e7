"""Finds the part of the graph from which the requested inputs can be reached, so that a pass visits only this part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from minitorch.autograd.graph import Edge, Node, Variable
from minitorch.autograd.views import edge_to


class RequestedInputs:
    """The tensors that ``inputs=`` names, and the nodes from which they can be reached.

    Args:
        tensors: leaves or not.
    """

    def __init__(self, tensors: Sequence[Variable]) -> None:
        self.tensors = tensors
        self._edges = [edge_to(t) for t in tensors]
        self._leaves = {id(edge[0]) for edge in self._edges if edge is not None and edge[1] < 0}
        self._outputs: dict[int, list[int]] = {}  # by number of a node: which of its outputs are requested
        for edge in self._edges:
            if edge is not None and edge[1] >= 0:
                self._outputs.setdefault(edge[0]._number, []).append(edge[1])
        self._captured: dict[tuple[int, int], Any] = {}  # by number of a node and of its output: the gradient
        self._leading: set[int] = set()  # numbers of the nodes from which a requested tensor can be reached
        self._explored: set[int] = set()  # numbers of the nodes for which this is known

    def explore(self, starts: Iterable[Edge | None]) -> None:
        """Find the nodes from which the tensors can be reached, among the nodes that `starts` lead to."""
        nodes: dict[int, Node] = {}
        stack = list(starts)
        while stack:
            edge = stack.pop()
            if edge is None or edge[1] < 0 or edge[0]._number in self._explored:
                continue
            node = edge[0]
            self._explored.add(node._number)
            nodes[node._number] = node
            stack += node._edges
        for number in sorted(nodes):  # the edges of a node lead to nodes that were made before it
            if number in self._outputs or any(map(self.is_reached_by, nodes[number]._edges)):
                self._leading.add(number)

    def is_reached_by(self, edge: Edge | None) -> bool:
        """Whether `edge` leads to one of the tensors."""
        if edge is None:
            return False
        return id(edge[0]) in self._leaves if edge[1] < 0 else edge[0]._number in self._leading

    def edges_to_them(self, edges: Sequence[Edge | None]) -> list[Edge | None]:
        """`edges`, with None in place of each edge that leads to none of the tensors."""
        return [edge if self.is_reached_by(edge) else None for edge in edges]

    def capture(self, node: Node, grads: Sequence[Any]) -> list[Any]:
        """Keep the gradients of those outputs of `node` that are requested, and return them."""
        outputs = self._outputs.get(node._number, ())
        self._captured.update({(node._number, index): grads[index] for index in outputs})
        return [grads[index] for index in outputs]

    def gradients(self, leaves: dict[int, Any]) -> list[Any]:
        """The gradient of each tensor, None for one that was not reached.

        Args:
            leaves: by id, (leaf, its gradient, ...) for all leaves that were reached.
        """
        found: list[Any] = []
        for edge in self._edges:
            if edge is None:
                found.append(None)
            elif edge[1] < 0:
                found.append(leaves[id(edge[0])][1] if id(edge[0]) in leaves else None)
            else:
                found.append(self._captured.get((edge[0]._number, edge[1])))
        return found

    def wants(self, leaf: int) -> bool:
        """Whether the leaf with this id is one of the tensors; for `backward`, the others retain their gradients."""
        return leaf in self._leaves
