"""torch's shape functions over the ops: views where torch gives views."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import kernels
from minitorch import dtypes
from minitorch.autograd.mixing import together
from minitorch.autograd.variable import Variable, owner_of
from minitorch.functions.arguments import dimension, dimensions, size, tensor_argument
from minitorch.functions.writing import into
from minitorch.ops import shape as ops
from minitorch.ops.promotion import convert

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def _whole(shape: tuple[int, ...], count: int) -> tuple[int, ...]:
    """`shape` with -1 worked out for `count` elements.

    Raises:
        RuntimeError: if the elements do not fit, or more than one size is -1.
    """
    if any(n < -1 for n in shape):
        raise RuntimeError(f"invalid shape dimension {next(n for n in shape if n < -1)}")
    if shape.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    rest = math.prod(n for n in shape if n != -1)
    if -1 in shape:
        if rest == 0:
            raise RuntimeError(
                f"cannot reshape tensor of {count} elements into shape {list(shape)} because the unspecified dimension "
                "size -1 can be any value and is ambiguous"
            )
        if count % rest == 0:
            return tuple(count // rest if n == -1 else n for n in shape)
    elif rest == count:
        return shape
    raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {count}")


def reshape(input: Tensor, *shape: Any) -> Tensor:
    """The elements in row-major order in another shape: a view where the strides allow it. One size may be -1.

    Raises:
        RuntimeError: if the number of elements differs.
    """
    x = tensor_argument(input, "reshape")
    return ops.reshape(x, _whole(size(shape, "reshape()"), x._array.size))


def view(self: Tensor, *shape: Any) -> Tensor:
    """The same memory in another shape, or, for a dtype, reinterpreted bit by bit (not differentiable).

    Raises:
        RuntimeError: if the number of elements differs, or the strides do not allow it.
    """
    if len(shape) == 1 and isinstance(shape[0], dtypes.dtype):
        return _reinterpret(self, shape[0])
    whole = _whole(size(shape, "view()"), self._array.size)
    if not _viewable(self._array, whole):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            f"contiguous subspaces). Use .reshape(...) instead. Size {list(self._array.shape)}, "
            f"stride {list(self.stride())}, asked for {list(whole)}."
        )
    return ops.reshape(self, whole)


def _viewable(array: Any, shape: tuple[int, ...]) -> bool:
    if array.flags.c_contiguous or array.size == 0:
        return True
    with kernels.on_device_of(array):
        return owner_of(array.reshape(shape)) is owner_of(array)


def _reinterpret(self: Tensor, dtype: dtypes.dtype) -> Tensor:
    from minitorch.autograd.variable import wrap

    try:
        t = wrap(self._array.view(dtype.numpy))
    except ValueError as error:
        raise RuntimeError(
            f"view: cannot reinterpret {self.dtype} of shape {list(self.shape)} as {dtype}: {error}"
        ) from None
    t._counter = self._counter
    return t


def view_as(self: Tensor, other: Tensor) -> Tensor:
    """`view` with the shape of `other`."""
    return view(self, other._array.shape)


def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """`reshape` with the shape of `other`."""
    return reshape(self, other._array.shape)


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dimensions from `start_dim` to `end_dim` made one.

    Raises:
        RuntimeError: if they are in the wrong order.
    """
    x = tensor_argument(input, "flatten")
    shape = x._array.shape
    start, end = dimension(start_dim, len(shape)), dimension(end_dim, len(shape))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not shape:
        return ops.reshape(x, (1,))
    if start == end:
        return x
    return ops.reshape(x, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """The dimension `dim` split into `sizes`, one of which may be -1.

    Raises:
        RuntimeError: if they do not multiply to the dimension's size.
    """
    if isinstance(sizes, int):
        raise TypeError("unflatten(): argument 'sizes' (position 2) must be tuple of ints, not int")
    shape = input._array.shape
    d = dimension(dim, len(shape))
    try:
        parts = _whole(size((sizes,), "unflatten()"), shape[d])
    except RuntimeError:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {d} ({shape[d]}) "
            "in the input tensor"
        ) from None
    return ops.reshape(input, (*shape[:d], *parts, *shape[d + 1 :]))


def ravel(input: Tensor) -> Tensor:
    """All dimensions made one; a copy unless the elements lie in row-major order."""
    return reshape(contiguous(tensor_argument(input, "ravel")), -1)


def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """A view without the dimensions of size 1: all, or those of `dim` that are."""
    x = tensor_argument(input, "squeeze")
    shape = x._array.shape
    candidates = range(len(shape)) if dim is None else dimensions(dim, len(shape)) if dim != () else ()
    return ops.squeeze(x, tuple(d for d in candidates if shape[d] == 1))


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A view with a dimension of size 1 inserted at `dim`."""
    x = tensor_argument(input, "unsqueeze")
    return ops.unsqueeze(x, dimension(dim, x._array.ndim + 1))


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """A view with two dimensions exchanged."""
    x = tensor_argument(input, "transpose")
    n = x._array.ndim
    a, b = dimension(dim0, n), dimension(dim1, n)
    dims = list(range(n))
    if n:
        dims[a], dims[b] = b, a
    return ops.permute(x, tuple(dims))


def t(input: Tensor) -> Tensor:
    """A view of a matrix with rows and columns exchanged; a vector as it is.

    Raises:
        RuntimeError: for more than two dimensions.
    """
    if input._array.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input._array.ndim}D")
    return ops.permute(input, tuple(reversed(range(input._array.ndim))))


def permute(input: Tensor, *dims: Any) -> Tensor:
    """A view whose dimension i is dimension ``dims[i]``.

    Raises:
        RuntimeError: if `dims` is not a permutation.
    """
    n = input._array.ndim
    order = size(dims, "permute()")
    if len(order) != n:
        raise RuntimeError(
            "permute: number of dimensions in the tensor input does not match the length of the desired ordering of "
            f"dimensions i.e. input.dim() = {n} is not equal to len(dims) = {len(order)}"
        )
    order = tuple(dimension(d, n) for d in order)
    if len(set(order)) != n:
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return ops.permute(input, order)


def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """A view with dimensions `source` moved to the places `destination`, the others in their order.

    Raises:
        RuntimeError: if they differ in number or one is named twice.
    """
    n = input._array.ndim
    sources = [dimension(d, n) for d in (source if isinstance(source, Sequence) else (source,))]
    targets = [dimension(d, n) for d in (destination if isinstance(destination, Sequence) else (destination,))]
    if len(sources) != len(targets):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({sources} dims) should contain the same number of "
            f"dims as destination ({targets} dims)"
        )
    if len(set(sources)) != len(sources) or len(set(targets)) != len(targets):
        raise RuntimeError(f"movedim: repeated dim in `source` ({sources}) or `destination` ({targets})")
    order = [d for d in range(n) if d not in sources]
    for target, d in sorted(zip(targets, sources, strict=True)):
        order.insert(target, d)
    return ops.permute(input, tuple(order))


def expand(self: Tensor, *sizes: Any) -> Tensor:
    """A view repeated, without copying, along new dimensions and those of size 1; -1 keeps a size.

    Raises:
        RuntimeError: if the shape does not broadcast to it.
    """
    shape = size(sizes, "expand()")
    own = self._array.shape
    lead = len(shape) - len(own)
    if lead < 0:
        raise RuntimeError(
            f"expand({self.dtype}{list(own)}, size={list(shape)}): the number of sizes provided ({len(shape)}) must be "
            f"greater or equal to the number of dimensions in the tensor ({len(own)})"
        )
    result = []
    for i, n in enumerate(shape):
        old = own[i - lead] if i >= lead else None
        if n == -1:
            if old is None:
                raise RuntimeError(
                    f"The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension {i}"
                )
            n = old
        elif old is not None and old != 1 and old != n:
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({old}) at non-singleton "
                f"dimension {i}. Target sizes: {list(shape)}. Tensor sizes: {list(own)}"
            )
        result.append(n)
    return ops.expand(self, tuple(result))


def expand_as(self: Tensor, other: Tensor) -> Tensor:
    """`expand` to the shape of `other`."""
    return expand(self, other._array.shape)


def broadcast_to(input: Tensor, shape: Any) -> Tensor:
    """`expand` as a function."""
    return expand(input, shape)


def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """The shape that all of these broadcast to.

    Raises:
        RuntimeError: if there is none.
    """
    from minitorch._tensor import Size

    try:
        return Size(np.broadcast_shapes(*[(s,) if isinstance(s, int) else tuple(s) for s in shapes]))
    except ValueError:
        raise RuntimeError(
            f"Shape mismatch: objects cannot be broadcast to a single shape: {', '.join(str(list(s)) for s in shapes)}"
        ) from None


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The tensors, each expanded to the shape that all broadcast to."""
    shape = broadcast_shapes(*[x._array.shape for x in tensors])
    return tuple(expand(x, shape) for x in tensors)


def repeat(self: Tensor, *repeats: Any) -> Tensor:
    """A copy laid side by side ``repeats[i]`` times along dimension i; new dimensions come in front.

    Raises:
        RuntimeError: if there are fewer repeats than dimensions.
    """
    counts = size(repeats, "repeat()")
    lead = len(counts) - self._array.ndim
    if lead < 0:
        raise RuntimeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    if any(n < 0 for n in counts):
        raise RuntimeError(f"Trying to create tensor with negative dimension: repeats {list(counts)}")
    return ops.repeat(ops.reshape(self, (1,) * lead + self._array.shape), counts)


def tile(input: Tensor, *dims: Any) -> Tensor:
    """`repeat`, with missing leading repeats counted as 1."""
    counts = size(dims, "tile()")
    return repeat(input, (1,) * (input._array.ndim - len(counts)) + counts)


def repeat_interleave(
    input: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Each element, or each slice along `dim`, repeated `repeats` times; None: the elements of the flattened tensor.

    Args:
        input: the tensor; alone, it is the repeats of 0, 1, 2, …
        repeats: a number, or one for each element or slice.
        dim: the dimension, or None.
        output_size: accepted, without effect.

    Raises:
        RuntimeError: if `repeats` is negative or of another length.
    """
    if repeats is None:
        input, repeats = input.new_tensor(np.arange(input._array.size), dtype=dtypes.int64), input
    together("repeat_interleave", input, repeats)
    x = reshape(input, -1) if dim is None else input
    d = 0 if dim is None else dimension(dim, x._array.ndim)
    counts = np.asarray(repeats.tolist() if isinstance(repeats, Variable) else repeats)
    if (counts < 0).any():
        raise RuntimeError("repeats can not be negative")
    if counts.ndim and counts.size not in (1, x._array.shape[d]):
        raise RuntimeError("repeats must have the same size as input along dim")
    places = np.repeat(np.arange(x._array.shape[d]), counts)
    return x.index_select(d, x.new_tensor(places, dtype=dtypes.int64))


def _tensors(tensors: Any, name: str) -> list[Tensor]:
    if isinstance(tensors, Variable) or not isinstance(tensors, Sequence):
        raise TypeError(
            f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {type(tensors).__name__}"
        )
    found = list(tensors)
    if not found:
        # torch, too, raises one for cat and another for the rest
        error = ValueError if name == "torch.cat()" else RuntimeError
        raise error(f"{name}: expected a non-empty list of Tensors")
    for i, x in enumerate(found):
        if not isinstance(x, Variable):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(x).__name__}")
    d = found[0]._array.dtype
    if any(x._array.dtype != d for x in found):
        common = dtypes.of(d)
        for x in found:
            common = dtypes.promote_types(common, dtypes.of(x._array.dtype))
        found = [convert(x, common) for x in found]
    return found


def cat(tensors: Any, dim: int = 0, *, out: Any = None) -> Tensor:
    """The tensors one behind the other along `dim`, in their common dtype. Empty vectors do not count.

    Raises:
        RuntimeError: if their other sizes differ.
    """
    found = _tensors(tensors, "torch.cat()")
    used = found if all(x._array.ndim == 1 for x in found) else [x for x in found if x._array.shape != (0,)]
    n = used[0]._array.ndim
    if n == 0:
        raise RuntimeError("zero-dimensional tensor (at position 0) cannot be concatenated")
    d = dimension(dim, n)
    for i, x in enumerate(used):
        if x._array.ndim != n:
            raise RuntimeError(f"Tensors must have same number of dimensions: got {n} and {x._array.ndim}")
        for k in range(n):
            if k != d and x._array.shape[k] != used[0]._array.shape[k]:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {d}. Expected size {used[0]._array.shape[k]} "
                    f"but got size {x._array.shape[k]} for tensor number {i} in the list."
                )
    return into(out, ops.cat(d, *used))


def stack(tensors: Any, dim: int = 0, *, out: Any = None) -> Tensor:
    """The tensors, all of one shape, one behind the other along a new dimension `dim`.

    Raises:
        RuntimeError: if their shapes differ.
    """
    found = _tensors(tensors, "stack")
    for i, x in enumerate(found):
        if x._array.shape != found[0]._array.shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(found[0]._array.shape)} at entry 0 "
                f"and {list(x._array.shape)} at entry {i}"
            )
    return into(out, ops.stack(dimension(dim, found[0]._array.ndim + 1), *found))


def hstack(tensors: Any) -> Tensor:
    """The tensors side by side: along dimension 1, vectors along 0."""
    found = [reshape(x, 1) if x._array.ndim == 0 else x for x in _tensors(tensors, "hstack")]
    return cat(found, 0 if found[0]._array.ndim == 1 else 1)


def vstack(tensors: Any) -> Tensor:
    """The tensors one below the other: along dimension 0, vectors as rows."""
    return cat([reshape(x, (1, -1)) if x._array.ndim < 2 else x for x in _tensors(tensors, "vstack")], 0)


def narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """A view of `length` elements along `dim` from `start` on.

    Raises:
        RuntimeError: if they reach beyond the end.
    """
    shape = input._array.shape
    if not shape:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    d, first = dimension(dim, len(shape)), int(start)
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if not -shape[d] <= first <= shape[d]:
        raise IndexError(f"start out of range (expected to be in range of [{-shape[d]}, {shape[d]}], but got {first})")
    first += shape[d] if first < 0 else 0
    if first + length > shape[d]:
        raise RuntimeError(f"start ({first}) + length ({length}) exceeds dimension size ({shape[d]}).")
    return ops.select(input, (slice(None),) * d + (slice(first, first + length),))


def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Views along `dim`: of a size each (the last may be smaller), or of the sizes in a list.

    Raises:
        RuntimeError: if the sizes do not sum to the dimension's.
    """
    shape = tensor._array.shape
    if not shape:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    d = dimension(dim, len(shape))
    if isinstance(split_size_or_sections, int):
        step = split_size_or_sections
        if step < 0 or (step == 0 and shape[d]):
            raise RuntimeError(
                f"split expects split_size be non-negative, but got split_size={step}"
                if step < 0
                else "split_size can only be 0 if dimension size is 0"
            )
        sections = [min(step, shape[d] - start) for start in range(0, shape[d], step)] if shape[d] else [0]
    else:
        sections = [int(n) for n in split_size_or_sections]
        if sum(sections) != shape[d] or any(n < 0 for n in sections):
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {shape[d]} (input tensor's size at dimension "
                f"{d}), but got split_sizes={sections}"
            )
    starts = [sum(sections[:i]) for i in range(len(sections))]
    return tuple(narrow(tensor, d, start, length) for start, length in zip(starts, sections, strict=True))


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` views along `dim`, of one size but for the last.

    Raises:
        RuntimeError: if `chunks` is not positive.
    """
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    if input._array.ndim == 0:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    n = input._array.shape[dimension(dim, input._array.ndim)]
    return split(input, -(-n // chunks), dim) if n else split(input, [0] * chunks, dim)


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """Views of the slices along `dim`, without that dimension."""
    return tuple(select(input, dim, i) for i in range(input._array.shape[dimension(dim, input._array.ndim)]))


def select(input: Tensor, dim: int, index: Any) -> Tensor:
    """A view of slice number `index` along `dim`, without that dimension.

    Raises:
        IndexError: if there is none of that number.
    """
    shape = input._array.shape
    if not shape:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    d, i = dimension(dim, len(shape)), int(index)
    if not -shape[d] <= i < shape[d]:
        raise IndexError(f"select(): index {i} out of range for tensor of size {list(shape)} at dimension {d}")
    return ops.select(input, (slice(None),) * d + (i,))


def flip(input: Tensor, *dims: Any) -> Tensor:
    """A copy with the order along `dims` reversed."""
    return ops.flip(input, dimensions(size(dims, "flip()"), input._array.ndim) if size(dims, "flip()") else ())


def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """The elements moved on by `shifts` along `dims` (None: of the flattened tensor), those pushed out in front again.

    Raises:
        RuntimeError: if shifts and dimensions differ in number.
    """
    moves = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    if dims is None or (isinstance(dims, Sequence) and not dims):
        if len(moves) != 1:
            raise RuntimeError(f"shifts and dimensions must align. shifts: {len(moves)}, dims:0")
        return ops.reshape(ops.roll(reshape(input, -1), moves, (0,)), input._array.shape)
    places = (dims,) if isinstance(dims, int) else tuple(dims)
    if len(places) != len(moves):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(moves)}, dims:{len(places)}")
    return ops.roll(input, moves, tuple(dimension(d, input._array.ndim) for d in places))


def unfold(self: Tensor, dimension: int, size: int, step: int) -> Tensor:  # torch's names
    """A view of all windows of `size` elements, `step` apart, along a dimension; a window is the last dimension.

    Raises:
        RuntimeError: if the window is larger than the dimension, its size negative, or the step not positive.
    """
    from minitorch.functions.arguments import dimension as normal

    x = ops.reshape(self, (1,)) if self._array.ndim == 0 else self
    d = normal(dimension, x._array.ndim)
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if size > x._array.shape[d]:
        raise RuntimeError(f"maximum size for tensor at dimension {d} is {x._array.shape[d]} but size is {size}")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    return ops.unfold(x, d, size, step)


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A view of the elements (i, i + offset) of the planes (dim1, dim2), as the last dimension.

    Raises:
        RuntimeError: if the dimensions are the same.
    """
    a, b = dimension(dim1, input._array.ndim), dimension(dim2, input._array.ndim)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return ops.diagonal(input, offset, a, b)


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The diagonal of a matrix (a copy), or a square matrix with a vector on its diagonal.

    Raises:
        RuntimeError: for other numbers of dimensions.
    """
    if input._array.ndim == 2:
        return ops.clone(ops.diagonal(input, diagonal, 0, 1))
    if input._array.ndim != 1:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input._array.ndim}D")
    n = input._array.shape[0] + abs(diagonal)
    return ops.diagonal_grad(input, (n, n), diagonal, 0, 1)


def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Square matrices in the dimensions (dim1, dim2) with the vectors of the last dimension on their diagonals."""
    n = input._array.shape[-1] + abs(offset)
    a, b = dimension(dim1, input._array.ndim + 1), dimension(dim2, input._array.ndim + 1)
    shape = list(input._array.shape[:-1])
    for d in sorted((a, b)):
        shape.insert(d, n)
    return ops.diagonal_grad(input, tuple(shape), offset, a, b)


def _triangle(op: Any, name: str, input: Tensor, diagonal: int) -> Tensor:
    if input._array.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")
    return op(input, diagonal)


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrices of the last two dimensions, zero above the diagonal number `diagonal`."""
    return _triangle(ops.tril, "tril", input, diagonal)


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrices of the last two dimensions, zero below the diagonal number `diagonal`."""
    return _triangle(ops.triu, "triu", input, diagonal)


def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy that stands in the graph."""
    return ops.clone(tensor_argument(input, "clone"))


def contiguous(self: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor itself if its elements lie in row-major order without gaps, else a copy that does."""
    return self if self._array.flags.c_contiguous else ops.contiguous(self)


def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """`transpose`, as NumPy calls it."""
    return transpose(input, axis0, axis1)


# torch's other names
swapdims = transpose
moveaxis = movedim
concat = concatenate = cat
row_stack = vstack
