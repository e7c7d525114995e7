"""Random tensors: the same numbers as torch's for the same seed, drawn on the host and copied to other devices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack, overload

import numpy as np

import kernels
from minitorch import devices, dtypes, random
from minitorch.autograd.graph import Variable
from minitorch.autograd.inplace import inplace, writable
from minitorch.autograd.op import Op
from minitorch.functions.arguments import integer, new_leaf, new_shape, number_argument
from minitorch.functions.broadcasting import broadcast_shapes
from minitorch.functions.creation import empty
from minitorch.functions.options import LikeOptions, Placement, TensorOptions, placement
from minitorch.functions.overlap import refuse_overlap
from minitorch.functions.public import public
from minitorch.ops import elementwise as ops
from minitorch.ops.constant_gradient import constant
from minitorch.ops.shape import row_major
from minitorch.random import Generator
from minitorch.random.generator import in_memory_order, memory_order

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


def _drawn(shape: tuple[int, ...], where: Placement, draw: Callable[..., Any]) -> Tensor:
    """A tensor on the array that ``draw(shape, dtype)`` returns."""
    with np.errstate(all="ignore"):
        drawn = draw(shape, where.dtype)
    return new_leaf(devices.put(drawn, where.dtype, where.device), where.requires_grad)


@public("function out", varargs="size")
def rand(size: Sequence[int], *, generator: Generator | None = None, **options: Unpack[TensorOptions]) -> Tensor:
    """Uniform numbers in [0, 1), of shape `size`."""
    where = placement("rand", options)
    return _drawn(new_shape(size, "rand"), where, random.of(generator, options.get("device")).uniform)


@public("function out", varargs="size")
def randn(size: Sequence[int], *, generator: Generator | None = None, **options: Unpack[TensorOptions]) -> Tensor:
    """Standard normal numbers, of shape `size`."""
    where = placement("randn", options)
    return _drawn(new_shape(size, "randn"), where, random.of(generator, options.get("device")).normal)


@overload
def randint(
    high: int, size: Sequence[int], *, generator: Generator | None = None, **options: Unpack[TensorOptions]
) -> Tensor: ...
@overload
def randint(
    low: int, high: int, size: Sequence[int], *, generator: Generator | None = None, **options: Unpack[TensorOptions]
) -> Tensor: ...
@public("function out")  # type: ignore[misc]  # `high` is first if there is no `low`
def randint(
    low: Any = None,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    **options: Unpack[TensorOptions],
) -> Tensor:
    """Integers in [low, high), or with ``randint(high, size)`` in [0, high), of shape `size`; int64 by default.

    Raises:
        RuntimeError: if the range is empty.
        TypeError: if `high` or `size` is missing.
    """
    if size is None and isinstance(high, Sequence):
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    for argument, value in (("high", high), ("size", size)):
        if value is None:
            raise TypeError(f"randint(): missing 1 required argument: '{argument}'")
    where, source = placement("randint", options, default=dtypes.int64), random.of(generator, options.get("device"))
    first, end = integer(low or 0, "randint", "low"), integer(high, "randint", "high")
    return _drawn(new_shape(size, "randint"), where, lambda shape, dtype: source.integers(shape, dtype, first, end))


@public("function out")
def randperm(n: int, *, generator: Generator | None = None, **options: Unpack[TensorOptions]) -> Tensor:
    """The integers below `n` in random order; int64 by default.

    Raises:
        RuntimeError: if `n` is negative, or too large for the dtype.
    """
    n = integer(n, "randperm", "n")
    where = placement("randperm", options, default=dtypes.int64)
    if where.dtype.kind == "b":
        raise NotImplementedError('"randperm" not implemented for torch.bool: use an integer dtype')
    if where.dtype.kind in "iu" and n - 1 > np.iinfo(where.dtype).max:
        raise RuntimeError(f"n is too large for result tensor type: {n} numbers do not fit {dtypes.of(where.dtype)}")
    source = random.of(generator, options.get("device"))
    return _drawn((n,), where, lambda shape, dtype: source.permutation(n).astype(dtype, copy=False))


@public("function")
def rand_like(input: Tensor, *, generator: Generator | None = None, **options: Unpack[LikeOptions]) -> Tensor:
    """`rand` of the shape, and by default the dtype and device, of `input`."""
    return _like("rand_like", input, options, lambda t: uniform_(t, generator=generator))


@public("function")
def randn_like(input: Tensor, *, generator: Generator | None = None, **options: Unpack[LikeOptions]) -> Tensor:
    """`randn` of the shape, and by default the dtype and device, of `input`."""
    return _like("randn_like", input, options, lambda t: normal_(t, generator=generator))


@overload
def randint_like(
    input: Tensor, high: int, *, generator: Generator | None = None, **options: Unpack[LikeOptions]
) -> Tensor: ...
@overload
def randint_like(
    input: Tensor, low: int, high: int, *, generator: Generator | None = None, **options: Unpack[LikeOptions]
) -> Tensor: ...
@public("function")  # type: ignore[misc]  # `high` is first if there is no `low`
def randint_like(
    input: Tensor,
    low: int | None = None,
    high: int | None = None,
    *,
    generator: Generator | None = None,
    **options: Unpack[LikeOptions],
) -> Tensor:
    """`randint` of the shape, and by default the dtype and device, of `input`."""
    if high is None:
        low, high = 0, low
    return _like("randint_like", input, options, lambda t: random_(t, low or 0, high, generator=generator))


def _like(name: str, input: Tensor, options: Mapping[str, Any], fill: Callable[[Tensor], Tensor]) -> Tensor:
    """A tensor like `input`, in the memory order of `input`, that `fill` fills."""
    where = placement(name, options, input)
    order = memory_order(input._array)
    backend = where.device.backend
    with backend.on(where.device.index):
        memory = backend.xp.empty([input._array.shape[i] for i in order], dtype=where.dtype)
    t = new_leaf(memory.transpose([order.index(i) for i in range(len(order))]))
    return fill(t).requires_grad_(where.requires_grad)


def _fill(self: Tensor, draw: Callable[..., Any], cleared: Op = ops.fill, operand: Any = 0) -> Tensor:
    """Write the array ``draw(shape, dtype)`` into `self`, in the order of the memory of `self`.

    In the graph, `self` becomes ``cleared(self, operand)``, through which the old elements get the gradient 0.
    """
    writable(self, self, operand)
    target = in_memory_order(self._array)
    with np.errstate(all="ignore"):
        drawn = draw(target.shape, self._array.dtype)  # may raise, before anything is written
    inplace(cleared, self, operand)
    kernels.assign(target, devices.beside(self._array, drawn))
    return self


@public("method")
def uniform_(
    self: Tensor, from_: float = 0, to: float = 1, *, generator: Generator | None = None, **named: Any
) -> Tensor:
    """Uniform numbers in [from, to)."""
    low = float(named.pop("from", from_))
    _nothing_else("uniform_", named)
    source = random.of(generator, self)
    return _fill(self, lambda shape, dtype: source.uniform(shape, dtype, low, float(to)))


def _nothing_else(name: str, named: dict[str, Any]) -> None:
    if named:
        raise TypeError(f"{name}() got an unexpected keyword argument '{next(iter(named))}'")


@public("method")
def normal_(self: Tensor, mean: float = 0, std: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Normal numbers of the given mean and standard deviation.

    Raises:
        RuntimeError: if `std` is negative.
    """
    source, contiguous = random.of(generator, self), bool(self._array.flags.c_contiguous)
    return _fill(self, lambda shape, dtype: source.normal(shape, dtype, float(mean), float(std), contiguous))


_MISSING: Any = object()


@public("method")
def random_(
    self: Tensor,
    from_: int | None = None,
    to: int | None = _MISSING,
    *,
    generator: Generator | None = None,
    **named: Any,
) -> Tensor:
    """Integers in [from, to), in [0, to), or of the whole non-negative range of the dtype."""
    low, source = named.pop("from", from_), random.of(generator, self)
    _nothing_else("random_", named)
    if low is None and to is _MISSING:
        return _fill(self, source.full_range)
    if to is _MISSING:
        low, to = 0, low
    return _fill(self, lambda shape, dtype: source.integers(shape, dtype, int(low or 0), to))


@public("method")
def bernoulli_(self: Tensor, p: float | Tensor = 0.5, *, generator: Generator | None = None) -> Tensor:
    """1 with probability `p`, a number or a tensor of probabilities, whose gradient is 0; else 0."""
    source = random.of(generator, self)
    refuse_overlap("bernoulli", self, (p,))
    if not isinstance(p, Variable):
        return _fill(self, lambda shape, dtype: source.bernoulli(shape, dtype, float(p)))
    if str(source.device) != "cpu":
        with kernels.on_device_of(self._array):
            there = kernels.namespace(self._array).broadcast_to(_probabilities(self, p), self._array.shape)
        order = memory_order(self._array)
        return _fill(
            self, lambda shape, dtype: source.bernoulli(shape, dtype, there.transpose(order)), ops.bernoulli, p
        )
    host = np.broadcast_to(devices.to_host(_probabilities(self, p)), self._array.shape)
    order = memory_order(self._array)
    return _fill(self, lambda shape, dtype: source.bernoulli(shape, dtype, host.transpose(order)), ops.bernoulli, p)


def _probabilities(self: Tensor, p: Tensor) -> Any:
    """The array of `p`; raises if it does not expand to the shape of `self`."""
    own, given = self._array.shape, p._array.shape
    if len(given) > len(own) or any(n not in (1, m) for n, m in zip(given[::-1], own[::-1], strict=False)):
        raise RuntimeError(
            f"The expanded size of the tensor {list(own)} must match the existing size {list(given)} of p"
        )
    return p._array


@public("method")
def exponential_(self: Tensor, lambd: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Numbers of the exponential distribution with rate `lambd`."""
    source = random.of(generator, self)
    return _fill(self, lambda shape, dtype: source.exponential(shape, dtype, float(lambd)))


@public("method")
def geometric_(self: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """Numbers of the geometric distribution: the first success of trials with probability `p`."""
    source = random.of(generator, self)
    return _fill(self, lambda shape, dtype: source.geometric(shape, dtype, float(p)))


@public("method")
def cauchy_(self: Tensor, median: float = 0, sigma: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Numbers of the Cauchy distribution."""
    source = random.of(generator, self)
    return _fill(self, lambda shape, dtype: source.cauchy(shape, dtype, float(median), float(sigma)))


@public("method")
def log_normal_(self: Tensor, mean: float = 1, std: float = 2, *, generator: Generator | None = None) -> Tensor:
    """Numbers whose logarithm is normal with the given mean and standard deviation."""
    source = random.of(generator, self)
    return _fill(self, lambda shape, dtype: source.log_normal(shape, dtype, float(mean), float(std)))


@public("function method out")
def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None) -> Tensor:
    """1 with the probabilities in `input`, or with probability `p`, else 0; in the shape and dtype of `input`.

    The gradient of the probabilities is 0.
    """
    out = empty(input._array.shape, dtype=input.dtype, device=input.device)  # row-major, whatever `input` is
    if p is not None:
        return bernoulli_(out, float(p), generator=generator)
    return constant(bernoulli_(out, input.detach(), generator=generator), input)


@public("function out")
def normal(
    mean: Tensor | float,
    std: Tensor | float = 1.0,
    size: Sequence[int] | None = None,
    *,
    generator: Generator | None = None,
    **options: Unpack[TensorOptions],
) -> Tensor:
    """Normal numbers: of shape `size` if it is given, else of the shape to which `mean` and `std` broadcast.

    Without `size`, the dtype is that of `mean`, or of `std` if `mean` is a number; the gradients of both are 0.

    Raises:
        RuntimeError: if an element of `std` is negative or NaN.
        TypeError: if `size` is given with a `mean` or `std` that is no number; or is not given, and both are numbers.
        NotImplementedError: if the dtype is an integer one.
    """
    if size is not None:
        number_argument(mean, "normal", 1, "mean", "float")
        number_argument(std, "normal", 2, "std", "float")
        requires_grad = options.pop("requires_grad", False)
        drawn = normal_(empty(size, **options), float(mean), float(std), generator=generator)
        return drawn.requires_grad_(requires_grad)
    if not isinstance(mean, Variable) and not isinstance(std, Variable):
        raise TypeError("normal(): with numbers for mean and std, the argument 'size' is required")
    like: Any = mean if isinstance(mean, Variable) else std
    center = mean.detach() if isinstance(mean, Variable) else mean
    if isinstance(std, Variable):
        with kernels.on_device_of(std._array):
            wrong = not (std._array >= 0).all()
        if wrong:
            raise RuntimeError("normal expects all elements of std >= 0.0")
        shape = broadcast_shapes(like._array.shape, std._array.shape)
        out = normal_(empty(shape, dtype=like.dtype, device=like.device), generator=generator)
        return constant(out.mul_(std.detach()).add_(center), mean, std)
    out = normal_(empty(like._array.shape, dtype=like.dtype, device=like.device), 0, std, generator=generator)
    return constant(out.add_(center), mean)


@public("function method out")
def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Indices (int64) drawn with the weights in each row of `input`.

    Raises:
        RuntimeError: for invalid weights, or if there are not enough weights for drawing without replacement.
    """
    num_samples = integer(num_samples, "multinomial", "num_samples")
    source = random.of(generator, input)
    weights = devices.to_host(input._array) if str(source.device) == "cpu" else input._array
    picks = source.multinomial(weights, num_samples, replacement)
    return row_major(new_leaf(devices.put(picks, picks.dtype, input.device)))
