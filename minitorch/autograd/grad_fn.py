"""The public attributes of a node of the graph, which users get as ``tensor.grad_fn``. Unused, they cost nothing."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from minitorch.autograd.graph import Node, Variable
from minitorch.autograd.hooks import Handle
from minitorch.autograd.node_hooks import AFTER, BEFORE, add_hook, add_leaf_hook
from minitorch.autograd.op import OpNode
from minitorch.autograd.origins import Origin, notes
from minitorch.autograd.saved_values import described, saved_attribute, saved_attributes


class GradFn:
    """The public attributes of a node."""

    __slots__ = ()

    _edges: Sequence[tuple[Any, int] | None]
    _number: int

    def name(self) -> str:
        """The name that tensors show as their ``grad_fn``."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """For each input that could have a gradient, the node that it came from, with the number of its output.

        That is an `AccumulateGrad` for a leaf, and None for an input that requires no gradient.
        """
        found = (None if place is None else self._edges[place] for place in self._edge_numbers())
        return tuple(
            (None, 0) if e is None else (leaf_node(e[0]), 0) if e[1] < 0 else (seen(e[0]), e[1]) for e in found
        )

    def _edge_numbers(self) -> Sequence[int | None]:
        """For each input that could have a gradient, the number of its edge; None for one that requires no gradient."""
        return range(len(self._edges))

    def _kept(self) -> Sequence[tuple[str, Any]] | None:
        """What the node keeps for its backward step: names and values; None when a backward pass has freed it."""
        return ()

    @property
    def metadata(self) -> dict[str, Any]:
        """A dictionary for whatever users want to attach to the node."""
        found: dict[str, Any] = notes(self).setdefault("metadata", {})
        return found

    @property
    def origin(self) -> Origin | None:
        """Where in the user's program the node was made; None unless `minitorch.autograd.keep_origins` was in force."""
        return notes(self).get("origin")

    def register_hook(self, fn: Callable[[Any, Any], Any]) -> Handle:
        """Call ``fn(grad_inputs, grad_outputs)`` after each backward step of the node.

        Both are tuples of tensors: the gradients that the step has computed, one for each of `next_functions` (None
        where no gradient is required), and those from which it did. `fn` may return a tuple that replaces the first.
        """
        return add_hook(self, AFTER, fn)

    def register_prehook(self, fn: Callable[[Any], Any]) -> Handle:
        """Call ``fn(grad_outputs)`` before each backward step of the node; it may return a tuple to use instead."""
        return add_hook(self, BEFORE, fn)

    def _sequence_nr(self) -> int:
        """The number of the node: a backward pass visits nodes from the highest to the lowest."""
        return self._number

    def __repr__(self) -> str:
        return f"<{self.name()}{described(self._kept())}>"


class AccumulateGrad(Node, GradFn):
    """The node that torch's graphs have for a leaf. In this graph leaves have no nodes, only edges that lead to them.

    Attributes:
        variable: the leaf.
    """

    __slots__ = ("variable",)

    def __init__(self, variable: Variable) -> None:
        # Not by `Node.__init__`: this node is no recorded operation. As in torch its number is the largest.
        self._edges, self._number = (), 2**64 - 1
        self.variable = variable

    def register_hook(self, fn: Callable[[Any, Any], Any]) -> Handle:
        """Call ``fn((), grad_outputs)`` after each time that a backward pass has added to the leaf's `grad`."""
        return add_leaf_hook(self.variable, AFTER, fn)

    def register_prehook(self, fn: Callable[[Any], Any]) -> Handle:
        """Call ``fn(grad_outputs)`` before a backward pass adds to `grad`; it may return a tuple to add instead."""
        return add_leaf_hook(self.variable, BEFORE, fn)

    def __repr__(self) -> str:
        array = self.variable._array
        return f"<AccumulateGrad of a leaf {array.shape} {array.dtype}>"


_leaf_nodes: weakref.WeakValueDictionary[int, AccumulateGrad] = weakref.WeakValueDictionary()


def leaf_node(variable: Any) -> AccumulateGrad:
    """The `AccumulateGrad` of a leaf: the same object as long as somebody refers to it."""
    node = _leaf_nodes.get(id(variable))
    if node is None:
        node = _leaf_nodes[id(variable)] = AccumulateGrad(variable)
    return node


class OpGradFn(GradFn):
    """The public attributes of an op's node: also `_saved_self`, `_saved_other` and so on."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_saved_"):
            return saved_attribute(self, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        return [*object.__dir__(self), *saved_attributes(self)]


@cache
def _named(cls: type[Node], name: str) -> type[Node]:
    """The subclass of `cls` with the public attributes that is called `name`."""
    public = OpGradFn if issubclass(cls, OpNode) else GradFn
    return type(name, (cls, public), {"__slots__": (), "__module__": cls.__module__, "__doc__": cls.__doc__})


def seen(node: Any) -> Any:
    """`node`, which from now on has a class of its own name, ``MulBackward0``, with the public attributes.

    Nodes that no user has looked at have one class for all ops: access to their attributes is faster so.
    """
    if not isinstance(node, GradFn):
        cls: Any = type(node)
        node.__class__ = _named(cls, node.name())
    return node
