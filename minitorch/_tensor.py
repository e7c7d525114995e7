"""The tensor: an array, its place in the graph, and torch's methods, most of them from `minitorch.functions`."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from minitorch import dtypes
from minitorch._size import Size as Size
from minitorch._tensor_conversion import Conversion
from minitorch.autograd.graph import Variable, set_tensor_type, this_thread
from minitorch.autograd.inplace import check_history
from minitorch.functions import elementwise, indexing, joining, shape
from minitorch.functions.arguments import tensor_argument
from minitorch.functions.data import from_numpy
from minitorch.functions.public import methods
from minitorch.layout import layout_of, set_layout
from minitorch.legacy import of_data_or_sizes
from minitorch.ops import elementwise as ops
from minitorch.printing import tensor_repr
from minitorch.types import Device, Number
from minitorch.user_warnings import GRADIENT_IS_LOST, warn_user

if TYPE_CHECKING:
    from minitorch._tensor_methods import TensorMethods  # `Conversion` with all that `methods()` gives
else:
    TensorMethods = Conversion


class Tensor(TensorMethods):
    """A multi-dimensional array of one dtype on one device; operations on it can be recorded.

    Made by `minitorch.tensor` and the other creation functions, and by operations. ``Tensor(data)`` makes a float
    tensor, ``Tensor(2, 3)`` an uninitialized one of that shape, as in torch. Most methods are functions of
    `minitorch.functions` (see `minitorch.functions.public`).
    """

    __array_priority__ = 1000  # so that NumPy lets the tensor compute ``array * tensor``

    def __new__(cls, *args: Any, data: Any = None, size: Sequence[int] | None = None, device: Device = None) -> Self:
        """`args` are data, the sizes of an uninitialized tensor, or a tensor; the result is a view of that tensor.

        Raises:
            TypeError: for a number that is no size.
        """
        if data is not None:
            args = (data, *args)
        given = args if size is None else (Size(size),)
        t: Any = of_data_or_sizes(given, dtypes.get_default_dtype(), device, any_tensor=True)
        if cls is Tensor:
            return t
        subclassed = object.__new__(cls)  # not `t.__class__ = cls`, which is refused for a class with `__slots__`
        subclassed.__dict__.update(t.__dict__)
        return subclassed

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        return tensor_repr(self)

    def _repr_html_(self) -> str:
        from minitorch.visualization import notebook

        return notebook.tensor(self)

    def __format__(self, spec: str) -> str:
        if type(self) is Tensor and self._array.ndim == 0:
            return format(self.item(), spec)
        return object.__format__(self, spec)

    def __len__(self) -> int:
        if self._array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return len(self._array)

    def __iter__(self) -> Iterator[Tensor]:
        if self._array.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    def __reversed__(self) -> Tensor:
        """A copy with the order along the first dimension reversed."""
        return self.flip(0) if self._array.ndim else self

    def __contains__(self, element: Any) -> bool:
        if not isinstance(element, Variable | int | float | bool):
            raise RuntimeError(
                f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {element.__class__}."
            )
        return bool(ops.eq(self.detach(), element)._array.any())

    def _only(self) -> Any:
        if self._array.size != 1:
            values = "more than one value" if self._array.size else "no values"
            raise RuntimeError(f"Boolean value of Tensor with {values} is ambiguous")
        return self._array.item()

    def _single(self) -> Any:
        if self._array.size != 1:
            raise ValueError(
                f"only one element tensors can be converted to Python scalars, but this is of shape {list(self.shape)}"
            )
        return self._array.item()

    def __bool__(self) -> bool:
        return bool(self._only())

    def __float__(self) -> float:
        if self.requires_grad and this_thread.grad_enabled:
            warn_user(GRADIENT_IS_LOST)
        return float(self._single())

    def __int__(self) -> int:
        return int(self._single())

    def __index__(self) -> int:
        if self._array.dtype.kind == "f" or self._array.size != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.item())

    def __array_wrap__(self, array: np.ndarray, context: Any = None, return_scalar: bool = False) -> Tensor:
        """The result of a NumPy function, ``np.sqrt(x)``, as a tensor; booleans become uint8, as in torch."""
        return from_numpy(np.asarray(array, "uint8" if array.dtype == bool else None))

    def __hash__(self) -> int:
        return id(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if id(self) in memo:
            return memo[id(self)]
        if not self.is_leaf:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) can be deep-copied; use tensor.detach()"
            )
        from minitorch.serialization.copying import copy_memory
        from minitorch.serialization.rebuild import attributes_of

        t: Tensor = copy_memory(self, memo)
        t.__class__ = self.__class__
        t._requires_grad = self.requires_grad
        memo[id(self)] = t
        if self._grad is not None:
            t._grad = copy.deepcopy(self._grad, memo)
        for name, value in attributes_of(self).items():
            t.__dict__[name] = copy.deepcopy(value, memo)
        return t

    def __reduce_ex__(self, protocol: Any) -> Any:
        from minitorch.serialization.copying import pack, unpack
        from minitorch.serialization.rebuild import attributes_of

        return unpack, (self.__class__, *pack(self), self.requires_grad), attributes_of(self) or None

    __getitem__ = indexing.getitem
    __setitem__ = indexing.setitem

    def __delitem__(self, key: Any) -> None:
        raise TypeError("Tensor does not support deleting items; make a tensor of those that stay, with cat or a mask")

    def __invert__(self) -> Tensor:
        if self._array.dtype.kind == "f":
            raise TypeError(f"~ (operator.invert) is only implemented on integer and boolean tensors, not {self.dtype}")
        return ops.bitwise_not(self)

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]  # element by element
        equal: Any = ops.eq(self, other) if _comparable(other) else NotImplemented
        return equal

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]  # element by element
        different: Any = ops.ne(self, other) if _comparable(other) else NotImplemented
        return different

    def __lt__(self, other: Tensor | Number) -> Tensor:
        return ops.lt(self, other) if _comparable(other) else NotImplemented

    def __le__(self, other: Tensor | Number) -> Tensor:
        return ops.le(self, other) if _comparable(other) else NotImplemented

    def __gt__(self, other: Tensor | Number) -> Tensor:
        return ops.gt(self, other) if _comparable(other) else NotImplemented

    def __ge__(self, other: Tensor | Number) -> Tensor:
        return ops.ge(self, other) if _comparable(other) else NotImplemented

    @property
    def T(self) -> Tensor:
        """A view with the dimensions in reverse order; warns unless there are two dimensions."""
        if not self.ndim:
            warn_user("Tensor.T is deprecated on 0-D tensors. This function is the identity in these cases.")
        elif self.ndim != 2:
            warn_user(
                "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it "
                "will throw an error in a future release. Consider `x.mT` to transpose batches of matrices or "
                "`x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor."
            )
        return shape.permute(self, tuple(reversed(range(self.ndim))))

    @property
    def H(self) -> Tensor:
        """A view of a matrix with rows and columns exchanged.

        Raises:
            RuntimeError: for a vector, or more than two dimensions.
        """
        if self.ndim not in (0, 2):
            raise RuntimeError(f"tensor.H is only supported on matrices (2-D tensors). Got {self.ndim}-D tensor.")
        if not self.ndim:
            warn_user("Tensor.H is deprecated on 0-D tensors. Consider using x.conj().")
            return self.view(())
        return self.T

    @property
    def mT(self) -> Tensor:
        """A view with the last two dimensions exchanged."""
        if not self.ndim:
            warn_user("Tensor.mT is deprecated on 0-D tensors. This function is the identity in these cases.")
            return self.view(())
        if self.ndim < 2:
            raise RuntimeError(
                f"tensor.mT is only supported on matrices or batches of matrices. Got {self.ndim}-D tensor."
            )
        return shape.transpose(self, -2, -1)

    def new(self, *data: Any, size: Sequence[int] | None = None, device: Device = None) -> Tensor:
        """A tensor of this dtype and device from data, or uninitialized from sizes (torch's old constructor)."""
        given = data if size is None else (Size(size),)
        new: Tensor = of_data_or_sizes(given, self.dtype, self.device if device is None else device)
        return new

    def set_(self, source: Tensor) -> Tensor:
        """Use the memory of another tensor from now on; returns this tensor.

        Raises:
            TypeError: if `source` is not a tensor.
            RuntimeError: if this tensor is a leaf that requires a gradient, unless under `no_grad`.
        """
        tensor_argument(source, "set_", 1, "source")
        check_history(self, self)
        set_layout(self, source._array, layout_of(source))
        self._counter = source._counter
        return self

    def split(self, split_size: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
        """`minitorch.split` of the tensor."""
        return joining.split(self, split_size, dim)

    def where(self, condition: Tensor, other: Tensor | Number) -> Tensor:
        """The elements of this tensor where `condition` is true, else of `other`."""
        return elementwise.where(condition, self, other)


def _comparable(other: object) -> bool:
    return isinstance(other, Variable | int | float | np.ndarray | np.generic)


set_tensor_type(Tensor)
for _name, _method in methods().items():
    setattr(Tensor, _name, _method)
