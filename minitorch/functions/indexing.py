"""Indexing with brackets, ``x[key]`` and ``x[key] = value``, and overwriting a whole tensor."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import kernels
from minitorch import devices, dtypes
from minitorch._variable import Variable
from minitorch.autograd.graph import wrap
from minitorch.autograd.inplace import elements_overlap, inplace, recorded, watch, writable, write
from minitorch.autograd.messages import device_name
from minitorch.functions.arguments import index_out_of_range, scalar_argument, too_long
from minitorch.functions.data import as_tensor
from minitorch.functions.overlap import refuse_overlap, write_one_number, writes_one_number
from minitorch.functions.public import public
from minitorch.ops import elementwise as ew, indexing as ops, shape as shapes
from minitorch.ops.promotion import convert
from minitorch.scalars import scalar_to, single_scalar_to
from minitorch.types import Number
from minitorch.user_warnings import warn_user

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def parse(x: Variable, key: Any) -> tuple[tuple[Any, ...], bool]:
    """The key for the kernels, and whether it contains arrays: if so, ``x[key]`` is a copy, else a view.

    Raises:
        IndexError: for too many indices, an index out of range, a mask of another shape, or an object of another type.
        ValueError: for a slice with a step that is not positive.
    """
    plain = _plain(key if type(key) is tuple else (key,), x._array.shape)
    if plain is not None:
        return plain, False
    as_tuple = _is_tuple_in_a_list(key)
    if as_tuple:
        warn_user(
            "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in pytorch "
            "2.9; use x[tuple(seq)] instead of x[seq]. In pytorch 2.9 this will be interpreted as tensor index, "
            "x[torch.tensor(seq)], which will result either in an error or a different result"
        )
    entries = list(key) if isinstance(key, tuple) or as_tuple else [key]
    entries = [_entry(x, k) for k in entries]
    taken = sum(map(_taken, entries))
    shape = x._array.shape
    if taken > len(shape):
        raise IndexError(f"too many indices for tensor of dimension {len(shape)}")
    if sum(k is Ellipsis for k in entries) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    d = 0
    for i, k in enumerate(entries):
        if k is None:
            continue
        if k is Ellipsis:
            d += len(shape) - taken
            continue
        if isinstance(k, int):
            if not -shape[d] <= k < shape[d]:
                if not -(2**63) <= k < 2**63:
                    raise too_long(k)
                raise IndexError(f"index {k} is out of bounds for dimension {d} with size {shape[d]}")
        elif kernels.is_array(k):
            if _is_mask(k):
                if k.shape != shape[d : d + k.ndim]:
                    raise IndexError(
                        f"The shape of the mask {list(k.shape)} at index {i} does not match the shape of the indexed "
                        f"tensor {list(shape)} at index {d}"
                    )
                d += k.ndim
                continue
            worst = index_out_of_range(k, -shape[d], shape[d])
            if worst is not None:
                if not _selects_nothing(entries, shape):
                    raise IndexError(f"index {worst} is out of bounds for dimension {d} with size {shape[d]}")
                entries[i] = kernels.zeros_like(k)  # torch does not check numbers that nothing is read with
        d += 1
    index_shapes = [k.shape for k in entries if kernels.is_array(k) and not _is_mask(k)]
    if len(index_shapes) > 1:
        try:
            np.broadcast_shapes(*index_shapes)
        except ValueError:
            raise IndexError(
                "shape mismatch: indexing tensors could not be broadcast together with shapes "
                + ", ".join(str(list(s)) for s in index_shapes)
            ) from None
    advanced = any(kernels.is_array(k) for k in entries)
    if advanced and any(k is Ellipsis for k in entries):  # NumPy takes the indices before and after it for separated
        place = next(i for i, k in enumerate(entries) if k is Ellipsis)
        entries[place : place + 1] = [slice(None)] * (len(shape) - taken)
    return tuple(entries), advanced


def _plain(key: tuple[Any, ...], shape: tuple[int, ...]) -> tuple[Any, ...] | None:
    """The key, if it has only integers in range and slices with int bounds: nothing is to be converted, and `parse` is
    four times as fast. None for any other key.
    """
    if len(key) > len(shape):
        return None
    for k, size in zip(key, shape, strict=False):
        if type(k) is int:
            if not -size <= k < size:
                return None
        elif type(k) is not slice or not (
            (k.start is None or type(k.start) is int)
            and (k.stop is None or type(k.stop) is int)
            and (k.step is None or (type(k.step) is int and k.step > 0))
        ):
            return None
    return key


def _selects_nothing(entries: list[Any], shape: tuple[int, ...]) -> bool:
    """Whether a key selects no elements of a tensor of this shape."""
    d = 0
    for i, k in enumerate(entries):
        if k is Ellipsis:
            d = len(shape) - sum(_taken(later) for later in entries[i + 1 :])
        elif kernels.is_array(k):
            if not (k.any() if _is_mask(k) else k.size):
                return True
            d += _taken(k)
        elif k is not None:
            if isinstance(k, slice) and not len(range(*k.indices(shape[d]))):
                return True
            d += 1
    return 0 in shape[d:]


def _sliced(x: Tensor, entries: tuple[Any, ...]) -> Tensor:
    """`x` with the slices, integers, None and booleans of a key, but not its arrays: what an assignment writes to."""
    if all(kernels.is_array(k) and k.ndim for k in entries):
        return x
    rest: list[Any] = []
    for k in entries:
        rest += [slice(None)] * _taken(k) if kernels.is_array(k) else [k]
    return shapes.select(x, tuple(rest))


def _taken(k: Any) -> int:
    """How many dimensions an entry of a key indexes, for `...` as if there were no more than the others index."""
    return k.ndim if _is_mask(k) else int(k is not None and k is not Ellipsis)


def _is_tuple_in_a_list(key: Any) -> bool:
    """Whether a key is a list that torch treats as a tuple: it contains a sequence, slice, tensor, ... or None."""
    if not isinstance(key, list) or len(key) >= 32:
        return False
    return any(k is None or k is Ellipsis or isinstance(k, slice | Sequence | Variable | np.ndarray) for k in key)


def _is_mask(k: Any) -> bool:
    return kernels.is_array(k) and k.dtype.kind == "b"


def check_range(index: Any, d: int, size: int) -> None:
    """Raise IndexError if an index array names an element that a dimension `d` of this size does not have."""
    worst = index_out_of_range(index, -size, size)
    if worst is not None:
        raise IndexError(f"index {worst} is out of bounds for dimension {d} with size {size}")


def _entry(x: Variable, k: Any) -> Any:
    """One entry of a key: an int, a slice with int bounds, None, Ellipsis, or an array of integers or booleans."""
    if k is None or k is Ellipsis:
        return k
    if isinstance(k, slice):
        start, stop, step = (None if v is None else operator.index(v) for v in (k.start, k.stop, k.step))
        if step is not None and step <= 0:
            raise ValueError("step must be greater than zero")
        return slice(start, stop, step)
    if isinstance(k, bool):
        return devices.beside(x._array, k)
    if isinstance(k, Variable):
        array = k._array
        if array.dtype.kind not in "iub" or (array.ndim and array.dtype in ("int8", "int16")):
            raise IndexError(
                f"tensors used as indices must be long, int, byte or bool tensors, but got {dtypes.of(array.dtype)}"
            )
        if array.dtype == "uint8":
            array = _old_mask(array)
        if array.ndim == 0 and array.dtype.kind == "i":
            return int(array)
        here, there = device_name(array), device_name(x._array)
        if here not in ("cpu", there):
            raise RuntimeError(
                "indices should be either on cpu or on the same device as the indexed tensor "
                f"({there}), but got an index of shape {list(array.shape)} and dtype {dtypes.of(array.dtype)} "
                f"on {here}; move it with .to({there!r})"
            )
        return array if here == there else devices.beside(x._array, array)
    if isinstance(k, np.ndarray | list | range) or (isinstance(k, Sequence) and not isinstance(k, str)):
        try:
            array = np.asarray(
                [v.tolist() if isinstance(v, Variable) else v for v in k] if not isinstance(k, np.ndarray) else k
            )
        except ValueError as error:
            raise IndexError(f"expected an index of equally long sequences: {error}") from None
        if array.dtype == "uint8":
            array = _old_mask(array)
        if array.size == 0 and array.dtype.kind != "b":
            array = array.astype("int64")
        if array.dtype.kind not in "iub":
            raise IndexError(
                "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
                f"(got {array.dtype})"
            )
        return devices.beside(x._array, array)
    if isinstance(k, str):
        raise TypeError("new(): invalid data type 'str'")
    try:
        return operator.index(k)
    except TypeError:
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
            f"(got {type(k).__name__})"
        ) from None


def _old_mask(array: Any) -> Any:
    """A uint8 array as a boolean mask, as torch treats it in an index; warns if it has dimensions."""
    if array.ndim:
        warn_user("indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.")
    return array.astype(bool)


def getitem(self: Tensor, key: Any) -> Tensor:
    """``self[key]``: a view for integers, slices, None and Ellipsis; a copy for tensors, lists and masks."""
    entries, advanced = parse(self, key)
    if not advanced:
        return shapes.select(self, entries)
    first, rest = _integers_first(entries)
    return watch(ops.index(shapes.select(self, first) if first else self, rest), *_index_tensors(key, rest))


def _index_tensors(key: Any, entries: tuple[Any, ...]) -> list[Any]:
    """The tensors in a key. If there are none, tensors of the lists and arrays in it: torch makes tensors of them.

    Args:
        key: the index in the brackets.
        entries: the same index, as `parse` returns it.
    """
    given = [k for k in (key if isinstance(key, tuple) else (key,)) if isinstance(k, Variable)]
    return given or [wrap(k) for k in entries if kernels.is_array(k)]


def _integers_first(entries: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """A key with integers and arrays as two keys, which are applied one after the other: the integers, then the rest.

    The first is empty if there are no integers. NumPy would treat an integer in ``x[0, :, [1, 2]]`` as an array too and
    move the dimension of the result to the front; torch takes the integer first.
    """
    if not any(isinstance(k, int) for k in entries):
        return (), entries
    first: list[Any] = []
    for k in entries:
        if isinstance(k, int) or k is Ellipsis:
            first.append(k)
        elif k is not None:
            first += [slice(None)] * (k.ndim if _is_mask(k) else 1)
    return tuple(first), tuple(k for k in entries if not isinstance(k, int))


def setitem(self: Tensor, key: Any, value: Any) -> None:
    """``self[key] = value``: recorded, with the rules of in-place operations.

    Raises:
        TypeError: if the value is neither a tensor nor a number.
        RuntimeError: if the value does not broadcast to the shape of ``self[key]``.
    """
    _check_assigned(self, value)
    if key is False:
        return
    key = None if key is True else key  # a new first dimension, into which torch copies
    entries, advanced = parse(self, key)
    if not advanced:
        _copy_broadcast(self if entries == (Ellipsis,) else shapes.select(self, entries), value)
        return
    _refuse_overlap(_sliced(self, entries), key, value)
    put = isinstance(value, Variable) and not _is_one_for_a_mask(key, value)
    if put and value._array.dtype != self._array.dtype:
        raise RuntimeError(
            "Index put requires the source and destination dtypes match, got "
            f"{dtypes.of(self._array.dtype)} for the destination and {value.dtype} for the source."
        )
    if isinstance(value, Variable) and not put:
        scalar_argument(value, self._array.dtype)
    if _is_old_mask(key) and not (isinstance(value, Variable) and value._array.size != 1):
        raise RuntimeError("masked_fill_ only supports boolean masks, but got a mask with dtype torch.uint8")
    first, rest = _integers_first(entries)
    if first:
        setitem(shapes.select(self, first), tuple(wrap(k) if kernels.is_array(k) else k for k in rest), value)
        return
    source = source_of(self, value)
    while source._array.ndim > 1 and source._array.shape[0] == 1:
        source = shapes.reshape(source, source._array.shape[1:])
    if writes_one_number("index_put", self, (key, source)):
        write_one_number("index_put", self, ops.index_put(self, source, entries, False))
        return
    operand = writable(self, self, source)
    try:
        result = ops.index_put(operand, source, entries, False)
    except (ValueError, TypeError) as error:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(source.shape)} cannot be broadcast to indexing result: "
            f"{error}"
        ) from None
    write(self, watch(result, *_index_tensors(key, rest)), "index_put")


def _check_assigned(x: Tensor, value: Any) -> None:
    if not isinstance(value, Variable | bool | int | float | np.integer):
        kind = type(value).__name__
        raise TypeError(f"can't assign a {kind} to a tensor of {x.dtype}; convert it with torch.as_tensor first")


def _refuse_overlap(x: Variable, key: Any, source: Any) -> None:
    """Raise RuntimeError if ``x[key] = source`` would overwrite memory that it still has to read: `key` or `source`."""
    keys = key if isinstance(key, tuple) else (key,)
    if not x._array.size and isinstance(source, Variable) and source._array.ndim > 1 and source._array.shape[0] == 1:
        return  # torch compares views of the tensors, without elements; a tensor it would not write to itself
    given = [k for k in keys if isinstance(k, Variable | list | bool)]  # a Variable without dimensions is an integer
    given = [k for k in given if not isinstance(k, Variable) or k._array.ndim or k._array.dtype.kind == "b"]
    if not given:
        return
    masks = [k for k in given if isinstance(k, Variable) and k._array.dtype.kind == "b"]
    places = [k for k in given if not any(k is m for m in masks)]
    filled = not isinstance(source, Variable) or _is_one_for_a_mask(key, source)
    refuse_overlap("index_put", x, places if filled else [source, *places])
    if filled:
        refuse_overlap("masked_fill", x, (*masks, source))


def _is_one_for_a_mask(key: Any, value: Variable) -> bool:
    """Whether one value is assigned through a single mask, whose elements are filled with it."""
    mask = _only_array(key)
    is_mask = isinstance(mask, Variable) and mask._array.dtype.kind == "b" and mask._array.ndim > 0
    return is_mask and value._array.size == 1


def _is_old_mask(key: Any) -> bool:
    """Whether the only array in a key is a mask of uint8. torch reads elements through such a mask, but fills none."""
    mask = _only_array(key)
    array = mask._array if isinstance(mask, Variable) else mask
    return isinstance(mask, Variable | np.ndarray) and array.dtype == "uint8" and array.ndim > 0


def _only_array(key: Any) -> Any:
    """The tensor, array, sequence or boolean in a key; None if there is none or more than one."""
    keys = key if isinstance(key, tuple) else (key,)
    arrays = [k for k in keys if isinstance(k, Variable | Sequence | np.ndarray | bool)]
    return arrays[0] if len(arrays) == 1 else None


def _copy_broadcast(region: Tensor, value: Any) -> None:
    """Write a value into a view, `region`. torch looks for shared memory after it has broadcast the value."""
    if not isinstance(value, Variable) or value._array.shape == region._array.shape:
        copy_(region, source_of(region, value))
        return
    given, own = value._array.shape, region._array.shape
    while given and given[0] == 1:
        given = given[1:]
    fits = len(given) <= len(own) and all(n in (1, m) for n, m in zip(given[::-1], own[::-1], strict=False))
    if value._array.ndim and fits:
        refuse_overlap("copy", region, (shapes.expand(shapes.reshape(value, given), own),))
    _copy(region, source_of(region, value))


def source_of(x: Variable, value: Any) -> Tensor:
    """A value that is to be written into `x`, as a tensor of the dtype of `x`."""
    if not isinstance(value, Variable):
        if not isinstance(value, bool | int | float | np.ndarray | np.generic):
            raise TypeError(
                f"can't assign a {type(value).__name__} to a torch tensor of dtype {dtypes.of(x._array.dtype)}"
            )
        return wrap(devices.beside(x._array, _assigned(value, x._array.dtype)))
    return convert(value, dtypes.of(x._array.dtype))


def _assigned(value: Any, d: np.dtype[Any]) -> np.ndarray:
    """A number, or a NumPy array, as an array of dtype `d`. Numbers in an array wrap around; a number must fit."""
    if isinstance(value, np.ndarray) and value.ndim:
        return kernels.cast(value, d)
    number = value.item() if isinstance(value, np.ndarray | np.generic) else value
    if type(number) is int and not -(2**63) <= number < 2**63:
        raise ValueError(f"Overflow when unpacking long long: expected a number of at most 64 bits, but got {number}")
    return kernels.cast(np.asarray(single_scalar_to(number, d)), d)


@public("method")
def copy_(self: Tensor, other: Tensor | Number, non_blocking: bool = False) -> Tensor:
    """Write the values of `other`, broadcast and converted, into this tensor.

    Args:
        other: a tensor on any device, or a number.
        non_blocking: as for `Tensor.to`.

    Raises:
        RuntimeError: if `other` does not broadcast to this shape.
    """
    given_source: Any = other
    if isinstance(given_source, bool | int | float):  # becomes a tensor; need not fit the dtype
        d = "float64" if isinstance(given_source, float) else dtypes.of_number(other).numpy  # all digits of a number
        given_source = wrap(devices.beside(self._array, np.asarray(other, d)))
    source = source_of(self, given_source)
    refuse_overlap("copy", self, (source,))
    return _copy(self, source, non_blocking)


def _copy(self: Tensor, source: Tensor, non_blocking: bool = False) -> Tensor:
    own, given = self._array.shape, source._array.shape
    while len(given) > len(own) and given[0] == 1:
        given = given[1:]  # torch drops leading dimensions of size 1
        source = shapes.reshape(source, given)
    if len(given) > len(own) or any(n not in (1, m) for n, m in zip(given[::-1], own[::-1], strict=False)):
        raise RuntimeError(
            f"expand({list(source._array.shape)}, size={list(own)}): the value of shape {list(given)} cannot be "
            f"broadcast to the shape {list(own)} that is written"
        )
    if kernels.backend_of(source._array) is not kernels.backend_of(self._array):
        source = source.to(self.device, non_blocking=non_blocking)
    return inplace(ew.copy, self, source)


@public("method")
def zero_(self: Tensor) -> Tensor:
    """Set every element to 0."""
    return _fill(self, 0)


@public("method")
def fill_(self: Tensor, value: Tensor | Number) -> Tensor:
    """Set every element to `value`, a number or a tensor without dimensions.

    Raises:
        RuntimeError: for a tensor with dimensions.
    """
    if isinstance(value, Variable) and value._array.ndim:
        raise RuntimeError(
            f"fill_ only supports 0-dimension value tensor but got tensor with {value._array.ndim} dimensions."
        )
    if not isinstance(value, Variable):
        value = single_scalar_to(value, self._array.dtype, self._array.size)
    return _fill(self, value)


def _fill(x: Tensor, value: Any) -> Tensor:
    operand = writable(x, x, value, fill=not isinstance(value, Variable))
    return write(x, ew.fill(operand, value), "fill")


@public("method")
def fill_diagonal_(self: Tensor, fill_value: Number, wrap: bool = False) -> Tensor:
    """Fill the main diagonal with a number; with `wrap`, it starts again in a tall matrix after every n + 1 rows.

    Raises:
        RuntimeError: for fewer than two dimensions.
    """
    if self._array.ndim < 2:
        raise RuntimeError("dimensions must larger than 1")
    if self._array.ndim > 2 and len(set(self._array.shape)) > 1:
        raise RuntimeError(f"all dimensions of input must be of equal length, but the shape is {list(self.shape)}")
    if min(self._array.shape) == 1:
        fill_value = _assigned(fill_value, self._array.dtype).item()
    mask = np.zeros(self._array.shape, bool)
    np.fill_diagonal(mask, True, wrap)
    if elements_overlap(self._array) and not recorded((self,)):
        writable(self, fill=True)
        with kernels.on_device_of(self._array):
            self._array[devices.beside(self._array, mask)] = scalar_to(fill_value, self._array.dtype)
        self._counter[0] += 1
        return self
    return self.masked_fill_(as_tensor(mask, device=self.device), fill_value)
