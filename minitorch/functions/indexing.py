"""Reading and writing by place: what stands between the brackets, gather and scatter, masks."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import kernels
from minitorch import devices, dtypes
from minitorch.autograd.basic import clone
from minitorch.autograd.inplace import check_writable, inplace, write
from minitorch.autograd.mixing import device_name, together
from minitorch.autograd.variable import Variable, wrap
from minitorch.functions.arguments import dimension, integer_array, outside
from minitorch.ops import elementwise as ew, indexing as ops, shape as shapes
from minitorch.ops.promotion import convert

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def parse(x: Variable, key: Any) -> tuple[tuple[Any, ...], bool]:
    """A key as the kernels take it, and whether arrays stand in it (then reading copies).

    Raises:
        IndexError: for too many indices, an index out of range, a mask of another shape, or an object that is no index.
        ValueError: for a slice with a step that is not positive.
    """
    entries = list(key) if isinstance(key, tuple) else [key]
    entries = [_entry(x, k) for k in entries]
    taken = sum(k.ndim if _is_mask(k) else 0 if k is None or k is Ellipsis else 1 for k in entries)
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
            _check_range(k, d, shape[d])
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
    return tuple(entries), advanced


def _is_mask(k: Any) -> bool:
    return kernels.is_array(k) and k.dtype.kind == "b"


def _check_range(index: Any, d: int, size: int) -> None:
    worst = outside(index, -size, size)
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
        if array.dtype.kind not in "iub":
            raise IndexError(
                f"tensors used as indices must be long, int, byte or bool tensors, but got {dtypes.of(array.dtype)}"
            )
        if array.dtype == "uint8":
            array = array.astype(bool)  # torch's old masks
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
        if array.size == 0:
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


def getitem(self: Tensor, key: Any) -> Tensor:
    """``self[key]``: a view for integers, slices, None and Ellipsis; a copy where tensors, lists or masks are in it."""
    entries, advanced = parse(self, key)
    if not advanced:
        return shapes.select(self, entries)
    first, rest = _integers_first(entries)
    return ops.index(shapes.select(self, first) if first else self, rest)


def _integers_first(entries: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """A key with arrays as two, one to follow the other: one that takes its integers, empty if there are none, and one
    of the rest.

    For NumPy an integer beside arrays is an array too, whose place among them decides where their dimensions go.
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
    """``self[key] = value``: recorded, and with the rules of all in-place operations.

    Raises:
        RuntimeError: if the value does not broadcast to what is written.
    """
    entries, advanced = parse(self, key)
    if not advanced:
        region = shapes.select(self, entries)
        copy_(region, value)
        return
    first, rest = _integers_first(entries)
    if first:
        setitem(shapes.select(self, first), tuple(wrap(k) if kernels.is_array(k) else k for k in rest), value)
        return
    source = _source(self, value)
    check_writable(self, self._requires_grad or source._requires_grad)
    try:
        result = ops.index_put(self, source, entries, False)
    except ValueError as error:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(source.shape)} cannot be broadcast to indexing result: "
            f"{error}"
        ) from None
    write(self, result, "index_put")


def _source(x: Variable, value: Any) -> Tensor:
    """A value to be written into `x`, as a tensor of its dtype."""
    if not isinstance(value, Variable):
        if not isinstance(value, bool | int | float | np.ndarray | np.generic):
            raise TypeError(
                f"can't assign a {type(value).__name__} to a torch tensor of dtype {dtypes.of(x._array.dtype)}"
            )
        return wrap(devices.beside(x._array, np.asarray(value).astype(x._array.dtype)))
    return convert(value, dtypes.of(x._array.dtype))


def copy_(self: Tensor, src: Any, non_blocking: bool = False) -> Tensor:
    """Write the values of `src`, broadcast and converted, into this tensor.

    Raises:
        RuntimeError: if `src` does not broadcast to this shape.
    """
    source = _source(self, src)
    own, other = self._array.shape, source._array.shape
    while len(other) > len(own) and other[0] == 1:
        other = other[1:]  # torch drops leading dimensions of size 1
        source = shapes.reshape(source, other)
    if len(other) > len(own) or any(n not in (1, m) for n, m in zip(other[::-1], own[::-1], strict=False)):
        raise RuntimeError(
            f"expand({list(source._array.shape)}, size={list(own)}): the value of shape {list(other)} cannot be "
            f"broadcast to the shape {list(own)} that is written"
        )
    if kernels.backend_of(source._array) is not kernels.backend_of(self._array):
        source = source.to(self.device)
    return inplace(ew.copy, self, source)


def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """out[i][j][k] = input[i][index[i][j][k]][k] for dim = 1, and likewise for the others; of the shape of `index`.

    Raises:
        RuntimeError: if the numbers of dimensions differ, `index` is larger than `input` elsewhere than along `dim`,
            is not int64, or names an element that is not there.
    """
    x, d, places = _along("gather", input, dim, index)
    out = ops.gather(x, d, places)
    return shapes.reshape(out, index._array.shape)


def _along(name: str, input: Tensor, dim: int, index: Tensor, source: Any = None) -> tuple[Tensor, int, Any]:
    places = integer_array(index, name)
    together(name, input, index, source)
    x = shapes.reshape(input, (1,)) if input._array.ndim == 0 else input
    places = places.reshape(1) if places.ndim == 0 else places
    d = dimension(dim, x._array.ndim)
    if places.size and places.ndim != x._array.ndim:
        raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    shape = x._array.shape
    if places.size and any(n > m for i, (n, m) in enumerate(zip(places.shape, shape, strict=True)) if i != d):
        raise RuntimeError(
            f"Size does not match at dimension {d} expected index {list(places.shape)} to be no larger than self "
            f"{list(shape)} apart from dimension {d}"
        )
    worst = outside(places, 0, shape[d]) if places.size else None
    if worst is not None:
        raise RuntimeError(f"index {worst} is out of bounds for dimension {d} with size {shape[d]}")
    return x, d, places


def _scatter(op: Any, name: str, input: Tensor, dim: int, index: Tensor, source: Any) -> Tensor:
    x, d, places = _along(name, input, dim, index, source)
    if isinstance(source, Variable):
        if source._array.dtype != input._array.dtype:
            raise RuntimeError(
                f"{name}(): Expected self.dtype to be equal to src.dtype, but got {input.dtype} and {source.dtype}"
            )
        source = shapes.reshape(source, (1,)) if source._array.ndim == 0 else source
        if places.size and any(n > m for n, m in zip(places.shape, source._array.shape, strict=True)):
            raise RuntimeError(
                f"Expected index {list(places.shape)} to be no larger than src {list(source._array.shape)}"
            )
    out = op(x, d, places, source) if places.ndim == x._array.ndim else clone(x)
    return shapes.reshape(out, input._array.shape)


def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """`input` with out[i][index[i][j][k]][k] = src[i][j][k] for dim = 1; `src` is a tensor or a number.

    Raises:
        RuntimeError: as `gather`, or if `src` is smaller than `index`, or for an unknown `reduce`.
        NotImplementedError: for the reduction "multiply".
    """
    source = value if src is None else src
    if reduce == "add":
        source = source if isinstance(source, Variable) else input.new_full(index.shape, source)
        return _scatter(ops.scatter_add, "scatter", input, dim, index, source)
    if reduce == "multiply":
        raise NotImplementedError(
            "scatter(reduce='multiply') is not supported: use gather and multiply, or reduce='add'"
        )
    if reduce is not None:
        raise RuntimeError(f"scatter(): expected reduce to be 'add' or 'multiply', but got {reduce!r}")
    return _scatter(ops.scatter, "scatter", input, dim, index, source)


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """`input` with out[i][index[i][j][k]][k] += src[i][j][k] for dim = 1; places named twice get both.

    Raises:
        RuntimeError: as `scatter`.
    """
    return _scatter(ops.scatter_add, "scatter_add", input, dim, index, src)


def _slices(name: str, input: Tensor, dim: int, index: Tensor, source: Any = None) -> tuple[Any, ...]:
    """The key of the slices along `dim` that a vector of numbers names, and that `source` is to be written to."""
    places = integer_array(index, name)
    together(name, input, index, source)
    if places.ndim > 1:
        raise IndexError(f"{name}(): Index is supposed to be a vector, but got dim: {places.ndim}")
    d = dimension(dim, input._array.ndim)
    n = input._array.shape[d] if input._array.ndim else 1
    if outside(places, 0, n) is not None:
        raise IndexError(f"{name}(): index out of range in self")
    if source is not None:
        _check_source(name, input, source)
        given, wanted = list(source._array.shape) or [1], list(input._array.shape) or [1]
        wanted[d] = places.size
        if given != wanted:
            count = name == "index_copy" and given[d : d + 1] != [places.size]
            error = IndexError if count else RuntimeError
            raise error(f"{name}_(): expected a source of shape {wanted}, but got one of shape {given}")
    return (*(slice(None),) * d, places.reshape(-1))


def _check_source(name: str, input: Tensor, source: Any) -> None:
    if isinstance(source, Variable) and source._array.dtype != input._array.dtype:
        raise RuntimeError(
            f"{name}(): self and source must have the same dtype, but got {input.dtype} and {source.dtype}; "
            "convert one with .to(dtype)"
        )


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices along `dim` that a vector of numbers names, in its order.

    Raises:
        IndexError: if one is not there.
    """
    key = _slices("index_select", input, dim, index)
    if input._array.ndim == 0:
        return clone(input)
    return ops.index(input, key)


def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """`input` with alpha · `source` added to the slices along `dim` that `index` names.

    Raises:
        IndexError: if one is not there.
        RuntimeError: if the dtypes differ.
    """
    key = _slices("index_add", input, dim, index, source)
    return ops.index_put(input, source if alpha == 1 else source * alpha, key, True)


def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """`input` with `value`, a number or a tensor without dimensions, in the slices along `dim` that `index` names.

    Raises:
        IndexError: if one is not there.
        RuntimeError: for a value with dimensions.
    """
    if isinstance(value, Variable) and value._array.ndim:
        raise RuntimeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} dimension(s)."
        )
    return ops.index_put(input, _source(input, value), _slices("index_fill", input, dim, index), False)


def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """`input` with `source` in the slices along `dim` that `index` names.

    Raises:
        IndexError: if one is not there.
        RuntimeError: if the dtypes differ or the shape of `source` does not fit.
    """
    return ops.index_put(input, source, _slices("index_copy", input, dim, index, source), False)


def index_put(input: Tensor, indices: tuple[Any, ...], values: Any, accumulate: bool = False) -> Tensor:
    """`input` with `values` written, or added, at ``input[indices]``.

    Raises:
        IndexError: for indices that are not there.
        RuntimeError: if the dtypes differ.
    """
    entries, _ = parse(input, tuple(indices))
    _check_source("index_put", input, values)
    return ops.index_put(input, _source(input, values), entries, accumulate)


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where `mask` holds, as a vector; the two broadcast.

    Raises:
        RuntimeError: if the mask is not of booleans.
    """
    if mask._array.dtype.kind != "b":
        raise RuntimeError(f"masked_select: expected BoolTensor for mask, but got {mask.dtype}")
    from minitorch.functions.shape import broadcast_tensors

    together("masked_select", input, mask)
    x, m = broadcast_tensors(input, mask)
    return ops.index(x, (m._array,))


def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """`input` with the elements of `source`, in order, where `mask` holds.

    Raises:
        RuntimeError: if the mask is not of booleans, the dtypes differ, or `source` has too few elements.
    """
    from minitorch.functions.shape import expand

    if mask._array.dtype.kind != "b":
        raise RuntimeError(f"masked_scatter_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    _check_source("masked_scatter", input, source)
    together("masked_scatter", input, mask, source)
    m = expand(mask, input._array.shape)
    with kernels.on_device_of(m._array):
        count = int(m._array.sum())
    if source._array.size < count:
        raise RuntimeError(
            f"masked_scatter: expected at least {count} elements, one for each that the mask holds for, "
            f"but source has {source._array.size}"
        )
    return ops.index_put(input, shapes.reshape(source, (-1,))[:count], (m._array,), False)


def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """`gather` with `input` and `indices` broadcast to each other elsewhere than along `dim`; None: both flattened."""
    if dim is None:
        return gather(input.reshape(-1), 0, indices.reshape(-1))
    d = dimension(dim, input._array.ndim)
    from minitorch.functions.shape import broadcast_shapes, expand

    a, b = list(input._array.shape), list(indices._array.shape)
    if len(a) != len(b):
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, "
            f"but got {len(a)} dimensions for input, and {len(b)} dimensions for indices"
        )
    n, m = a[d], b[d]
    a[d] = b[d] = 1
    shape = list(broadcast_shapes(a, b))
    return gather(expand(input, [*shape[:d], n, *shape[d + 1 :]]), d, expand(indices, [*shape[:d], m, *shape[d + 1 :]]))


def take(input: Tensor, index: Tensor) -> Tensor:
    """The elements of the flattened `input` that `index` names, in its shape; negative numbers count from the end.

    Raises:
        IndexError: if one is not there.
    """
    together("take", input, index)
    places, n = integer_array(index, "take").reshape(-1), input._array.size
    _check_range(places, 0, n)
    with kernels.on_device_of(places):
        return ops.index(input.reshape(-1), (places % max(n, 1),)).reshape(index.shape)


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The coordinates of the elements that are not 0: a matrix (count, dimensions), or a vector for each dimension."""
    array = input._array
    xp = kernels.namespace(array)
    with kernels.on_device_of(array):
        if as_tuple:
            return tuple(wrap(c) for c in xp.nonzero(array if array.ndim else array.reshape(1)))
        if array.ndim == 0:
            return wrap(xp.zeros((int(bool(array)), 0), "int64"))
        return wrap(xp.ascontiguousarray(xp.stack(xp.nonzero(array), axis=1)))
