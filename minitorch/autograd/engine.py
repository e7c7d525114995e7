"""The backward pass: from the last node made to the first, with gradients summed where paths meet.

Nodes are numbered as they are made, each after the nodes that it depends on. So among the nodes that have received a
gradient, the one with the highest number has received all of it: a heap of numbers is the whole schedule.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

import kernels
from minitorch.autograd.accumulate import accumulate_gradient, not_a_grad, retain
from minitorch.autograd.anomaly import AnomalyMode, check_nan, explaining_errors
from minitorch.autograd.basic import cast, sum_to
from minitorch.autograd.graph import Edge, Hooks, Node, Variable, as_array, this_thread, wrap
from minitorch.autograd.hooks import run_hooks
from minitorch.autograd.node_hooks import AFTER, after_step, before_step, gradients_of_composite
from minitorch.autograd.placement import where_forward_ran
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
        self.given: dict[int, Variable] = {}  # by id of its array: a gradient that the caller passed, for hooks

    def run(self, edges: Sequence[Edge | None], grads: Sequence[Any], accumulate: bool) -> None:
        """Propagate the gradients of the roots, to which `edges` lead; then, if `accumulate`, add to `grad`."""
        before, this_thread.grad_enabled = this_thread.grad_enabled, self.create_graph
        try:
            self.propagate(edges, grads)
            for key, entry in self.leaves.items():
                x = entry[0]
                if x._hooks:
                    entry[1] = self._run_hooks(x._hooks, not_a_grad(entry[1], self.leaves))
                if accumulate and (self.inputs is None or self.inputs.wants(key)):
                    accumulate_gradient(x, entry[1], self.create_graph, self.shared)
        finally:
            this_thread.grad_enabled = before

    def propagate(self, edges: Sequence[Edge | None], grads: Sequence[Any]) -> None:
        """Propagate the gradients of the roots to the leaves."""
        self._deliver(edges, grads)
        self.newest = -self.schedule[0] if self.schedule else -1
        visit = explaining_errors(self._visit) if AnomalyMode.enabled else self._visit
        visit = where_forward_ran(visit) if kernels.has_numbered_devices() else visit
        while self.schedule:
            visit(*self.pending.pop(-heappop(self.schedule)))

    def _visit(self, node: Node, grads: list[Any]) -> None:
        """Compute the gradients of a node's inputs from the gradients of its outputs, and deliver them."""
        hooks, edges, skip, before = node._hooks, node._edges, [], grads
        if self.inputs is not None:
            edges, before = self.inputs.edges_to_them(edges), list(grads)
            skip = [i for i, edge in enumerate(edges) if edge is None]
        if hooks or node._retained:
            self._run_hooks_and_retain(node, grads)
        if self.inputs is not None:
            ends = len(skip) == len(edges)  # none of the node's inputs leads to a requested tensor
            # If one does, torch returns the gradients of the node's outputs as they were before the hooks.
            self.shared.update(map(id, self.inputs.capture(node, grads if ends else before)))
            if ends:
                return
        grads = before_step(node, grads, self) if hooks else grads
        outputs = node.composite_outputs() if self.create_graph else None
        if outputs is not None and hooks and AFTER in hooks:
            results = gradients_of_composite(node, outputs, grads, Sweep)
        elif outputs is None:
            results = node.gradients(grads, self.create_graph, skip)
            if AnomalyMode.enabled:
                check_nan(node, results, skip)
        else:  # The composite's nodes have the highest numbers: they are visited next, then those before `node`.
            edges, results = [None if t is None else edge_to(t) for t in outputs], grads
            if self.inputs is not None:
                self.inputs.explore(edges)
        if not self.retain_graph and node._number <= self.newest:
            node.release()
        self._deliver(edges, after_step(node, results, grads, self) if hooks else results)

    def _deliver(self, edges: Sequence[Edge | None], grads: Sequence[Any]) -> None:
        """Add each gradient to what its edge's target has received, in the target's shape and dtype."""
        recorded, pending, leaves = self.create_graph, self.pending, self.leaves
        for edge, g in zip(edges, grads, strict=True):
            if edge is None:
                continue
            target, index = edge
            if g is None:
                self._deliver_nothing(target, index)
                continue
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
                if entry is None or entry[1] is None:
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

    def _deliver_nothing(self, target: Any, index: int) -> None:
        """Note that the target has been reached without a gradient: its hooks are called with None."""
        if index < 0:
            self.leaves.setdefault(id(target), [target, None, False])
        elif target._number not in self.pending:
            self.pending[target._number] = target, [None] * len(target._outputs)
            heappush(self.schedule, -target._number)

    def _run_hooks_and_retain(self, node: Node, grads: list[Any]) -> None:
        """Give the gradients of a node's outputs to hooks, then to tensors that retain them."""
        for index, hooks in (node._hooks or {}).items():
            if index >= 0:
                grads[index] = self._run_hooks(hooks, grads[index])
        for index, reference in (node._retained or {}).items():
            tensor = reference()
            if tensor is not None and grads[index] is not None:
                retain(tensor, grads[index], self.create_graph)

    def _run_hooks(self, hooks: Hooks, g: Any) -> Any:
        if g is None:
            return run_hooks(hooks, None)
        given = g if self.create_graph else self.given.get(id(g))
        t = run_hooks(hooks, wrap(as_array(g)) if given is None else given)
        self.shared.add(id(t._array))
        return t if self.create_graph else t._array


def _sum(a: Any, b: Any) -> Any:
    """The sum of two gradients, tensors or arrays."""
    return a + b if isinstance(a, Variable) else as_array(kernels.add(a, b))
