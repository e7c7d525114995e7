"""Whole training runs: the same seed under both libraries, no weights copied, every loss compared.

A run is a function of a library and a dtype that seeds, builds, shuffles and trains by itself. Starting weights and
batches must be equal bit for bit. Losses may differ by rounding, which grows from step to step; the oracle is torch's
run in float64, and at no step may our distance from it be more than `FACTOR` times the largest that torch in float32
has had by then.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.budget import Measure, limit
from parity.explore import FAULT, OVER, Exploration, Row
from parity.findings import BEHAVIOUR, DTYPES, Fault

TRAINING = "training"


@dataclass
class Trace:
    """What a run leaves behind.

    Attributes:
        initial: the weights before the first step, by name.
        batches: the labels of each batch, in order.
        losses: the loss of each step.
    """

    initial: dict[str, np.ndarray]
    batches: list[np.ndarray]
    losses: list[float]


@dataclass
class Run:
    """A training run to compare.

    Attributes:
        name: ``models.cnn``.
        train: the run itself: takes a library and the name of a dtype.
        terms: how many numbers the network's longest sum has.
    """

    name: str
    train: Callable[[Any, str], Trace]
    terms: int


RUNS: dict[str, Run] = {}


def run(name: str, terms: int) -> Callable[[Callable[[Any, str], Trace]], Run]:
    """Register the decorated function as a run."""

    def register(train: Callable[[Any, str], Trace]) -> Run:
        RUNS[name] = Run(name, train, terms)
        return RUNS[name]

    return register


def select(pattern: str = "") -> list[Run]:
    """The runs whose name contains `pattern`."""
    import parity.cases  # noqa: F401 - registers them

    return [r for r in RUNS.values() if pattern in r.name]


def compare(r: Run, ours: Any, torch: Any, dtypes: tuple[str, ...] = DTYPES) -> Exploration:
    """Train in both libraries and compare."""
    theirs = {dtype: r.train(torch, dtype) for dtype in DTYPES}
    oracle = theirs["float64"].losses
    own = _distances(theirs["float32"].losses, oracle, "float32", r.terms)
    rows, faults = [Row(r.name, "", "", BEHAVIOUR, tried=len(oracle))], []
    for dtype in dtypes:
        mine = r.train(ours, dtype)
        found = list(_differences(mine, theirs[dtype], dtype))
        rows[0].verdict = FAULT if found else rows[0].verdict
        faults += found
        row = Row(r.name, "", dtype, TRAINING, tried=len(oracle))
        rows.append(row)
        if len(mine.losses) == len(oracle):
            steps = _distances(mine.losses, oracle, dtype, r.terms)
            row.measures = [Measure(float(y), float(t)) for y, t in zip(steps, np.maximum.accumulate(own), strict=True)]
            bad = [i for i, m in enumerate(row.measures) if not m.ratio <= limit(dtype)]
            if bad:
                row.verdict = OVER
                what = f"loss of step {bad[0]}: expected {oracle[bad[0]]!r}, got {mine.losses[bad[0]]!r}"
                faults.append(
                    Fault(
                        TRAINING,
                        dtype,
                        f"{what}: {row.measures[bad[0]].ours:.3g} units, torch's own {row.measures[bad[0]].torch:.3g}",
                    )
                )
    return Exploration(rows, faults, script=script(r, faults[0].dtype) if faults else "")


def script(r: Run, dtype: str) -> str:
    """A script that prints both runs' losses side by side."""
    lines = textwrap.dedent(inspect.getsource(r.train)).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("def "))
    source = "\n".join(lines[start:])
    return f"""import minitorch
import torch
from minitorch.datasets import load_digits
from parity.runs import Trace


{source}


theirs = {r.train.__name__}(torch, "{dtype}").losses
ours = {r.train.__name__}(minitorch, "{dtype}").losses
for i, (a, b) in enumerate(zip(theirs, ours)):
    print(i, a, b, a - b)
"""


def _differences(mine: Trace, theirs: Trace, dtype: str) -> Any:
    """What should be equal bit for bit and is not."""
    if list(mine.initial) != list(theirs.initial):
        yield Fault(
            BEHAVIOUR, dtype, f"names of the weights: expected {list(theirs.initial)}, got {list(mine.initial)}"
        )
        return
    for name, w in theirs.initial.items():
        if not np.array_equal(mine.initial[name], w):
            yield Fault(BEHAVIOUR, dtype, f"{name} starts from other values under the same seed")
    if len(mine.batches) != len(theirs.batches):
        yield Fault(BEHAVIOUR, dtype, f"expected {len(theirs.batches)} batches, got {len(mine.batches)}")
    for i, (a, b) in enumerate(zip(mine.batches, theirs.batches, strict=False)):
        if not np.array_equal(a, b):
            yield Fault(BEHAVIOUR, dtype, f"batch {i}: expected labels {b}, got {a}")
            return


def _distances(losses: list[float], oracle: list[float], dtype: str, terms: int) -> np.ndarray:
    """How far each loss is from the oracle's, in units of the largest loss."""
    o = np.asarray(oracle)
    unit = float(np.spacing(np.abs(o).max().astype(dtype))) * terms**0.5
    return np.abs(np.asarray(losses) - o) / unit
