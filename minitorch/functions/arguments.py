"""Reading arguments the way torch does: dimensions, sizes, operands. One helper for each, used everywhere."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import kernels
from minitorch import dtypes
from minitorch._variable import Variable
from minitorch.autograd.graph import wrap
from minitorch.autograd.views import requires_grad
from minitorch.scalars import scalar_to

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def tensor_argument(x: Any, name: str, position: int = 1, argument: str = "input") -> Tensor:
    """`x` if it is a tensor.

    Raises:
        TypeError: with torch's message, which names the function and the argument.
    """
    if not isinstance(x, Variable):
        raise TypeError(f"{name}(): argument '{argument}' (position {position}) must be Tensor, not {type(x).__name__}")
    return x


def check_elements(tensors: Iterable[Any], argument: object, name: str = "") -> None:
    """Check that all elements of a sequence are tensors.

    Args:
        tensors: the elements.
        argument: what the message calls the sequence: the argument's position, from 0, or its name in quotes.
        name: the function, for the message; torch's messages do not always name it.

    Raises:
        TypeError: for the first element that is not a tensor.
    """
    for i, x in enumerate(tensors):
        if not isinstance(x, Variable):
            before = name and f"{name}(): "
            found = type(x).__name__
            raise TypeError(f"{before}expected Tensor as element {i} in argument {argument}, but got {found}")


def number_argument(value: Any, name: str, position: int | None, argument: str, kind: str = "Number") -> None:
    """Check that torch reads `value` as a number: a Python or NumPy number, or a tensor that needs no gradient.

    The gradient of a tensor that is read as a number would be lost without a word.

    Args:
        value: the argument.
        name: the function, for the message.
        position: the argument's position, for the message; None if it is given by keyword alone.
        argument: the argument's name.
        kind: what the message calls a number: ``Number`` or ``float``.

    Raises:
        TypeError: for anything else, and for a tensor with dimensions or one that requires a gradient.
    """
    if isinstance(value, int | float | np.number | np.bool_):
        return
    if isinstance(value, Variable) and not value._array.ndim and not requires_grad(value):
        return
    place = "" if position is None else f" (position {position})"
    found, mend = type(value).__name__, ""
    if isinstance(value, Variable):
        found = "Tensor"
        mend = ": it requires a gradient, which would be lost; pass its .item()"
        mend = f": it has the shape {list(value._array.shape)}" if value._array.ndim else mend
    raise TypeError(f"{name}(): argument '{argument}'{place} must be {kind}, not {found}{mend}")


def scalar_argument(value: Any, d: np.dtype[Any]) -> Any:
    """A number or a tensor without dimensions that is to be written into a tensor of dtype `d`.

    Numbers are converted by `scalar_to`. Tensors are returned unchanged; values of tensors on a GPU are not checked.

    Raises:
        RuntimeError: if the value does not fit `d`.
    """
    if not isinstance(value, Variable):
        return scalar_to(value, d)
    if kernels.backend_of(value._array).can_read_values():
        scalar_to(value._array.item(), d)
    return value


def number_or_tensor(name: str, input: Any, other: Any) -> Any:
    """`input`, the first operand of arithmetic; a tensor without dimensions if both operands are Python numbers.

    Raises:
        TypeError: if `input` is neither a number nor an array, nor a tensor.
    """
    if isinstance(input, bool | int | float):
        if isinstance(other, Variable) or kernels.is_array(other):
            return input
        d = dtypes.of_number(input)
        return wrap(np.asarray(input, d.numpy))
    return input if kernels.is_array(input) else tensor_argument(input, name)


def is_boolean(x: Any) -> bool:
    """Whether an operand, a tensor or a number, is boolean."""
    return x._array.dtype.kind == "b" if isinstance(x, Variable) else type(x) is bool


def refuse_booleans(name: str, *operands: Any) -> None:
    """Refuse operands, tensors or numbers, that are all boolean.

    Raises:
        NotImplementedError: if all operands are boolean.
    """
    if all(map(is_boolean, operands)):
        raise NotImplementedError(f'"{name}" not implemented for {dtypes.bool_}: convert an operand with .to(dtype)')


def integer(value: Any, function: str, name: str) -> int:
    """An int: the argument `name` of `function`, a Python or NumPy integer or an integer tensor without dimensions.

    Raises:
        TypeError: for anything else.
        ValueError: for an integer that does not fit 64 bits.
    """
    if type(value) is not int:
        if isinstance(value, bool) or getattr(value, "shape", ()) != () or not hasattr(value, "__index__"):
            raise TypeError(f"{function}(): argument '{name}' must be int, not {type(value).__name__}")
        value = operator.index(value)
    if not -(2**63) <= value < 2**63:
        raise too_long(value)
    return int(value)


def too_long(value: int) -> ValueError:
    """The error for an integer that does not fit 64 bits, which is the same wherever torch reads one."""
    return ValueError(f"Overflow when unpacking long long: {value} does not fit 64 bits")


def dimension(dim: Any, ndim: int) -> int:
    """A dimension as a non-negative number; a tensor without dimensions counts as having one.

    Raises:
        IndexError: if there is no such dimension.
        TypeError: if `dim` is not an integer.
        ValueError: if it is an integer that does not fit 64 bits.
    """
    size = ndim or 1
    if type(dim) is not int:
        arrays = isinstance(dim, np.ndarray) or (isinstance(dim, Variable) and dim._array.ndim > 0)
        if isinstance(dim, bool) or arrays or not hasattr(dim, "__index__"):
            raise TypeError(f"argument 'dim' must be int, not {type(dim).__name__}")
        dim = operator.index(dim)
    if not -size <= dim < size:
        if not -(2**63) <= dim < 2**63:
            raise too_long(dim)
        raise IndexError(f"Dimension out of range (expected to be in range of [{-size}, {size - 1}], but got {dim})")
    return dim % size


def dimensions(dim: Any, ndim: int) -> tuple[int, ...]:
    """Dimensions to reduce, as non-negative numbers in ascending order; None or an empty sequence means all.

    Raises:
        IndexError: if there is no such dimension.
        RuntimeError: if a dimension is given twice.
    """
    if dim is None:
        return tuple(range(ndim))
    if type(dim) is int:
        only = dimension(dim, ndim)
        return (only,) if ndim else ()
    if isinstance(dim, Sequence) and not dim:
        return tuple(range(ndim))
    if isinstance(dim, Variable):
        dim = operator.index(dim)  # here torch takes a tensor of one element; as one of several dimensions it does not
    dims = [dimension(d, ndim) for d in (dim if isinstance(dim, Sequence) else (dim,))]
    for d in dims:
        if dims.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    return tuple(sorted(dims)) if ndim else ()


def int_tuple(given: Any, name: str, argument: str = "size") -> tuple[int, ...]:
    """A sequence of integers, the `argument` of the function `name`, as a tuple of Python integers.

    Of booleans, as in torch, only one in the first place is refused.

    Raises:
        TypeError: if `given` is not a sequence, or an entry is not an integer.
    """
    if type(given) is tuple and {int}.issuperset(map(type, given)):
        if given and (min(given) < -(2**63) or max(given) >= 2**63):
            at, n = next((i, n) for i, n in enumerate(given, 1) if not -(2**63) <= n < 2**63)
            raise TypeError(f"{name}(): argument '{argument}' failed to unpack the object at pos {at}: {too_long(n)}")
        return given
    if isinstance(given, Variable):
        given = given.tolist() if given._array.ndim else given
    elif isinstance(given, Sequence) and len(given) == 1 and isinstance(given[0], Variable) and given[0]._array.ndim:
        given = given[0].tolist()
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise TypeError(f"{name}(): argument '{argument}' must be tuple of ints, not {type(given).__name__}")
    try:
        if isinstance(given[0] if given else 0, bool):
            raise TypeError
        found = tuple([operator.index(n) for n in given])
    except TypeError:
        wrong_types = (bool, Variable, np.ndarray)
        place, wrong = next(
            (i, n) for i, n in enumerate(given) if not hasattr(n, "__index__") or isinstance(n, wrong_types)
        )
        raise TypeError(
            f"{name}(): argument '{argument}' must be tuple of ints, but found element of type {type(wrong).__name__} "
            f"at pos {place}"
        ) from None
    return int_tuple(found, name, argument)


def new_shape(given: Any, name: str) -> tuple[int, ...]:
    """The shape of a tensor to be made by the function `name`.

    Raises:
        RuntimeError: if a size is negative, or the elements are more than any machine can address.
    """
    shape = int_tuple(given, name)
    if shape and (min(shape) < 1 or math.prod(shape) >= 2**47):
        if min(shape) < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}")
        if 0 not in shape:
            raise RuntimeError(f"not enough memory: no machine can address the elements of a tensor {list(shape)}")
        if math.prod(n or 1 for n in shape) >= 2**60:
            raise RuntimeError(f"Stride calculation overflowed for a tensor {list(shape)}")
    return shape


def numpy_dtype(dtype: Any, default: Any = None) -> Any:
    """The NumPy dtype of a `dtype=` argument, one of our dtypes or Python's `float`, `int` or `bool`.

    None means `default`, and if that is None too, the default dtype.

    Raises:
        TypeError: if `dtype` is none of these.
    """
    if dtype is None:
        dtype = default or dtypes.get_default_dtype()
    dtype = dtypes.BY_PYTHON.get(dtype, dtype)
    if not isinstance(dtype, dtypes.dtype):
        raise TypeError(f"argument 'dtype' must be torch.dtype, not {type(dtype).__name__}{dtypes.hint(dtype)}")
    return dtype.numpy


def new_leaf(array: Any, requires_grad: bool = False) -> Tensor:
    """A tensor on `array`, outside the graph, which may require a gradient."""
    t = wrap(array)
    if requires_grad:
        t.requires_grad = True
    return t


def index_out_of_range(index: Any, low: int, high: int) -> int | None:
    """A number in an index array that is not in [low, high), the worst one; None if there is none.

    This is cheap on the host. On a GPU it would wait until queued work is done, so indices on a GPU are not checked,
    unless the environment says MINITORCH_CHECK_VALUES=1 (see docs/gpu.md); torch checks by an assertion on the device.
    """
    if not index.size or not kernels.backend_of(index).can_read_values():
        return None
    with kernels.on_device_of(index):
        least, most = index.min(), index.max()
        if least >= low and most < high:
            return None
        return int(most) if most >= high else int(least)


def integer_array(index: Any, name: str, accepted: tuple[str, ...] = ("int64", "int32")) -> Any:
    """The array of an index tensor, whose dtype must be one of `accepted`, as int64.

    Raises:
        RuntimeError: if its dtype is not an integer dtype that torch accepts.
        TypeError: if it is not a tensor.
    """
    if not isinstance(index, Variable):
        raise TypeError(f"{name}(): argument 'index' must be Tensor, not {type(index).__name__}")
    if index._array.dtype not in accepted:
        raise RuntimeError(f"{name}(): Expected dtype int64 for index, but got {index._array.dtype}")
    return index._array.astype("int64", copy=False)
