"""Gradients that do not depend on an input, and are recorded as if they did, because torch records them.

torch computes the gradients of pooling, of a rectifier or of a convolution in one function of the incoming gradient and
the input, and records it if one of them requires a gradient. The derivative with respect to the input is zero.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Sequence
from typing import Any

import kernels
from minitorch.autograd.graph import Node, Variable, this_thread, wrap
from minitorch.autograd.views import edge_to


class ConstantGradient(Node):
    """The node of such a gradient: it has an edge to each input, along which it sends zeros."""

    def name(self) -> str:
        """What `grad_fn` shows."""
        return "ConstantGradient"

    def gradients(self, grads: list[Any], create_graph: bool, skip: Collection[int] = ()) -> Sequence[Any]:
        if grads[0] is None:
            return [None] * len(self._edges)
        xp = kernels.namespace(grads[0]._array if create_graph else grads[0])
        found: list[Any] = []
        for edge in self._edges:
            if edge is None:
                found.append(None)
                continue
            target, index = edge
            shape, dtype = target._outputs[index] if index >= 0 else (target._array.shape, target._array.dtype)
            found.append(wrap(xp.zeros(shape, dtype)) if create_graph else xp.zeros(shape, dtype))
        return found


def constant(gradient: Any, *inputs: Any) -> Any:
    """`gradient`, recorded as a function of `inputs`; unchanged if it is recorded anyway or not to be recorded."""
    if not isinstance(gradient, Variable) or gradient._requires_grad or not this_thread.grad_enabled:
        return gradient
    edges = [edge_to(t) if isinstance(t, Variable) else None for t in inputs]
    if not any(edges):
        return gradient
    return wrap(gradient._array, ConstantGradient(edges, ((gradient._array.shape, gradient._array.dtype),)))


def flat(gradient: Callable[..., Any]) -> Callable[..., Any]:
    """A gradient ``f(g, x, …)`` whose derivative by `x` is zero, but is recorded (a decorator).

    `x` may be ``x_origin``, the input without its numbers, which costs no memory.
    """

    @functools.wraps(gradient)
    def recorded(g: Any, x: Any, *rest: Any) -> Any:
        return constant(gradient(g, x, *rest), x)

    return recorded
