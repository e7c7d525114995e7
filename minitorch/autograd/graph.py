"""The graph's data: a tensor points to the node that made it, a node to where the gradients of its inputs go.

Nothing points back, from a node to its results or from a tensor to what was computed from it. So there are no reference
cycles, and a part of the graph that nobody refers to is freed at once.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Callable, Collection, Sequence
from typing import Any

from kernels import backend_of

Array = Any
"""A NumPy or CuPy array, or one of another registered backend."""

Hooks = dict[int, Callable[[Any], Any]]
"""Hooks by the `id` of their handles, in the order in which they run."""


class _ThreadState(threading.local):
    """The state of one thread; every thread starts with these values."""

    grad_enabled = True  # operations are recorded
    inference_mode = False  # tensors that are made can never enter a graph
    enabled_in_inference_mode = False  # what `is_grad_enabled` says there, although nothing is recorded
    visited: Node | None = None  # in anomaly mode: the node whose backward step is running
    passes = 0  # how many backward passes are running, each inside the one before


this_thread = _ThreadState()


class Variable:
    """An array, and the node that made it. `minitorch.Tensor` is its subclass with torch's methods."""

    _array: Array
    _counter: list[int]  # one number, how often the memory was written in place; tensors on the same memory share it
    _requires_grad: bool  # operations on this tensor are recorded
    _node: Node | None  # the operation that made it; None for a leaf
    _index: int  # which of the node's outputs it is
    _grad: Any = None  # the gradient that `backward` has accumulated
    _view: Any  # if it shares another tensor's memory, a `views.View`: how it was made from the other
    _undo: Any = ()  # a step for each time that its shape was changed in place: the op that gives the shape from before
    _layout: Any = None  # `_array` and its `layout.Layout`, where this follows from another tensor's
    _hooks: Hooks | None = None  # for a leaf: what is called with its gradient; else its node has them
    _after_hooks: Hooks | None = None  # for a leaf: what is called after `_grad` has changed
    _inference = False  # it was made under `inference_mode`
    _counts_writes = True  # writes to it are counted; not to an inference tensor, which may be written to there alone


_tensor_type: type[Variable] = Variable
_new = object.__new__


def set_tensor_type(cls: type[Variable]) -> None:
    """Make `cls` the class of the tensors that `wrap` makes; `minitorch._tensor` calls it once."""
    global _tensor_type
    _tensor_type = cls


def wrap(array: Array, node: Node | None = None, index: int = 0) -> Any:
    """A tensor on `array`, which is not copied: a leaf, or output number `index` of `node`."""
    t = _new(_tensor_type)
    t._array = array
    t._counter = [0]
    t._requires_grad = node is not None
    t._node = node
    t._index = index
    t._view = None
    if this_thread.inference_mode:
        t._inference, t._counts_writes = True, False
    return t


def as_array(value: Any) -> Array:
    """`value` as a true array: NumPy's functions give scalars for what has no dimensions."""
    return backend_of(value).asarray(value)


Edge = tuple[Any, int]
"""Where the gradient of an input is delivered: a node and the number of its output, or a leaf tensor and -1."""

_numbers = itertools.count()


class Node:
    """One recorded operation. Nodes are numbered as they are made; a backward pass visits them from last to first.

    Args:
        edges: by input, where its gradient is delivered; None for an input that needs no gradient.
        outputs: the shape and dtype of each output; its gradient has the same.
    """

    __slots__ = ("__weakref__", "_edges", "_hooks", "_notes", "_number", "_outputs", "_retained")

    on_creation: Callable[[Node], None] | None = None  # set by `creation`

    def __init__(self, edges: Sequence[Edge | None], outputs: Sequence[tuple[tuple[int, ...], Any]]) -> None:
        self._number = next(_numbers)
        self._edges = edges
        self._outputs = outputs
        self._hooks: dict[int, Hooks] | None = None  # by output: what is called with its gradient; see `node_hooks`
        self._retained: dict[int, weakref.ref[Variable]] | None = None  # by output: the tensor whose `grad` it fills
        # `_notes` has no value until `origins.notes` is called: few nodes need it, and each assignment takes time.
        if Node.on_creation is not None:
            Node.on_creation(self)

    def gradients(self, grads: list[Any], create_graph: bool, skip: Collection[int] = ()) -> Sequence[Any]:
        """The gradients for `_edges`, given the gradients of the outputs.

        Args:
            grads: by output, its gradient; None for zero. Arrays, or tensors under `create_graph`.
            create_graph: whether the computation is recorded.
            skip: numbers of edges whose gradients will not be used and need not be computed.
        """
        raise NotImplementedError

    def composite_outputs(self) -> Sequence[Any] | None:
        """The outputs, computed again in ops that can be differentiated; None if `gradients` itself can be recorded."""
        return None

    def release(self) -> None:
        """Free what was saved for the backward pass."""
