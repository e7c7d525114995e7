"""Tensors that a module keeps: parameters, which are trained, and buffers, which are not."""

from __future__ import annotations

from typing import Any, Self

from minitorch._tensor import Tensor
from minitorch._variable import Variable
from minitorch.functions import creation

__all__ = ["Buffer", "Parameter", "is_lazy"]


class Parameter(Tensor):
    """A leaf that a module registers as one of its `parameters()` when it is assigned as an attribute.

    Args:
        data: the tensor whose memory the parameter uses, without a copy; default an empty one.
        requires_grad: whether it is trained.

    Raises:
        AttributeError: if `data` is not a tensor.
        RuntimeError: if `data` is not floating point and a gradient is required.
    """

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Self:
        return _share(cls, creation.empty((0,)) if data is None else data, requires_grad)

    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]  # mypy drops its name
        return "Parameter containing:\n" + super().__repr__()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """A copy of the elements, without the gradient and the hooks."""
        if id(self) not in memo:
            memo[id(self)] = _share(type(self), self.data.clone(), self.requires_grad)
        return memo[id(self)]


class Buffer(Tensor):
    """A tensor that a module registers as one of its `buffers()` when it is assigned as an attribute.

    Args:
        data: the tensor whose memory the buffer uses, without a copy; default an empty one.
        persistent: whether the module's `state_dict` contains it.

    Raises:
        AttributeError: if `data` is not a tensor.
    """

    persistent: bool

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True) -> Self:
        data = creation.empty((0,)) if data is None else data
        buffer = _share(cls, data, getattr(data, "requires_grad", False))
        buffer.persistent = persistent
        return buffer


def is_lazy(param: Any) -> bool:
    """Always False: minitorch has no parameters without a shape."""
    return False


def _share(cls: Any, data: Any, requires_grad: bool) -> Any:
    """A leaf of class `cls` on the memory of `data`."""
    if not isinstance(data, Variable):
        raise AttributeError(
            f"{cls.__name__} expects a tensor, but got {type(data).__name__}; make one of it with torch.tensor()"
        )
    t = data.detach()
    t.__class__ = cls
    t.requires_grad = requires_grad
    return t
