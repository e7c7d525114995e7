"""The sides of a comparison: one workload under torch, under minitorch, recorded, compiled; and that they agree."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from parity.compare.structure import to_numpy
from parity.runs.comparison import CLOSE
from parity.runs.stand_in import StandIn

TORCH, EAGER, RECORDED, COMPILED = "torch", "minitorch", "minitorch recorded", "torch.compile"
CHECKED = 5
"""How many steps are compared before a training step is timed."""
MOST_TAKEN = 4
"""How many steps a contestant may make before it is ready: a recording makes real ones."""


@dataclass
class Built:
    """A workload that is prepared for a library with torch's API.

    Attributes:
        step: does it once and returns tensors: losses, or a result and its gradients.
        optimizers: the optimizers whose `step` it calls.
        tensors: the parameters.
        nets: those that it trains.
        forward: what the nets make of the same inputs.
    """

    step: Callable[..., Sequence[Any]]
    optimizers: Sequence[Any] = ()
    tensors: Sequence[Any] = ()
    nets: Sequence[Any] = ()
    forward: Callable[..., Sequence[Any]] = lambda *inputs: ()

    @property
    def taken(self) -> Sequence[int]:
        """How many steps the optimizers have made; some do not count them: then all that are possible."""
        states = [state for o in self.optimizers for state in o.state.values()]
        counts = [int(state["step"]) for state in states if "step" in state]
        return (max(counts),) if counts else range(MOST_TAKEN + 1)


@dataclass(frozen=True)
class Workload:
    """Something to time.

    Attributes:
        name: a lesson or a layer.
        setting: its size in words.
        inputs: arrays that the step is called with.
        build: prepares it, given minitorch's model files over a library (`StandIn.library` is the library).
        size: its value on the axis of a growth plot.
        checked: how many calls are compared before it is timed.
    """

    name: str
    setting: str
    inputs: Sequence[np.ndarray]
    build: Callable[[StandIn], Built]
    size: float | None = None
    checked: int = CHECKED


@dataclass
class Side:
    """A workload under one contestant.

    Attributes:
        run: does it once, and waits until it is done.
        values: the arrays to compare of what `run` returns.
        taken: how many steps were made before it was ready, or which numbers of them are possible.
        built: what it runs, where the library has torch's API and runs it as it is.
    """

    run: Callable[[], Any]
    values: Callable[[Any], Sequence[np.ndarray]]
    taken: Sequence[int] = (0,)
    built: Built | None = None


@dataclass
class Sides:
    """The sides that could be prepared, and why the others could not."""

    ready: dict[str, Side] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


class Unavailable(Exception):
    """A library cannot do a workload; the message says why."""


class Differs(Exception):
    """A library has other results than torch."""


def eager(library: Any) -> Callable[[Workload], Side]:
    """A library with torch's API, without compilation."""

    def side(work: Workload) -> Side:
        built, inputs = _built(work, library)
        return Side(lambda: built.step(*inputs), _arrays, built=built)

    return side


def recorded(work: Workload) -> Side:
    """minitorch's step, recorded once and replayed.

    Raises:
        Unavailable: if it refuses to record this step.
    """
    import minitorch
    from minitorch import recording

    built, inputs = _built(work, minitorch)
    try:
        replay = recording.record(built.step, *inputs)
    except Exception as error:  # whatever its reason is, the other sides are to be timed
        raise Unavailable(f"not recorded: {_first_line(error)}") from error
    return Side(lambda: replay(*inputs), _arrays, built.taken)


def compiled(work: Workload) -> Side:
    """torch's step under ``torch.compile``.

    Raises:
        Unavailable: if it cannot compile here.
    """
    import torch

    built, inputs = _built(work, torch, _ByName)
    torch.compiler.reset()
    step = torch.compile(built.step, options={"fallback_random": True})  # draw the numbers that torch draws
    try:
        step(*inputs)
    except Exception as error:  # the compiler's own errors have many types
        raise Unavailable(f"torch.compile failed: {_first_line(error)}") from error
    return Side(lambda: step(*inputs), _arrays, built.taken)


def make(work: Workload, contestants: Mapping[str, Callable[[Workload], Side]]) -> Sides:
    """Make all sides ready and compare what they compute with torch, which must be the first of them.

    Each is compared as soon as it is ready: those of one library draw from the same generator.

    Raises:
        Differs: if one computes something else, or fails.
    """
    sides, expected = Sides(), []
    for name, contestant in contestants.items():
        count = work.checked + (MOST_TAKEN if name == TORCH else 0)
        try:
            side = contestant(work)
            found = [side.values(side.run()) for _ in range(count)]
        except Unavailable as reason:
            sides.missing[name] = str(reason)
            continue
        except Exception as error:  # of any kind: the other rows are to be measured
            raise Differs(
                f"{work.name}, {work.setting}: {name} fails: {type(error).__name__}: {_first_line(error)}"
            ) from error
        if name == TORCH:
            expected = found
        else:
            wrong = [_difference(found, expected[taken : taken + count]) for taken in side.taken]
            if all(wrong):
                raise Differs(f"{work.name}, {work.setting}: {name} computes something else than torch: {wrong[0]}")
        sides.ready[name] = side
    return sides


class _ByName(StandIn):
    """Model files as modules that can be imported by their name, which torch's compiler does."""

    def load(self, name: str) -> ModuleType:
        module = super().load(name)
        module.__name__ = f"{name.replace('.', '_')}_over_torch"
        sys.modules[module.__name__] = module
        return module


def _built(work: Workload, library: Any, models: type[StandIn] = StandIn) -> tuple[Built, list[Any]]:
    library.manual_seed(0)
    built = work.build(models(library))
    return built, [library.from_numpy(x.copy()) for x in work.inputs]


def _arrays(result: Sequence[Any]) -> list[np.ndarray]:
    return [np.array(to_numpy(t)) for t in result]


def _difference(found: Sequence[Sequence[np.ndarray]], expected: Sequence[Sequence[np.ndarray]]) -> str:
    """What differs in the results of one call after another; empty if they are close."""
    if len(found) != len(expected):
        return f"it made more than {MOST_TAKEN} steps before it was ready"
    for i, (ours, right) in enumerate(zip(found, expected, strict=True)):
        shapes, others = [a.shape for a in ours], [a.shape for a in right]
        if shapes != others:
            return f"call {i + 1} returns the shapes {shapes}, not {others}"
        for j, (a, b) in enumerate(zip(ours, right, strict=True)):
            scale = float(np.abs(b).max(initial=0.0))
            off = float(np.abs(a.astype(np.float64) - b).max(initial=0.0))
            if not off <= CLOSE * scale:
                return (
                    f"result {j + 1} of call {i + 1} is {off:.3g} away where the largest value is {scale:.3g}; at most "
                    f"{CLOSE:g} of that is allowed"
                )
    return ""


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
