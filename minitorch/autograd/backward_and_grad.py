"""`torch.autograd.backward` and `torch.autograd.grad`: they read their arguments and run a sweep."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, TypeVar

import kernels
from minitorch.autograd.engine import Sweep
from minitorch.autograd.graph import Edge, Variable, as_array, wrap
from minitorch.autograd.hooks import retain_grad
from minitorch.autograd.inplace import elements_overlap
from minitorch.autograd.messages import device_name
from minitorch.autograd.reentrant import run_nested
from minitorch.autograd.requested import RequestedInputs
from minitorch.autograd.views import edge_to, make_unrecorded_view, node_of, requires_grad, shares_memory

Tensors = Variable | Sequence[Variable]
Gradients = Variable | Sequence[Variable | None] | None
Input = TypeVar("Input", bound=Variable)


def backward(
    tensors: Tensors,
    grad_tensors: Gradients = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Gradients = None,
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
        RuntimeError: if there is no graph, a gradient is missing or of another shape, saved memory was changed in
            place, or the graph was freed by an earlier pass.
    """
    roots = _sequence(tensors)
    requested = None if inputs is None else _sequence(inputs)
    if requested is not None and not requested:
        raise RuntimeError("'inputs' argument to backward() cannot be empty.")
    edges, weights = _roots(roots, grad_tensors if grad_tensors is not None else grad_variables)
    if create_graph:
        warnings.warn(
            "Using backward() with create_graph=True will create a reference cycle between the parameter and its "
            "gradient which can cause a memory leak. Use autograd.grad, or reset the .grad fields to None after use.",
            stacklevel=2,
        )
    for t in requested or ():
        if not requires_grad(t):
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        node = node_of(t)
        if node is not None:
            retain_grad(t, node)
    _run(edges, weights, retain_graph, create_graph, requested, accumulate=True)


def grad(
    outputs: Tensors,
    inputs: Input | Sequence[Input],
    grad_outputs: Gradients = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Input, ...]:
    """The gradients of the sum of `outputs`, each weighted by its `grad_outputs`, with respect to `inputs`.

    Nothing is added to any `grad`. Arguments as for `backward`, and:

    Args:
        allow_unused: whether to return None for an input on which the outputs do not depend, instead of raising
            (default: the value of `materialize_grads`).
        materialize_grads: whether to return zeros for such an input.

    Raises:
        RuntimeError: for an input that does not require a gradient or, unless allowed, is not used.
    """
    if is_grads_batched:
        raise NotImplementedError("is_grads_batched=True is not supported: call grad once per row of grad_outputs")
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    roots, requested = _sequence(outputs), _sequence(inputs)
    if not requested:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    for i, x in enumerate(requested):
        if not requires_grad(x):
            raise RuntimeError(f"One of the differentiated Tensors does not require grad (input {i})")
    edges, weights = _roots(roots, grad_outputs)
    results = _run(edges, weights, retain_graph, create_graph, requested, accumulate=False)
    given = {id(w._array): w for w in weights}  # a gradient may be one of these, unchanged
    for i, g in enumerate(results):
        if g is None and not materialize_grads and not allow_unused:
            raise RuntimeError(
                f"One of the differentiated Tensors appears to not have been used in the graph (input {i}). Set "
                "allow_unused=True if this is the desired behavior."
            )
        if g is None and materialize_grads:
            results[i] = wrap(kernels.zeros_like(requested[i]._array))
            results[i]._requires_grad = create_graph
        elif g is not None and not create_graph:
            results[i] = given[id(g)] if id(g) in given else _result(as_array(g), weights)
    return tuple(results)


def _result(g: Any, weights: Sequence[Variable]) -> Any:
    """A gradient as a tensor.

    It is a view that was made without recording, if its elements share memory, as those of the gradient of a sum do; a
    view of one of `weights`, if it shares its memory and that requires a gradient. On the memory of one of them it is
    an inference tensor only if that is one.
    """
    t = wrap(g)
    if elements_overlap(g):
        make_unrecorded_view(t, wrap(g))
    for weight in weights:
        if shares_memory(g, weight._array):
            t._inference, t._counts_writes = weight._inference, weight._counts_writes
            if requires_grad(weight):
                make_unrecorded_view(t, weight)
    return t


def _run(
    edges: Sequence[Edge],
    weights: Sequence[Variable],
    retain_graph: bool | None,
    create_graph: bool,
    requested: Sequence[Variable] | None,
    accumulate: bool,
) -> list[Any]:
    """Run a sweep; returns the gradients of `requested`: tensors under `create_graph`, else arrays."""
    inputs = None
    if requested is not None:
        inputs = RequestedInputs(requested)
        inputs.explore(edges)
    sweep = Sweep(create_graph, create_graph if retain_graph is None else retain_graph, inputs)
    sweep.given = {id(w._array): w for w in weights}
    grads = weights if create_graph else [w._array for w in weights]
    sweep.shared.update(map(id, grads))
    run_nested(sweep.run, edges, grads, accumulate)
    return [] if inputs is None else inputs.gradients(sweep.leaves)


def _sequence(tensors: Tensors) -> list[Variable]:
    found = [tensors] if isinstance(tensors, Variable) else list(tensors)
    for t in found:
        if not isinstance(t, Variable):
            raise TypeError(f"expected Tensor or a sequence of Tensors, but got {type(t).__name__}")
    return found


def _roots(roots: Sequence[Variable], gradients: Any) -> tuple[list[Edge], list[Variable]]:
    """The edge to each root, and its gradient: 1 for a root of one element without a given gradient."""
    if gradients is None or isinstance(gradients, Variable):
        gradients = [gradients] * (len(roots) if gradients is None else 1)
    for g in gradients:
        if g is not None and not isinstance(g, Variable):
            raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
    if len(gradients) != len(roots):
        raise RuntimeError(f"got {len(roots)} tensors and {len(gradients)} gradients")
    edges, result = [], []
    for i, (root, g) in enumerate(zip(roots, gradients, strict=True)):
        edge = edge_to(root)
        if edge is None:
            raise RuntimeError(f"element {i} of tensors does not require grad and does not have a grad_fn")
        if g is None:
            if root._array.size != 1:
                raise RuntimeError(
                    "grad can be implicitly created only for scalar outputs, but this one has shape "
                    f"{list(root._array.shape)}"
                )
            g = wrap(kernels.ones_like(root._array))
        elif (kernels.has_numbered_devices() or type(g._array) is not type(root._array)) and (
            device_name(g._array) != device_name(root._array)
        ):
            raise RuntimeError(
                f"grad_output[{i}] is on {device_name(g._array)}, but output[{i}] on {device_name(root._array)}: "
                "expected them on the same device; move the gradient with .to(output.device)"
            )
        elif g._array.shape != root._array.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[{i}] has a shape of {list(g._array.shape)} and output[{i}] has a "
                f"shape of {list(root._array.shape)}."
            )
        edges.append(edge)
        result.append(g)
    return edges, result
