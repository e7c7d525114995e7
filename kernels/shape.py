"""The same numbers in another shape or order. A result called a view shares the memory of its argument if possible."""

from __future__ import annotations

from kernels.backend import Array, namespace
from kernels.dispatch import contiguous_kernel, kernel, view_kernel
from kernels.half_precision import wide
from kernels.memory_order import dense_like


@view_kernel
def alias(x: Array) -> Array:
    """A view of all of x."""
    return x[...]


@view_kernel
def expand(x: Array, shape: tuple[int, ...]) -> Array:
    """A view of x repeated, without copying, to a shape that it broadcasts to; writable if x is."""
    lead = len(shape) - x.ndim
    strides = [s if n == m else 0 for s, n, m in zip(x.strides, x.shape, shape[lead:], strict=True)]
    return namespace(x).lib.stride_tricks.as_strided(x, shape, (*[0] * lead, *strides))


@kernel
def sum_to(x: Array, shape: tuple[int, ...]) -> Array:
    """x summed over the dimensions that `expand` from `shape` repeats: the gradient of `expand`. Half precision is
    summed in single.
    """
    dims = repeated(x.shape, shape)
    out = x.sum(axis=dims, keepdims=True, dtype=wide(x.dtype)).astype(x.dtype, copy=False) if dims else x
    return out.reshape(shape)


def repeated(shape: tuple[int, ...], origin: tuple[int, ...]) -> tuple[int, ...]:
    """The dimensions of `shape` along which `expand` from the shape `origin` repeats.

    Raises:
        RuntimeError: if `origin` does not expand to `shape`.
    """
    lead = len(shape) - len(origin)
    found = list(range(lead))
    for i, n in enumerate(origin, lead):
        if lead < 0 or shape[i] != n:
            if lead < 0 or n != 1:
                raise RuntimeError(
                    f"expected a gradient of a shape to which {list(origin)} expands, but got {list(shape)}: the shape "
                    "of the tensor has been changed in place since it was used"
                )
            found.append(i)
    return tuple(found)


@view_kernel
def reshape(x: Array, shape: tuple[int, ...]) -> Array:
    """The elements of x in row-major order in another shape: a view where the strides allow it, else a copy."""
    return x.reshape(shape)


@view_kernel
def permute(x: Array, dims: tuple[int, ...]) -> Array:
    """A view whose dimension i is dimension ``dims[i]`` of x."""
    return x.transpose(dims)


@view_kernel
def squeeze(x: Array, dims: tuple[int, ...]) -> Array:
    """A view without the dimensions `dims`, all of size 1."""
    return x.reshape(tuple(n for i, n in enumerate(x.shape) if i not in dims))


@view_kernel
def unsqueeze(x: Array, dim: int) -> Array:
    """A view with a dimension of size 1 inserted at `dim`."""
    return namespace(x).expand_dims(x, dim)


@view_kernel
def diagonal(x: Array, offset: int, dim1: int, dim2: int) -> Array:
    """A view of the elements (i, i + offset) of the planes (dim1, dim2), as the last dimension."""
    xp = namespace(x)
    n, m = x.shape[dim1], x.shape[dim2]
    start = (max(-offset, 0), max(offset, 0))
    length = max(0, min(n - start[0], m - start[1]))
    planes = xp.moveaxis(x, (dim1, dim2), (-2, -1))[..., start[0] : start[0] + length, start[1] : start[1] + length]
    strides = (*planes.strides[:-2], planes.strides[-2] + planes.strides[-1])
    return xp.lib.stride_tricks.as_strided(planes, (*planes.shape[:-2], length), strides)


@kernel
def diagonal_grad(g: Array, shape: tuple[int, ...], offset: int, dim1: int, dim2: int) -> Array:
    """Zeros of `shape` with `g` on the diagonal that `diagonal` reads."""
    out = namespace(g).zeros(shape, g.dtype)
    diagonal.reference(out, offset, dim1, dim2)[...] = g
    return out


@view_kernel
def unfold(x: Array, dim: int, size: int, step: int) -> Array:
    """A view of all windows of `size` elements, `step` apart, along `dim`; a window is the last dimension."""
    count = (x.shape[dim] - size) // step + 1
    shape = (*x.shape[:dim], count, *x.shape[dim + 1 :], size)
    strides = (*x.strides[:dim], x.strides[dim] * step, *x.strides[dim + 1 :], x.strides[dim])
    return namespace(x).lib.stride_tricks.as_strided(x, shape, strides)


@kernel
def unfold_grad(g: Array, shape: tuple[int, ...], dim: int, size: int, step: int) -> Array:
    """Zeros of `shape` with the windows `g` added at their positions: the gradient of `unfold`."""
    out = namespace(g).zeros(shape, g.dtype)
    for offset in range(size):
        key = (slice(None),) * dim + (slice(offset, offset + (g.shape[dim] - 1) * step + 1, step),)
        out[key] += g[..., offset]
    return out


@kernel
def flip(x: Array, dims: tuple[int, ...]) -> Array:
    """x with the order of the elements along `dims` reversed."""
    out = dense_like(x)
    out[...] = namespace(x).flip(x, dims)
    return out


@contiguous_kernel
def roll(x: Array, shifts: tuple[int, ...], dims: tuple[int, ...]) -> Array:
    """x shifted along each of `dims`; elements that leave at the end come back at the start."""
    return namespace(x).roll(x, shifts, dims)


@contiguous_kernel
def repeat(x: Array, repeats: tuple[int, ...]) -> Array:
    """x tiled ``repeats[i]`` times along dimension i; as many repeats as dimensions."""
    return namespace(x).tile(x, repeats)


@contiguous_kernel
def cat(dim: int, *tensors: Array) -> Array:
    """The arrays concatenated along the dimension `dim`. Vectors without elements are left out."""
    if any(x.shape == (0,) for x in tensors):
        tensors = tuple(x for x in tensors if x.shape != (0,)) or tensors[:1]
    return namespace(tensors[0]).concatenate(tensors, axis=dim)


@contiguous_kernel
def stack(dim: int, *tensors: Array) -> Array:
    """The arrays, all of one shape, concatenated along a new dimension `dim`."""
    xp, shape = namespace(tensors[0]), tensors[0].shape
    if dim == 0 and shape:  # without a view of each
        return xp.concatenate(tensors).reshape(len(tensors), *shape)
    return xp.stack(tensors, axis=dim)


@contiguous_kernel
def tril(x: Array, diagonal: int) -> Array:
    """The planes of the last two dimensions, zero above the diagonal."""
    return namespace(x).tril(x, diagonal)


@contiguous_kernel
def triu(x: Array, diagonal: int) -> Array:
    """The planes of the last two dimensions, zero below the diagonal."""
    return namespace(x).triu(x, diagonal)
