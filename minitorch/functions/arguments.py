"""Reading arguments the way torch does: dimensions, sizes, operands. One helper for each, used everywhere."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import kernels
from minitorch import dtypes
from minitorch.autograd.variable import Variable, wrap

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def tensor_argument(x: Any, name: str, position: int = 1, argument: str = "input") -> Tensor:
    """`x` if it is a tensor.

    Raises:
        TypeError: as torch words it, naming the function and the argument.
    """
    if not isinstance(x, Variable):
        raise TypeError(f"{name}(): argument '{argument}' (position {position}) must be Tensor, not {type(x).__name__}")
    return x  # type: ignore[return-value]


def dimension(dim: Any, ndim: int) -> int:
    """A dimension as a non-negative number; a tensor without dimensions counts as having one.

    Raises:
        IndexError: if there is no such dimension.
        TypeError: if it is not an integer.
    """
    if isinstance(dim, bool) or not hasattr(dim, "__index__"):
        raise TypeError(f"argument 'dim' must be int, not {type(dim).__name__}")
    dim = operator.index(dim)
    size = max(ndim, 1)
    if not -size <= dim < size:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-size}, {size - 1}], but got {dim})")
    return dim % size


def dimensions(dim: Any, ndim: int) -> tuple[int, ...]:
    """Dimensions to reduce, as non-negative numbers in ascending order; None or none at all means all.

    Raises:
        IndexError: if there is no such dimension.
        RuntimeError: if one is named twice.
    """
    if dim is None or (isinstance(dim, Sequence) and not dim):
        return tuple(range(ndim))
    dims = [dimension(d, ndim) for d in (dim if isinstance(dim, Sequence) else (dim,))]
    for d in dims:
        if dims.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    return tuple(sorted(dims)) if ndim else ()


def size(args: tuple[Any, ...], name: str = "size") -> tuple[int, ...]:
    """A shape given as numbers or as one sequence of numbers.

    Raises:
        TypeError: if an entry is not an integer.
    """
    if len(args) == 1:
        only = args[0]
        if only._array.ndim if isinstance(only, Variable) else isinstance(only, Sequence):
            args = tuple(only)
    try:
        return tuple(operator.index(n) for n in args)
    except TypeError:
        wrong = next((n for n in args if not hasattr(n, "__index__")), args[0])
        raise TypeError(
            f"{name}: expected a tuple of ints, but found an element of type {type(wrong).__name__}"
        ) from None


def shape_argument(args: tuple[Any, ...], name: str, named: Any = None) -> tuple[int, ...]:
    """`size`, of a tensor to be made; `named` is what was given as ``size=``.

    Raises:
        RuntimeError: if an entry is negative.
        TypeError: if a shape is given in both ways.
    """
    if named is not None and args:
        raise TypeError(f"{name} got multiple values for argument 'size'")
    shape = size(args if named is None else (named,), name)
    for n in shape:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(shape)}")
    return shape


def numpy_dtype(dtype: Any, default: Any = None) -> Any:
    """The NumPy dtype of a `dtype=` argument, one of our dtypes or Python's `float`, `int` or `bool`.

    None means `default` (ours) or else the default dtype.

    Raises:
        TypeError: if it is none of these.
    """
    if dtype is None:
        dtype = default or dtypes.get_default_dtype()
    dtype = dtypes.BY_PYTHON.get(dtype, dtype)
    if not isinstance(dtype, dtypes.dtype):
        raise TypeError(f"argument 'dtype' must be torch.dtype, not {type(dtype).__name__}")
    return dtype.numpy


def finish(array: Any, requires_grad: bool = False) -> Tensor:
    """A new tensor on `array`, which may be asked to require a gradient."""
    t = wrap(array)
    if requires_grad:
        t.requires_grad = True
    return t


def outside(index: Any, low: int, high: int) -> int | None:
    """The worst of the numbers in an index array that is not in [low, high); None if there is none.

    To look costs nothing on the host. A GPU would have to be waited for, so there nothing is found unless the
    environment says CUDA_LAUNCH_BLOCKING=1 (see docs/gpu.md): what torch does by an assertion on the device.
    """
    if not index.size or not kernels.backend_of(index).can_read_values():
        return None
    with kernels.on_device_of(index):
        least, most = int(index.min()), int(index.max())
    return most if most >= high else least if least < low else None


def integer_array(index: Any, name: str) -> Any:
    """The array of an index tensor, as int64.

    Raises:
        RuntimeError: if its dtype is not an integer one that torch takes.
        TypeError: if it is not a tensor.
    """
    if not isinstance(index, Variable):
        raise TypeError(f"{name}(): argument 'index' must be Tensor, not {type(index).__name__}")
    if index._array.dtype not in ("int64", "int32"):
        raise RuntimeError(f"{name}(): Expected dtype int64 for index, but got {index._array.dtype}")
    return index._array.astype("int64", copy=False)
