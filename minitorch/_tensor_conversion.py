"""Converting a tensor: to another dtype or device, to an array, to Python numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

import numpy as np

import kernels
from minitorch import devices, dtypes
from minitorch._tensor_properties import Properties
from minitorch.autograd.basic import cast
from minitorch.autograd.graph import this_thread, wrap
from minitorch.autograd.op import Op
from minitorch.autograd.views import requires_grad
from minitorch.functions.options import destination
from minitorch.types import Device, Number

if TYPE_CHECKING:
    from minitorch._tensor import Tensor
    from minitorch.legacy import TensorType

# The class below has methods of these names.
builtin_int = int
builtin_float = float
builtin_bool = bool


class Conversion(Properties):
    """The conversions of `minitorch.Tensor`."""

    def to(
        self,
        *args: Tensor | dtypes.dtype | Device,
        device: Device = None,
        dtype: dtypes.dtype | None = None,
        non_blocking: bool = False,
        copy: builtin_bool = False,
        memory_format: Any = None,
    ) -> Tensor:
        """This tensor converted to a dtype, a device, or both; the tensor itself if nothing changes.

        Args:
            args: a dtype, a device, both (device first), or a tensor whose dtype and device are used; after them
                `non_blocking` and `copy`.
            device: the device, as a keyword.
            dtype: the dtype, as a keyword.
            non_blocking: whether a copy from pinned memory to a GPU may go on after the call. The host tensor must then
                not be written before the GPU has the copy. All other copies wait.
            copy: whether to copy even if nothing changes.
            memory_format: accepted, without effect.

        Raises:
            TypeError: for arguments in another order or of other types.
        """
        device, wanted, non_blocking, copy = destination(args, device, dtype, non_blocking, copy)
        result: Any = self
        if device is not None:
            where = devices.resolve(device).numbered()
            if where != self.device:
                result = to_device(result, where, self.device, non_blocking)
        if wanted is not None and result.dtype is not wanted:
            if not isinstance(wanted, dtypes.dtype):
                raise TypeError(
                    f"to(): argument 'dtype' must be torch.dtype, not {type(wanted).__name__}{dtypes.hint(wanted)}"
                )
            result = cast(result, wanted.numpy)
        unchanged = result is self
        return result.clone() if copy and unchanged else result

    @overload
    def type(self, dtype: None = None, non_blocking: bool = False) -> str: ...

    @overload
    def type(self, dtype: dtypes.dtype | TensorType | str, non_blocking: bool = False) -> Tensor: ...

    def type(self, dtype: Any = None, non_blocking: bool = False) -> Any:
        """The tensor's type as text, such as ``torch.FloatTensor``; or the tensor converted to such a type or dtype."""
        from minitorch.legacy import dtype_and_device, type_name

        if dtype is None:
            return type_name(self)
        wanted, device = dtype_and_device(dtype)
        return self.to(dtype=wanted, device=device, non_blocking=non_blocking)

    def type_as(self, other: Tensor) -> Tensor:
        """This tensor converted to the dtype and the device of `other`."""
        return self.to(other)

    def cpu(self) -> Tensor:
        """This tensor on the host."""
        return self.to("cpu")

    def cuda(self, device: Device = None, non_blocking: builtin_bool = False, memory_format: Any = None) -> Tensor:
        """This tensor on a GPU, the current one by default.

        Raises:
            ValueError: if `device` is not a GPU.
            RuntimeError: if there is no such GPU; the message says what is missing.
        """
        where = devices.resolve("cuda" if device is None else device)
        if where.type != "cuda":
            raise ValueError(f"Invalid device, must be cuda device, but got: {where}")
        return self.to(where, non_blocking=non_blocking)

    def pin_memory(self, device: Device = None) -> Tensor:
        """A copy of a host tensor in pinned memory, which GPUs read directly; the tensor itself if it is pinned.

        Raises:
            RuntimeError: if there is no GPU, or the tensor is not on the host.
        """
        if self.device.type != "cpu":
            raise RuntimeError(f"cannot pin 'torch.{self.device.type}' memory: only tensors on the host can be pinned")
        from minitorch.cuda.gpus import backend as gpus

        backend = gpus()
        if backend is None:
            raise RuntimeError("Cannot access accelerator device when none is available: pin_memory() needs a GPU.")
        pinned = backend.pinned(self._array)
        return self if pinned is self._array else wrap(pinned)  # type: ignore[return-value]  # it is a `Tensor`

    def is_pinned(self, device: Device = None) -> builtin_bool:
        """Whether the tensor is in pinned host memory, which GPUs read directly."""
        backend = devices.accelerator() if self.device.type == "cpu" else None
        return backend is not None and backend.is_pinned(self._array)

    def record_stream(self, s: Any) -> None:
        """Say that `s` uses this tensor, which was made in another one.

        Its memory, once the tensor is freed, is then not used for another before `s` has done the work that it has
        at that time.

        Raises:
            NotImplementedError: if the tensor is not on a GPU.
        """
        backend = kernels.backend_of(self._array)
        if not backend.indexed:
            raise NotImplementedError(
                f"Could not run 'aten::record_stream' with arguments from the '{self.device.type.upper()}' backend: "
                "only the work of GPUs is in streams"
            )
        backend.record_stream(self._array, s._stream)

    def float(self) -> Tensor:
        """This tensor in float32."""
        return self.to(dtypes.float32)

    def double(self) -> Tensor:
        """This tensor in float64."""
        return self.to(dtypes.float64)

    def half(self) -> Tensor:
        """This tensor in float16."""
        return self.to(dtypes.float16)

    def long(self) -> Tensor:
        """This tensor in int64."""
        return self.to(dtypes.int64)

    def int(self) -> Tensor:
        """This tensor in int32."""
        return self.to(dtypes.int32)

    def short(self) -> Tensor:
        """This tensor in int16."""
        return self.to(dtypes.int16)

    def char(self) -> Tensor:
        """This tensor in int8."""
        return self.to(dtypes.int8)

    def byte(self) -> Tensor:
        """This tensor in uint8."""
        return self.to(dtypes.uint8)

    def bool(self) -> Tensor:
        """This tensor in bool."""
        return self.to(dtypes.bool_)

    def numpy(self, *, force: builtin_bool = False) -> np.ndarray:
        """A NumPy array on the same memory.

        Args:
            force: also detach, and copy from another device.

        Raises:
            RuntimeError: if the tensor requires a gradient and gradients are recorded.
            TypeError: if it is not on the host.
        """
        if this_thread.grad_enabled and requires_grad(self) and not force:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        if self.device.type != "cpu" and not force:
            raise TypeError(
                f"can't convert {self.device} device type tensor to numpy. "
                "Use Tensor.cpu() to copy the tensor to host memory first."
            )
        return devices.to_host(self._array)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def __dlpack__(self, **options: Any) -> Any:
        if requires_grad(self):
            raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[Any, Any]:
        return self._array.__dlpack_device__()

    @property
    def __cuda_array_interface__(self) -> Any:
        if self.device.type != "cuda":
            raise AttributeError(f"Can't get __cuda_array_interface__ on non-CUDA tensor type: {self.type()}")
        if requires_grad(self):
            raise RuntimeError(
                "Can't get __cuda_array_interface__ on Variable that requires grad. If gradients aren't required, use "
                "var.detach() to get Variable that doesn't require grad."
            )
        return self._array.__cuda_array_interface__

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers; without dimensions, a number."""
        return devices.to_host(self._array).tolist()

    def item(self) -> Number:
        """The only element as a Python number.

        Raises:
            RuntimeError: if there is not exactly one element.
        """
        if self._array.size != 1:
            raise RuntimeError(f"a Tensor with {self._array.size} elements cannot be converted to Scalar")
        return self._array.item()


def _to_device(x: Any, where: devices.device, origin: devices.device, non_blocking: bool = False) -> Any:
    """`x`, an array on `origin`, copied to another device; `non_blocking` as for `Conversion.to`."""
    source = kernels.backend_of(x)
    if source is where.backend:
        return source.asarray(x, index=where.index)
    host = source.to_host(x)
    if isinstance(host, where.backend.array_types) and host.size and host.ctypes.data == source.pointer(x):
        host = host.copy()  # a backend on the host may give its own memory, and `asarray` would not copy it
    copied = where.backend.asarray_soon if non_blocking else where.backend.asarray
    return copied(host, index=where.index)


to_device: Op = Op(_to_device, name="to_copy", x=lambda g, where, origin: to_device(g, origin, where))
