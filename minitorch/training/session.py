"""One execution of a training command: shows the progress, stops cleanly on Ctrl-C, writes the run's files."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from minitorch.files import check_writable
from minitorch.training.checkpoint import Run
from minitorch.training.figures import save_figure
from minitorch.training.interrupt import CleanStop
from minitorch.training.metrics import run_record, write_json
from minitorch.training.progress import Progress

__all__ = ["Session"]

_SAVE_EVERY = 30.0  # seconds; a run that is killed loses no more


class Session:
    """The part of a training run between the start of the command and its end, or Ctrl-C.

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
        args: the command's options; if `resume` is given, that checkpoint is read now.
        run: the state of the training.
        total: how many items the whole run processes.
        unit: the name of the items.
        done: returns how many items the run has done; called after a checkpoint has been read.
        lines: how many lines about the progress are printed without a call of `report`.

    Raises:
        UsageError: if the run cannot be continued from the checkpoint.
        OSError: if the folder for the run's files cannot be written.
    """

    def __init__(
        self,
        model: str,
        args: argparse.Namespace,
        run: Run,
        *,
        total: int,
        unit: str,
        done: Callable[[], int],
        lines: int = 0,
    ) -> None:
        self.model = model
        self.args = args
        self.run = run
        self.checkpoint = args.out / "checkpoint.pt"
        if args.resume:
            run.resume(args.resume, model)
        self.prepare_folder()
        self.progress = Progress(total, unit=unit, done=done(), lines=lines, epochs=getattr(args, "epochs", None))
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

    def prepare_folder(self) -> None:
        """Make the folder of the run's files, and check before the training that they can be written.

        Raises:
            OSError: if they cannot be written.
        """
        self.args.out.mkdir(parents=True, exist_ok=True)
        for path in (self.checkpoint, self._figure_path(""), *([self.args.json] if self.args.json else [])):
            check_writable(path)

    def step(self, count: int = 1, /, **figures: float) -> bool:
        """Show that `count` more items are done; True if the user has asked to stop."""
        self.progress.step(count, **figures)
        if time.monotonic() - self._saved > _SAVE_EVERY:
            self.save()
        return self._stop.requested

    def report(self, title: str, **figures: float) -> None:
        """Write a checkpoint, and print the means since the last report."""
        self.save()  # first, because printing may end the command: standard output may be closed (``| head``)
        self.progress.report(title, **figures)

    def save(self) -> None:
        """Write the checkpoint."""
        self.run.save(self.checkpoint, self.model)
        self._saved = time.monotonic()

    @property
    def stopping(self) -> bool:
        """True if the user has asked to stop."""
        return self._stop.requested

    def stopped(self) -> int:
        """Print how to continue; returns 130, the exit code of a command that Ctrl-C ended."""
        print(f"stopped; to continue: minitorch train {self.model} --resume {self.checkpoint}")
        return 130

    def figure(self, draw: Callable[[Any], None], size: tuple[float, float] = (10, 5), part: str = "") -> None:
        """Draw a figure and write it to ``MODEL.png``, or ``MODEL-PART.png`` if `part` is given.

        Args:
            draw: draws on the empty figure that it is called with.
            size: in inches.
            part: a word for the content, if the model has several figures.
        """
        path = self._figure_path(part)
        if save_figure(path, draw, size):
            self._figures.append(path)

    def _figure_path(self, part: str) -> Path:
        path: Path = self.args.out / (f"{self.model}-{part}.png" if part else f"{self.model}.png")
        return path

    def finish(self, results: dict[str, Any], draw: Callable[[Any], None], size: tuple[float, float] = (10, 5)) -> int:
        """Draw the figure, print the paths of the files, and write the metrics if ``--json`` asks for them.

        Args:
            results: the metrics of the run; `losses` and `seconds` are added.
            draw: draws on the empty figure that it is called with.
            size: of the figure in inches.

        Returns:
            0, the exit code.
        """
        self.figure(draw, size)
        print(f"\ncheckpoint {self.checkpoint}")
        for figure in sorted(self._figures):
            print(f"figure     {figure}")
        if self.args.json:
            record = {**results, "losses": self.run.losses, "seconds": self.run.seconds}
            write_json(self.args.json, run_record(self.model, self.args, **record))
        return 0
