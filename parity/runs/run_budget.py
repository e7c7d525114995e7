"""The training runs within the error budget, for the table of all cases: every model, in its short form.

The starting point must be torch's. Losses may differ by rounding, which grows from step to step; the oracle is torch's
run in float64, and at no step may our distance from it be more than `FACTOR` times the largest distance of torch in
float32 so far. By luck torch may be closer in this run than in others like it: before ours counts as over budget,
torch's distance is also measured in a few neighbouring runs, whose parameters start one rounding error away.

There is no such row for float64: the data of a run, such as sines, are float32 numbers, which each side rounds itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from parity.compare.budget import Measure, limit
from parity.compare.explore import FAULT, OVER, Exploration, Row
from parity.compare.findings import BEHAVIOUR, Fault
from parity.runs.comparison import NAMES, units_apart
from parity.runs.trace import Trace, train

NEIGHBOURS = 3  # runs
PREFIX, TRAINING, DTYPE = "models.", "training", "float32"
SCRIPT = """\
import minitorch
import torch

from parity.runs.trace import train

torch.set_num_threads(1)
theirs = train("{model}", torch, short=True).losses
ours = train("{model}", minitorch, short=True).losses
for i, (a, b) in enumerate(zip(theirs, ours)):
    print(i, a, b, a - b)
"""
"""Prints the losses of both runs side by side."""


def select(pattern: str = "") -> list[str]:
    """The models whose name, with ``models.`` in front, contains `pattern`."""
    return [name for name in NAMES if pattern in PREFIX + name]


def explore_run(model: str, ours: Any, torch: Any, dtypes: Sequence[str] = (DTYPE,)) -> Exploration:
    """Train a model in both libraries and compare, in the form that the table of cases takes.

    Args:
        model: its name.
        ours: the library under test.
        torch: the library to compare with.
        dtypes: the losses are compared where it has float32.
    """
    theirs, oracle = train(model, torch, short=True), train(model, torch, short=True, dtype="float64")
    mine = train(model, ours, short=True)
    steps = len(theirs.losses)
    behaviour = Row(PREFIX + model, "", "", BEHAVIOUR, tried=steps)
    row = Row(PREFIX + model, "", DTYPE, TRAINING, tried=steps)
    faults = list(_differences(mine, theirs))
    if faults:
        behaviour.verdict = FAULT
    elif DTYPE in dtypes:
        row.measures, faults = _measures(mine, [(theirs, oracle)])
        if faults:
            pairs = [
                (
                    train(model, torch, short=True, neighbour=n),
                    train(model, torch, short=True, dtype="float64", neighbour=n),
                )
                for n in range(1, NEIGHBOURS + 1)
            ]
            row.measures, faults = _measures(mine, [(theirs, oracle), *pairs])
        row.verdict = OVER if faults else row.verdict
    rows = [behaviour, row] if DTYPE in dtypes else [behaviour]
    return Exploration(rows, faults, script=SCRIPT.format(model=model) if faults else "")


def _differences(mine: Trace, theirs: Trace) -> Iterator[Fault]:
    """Differences in what must be equal: names, the number of steps, the parameters before the first step."""
    for what in ("initial", "series"):
        names, expected = list(getattr(mine, what)), list(getattr(theirs, what))
        if names != expected:
            yield Fault(BEHAVIOUR, "", f"names of {what}: expected {expected}, got {names}")
            return
    if len(mine.losses) != len(theirs.losses):
        yield Fault(BEHAVIOUR, "", f"expected {len(theirs.losses)} steps, got {len(mine.losses)}")
    for name, value in theirs.initial.items():
        units = units_apart(mine.initial[name], value)
        if units > 1:  # torch's normal numbers may be rounded otherwise in the last place
            yield Fault(BEHAVIOUR, "", f"{name} starts {units:g} units in the last place apart under the same seed")


def _measures(mine: Trace, pairs: Sequence[tuple[Trace, Trace]]) -> tuple[list[Measure], list[Fault]]:
    """Our and torch's distances from the oracle in every number of every step, and what is over budget.

    Args:
        mine: our run.
        pairs: torch's run and its oracle, the same run in float64; then those of neighbouring runs.
    """
    oracle = pairs[0][1]
    terms = max(math.prod(w.shape[1:]) for w in oracle.initial.values() if w.ndim > 1)  # of a layer's longest sum
    measures, faults = [], []
    for name, values in oracle.series.items():
        expected, found = np.asarray(values), np.asarray(mine.series[name])
        lessons = np.flatnonzero(~np.isnan(expected))
        off = _distances(found, expected, terms)[lessons]
        distances = [_distances(np.asarray(t.series[name]), np.asarray(o.series[name]), terms) for t, o in pairs]
        own = np.maximum.accumulate(np.max(distances, axis=0)[lessons])
        steps = [Measure(float(y), float(t)) for y, t in zip(off, own, strict=True)]
        measures += steps
        over = next((i for i, m in enumerate(steps) if not m.ratio <= limit(DTYPE)), None)
        if over is not None:
            i, m = lessons[over], steps[over]
            what = f"{name} of step {i}: expected {expected[i]:.9g}, got {found[i]:.9g}"
            faults.append(Fault(TRAINING, DTYPE, f"{what}: {m.ours:.3g} units, torch's own {m.torch:.3g}"))
    return measures, faults


def _distances(values: np.ndarray, oracle: np.ndarray, terms: int) -> np.ndarray:
    """The distance of each number from the oracle's, in units in the last place of the largest."""
    unit = float(np.spacing(np.nanmax(np.abs(oracle)).astype(DTYPE))) * terms**0.5
    return np.abs(values - oracle) / unit
