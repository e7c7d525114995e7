"""The state of a training run, saved so that the run can be continued as if it had never stopped."""

from __future__ import annotations

import argparse
import pickle
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import minitorch
from minitorch.errors import CorruptFileError, UsageError
from minitorch.training.seal import seal

__all__ = ["Run"]

_FORMAT = 2


class Run:
    """The state of one training run, which `save` writes and `resume` reads.

    A training loops over the batches of its epochs (`batches`), or over steps without epochs (`steps`), and calls
    `count` after each. The batches of an epoch are drawn when it begins. So three things are saved to continue in the
    middle of an epoch: the state of the random generator at the start of the epoch, which draws the same batches again,
    the number of steps done, and the current state of the generator.

    Args:
        args: the options of the command.
        fixed: the names of the options that determine the results; a continued run must have the same values.
        parts: the networks, optimizers and schedulers: objects with `state_dict` and `load_state_dict`.

    Attributes:
        epoch: the number of the epoch that the run is in, from 0.
        step: how many steps of the epoch are done, or of the run if it has no epochs.
        losses: the loss of every step of the run.
        seconds: how long all steps took, including earlier parts of the run.
        extra: anything else that must be saved: tensors, numbers, text, and lists and dicts of them.
    """

    def __init__(self, args: argparse.Namespace, fixed: Sequence[str], **parts: Any) -> None:
        self.parts = parts
        self.options = {name: getattr(args, name) for name in fixed}
        self.epoch = 0
        self.step = 0
        self.losses: list[float] = []
        self.seconds = 0.0
        self.extra: dict[str, Any] = {}
        self._batches: int | None = None  # in an epoch; None before the first epoch
        self._generator = self._epoch_began_with = minitorch.get_rng_state()
        self._since = 0.0

    def batches(self, loader: Any) -> Iterator[Any]:
        """The remaining batches of this epoch, drawn as in an uninterrupted run; afterwards the next epoch begins.

        Raises:
            UsageError: if a continued run has another number of batches than at its start.
        """
        if self._batches not in (None, len(loader)):
            raise UsageError(
                f"the run to be continued had {self._batches} batches an epoch, but these data have {len(loader)}: "
                "give the data that it began with"
            )
        self._batches = len(loader)
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
        """The numbers of the remaining steps, which are counted from 0, below `total`."""
        while self.step < total:
            self._since = time.perf_counter()
            yield self.step

    def count(self, loss: float) -> None:
        """Record that a step is done, and its loss."""
        self.losses.append(loss)
        self.step += 1
        self.seconds += time.perf_counter() - self._since

    def save(self, path: Path, model: str) -> None:
        """Write the run of a model to `path`. If that fails, an existing file keeps its content.

        Raises:
            OSError: if the file cannot be written.
        """
        state = {
            "format": _FORMAT,
            "model": model,
            "options": self.options,
            "parts": {name: part.state_dict() for name, part in self.parts.items()},
            "epoch": self.epoch,
            "step": self.step,
            "batches": self._batches,
            "losses": self.losses,
            "seconds": self.seconds,
            "extra": self.extra,
            "epoch_began_with": self._epoch_began_with,
            "generator": minitorch.get_rng_state(),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        minitorch.save({**state, "seal": seal(state)}, path)

    def resume(self, path: Path, model: str) -> None:
        """Continue the run of a model that `save` wrote to `path`.

        Raises:
            UsageError: if the file is not such a checkpoint, is damaged or changed, or belongs to another model or to a
                run with other options.
            OSError: if the file cannot be read.
        """
        state = self._read(path, model)
        for name, value in self.options.items():
            saved = state["options"].get(name)
            if saved != value:
                option = "--" + name.replace("_", "-")
                raise UsageError(
                    f"{path} is of a run with {option} {saved}, not {value}: to continue it, give {option} {saved}"
                )
        if set(state["parts"]) != set(self.parts) or not self.extra.keys() <= state["extra"].keys():
            raise UsageError(f"{path}: a checkpoint of another version of the model {model}")
        try:
            for name, part in self.parts.items():
                part.load_state_dict(state["parts"][name])
        except (RuntimeError, ValueError, KeyError) as error:
            raise UsageError(f"{path}: a checkpoint of another version of the model {model}: {error}") from error
        self.epoch, self.step, self._batches = state["epoch"], state["step"], state["batches"]
        self.losses, self.seconds, self.extra = state["losses"], state["seconds"], state["extra"]
        self._epoch_began_with, self._generator = state["epoch_began_with"], state["generator"]
        minitorch.set_rng_state(self._generator)

    def _read(self, path: Path, model: str) -> dict[str, Any]:
        """The content of a checkpoint of `model`, exactly as `save` wrote it.

        The seal makes sure of this. Without it, a field that a script has changed (a missing key, an epoch that is
        text, weights of another shape in `extra`) would end the training later, with an error that does not explain it.
        """
        try:
            state = minitorch.load(path, map_location="cpu")
        except (CorruptFileError, RuntimeError, pickle.UnpicklingError) as error:
            message = str(error).removeprefix(f"{path}: ")
            raise UsageError(f"{path}: cannot be read as a checkpoint: {message}") from error
        if type(state) is not dict or type(state.get("format")) is not int or type(state.get("model")) is not str:
            raise UsageError(f"{path}: not a checkpoint of this model: expected one that minitorch train {model} wrote")
        if state["model"] != model:
            raise UsageError(f"{path}: not a checkpoint of this model: it is one of {state['model']:.100}, not {model}")
        if state["format"] != _FORMAT:
            raise UsageError(f"{path}: a checkpoint of another version of minitorch, which this one cannot continue")
        written = state.pop("seal", None)
        try:
            whole = written == seal(state, most_bytes=10 * path.stat().st_size) if type(written) is str else False
        except ValueError:
            whole = False
        if not whole:
            raise UsageError(f"{path}: the checkpoint was changed after minitorch train {model} wrote it")
        return state
