"""Questions about tensors and dtypes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minitorch import dtypes
from minitorch._variable import Variable
from minitorch.functions.arguments import tensor_argument
from minitorch.functions.public import public
from minitorch.ops import promotion
from minitorch.types import Number

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


@public("function")
def is_tensor(obj: Any) -> bool:
    """Whether `obj` is a tensor."""
    return isinstance(obj, Variable)


@public("function")
def is_floating_point(input: Tensor) -> bool:
    """Whether the elements are of a floating-point type."""
    return tensor_argument(input, "is_floating_point").is_floating_point()


@public("function")
def is_complex(input: Tensor) -> bool:
    """Always False: minitorch has no complex tensors."""
    return tensor_argument(input, "is_complex").is_complex()


@public("function")
def is_nonzero(input: Tensor) -> bool:
    """Whether the only element is not 0.

    Raises:
        RuntimeError: if there is not exactly one element.
    """
    return bool(tensor_argument(input, "is_nonzero"))


@public("function")
def numel(input: Tensor) -> int:
    """The number of elements."""
    return tensor_argument(input, "numel").numel()


@public("function")
def result_type(tensor: Tensor | Number, other: Tensor | Number) -> dtypes.dtype:
    """The dtype of an arithmetic operation on two tensors or numbers."""
    return promotion.result_type(tensor, other)


@public("function")
def typename(obj: Any) -> str:
    """The name of a class or function, or of an object's class; for a tensor, ``torch.FloatTensor`` or similar."""
    if isinstance(obj, Variable):
        return obj.type()
    named = obj if hasattr(obj, "__qualname__") else type(obj)
    module = getattr(named, "__module__", None)
    return named.__qualname__ if module in (None, "builtins") else f"{module}.{named.__qualname__}"
