"""One training run of a model under a library, recorded: initial parameters, every loss, the final metrics."""

from __future__ import annotations

import argparse
import contextlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from parity.compare.structure import to_numpy
from parity.runs.stand_in import StandIn

LOSS = "loss"
SHORT = 40
"""How many steps a short run has; a model that counts epochs has one epoch."""


@dataclass
class Trace:
    """The record of a run.

    Attributes:
        initial: parameters and buffers of all nets before the first step, by name.
        series: a number for each step, by name: the loss that the run counts (NaN where nothing was learnt), and what
            the model shows beside it: the losses of its other nets, the discriminator's probability. Not accuracies,
            which one rounding can move by a whole sample.
        metrics: the numbers that the model ends with, by name; lists of them are left out.
    """

    initial: dict[str, np.ndarray] = field(default_factory=dict)
    series: dict[str, list[float]] = field(default_factory=lambda: {LOSS: []})
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def losses(self) -> list[float]:
        """The loss of each step."""
        return self.series[LOSS]


def train(
    name: str,
    library: Any,
    options: Sequence[str] = (),
    *,
    dtype: str = "float32",
    short: bool = False,
    neighbour: int = 0,
) -> Trace:
    """Run ``minitorch train NAME OPTIONS`` with `library` instead of minitorch. It prints and writes nothing.

    Args:
        name: of a model in `minitorch.models`.
        library: see `StandIn`.
        options: of the command; options that this model does not have are ignored.
        dtype: with ``float64`` the run has float32's starting point, data and random numbers, and float64's arithmetic.
        short: whether to stop early.
        neighbour: if not 0, the seed of a neighbouring run: every parameter starts one rounding error of float32 away.

    Raises:
        UsageError: if the model cannot run here, for want of gymnasium or of a data set.
        KeyboardInterrupt: if the user stopped it.
    """
    trace, library = Trace(), StandIn(library)
    sessions = library.load("minitorch.training.session")
    # the module was made at run time: no type checker knows its contents
    sessions.Session = _recorder(sessions.Session, trace, dtype, neighbour)
    model = library.load(f"minitorch.models.{name.replace('-', '_')}")
    parser = argparse.ArgumentParser(prog=f"minitorch train {name}", allow_abbrev=False)
    model.add_arguments(parser)
    args, _ = parser.parse_known_args(options)
    if short and hasattr(args, "steps"):
        args.steps = SHORT + getattr(model, "WARM_UP", 0)  # DQN's first steps, in which it does not learn
    elif short:
        args.epochs = 1
    with contextlib.redirect_stdout(io.StringIO()):
        code = model.run(args)
    if code == 130:
        raise KeyboardInterrupt
    return trace


def _recorder(session: Any, trace: Trace, dtype: str, neighbour: int) -> Any:
    """A `Session` that records into `trace`; it writes no file and draws no figure."""

    class Recorder(session):
        """A session that records initial parameters, losses and metrics."""

        def __init__(self, model: str, args: argparse.Namespace, run: Any, **options: Any) -> None:
            super().__init__(model, args, run, **options)
            nets = {name: part for name, part in run.parts.items() if hasattr(part, "named_parameters")}
            for name, net in nets.items():
                if neighbour:
                    _move(net, np.random.default_rng(neighbour))
                if dtype == "float64":
                    _make_double(net)
                for key, value in net.state_dict().items():
                    trace.initial[f"{name}.{key}"] = to_numpy(value).copy()

        def step(self, count: int = 1, **figures: float) -> bool:
            trace.losses.append(self.run.losses[-1])
            for name, value in figures.items():
                if "accuracy" not in name and name != LOSS:
                    trace.series.setdefault(name, []).append(value)
            return super().step(count, **figures)

        def prepare_folder(self) -> None:
            """Make no folder."""

        def save(self) -> None:
            """Keep no checkpoint."""

        def figure(self, *drawing: Any, **options: Any) -> None:
            """Draw nothing."""

        def finish(self, results: Mapping[str, Any], *drawing: Any, **options: Any) -> int:
            trace.metrics.update(_numbers(results))
            return 0

    return Recorder


def _move(net: Any, rng: np.random.Generator) -> None:
    """Move every parameter of a net of torch to one of the two neighbouring float32 numbers."""
    for parameter in net.parameters():
        value = to_numpy(parameter.detach())
        towards = np.where(rng.random(value.shape) < 0.5, np.float32(-np.inf), np.float32(np.inf))
        parameter.data.copy_(parameter.new_tensor(np.nextafter(value, towards)))


def _make_double(net: Any) -> None:
    """Convert a net to float64, and from now on all floating-point tensors that it or a module of it is called with."""

    def convert(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(convert, value))
        return value.double() if hasattr(value, "is_floating_point") and value.is_floating_point() else value

    net.double()
    for module in net.modules():
        module.register_forward_pre_hook(lambda _, inputs: convert(inputs))


def _numbers(results: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """The numbers among results; a number in a nested dict is named ``outer.inner``."""
    for name, value in results.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{prefix}{name}.")
        elif isinstance(value, int | float):
            yield f"{prefix}{name}", float(value)
