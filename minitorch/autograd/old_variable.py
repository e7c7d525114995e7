"""``Variable(tensor, requires_grad=...)``, with which older lessons wrap every tensor. Tensors need no wrapping now."""

from __future__ import annotations

import warnings
from typing import Any

from minitorch.autograd import graph
from minitorch.autograd.graph import wrap
from minitorch.functions.creation import empty


class _VariableMeta(type):
    def __call__(cls, data: Any = None, requires_grad: bool = False, volatile: Any = None) -> Any:
        """A tensor on the memory of `data`, outside its graph.

        Args:
            data: the tensor; default an empty one.
            requires_grad: whether operations on the result are recorded.
            volatile: without effect; use `no_grad`.

        Raises:
            TypeError: if `data` is not a tensor.
            RuntimeError: if a gradient is required of integers or booleans.
        """
        if volatile is not None:
            warnings.warn(
                "volatile was removed and now has no effect. Use `with torch.no_grad():` instead.", stacklevel=2
            )
        if data is None:
            data = empty((0,))
        if not isinstance(data, graph.Variable):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        t = wrap(data._array)
        t._counter = data._counter
        t.requires_grad = requires_grad
        return t

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, graph.Variable)


class Variable(metaclass=_VariableMeta):
    """Called, it gives a tensor; every tensor is an instance of it."""
