"""Tensors of random numbers, torch's for the same seed. They are drawn on the host and copied to other devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

import kernels
from minitorch import devices, dtypes, random
from minitorch.autograd.inplace import inplace
from minitorch.autograd.variable import Variable
from minitorch.functions.arguments import finish, numpy_dtype, shape_argument
from minitorch.functions.creation import empty, like
from minitorch.ops import elementwise as ops
from minitorch.random.generator import in_memory_order, memory_order

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def _new(
    shape: tuple[int, ...],
    dtype: Any,
    default: Any,
    device: Any,
    requires_grad: bool,
    draw: Callable[..., Any],
) -> Tensor:
    d = numpy_dtype(dtype, default)
    values = draw(shape, d)
    return finish(devices.put(values, d, devices.resolve(device)), requires_grad)


def rand(
    *shape: Any,
    size: Any = None,
    generator: Any = None,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Uniform numbers in [0, 1)."""
    return _new(
        shape_argument(shape, "rand()", size), dtype, None, device, requires_grad, random.of(generator, device).uniform
    )


def randn(
    *shape: Any,
    size: Any = None,
    generator: Any = None,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Standard normal numbers."""
    return _new(
        shape_argument(shape, "randn()", size), dtype, None, device, requires_grad, random.of(generator, device).normal
    )


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: Any = None,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Integers in [low, high), or with ``randint(high, size)`` in [0, high); int64 by default.

    Raises:
        RuntimeError: if the range is empty.
    """
    if size is None:
        low, high, size = 0, low, high
    if size is None:
        raise TypeError("randint(): missing 1 required argument: 'size'")
    draw = random.of(generator, device).integers
    return _new(
        shape_argument((size,), "randint()"),
        dtype,
        dtypes.int64,
        device,
        requires_grad,
        lambda s, d: draw(s, d, int(low), int(high)),
    )


def randperm(
    n: int,
    *,
    generator: Any = None,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """The integers below `n` in random order; int64 by default.

    Raises:
        RuntimeError: if `n` is negative, or more than the dtype can hold.
    """
    d = numpy_dtype(dtype, dtypes.int64)
    if d.kind in "iu" and n - 1 > np.iinfo(d).max:
        raise RuntimeError(f"n is too large for result tensor type: {n} numbers do not fit {dtypes.of(d)}")
    return finish(
        devices.put(random.of(generator, device).permutation(n).astype(d, copy=False), d, devices.resolve(device)),
        requires_grad,
    )


def rand_like(
    input: Tensor,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
    generator: Any = None,
) -> Tensor:
    """`rand` of the shape, and by default the dtype and device, of `input`."""
    return uniform_(_empty_like(input, dtype, device), generator=generator).requires_grad_(requires_grad)


def randn_like(
    input: Tensor,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
    generator: Any = None,
) -> Tensor:
    """`randn` of the shape, and by default the dtype and device, of `input`."""
    return normal_(_empty_like(input, dtype, device), generator=generator).requires_grad_(requires_grad)


def randint_like(
    input: Tensor,
    low: int,
    high: int | None = None,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
    generator: Any = None,
) -> Tensor:
    """`randint` of the shape, and by default the dtype and device, of `input`."""
    low, high = (0, low) if high is None else (low, high)
    return random_(_empty_like(input, dtype, device), low, high, generator=generator).requires_grad_(requires_grad)


def _empty_like(input: Tensor, dtype: Any, device: Any) -> Tensor:
    """A tensor in the memory order of `input`, as torch's ``*_like`` functions make it."""
    options = like(input, dtype, device)
    order = memory_order(input._array)
    memory = empty([input._array.shape[i] for i in order], **options)
    return finish(memory._array.transpose([order.index(i) for i in range(len(order))]))


def _fill(self: Tensor, draw: Callable[..., Any]) -> Tensor:
    """Write what `draw(shape, dtype)` gives into `self`, in the order of its memory."""
    inplace(ops.fill, self, 0)  # the rules of writing in place, and a gradient of 0 for what was there before
    target = in_memory_order(self._array)
    kernels.assign(target, devices.beside(self._array, draw(target.shape, self._array.dtype)))
    return self


def uniform_(self: Tensor, from_: float = 0, to: float = 1, *, generator: Any = None, **named: Any) -> Tensor:
    """Uniform numbers in [from, to)."""
    low = float(named.pop("from", from_))
    _nothing_else("uniform_", named)
    source = random.of(generator, self)
    return _fill(self, lambda shape, dtype: source.uniform(shape, dtype, low, float(to)))


def _nothing_else(name: str, named: dict[str, Any]) -> None:
    if named:
        raise TypeError(f"{name}() got an unexpected keyword argument '{next(iter(named))}'")


def normal_(self: Tensor, mean: float = 0, std: float = 1, *, generator: Any = None) -> Tensor:
    """Normal numbers of the given mean and standard deviation.

    Raises:
        RuntimeError: if `std` is negative.
    """
    source, contiguous = random.of(generator, self), bool(self._array.flags.c_contiguous)
    return _fill(self, lambda shape, dtype: source.normal(shape, dtype, float(mean), float(std), contiguous))


_MISSING: Any = object()


def random_(
    self: Tensor, from_: int | None = None, to: int | None = _MISSING, *, generator: Any = None, **named: Any
) -> Tensor:
    """Integers in [from, to), in [0, to), or of the whole non-negative range of the dtype."""
    low, source = named.pop("from", from_), random.of(generator, self)
    _nothing_else("random_", named)
    if low is None and to is _MISSING:
        return _fill(self, source.full_range)
    if to is _MISSING:
        low, to = 0, low
    return _fill(self, lambda shape, dtype: source.integers(shape, dtype, int(low or 0), to))


def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Any = None) -> Tensor:
    """1 with probability `p`, a number or a tensor of probabilities, else 0."""
    source = random.of(generator, self)
    if not isinstance(p, Variable):
        return _fill(self, lambda shape, dtype: source.bernoulli(shape, dtype, float(p)))
    if str(source.device) != "cpu":
        with kernels.on_device_of(self._array):
            there = kernels.namespace(self._array).broadcast_to(p._array, self._array.shape)
        order = memory_order(self._array)
        return _fill(self, lambda shape, dtype: source.bernoulli(shape, dtype, there.transpose(order)))
    host = np.broadcast_to(devices.to_host(p._array), self._array.shape)
    return _fill(self, lambda shape, dtype: source.bernoulli(shape, dtype, host.transpose(memory_order(self._array))))


def exponential_(self: Tensor, lambd: float = 1, *, generator: Any = None) -> Tensor:
    """Numbers of the exponential distribution with rate `lambd`."""
    source = random.of(generator, self)
    return _fill(self, lambda shape, dtype: source.exponential(shape, dtype, float(lambd)))


def geometric_(self: Tensor, p: float, *, generator: Any = None) -> Tensor:
    """Numbers of the geometric distribution: the first success of trials with probability `p`."""
    source = random.of(generator, self)
    return _fill(self, lambda shape, dtype: source.geometric(shape, dtype, float(p)))


def cauchy_(self: Tensor, median: float = 0, sigma: float = 1, *, generator: Any = None) -> Tensor:
    """Numbers of the Cauchy distribution."""
    source = random.of(generator, self)
    return _fill(self, lambda shape, dtype: source.cauchy(shape, dtype, float(median), float(sigma)))


def log_normal_(self: Tensor, mean: float = 1, std: float = 2, *, generator: Any = None) -> Tensor:
    """Numbers whose logarithm is normal with the given mean and standard deviation."""
    source = random.of(generator, self)
    return _fill(self, lambda shape, dtype: source.log_normal(shape, dtype, float(mean), float(std)))


def bernoulli(input: Tensor, p: Any = None, *, generator: Any = None) -> Tensor:
    """1 with the probabilities that `input` holds (or with probability `p`), else 0."""
    out = empty(input.shape, **like(input, None, None))
    return bernoulli_(out, input.detach() if p is None else p, generator=generator)


def normal(
    mean: Any,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Any = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normal numbers: of the shape of `mean` and `std` where one is a tensor, else of shape `size`."""
    if not isinstance(mean, Variable) and not isinstance(std, Variable):
        if size is None:
            raise TypeError("normal(): with numbers for mean and std, the argument 'size' is required")
        return normal_(empty(size, dtype=dtype, device=device), mean, std, generator=generator).requires_grad_(
            requires_grad
        )
    if isinstance(std, Variable):
        with kernels.on_device_of(std._array):
            wrong = std._array.dtype.kind != "f" or bool((std._array < 0).any())
        if wrong:
            raise RuntimeError("normal expects all elements of std >= 0.0")
        like = mean if isinstance(mean, Variable) else std
        shape = np.broadcast_shapes(like._array.shape, std._array.shape)
        out = normal_(empty(shape, dtype=like.dtype, device=like.device), generator=generator)
        return ops.add(ops.mul(out, std.detach()), mean.detach() if isinstance(mean, Variable) else mean)
    out = normal_(empty(mean.shape, dtype=mean.dtype, device=mean.device), 0, std, generator=generator)
    return ops.add(out, mean.detach())


def multinomial(input: Tensor, num_samples: int, replacement: bool = False, *, generator: Any = None) -> Tensor:
    """Indices (int64) drawn with the weights in each row of `input`.

    Raises:
        RuntimeError: for weights that are no weights, or more samples than there are without replacement.
    """
    source = random.of(generator, input)
    weights = devices.to_host(input._array) if str(source.device) == "cpu" else input._array
    picks = source.multinomial(weights, num_samples, replacement)
    return finish(devices.put(picks, picks.dtype, input.device))
