"""The engine of `Generator`: an MT19937 with torch's seeding, words and state, byte for byte.

Source: M. Matsumoto and T. Nishimura, *Mersenne twister: a 623-dimensionally equidistributed uniform pseudo-random
number generator*, ACM TOMACS 8 (1998). NumPy has the same engine; torch differs in how it reduces a seed, how it makes
uniform numbers of words, and how the state is stored.
"""

from __future__ import annotations

import functools
import math
import operator
import os
import threading
import weakref
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from minitorch.random.rounding import Array

DEFAULT_SEED = 67280421310721
_WORDS = 624  # in the state

# The layout of torch's state, as torch.get_rng_state() returns it.
_STATE = np.dtype(
    {
        "names": ["seed", "left", "seeded", "next", "words", "normal", "normal_valid", "single", "single_valid"],
        "formats": ["u8", "i4", "i4", "u8", ("u8", _WORDS), "f8", "i4", "f4", "?"],
        "offsets": [0, 8, 12, 16, 24, 5024, 5040, 5048, 5052],
        "itemsize": 5056,
    }
)


class MersenneTwister:
    """A stream of 32-bit words with torch's seeding and state.

    Code that draws must hold `lock` from the first word of a result to the last.

    Attributes:
        lock: held while drawing.
        next_normal: the unused second number of a pair of normals, part of the state.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        with _generators_lock:
            _generators.add(self)
        self.manual_seed(DEFAULT_SEED)

    def manual_seed(self, seed: int) -> Self:
        """Start the stream of `seed`, an integer in [-2^63, 2^64 - 1]; 2^64 is added to a negative one.

        Returns:
            The generator itself.

        Raises:
            RuntimeError: if `seed` is not an integer.
            ValueError: if `seed` is out of range.
        """
        if isinstance(seed, bool) or not hasattr(seed, "__index__"):
            raise RuntimeError(f"manual_seed expected a long, but got {type(seed).__name__}")
        seed = operator.index(seed)
        if not -(2**63) <= seed < 2**64:
            raise ValueError(f"Overflow when unpacking long long: expected a seed in [-2^63, 2^64 - 1], got {seed}")
        with self.lock:
            self._seed = seed % 2**64
            self.__dict__.pop("_engine", None)  # made from the seed when the first word is drawn
            self._fresh = True  # no word drawn since seeding: torch stores this state differently
            self.next_normal: float | None = None
            self._next_single: float | None = None  # a field of torch's state that the CPU never sets
        return self

    def seed(self) -> int:
        """Seed with 64 bits from the operating system, and return them."""
        seed = int.from_bytes(os.urandom(8), "little")
        self.manual_seed(seed)
        return seed

    def initial_seed(self) -> int:
        """The seed of the stream."""
        return self._seed

    def get_state(self) -> Any:
        """The state: uint8 of shape (5056,), byte for byte equal to torch's."""
        state = np.zeros(1, _STATE)
        with self.lock:
            engine = self._engine.state["state"]
            state["seed"], state["seeded"], state["words"] = self._seed, 1, engine["key"]
            state["next"] = 0 if self._fresh else engine["pos"]
            state["left"] = 1 if self._fresh else _WORDS + 1 - engine["pos"]
            if self.next_normal is not None:
                state["normal"], state["normal_valid"] = self.next_normal, 1
            if self._next_single is not None:
                state["single"], state["single_valid"] = self._next_single, True
        return state.view(np.uint8)

    @functools.cached_property
    def _engine(self) -> Any:
        """NumPy's engine, started from the seed. Made at first use, because it imports numpy.random."""
        engine = np.random.MT19937(0)
        np.random.RandomState(engine).seed(self._seed & 0xFFFFFFFF)
        return engine

    def set_state(self, new_state: Any) -> None:
        """Continue from a state of `get_state` or of torch.

        Raises:
            TypeError: if it is not of dtype uint8.
            RuntimeError: if it does not have 5056 bytes, or is not a state of an MT19937.
        """
        if new_state.dtype != np.uint8:
            raise TypeError(f"RNG state must be a torch.ByteTensor, but got {new_state.dtype}")
        if new_state.size != _STATE.itemsize:
            raise RuntimeError(
                f"Expected a CPUGeneratorImplState of size {_STATE.itemsize} but found the input RNG state size to be "
                f"{new_state.size}"
            )
        state = np.frombuffer(new_state.tobytes(), _STATE)[0]
        position, left = int(state["next"]), int(state["left"])
        fresh = (position, left) == (0, 1)
        if not state["seeded"] or not (fresh or (1 <= position <= _WORDS and left == _WORDS + 1 - position)):
            raise RuntimeError("Invalid mt19937 state")
        key = state["words"].astype(np.uint32)
        with self.lock:
            self._seed = int(state["seed"])
            self._fresh = fresh
            self._engine.state = {
                "bit_generator": "MT19937",
                "state": {"key": key, "pos": _WORDS if fresh else position},
            }
            self.next_normal = float(state["normal"]) if state["normal_valid"] else None
            self._next_single = float(state["single"]) if state["single_valid"] else None

    def words(self, n: int) -> Array:
        """The next `n` words of 32 bits, as uint64."""
        if n:
            self._fresh = False
        return self._engine.random_raw(n)

    def long_words(self, n: int) -> Array:
        """The next `n` numbers of 64 bits, each of two words, the upper one first."""
        words = self.words(2 * n)
        words[::2] <<= 32
        return words[::2] | words[1::2]

    def unit(self, n: int, dtype: DTypeLike) -> Array:
        """`n` uniform numbers in [0, 1): float32 from 24 bits of a word, float64 from 53 bits of two."""
        bits, words = (24, self.words(n)) if dtype == np.float32 else (53, self.long_words(n))
        words &= np.uint64(2**bits - 1)
        values: Array = words.view(np.int64).astype(dtype)  # converting signed integers is faster
        values *= 0.5**bits
        return values

    def unit_less(self, n: int, p: float) -> Array:
        """``unit(n, float64) < p`` for a `p` in [0, 1]: computed in integers, mostly of the upper words alone."""
        words = self.words(2 * n)
        upper = words[::2] & np.uint64(2**21 - 1)
        bound, rest = divmod(math.ceil(p * 2.0**53), 2**32)  # a number k / 2^53 is less than p if k < ceil(p 2^53)
        found: Array = upper < np.uint64(bound)
        if rest:
            undecided = upper == np.uint64(bound)
            if undecided.any():
                found |= undecided & (words[1::2] < np.uint64(rest))
        return found


# If a process forks while another thread draws, the child gets a copy of the generator's lock that is held by a thread
# that does not exist there: its first draw would wait for ever. So `os.fork` waits until no thread draws.

_generators: weakref.WeakSet[MersenneTwister] = weakref.WeakSet()
_generators_lock = threading.RLock()  # held while `_generators` changes, and during a fork
_held: list[MersenneTwister] = []  # the generators whose locks are held by the thread that forks


def _before_fork() -> None:
    _generators_lock.acquire()
    for generator in list(_generators):
        generator.lock.acquire()
        _held.append(generator)


def _after_fork() -> None:
    while _held:
        _held.pop().lock.release()
    _generators_lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
