"""The backward pass: from the last node made to the first, with gradients summed where paths meet.

Nodes are numbered as they are made, each after the nodes that it depends on. So among the nodes that have received a
gradient, the one with the highest number has received all of it: a heap of numbers is the whole schedule.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

import kernels
from minitorch.autograd.accumulate import accumulate_gradients, retain
from minitorch.autograd.anomaly import AnomalyMode, check_nan, explain_errors
from minitorch.autograd.basic import cast, sum_to
from minitorch.autograd.graph import Edge, Hooks, Node, Variable, as_array, this_thread, wrap
from minitorch.autograd.hooks import run_hooks
from minitorch.autograd.requested import RequestedInputs
from minitorch.autograd.views import edge_to


class Sweep:
    """One backward pass. Its gradients are arrays; under `create_graph` they are tensors, and the pass is recorded.

    Args:
        create_graph: record the pass.
        retain_graph: keep what nodes saved.
        inputs: if given, only gradients on the way to these tensors are computed.
    """

    def __init__(self, create_graph: bool, retain_graph: bool, inputs: RequestedInputs | None = None) -> None:
        self.create_graph = create_graph
        self.retain_graph = retain_graph
        self.inputs = inputs
        self.schedule: list[int] = []  # a heap of the negated numbers of the nodes in `pending`
        self.pending: dict[int, tuple[Node, list[Any]]] = {}  # by number: a node, the gradients of its outputs so far
        self.leaves: dict[int, list[Any]] = {}  # by id: a leaf, its gradient, whether only the sweep has that array
        self.newest = -1  # the highest number of a root's node; nodes with higher ones are made during the sweep
        self.shared: set[int] = set()  # ids of gradients that the caller, a hook or a `grad` also refers to

    def run(self, edges: Sequence[Edge | None], grads: Sequence[Any], accumulate: bool) -> None:
        """Propagate the gradients of the roots, to which `edges` lead; then, if `accumulate`, add to `grad`."""
        before, this_thread.grad_enabled = this_thread.grad_enabled, self.create_graph
        try:
            for edge, g in zip(edges, grads, strict=True):
                self.shared.add(id(g))
                with kernels.on_device_of(g._array if self.create_graph else g):
                    self._deliver((edge,), (g,))
            self.newest = -self.schedule[0] if self.schedule else -1
            visit = self._visit_on_device if kernels.has_numbered_devices() else self._visit
            while self.schedule:
                visit(*self.pending.pop(-heappop(self.schedule)))
            for entry in self.leaves.values():
                if entry[0]._hooks:
                    entry[1] = self._run_hooks(entry[0]._hooks, entry[1])
            if accumulate:
                found = [(x, g) for x, g, _ in self.leaves.values()]
                if self.inputs is not None:
                    found = self.inputs.reached(self.leaves)
                accumulate_gradients(found, self.create_graph, self.shared)
        finally:
            this_thread.grad_enabled = before

    def _visit(self, node: Node, grads: list[Any]) -> None:
        """Compute the gradients of a node's inputs from the gradients of its outputs, and deliver them."""
        if node._hooks or node._retained or self.inputs is not None:
            self._run_hooks_and_capture(node, grads)
        skip: Sequence[int] = ()
        if self.inputs is not None:
            skip = [i for i, edge in enumerate(node._edges) if not self.inputs.is_reached_by(edge)]
            if len(skip) == len(node._edges):
                return
        if AnomalyMode.enabled:
            with explain_errors(node):
                edges, results = self._differentiate(node, grads, skip)
            check_nan(node, results, skip)
        else:
            edges, results = self._differentiate(node, grads, skip)
        if not self.retain_graph and node._number <= self.newest:
            node.release()
        self._deliver(edges, results)

    def _visit_on_device(self, node: Node, grads: list[Any]) -> None:
        """`_visit` with the device of the gradients as the current one."""
        g = next(g for g in grads if g is not None)
        with kernels.on_device_of(g._array if self.create_graph else g):
            self._visit(node, grads)

    def _differentiate(self, node: Node, grads: list[Any], skip: Sequence[int]) -> tuple[Sequence[Any], Sequence[Any]]:
        """Edges and the gradients for them: of the node's inputs, or of the outputs of its composite."""
        outputs = node.composite_outputs() if self.create_graph else None
        if outputs is None:
            results = node.gradients(grads, self.create_graph, skip)
            return node._edges, [None if i in skip else g for i, g in enumerate(results)] if skip else results
        # The composite's nodes have the highest numbers: they are visited next. It has the inputs of `node`.
        edges = [None if t is None else edge_to(t) for t in outputs]
        if self.inputs is not None:
            self.inputs.explore(edges)
        return edges, grads

    def _deliver(self, edges: Sequence[Edge | None], grads: Sequence[Any]) -> None:
        """Add each gradient to what its edge's target has received, in the target's shape and dtype."""
        recorded, pending, leaves = self.create_graph, self.pending, self.leaves
        for edge, g in zip(edges, grads, strict=True):
            if edge is None or g is None:
                continue
            target, index = edge
            shape, dtype = target._outputs[index] if index >= 0 else (target._array.shape, target._array.dtype)
            array = g._array if recorded else g
            if array.shape != shape:
                g = sum_to(g, shape)
            if array.dtype is not dtype and array.dtype != dtype:
                g = cast(g, dtype)
            if not shape and not recorded:
                g = as_array(g)
            if index < 0:
                entry = leaves.get(id(target))
                if entry is None:
                    leaves[id(target)] = [target, g, False]
                elif entry[2]:
                    kernels.add_into(entry[1], g)
                else:
                    entry[1:] = _sum(entry[1], g), not recorded
            elif target._number in pending:
                received = pending[target._number][1]
                received[index] = g if received[index] is None else _sum(received[index], g)
            else:
                received = [None] * len(target._outputs)
                received[index] = g
                pending[target._number] = target, received
                heappush(self.schedule, -target._number)

    def _run_hooks_and_capture(self, node: Node, grads: list[Any]) -> None:
        """Give the gradients of a node's outputs to hooks, then to tensors that retain them.

        The caller gets those that it has asked for: as the hooks leave them, but if the pass goes on below the node, as
        they were before, like torch.
        """
        goes_on = self.inputs is not None and any(map(self.inputs.is_reached_by, node._edges))
        if self.inputs is not None and goes_on:
            self.shared.update(map(id, self.inputs.capture(node, grads)))
        for index, hooks in (node._hooks or {}).items():
            if grads[index] is not None:
                grads[index] = self._run_hooks(hooks, grads[index])
        for index, reference in (node._retained or {}).items():
            tensor = reference()
            if tensor is not None and grads[index] is not None:
                retain(tensor, grads[index], self.create_graph)
        if self.inputs is not None and not goes_on:
            self.shared.update(map(id, self.inputs.capture(node, grads)))

    def _run_hooks(self, hooks: Hooks, g: Any) -> Any:
        t = run_hooks(hooks, g if self.create_graph else wrap(as_array(g)))
        self.shared.add(id(t._array))
        return t if self.create_graph else t._array


def _sum(a: Any, b: Any) -> Any:
    """The sum of two gradients, tensors or arrays."""
    return a + b if isinstance(a, Variable) else as_array(kernels.add(a, b))
