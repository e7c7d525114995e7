"""Shape ops. Shapes, dimensions and keys are already normalized: non-negative, complete."""

from __future__ import annotations

from typing import Any

import kernels
from kernels.memory_order import in_order, memory_order
from minitorch.autograd.basic import (
    alias as alias,
    clone as clone,
    contiguous as contiguous,
    expand as expand,
    sum_to as sum_to,
    zeros_like,
)
from minitorch.autograd.op import Op


def inverse(dims: tuple[int, ...]) -> tuple[int, ...]:
    """The permutation that undoes `dims`."""
    return tuple(dims.index(i) for i in range(len(dims)))


def _split(g: Any, dim: int, shapes: tuple[tuple[int, ...], ...]) -> list[Any]:
    """`g` split along `dim` into the parts of arrays of these shapes.

    As in torch, the gradient of a vector without elements is zeros that are not recorded.
    """
    parts, start = [], 0
    for shape in shapes:
        if shape == (0,):
            parts.append(zeros_like(reshape(select(g, (slice(None),) * dim + (slice(0, 0),)), shape)))
            continue
        parts.append(select(g, (slice(None),) * dim + (slice(start, start + shape[dim]),)))
        start += shape[dim]
    return parts


def _repeat_grad(g: Any, shape: tuple[int, ...], repeats: tuple[int, ...]) -> Any:
    """The sum of the tiles of `shape` in `g`; zeros, which do not depend on `g`, if there are none."""
    if 0 in repeats:
        return zeros_like(expand(sum_to(g, ()), shape))
    if all(n == 1 for n in repeats):
        return clone(g) if shape[:1] == (1,) else g  # torch sums over new dimensions, also if they repeat nothing
    apart = reshape(g, tuple(size for pair in zip(repeats, shape, strict=True) for size in pair))
    return reshape(sum_to(apart, tuple(size for n in shape for size in (1, n))), shape)


def _select_gradient(g: Any, shape: tuple[int, ...], key: tuple[Any, ...]) -> Any:
    """`g` among zeros. For ``x[...]``, ``x[None]`` and ``x[:, :]``, but not for ``x[:]``, torch's is `g` itself, which
    may be expanded.
    """
    everything = key != (slice(None),) and all(k is None or k is Ellipsis or k == slice(None) for k in key)
    return reshape(g, shape) if everything else select_grad(g, shape, key)


def _squeeze_grad(g: Any, shape: tuple[int, ...]) -> Any:
    """`g` in this shape, `g` itself if it has it: the gradient of `squeeze`."""
    return g if g.shape == shape else reshape(g, shape)


def row_major(x: Any) -> Any:
    """The new result `x` copied to row-major order if necessary, as in torch."""
    if not x._array.flags.c_contiguous:
        with kernels.on_device_of(x._array):
            x._array = kernels.contiguous(x._array)
    return x


def ordered_like(x: Any, like: Any) -> Any:
    """The new result `x` with the memory order of the dimensions of `like`, as in torch."""
    with kernels.on_device_of(x._array):
        x._array = in_order(x._array, memory_order(like._array))
    return x


def reshape_result(x: Any, shape: tuple[int, ...]) -> Any:
    """The new result `x` in another shape. It does not count as a view: torch computes it in that shape."""
    if x._array.shape == shape:
        return x
    x = reshape(x, shape)
    x._view = None
    return x


reshape = Op(kernels.reshape, view=True, name="view", x=lambda g, x_shape: reshape(g, x_shape))
permute = Op(kernels.permute, view=True, x=lambda g, dims: permute(g, inverse(dims)))
squeeze = Op(kernels.squeeze, view=True, x=lambda g, x_shape: _squeeze_grad(g, x_shape))
unsqueeze = Op(kernels.unsqueeze, view=True, x=lambda g, x_shape: reshape(g, x_shape))
select = Op(kernels.select, view=True, name="slice", x=lambda g, x_shape, key: _select_gradient(g, x_shape, key))
select_grad = Op(kernels.select_grad, name="slice_backward", g=lambda g, key: select(g, key))
diagonal = Op(
    kernels.diagonal,
    view=True,
    x=lambda g, x_shape, offset, dim1, dim2: diagonal_grad(g, x_shape, offset, dim1, dim2),
)
diagonal_grad = Op(
    kernels.diagonal_grad, name="diagonal_backward", g=lambda g, offset, dim1, dim2: diagonal(g, offset, dim1, dim2)
)
unfold = Op(kernels.unfold, view=True, x=lambda g, x_shape, dim, size, step: unfold_grad(g, x_shape, dim, size, step))
unfold_grad = Op(kernels.unfold_grad, name="unfold_backward", g=lambda g, dim, size, step: unfold(g, dim, size, step))
flip = Op(kernels.flip, x=lambda g, dims: flip(g, dims))
roll = Op(kernels.roll, x=lambda g, shifts, dims: roll(g, tuple(-s for s in shifts), dims))
repeat = Op(kernels.repeat, x=lambda g, x_shape, repeats: _repeat_grad(g, x_shape, repeats))
cat = Op(kernels.cat, joint=(("tensors",), lambda g, dim, tensors_shape: _split(g, dim, tensors_shape)))
stack = Op(
    kernels.stack,
    joint=(
        ("tensors",),
        lambda g, dim, tensors_shape: [select(g, (slice(None),) * dim + (i,)) for i in range(len(tensors_shape))],
    ),
)
tril = Op(kernels.tril, x=lambda g, diagonal: tril(g, diagonal))
triu = Op(kernels.triu, x=lambda g, diagonal: triu(g, diagonal))
