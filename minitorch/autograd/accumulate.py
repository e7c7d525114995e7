"""Adding gradients to the `grad` of tensors."""

from __future__ import annotations

from typing import Any

import kernels
from kernels.memory_order import is_laid_out_like, laid_out_like
from minitorch.autograd.basic import clone, contiguous
from minitorch.autograd.graph import Variable, as_array, wrap
from minitorch.autograd.hooks import run_post_accumulate_hooks
from minitorch.autograd.inplace import check_inference, check_memory
from minitorch.autograd.node_hooks import after_accumulation, before_accumulation
from minitorch.user_warnings import warn_user


def accumulate_gradient(x: Variable, g: Any, create_graph: bool, shared: set[int]) -> None:
    """Add the gradient `g` of a leaf to its `grad`, then call its hooks for that. Arguments as for `add_to_grad`.

    A leaf that was recorded, but no longer requires a gradient, gets none.

    Raises:
        RuntimeError: if `x` is no leaf any more: a view whose base has become the result of an operation on it.
    """
    if x._node is not None:
        raise RuntimeError("leaf variable has been moved into the graph interior")
    if x._after_hooks:
        g = before_accumulation(x, g, create_graph)
    if x._requires_grad and g is not None:
        add_to_grad(x, g, create_graph, shared)
    if x._after_hooks:
        run_post_accumulate_hooks(x)
        after_accumulation(x, g, create_graph)


def not_a_grad(g: Any, leaves: dict[int, Any]) -> Any:
    """`g`, or a copy if it has become the `grad` of another leaf: a hook may write to it.

    Args:
        g: a gradient.
        leaves: by id, (leaf, its gradient, ...) for all leaves that were reached.
    """
    if g is not None and any(x._grad is not None and x._grad._array is g for x, *_ in leaves.values()):
        with kernels.on_device_of(g):
            return g.copy()
    return g


def retain(x: Variable, g: Any, create_graph: bool) -> None:
    """Add the gradient `g` of `x`, which is no leaf, to ``x.grad``, in memory that nobody else refers to."""
    t = g if create_graph else wrap(as_array(g))
    x._grad = contiguous(t) if x._grad is None else x._grad + t


def add_to_grad(x: Variable, g: Any, create_graph: bool, shared: set[int]) -> None:
    """Add the gradient `g`, a tensor under `create_graph` and else an array, to ``x.grad``.

    Args:
        x: the tensor.
        g: its gradient, of its shape and dtype.
        create_graph: whether the addition is recorded.
        shared: ids of arrays that somebody else refers to. ``x.grad`` gets a copy of such an array, because the user
            may write to it. The copy is laid out like `x` in memory.
    """
    if create_graph:
        x._grad = clone(g) if x._grad is None else x._grad + g
        return
    if x._grad is None:
        if g.strides != x._array.strides or getattr(g, "base", g) is not None or id(g) in shared:
            g = laid_out_like(g, x._array)
        shared.add(id(g))
        x._grad = wrap(g)
    else:
        _add_in_place(x._grad, x, g)


def _add_in_place(grad: Variable, x: Variable, g: Any) -> None:
    """Write ``grad + g`` into `grad`, the `grad` of `x`, even if the user has put a tensor there that others view.

    Raises:
        RuntimeError: if the memory cannot be written.
    """
    if g.size and grad._array.strides != x._array.strides and not is_laid_out_like(grad._array, x._array):
        warn_user(
            "grad and param do not obey the gradient layout contract. This is not an error, but may impair performance."
        )
    check_inference(grad)
    if grad._view is not None:
        check_memory(grad)
    try:
        kernels.add_into(grad._array, g)
    except ValueError as error:
        check_memory(grad)  # it may be an array of NumPy that is read-only
        raise RuntimeError(f"the gradient of shape {list(g.shape)} cannot be added to the grad: {error}") from None
    grad._counter[0] += 1
