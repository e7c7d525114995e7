"""Writing into a tensor's memory, with torch's rules for what the graph then knows.

``x.mul_(y)`` is ``mul``, whose result is written over `x`; in the graph `x` is from then on the output of that ``mul``.
If `x` is a view, the graph records that its base was copied with the result in the place of `x`, and the base is from
then on that copy. All views of the memory get new nodes when they are next used (`views.node_of`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import kernels
from minitorch.autograd.basic import cast, copy_slices
from minitorch.autograd.graph import Variable, this_thread, wrap
from minitorch.autograd.hooks import change_node
from minitorch.autograd.op import Op, OpNode
from minitorch.autograd.views import View, node_of, replay_recorded, requires_grad

_RANK = {"b": 0, "u": 1, "i": 1, "f": 2}  # a result may be written into a dtype of the same rank or a higher one


def inplace(op: Op, x: Variable, *args: Any) -> Any:
    """Write ``op(x, *args)`` into `x` and return `x`.

    Raises:
        RuntimeError: if `x` is a leaf that requires a gradient, a view of one, or a view made under `no_grad`; if the
            result has another shape, or a dtype that `x` cannot hold; if elements of `x` share memory.
    """
    operand = writable(x, x, *args)
    return write(x, op(operand, *args), op.name)


def writable(x: Variable, *operands: Any, fill: bool = False) -> Any:
    """Raise torch's RuntimeError if `x` may not be written in place by an operation on `operands`.

    Args:
        x: the tensor.
        operands: tensors, and other arguments, which do not matter.
        fill: all elements get the same number, so that several may share memory.

    Returns:
        The tensor to give to the operation as `x`. It is `x` itself, unless `x` is a view with hooks or a retained
        gradient: these were for the old value, of which only the base is part of the graph after the write. Then it is
        the same view without them.
    """
    check_history(x, *operands)
    check_memory(x, fill)
    observed = x._view is not None and recorded(operands) and _is_observed(x, x._view)
    return replay_recorded(x._view) if observed else x


def check_memory(x: Variable, fill: bool = False) -> None:
    """Raise RuntimeError if the memory of `x` is read-only, or if elements of `x` share it and this is no `fill`."""
    array = x._array
    if not fill and elements_overlap(array):
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            "Please clone() the tensor before performing the operation."
        )
    if not getattr(array.flags, "writeable", True):
        raise RuntimeError(
            "unsupported operation: the written-to tensor is part of an expanded tensor or in read-only memory. "
            "Please clone() the tensor before performing the operation."
        )


def recorded(operands: Iterable[Any]) -> bool:
    """Whether an operation on `operands` is recorded."""
    if this_thread.grad_enabled:
        for a in operands:
            if isinstance(a, Variable) and requires_grad(a):
                return True
    return False


def check_history(x: Variable, *operands: Any) -> None:
    """Raise torch's RuntimeError if the graph does not allow `x` to be changed by an operation on `operands`."""
    view: View | None = x._view
    check_inference(x)
    if not recorded(operands):
        return
    if view is not None:
        if view.write_error is not None:
            raise RuntimeError(f"A view is being modified inplace with grad mode enabled. {view.write_error}")
        if requires_grad(x) and view.base._node is None:
            raise RuntimeError("a view of a leaf Variable that requires grad is being used in an in-place operation.")
    if requires_grad(x) and x._node is None:  # also a view that has no node yet, as its base required no gradient then
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")


def check_inference(x: Variable) -> None:
    """Raise RuntimeError if `x` is an inference tensor, and this is not `inference_mode`, where it may be written."""
    if not x._counts_writes and not this_thread.inference_mode:
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed. Use a clone() of it."
        )


def elements_overlap(array: Any) -> bool:
    """Whether elements may share memory: then some stride is smaller than the bytes that all smaller strides span."""
    if not array.size or array.flags.c_contiguous:
        return False
    span = array.itemsize
    for stride, size in sorted((abs(stride), size) for stride, size in zip(array.strides, array.shape, strict=True)):
        if size > 1 and stride < span:
            return True
        span += stride * (size - 1)
    return False


def _is_observed(x: Variable, view: View) -> bool:
    """Whether one of the nodes that lead from the base of the view `x` to it has hooks or a retained gradient."""
    node = x._node
    for _ in view.steps:
        if node is None:
            return False
        if node._hooks or node._retained:
            return True
        edge = node._edges[0]
        node = None if edge is None or edge[1] < 0 else edge[0]
    return False


def write(x: Variable, result: Variable, name: str) -> Any:
    """Write `result`, which the operation `name` computed from `x`, into `x`, and make `x` that result in the graph."""
    if result._array.shape != x._array.shape:
        raise RuntimeError(
            f"{name}_: output with shape {list(x._array.shape)} doesn't match the broadcast shape "
            f"{list(result._array.shape)}"
        )
    dtype = x._array.dtype
    if result._array.dtype != dtype:
        if _RANK[result._array.dtype.kind] > _RANK[dtype.kind]:
            raise RuntimeError(
                f"{name}_: result type {result._array.dtype} can't be cast to the desired output type {dtype}; convert "
                "the tensor first, or use the operation that is not in place"
            )
        result = cast(result, dtype)
    if isinstance(result._node, OpNode):
        _update_saved(result._node, x, result._array)
    kernels.assign(x._array, result._array)
    x._counter[0] += 1
    rebase_history(x, result)
    return x


def _update_saved(node: OpNode, x: Variable, result: Any) -> None:
    """Change what `node` saved, because its `result`, an array, is written into `x`.

    It gets copies of saved operands on the memory of `x`. If it saved its result, it now saves the array of `x`, so
    that later writes to `x` are noticed.
    """
    if node.saved is None:
        return
    for n, (i, counter, _) in enumerate(node.versions):
        if node.saved[i] is result:
            node.saved[i] = x._array
            node.versions[n] = (i, x._counter, x._counter[0] + 1)
        elif counter is x._counter:
            with kernels.on_device_of(node.saved[i]):
                node.saved[i] = node.saved[i].copy()
            node.versions[n] = (i, [0], 0)  # nobody else writes to the copy's memory


def watch(result: Any, *tensors: Any) -> Any:
    """Return `result`, whose node has saved the arrays of index tensors as an argument ``index`` or ``key``.

    Its backward pass will notice if one of `tensors` has been written to since. What is no index tensor is passed over.
    """
    node = result._node
    if isinstance(node, OpNode) and node.saved:
        sources, names = node.plan.sources, node.plan.names
        i = next(i for i, (_, p) in enumerate(sources) if names[p] in ("index", "key"))
        indices = [t for t in tensors if isinstance(t, Variable) and t._array.dtype.kind != "f"]
        node.versions.extend((i, t._counter, t._counter[0]) for t in indices)
    return result


def rebase_history(x: Variable, result: Variable) -> None:
    """Make `x`, into which `result` has been written, that result in the graph; and if `x` is a view, also its base."""
    view: View | None = x._view
    base, steps = (x, ()) if view is None else (view.base, view.path())
    if this_thread.grad_enabled and (base is not x or (result._node is None and x._requires_grad)):
        # Also if nothing is recorded for `result`: the base's gradient is then zero where `x` is.
        result = _record_copy_slices(base, result, steps)
    if result._node is not None:
        change_node(base, result._node, result._index)
        node_of(x)


def _record_copy_slices(base: Variable, result: Variable, steps: Any) -> Variable:
    """``copy_slices(base, result, steps)``, recorded only: `base` already has its elements."""
    plan = copy_slices.plan(base._requires_grad | result._requires_grad << 1, 3)
    if plan is None:
        return result
    args = base, result, steps
    node = OpNode(copy_slices, plan, args, (base._array,))
    node.save(args, (base._array, result._array, steps))
    return wrap(base._array, node)
