"""Functions that are called before and after the backward step of a node, see `GradFn.register_hook`.

A node keeps them with the hooks on its outputs, under numbers that no output has; a leaf keeps those of its
`AccumulateGrad` with the hooks that follow an addition to its `grad`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minitorch.autograd.basic import cast, sum_to, zeros_like
from minitorch.autograd.graph import Node, Variable, as_array, wrap
from minitorch.autograd.hooks import Handle, LeafHook, check_replacement
from minitorch.autograd.requested import RequestedInputs
from minitorch.autograd.views import edge_to

BEFORE, AFTER = -1, -2


def add_hook(node: Any, when: int, fn: Callable[..., Any]) -> Handle:
    """Let `fn` be called before or after each backward step of `node`."""
    if node._hooks is None:
        node._hooks = {}
    hooks = node._hooks.setdefault(when, {})
    handle = Handle(hooks)
    hooks[handle.id] = fn
    return handle


def add_leaf_hook(leaf: Variable, when: int, fn: Callable[..., Any]) -> Handle:
    """Let `fn` be called before or after each addition to the `grad` of `leaf`."""
    if leaf._after_hooks is None:
        leaf._after_hooks = {}
    hooks: dict[int, Any] = leaf._after_hooks
    handle = Handle(hooks)
    hooks[handle.id] = LeafHook(when, fn)
    return handle


def before_step(node: Node, grads: list[Any], sweep: Any) -> list[Any]:
    """The gradients of the outputs of `node`, after its hooks for these, in a backward pass `sweep`.

    Where a hook returns None in the place of a gradient, that is zero.
    """
    hooks = (node._hooks or {}).get(BEFORE)
    if not hooks:
        return grads
    given = _tensors(grads, sweep.create_graph)
    found = [
        zeros_like(t) if g is None and t is not None else g for t, g in zip(given, _run(hooks, given), strict=True)
    ]
    found = _arrays(found, sweep.create_graph)
    sweep.shared.update(map(id, found))
    return found


def after_step(node: Any, results: Sequence[Any], grads: Sequence[Any], sweep: Any) -> Sequence[Any]:
    """What the hooks of `node` make of `results`, the gradients for its edges, computed from `grads` in `sweep`.

    They get each gradient in the shape and dtype of its input.
    """
    hooks = (node._hooks or {}).get(AFTER)
    if not hooks:
        return results
    recorded, places = sweep.create_graph, node._edge_numbers()
    fitted = [_fitted(g, edge) for g, edge in zip(_tensors(results, recorded), node._edges, strict=True)]
    given = [None if place is None else fitted[place] for place in places]
    found = _arrays(_run(hooks, given, _tensors(grads, recorded)), recorded)
    sweep.shared.update(map(id, (*found, *grads)))
    by_edge = {place: g for place, g in zip(places, found, strict=True) if place is not None}
    return [by_edge.get(i) for i in range(len(node._edges))]


def gradients_of_composite(node: Node, outputs: Sequence[Any], grads: Sequence[Any], sweep_type: Any) -> Sequence[Any]:
    """The gradients for the edges of `node`, recorded: computed at once through its composite, for hooks to see.

    Args:
        node: its composite was run.
        outputs: the composite's results.
        grads: their gradients.
        sweep_type: the class of backward passes.
    """
    inputs = RequestedInputs([edge[0] if edge[1] < 0 else wrap(None, *edge) for edge in node._edges if edge])
    edges = [None if t is None else edge_to(t) for t in outputs]
    inputs.explore(edges)
    inner = sweep_type(True, True, inputs)
    inner.propagate(edges, grads)
    found = iter(inputs.gradients(inner.leaves))
    return [next(found) if edge else None for edge in node._edges]


def before_accumulation(x: Variable, g: Any, recorded: bool) -> Any:
    """The gradient to add to ``x.grad``, after the hooks on the `AccumulateGrad` of `x` for that."""
    hooks = {i: h for i, h in (x._after_hooks or {}).items() if isinstance(h, LeafHook) and h.when == BEFORE}
    return _arrays(_run(hooks, _tensors([g], recorded)), recorded)[0] if hooks else g


def after_accumulation(x: Variable, g: Any, recorded: bool) -> None:
    """Call the hooks on the `AccumulateGrad` of `x` that follow the addition of `g` to ``x.grad``."""
    for hook in list((x._after_hooks or {}).values()):
        if isinstance(hook, LeafHook) and hook.when == AFTER:
            hook((), tuple(_tensors([g], recorded)))


def _fitted(g: Any, edge: Any) -> Any:
    """A gradient in the shape and dtype of what `edge` leads to."""
    if g is None or edge is None:
        return None
    target, index = edge
    shape, dtype = target._outputs[index] if index >= 0 else (target._array.shape, target._array.dtype)
    g = g if g._array.shape == shape else sum_to(g, shape)
    return g if g._array.dtype == dtype else cast(g, dtype)


def _run(hooks: dict[int, Any], values: list[Any], *more: list[Any]) -> list[Any]:
    """Call all hooks with `values` and `more`, as tuples; what one returns, unless None, replaces the values.

    Raises:
        TypeError: if a hook returns anything but a tuple of tensors or None.
        RuntimeError: for another number of values, a tensor of another dtype or shape, or one in place of None.
    """
    for hook in list(hooks.values()):
        found = hook(tuple(values), *map(tuple, more))
        if found is None:
            continue
        name = getattr(hook, "__name__", hook)
        if not isinstance(found, tuple):
            raise TypeError(f"expected tuple, but hook returned '{type(found).__name__}'")
        if len(found) != len(values):
            raise RuntimeError(
                f"hook '{name}' has returned an incorrect number of values (got {len(found)}, but expected "
                f"{len(values)})"
            )
        for old, new in zip(values, found, strict=True):
            if new is None:
                continue
            if old is None and isinstance(new, Variable):
                raise RuntimeError("can't replace a None gradient with a non-None value")
            check_replacement(hook, old, new)
        values = list(found)
    return values


def _tensors(values: Sequence[Any], recorded: bool) -> list[Any]:
    return list(values) if recorded else [None if v is None else wrap(as_array(v)) for v in values]


def _arrays(values: Sequence[Any], recorded: bool) -> list[Any]:
    return list(values) if recorded else [None if v is None else v._array for v in values]
