"""What a run keeps to be continued as if it had never stopped: its parts, its random numbers, and its place."""

from __future__ import annotations

import argparse
import pickle
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import minitorch
from minitorch.errors import UsageError

__all__ = ["Run"]

_FORMAT = 1


class Run:
    """The state of one training run, which `save` writes and `resume` reads.

    A run goes through the batches of epochs (`batches`) or through steps without epochs (`steps`); after each the
    training calls `count`. An epoch's batches are drawn when it begins, so a place within it is the state of the
    generator at its beginning, from which the same batches are drawn again, the number of steps done, and the state of
    the generator now.

    Args:
        args: the options of the command.
        fixed: the names of those that decide the course of the run: they must be the same when it is continued.
        parts: what has a `state_dict`: networks, optimizers, schedulers.

    Attributes:
        epoch: the number of the epoch that the run is in, from 0.
        step: how many steps of it are done.
        losses: the loss of every step of the run.
        seconds: how long the steps took, over all sittings.
        extra: whatever else must be kept: tensors, numbers, text, and lists and dicts of them.
    """

    def __init__(self, args: argparse.Namespace, fixed: Sequence[str], **parts: Any) -> None:
        self.parts = parts
        self.options = {name: getattr(args, name) for name in fixed}
        self.epoch = 0
        self.step = 0
        self.losses: list[float] = []
        self.seconds = 0.0
        self.extra: dict[str, Any] = {}
        self._generator = self._epoch_began_with = minitorch.get_rng_state()
        self._since = 0.0

    def batches(self, loader: Any) -> Iterator[Any]:
        """The batches of this epoch that are still to come, drawn as in the uninterrupted run; then the next epoch."""
        done = self.step
        if done:
            minitorch.set_rng_state(self._epoch_began_with)
        else:
            self._epoch_began_with = minitorch.get_rng_state()
        iterator = iter(loader)
        for _ in range(done):
            next(iterator)
        if done:
            minitorch.set_rng_state(self._generator)
        for batch in iterator:
            self._since = time.perf_counter()
            yield batch
        self.epoch, self.step = self.epoch + 1, 0

    def steps(self, total: int) -> Iterator[int]:
        """The numbers of the steps that are still to come, up to `total`."""
        while self.step < total:
            self._since = time.perf_counter()
            yield self.step

    def count(self, loss: float) -> None:
        """A step is done, with this loss."""
        self.losses.append(loss)
        self.step += 1
        self.seconds += time.perf_counter() - self._since

    def save(self, path: Path) -> None:
        """Write the run to `path`, whole or not at all."""
        state = {
            "format": _FORMAT,
            "options": self.options,
            "parts": {name: part.state_dict() for name, part in self.parts.items()},
            "epoch": self.epoch,
            "step": self.step,
            "losses": self.losses,
            "seconds": self.seconds,
            "extra": self.extra,
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
        if not isinstance(state, dict) or state.get("format") != _FORMAT or set(state["parts"]) != set(self.parts):
            raise UsageError(f"{path}: not a checkpoint of this model and this version")
        if not self.extra.keys() <= state["extra"].keys():
            raise UsageError(f"{path}: a checkpoint of another version of this model")
        for name, value in self.options.items():
            saved = state["options"].get(name)
            if saved != value:
                option = "--" + name.replace("_", "-")
                raise UsageError(
                    f"{path} is of a run with {option} {saved}, not {value}: to continue it, give {option} {saved}"
                )
        for name, part in self.parts.items():
            part.load_state_dict(state["parts"][name])
        self.epoch, self.step = state["epoch"], state["step"]
        self.losses, self.seconds, self.extra = state["losses"], state["seconds"], state["extra"]
        self._epoch_began_with, self._generator = state["epoch_began_with"], state["generator"]
        minitorch.set_rng_state(self._generator)
