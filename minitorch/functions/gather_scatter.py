"""Reading and writing elements that index tensors and masks name."""

from __future__ import annotations

from collections.abc import Sequence
from operator import le
from typing import TYPE_CHECKING, Any, Literal, overload

import kernels
from minitorch import dtypes
from minitorch._variable import Variable
from minitorch.autograd.basic import clone
from minitorch.autograd.graph import wrap
from minitorch.autograd.inplace import watch
from minitorch.autograd.mixed_devices import check_same_device
from minitorch.autograd.views import requires_grad
from minitorch.functions.arguments import (
    check_elements,
    dimension,
    index_out_of_range,
    integer_array,
    scalar_argument,
    tensor_argument,
)
from minitorch.functions.broadcasting import broadcast_shapes, broadcast_tensors, expand
from minitorch.functions.indexing import check_range, parse, source_of
from minitorch.functions.public import public
from minitorch.ops import indexing as ops, shape as shapes
from minitorch.ops.constant_gradient import constant
from minitorch.ops.elementwise import where
from minitorch.scalars import scalar_to
from minitorch.types import Number

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


@public("function method out")
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """out[i][j][k] = input[i][index[i][j][k]][k] for dim = 1; the result has the shape of `index`.

    Raises:
        RuntimeError: if the numbers of dimensions differ, if `index` is not int64, has an index out of range, or is
            larger than `input` in a dimension other than `dim`.
    """
    x, d, places = _along("gather", input, dim, index)
    if places.ndim != x._array.ndim:  # no elements are read, in any number of dimensions
        x, d, places = shapes.reshape(x, (-1,)), 0, places.reshape(-1)
    out = watch(ops.gather(x, d, places), index)
    return shapes.reshape_result(out, index._array.shape)


def _along(name: str, input: Tensor, dim: int, index: Tensor, source: Any = None) -> tuple[Tensor, int, Any]:
    nothing = isinstance(index, Variable) and not index._array.size  # then its dtype does not matter
    places = integer_array(index.to(dtypes.int64) if nothing else index, name)
    check_same_device(name, input, index, source)
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
    worst = index_out_of_range(places, 0, shape[d]) if places.size else None
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
        source = shapes.reshape(source, (1,)) if source._array.ndim == 0 and places.ndim == 1 else source
        given = source._array.shape
        if places.size and len(given) != places.ndim:
            fits = all(m <= n for m, n in zip(places.shape, given, strict=False))  # torch compares the sizes first
            error = IndexError if fits and 0 < len(given) < places.ndim else RuntimeError
            raise error(
                f"{name}(): Index tensor must have the same number of dimensions as src tensor, but got shapes "
                f"{list(places.shape)} and {list(given)}"
            )
        if places.size and any(n > m for n, m in zip(places.shape, given, strict=True)):
            raise RuntimeError(f"Expected index {list(places.shape)} to be no larger than src {list(given)}")
    around = [x._array.shape, *([given] if isinstance(source, Variable) else [])]
    writes = places.size or all(len(s) == places.ndim and all(map(le, places.shape, s)) for s in around)
    out = watch(op(x, d, places, source), index) if writes else constant(clone(x), source)
    return shapes.reshape_result(out, input._array.shape)


@overload
def scatter(input: Tensor, dim: int, index: Tensor, src: Tensor, *, reduce: str | None = None) -> Tensor: ...
@overload
def scatter(input: Tensor, dim: int, index: Tensor, value: Number, *, reduce: str | None = None) -> Tensor: ...
@public("function method inplace out")  # type: ignore[misc]  # `value` may be passed as `src`
def scatter(
    input: Tensor,
    dim: int,
    index: Tensor,
    src: Tensor | Number | None = None,
    *,
    value: Number | None = None,
    reduce: str | None = None,
) -> Tensor:
    """`input` with out[i][index[i][j][k]][k] = src[i][j][k] for dim = 1; `src` is a tensor or a number.

    Raises:
        RuntimeError: as `gather`, or if `src` is smaller than `index`, or for an unknown `reduce`.
        NotImplementedError: for the reduction "multiply".
    """
    source: Any = src
    if src is None:
        source = value._array.item() if isinstance(value, Variable) else value
    if not isinstance(source, Variable):
        dtype = tensor_argument(input, "scatter")._array.dtype
        source = scalar_to(source, dtype) if index._array.size else 0  # torch does not look at what it does not write
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


@public("function method inplace out")
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """`input` with out[i][index[i][j][k]][k] += src[i][j][k] for dim = 1; equal indices add up.

    Raises:
        RuntimeError: as `scatter`.
    """
    return _scatter(ops.scatter_add, "scatter_add", input, dim, index, tensor_argument(src, "scatter_add", 3, "src"))


def _slices(name: str, input: Tensor, dim: int, index: Tensor, source: Any = None) -> tuple[Any, ...]:
    """The key of the slices along `dim` that the vector `index` names; checks that `source` can be written there."""
    places = integer_array(index, name, ("int64",) if name == "index_copy" else ("int64", "int32"))
    check_same_device(name, input, index, source)
    if places.ndim > 1:
        raise IndexError(f"{name}(): Index is supposed to be a vector, but got dim: {places.ndim}")
    d = dimension(dim, input._array.ndim)
    n = input._array.shape[d] if input._array.ndim else 1
    if source is not None:
        _check_source(name, input, source)
    one = name == "index_select" or (name == "index_add" and not source._array.ndim)
    if one and not input._array.ndim and places.size != 1:
        error = RuntimeError if name == "index_select" else IndexError
        raise error(f"{name}(): Index to scalar can have only 1 value, got {places.size} value(s)")
    if name == "index_select" and input._array.ndim > 1 and not n and places.size:
        raise RuntimeError("index_select(): self indexing axis dim should be positive")
    if source is not None:
        given, wanted = list(source._array.shape), list(input._array.shape)
        if name == "index_copy" or not wanted:
            given, wanted = given or [1], wanted or [1]
        wanted[d] = places.size
        if given != wanted or (name == "index_add" and source._array.ndim != input._array.ndim):
            count = name == "index_copy" and given[d : d + 1] != [places.size]
            error = IndexError if count else RuntimeError
            raise error(f"{name}_(): expected a source of shape {wanted}, but got one of shape {given}")
    others = [m for i, m in enumerate(input._array.shape) if i != d]
    if source is not None and (0 in others or (name == "index_add" and others and not n)):
        places = places[:0]  # nothing is written, so torch does not look at the numbers
    if index_out_of_range(places, 0, n) is not None:
        inner = name == "index_select" and 0 < d < max(len(others), 2)  # the last of three dimensions is an IndexError
        empty = not n if name == "index_copy" else 0 in others or inner
        raise (RuntimeError if empty else IndexError)(f"{name}(): index out of range in self")
    return (*(slice(None),) * d, places.reshape(-1))


def _first_slices(source: Tensor, key: tuple[Any, ...]) -> Tensor:
    """As many slices of `source` as `key`, of `_slices`, names: none if the tensor that is written has no elements."""
    count, d = key[-1].size, len(key) - 1
    fits = source._array.shape[d : d + 1] in ((), (count,))
    return source if fits else shapes.select(source, (*key[:-1], slice(count)))


def _check_source(name: str, input: Tensor, source: Any) -> None:
    if isinstance(source, Variable) and source._array.dtype != input._array.dtype:
        raise RuntimeError(
            f"{name}(): self and source must have the same dtype, but got {input.dtype} and {source.dtype}; "
            "convert one with .to(dtype)"
        )


@public("function method out")
def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices along `dim` whose numbers are in the vector `index`, in its order.

    Raises:
        IndexError: if an index is out of range.
    """
    key = _slices("index_select", input, dim, index)
    if input._array.ndim == 0:
        return clone(input)
    return shapes.row_major(watch(ops.index(input, key), index))


@public("function method inplace out")
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Number = 1) -> Tensor:
    """`input` with alpha · `source` added to the slices along `dim` that `index` names.

    Raises:
        IndexError: if an index is out of range.
        RuntimeError: if the dtypes differ.
    """
    key = _slices("index_add", input, dim, index, source)
    weighted = source if alpha == 1 else source * scalar_to(alpha, source._array.dtype)
    if not input._array.ndim:  # a vector of one element to torch
        return shapes.reshape(ops.index_put(input.reshape(1), weighted.reshape(1), key, True), ())
    out = ops.index_put(input, _first_slices(weighted, key), key, True)
    return shapes.row_major(watch(out, index) if requires_grad(source) else out)  # no other gradient needs the index


@public("function method inplace")
def index_fill(input: Tensor, dim: int, index: Tensor, value: Tensor | Number) -> Tensor:
    """`input` with `value`, a number or a tensor without dimensions, in the slices along `dim` that `index` names.

    Raises:
        IndexError: if an index is out of range.
        RuntimeError: for a value with dimensions.
    """
    if isinstance(value, Variable) and value._array.ndim:
        raise RuntimeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} dimension(s)."
        )
    source = source_of(input, scalar_argument(value, input._array.dtype))
    if tensor_argument(index, "index_fill", 2, "index")._array.dtype != "int64":
        raise IndexError(f"index_fill_(): Expected dtype int64 for index, but got {index.dtype}")
    places = integer_array(index, "index_fill")
    check_same_device("index_fill", input, index)
    if places.ndim > 1:
        raise RuntimeError(f"index_fill(): Index has to be a vector/scalar, but got {places.ndim} dimensions")
    d = dimension(dim, input._array.ndim)
    size = input._array.shape[d] if input._array.ndim else 1
    others = [n for i, n in enumerate(input._array.shape) if i != d]
    if 0 in others:
        places = places[:0]  # nothing is written, so torch does not look at the numbers
    elif places.size and not size:
        raise RuntimeError(f"index_fill(): dimension {d} has no elements to fill")
    check_range(places, d, size)
    with kernels.on_device_of(input._array):
        filled = kernels.namespace(input._array).zeros(size, bool)
        filled[places] = True
    # A place that is named twice is filled once, which counts for the gradient of the value.
    shape = filled.shape + (1,) * (input._array.ndim - d - 1) if input._array.ndim else ()
    return where(wrap(filled.reshape(shape)), source, input)


@public("function method inplace out")
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """`input` with `source` in the slices along `dim` that `index` names.

    Raises:
        IndexError: if an index is out of range.
        RuntimeError: if the dtypes differ or the shape of `source` does not fit.
    """
    if tensor_argument(input, "index_copy")._array.ndim == 0:  # a vector of one element to torch
        if source._array.ndim > 1:
            raise RuntimeError(f"index_copy_(): the shape {list(source.shape)} of source must be that of a slice: []")
        return shapes.reshape_result(index_copy(input.reshape(1), dim, index, source.reshape(-1)), ())
    key = _slices("index_copy", input, dim, index, source)
    return shapes.row_major(watch(ops.index_put(input, _first_slices(source, key), key, False), index))


@public("function method inplace")
def index_put(input: Tensor, indices: Sequence[Tensor | None], values: Tensor, accumulate: bool = False) -> Tensor:
    """`input` with `values` written, or added, at ``input[indices]``.

    Raises:
        IndexError: if an index is out of range.
        RuntimeError: if the dtypes differ.
    """
    tensor_argument(values, "index_put", 2, "values")
    given: Any = indices
    if not isinstance(given, tuple | list):
        found = type(given).__name__
        raise TypeError(f"index_put(): argument 'indices' (position 1) must be tuple of Tensors, not {found}")
    check_elements(indices, "'indices'", "index_put")
    if not indices:
        raise RuntimeError("index_put(): expected at least one index, but got none")
    entries, _ = parse(input, tuple(indices))
    _check_source("index_put", input, values)
    return watch(ops.index_put(input, source_of(input, values), entries, accumulate), *indices)


@public("function method out")
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where `mask` is true, as a vector; `input` and `mask` broadcast.

    Raises:
        RuntimeError: if the mask is not boolean.
    """
    if mask._array.dtype.kind != "b":
        raise RuntimeError(f"masked_select: expected BoolTensor for mask, but got {mask.dtype}")
    check_same_device("masked_select", input, mask)
    x, m = broadcast_tensors(input, mask)
    return watch(ops.index(x, (m._array,)), mask)


@public("function method inplace")
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """`input` with the elements of `source`, in order, where `mask` is true.

    Raises:
        RuntimeError: if the mask is not boolean, the dtypes differ, or `source` has too few elements.
    """
    if mask._array.dtype.kind != "b":
        raise RuntimeError(f"masked_scatter_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    _check_source("masked_scatter", input, source)
    check_same_device("masked_scatter", input, mask, source)
    input, m = broadcast_tensors(input, mask)
    with kernels.on_device_of(m._array):
        count = int(m._array.sum())
    if source._array.size < count:
        raise RuntimeError(
            f"masked_scatter: expected at least {count} elements, one for each true element of the mask, "
            f"but source has {source._array.size}"
        )
    written = ops.index_put(input, shapes.reshape(source, (-1,))[:count], (m._array,), False)
    return shapes.row_major(watch(written, mask))


@public("function method out")
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """`gather` with `input` and `indices` broadcast in all dimensions but `dim`; None: both are flattened."""
    if indices.dtype != dtypes.int64:
        raise RuntimeError(f"torch.take_along_dim(): dtype of indices should be Long but got {indices.dtype}")
    if dim is None:
        return gather(input.reshape(-1), 0, indices.reshape(-1))
    d = dimension(dim, input._array.ndim)
    a, b = list(input._array.shape), list(indices._array.shape)
    if len(a) != len(b):
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, "
            f"but got {len(a)} dimensions for input, and {len(b)} dimensions for indices"
        )
    n, m = a[d], b[d]
    indices = indices % n if n else indices  # torch's rule, also for numbers outside
    a[d] = b[d] = 1
    shape = list(broadcast_shapes(a, b))
    return gather(expand(input, [*shape[:d], n, *shape[d + 1 :]]), d, expand(indices, [*shape[:d], m, *shape[d + 1 :]]))


@public("function method out")
def take(input: Tensor, index: Tensor) -> Tensor:
    """The elements of the flattened `input` at the positions `index`; negative ones count from the end.

    Raises:
        IndexError: if a position is out of range.
    """
    check_same_device("take", input, index)
    places, n = integer_array(index, "take", ("int64",)).reshape(-1), input._array.size
    check_range(places, 0, n)
    with kernels.on_device_of(places):
        found = watch(ops.index(input.reshape(-1), (places % max(n, 1),)), index)
        return shapes.reshape_result(found, index._array.shape)


@overload
def nonzero(input: Tensor, *, as_tuple: Literal[False] = False) -> Tensor: ...
@overload
def nonzero(input: Tensor, *, as_tuple: Literal[True]) -> tuple[Tensor, ...]: ...
@public("function method out")
def nonzero(input: Tensor, *, as_tuple: bool = False) -> Tensor | tuple[Tensor, ...]:
    """The coordinates of the elements that are not 0: a matrix (count, dimensions), or a vector for each dimension."""
    array = tensor_argument(input, "nonzero")._array
    xp = kernels.namespace(array)
    with kernels.on_device_of(array):
        if as_tuple:
            return nonzero(input if array.ndim else input.detach().unsqueeze(0)).unbind(1)
        if array.ndim == 0:
            return wrap(xp.zeros((int(bool(array)), 0), "int64"))
        return wrap(xp.ascontiguousarray(xp.stack(xp.nonzero(array))).T)  # column-major, as torch's result
