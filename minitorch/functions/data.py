"""Tensors made of data: of numbers, sequences, arrays and other tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import kernels
from minitorch import devices, dtypes
from minitorch._variable import Variable
from minitorch.autograd.basic import alias
from minitorch.autograd.graph import this_thread, wrap
from minitorch.dtypes import dtype
from minitorch.functions.arguments import new_leaf, numpy_dtype
from minitorch.functions.options import placement
from minitorch.functions.public import public
from minitorch.types import Device
from minitorch.user_warnings import GRADIENT_IS_LOST, warn_user

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def _from_data(data: Any, dtype: Any = None) -> np.ndarray:
    """A host array with the values and torch's dtype of nested sequences, numbers, tensors or arrays."""
    if isinstance(data, Variable):
        return devices.to_host(data._array)
    if isinstance(data, np.ndarray | np.generic):
        array = np.asarray(data)
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    if isinstance(data, bool | int | float):
        return _array(data, dtypes.of_number(data), dtype)
    if isinstance(data, str | bytes):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
    if isinstance(data, Sequence):
        return _from_sequence(data, dtype)
    if hasattr(data, "__array__"):
        return np.asarray(data)
    raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")


def _array(values: Any, own: dtypes.dtype, wanted: Any) -> np.ndarray:
    """Python's numbers as an array of the dtype `own`; or, if `wanted` is another dtype, of one that keeps all digits.

    Floats are converted to another float dtype directly: if they became float32 first, they would be rounded twice.
    Integers become floats or booleans through float64, so that they may be of any size.
    """
    d = own.numpy
    if wanted is not None and own.is_floating_point:
        d = wanted if wanted.kind == "f" else np.dtype("float64")
    elif wanted is not None and d.kind == "i" and wanted.kind in "fb":
        d = np.dtype("float64")
    try:
        with np.errstate(over="ignore"):
            return np.array(values, dtype=d)
    except OverflowError as error:
        if d.kind == "f":
            raise
        raise ValueError(f"Overflow when unpacking long long: {error}") from None
    except ValueError as error:
        raise ValueError(_ragged(values, 0) or str(error)) from None


def _ragged(values: Any, depth: int) -> str:
    """PyTorch's message for nested sequences that differ in length, and where they do; empty if they do not."""
    if not isinstance(values, list | tuple):
        return ""
    lengths = [len(v) for v in values if isinstance(v, list | tuple)]
    for i, n in enumerate(lengths):
        if n != lengths[0]:
            return f"expected sequence of length {lengths[0]} at dim {depth + 1} (got {n}), at index {i} of dim {depth}"
    return next(filter(None, (_ragged(v, depth + 1) for v in values)), "")


def _from_sequence(data: Sequence[Any], dtype: Any = None) -> np.ndarray:
    numbers: set[type] = set()
    strong: list[dtypes.dtype] = []

    def plain(value: Any, first: bool) -> Any:
        """`value` with tensors and arrays turned into lists; stores which kinds of numbers occur."""
        if isinstance(value, Variable | np.ndarray | np.generic):
            host = _from_data(value)
            strong.append(dtypes.of(host.dtype))
            if isinstance(value, Variable):
                if host.size != 1:
                    raise ValueError(
                        "only one element tensors can be converted to Python scalars, "
                        f"but the data has one of shape {list(host.shape)}: use torch.stack"
                    )
                if value.requires_grad and this_thread.grad_enabled:
                    warn_user(GRADIENT_IS_LOST)
                return host.item()
            return host.tolist()
        if isinstance(value, str | bytes):
            if first:
                raise ValueError(f"too many dimensions '{type(value).__name__}'")
            raise TypeError(f"new(): invalid data type '{type(value).__name__}'")
        if isinstance(value, Sequence):
            parts = [plain(v, i == 0) for i, v in enumerate(value)]
            if len({isinstance(part, list) for part in parts}) > 1:
                raise TypeError("not a sequence: expected sequences at one depth, or numbers, but got both")
            return parts
        if not isinstance(value, bool | int | float):
            raise RuntimeError(f"Could not infer dtype of {type(value).__name__}")
        numbers.add(type(value))
        return value

    if type(data) in (list, tuple) and data and (kinds := set(map(type, data))) <= {bool, int, float}:
        values, numbers = data, kinds  # what `plain` makes of it
    else:
        values = plain(data, False)
    kind = float if float in numbers else int if int in numbers else bool if bool in numbers else None
    groups = [dtypes.of_number(kind())] if kind else []
    d = (
        dtypes.result_of(strong, [], [])
        if strong and not groups
        else dtypes.result_of(groups + strong, [], [])
        if groups
        else dtypes._default
    )
    return _array(values, d, dtype)


def _read(data: Any, dtype: Any) -> tuple[np.ndarray, Any]:
    """`data` as a host array, and the NumPy dtype to which it is to be converted.

    Raises:
        RuntimeError: for numbers that do not fit an integer dtype.
    """
    wanted = None if dtype is None else numpy_dtype(dtype)
    host = _from_data(data, wanted)
    if wanted is None:
        return host, dtypes.of(host.dtype).numpy
    if wanted.kind in "iu" and host.dtype.kind in "fi" and not isinstance(data, Variable | np.ndarray):
        limits = np.iinfo(wanted)
        least = -limits.max if wanted.kind == "u" and host.dtype.kind == "i" else limits.min  # integers wrap around
        with np.errstate(invalid="ignore"):
            fits = (host <= limits.max) & (host >= least)
        if not fits.all():
            raise RuntimeError(
                f"value cannot be converted to type {wanted} without overflow: expected numbers between {least} and "
                f"{limits.max}, but got {host[~fits].flat[0]}"
            )
    return host, wanted


def _in_dtype(host: np.ndarray, d: np.dtype[Any]) -> np.ndarray:
    return host if host.dtype == d else kernels.cast(host, d)


@public("function")
def tensor(
    data: Any,
    *,
    dtype: dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A new tensor with a copy of `data`.

    Args:
        data: a number, nested sequences of numbers, an array or a tensor.
        dtype: default: by the type of the numbers (float: the default dtype; int: int64; bool: bool), or the array's.
        device: default: the device of `data` if it is a tensor, else the default device.
        requires_grad: whether operations on it are recorded.
        pin_memory: accepted, without effect.

    Raises:
        ValueError: if sequences at one depth differ in length, or contain text or tensors of several elements.
        RuntimeError: for objects that are not numbers, and numbers that do not fit `dtype`.
        TypeError: for text.
    """
    if isinstance(data, Variable):
        warn_user(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor)."
        )
        device = devices.device_of(data._array) if device is None else device
    elif hasattr(data, "__cuda_array_interface__"):  # an array of CuPy, say
        array = as_tensor(data, dtype, device)._array
        with kernels.on_device_of(array):
            return new_leaf(array.copy(), requires_grad)
    host, d = _read(data, dtype)
    array = devices.put(_in_dtype(host, d), d, devices.resolve(device))
    if array is host and not isinstance(data, bool | int | float | Sequence):
        array = array.copy()
    return new_leaf(array, requires_grad)


@public("function")
def as_tensor(data: Any, dtype: dtype | None = None, device: Device = None) -> Tensor:
    """`data` as a tensor, on the same memory (and with the same node in the graph) if no conversion is needed."""
    if isinstance(data, Variable):
        return data.to(device=device, dtype=dtype)
    if hasattr(data, "__cuda_array_interface__"):
        shared = new_leaf(kernels.get_backend("cuda").asarray(data))
        return shared.to(device=device, dtype=dtype)
    host, d = _read(data, dtype)
    if isinstance(data, np.ndarray) and not data.flags.writeable:
        _warn_of_read_only()
    return new_leaf(devices.put(_in_dtype(host, d), d, devices.resolve(device)))


@public("function")
def asarray(
    obj: Any,
    *,
    dtype: dtype | None = None,
    device: Device = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """`obj` as a tensor.

    Args:
        obj: a number, nested sequences of numbers, an array or a tensor.
        dtype: as for `tensor`.
        device: as for `tensor`.
        copy: None shares memory if possible; True always copies; False never copies.
        requires_grad: whether operations on it are recorded.

    Raises:
        ValueError: if `copy` is False and memory cannot be shared.
    """
    t = as_tensor(obj, dtype, device)
    source = obj._array if isinstance(obj, Variable) else obj
    shares = t._array is source or (
        isinstance(source, np.ndarray) and isinstance(t._array, np.ndarray) and np.shares_memory(t._array, source)
    )
    if copy is False and not shares:
        raise ValueError("asarray(): cannot make a tensor of this data without copying it")
    if copy and shares:
        t = t.clone()
    return t.requires_grad_() if requires_grad else t


@public("function")
def from_numpy(ndarray: np.ndarray) -> Tensor:
    """A tensor that shares the memory of a NumPy ndarray.

    Raises:
        TypeError: if the argument is not a NumPy ndarray, or has a dtype that tensors do not have.
        ValueError: if a stride is negative or the byte order is not native.
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    dtypes.of(ndarray.dtype)
    if any(stride < 0 for stride in ndarray.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
            "supported. Make a copy of the array with ndarray.copy()."
        )
    if not ndarray.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Convert it with .astype()."
        )
    if not ndarray.flags.writeable:
        _warn_of_read_only()
    return wrap(ndarray)


def _warn_of_read_only() -> None:
    warn_user(
        "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. This means writing "
        "to this tensor will result in undefined behavior. You may want to copy the array to protect its data or make "
        "it writable before converting it to a tensor."
    )


@public("function")
def from_dlpack(ext_tensor: Any, *, device: Device = None, copy: bool | None = None) -> Tensor:
    """A tensor that shares the memory of an object with ``__dlpack__``, on the device of that memory.

    Args:
        ext_tensor: the object.
        device: the tensor's device; if it is not the object's device, the tensor is a copy.
        copy: True always copies, False never does.

    Raises:
        ValueError: if `copy` is False and `device` is not the object's device.
    """
    kind = ext_tensor.__dlpack_device__()[0]
    backend = kernels.get_backend("cpu" if int(kind) in (1, 3) else "cuda")  # 3: pinned memory of the host
    array = backend.xp.from_dlpack(ext_tensor)
    dtypes.of(array.dtype)
    t = wrap(array)
    moved = t if device is None else t.to(device)
    if copy is False and moved is not t:
        raise ValueError(f"from_dlpack(): cannot move from {t.device} to {device} without a copy")
    return moved.clone() if copy and moved is t else moved


@public("method")
def new_tensor(
    self: Tensor,
    data: Any,
    *,
    dtype: dtype | None = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor with a copy of `data`, by default of this tensor's dtype and device."""
    options = placement("new_tensor", {"dtype": dtype, "device": device}, like=self)
    return tensor(data, dtype=dtypes.of(options.dtype), device=options.device, requires_grad=requires_grad)


def view_of_same_type(source: Any, dtype: dtypes.dtype, device: devices.device) -> Tensor:
    """What torch's old constructors make of a tensor: a view of it.

    Raises:
        TypeError: if `source` is not a tensor of this dtype on this type of device.
    """
    if source.dtype != dtype or source.device.type != device.type:
        raise TypeError(
            f"expected a tensor of {dtype} on {device.type}, but got one of {source.dtype} on {source.device.type}: "
            "convert it with .to(device, dtype)"
        )
    t: Tensor = alias(source)
    return t
