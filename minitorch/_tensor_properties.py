"""The properties of a tensor: shape, dtype, device, memory layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

import kernels
from minitorch import devices, dtypes
from minitorch._size import Size, size_of
from minitorch._tensor_autograd import Differentiable
from minitorch.functions.arguments import dimension
from minitorch.layout import layout_of

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


class Properties(Differentiable):
    """The properties of `minitorch.Tensor`."""

    @property
    def shape(self) -> Size:
        """The sizes of the dimensions."""
        return size_of(self._array.shape)

    @property
    def dtype(self) -> dtypes.dtype:
        """The type of the elements."""
        return dtypes.of(self._array.dtype)

    @property
    def device(self) -> devices.device:
        """The device whose memory contains the elements."""
        return devices.device_of(self._array)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return int(self._array.ndim)

    @property
    def is_cuda(self) -> bool:
        """Whether the tensor is on a GPU."""
        return self.device.type == "cuda"

    @property
    def itemsize(self) -> int:
        """Bytes per element."""
        return int(self._array.dtype.itemsize)

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return int(self._array.nbytes)

    is_sparse = False
    is_quantized = False
    layout = "torch.strided"

    @overload
    def size(self, dim: None = None) -> Size: ...

    @overload
    def size(self, dim: int) -> int: ...

    def size(self, dim: int | None = None) -> Size | int:
        """The sizes of the dimensions, or the size of dimension `dim`."""
        if dim is None:
            return self.shape

        if not self._array.ndim:
            raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
        return self._array.shape[dimension(dim, self._array.ndim)]

    def dim(self) -> int:
        """The number of dimensions."""
        return self.ndim

    ndimension = dim

    def numel(self) -> int:
        """The number of elements."""
        return int(self._array.size)

    nelement = numel

    def element_size(self) -> int:
        """Bytes per element."""
        return self.itemsize

    @overload
    def stride(self, dim: None = None) -> tuple[int, ...]: ...

    @overload
    def stride(self, dim: int) -> int: ...

    def stride(self, dim: int | None = None) -> tuple[int, ...] | int:
        """The distance in memory, in elements, between neighbours along each dimension, or along `dim`."""
        strides = layout_of(self).strides
        return strides if dim is None else strides[dimension(dim, len(strides))]

    def storage_offset(self) -> int:
        """The position of the first element in the memory that this tensor views, in elements."""
        return layout_of(self).offset

    def data_ptr(self) -> int:
        """The address of the first element; 0 if there are no elements."""
        return self._array.size and kernels.backend_of(self._array).pointer(self._array)

    def is_contiguous(self, memory_format: Any = None) -> bool:
        """Whether the elements are contiguous in memory: in row-major order, without gaps."""
        return bool(self._array.flags.c_contiguous)

    def is_floating_point(self) -> bool:
        """Whether the elements are of a floating-point type."""
        return bool(self._array.dtype.kind == "f")

    def is_nonzero(self) -> bool:
        """Whether the only element is not 0; raises RuntimeError if there is not exactly one element."""
        return bool(self)

    def is_complex(self) -> bool:
        """Always False: minitorch has no complex tensors."""
        return False

    def is_signed(self) -> bool:
        """Whether the type of the elements has negative numbers."""
        return self.dtype.is_signed

    def is_same_size(self, other: Tensor) -> bool:
        """Whether another tensor has the same shape."""
        return bool(self._array.shape == other._array.shape)

    def get_device(self) -> int:
        """The number of the device, -1 for the host."""
        return -1 if self.device.index is None else self.device.index
