"""Writing into a tensor's memory, with torch's rules for what the graph then knows.

``x.mul_(y)`` is ``mul`` whose result is written over `x`; `x` then stands in the graph where the result stood. If `x`
is a view, the tensor that it views becomes an overlay of its old self and the result, and all other views of that
memory look their place in the graph up again when they are next used (`variable.node_of`).
"""

from __future__ import annotations

from typing import Any

from kernels import assign
from minitorch.autograd.basic import cast, overlay
from minitorch.autograd.grad_mode import state
from minitorch.autograd.op import Op, OpNode
from minitorch.autograd.variable import Variable, node_of

_RANK = {"b": 0, "u": 1, "i": 1, "f": 2}  # a result may be written into a dtype of the same rank or a higher one


def inplace(op: Op, x: Variable, *args: Any) -> Any:
    """Write ``op(x, *args)`` into `x` and return `x`.

    Raises:
        RuntimeError: if `x` is a leaf that requires a gradient, a view of one, or a view made under `no_grad`; if the
            result has another shape, or a dtype that `x` cannot hold; if elements of `x` share memory.
    """
    check_writable(x, any(isinstance(a, Variable) and a._requires_grad for a in (x, *args)))
    return write(x, op(x, *args), op.name)


def check_writable(x: Variable, recorded: bool) -> None:
    """Raise torch's RuntimeError if `x` may not be written in place by an operation that is recorded or is not."""
    array, view = x._array, x._view
    if array.size and not array.flags.c_contiguous and _overlaps(array):
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            "Please clone() the tensor before performing the operation."
        )
    if not getattr(array.flags, "writeable", True):
        raise RuntimeError(
            "unsupported operation: the written-to tensor is part of an expanded tensor or lies in read-only memory. "
            "Please clone() the tensor before performing the operation."
        )
    if x._inference and not state.inference:
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed. Use a clone() of it."
        )
    if not state.enabled or not recorded:
        return
    if x._requires_grad and node_of(x) is None:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
    if view is not None and view.refusal is not None:
        raise RuntimeError(f"A view is being modified inplace with grad mode enabled. {view.refusal}")
    if view is not None and view.base._requires_grad and view.base._node is None:
        raise RuntimeError("a view of a leaf Variable that requires grad is being used in an in-place operation.")


def _overlaps(array: Any) -> bool:
    """Whether elements may share memory: along each dimension, steps must clear what the smaller ones span."""
    span = array.itemsize
    for stride, size in sorted((abs(stride), size) for stride, size in zip(array.strides, array.shape, strict=True)):
        if size > 1 and stride < span:
            return True
        span += stride * (size - 1)
    return False


def write(x: Variable, result: Variable, name: str) -> Any:
    """Put `result`, which the operation `name` computed from `x`, in the place of `x`, in memory and in the graph."""
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
        result._node.keep_copies(x._counter)
    assign(x._array, result._array)
    x._counter[0] += 1
    rejoin(x, result)
    return x


def rejoin(x: Variable, result: Variable) -> None:
    """Put `x`, whose memory now holds what `result` holds, where `result` stands in the graph."""
    base, steps = (x, ()) if x._view is None else (x._view.base, x._view.steps)
    node, index = result._node, result._index
    if state.enabled and (base is not x or (node is None and x._requires_grad)):
        node, index = overlay.record((base, result, steps), base._array), 0
    if node is None:
        return
    old = base._node
    if old is not None and old._retained and old._retained.get(base._index, lambda: None)() is base:
        del old._retained[base._index]
        node.retain(index, base)
    base._node, base._index, base._requires_grad = node, index, True
    node_of(x)
