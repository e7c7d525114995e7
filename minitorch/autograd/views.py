"""Views: tensors that share the memory of another tensor, their base.

A write through one of them changes all of them. So a view remembers the ops that made it from its base. A recorded
write gives the base a new node (see `inplace`); a view gets its new node when that is next asked for, by applying these
ops to the base again.
"""

from __future__ import annotations

from typing import Any

from kernels import backend_of
from minitorch.autograd.graph import Array, Edge, Node, Variable, this_thread, wrap
from minitorch.autograd.hooks import change_node
from minitorch.autograd.messages import VIEW_MADE_UNDER_NO_GRAD

Steps = tuple[tuple[Any, tuple[Any, ...]], ...]
"""(op, arguments after the first) pairs: the ops that lead from a base to its view."""


class View:
    """How a tensor was made from the one whose memory it shares.

    Attributes:
        base: the tensor whose memory it is, never a view itself.
        steps: the ops that give the view when they are applied in turn to `base`, as its shape was then.
        changes: how often the shape of `base` had been changed in place then, as by `t_`.
        version: the memory's write counter when the view's node was computed. If the counter has moved on, `node_of`
            computes the node again.
        write_error: why the graph cannot follow recorded writes to this memory; None if it can.
        origin: what `steps` from `first_step` on were applied to, an array or a pair `Variable._layout`: later the base
            may have another shape.
    """

    __slots__ = ("base", "changes", "first_step", "origin", "steps", "version", "write_error")

    def __init__(self, base: Variable, steps: Steps, origin: Any, first_step: int, write_error: str | None) -> None:
        self.base = base
        self.steps = steps
        self.origin = origin
        self.first_step = first_step
        self.version = base._counter[0]
        self.write_error = write_error
        self.changes = len(base._undo)

    def path(self) -> Steps:
        """The ops that give the view when they are applied to `base` as its shape is now."""
        later = self.base._undo[self.changes :]
        return (*reversed(later), *self.steps) if later else self.steps


def make_view(t: Variable, x: Variable, op: Any, args: tuple[Any, ...], write_error: str | None = None) -> None:
    """Note that `t` is the view ``op(x, *args)`` of the memory of `x`."""
    if write_error is None and not this_thread.grad_enabled:
        write_error = VIEW_MADE_UNDER_NO_GRAD
    t._counter, t._inference, t._counts_writes = x._counter, x._inference, not x._inference
    known, view = x._layout, x._view
    origin = x._array if known is None or known[0] is not x._array else known
    if view is None:
        t._view = View(x, ((op, args),), origin, 0, write_error)
    elif origin is known:
        t._view = View(view.base, (*view.steps, (op, args)), known, len(view.steps), view.write_error or write_error)
    else:
        steps = (*view.steps, (op, args))
        t._view = View(view.base, steps, view.origin, view.first_step, view.write_error or write_error)
    if view is not None:
        t._view.changes = view.changes


def make_unrecorded_view(t: Variable, x: Variable) -> None:
    """Note that `t` is a view of the memory of `x`, which was made without recording in a way that is not known."""
    t._counter = x._counter
    t._view = View(x if x._view is None else x._view.base, (), t._array, 0, VIEW_MADE_UNDER_NO_GRAD)


def replay(x: Any, steps: Steps) -> Any:
    """The view of `x`, an array or a tensor, that `steps` lead to."""
    for op, args in steps:
        x = op(x, *args)
    return x


def replay_recorded(view: View) -> Variable:
    """The view, made again from its base as that is now, recorded also under `no_grad`.

    If the base does not require a gradient any more, from a leaf in its place: so no gradient arrives anywhere.
    """
    base = view.base
    if not base._requires_grad:
        base = wrap(base._array)
        base._requires_grad = True
    before, this_thread.grad_enabled = this_thread.grad_enabled, True
    try:
        return replay(base, view.path())
    finally:
        this_thread.grad_enabled = before


def node_of(t: Variable) -> Node | None:
    """The node that made `t`, None for a leaf; computed anew for a view whose memory was written since.

    Raises:
        RuntimeError: if the view was made in a way that the graph does not know (`View.write_error`).
    """
    view: View | None = t._view
    if view is not None and view.version != t._counter[0] and (t._node is not None or view.base._requires_grad):
        if view.write_error is not None:
            raise RuntimeError(
                f"A view's base or another view of its base has been modified inplace. {view.write_error}"
            )
        view.version = t._counter[0]
        fresh = replay_recorded(view)
        if fresh._node is not None:
            change_node(t, fresh._node, fresh._index)
    return t._node


def edge_to(t: Variable) -> Edge | None:
    """Where the gradient of `t` is delivered; None if it needs none."""
    node = node_of(t)
    if node is not None:
        return node, t._index
    return (t, -1) if t._requires_grad else None


def requires_grad(t: Variable) -> bool:
    """Whether operations on `t` are recorded.

    They are for a view whose base requires a gradient. If the view itself was not recorded, because it was made under
    `no_grad` or before `base.requires_grad_()`, then no gradient arrives at the base from there.
    """
    return t._requires_grad or (t._view is not None and t._view.base._requires_grad)


def shares_memory(a: Array, b: Array) -> bool:
    """Whether two arrays of one backend are parts of the same memory."""
    base = getattr(a, "base", None)
    if base is not None and (base is b or base is getattr(b, "base", None)):
        return True
    owner = backend_of(a).owner
    return owner(a) is owner(b)
