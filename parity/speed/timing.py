"""Times of several callables, which are called in turn, so that other load on the machine affects all of them alike."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

FEWEST = 5
"""The least number of rounds, even if the time is used up (unless `Effort` has fewer)."""


@dataclass(frozen=True)
class Effort:
    """How much time a comparison may take.

    Attributes:
        rounds: how often each side is timed, at most.
        sample: for how many seconds a side is called in one round; a call that takes longer is made once.
        warm_up: for how many seconds each side is called before; three times at least, unless `budget` is over.
        budget: seconds after which no further round begins.
    """

    rounds: int = 15
    sample: float = 0.01
    warm_up: float = 0.05
    budget: float = 2.0


QUICK = Effort(rounds=2, sample=0.0, warm_up=0.0, budget=1.0)
"""Just enough to check that everything runs."""


@dataclass(frozen=True)
class Measure:
    """The times of one side.

    Attributes:
        seconds: of a call: the median over the rounds.
        low: the lower quartile of the same.
        high: the upper quartile.
        ratio: this side's time over the base's in the same round: the median over the rounds.
        ratio_low: the lower quartile of the same.
        ratio_high: the upper quartile.
        rounds: the number of rounds.
    """

    seconds: float
    low: float
    high: float
    ratio: float
    ratio_low: float
    ratio_high: float
    rounds: int


def sample(side: Callable[[], Any], repeats: int) -> float:
    """Seconds of a call: the mean of `repeats` calls without a pause."""
    began = time.perf_counter()
    for _ in range(repeats):
        side()
    return (time.perf_counter() - began) / repeats


def compare(
    sides: Mapping[str, Callable[..., Any]],
    base: str,
    effort: Effort,
    sample: Callable[[Callable[..., Any], int], float] = sample,
) -> dict[str, Measure]:
    """Time all sides in rounds: each round calls every side, and begins with the next one.

    Args:
        sides: what to call, by name.
        base: the name of the side that ratios are relative to.
        effort: how often.
        sample: given a side and a number of calls, makes them and returns the seconds of one.
    """
    repeats = {name: _repeats(side, effort, sample) for name, side in sides.items()}
    names = list(sides)
    times: dict[str, list[float]] = {name: [] for name in names}
    gc.collect()
    began = time.perf_counter()
    for i in range(effort.rounds):
        if i >= FEWEST and time.perf_counter() - began > effort.budget:
            break
        for name in names[i % len(names) :] + names[: i % len(names)]:
            times[name].append(sample(sides[name], repeats[name]))
    return {name: _measure(times[name], times[base]) for name in names}


def _repeats(side: Callable[..., Any], effort: Effort, sample: Callable[[Callable[..., Any], int], float]) -> int:
    """Warm up; how many calls fill a sample."""
    began, fastest, calls = time.perf_counter(), math.inf, 0
    while calls < 3 or time.perf_counter() - began < effort.warm_up:
        fastest, calls = min(fastest, sample(side, 1)), calls + 1
        if time.perf_counter() - began > effort.budget:
            break
    return max(1, math.ceil(effort.sample / max(fastest, 1e-9)))


def _measure(times: Sequence[float], base: Sequence[float]) -> Measure:
    low, median, high = np.quantile(times, (0.25, 0.5, 0.75)).tolist()
    ratio_low, ratio, ratio_high = np.quantile(np.divide(times, base), (0.25, 0.5, 0.75)).tolist()
    return Measure(median, low, high, ratio, ratio_low, ratio_high, len(times))


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Set the objects that exist now aside from garbage collection: modules of a library that is not being timed
    would otherwise be looked through in the time of the others. What a step itself makes is collected as ever.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
