"""The half of a tensor that the graph knows: an array, where it came from, and its gradient.

`minitorch.Tensor` is this class with torch's methods on top. The graph hangs below it: a tensor points to the
node that made it, a node to the nodes (or leaf tensors) that its inputs came from, and nothing points back, so
there are no reference cycles and what nobody holds is freed at once.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kernels import backend_of
from minitorch.autograd.grad_mode import state

if TYPE_CHECKING:
    from minitorch.autograd.node import Node
    from minitorch.autograd.op import Op

Array = Any
_ids = itertools.count()
Counter = list[int]
"""How often a piece of memory was written in place: one cell, shared by all tensors that view the memory."""


UNRECORDED = (
    "This view was created in no_grad mode, so it is not known whether it is meant to be part of the graph. Make the "
    "view with grad mode enabled, or write within no_grad."
)
IN_FUNCTION = (
    "This view was created inside a custom Function (or because an input was returned as-is), and writing to it would "
    "pass the Function's backward by. Clone the output of the Function first."
)


class View:
    """How a tensor that shares memory was made: the tensor it views, and the ops that lead from there to it.

    Attributes:
        base: the tensor whose memory this is; never a view itself.
        steps: (op, further arguments) pairs that give the view when applied to `base` in turn.
        seen: the version of the memory for which the view's node is right.
        refusal: why the graph cannot follow recorded writes to this memory; None if it can.
    """

    __slots__ = ("base", "refusal", "seen", "steps")

    def __init__(
        self, base: Variable, steps: tuple[tuple[Op, tuple[Any, ...]], ...], refusal: str | None = None
    ) -> None:
        self.base = base
        self.steps = steps
        self.seen = base._counter[0]
        self.refusal = refusal

    def replay(self, x: Any) -> Any:
        """The view's region of `x`, an array or a tensor of the base's shape."""
        for op, args in self.steps:
            x = op(x, *args)
        return x


class Handle:
    """What registering a hook returns: `remove()` takes the hook away; as a context manager it does so at the end."""

    def __init__(self, hooks: dict[int, Any]) -> None:
        self._hooks = hooks
        self.id = next(_ids)

    def remove(self) -> None:
        """Take the hook away; once is enough, twice does no harm."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *details: object) -> None:
        self.remove()


class Variable:
    """An array with a place in the graph. See `minitorch.Tensor` for the face."""

    _array: Array
    _counter: Counter
    _requires_grad: bool
    _node: Node | None
    _index: int  # which of the node's outputs this is
    _grad: Variable | None = None
    _view: View | None
    _hooks: dict[int, Callable[[Any], Any]] | None = None  # of a leaf; a node keeps those of its outputs
    _after_hooks: dict[int, Callable[[Any], None]] | None = None
    _inference = False

    if TYPE_CHECKING:  # the face, which `minitorch._tensor` adds

        def __getattr__(self, name: str) -> Any: ...

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this tensor are recorded."""
        return self._requires_grad or (self._view is not None and self._view.base._requires_grad)

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if value and self._array.dtype.kind != "f":
            raise RuntimeError(
                f"only Tensors of floating point dtype can require gradients, but this one is {self._array.dtype}"
            )
        if self._node is not None and not value:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. If you want to use a computed variable "
                "in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
            )
        if value and self._inference and not state.inference:
            raise RuntimeError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")
        self._requires_grad = bool(value)

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        """Set `requires_grad` of a leaf in place; returns the tensor."""
        self.requires_grad = requires_grad
        return self

    @property
    def grad(self) -> Any:
        """The gradient accumulated by `backward`, a tensor of the same shape, or None."""
        if self._grad is None and self._node is not None and not self.retains_grad:
            warnings.warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute "
                "won't be populated during autograd.backward(): call .retain_grad() on it before, or look at the "
                "leaf Tensor.",
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: Variable | None) -> None:
        if value is not None:
            if not isinstance(value, Variable):
                raise TypeError(
                    f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}"
                )
            mine, other = self._array, value._array
            if other.shape != mine.shape:
                raise RuntimeError(
                    f"attempting to assign a gradient of size {list(other.shape)} to a tensor of size "
                    f"{list(mine.shape)}"
                )
            if other.dtype != mine.dtype:
                raise RuntimeError(
                    f"attempting to assign a gradient with dtype {other.dtype} to a tensor of dtype {mine.dtype}"
                )
            if value is self:
                raise RuntimeError("can't assign Variable as its own grad")
            from minitorch.autograd.mixing import device_name

            places = [device_name(other), device_name(mine)]
            if places[0] != places[1]:
                raise RuntimeError(
                    f"attempting to assign a gradient with device type '{places[0]}' to a tensor with device type "
                    f"'{places[1]}'. Please ensure that the gradient and the tensor are on the same device"
                )
        self._grad = value

    @property
    def grad_fn(self) -> Node | None:
        """The node of the graph that made this tensor, None for a leaf."""
        return node_of(self)

    @property
    def is_leaf(self) -> bool:
        """Whether the tensor was made by the user rather than by a recorded operation."""
        return node_of(self) is None

    @property
    def output_nr(self) -> int:
        """Which output of `grad_fn` this tensor is."""
        return self._index

    @property
    def retains_grad(self) -> bool:
        """Whether this non-leaf keeps its gradient (see `retain_grad`)."""
        return self._node is not None and self._index in (self._node._retained or {})

    @property
    def _base(self) -> Variable | None:
        """The tensor whose memory this one views, None if it is no view."""
        return None if self._view is None else self._view.base

    def _is_view(self) -> bool:
        """Whether this tensor views another's memory."""
        return self._view is not None

    @property
    def _version(self) -> int:
        """How often the tensor's memory has been written in place."""
        return self._counter[0]

    def is_inference(self) -> bool:
        """Whether the tensor was made under `inference_mode`."""
        return self._inference

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Add the gradient of this tensor with respect to the graph's leaves to their `grad`.

        Args:
            gradient: the gradient of some scalar with respect to this tensor; a tensor of one element needs none.
            retain_graph: keep what the graph saved for another pass (default: the value of `create_graph`).
            create_graph: record the backward pass itself, for gradients of gradients.
            inputs: the tensors whose `grad` is filled; default all leaves.

        Raises:
            RuntimeError: if there is no graph, `gradient` is missing or of another shape, saved memory was
                changed in place, or the graph was freed by an earlier pass.
        """
        from minitorch.autograd.engine import backward

        backward(self, gradient, retain_graph, create_graph, inputs=inputs)

    def register_hook(self, hook: Callable[[Any], Any]) -> Handle:
        """Call ``hook(grad)`` when this tensor's gradient is known; what it returns, unless None, replaces it.

        Raises:
            RuntimeError: if the tensor does not require a gradient.
        """
        if not self._requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        node = node_of(self)
        if node is None:
            if self._hooks is None:
                self._hooks = {}
            hooks = self._hooks
        else:
            hooks = node.hooks_of(self._index)
        handle = Handle(hooks)
        hooks[handle.id] = hook
        return handle

    def register_post_accumulate_grad_hook(self, hook: Callable[[Any], None]) -> Handle:
        """Call ``hook(tensor)`` after each time that `backward` has added to this leaf's `grad`.

        Raises:
            RuntimeError: if the tensor does not require a gradient or is not a leaf.
        """
        if not self._requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if not self.is_leaf:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        if self._after_hooks is None:
            self._after_hooks = {}
        handle = Handle(self._after_hooks)
        self._after_hooks[handle.id] = hook
        return handle

    def retain_grad(self) -> None:
        """Let `backward` fill `grad` of this non-leaf too. No effect on a leaf.

        Raises:
            RuntimeError: if the tensor does not require a gradient.
        """
        if not self._requires_grad:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        node = node_of(self)
        if node is not None:
            node.retain(self._index, self)


_tensor_type: type[Variable] = Variable
_new = object.__new__


def set_tensor_type(cls: type[Variable]) -> None:
    """Tell the graph what class its results are of; called once, by `minitorch.tensor`."""
    global _tensor_type
    _tensor_type = cls


def wrap(array: Array, node: Node | None = None, index: int = 0) -> Any:
    """A tensor on `array` (not a copy): without history, or output number `index` of `node`."""
    t = _new(_tensor_type)
    t._array = array
    t._counter = [0]
    t._requires_grad = node is not None
    t._node = node
    t._index = index
    t._view = None
    if state.inference:
        t._inference = True
    return t


def node_of(t: Variable) -> Node | None:
    """The node that made `t`: for a view whose memory was written since, one that is made anew from its base.

    Raises:
        RuntimeError: if the graph cannot say what such a view now is.
    """
    view = t._view
    if view is not None and view.seen != t._counter[0] and view.base._requires_grad:
        if view.refusal is not None:
            raise RuntimeError(f"A view's base or another view of its base has been modified inplace. {view.refusal}")
        view.seen = t._counter[0]
        saved, state.enabled = state.enabled, True
        try:
            fresh = view.replay(view.base)
        finally:
            state.enabled = saved
        t._node, t._index, t._requires_grad = fresh._node, fresh._index, True
    return t._node


def owner_of(array: Array) -> Any:
    """What holds the memory of `array`: the same object for all arrays that view it."""
    return backend_of(array).owner(array)


def make_view(result: Variable, op: Op, args: tuple[Any, ...]) -> None:
    """Note that `result`, if it does share the memory of ``args[0]``, was made from it by `op`."""
    x = args[0]
    if owner_of(result._array) is not owner_of(x._array):
        return  # a reshape that had to copy
    step = (op, args[1:])
    refusal = None if state.enabled else UNRECORDED
    result._counter = x._counter
    if x._view is None:
        result._view = View(x, (step,), refusal)
    else:
        result._view = View(x._view.base, (*x._view.steps, step), x._view.refusal or refusal)
