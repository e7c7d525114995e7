"""What a run keeps to be continued as if it had never stopped: weights, optimizer, random numbers, and its place."""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import minitorch
from minitorch import nn, optim
from minitorch.errors import UsageError

__all__ = ["Run"]

_FORMAT = 1


class Run:
    """The state of one training run, which `save` writes and `resume` reads.

    An epoch's batches are drawn when it begins. So the place within it is the state of the generator at its beginning
    (from which the same batches are drawn again), the number of steps done, and the state of the generator now.

    Args:
        model: the network.
        optimizer: its optimizer.
        args: the options of the command; those named in `fixed` must be the same when the run is continued.
        fixed: the options that decide the course of the run.

    Attributes:
        epoch: the number of the epoch that the run is in, from 0.
        step: how many steps of it are done.
        losses: the loss of every step of the run.
        seconds: how long the steps took, over all sittings.
    """

    def __init__(
        self, model: nn.Module, optimizer: optim.Optimizer, args: argparse.Namespace, fixed: Sequence[str]
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.options = {name: getattr(args, name) for name in fixed}
        self.epoch = 0
        self.step = 0
        self.losses: list[float] = []
        self.seconds = 0.0
        self._epoch_began_with = minitorch.get_rng_state()

    def begin_epoch(self) -> None:
        """Note the state of the generator, from which this epoch's batches are drawn next."""
        self._epoch_began_with = minitorch.get_rng_state()

    def end_epoch(self) -> None:
        """Count the epoch."""
        self.epoch, self.step = self.epoch + 1, 0

    def save(self, path: Path) -> None:
        """Write the run to `path`, whole or not at all."""
        state = {
            "format": _FORMAT,
            "options": self.options,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "epoch": self.epoch,
            "step": self.step,
            "losses": self.losses,
            "seconds": self.seconds,
            "epoch_began_with": self._epoch_began_with,
            "generator": minitorch.get_rng_state(),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        minitorch.save(state, path)

    def resume(self, path: Path) -> None:
        """Continue the run that `save` wrote to `path`.

        Raises:
            UsageError: if the file is no such checkpoint, is damaged, or is of a run with other options.
        """
        try:
            state = minitorch.load(path, map_location="cpu")
        except (RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
            raise UsageError(f"{path}: cannot be read as a checkpoint: {error}") from error
        if not isinstance(state, dict) or state.get("format") != _FORMAT:
            raise UsageError(f"{path}: not a checkpoint of a training run of this version")
        for name, value in self.options.items():
            saved = state["options"].get(name)
            if saved != value:
                option = "--" + name.replace("_", "-")
                raise UsageError(
                    f"{path} is of a run with {option} {saved}, not {value}: give {option} {saved} to continue it"
                )
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.epoch, self.step = state["epoch"], state["step"]
        self.losses, self.seconds = state["losses"], state["seconds"]
        self._epoch_began_with = state["epoch_began_with"]
        self._generator = state["generator"]

    def batches(self, loader: Any) -> Any:
        """The batches of the epoch that are still to come, drawn as in the uninterrupted run."""
        if not self.step:
            self.begin_epoch()
            yield from loader
            return
        minitorch.set_rng_state(self._epoch_began_with)
        iterator = iter(loader)
        for _ in range(self.step):
            next(iterator)
        minitorch.set_rng_state(self._generator)
        yield from iterator
