"""A lesson called from Python, as in a notebook, where its figure appears below the call.

from minitorch.training.lesson import train

train("cnn", epochs=2, record=True)     # minitorch train cnn --epochs 2 --record
"""

from __future__ import annotations

import importlib
from base64 import b64encode
from pathlib import Path
from typing import Any, NoReturn

from minitorch.command_line import Parser
from minitorch.errors import UsageError
from minitorch.models import MODELS
from minitorch.near_names import nearest

__all__ = ["Lesson", "train"]


class _Parser(Parser):
    """A parser that raises UsageError, where a command would print the message and end."""

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise UsageError((message or "").strip())


class Lesson:
    """What `train` returns. A notebook shows its figures.

    Attributes:
        model: the name of the lesson's model.
        folder: where its files are.
        code: the exit code of the command: 0, or 130 if Ctrl-C stopped it.
    """

    def __init__(self, model: str, folder: Path, code: int) -> None:
        self.model = model
        self.folder = folder
        self.code = code

    @property
    def figures(self) -> list[Path]:
        """The files of its figures; none if it was stopped, or matplotlib is not installed."""
        return [] if self.code else sorted(self.folder.glob(f"{self.model}*.png"))

    @property
    def checkpoint(self) -> Path:
        """The file that `minitorch.load` reads, and that ``resume=`` continues."""
        return self.folder / "checkpoint.pt"

    def __repr__(self) -> str:
        return f"<lesson {self.model} in {self.folder}, {len(self.figures)} figures>"

    def _repr_html_(self) -> str:
        images = [b64encode(path.read_bytes()).decode() for path in self.figures]
        return "".join(f'<img src="data:image/png;base64,{image}" style="max-width: 100%">' for image in images)


def train(model: str, **options: Any) -> Lesson:
    """Train the network of a lesson, as ``minitorch train MODEL`` does.

    Args:
        model: its name, a key of `minitorch.models.MODELS`.
        options: of the command, without the dashes: ``batch_size=20`` is ``--batch-size 20``, ``record=True`` is
            ``--record``; False and None leave an option out.

    Returns:
        The lesson, which a notebook shows as its figures.

    Raises:
        UsageError: for a model or an option that there is not, and for a value that the option does not take.
        OSError: if the folder for the files cannot be written.
    """
    if model not in MODELS:
        near = nearest(model, list(MODELS))
        raise UsageError(f"there is no lesson {model!r}{near and f'; did you mean {near}?'}")
    words: list[str] = []
    for name, value in options.items():
        if value is not None and value is not False:
            words += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    parser = _Parser(prog=f"minitorch train {model}")
    module = importlib.import_module(f"minitorch.models.{model.replace('-', '_')}")
    module.add_arguments(parser)
    args = parser.parse_args(words)
    return Lesson(model, args.out, module.run(args))
