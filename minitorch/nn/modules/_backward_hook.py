"""Nodes at a module's inputs and outputs, which give the gradients there to the module's backward hooks."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from typing import Any

from kernels import namespace
from minitorch._variable import Variable
from minitorch.autograd.basic import alias
from minitorch.autograd.graph import Node, this_thread, wrap
from minitorch.autograd.messages import VIEW_MADE_IN_FUNCTION
from minitorch.autograd.views import edge_to, make_view

Gradients = tuple[Any, ...]


class BackwardHook:
    """The hooks of one call of a module.

    Args:
        module: the module that is called.
        hooks: functions of the module, the gradients of its inputs, and the gradients of its outputs.
        pre_hooks: functions of the module and the gradients of its outputs.
    """

    def __init__(self, module: Any, hooks: Sequence[Any], pre_hooks: Sequence[Any]) -> None:
        self.module = module
        self.hooks = hooks
        self.pre_hooks = pre_hooks
        self.grad_outputs: Gradients | None = None
        self.input_count = 0
        self.inputs_watched = False

    def watch_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments for the module: tensors are outputs of the new node."""
        self.input_count = len(args)
        watched = _watch(_Inputs, self, args)
        self.inputs_watched = watched is not args
        return watched

    def watch_outputs(self, result: Any) -> Any:
        """The result for the caller: tensors are outputs of the new node."""
        if not isinstance(result, Variable | tuple):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received "
                f"{type(result)}",
                stacklevel=4,
            )
        if isinstance(result, tuple):
            return _watch(_Outputs, self, result)
        return _watch(_Outputs, self, (result,))[0]

    def at_outputs(self, grad_outputs: Gradients) -> Gradients:
        """Run the pre-hooks, and also the hooks if no input requires a gradient."""
        for hook in self.pre_hooks:
            changed = hook(self.module, grad_outputs)
            if changed is not None:
                grad_outputs = _of_length(changed, grad_outputs, "Backward pre hook", "grad_output")
        if self.inputs_watched:
            self.grad_outputs = grad_outputs
            return grad_outputs
        if self.hooks:
            warnings.warn(
                "Full backward hook is firing when gradients are computed with respect to module outputs since no "
                "inputs require gradients.",
                stacklevel=2,
            )
        for hook in self.hooks:
            changed = hook(self.module, (None,) * self.input_count, grad_outputs)
            if changed is not None and not (isinstance(changed, tuple) and all(g is None for g in changed)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or None for "
                    "all gradients."
                )
        return grad_outputs

    def at_inputs(self, grad_inputs: Gradients) -> Gradients:
        """Run the hooks, if the gradients of the outputs have arrived."""
        if self.grad_outputs is None:
            return grad_inputs
        for hook in self.hooks:
            changed = hook(self.module, grad_inputs, self.grad_outputs)
            if changed is not None:
                grad_inputs = _of_length(changed, grad_inputs, "Backward hook", "grad_input")
        self.grad_outputs = None
        return grad_inputs


def _of_length(changed: Any, expected: Gradients, hook: str, what: str) -> Gradients:
    changed = changed if isinstance(changed, tuple) else tuple(changed)
    if len(changed) != len(expected):
        raise RuntimeError(
            f"{hook} returned an invalid number of {what}, got {len(changed)}, but expected {len(expected)}"
        )
    return changed


def _watch(kind: type[_Watch], call: BackwardHook, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """`values` with the tensors in it made outputs of a new node; `values` itself if none requires a gradient."""
    tensors = [v for v in values if isinstance(v, Variable)]
    if not this_thread.grad_enabled or not any(t.requires_grad for t in tensors):
        return values
    node = kind(
        [edge_to(t) for t in tensors],
        [(t._array.shape, t._array.dtype) for t in tensors],
    )
    node.call, node.places, node.count = call, [i for i, v in enumerate(values) if isinstance(v, Variable)], len(values)
    node.forms = [(namespace(t._array), t._array.shape, t._array.dtype) for t in tensors]
    result = list(values)
    for index, (place, t) in enumerate(zip(node.places, tensors, strict=True)):
        if t.requires_grad:
            watched = result[place] = wrap(t._array, node, index)
            make_view(watched, t, alias, (), VIEW_MADE_IN_FUNCTION)  # so that it is not written in place
    return tuple(result) if type(values) is tuple else type(values)(*result)


class _Watch(Node):
    """An identity whose backward pass runs hooks.

    Attributes:
        call: the hooks.
        places: the positions of the node's outputs among all the arguments or results.
        count: the number of these arguments or results.
        forms: for each tensor its array module, shape and dtype.
    """

    __slots__ = ("call", "count", "forms", "places")

    call: BackwardHook
    places: list[int]
    count: int
    forms: list[tuple[Any, tuple[int, ...], Any]]

    def name(self) -> str:
        return "BackwardHookFunctionBackward"

    def run(self, grads: Gradients) -> Gradients:
        """The gradients after the hooks."""
        raise NotImplementedError

    def gradients(self, grads: list[Any], create_graph: bool, skip: Collection[int] = ()) -> Sequence[Any]:
        shown: list[Any] = [None] * self.count
        for place, g in zip(self.places, grads, strict=True):
            shown[place] = g if g is None or create_graph else wrap(g)
        result = self.run(tuple(shown))
        taken = [result[place] for place in self.places]
        # [...]: a view, so that the engine does not use the memory for a `grad`: a hook may have kept this tensor.
        return taken if create_graph else [None if g is None else g._array[...] for g in taken]


class _Inputs(_Watch):
    """A node at the inputs. For an input that no gradient reached, hooks get zeros."""

    __slots__ = ()

    def run(self, grads: Gradients) -> Gradients:
        filled = list(grads)
        for place, (xp, shape, dtype) in zip(self.places, self.forms, strict=True):
            if filled[place] is None:
                filled[place] = wrap(xp.zeros(shape, dtype))
        return self.call.at_inputs(tuple(filled))


class _Outputs(_Watch):
    __slots__ = ()

    def run(self, grads: Gradients) -> Gradients:
        return self.call.at_outputs(grads)
