"""What nodes keep for their backward step, under the names of their op's gradients and under torch's.

The gradients of ops name what they need: ``mul = Op(kernels.mul, x=lambda g, y: g * y, …)`` saves `x` and `y`. torch's
nodes have the attributes `_saved_self` and `_saved_other` for these.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import kernels
from minitorch.autograd.messages import FREED

_USUAL = {
    "x": "self",
    "y": "other",
    "out": "result",
    "x_shape": "self_sym_sizes",
    "dims": "dim",
    "lower": "min",
    "upper": "max",
}
"""torch's names of what most ops call otherwise."""

_OF_OP = {
    "addcmul": {"a": "tensor1", "b": "tensor2"},
    "addcdiv": {"a": "tensor1", "b": "tensor2"},
    "convolution": {"x": "input", "g": "input"},
    "embedding": {"index": "indices"},
    "flip": {"dims": "dims"},
    "hardtanh": {"lower": "min_val", "upper": "max_val"},
    "leaky_relu": {"slope": "negative_slope"},
    "linalg_vector_norm": {"p": "ord"},
    "max_pool2d_with_indices": {"indices": "result1"},
    "native_batch_norm": {"x": "input", "mean": "running_mean", "var": "running_var"},
    "native_group_norm": {"x": "input"},
    "native_layer_norm": {"x": "input", "spread": "normalized_shape"},
    "permute": {"dims": "dims"},
    "pow": {"y": "exponent"},
    "roll": {"dims": "dims"},
    "unfold": {"dim": "dimension"},
}
"""By op: torch's names that are different from those in `_USUAL`."""

_REDUCTIONS = {"none": 0, "mean": 1, "sum": 2}


def described(saved: Sequence[tuple[str, Any]] | None) -> str:
    """How a node's repr ends: `` saves x (2,) float32, dim=1``; empty if the node saves nothing."""
    if saved is None:
        return ", freed"
    texts = [
        f"{name} {value.shape} {value.dtype}" if kernels.is_array(value) else f"{name}={value!r}"
        for name, value in saved
    ]
    return " saves " + ", ".join(texts) if texts else ""


def saved_attributes(node: Any) -> list[str]:
    """The names of a node's attributes for what calls of its op may save, as torch spells them."""
    return ["_saved_" + name for name in _names(node)]


def saved_attribute(node: Any, attribute: str) -> Any:
    """The value of the attribute `_saved_<name>`; the name is torch's, or that of a parameter of the op's gradients.

    A saved array is returned as a tensor, anything else, such as a shape, as it was saved. None if the op may save
    something of this name, but this call did not need to.

    Raises:
        AttributeError: if the op saves nothing of this name.
        RuntimeError: if a backward pass has freed it, or its memory was written since.
    """
    name = attribute.removeprefix("_saved_")
    names = _names(node)
    own = names.get(name, name if name in names.values() else None)
    if own is None:
        raise AttributeError(f"{type(node).__name__!r} object has no attribute {attribute!r}")
    if node.saved is None:
        raise RuntimeError(FREED)
    own, _, field = own.partition(".")
    for i, found in enumerate(node.plan.saved_names()):
        if found == own:
            value = node._in_graph(*node.plan.sources[i], node._unpack(len(node.plan.sources))[i])
            value = getattr(value, field) if field else value
            return _REDUCTIONS.get(value, value) if name == "reduction" else value
    return None


def _names(node: Any) -> dict[str, str]:
    """By torch's name: the op's own name of what its gradients ask for, ``options.stride`` for a part of a tuple."""
    op, found = node.op, {}
    asked = [name for _, gradient in op.gradients for name in [*inspect.signature(gradient).parameters][1:]]
    asked = [name for name in asked if not name.endswith("_origin")]
    saved = dict(node._kept() or ())
    for own in dict.fromkeys([*asked, *saved]):
        if op.variadic and own in (f"{op.variadic}_shape", f"{op.variadic}_dtype", op.variadic):
            continue  # one name for each tensor is in `saved`
        fields = getattr(saved.get(own), "_fields", ())
        for field in fields:
            found["kernel_size" if field == "kernel" else field] = f"{own}.{field}"
        if not fields:
            found[_OF_OP.get(op.name, {}).get(own) or _USUAL.get(own, own)] = own
    return found
