"""Hooks: functions that are called with a gradient when it is known. And non-leaf tensors that keep their gradient.

Hooks on a leaf are kept by the tensor; hooks on any other tensor by its node, so that they are called even if nobody
refers to the tensor any more.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

from minitorch.autograd.graph import Hooks, Node, Variable

_ids = itertools.count()


class Handle:
    """Returned for a registered hook: `remove()` removes the hook, and so does the end of a ``with`` block.

    Args:
        hooks: a dictionary of hooks; the caller adds the new hook under the handle's `id`.
    """

    def __init__(self, hooks: dict[int, Any]) -> None:
        self._hooks = hooks
        self.id = next(_ids)

    def remove(self) -> None:
        """Remove the hook. Calling it again has no effect."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *details: object) -> None:
        self.remove()


class LeafHook(NamedTuple):
    """A hook on the `AccumulateGrad` of a leaf, see `node_hooks`.

    Attributes:
        when: whether it is called before or after the gradient is added to the leaf's `grad`.
        fn: what is called.
    """

    when: int
    fn: Callable[..., Any]

    def __call__(self, *args: Any) -> Any:
        return self.fn(*args)


def hooks_of_output(node: Node, index: int) -> Hooks:
    """The hooks on the gradient of output number `index`, a dictionary to which the caller adds a new hook."""
    if node._hooks is None:
        node._hooks = {}
    return node._hooks.setdefault(index, {})


def run_hooks(hooks: Hooks, g: Any) -> Any:
    """Call all hooks with the gradient `g`; if a hook returns a tensor, this replaces `g` for the next hook.

    Where no gradient has arrived `g` is None, and so is the result.

    Raises:
        TypeError: if a hook returns anything but a tensor or None.
        RuntimeError: if it returns a tensor of another dtype or shape, or one in place of None.
    """
    for hook in list(hooks.values()):
        replacement = hook(g)
        if replacement is None:
            continue
        if g is None:
            raise RuntimeError("can't replace a None gradient with a non-None value")
        check_replacement(hook, g, replacement)
        g = replacement
    return g


def check_replacement(hook: Any, old: Variable, new: Any) -> None:
    """Check what a hook has returned in place of the gradient `old`.

    Raises:
        TypeError: if it is not a tensor.
        RuntimeError: if it has another dtype or shape.
    """
    if not isinstance(new, Variable):
        raise TypeError(f"expected Variable, but hook returned '{type(new).__name__}'")
    was, now = old._array, new._array
    name = getattr(hook, "__name__", hook)
    if now.dtype != was.dtype:
        raise RuntimeError(f"hook '{name}' has changed the type of value (was {was.dtype}, got {now.dtype})")
    if now.shape != was.shape:
        raise RuntimeError(
            f"hook '{name}' has changed the size of value: expected {list(was.shape)}, got {list(now.shape)}"
        )


def run_post_accumulate_hooks(x: Variable) -> None:
    """Call the hooks that follow each addition to ``x.grad``.

    Raises:
        TypeError: if a hook returns anything but None or a tensor.
        RuntimeError: after the last hook, if one has returned a tensor other than it was given. The next hook gets it.
    """
    given, replaced = x, False
    for hook in [hook for hook in (x._after_hooks or {}).values() if not isinstance(hook, LeafHook)]:
        result = hook(given)
        if result is not None and not isinstance(result, Variable):
            raise TypeError(f"expected Variable, but hook returned '{type(result).__name__}'")
        if result is not None and result is not given:
            given, replaced = result, True
    if replaced:
        raise RuntimeError("Tensor post accumulate grad hooks should return None.")


def retain_grad(t: Variable, node: Node) -> None:
    """Let a backward pass fill the `grad` of `t`, which is an output of `node`."""
    if node._retained is None:
        node._retained = {}
    node._retained[t._index] = weakref.ref(t)


def retains_grad(t: Variable) -> bool:
    """Whether a backward pass fills the `grad` of `t`, which is not a leaf."""
    if t._node is None or t._node._retained is None:
        return False
    reference = t._node._retained.get(t._index)
    return reference is not None and reference() is t


def change_node(t: Variable, node: Node, index: int) -> None:
    """Make `t`, after its memory was written, output number `index` of `node`.

    If `t` retains its gradient, it is from now on the gradient of the new elements. Hooks of the old node stay there:
    they are called with the gradient of the old elements.
    """
    old, old_index, retained = t._node, t._index, retains_grad(t)
    t._node, t._index, t._requires_grad = node, index, True
    if retained and old is not None and old._retained is not None:
        del old._retained[old_index]
        retain_grad(t, node)
