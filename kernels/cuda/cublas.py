"""Products of matrices by cuBLAS, at once or during the capture of a CUDA graph.

The library is the one that CuPy uses, the handles are our own. CuPy's own products cannot be captured: before each,
CuPy sets the stream of its handle, and refuses to do so during a capture.

cuBLAS writes partial sums to a workspace, GPU memory that two products may not use at the same time:

- Normally a handle has one workspace, for the stream in which it was used last. In another stream it takes another, and
  gives the first back to a pool, which uses it again for later work of the first stream only.
- During a capture each product has a workspace from the memory of the graph, because replays write to it at any time.
  It is freed after the call, as a temporary array is: only what is captured later in the same stream uses it again.

With the same workspace size, cuBLAS chooses the same algorithm for the same shapes: results are equal bit for bit.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from functools import cache, lru_cache
from math import prod
from typing import Any, NamedTuple

import cupy
import numpy as np
from cuda import pathfinder
from cupy.cuda import get_current_stream, runtime

from kernels.backend import Array, get_backend
from kernels.cuda.launch import contiguous
from kernels.cuda.memory import Pool
from kernels.half_precision import DOUBLE, HALF, SINGLE

_Shape = tuple[int, ...]

_DATA = {SINGLE: 0, DOUBLE: 1, HALF: 2}  # cudaDataType_t
_COMPUTE = {SINGLE: 68, DOUBLE: 70, HALF: 68}  # cublasComputeType_t: half is multiplied exactly and summed in single
_COMPUTE_TF32 = 77
_ALGORITHM = -1  # the default: cuBLAS chooses by the shapes
_NO_HALF_SUMS = 16  # cublasMath_t: partial sums in a workspace are not rounded to half precision either
_SCALARS = {
    size: (ctypes.byref(kind(0)), ctypes.byref(kind(1)))
    for size, kind in ((2, ctypes.c_float), (4, ctypes.c_float), (8, ctypes.c_double))
}
_LIMIT = 2**31 - 1


@cache
def library() -> ctypes.CDLL:
    """The cuBLAS that CuPy uses: the one that is loaded, or else the one that NVIDIA's pathfinder finds for CuPy too.

    Python's ints become C's int in a call, without a check: pointers are passed as `c_void_p`.
    """
    found = ctypes.CDLL(pathfinder.load_nvidia_dynamic_lib("cublas").abs_path)
    found.cublasGetStatusString.restype = ctypes.c_char_p
    return found


def _check(name: str, status: int) -> None:
    if status:
        text = library().cublasGetStatusString(status).decode()
        raise RuntimeError(f"{name} failed with {text} ({status})")


class Handle:
    """A handle of cuBLAS, and the stream and the workspace that it has now. One thread uses it at a time."""

    def __init__(self, device: int) -> None:
        self.device = device
        # As PyTorch: 32 MiB from Hopper on, where some algorithms need it.
        self.size = 32 << 20 if int(cupy.cuda.Device(device).compute_capability) >= 90 else 8 << 20
        self.pointer = ctypes.c_void_p()
        self.stream: int | None = None  # for which `workspace` is; None if it has to be set before the next product
        self.workspace: Any = None
        self._kept: Any = None
        _check("cublasCreate", library().cublasCreate_v2(ctypes.byref(self.pointer)))
        _check("cublasSetMathMode", library().cublasSetMathMode(self.pointer, _NO_HALF_SUMS))

    def capture(self, stream: int) -> Any:
        """Prepare for one product that is captured; its workspace must be kept until the product has been."""
        self.stream = None
        workspace = cupy.cuda.alloc(self.size)  # by the allocator of the capture
        self._set(stream, workspace)
        return workspace

    def move(self, stream: Any) -> None:
        """Prepare for products in another stream of CuPy's.

        The handle keeps the stream: a new one could otherwise get its address, and with it the workspace, while the
        GPU still works for the old one.
        """
        self.stream = self.workspace = None
        try:
            self.workspace = _workspaces.malloc(self.size)
        except cupy.cuda.memory.OutOfMemoryError:
            cupy.get_default_memory_pool().free_all_blocks()
            try:
                self.workspace = _workspaces.malloc(self.size)
            except cupy.cuda.memory.OutOfMemoryError as error:
                pool: Pool = get_backend("cuda").pool  # type: ignore[attr-defined]  # CuPy's backend has it
                raise pool.refused(self.size, error) from None
        self._set(stream.ptr, self.workspace)
        self.stream, self._kept = stream.ptr, stream

    def _set(self, stream: int, workspace: Any) -> None:
        """The order matters: with a new stream, a handle forgets its workspace."""
        cublas = library()
        _check("cublasSetStream", cublas.cublasSetStream_v2(self.pointer, ctypes.c_void_p(stream)))
        pointer, size = ctypes.c_void_p(workspace.ptr), ctypes.c_size_t(self.size)
        _check("cublasSetWorkspace", cublas.cublasSetWorkspace_v2(self.pointer, pointer, size))


_workspaces = cupy.cuda.MemoryPool()
_unused: dict[int, list[Handle]] = {}
_thread = threading.local()


class _Handles:
    """The handles of a thread, by device. When the thread ends, others may have them: destroying one would wait."""

    def __init__(self) -> None:
        self.by_device: dict[int, Handle] = {}

    def __del__(self, unused: dict[int, list[Handle]] = _unused) -> None:
        for device, handle in self.by_device.items():
            unused.setdefault(device, []).append(handle)


def _new_handle(device: int) -> Handle:
    """A handle for this thread, which has none for the device yet."""
    if not hasattr(_thread, "handles"):
        _thread.handles = _Handles()
    try:
        handle = _unused[device].pop()
    except (KeyError, IndexError):
        handle = Handle(device)
    _thread.handles.by_device[device] = handle
    return handle


class Plan(NamedTuple):
    """A product of arrays with certain shapes, strides and dtypes: the arguments of cuBLAS.

    Attributes:
        call: the function of cuBLAS.
        shape: of the result.
        before: the arguments between the handle and the pointers.
        y: what follows the pointer to y, and so on. cuBLAS has matrices by columns, and computes yᵀxᵀ.
        x: after the pointer to x, the factor of `out` included.
        out: all after the pointer to the result.
        swapped: whether x and y change places.
    """

    call: Any
    shape: _Shape
    before: tuple[Any, ...]
    y: tuple[Any, ...]
    x: tuple[Any, ...]
    out: tuple[Any, ...]
    swapped: bool


def product(x: Array, y: Array, out: Array | None = None, add: bool = False, tf32: bool = False) -> Array:
    """xy for CuPy's matrices x (..., n, k) and y (..., k, m) of one floating dtype; leading dimensions broadcast.

    Args:
        x: any strides. Matrices by rows or by columns, also in batches, are not copied.
        y: likewise.
        out: where to write; rows or a batch may have gaps. In single precision, or in that of x and y. By default new.
        add: add to what is in `out`.
        tf32: round numbers of single precision to 11 bits before they are multiplied.

    Raises:
        ValueError: if shapes do not fit, or if the elements of a row of `out` are not adjacent in memory.
    """
    made = _plan(x.shape, x.strides, y.shape, y.strides, x.dtype, add, tf32, _like(out))
    if not isinstance(made, Plan):
        return made(x, y, out, add, tf32)
    if out is None:
        out = cupy.ndarray(made.shape, x.dtype)
    device = runtime.getDevice()
    try:
        handle = _thread.handles.by_device[device]
    except (AttributeError, KeyError):
        handle = _new_handle(device)
    stream = get_current_stream()
    if stream.is_capturing():
        workspace = handle.capture(stream.ptr)  # noqa: F841 - freed at the end of the call
    elif stream.ptr != handle.stream:
        handle.move(stream)
    pointer = ctypes.c_void_p
    call, _, before, of_y, of_x, of_out, swapped = made
    if swapped:
        x, y = y, x
    from_y, from_x, to = pointer(y.data.ptr), pointer(x.data.ptr), pointer(out.data.ptr)
    status = call(handle.pointer, *before, from_y, *of_y, from_x, *of_x, to, *of_out)
    if status:
        _check(call.__name__, status)
    return out


def _like(out: Array | None) -> tuple[_Shape, _Shape, Any] | None:
    return None if out is None else (out.shape, out.strides, out.dtype)


@lru_cache(maxsize=4096)
def _plan(
    x_shape: _Shape,
    x_strides: _Shape,
    y_shape: _Shape,
    y_strides: _Shape,
    dtype: np.dtype[Any],
    add: bool,
    tf32: bool,
    like: tuple[_Shape, _Shape, np.dtype[Any]] | None,
) -> Plan | Callable[..., Array]:
    """A plan, or the function that computes the product otherwise."""
    if x_shape[-1] != y_shape[-2]:
        raise ValueError(f"matmul: expected x (..., n, k) and y (..., k, m), but got {x_shape} and {y_shape}")
    batch = np.broadcast_shapes(x_shape[:-2], y_shape[:-2])
    (rows, terms), columns, count = x_shape[-2:], y_shape[-1], prod(batch)
    shape = (*batch, rows, columns)
    if 0 in (*shape, terms):
        return _zeros
    size = dtype.itemsize
    x, y = _Matrices.of(x_shape, x_strides, batch, size), _Matrices.of(y_shape, y_strides, batch, size)
    if like is None:
        out_type, out = dtype, _Matrices(0, columns, rows * columns)
    else:
        out_type = like[2]
        found = _Matrices.of(like[0], like[1], batch, out_type.itemsize)
        if like[0] != shape or found is None or found.transposed or out_type not in (dtype, SINGLE):
            raise ValueError(f"matmul: expected `out` of shape {shape} by rows, but got {like}")
        out = found
    if x is None or y is None:
        return _of_copies
    if count > 1 and y.step == 0 and not x.transposed and x.step == rows * x.leading and out.step == rows * out.leading:
        rows, count = count * rows, 1  # one product: all rows of x with the same y
    swapped = (
        count > 1 and columns == y.leading == out.leading == 1 and not x.step and y.step >= terms and out.step >= rows
    )
    if swapped:  # the vectors of y as the rows of one matrix: its product with xᵀ
        x, y, out = _Matrices(0, y.step, 0), _Matrices(1 - x.transposed, x.leading, 0), _Matrices(0, out.step, 0)
        rows, columns, count = count, rows, 1
    if max(rows, terms, columns, x.leading, y.leading, out.leading, count) > _LIMIT:
        return _by_cupy
    kind, (zero, one) = _DATA[dtype], _SCALARS[size]
    of_x, of_y = (kind, x.leading), (kind, y.leading)
    of_out: tuple[Any, ...] = (_DATA[out_type], out.leading)
    last = (_COMPUTE_TF32 if tf32 and dtype == SINGLE else _COMPUTE[dtype], _ALGORITHM)
    before, factor = (y.transposed, x.transposed, columns, rows, terms, one), one if add else zero
    if count == 1:
        call = library().cublasGemmEx
        return Plan(call, shape, before, of_y, (*of_x, factor), (*of_out, *last), swapped)
    steps = [ctypes.c_longlong(a.step) for a in (y, x, out)]
    call = library().cublasGemmStridedBatchedEx
    of_out = (*of_out, steps[2], count, *last)
    return Plan(call, shape, before, (*of_y, steps[0]), (*of_x, steps[1], factor), of_out, swapped)


class _Matrices(NamedTuple):
    """How a batch of matrices is in memory.

    Attributes:
        transposed: 0 if each matrix is by rows, 1 if by columns.
        leading: elements from one row to the next, or from one column to the next.
        step: elements from one matrix to the next; 0 if all are the same.
    """

    transposed: int
    leading: int
    step: int

    @classmethod
    def of(cls, shape: _Shape, strides: _Shape, batch: _Shape, size: int) -> _Matrices | None:
        """An array, not empty, as a batch of matrices, or None if cuBLAS cannot take it so; `size` is of an element."""
        (rows, columns), (down, across) = shape[-2:], (s // size for s in strides[-2:])
        if (across == 1 or columns == 1) and (down >= columns or rows == 1):
            transposed, leading = 0, columns if rows == 1 else down
        elif (down == 1 or rows == 1) and (across >= rows or columns == 1):
            transposed, leading = 1, rows if columns == 1 else across
        else:
            return None
        step, following = 0, None
        steps = [0 if n == 1 else s // size for n, s in zip(shape[:-2], strides[:-2], strict=True)]
        for n, s in zip(reversed(batch), reversed([0] * (len(batch) - len(steps)) + steps), strict=True):
            if n == 1:
                continue
            if following is None:
                step, following = s, s * n
            elif s == following:
                following *= n
            else:
                return None
        return cls(transposed, leading, step)


def _zeros(x: Array, y: Array, out: Array | None, add: bool, tf32: bool) -> Array:
    """The product where it is empty, or a sum of nothing."""
    if out is None:
        batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
        return cupy.zeros((*batch, x.shape[-2], y.shape[-1]), x.dtype)
    if not add:
        out.fill(0)
    return out


def _of_copies(x: Array, y: Array, out: Array | None, add: bool, tf32: bool) -> Array:
    """The product where an operand has strides that cuBLAS does not know."""
    batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])

    def regular(a: Array) -> Array:
        if _Matrices.of(a.shape, a.strides, batch, a.itemsize) is not None:
            return a
        return contiguous(cupy.broadcast_to(a, (*batch, *a.shape[-2:])) if a.ndim > 2 else a)

    return product(regular(x), regular(y), out, add, tf32)


def _by_cupy(x: Array, y: Array, out: Array | None, add: bool, tf32: bool) -> Array:
    """The product of matrices that are too large for cuBLAS's 32-bit numbers."""
    each = cupy.matmul(x, y)
    if out is None:
        return each
    out[...] = out + each if add else each
    return out
