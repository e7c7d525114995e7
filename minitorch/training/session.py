"""One sitting at a training: it shows progress, ends cleanly on Ctrl-C, and leaves the run's files."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from minitorch.training.checkpoint import Run
from minitorch.training.figures import save_figure
from minitorch.training.interrupt import CleanStop
from minitorch.training.metrics import run_record, write_json
from minitorch.training.progress import Progress

__all__ = ["Session"]

_SAVE_EVERY = 30.0  # seconds that a killed run loses at most


class Session:
    """The time between the start of the command and its end, or Ctrl-C.

        with Session("cnn", args, run, total=images, unit="images") as session:
            for x, y in run.batches(loader):
                ...
                run.count(loss)
                if session.step(len(x), loss=loss):
                    break                       # Ctrl-C: the checkpoint is written when the block ends
        if session.stopping:
            return session.stopped()
        return session.finish({"test_accuracy": accuracy}, draw)

    A checkpoint is written with every report, at the end, and at least twice a minute between two steps.

    Args:
        model: the model's name on the command line.
        args: the command's options; `resume`, if given, is read now.
        run: the state of the training.
        total: how many items the whole run goes through.
        unit: what an item is called.
        done: how many of them a run that is continued has done; asked after it has been read.
    """

    def __init__(
        self, model: str, args: argparse.Namespace, run: Run, *, total: int, unit: str, done: Callable[[], int]
    ) -> None:
        self.model = model
        self.args = args
        self.run = run
        self.checkpoint = args.out / "checkpoint.pt"
        if args.resume:
            run.resume(args.resume)
        self.progress = Progress(total, unit=unit, done=done())
        self._stop = CleanStop()
        self._saved = time.monotonic()
        self._figures: list[Path] = []

    def __enter__(self) -> Session:
        self._stop.__enter__()
        self.progress.__enter__()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.progress.__exit__(kind, error, trace)
        self._stop.__exit__(kind, error, trace)
        if error is None:
            self.save()

    def step(self, count: int = 1, **figures: float) -> bool:
        """Show that `count` more items are done; whether the user has asked to stop."""
        self.progress.step(count, **figures)
        if time.monotonic() - self._saved > _SAVE_EVERY:
            self.save()
        return self._stop.requested

    def report(self, title: str, **figures: float) -> None:
        """Print the means since the last report, and keep a checkpoint."""
        self.progress.report(title, **figures)
        self.save()

    def save(self) -> None:
        """Write the checkpoint."""
        self.run.save(self.checkpoint)
        self._saved = time.monotonic()

    @property
    def stopping(self) -> bool:
        """Whether the user has asked to stop."""
        return self._stop.requested

    def stopped(self) -> int:
        """Say how to go on; 130, the exit code of a command that Ctrl-C ended."""
        print(f"stopped; to continue: minitorch train {self.model} --resume {self.checkpoint}")
        return 130

    def figure(self, draw: Callable[[Any], None], size: tuple[float, float] = (10, 5), part: str = "") -> None:
        """Draw a figure: ``MODEL.png``, or one beside it, ``MODEL-PART.png``.

        Args:
            draw: fills the figure.
            size: in inches.
            part: what a figure beside the first one shows, in a word.
        """
        path = self.args.out / (f"{self.model}-{part}.png" if part else f"{self.model}.png")
        if save_figure(path, draw, size):
            self._figures.append(path)

    def finish(self, results: dict[str, Any], draw: Callable[[Any], None], size: tuple[float, float] = (10, 5)) -> int:
        """Draw the figure, write the metrics if asked for, and say where everything is; 0, the exit code.

        Args:
            results: the metrics of the run beside `losses` and `seconds`.
            draw: fills the figure.
            size: of the figure in inches.
        """
        self.figure(draw, size)
        print(f"\ncheckpoint {self.checkpoint}")
        for figure in sorted(self._figures):
            print(f"figure     {figure}")
        if self.args.json:
            record = {**results, "losses": self.run.losses, "seconds": self.run.seconds}
            write_json(self.args.json, run_record(self.model, self.args, **record))
        return 0
