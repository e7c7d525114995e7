"""torch's random numbers on the CPU: the same seed gives the same numbers.

A `Generator` converts the 32-bit words of its engine to numbers in the same way as torch, in new NumPy arrays. The
numbers are equal to torch's on an x86 processor with AVX2 (see `rounding`), with one exception: on Intel's processors
torch may draw `bernoulli` with a single probability (so dropout too) and `exponential` by a generator of Intel's.

Torch fills a tensor in the order of its memory. All methods draw in C order, so a transposed target is filled with::

    view = in_memory_order(target)
    view[...] = generator.uniform(view.shape, view.dtype, 0.0, 1.0)

and if torch draws into `empty_like(x)`, as for dropout, the target is ``dense_like(x)``.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from kernels import backend_names
from kernels.memory_order import dense_like as dense_like, memory_order as memory_order
from minitorch.random.mersenne_twister import MersenneTwister
from minitorch.random.result_dtypes import (
    cast,
    computed_in,
    continuous,
    floating,
    inside,
    integer_range,
    libm_for,
    precision,
)
from minitorch.random.rounding import Array, box_muller_, fused_multiply_add, libm

Shape = tuple[int, ...]

_LARGEST_PERMUTATION = (2**32 - 1) // 20  # for more numbers torch uses another algorithm


class Generator(MersenneTwister):
    """A stream of random numbers; only one thread at a time draws from it.

    The first arguments of the methods that draw are the shape and dtype of the result. For bad arguments they raise
    the errors of torch's methods (`uniform_`, `normal_`, `random_`, `bernoulli_`, `exponential_`, `geometric_`,
    `cauchy_`, `log_normal_`): RuntimeError, and NotImplementedError for a dtype. For an empty shape they draw nothing.

    Args:
        device: the name of the backend of the tensors that are drawn. The numbers are always drawn on the host.

    Raises:
        RuntimeError: if there is no backend of that name.
    """

    def __init__(self, device: Any = "cpu") -> None:
        if str(device).partition(":")[0] not in backend_names():
            raise RuntimeError(f"Expected one of {', '.join(backend_names())} device type, but got: {device}")
        self.device = device
        super().__init__()

    def clone_state(self) -> Generator:
        """A new generator that continues from the same state."""
        return _restore(type(self), self.device, Generator.get_state(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.device, Generator.get_state(self))

    def uniform(self, shape: Shape, dtype: DTypeLike, low: float = 0.0, high: float = 1.0) -> Array:
        """Uniform numbers in [low, high): ``u (high - low) + low``, rounded once."""
        dtype = floating(dtype, "check_uniform_bounds")
        largest = float(np.finfo(dtype).max)
        for name, bound in (("from", low), ("to", high)):
            if not abs(bound) <= largest:
                raise RuntimeError(f"{name} is out of bounds for {dtype}: {bound}")
        if low > high:
            raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
        if high - low > largest:
            raise RuntimeError(
                f"uniform_ expects to-from <= std::numeric_limits<{dtype}>::max(), but found to={high:g} and "
                f"from={low:g} which result in to-from to exceed the limit"
            )
        compute = computed_in(dtype)
        values = self._unit(shape, compute)
        start, end = compute.type(low), compute.type(high)
        if start != 0 or end != 1:
            values = fused_multiply_add(values, float(end - start), float(start))
        values = cast(values, dtype)
        values[values == dtype.type(high)] = dtype.type(low)  # if rounding reached the excluded end
        return values.reshape(shape)

    def normal(
        self, shape: Shape, dtype: DTypeLike, mean: float = 0.0, std: float = 1.0, contiguous: bool = True
    ) -> Array:
        """Normal numbers of the given mean and standard deviation.

        Args:
            shape: of the result.
            dtype: a floating-point dtype.
            mean: the mean.
            std: the standard deviation, at least 0.
            contiguous: whether the tensor that torch would fill is contiguous. If it is and has at least 16 elements,
                torch fills it in blocks. Otherwise torch draws one number at a time in float64, and keeps the second
                number of a pair for the next such draw.
        """
        size = math.prod(shape)
        dtype = floating(dtype, "normal_kernel_cpu") if size else np.dtype(dtype)
        if not std >= 0:
            raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
        if not size:
            return np.empty(shape, dtype)
        in_blocks = contiguous and size >= 16
        compute = computed_in(dtype) if in_blocks else np.dtype(np.float64)
        with self.lock:
            values = self._normal_blocks(size, dtype) if in_blocks else self._normal_pairs(size)
        if mean != 0 or std != 1:
            values = fused_multiply_add(values, float(compute.type(std)), float(compute.type(mean)))
        return cast(values, dtype).reshape(shape)

    def log_normal(self, shape: Shape, dtype: DTypeLike, mean: float = 1.0, std: float = 2.0) -> Array:
        """The exponential of normal numbers of the given mean and standard deviation, drawn one at a time."""
        dtype = floating(dtype, "log_normal_cpu") if math.prod(shape) else np.dtype(dtype)
        if not std > 0:
            raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std:g}")
        values = self.normal((math.prod(shape),), np.float64, mean, std, contiguous=False)
        with np.errstate(over="ignore"):
            values = libm(_exp, values) if dtype == np.float64 else np.exp(values)
        return cast(values, dtype).reshape(shape)

    def exponential(self, shape: Shape, dtype: DTypeLike, rate: float = 1.0) -> Array:
        """Exponentially distributed numbers: ``-log(1 - u) / rate``."""
        dtype = continuous(dtype, "Exponential") if math.prod(shape) else np.dtype(dtype)
        if not rate > 0:
            raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={rate:g}")
        values = (-1.0 / rate) * libm_for(dtype, "log1p", -self._unit(shape))
        return cast(values, dtype).reshape(shape)

    def cauchy(self, shape: Shape, dtype: DTypeLike, median: float = 0.0, sigma: float = 1.0) -> Array:
        """Cauchy-distributed numbers: ``median + sigma tan(pi (u - 1/2))``."""
        dtype = continuous(dtype, "Cauchy")
        if not sigma > 0:
            raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
        tangent = libm_for(dtype, "tan", math.pi * (self._unit(shape) - 0.5))
        return cast(fused_multiply_add(tangent, float(sigma), float(median)), dtype).reshape(shape)

    def geometric(self, shape: Shape, dtype: DTypeLike, p: float) -> Array:
        """The number of trials up to the first success: ``ceil(log(u) / log(1 - p))``; any dtype but bool."""
        dtype = np.dtype(dtype)
        if dtype == np.bool_:
            raise NotImplementedError('"geometric_cpu" not implemented for bool')
        if not 0 < p < 1:
            raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.ceil(np.log(self._unit(shape)) / math.log1p(-p))
            return cast(values, dtype).reshape(shape)

    def bernoulli(self, shape: Shape, dtype: DTypeLike, p: float | Array) -> Array:
        """1 with probability `p`, else 0: ``u < p``, in any dtype.

        An array `p` broadcasts to `shape`. u is float32 if `p` is an array that is not float64, else float64.

        Raises:
            RuntimeError: if a probability is not in [0, 1], or an array does not broadcast to `shape`.
            NotImplementedError: if an array of probabilities is not in floating point.
        """
        if isinstance(p, np.ndarray):
            if p.dtype.kind != "f":
                raise NotImplementedError(f'"bernoulli_tensor_cpu_p_" not implemented for {p.dtype}')
            if not ((p >= 0) & (p <= 1)).all():
                raise RuntimeError("bernoulli: Expected p_in >= 0 && p_in <= 1 to be true for every probability")
            try:
                p = np.broadcast_to(p, shape)
            except ValueError:
                raise RuntimeError(
                    f"The expanded size of the tensor {shape} must match the existing size of p {p.shape}"
                ) from None
            u = self._unit(shape, computed_in(p.dtype)).reshape(shape)
            return np.asarray(np.less(u, p)).astype(dtype)
        if not 0 <= p <= 1:
            raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
        with self.lock:
            return self.unit_less(math.prod(shape), p).reshape(shape).astype(dtype, copy=False)

    def dropout(self, shape: Shape, dtype: DTypeLike, p: float) -> Array:
        """The factors of the input in `torch.nn.functional.dropout`: 0 with probability `p`, else 1 / (1 - p).

        Torch draws them in the order of the input's memory, and draws nothing if `p` is 0 or 1. (`torch.native_dropout`
        draws the same numbers, and draws for 0 and 1 too.)

        Raises:
            RuntimeError: if `p` is not in [0, 1].
        """
        dtype = floating(dtype, "dropout")
        if not 0 <= p <= 1:
            raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {p:g}")
        if p in (0, 1):
            return np.full(shape, 1 - p, dtype)
        compute = computed_in(dtype)
        scale = (compute.type(1) / compute.type(1 - p)).astype(dtype)
        return np.asarray(self.bernoulli(shape, np.bool_, 1 - p) * scale)

    def integers(self, shape: Shape, dtype: DTypeLike, low: int, high: int | None) -> Array:
        """Integers in [low, high), in any dtype, as `torch.randint` and `random_(low, high)` draw them.

        Each is a word (two words if the range is 2^28 or more) modulo the range. If `high` is None, the last integer is
        the largest of the dtype (of a float dtype: the last up to which all integers are exact).

        Raises:
            RuntimeError: if the range is empty, or its ends are out of range for the dtype.
        """
        dtype = np.dtype(dtype)
        if not -(2**63) <= low < 2**63 or (high is not None and not -(2**63) <= high < 2**63):
            raise RuntimeError(f"Overflow when unpacking long: expected a range of int64, got from={low}, to={high}")
        if high is not None and low >= high:
            raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
        if high is None and low == -(2**63) and dtype in (np.int64, np.float32, np.float64):
            return cast(self._random(shape, 2**64).view(np.int64), dtype).reshape(shape)
        smallest, largest, last = integer_range(dtype)
        if dtype.kind == "f":
            low = inside(low, dtype, 1)
            high = high if high is None else inside(high, dtype, -1)
        last = last if high is None else high - 1
        for name, bound in (("from", low), ("to - 1", last)):
            if not smallest <= bound <= largest:
                raise RuntimeError(f"{name} is out of bounds for {dtype}: {bound} is not in [{smallest}, {largest}]")
            if dtype.kind == "f" and abs(bound) > integer_range(dtype)[2]:
                warnings.warn(
                    f"{name} is out of bounds [-(2^{precision(dtype)}), 2^{precision(dtype)}]. Due to precision "
                    f"limitations {dtype} can support discrete uniform distribution only within this range.",
                    stacklevel=2,
                )
        if low > last:
            raise RuntimeError(
                f"random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got from={low} >= "
                f"to={last + 1}"
            )
        words = self._random(shape, last - low + 1)
        words += np.uint64(low % 2**64)
        return cast(words.view(np.int64), dtype).reshape(shape)

    def full_range(self, shape: Shape, dtype: DTypeLike) -> Array:
        """Integers from 0 to the dtype's largest (as in `integers`), as `random_()` draws them."""
        dtype = np.dtype(dtype)
        size, last = math.prod(shape), integer_range(dtype)[2]
        with self.lock:
            words = self.long_words(size) if dtype in (np.int64, np.float64) else self.words(size)
        words %= np.uint64(last + 1)
        return cast(words.view(np.int64), dtype).reshape(shape)

    def permutation(self, n: int) -> Array:
        """The integers below `n` in random order (`torch.randperm`): int64 of shape (n,).

        The shuffle of R. A. Fisher and F. Yates: for i = 0, 1, … the elements at positions i and
        ``k[i] = i + word % (n - i)`` are exchanged. It is computed without this loop. The final element at position i
        was at position k[i] before step i. If an earlier step j had k[j] = k[i], the last such step put it there. It
        was at position j before step j. Otherwise it is the number k[i] itself. The element at position j before step j
        was put there by the last earlier step that chose position j; following these steps back until no step chose
        the position gives the original position.

        Raises:
            RuntimeError: if `n` is negative.
            NotImplementedError: for 214,748,364 numbers or more.
        """
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
        if n >= _LARGEST_PERMUTATION:
            raise NotImplementedError(f"permutation: expected fewer than {_LARGEST_PERMUTATION} numbers, got {n}")
        places = np.arange(n, dtype=np.uint64)
        with self.lock:
            words = self.words(max(n - 1, 0))
        chosen = places.copy()
        chosen[:-1] += words % (n - places[:-1])

        steps = np.sort((chosen << 32) | places)  # by the position they chose, then by time
        target, step = (steps >> 32).astype(np.int64), (steps & 0xFFFFFFFF).astype(np.int64)
        origin = places.astype(np.int64)
        origin[target] = step  # if several steps chose a position, the last one is kept
        while True:
            further = origin[origin]
            if np.array_equal(further, origin):
                break
            origin = further
        result = chosen.astype(np.int64)
        again = target[1:] == target[:-1]
        result[step[1:][again]] = origin[step[:-1][again]]
        return result

    def multinomial(self, probabilities: Array, num_samples: int, replacement: bool = False) -> Array:
        """Indices drawn with the given weights, row by row (`torch.multinomial`).

        Without replacement, or for a single sample: the indices of the largest ``probability / q``, with q from the
        exponential distribution. With replacement: the position of a uniform float64 in the cumulative sum. Of equal
        quotients (weights of 0, and sometimes in float16) the first is chosen; torch may choose another.

        Args:
            probabilities: weights, of shape (n,) or (m, n), in floating point; they need not sum to 1.
            num_samples: samples per row, at least 1; without replacement at most n.
            replacement: whether an index can be drawn several times.

        Returns:
            int64 of shape (num_samples,) or (m, num_samples).

        Raises:
            RuntimeError: for invalid weights or numbers of samples.
        """
        if probabilities.ndim not in (1, 2):
            raise RuntimeError(f"prob_dist must be 1 or 2 dim, but got shape {probabilities.shape}")
        if probabilities.dtype.kind != "f":
            raise RuntimeError(f"multinomial only supports floating-point dtypes for input, got: {probabilities.dtype}")
        if num_samples <= 0:
            raise RuntimeError(f"cannot sample n_sample <= 0 samples, got {num_samples}")
        if not replacement and num_samples > probabilities.shape[-1]:
            raise RuntimeError(
                "cannot sample n_sample > prob_dist.size(-1) samples without replacement: "
                f"{num_samples} > {probabilities.shape[-1]}"
            )
        if probabilities.shape[-1] > 2**24:
            raise RuntimeError("number of categories cannot exceed 2^24")
        if not (np.isfinite(probabilities) & (probabilities >= 0)).all():
            raise RuntimeError(
                "invalid multinomial distribution: probability tensor contains either `inf`, `nan` or element < 0"
            )
        if not (probabilities > 0).any(-1).all():
            raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
        if not replacement or num_samples == 1:
            q = dense_like(probabilities)
            view = in_memory_order(q)
            view[...] = self.exponential(view.shape, view.dtype)
            with np.errstate(divide="ignore", over="ignore"):
                ratio = probabilities / q
            if num_samples == 1:
                return ratio.argmax(-1, keepdims=True)
            return np.argsort(-ratio, axis=-1, kind="stable")[..., :num_samples]
        rows = probabilities.reshape(-1, probabilities.shape[-1])
        sums = rows.cumsum(-1, dtype=np.float64 if rows.dtype == np.float64 else np.float32)
        sums /= sums[:, -1:]
        u = self._unit((len(rows), num_samples)).reshape(len(rows), num_samples)
        picks = [np.searchsorted(row, uniforms) for row, uniforms in zip(sums.astype(np.float64), u, strict=True)]
        return np.array(picks, np.int64).reshape(*probabilities.shape[:-1], num_samples)

    def _unit(self, shape: Shape, dtype: DTypeLike = np.float64) -> Array:
        """Uniform numbers in [0, 1) for a result of that shape, flat."""
        with self.lock:
            return self.unit(math.prod(shape), dtype)

    def _random(self, shape: Shape, count: int) -> Array:
        """Words modulo `count` for a result of that shape, flat: of 32 bits, or of 64 if the count is large."""
        size = math.prod(shape)
        with self.lock:
            words = self.words(size) if count < 2**28 else self.long_words(size)
        if count < 2**64:
            words %= np.uint64(count)
        return words

    def _normal_blocks(self, n: int, dtype: np.dtype[Any]) -> Array:
        """`n` >= 16 standard normals, by Box and Muller in blocks of 16; the last block may overlap the one before."""
        rest = n % 16
        values = np.empty(n, computed_in(dtype))
        drawn = n - rest if dtype == np.float16 else n  # torch draws unused numbers, except in float16
        values[:drawn] = self.unit(drawn, values.dtype)
        box_muller_(values[: n - rest])
        if rest:
            values[-16:] = self.unit(16, values.dtype)
            box_muller_(values[-16:])
        return values

    def _normal_pairs(self, n: int) -> Array:
        """`n` standard normals in float64, by Box and Muller in pairs; the second of the last pair may be kept."""
        kept = [] if self.next_normal is None or n == 0 else [self.next_normal]
        pairs = (n - len(kept) + 1) // 2
        u1, u2 = self.unit(2 * pairs, np.float64).reshape(pairs, 2).T
        radius, angle = np.sqrt(-2.0 * libm(math.log1p, -u2)), 2.0 * math.pi * u1
        drawn = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        normals = np.append(kept, drawn)
        if n:
            self.next_normal = float(normals[n]) if len(normals) > n else None
        return normals[:n]


def in_memory_order(array: Any) -> Any:
    """A view of `array` with its axes in `memory_order`: torch draws in the C order of this view."""
    return array.transpose(memory_order(array))


def _restore(kind: type[Generator], device: Any, state: Array) -> Generator:
    generator = kind(device)
    Generator.set_state(generator, state)
    return generator


def _exp(x: float) -> float:
    """`math.exp`, or infinity if that raises an error."""
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf
