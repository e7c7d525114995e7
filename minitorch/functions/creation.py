"""Making tensors: from data, and filled in one way or another."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import kernels
from minitorch import devices, dtypes
from minitorch.autograd.mixing import together
from minitorch.autograd.variable import Variable, wrap
from minitorch.functions.arguments import finish, numpy_dtype, shape_argument
from minitorch.functions.writing import into

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
    """Python's numbers as an array of their dtype; floats that are wanted in another float dtype in that, unrounded."""
    d = wanted if own.is_floating_point and wanted is not None and wanted.kind == "f" else own.numpy
    try:
        return np.array(values, dtype=d)
    except OverflowError as error:
        raise ValueError(f"Overflow when unpacking long long: {error}") from None
    except ValueError as error:
        raise ValueError(f"expected sequences of equal length at every depth: {error}") from None


def _from_sequence(data: Sequence[Any], dtype: Any = None) -> np.ndarray:
    numbers: set[type] = set()
    strong: list[dtypes.dtype] = []

    def plain(value: Any, first: bool) -> Any:
        """`value` with tensors and arrays turned into lists; notes what kinds of numbers there are."""
        if isinstance(value, Variable | np.ndarray | np.generic):
            host = _from_data(value)
            strong.append(dtypes.of(host.dtype))
            if isinstance(value, Variable):
                if host.size != 1:
                    raise ValueError(
                        "only one element tensors can be converted to Python scalars, "
                        f"but the data holds one of shape {list(host.shape)}: use torch.stack"
                    )
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
    """`data` as a host array, and the NumPy dtype that it is wanted in.

    Raises:
        RuntimeError: for numbers that do not fit an integer dtype.
    """
    wanted = None if dtype is None else numpy_dtype(dtype)
    host = _from_data(data, wanted)
    if wanted is None:
        return host, dtypes.of(host.dtype).numpy
    if wanted.kind in "iu" and not isinstance(data, Variable | np.ndarray):
        high = np.iinfo(wanted).max  # negative numbers wrap in an unsigned dtype
        if not ((host <= high) & (host >= -high - (wanted.kind == "i"))).all():
            raise RuntimeError(f"value cannot be converted to type {wanted} without overflow")
    return host, wanted


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Tensor:
    """A new tensor with a copy of `data`.

    Args:
        data: a number, nested sequences of numbers, an array or a tensor.
        dtype: default: what the numbers are (float: the default dtype; int: int64; bool: bool), or the array's own.
        device: default: a tensor's own, else the default device.
        requires_grad: whether operations on it are recorded.
        pin_memory: accepted, without effect.

    Raises:
        ValueError: if sequences differ in length, or one holds text or tensors of several elements.
        RuntimeError: for objects that are no numbers, and numbers that do not fit `dtype`.
        TypeError: for text.
    """
    if isinstance(data, Variable):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
            stacklevel=2,
        )
        device = devices.device_of(data._array) if device is None else device
    host, d = _read(data, dtype)
    array = devices.put(host.astype(d, copy=False), d, devices.resolve(device))
    if array is host and not isinstance(data, bool | int | float | Sequence):
        array = array.copy()
    return finish(array, requires_grad)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """`data` as a tensor, sharing its memory (and its place in the graph) if nothing has to change."""
    if isinstance(data, Variable):
        return data.to(device=device, dtype=dtype)
    if hasattr(data, "__cuda_array_interface__") and not kernels.is_array(data):
        shared = finish(kernels.get_backend("cuda").asarray(data))
        return shared.to(device=device, dtype=dtype)
    host, d = _read(data, dtype)
    return finish(devices.put(host.astype(d, copy=False), d, devices.resolve(device)))


def asarray(
    data: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False
) -> Tensor:
    """`data` as a tensor.

    Args:
        data: a number, nested sequences of numbers, an array or a tensor.
        dtype: as for `tensor`.
        device: as for `tensor`.
        copy: None shares memory where that is possible, True never does, False insists on it.
        requires_grad: whether operations on it are recorded.

    Raises:
        ValueError: if `copy` is False and memory cannot be shared.
    """
    t = as_tensor(data, dtype, device)
    source = data._array if isinstance(data, Variable) else data
    shares = t._array is source or (
        isinstance(source, np.ndarray) and isinstance(t._array, np.ndarray) and np.shares_memory(t._array, source)
    )
    if copy is False and not shares:
        raise ValueError("asarray(): cannot make a tensor of this data without copying it")
    if copy and shares:
        t = t.clone()
    return t.requires_grad_() if requires_grad else t


def from_numpy(ndarray: np.ndarray) -> Tensor:
    """A tensor that shares the memory of a NumPy ndarray.

    Raises:
        TypeError: if it is not a NumPy ndarray, or of a dtype that tensors do not have.
        ValueError: if a stride is negative or the byte order is not the machine's.
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
    return wrap(ndarray)


def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """A tensor that shares the memory of any object with ``__dlpack__``, on the device where that lies.

    Args:
        ext_tensor: the object.
        device: where the tensor is to lie; elsewhere than the object it is a copy.
        copy: True for a copy in any case, False for never.

    Raises:
        ValueError: if `copy` is False and `device` is another than the object's.
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


def _new(fill: str, shape: tuple[int, ...], dtype: Any, device: Any, requires_grad: bool) -> Tensor:
    where = devices.resolve(device)
    d = numpy_dtype(dtype)
    with _on(where):
        return finish(getattr(where.backend.xp, fill)(shape, dtype=d), requires_grad)


def _on(where: devices.device) -> Any:
    return where.backend.on(where.index)


def zeros(
    *shape: Any,
    size: Any = None,
    out: Any = None,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor of zeros of a shape given as numbers, as a sequence, or as ``size=``."""
    return into(out, _new("zeros", shape_argument(shape, "zeros()", size), dtype, device, requires_grad))


def ones(
    *shape: Any,
    size: Any = None,
    out: Any = None,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor of ones of a shape given as numbers, as a sequence, or as ``size=``."""
    return into(out, _new("ones", shape_argument(shape, "ones()", size), dtype, device, requires_grad))


def empty(
    *shape: Any,
    size: Any = None,
    out: Any = None,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """A tensor of a shape given as for `zeros`, whose values are whatever the memory held."""
    return into(out, _new("empty", shape_argument(shape, "empty()", size), dtype, device, requires_grad))


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor of shape `size`, every element `fill_value`; `dtype` defaults to what the value is."""
    value = fill_value.item() if isinstance(fill_value, Variable) else fill_value
    t = empty(*shape_argument((size,), "full()"), dtype=dtype or dtypes.of_number(value), device=device)
    kernels.assign(t._array, value)
    return t.requires_grad_(requires_grad)


def zeros_like(
    input: Tensor,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Zeros of the shape, and by default the dtype and device, of `input`."""
    options = like(input, dtype, device)
    return zeros(input.shape, **options, requires_grad=requires_grad)


def ones_like(
    input: Tensor,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Ones of the shape, and by default the dtype and device, of `input`."""
    options = like(input, dtype, device)
    return ones(input.shape, **options, requires_grad=requires_grad)


def empty_like(
    input: Tensor,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """A tensor of the shape, and by default the dtype and device, of `input`, with whatever the memory held."""
    options = like(input, dtype, device)
    return empty(input.shape, **options, requires_grad=requires_grad)


def full_like(
    input: Tensor,
    fill_value: Any,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """A tensor of the shape, and by default the dtype and device, of `input`, every element `fill_value`."""
    options = like(input, dtype, device)
    return full(input.shape, fill_value, **options, requires_grad=requires_grad)


def like(x: Tensor, dtype: Any, device: Any) -> dict[str, Any]:
    """The options of a tensor made like `x`: its dtype and device where none is given.

    Raises:
        TypeError: if `x` is not a tensor.
    """
    if not isinstance(x, Variable):
        raise TypeError(f"argument 'input' (position 1) must be Tensor, not {type(x).__name__}")
    return {"dtype": dtype or x.dtype, "device": devices.device_of(x._array) if device is None else device}


def new_zeros(
    self: Tensor, *shape: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Zeros of a shape, by default of this tensor's dtype and device."""
    return zeros(*shape, size=size, **like(self, dtype, device), requires_grad=requires_grad)


def new_ones(
    self: Tensor, *shape: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Ones of a shape, by default of this tensor's dtype and device."""
    return ones(*shape, size=size, **like(self, dtype, device), requires_grad=requires_grad)


def new_empty(
    self: Tensor, *shape: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of a shape, by default of this tensor's dtype and device, with whatever the memory held."""
    return empty(*shape, size=size, **like(self, dtype, device), requires_grad=requires_grad)


def new_full(
    self: Tensor, size: Any, fill_value: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of shape `size` filled with `fill_value`, by default of this tensor's dtype and device."""
    return full(size, fill_value, **like(self, dtype, device), requires_grad=requires_grad)


def new_tensor(
    self: Tensor, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A new tensor with a copy of `data`, by default of this tensor's dtype and device."""
    return tensor(data, **like(self, dtype, device), requires_grad=requires_grad)


def arange(
    start: Any = None,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """The numbers start, start + step, … below `end`: ⌈(end - start) / step⌉ of them. With one number, from 0 to it.

    int64 if all arguments are integers, else the default floating-point dtype.

    Raises:
        RuntimeError: if `step` is 0 or leads away from `end`.
        TypeError: without any number.
    """
    if end is None:
        start, end = None, start
    if end is None:
        raise TypeError("arange() missing 1 required argument: 'end'")
    start = 0 if start is None else start
    start, end, step = (x.item() if isinstance(x, Variable) else x for x in (start, end, step))
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    integral = all(isinstance(x, int) for x in (start, end, step))
    d = numpy_dtype(dtype, dtypes.int64 if integral else None)
    count = -(-(end - start) // step) if integral else math.ceil((end - start) / step)
    steps = np.arange(count)
    values = start + steps * step if integral else start + steps.astype("float64") * step
    return finish(devices.put(values.astype(d), d, devices.resolve(device)), requires_grad)


def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` numbers at equal distances from `start` to `end`, both included; each half is computed from its own end.

    Raises:
        RuntimeError: if `steps` is negative.
    """
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    start, end = (x.item() if isinstance(x, Variable) else x for x in (start, end))
    d = numpy_dtype(dtype)
    wide = d if d.kind == "f" and d.itemsize >= 4 else np.dtype("float32")
    first: Any = wide.type(start)
    last: Any = wide.type(end)
    step: Any = (last - first) / wide.type(max(steps - 1, 1))
    i: Any = np.arange(steps).astype(wide)
    half = steps // 2
    # torch's vectorized loop fuses the product and the sum: one rounding, here by way of double precision.
    exact: Any = np.float64 if wide == np.float32 else np.longdouble
    values: Any = np.where(
        np.arange(steps) < half,
        (exact(first) + exact(step) * i.astype(exact)).astype(wide),
        (exact(last) - exact(step) * (wide.type(steps - 1) - i).astype(exact)).astype(wide),
    )
    if steps == 1:
        values = np.array([first])
    return finish(devices.put(values.astype(d), d, devices.resolve(device)), requires_grad)


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A matrix (n, m) with ones on the diagonal, m defaulting to n."""
    d = numpy_dtype(dtype)
    shape_argument((n, n if m is None else m), "eye()")
    return finish(devices.put(np.eye(n, m, dtype=d), d, devices.resolve(device)), requires_grad)


def scalar_tensor(value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor without dimensions that holds `value`."""
    return full((), value, dtype=dtype or dtypes.get_default_dtype(), device=device, requires_grad=requires_grad)


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """The coordinates of a grid: n tensors of n dimensions from n vectors, each varying along its own dimension.

    Args:
        tensors: vectors or scalars, one by one or in a sequence.
        indexing: "ij" (default): the first vector varies along rows; "xy": along columns.

    Raises:
        RuntimeError: for an input of more than one dimension, different dtypes or an unknown `indexing`.
    """
    inputs = list(tensors[0]) if len(tensors) == 1 and not isinstance(tensors[0], Variable) else list(tensors)
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(f"torch.meshgrid: indexing must be one of 'xy' or 'ij', but received: {indexing}")
    for t in inputs:
        if t.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {list(t.shape)}")
    if len({t.dtype for t in inputs}) > 1:
        raise RuntimeError("torch.meshgrid: expected all tensors to have the same dtype; convert them with .to(dtype)")
    together("meshgrid", *inputs)
    swap = indexing == "xy" and len(inputs) >= 2
    if swap:
        inputs[0], inputs[1] = inputs[1], inputs[0]
    shape = [t.numel() for t in inputs]
    grids = [t.reshape([-1 if i == j else 1 for j in range(len(inputs))]).expand(shape) for i, t in enumerate(inputs)]
    if swap:
        grids[0], grids[1] = grids[1], grids[0]
    return tuple(grids)
