"""Normalization on CuPy: a block of threads for each group of numbers, or several where there are few large groups."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from kernels import normalization as reference
from kernels.backend import Array, namespace
from kernels.cuda.launch import CHUNK, MAX_THREADS, Template, address, contiguous
from kernels.half_precision import DOUBLE, SINGLE, wide

standardize = Template("normalization.cu", "standardize")
standardize_grad = Template("normalization.cu", "standardize_grad")
standardize_row, standardize_row_grad = (
    Template("normalization.cu", f"standardize_row{of}", (SINGLE, DOUBLE)) for of in ("", "_grad")
)
part_moments, standardize_part = (Template("normalization.cu", name) for name in ("part_moments", "standardize_part"))
part_gradient_sums = Template("normalization.cu", "part_gradient_sums")
standardize_grad_part = Template("normalization.cu", "standardize_grad_part")
BLOCKS = 264
"""Blocks among which groups are divided where there are few: two for each multiprocessor of an H100."""
PART = 1024
"""The least number of elements of a part."""
HELD = 4
"""Chunks of a group that a thread holds, as in `normalization.cu`."""
scale_by_rms = Template("normalization.cu", "scale_by_rms")
update_running = Template("normalization.cu", "update_running")


@reference.standardize.on("cupy", when=lambda x, dims, eps: standardize.takes(x) and _side_by_side(x.shape, dims))
def standardize_cupy(x: Array, dims: tuple[int, ...], eps: float) -> tuple[Array, Array, Array, Array]:
    """`standardize` in one launch, or two."""
    return _standardized(contiguous(x), dims, eps, None, None, None, (1, 1))


def _standardized(
    x: Array,
    dims: tuple[int, ...],
    eps: float,
    weight: Array | None,
    bias: Array | None,
    result: Array | None,
    channels: tuple[int, int],
) -> tuple[Array, Array, Array, Array]:
    """`standardize`; with `result`, which is filled with its first result times `weight` plus `bias`."""
    xp = namespace(x)
    groups, count, inner = _groups(x.shape, dims)
    kept = tuple(1 if d in dims else n for d, n in enumerate(x.shape))
    out = xp.empty(x.shape, x.dtype)
    scale, mean, var = (xp.empty(kept, wide(x.dtype)) for _ in range(3))
    parts, results = _parts(groups, count), (out, scale, mean, var)
    arrays = *results, weight, bias, result
    if parts == 1 and (chunks := _held(count, inner, x)):
        threads = -(-chunks // HELD)
        standardize_row.rows(x, groups, threads, x, *arrays, chunks, *channels, np.float64(eps))
        return results
    if parts == 1:
        standardize.rows(x, groups, count, x, *arrays, count, inner, *channels, np.float64(eps))
        return results
    moments, size = xp.empty(2 * groups * parts, "float64"), -(-count // parts)
    sizes = groups, count, inner, parts, size
    part_moments.rows(x, groups * parts, size, x, moments, *sizes)
    standardize_part.rows(x, groups * parts, size, x, moments, *arrays, *sizes, *channels, np.float64(eps))
    return results


def _takes_gradient(g: Array, out: Array, scale: Array, dims: tuple[int, ...]) -> bool:
    return standardize_grad.takes(g, out) and scale.dtype == wide(g.dtype) and _side_by_side(g.shape, dims)


@reference.standardize_grad.on("cupy", when=_takes_gradient)
def standardize_grad_cupy(g: Array, out: Array, scale: Array, dims: tuple[int, ...]) -> Array:
    """`standardize_grad` in one launch, or two."""
    return _gradient(contiguous(g), out, scale, dims, None, (1, 1))


def _gradient(
    g: Array, out: Array, scale: Array, dims: tuple[int, ...], weight: Array | None, channels: tuple[int, int]
) -> Array:
    """`standardize_grad` of g times `weight`."""
    groups, count, inner = _groups(g.shape, dims)
    x_grad = namespace(g).empty(g.shape, g.dtype)
    out, scale, parts = contiguous(out), contiguous(scale), _parts(groups, count)
    if parts == 1 and (chunks := _held(count, inner, g, out)):
        threads = -(-chunks // HELD)
        standardize_row_grad.rows(g, groups, threads, g, out, scale, weight, x_grad, chunks, *channels)
        return x_grad
    if parts == 1:
        standardize_grad.rows(g, groups, count, g, out, scale, weight, x_grad, count, inner, *channels)
        return x_grad
    sums, size = namespace(g).empty(2 * groups * parts, "float64"), -(-count // parts)
    sizes = groups, count, inner, parts, size, *channels
    part_gradient_sums.rows(g, groups * parts, size, g, out, sums, weight, *sizes)
    standardize_grad_part.rows(g, groups * parts, size, g, out, sums, scale, weight, x_grad, *sizes)
    return x_grad


def _takes_parameters(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    shape: tuple[int, ...],
    dims: tuple[int, ...],
    spread: tuple[int, ...],
    eps: float,
) -> bool:
    few = prod(shape[d] for d in dims) <= reference.FEW
    return (
        not (weight is None and bias is None)
        and standardize.takes(x, weight, bias)
        and x.dtype == ("float64" if few else wide(x.dtype))
        and _side_by_side(shape, dims)
        and _channels(x.shape, spread) is not None
    )


@reference.normalize.on("cupy", when=_takes_parameters)
def normalize_cupy(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    shape: tuple[int, ...],
    dims: tuple[int, ...],
    spread: tuple[int, ...],
    eps: float,
) -> tuple[Array, Array, Array, Array, Array]:
    """`normalize` with parameters, in the launch, or the two, that standardize."""
    channels = _channels(x.shape, spread)
    assert channels is not None
    result = namespace(x).empty(x.shape, x.dtype)
    weight, bias = (None if a is None else contiguous(a) for a in (weight, bias))
    return result, *_standardized(contiguous(x).reshape(shape), dims, eps, weight, bias, result, channels)


def _takes_weight(
    g: Array, y: Array, scale: Array, weight: Array | None, dims: tuple[int, ...], spread: tuple[int, ...]
) -> bool:
    return (
        weight is not None
        and g.dtype == weight.dtype == wide(g.dtype)
        and g.size == y.size
        and _takes_gradient(g.reshape(y.shape), y, scale, dims)
        and _channels(g.shape, spread) is not None
    )


@reference.normalize_grad.on("cupy", when=_takes_weight)
def normalize_grad_cupy(
    g: Array, y: Array, scale: Array, weight: Array | None, dims: tuple[int, ...], spread: tuple[int, ...]
) -> Array:
    """`normalize_grad` with a weight, in one launch, or two."""
    channels = _channels(g.shape, spread)
    assert channels is not None
    h = contiguous(g).reshape(y.shape)
    return _gradient(h, y, scale, dims, contiguous(weight), channels).reshape(g.shape)


@reference.scale_by_rms.on("cupy", when=lambda x, dims, eps: scale_by_rms.takes(x) and _side_by_side(x.shape, dims))
def scale_by_rms_cupy(x: Array, dims: tuple[int, ...], eps: float) -> Array:
    """`scale_by_rms` in one launch."""
    groups, count, inner = _groups(x.shape, dims)
    out = namespace(x).empty(x.shape, x.dtype)
    scale_by_rms.rows(x, groups, count, contiguous(x), out, count, inner, np.float64(eps))
    return out


def _takes_statistics(mean: Array, var: Array, batch_mean: Array, batch_var: Array, momentum: Any, *_: Any) -> bool:
    kept, new = (mean, var), (batch_mean, batch_var)
    return (
        update_running.takes(*kept)
        and all(a.dtype == wide(mean.dtype) for a in new)
        and all(a.flags.c_contiguous for a in (*kept, *new))
        and (isinstance(momentum, int | float) or momentum.dtype == "float64")
    )


@reference.update_running.on("cupy", when=_takes_statistics)
def update_running_cupy(
    running_mean: Array, running_var: Array, mean: Array, var: Array, momentum: float | Array, factor: float
) -> None:
    """`update_running` in one launch."""
    in_memory, number = (None, momentum) if isinstance(momentum, int | float) else (momentum, 0.0)
    numbers = in_memory, np.float64(number), np.float64(factor)
    update_running.each(running_mean, running_mean.size, running_mean, running_var, mean, var, *numbers)


def _held(count: int, inner: int, *arrays: Array) -> int:
    """How many chunks a group has, if it is a run of memory that a block can hold in registers; else 0."""
    chunks, rest = divmod(count * arrays[0].dtype.itemsize, CHUNK)
    if inner != count or rest or chunks > HELD * MAX_THREADS or not standardize_row.takes(*arrays):
        return 0
    return chunks if all(address(a) % CHUNK == 0 for a in arrays) else 0


def _parts(groups: int, count: int) -> int:
    """How many parts a group is divided into. No part is empty."""
    parts = max(1, min(BLOCKS // groups, count // PART))
    return -(-count // -(-count // parts))


def _side_by_side(shape: tuple[int, ...], dims: tuple[int, ...]) -> bool:
    """Whether there are elements, and the dimensions that are not normalized over follow each other without a gap."""
    left = [d for d in range(len(shape)) if d not in dims]
    return prod(shape) > 0 and (not left or left[-1] - left[0] == len(left) - 1)


def _groups(shape: tuple[int, ...], dims: tuple[int, ...]) -> tuple[int, int, int]:
    """How many groups, how many elements in each, and how many of those in a run of memory."""
    left = [d for d in range(len(shape)) if d not in dims]
    if not left:
        return 1, prod(shape), prod(shape)
    inner = prod(shape[left[-1] + 1 :])
    return prod(shape[left[0] : left[-1] + 1]), prod(shape[: left[0]]) * inner, inner


@lru_cache(4096)
def _channels(shape: tuple[int, ...], spread: tuple[int, ...]) -> tuple[int, int] | None:
    """How many elements in a run of memory have one parameter, and how many parameters there are.

    None if the parameters, of the shape `spread`, do not follow each other in one run of the dimensions of `shape`.
    """
    aligned = (1,) * (len(shape) - len(spread)) + spread
    several = [d for d, n in enumerate(aligned) if n != 1]
    if not several:
        return max(1, prod(shape)), 1
    first, last = several[0], several[-1] + 1
    if aligned[first:last] != shape[first:last]:
        return None
    return prod(shape[last:]), prod(shape[first:last])
