"""Random numbers made on a device: a Philox generator, whose n-th word is a function of the seed and n.

    g = minitorch.Generator(device="cuda").manual_seed(1)
    x = minitorch.randn(1000, 1000, device="cuda", generator=g)

Nothing is drawn on the host, and nothing is copied. The numbers are not those of torch's CPU generator. On every
backend the words are the same bit for bit, and so are uniform numbers and integers; numbers that are computed from them
by logarithms and sines are equal up to rounding.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

import numpy as np

import kernels
from minitorch import devices, random
from minitorch.autograd.graph import Variable, wrap
from minitorch.random.result_dtypes import integer_range

if TYPE_CHECKING:
    from minitorch._tensor import Tensor

Array = kernels.Array
Shape = tuple[int, ...]


class DeviceGenerator(random.Generator):
    """A stream of random numbers on a device; ``Generator(device="cuda")`` makes one.

    Its methods have the arguments and checks of `minitorch.random.generator.Generator`, and return arrays.

    Args:
        device: the device; if it has no number, the current one of its type.

    Raises:
        RuntimeError: if there is no such device.
    """

    def __init__(self, device: Any) -> None:
        self._key = self._block = 0
        super().__init__(device)
        self.device = devices.device(device).numbered()

    def manual_seed(self, seed: int) -> Self:
        """Start the stream of `seed`."""
        super().manual_seed(seed)
        self._key, self._block = self.initial_seed() % 2**64, 0
        return self

    def get_state(self) -> Tensor:
        """The state as a uint8 tensor on the host: the seed, and the number of blocks of four words drawn so far."""
        return wrap(
            np.frombuffer(self._key.to_bytes(8, "little") + self._block.to_bytes(16, "little"), np.uint8).copy()
        )

    def set_state(self, new_state: Any) -> None:
        """Continue from a state that `get_state` returned.

        Raises:
            TypeError: if it is not a tensor.
            RuntimeError: if it is not a valid state.
        """
        if not isinstance(new_state, Variable | np.ndarray):
            raise TypeError(f"expected a torch.ByteTensor, but got {type(new_state).__name__}")
        array = devices.to_host(new_state._array) if isinstance(new_state, Variable) else new_state
        if array.dtype != np.uint8 or array.shape != (24,):
            raise RuntimeError(f"expected a state of 24 bytes, but got {array.dtype}{list(array.shape)}")
        content = array.tobytes()
        self.manual_seed(int.from_bytes(content[:8], "little"))
        self._block = int.from_bytes(content[8:], "little")

    def clone_state(self) -> DeviceGenerator:
        """A new generator that continues from the same state."""
        return _restore(self.device, devices.to_host(self.get_state()._array))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.device, devices.to_host(self.get_state()._array))

    def uniform(self, shape: Shape, dtype: Any, low: float = 0.0, high: float = 1.0) -> Array:
        super().uniform((0,), dtype, low, high)
        with self._there() as xp:
            values = self._units(shape, dtype) * (high - low) + low
            return xp.where(values >= high, low, values).astype(dtype)

    def normal(self, shape: Shape, dtype: Any, mean: float = 0.0, std: float = 1.0, contiguous: bool = True) -> Array:
        """Normal numbers by the transform of Box and Muller: √(−2 ln(1 − u)) times cos 2πv, and times sin 2πv."""
        super().normal((0,), dtype, mean, std)
        size = math.prod(shape)
        with self._there() as xp:
            u, v = self._units((2, -(-size // 2)), dtype)
            radius, angle = xp.sqrt(-2 * xp.log1p(-u)), 2 * math.pi * v
            values = xp.concatenate([radius * xp.cos(angle), radius * xp.sin(angle)])[:size]
            return (values * std + mean).astype(dtype).reshape(shape)

    def log_normal(self, shape: Shape, dtype: Any, mean: float = 1.0, std: float = 2.0) -> Array:
        super().log_normal((0,), dtype, mean, std)
        with self._there() as xp:
            return xp.exp(self.normal(shape, dtype, mean, std))

    def exponential(self, shape: Shape, dtype: Any, rate: float = 1.0) -> Array:
        super().exponential((0,), dtype, rate)
        with self._there() as xp:
            return (-xp.log1p(-self._units(shape, dtype)) / rate).astype(dtype)

    def cauchy(self, shape: Shape, dtype: Any, median: float = 0.0, sigma: float = 1.0) -> Array:
        super().cauchy((0,), dtype, median, sigma)
        with self._there() as xp:
            return (xp.tan(math.pi * (self._units(shape, dtype) - 0.5)) * sigma + median).astype(dtype)

    def geometric(self, shape: Shape, dtype: Any, p: float) -> Array:
        super().geometric((0,), dtype, p)
        with self._there() as xp:
            trials = xp.ceil(xp.log1p(-self._units(shape, np.float64)) / math.log1p(-p))
            return xp.maximum(trials, 1).astype(dtype)

    def bernoulli(self, shape: Shape, dtype: Any, p: Any) -> Array:
        if not kernels.is_array(p):
            super().bernoulli((0,), dtype, p)
        with self._there():
            return (self._units(shape, getattr(p, "dtype", np.float32)) < p).astype(dtype)

    def dropout(self, shape: Shape, dtype: Any, p: float) -> Array:
        super().dropout((0,), dtype, p)
        with self._there():
            return (self._units(shape, dtype) >= p).astype(dtype) * (1 / (1 - p) if p < 1 else 0.0)

    def integers(self, shape: Shape, dtype: Any, low: int, high: int | None) -> Array:
        super().integers((0,), dtype, low, high)
        last = integer_range(np.dtype(dtype))[1 if np.dtype(dtype).kind in "iub" else 2] if high is None else high - 1
        with self._there():
            return ((self._long_words(shape) % (last - low + 1)).astype("int64") + low).astype(dtype)

    def full_range(self, shape: Shape, dtype: Any) -> Array:
        return self.integers(shape, dtype, 0, integer_range(np.dtype(dtype))[2] + (np.dtype(dtype).kind == "f"))

    def permutation(self, n: int) -> Array:
        """The integers below `n`, sorted by `n` random words of 64 bits."""
        super().permutation(min(n, 0))
        with self._there() as xp:
            return xp.argsort(self._long_words((n,))).astype("int64")

    def multinomial(self, probabilities: Array, num_samples: int, replacement: bool = False) -> Array:
        """As on the host, for weights on this device. They are not checked: a check would wait for the device."""
        if probabilities.ndim not in (1, 2) or probabilities.dtype.kind != "f" or num_samples <= 0:
            super().multinomial(np.ones(probabilities.shape, probabilities.dtype), num_samples, replacement)
        *rows, n = probabilities.shape
        if not replacement and num_samples > n:
            raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
        with self._there() as xp:
            if not replacement:
                races = probabilities / -xp.log1p(-self._units(probabilities.shape, probabilities.dtype))
                return xp.argsort(-races, axis=-1)[..., :num_samples].astype("int64")
            sums = xp.cumsum(probabilities, axis=-1)
            u = self._units((*rows, num_samples), probabilities.dtype) * sums[..., -1:]
            return (u[..., None] >= sums[..., None, :]).sum(axis=-1).clip(0, n - 1).astype("int64")

    def _there(self) -> Any:
        """A context on the device; it yields the array module."""
        return _There(self.device)

    def _words(self, count: int) -> Array:
        """`count` words of 32 bits; unused words of the last block are skipped."""
        with self._there() as xp:
            out = xp.empty(count, dtype="uint32")
            kernels.philox(out, self._key, self._block)
        self._block = (self._block + -(-count // 4)) % 2**128
        return out

    def _long_words(self, shape: Shape) -> Array:
        """Words of 64 bits, in uint64."""
        words = self._words(2 * math.prod(shape)).astype("uint64")
        return (words[0::2] << 32 | words[1::2]).reshape(shape)

    def _units(self, shape: Shape, dtype: Any) -> Array:
        """Uniform numbers in [0, 1): with 24 bits, in float64 with 53; float16 is made in float32."""
        if np.dtype(dtype) == np.float64:
            return (self._long_words(shape) >> 11).astype("float64") * 2.0**-53
        return (self._words(math.prod(shape)) >> 8).astype("float32").reshape(shape) * 2.0**-24


class _There:
    """The context of `DeviceGenerator._there`."""

    def __init__(self, device: devices.device) -> None:
        self._backend = device.backend
        self._block = self._backend.on(device.index)

    def __enter__(self) -> Any:
        self._block.__enter__()
        return self._backend.xp

    def __exit__(self, *error: Any) -> None:
        self._block.__exit__(*error)


def _restore(device: devices.device, state: np.ndarray) -> DeviceGenerator:
    generator = DeviceGenerator(device)
    generator.set_state(state)
    return generator
