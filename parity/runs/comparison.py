"""Same seed, same run: a model trained with minitorch and with torch from `manual_seed` alone, and their differences.

Both sides run the same file of `minitorch.models` (see `parity.runs.stand_in`). Nothing is copied between them: each
side draws weights, shuffles batches, and draws noise and dropout itself.

Rounding differs, and its effect grows from step to step: slowly if training converges, exponentially if it is
chaotic. A third run, torch in float64 with the same random numbers, shows which: if torch in float32 differs from
torch in float64 as well, no two implementations agree.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minitorch.models import MODELS
from parity.runs.trace import Trace, train

NAMES = [name for name in MODELS if name != "all"]
CLOSE = 1e-3
"""How far losses may be apart, relative to torch's, over the first `EARLY` steps."""
EARLY, STRETCH = 20, 200
"""The steps over which runs must agree, and the longer stretch in which chaotic ones are compared too."""
METRIC = {
    "optimizers": "final.Adam",
    "dropout": "test_mse.dropout",
    "regularization": "test_mse.L2",
    "batchnorm": "test_mse.tanh_norm",
}
"""The final metric that is compared, for models that have several; for the others it is their first."""


def select(*patterns: str) -> list[str]:
    """The models whose name is one of `patterns`, or contains a pattern that is not a name; without patterns all."""
    exact, parts = set(patterns) & set(NAMES), set(patterns) - set(NAMES)
    return [name for name in NAMES if not patterns or name in exact or any(part in name for part in parts)]


@dataclass
class Comparison:
    """A model's run under both libraries.

    Attributes:
        model: its name.
        seed: of both runs.
        ours: the run with minitorch.
        torch: the run with torch.
        oracle: the run with torch in float64, if there is one.
    """

    model: str
    seed: int
    ours: Trace
    torch: Trace
    oracle: Trace | None = None

    @property
    def ulp(self) -> float:
        """By how many units in the last place the parameters differ before the first step; infinite if their names,
        shapes or dtypes differ.
        """
        if list(self.ours.initial) != list(self.torch.initial):
            return float("inf")
        return max(units_apart(self.ours.initial[name], value) for name, value in self.torch.initial.items())

    @property
    def lessons(self) -> np.ndarray:
        """The steps, from 0, in which parameters were updated."""
        return np.flatnonzero(~np.isnan(self.torch.losses))

    @property
    def differences(self) -> np.ndarray:
        """For each such step, the largest relative difference of the numbers that the model shows, in particular its
        losses.
        """
        return _apart(self.ours, self.torch)[self.lessons]

    @property
    def torch_differences(self) -> np.ndarray | None:
        """The same between torch in float32 and torch in float64."""
        return None if self.oracle is None else _apart(self.torch, self.oracle)[self.lessons]

    @property
    def metric(self) -> str:
        """The name of the final metric that is compared."""
        name = METRIC.get(self.model, "")
        return name if name in self.torch.metrics else next(iter(self.torch.metrics))

    @property
    def passed(self) -> bool:
        """Whether both start from the same parameters, have the same number of steps, and agree over the first ones."""
        same_length = len(self.ours.losses) == len(self.torch.losses)
        return self.ulp <= 1 and same_length and bool((self.differences[:EARLY] <= CLOSE).all())

    @property
    def chaotic(self) -> bool:
        """Whether torch in float32 drifts apart from torch in float64 during the run."""
        return self.torch_differences is not None and bool((self.torch_differences > CLOSE).any())

    def past(self, differences: np.ndarray) -> int | None:
        """The number, from 1, of the first step with a difference of more than `CLOSE`."""
        places = np.flatnonzero(~(differences <= CLOSE))
        return int(self.lessons[places[0]]) + 1 if len(places) else None


def compare(
    model: str,
    ours: Any,
    torch: Any,
    options: Sequence[str] = (),
    *,
    seed: int = 0,
    short: bool = False,
    oracle: bool = True,
) -> Comparison:
    """Train a model with both.

    Args:
        model: one of `NAMES`.
        ours: minitorch, or another library to compare with torch.
        torch: torch.
        options: of the model's command; options that it does not have are ignored.
        seed: of all random numbers.
        short: see `train`.
        oracle: whether to train with torch in float64 as well.
    """
    options = [*options, "--seed", str(seed)]
    mine, theirs = train(model, ours, options, short=short), train(model, torch, options, short=short)
    wide = train(model, torch, options, short=short, dtype="float64") if oracle else None
    return Comparison(model, seed, mine, theirs, wide)


def units_apart(a: np.ndarray, b: np.ndarray) -> float:
    """The largest distance between corresponding elements, counted in floating-point numbers; 0 if all bits agree."""
    if a.dtype != b.dtype or a.shape != b.shape:
        return float("inf")
    if np.array_equal(a, b):
        return 0.0
    if a.dtype.kind != "f" or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    return float(np.abs(_ordered(a) - _ordered(b)).max())


def _ordered(a: np.ndarray) -> np.ndarray:
    """Each number's rank among all numbers of its dtype; zero has rank 0."""
    bits = a.view(f"i{a.dtype.itemsize}")
    return np.where(bits < 0, np.iinfo(bits.dtype).min - bits, bits).astype(np.float64)


def _apart(a: Trace, b: Trace) -> np.ndarray:
    """For each step the largest |a − b| / |b| of all series; infinite for a step that one of them lacks."""
    found = np.full((len(b.series), len(b.losses)), np.inf)
    for row, (name, values) in zip(found, b.series.items(), strict=True):
        y, x = np.asarray(a.series.get(name, [])), np.asarray(values)
        both = min(len(x), len(y))
        y, x = y[:both], x[:both]
        with np.errstate(all="ignore"):
            row[:both] = np.where((y == x) | (np.isnan(y) & np.isnan(x)), 0.0, np.abs(y - x) / np.abs(x))
    found[np.isnan(found)] = np.inf
    return found.max(0)


@dataclass(frozen=True)
class Distribution:
    """A model's final metric over several seeds, for chaotic models, whose single runs cannot be compared.

    Attributes:
        model: its name.
        metric: the metric's name.
        ours: minitorch's values, one for each seed.
        torch: torch's values.
    """

    model: str
    metric: str
    ours: tuple[float, ...]
    torch: tuple[float, ...]

    @property
    def p(self) -> float:
        """The probability of as large a difference of the means by chance: the exact two-sided permutation test
        (R. A. Fisher 1935, The Design of Experiments, §21), over at most 100,000 divisions.
        """
        values = np.array(self.ours + self.torch)
        n, total = len(self.ours), values.sum()
        divisions = itertools.islice(itertools.combinations(range(len(values)), n), 100_000)
        sums = np.array([values[list(chosen)].sum() for chosen in divisions])
        off = np.abs(sums / n - (total - sums) / len(self.torch))
        seen = abs(statistics.fmean(self.ours) - statistics.fmean(self.torch))
        return float((off >= seen * (1 - 1e-12)).mean())


def distributions(found: Sequence[Comparison]) -> list[Distribution]:
    """The final metrics of the models that were trained with more than one seed."""
    rows = []
    for model in dict.fromkeys(c.model for c in found):
        own = [c for c in found if c.model == model]
        if len(own) > 1:
            name = own[0].metric
            ours, torch = tuple(c.ours.metrics[name] for c in own), tuple(c.torch.metrics[name] for c in own)
            rows.append(Distribution(model, name, ours, torch))
    return rows
