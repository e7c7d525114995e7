"""The backward pass: nodes from last made to first, gradients summed where paths meet.

Every node was numbered when it was made, after the nodes that it depends on. So the node with the highest number among
those that have received a gradient has received all of it: a heap of numbers is the whole schedule.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

import kernels
from minitorch.autograd.anomaly import watched
from minitorch.autograd.basic import cast, sum_to
from minitorch.autograd.grad_mode import enable_grad, no_grad
from minitorch.autograd.mixing import device_name
from minitorch.autograd.node import Anomaly, Edge, Node
from minitorch.autograd.op import as_array, edge_to
from minitorch.autograd.variable import Variable, wrap

Tensors = Variable | Sequence[Variable]


def backward(
    tensors: Tensors,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Tensors | None = None,
) -> None:
    """Add to the `grad` of leaves the gradients of the sum of `tensors`, each weighted by its `grad_tensors`.

    Args:
        tensors: one root of the graph, or several.
        grad_tensors: for each root a tensor of its shape; None for a root of one element.
        retain_graph: keep what the graph saved for another pass (default: the value of `create_graph`).
        create_graph: record the backward pass itself, for gradients of gradients.
        grad_variables: the old name of `grad_tensors`.
        inputs: the tensors whose `grad` is filled, leaves or not; default all leaves.

    Raises:
        RuntimeError: see `Variable.backward`.
    """
    roots = _sequence(tensors)
    wanted = None if inputs is None else _sequence(inputs)
    if wanted is not None and not wanted:
        raise RuntimeError("'inputs' argument to backward() cannot be empty.")
    grads = _root_gradients(roots, grad_tensors if grad_tensors is not None else grad_variables, create_graph)
    if create_graph:
        warnings.warn(
            "Using backward() with create_graph=True will create a reference cycle between the parameter and its "
            "gradient which can cause a memory leak. Use autograd.grad, or reset the .grad fields to None after use.",
            stacklevel=2,
        )
    sweep = Sweep(create_graph, create_graph if retain_graph is None else retain_graph, wanted)
    sweep.run(roots, grads)
    sweep.accumulate()


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of the sum of `outputs`, each weighted by its `grad_outputs`, with respect to `inputs`.

    Nothing is added to any `grad`. Arguments as for `backward`, and:

    Args:
        allow_unused: give None for an input that the outputs do not depend on, rather than raise
            (default: the value of `materialize_grads`).
        materialize_grads: give zeros for such an input.

    Raises:
        RuntimeError: for an input that does not require a gradient or, unless allowed, is not used.
    """
    if is_grads_batched:
        raise NotImplementedError("is_grads_batched=True is not supported: call grad once per row of grad_outputs")
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    roots, wanted = _sequence(outputs), _sequence(inputs)
    if not wanted:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    for i, x in enumerate(wanted):
        if not x._requires_grad:
            raise RuntimeError(f"One of the differentiated Tensors does not require grad (input {i})")
    grads = _root_gradients(roots, grad_outputs, create_graph)
    sweep = Sweep(create_graph, create_graph if retain_graph is None else retain_graph, wanted)
    sweep.run(roots, grads)
    results = [sweep.found(x) for x in wanted]
    for i, g in enumerate(results):
        if g is None and materialize_grads:
            results[i] = wrap(kernels.zeros_like(wanted[i]._array))
        elif g is None and not allow_unused:
            raise RuntimeError(
                f"One of the differentiated Tensors appears to not have been used in the graph (input {i}). Set "
                "allow_unused=True if this is the desired behavior."
            )
    return tuple(results)


class Sweep:
    """One backward pass. Gradients in it are arrays; under `create_graph` they are tensors.

    Args:
        create_graph: record the pass.
        retain: keep what nodes saved.
        inputs: if given, only gradients on the way to these tensors are computed.
    """

    def __init__(self, create_graph: bool, retain: bool, inputs: Sequence[Variable] | None) -> None:
        self.create_graph = create_graph
        self.retain = retain
        self.inputs = inputs
        self.schedule: list[int] = []  # creation numbers, negative, of the nodes in `pending`
        self.pending: dict[int, tuple[Node, list[Any]]] = {}  # by creation number: a node, its outputs' gradients
        self.leaves: dict[int, list[Any]] = {}  # by id: a leaf, its gradient, whether that array is the sweep's own
        self.captured: dict[tuple[int, int], Any] = {}  # by creation number and output: gradients of non-leaf inputs
        self.targets: dict[int, Sequence[int]] = {}  # the nodes of non-leaf inputs: which outputs are asked for
        self.useful: set[int] | None = None  # if not None: creation numbers of nodes, ids of leaves worth going to
        self.shared: set[int] = set()  # ids of gradients that somebody else holds as well

    def run(self, roots: Sequence[Variable], grads: Sequence[Any]) -> None:
        """Propagate `grads` from `roots` to where gradients are asked for."""
        starts = [edge_to(root) for root in roots]
        if self.inputs is not None:
            self._find_useful(starts, self.inputs)
        with enable_grad() if self.create_graph else no_grad():
            self.shared.update(map(id, grads))
            if kernels.has_numbered_devices():
                for start, g in zip(starts, grads, strict=True):
                    with kernels.on_device_of(g._array if self.create_graph else g):
                        self._send([start], [g])
            else:
                self._send(starts, grads)
            visit = self._visit_there if kernels.has_numbered_devices() else self._visit
            while self.schedule:
                visit(*self.pending.pop(-heappop(self.schedule)))
            for entry in self.leaves.values():
                if entry[0]._hooks:
                    entry[1] = self._call_hooks(entry[0]._hooks, entry[1])

    def _find_useful(self, starts: Sequence[Edge], inputs: Sequence[Variable]) -> None:
        """Fill `targets`, and `useful` with all from which one of `inputs` can be reached."""
        self.useful = set()
        for x in inputs:
            target, index = edge_to(x)
            if index < 0:
                self.useful.add(-id(x))
            else:
                self.targets[target._order] = [*self.targets.get(target._order, ()), index]
        nodes: dict[int, Node] = {}
        stack = list(starts)
        while stack:
            target, index = stack.pop()
            if index >= 0 and target._order not in nodes:
                nodes[target._order] = target
                stack.extend([edge for edge in target._edges if edge is not None])
        for order in sorted(nodes):  # a node's edges lead to nodes made before it
            if order in self.targets or any(self._leads_somewhere(edge) for edge in nodes[order]._edges):
                self.useful.add(order)

    def _leads_somewhere(self, edge: Edge | None) -> bool:
        if edge is None or self.useful is None:
            return edge is not None
        return (-id(edge[0]) if edge[1] < 0 else edge[0]._order) in self.useful

    def _visit(self, node: Node, grads: list[Any]) -> None:
        if node._hooks or node._retained or (self.targets and node._order in self.targets):
            self._show(node, grads)
        skip: Sequence[int] = ()
        if self.useful is not None:
            skip = [i for i, edge in enumerate(node._edges) if not self._leads_somewhere(edge)]
            if len(skip) == len(node._edges):
                return
        if Anomaly.enabled:
            results = watched(node, grads, self.create_graph, skip)
        else:
            results = node.gradients(grads, self.create_graph, skip)
        if not self.retain:
            node.release()
        if skip:
            results = [None if i in skip else g for i, g in enumerate(results)]
        self._send(node._edges, results)

    def _visit_there(self, node: Node, grads: list[Any]) -> None:
        """`_visit` on the device of the gradients, which need not be the current one."""
        g = next(g for g in grads if g is not None)
        with kernels.on_device_of(g._array if self.create_graph else g):
            self._visit(node, grads)

    def _show(self, node: Node, grads: list[Any]) -> None:
        """Give the gradients of a node's outputs to hooks, then to tensors that retain them, then to the caller."""
        for index, hooks in (node._hooks or {}).items():
            if grads[index] is not None:
                grads[index] = self._call_hooks(hooks, grads[index])
        for index, reference in (node._retained or {}).items():
            tensor = reference()
            if tensor is not None and grads[index] is not None:
                self._add_to_grad(tensor, grads[index])
        for index in self.targets.get(node._order, ()):
            self.captured[node._order, index] = grads[index]
            self.shared.add(id(grads[index]))

    def _send(self, edges: Sequence[Edge | None], grads: Sequence[Any]) -> None:
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
                    entry[1] += g
                else:
                    entry[1:] = entry[1] + g, not recorded
            elif target._order in pending:
                received = pending[target._order][1]
                total = g if received[index] is None else received[index] + g
                received[index] = total if shape or recorded else as_array(total)
            else:
                received = [None] * len(target._outputs)
                received[index] = g
                pending[target._order] = target, received
                heappush(self.schedule, -target._order)

    def _call_hooks(self, hooks: dict[int, Any], g: Any) -> Any:
        t = self._as_tensor(g)
        for hook in list(hooks.values()):
            replacement = hook(t)
            if replacement is not None:
                if not isinstance(replacement, Variable):
                    raise TypeError(f"expected Variable, but hook returned '{type(replacement).__name__}'")
                if replacement._array.shape != t._array.shape:
                    raise RuntimeError(
                        f"hook '{getattr(hook, '__name__', hook)}' has changed the size of value: expected "
                        f"{list(t._array.shape)}, got {list(replacement._array.shape)}"
                    )
                t = replacement
        self.shared.add(id(t._array))
        return t if self.create_graph else t._array

    def _as_tensor(self, g: Any) -> Any:
        return g if self.create_graph else wrap(as_array(g))

    def found(self, x: Variable) -> Any:
        """The gradient of the input `x` as a tensor, None if the roots do not depend on it."""
        node, index = edge_to(x)
        g = self.leaves.get(id(x), (x, None))[1] if index < 0 else self.captured.get((node._order, index))
        return None if g is None else self._as_tensor(g)

    def accumulate(self) -> None:
        """Add what was found to the `grad` of the inputs, or of all leaves."""
        if self.inputs is None:
            found = [(x, g) for x, g, _ in self.leaves.values()]
        else:
            unique = {id(x): x for x in self.inputs}.values()
            found = [(x, g) for x in unique if (g := self.found(x)) is not None]
            found = [(x, g if self.create_graph else g._array) for x, g in found]
        for x, g in found:
            with kernels.on_device_of(x._array):
                self._add_to_grad(x, g)
            for hook in list((x._after_hooks or {}).values()):
                hook(x)

    def _add_to_grad(self, x: Variable, g: Any) -> None:
        if self.create_graph:
            x._grad = g if x._grad is None else x._grad + g
            return
        g = as_array(g)
        if x._grad is not None:
            if x._grad._requires_grad or x._grad._array.shape != g.shape:
                x._grad = wrap(x._grad._array + g)
            else:
                x._grad._array += g
                x._grad._counter[0] += 1
            return
        if getattr(g, "base", g) is not None or id(g) in self.shared:
            g = g.copy()  # somebody else holds this memory, and the user may write to x.grad
        self.shared.add(id(g))
        x._grad = wrap(g)


def _sequence(tensors: Tensors) -> list[Variable]:
    found = [tensors] if isinstance(tensors, Variable) else list(tensors)
    for t in found:
        if not isinstance(t, Variable):
            raise TypeError(f"expected Tensor or a sequence of Tensors, but got {type(t).__name__}")
    return found


def _root_gradients(roots: Sequence[Variable], gradients: Any, create_graph: bool) -> list[Any]:
    """The gradient of each root, as a tensor or an array; ones for a root of one element that was given none."""
    if gradients is None or isinstance(gradients, Variable):
        gradients = [gradients] * (len(roots) if gradients is None else 1)
    for g in gradients:
        if g is not None and not isinstance(g, Variable):
            raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
    if len(gradients) != len(roots):
        raise RuntimeError(f"got {len(roots)} tensors and {len(gradients)} gradients")
    result = []
    for i, (root, g) in enumerate(zip(roots, gradients, strict=True)):
        if not root.requires_grad:
            raise RuntimeError(f"element {i} of tensors does not require grad and does not have a grad_fn")
        if g is None:
            if root._array.size != 1:
                raise RuntimeError(
                    "grad can be implicitly created only for scalar outputs, but this one has shape "
                    f"{list(root._array.shape)}"
                )
            g = wrap(kernels.ones_like(root._array))
        elif device_name(g._array) != device_name(root._array):
            raise RuntimeError(
                f"grad_output[{i}] lies on {device_name(g._array)}, but output[{i}] on {device_name(root._array)}: "
                "expected them on the same device; move the gradient with .to(output.device)"
            )
        elif g._array.shape != root._array.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[{i}] has a shape of {list(g._array.shape)} and output[{i}] has a "
                f"shape of {list(root._array.shape)}."
            )
        result.append(g if create_graph else g._array)
    return result
