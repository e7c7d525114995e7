"""The common command-line options of models; their values are checked when the command line is parsed."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from kernels.backend import get_backend
from minitorch.datasets import Split, load_digits, load_mnist
from minitorch.errors import UsageError
from minitorch.files import check_writable

__all__ = [
    "add_data_options",
    "add_run_options",
    "count",
    "device",
    "existing_file",
    "fraction",
    "load_data",
    "output_file",
    "positive",
    "seed",
]


def add_run_options(
    parser: argparse.ArgumentParser,
    *,
    lr: float,
    epochs: int | None = None,
    steps: int | None = None,
    batch_size: int | None = None,
    out: str = "runs/{model}",
    record: bool = False,
) -> None:
    """Add the options of a training run to a parser, with a model's defaults.

    They are --device, --seed, --epochs, --steps, --batch-size, --lr, --record, --explore, --out, --resume and --json.

    Args:
        parser: the parser; the last word of its program name is the model's name.
        lr: the default of --lr.
        epochs: the default of --epochs; None leaves the option out.
        steps: the default of --steps; None leaves the option out.
        batch_size: the default of --batch-size; None leaves the option out.
        out: the default of --out, in which ``{model}`` is replaced by the model's name.
        record: whether to add --record and --explore, which `minitorch.training.recorded` reads.
    """
    model = parser.prog.split()[-1]
    run = parser.add_argument_group("training")
    run.add_argument("--device", type=device, default="cpu", help="cpu, cuda or cuda:N (default: %(default)s)")
    run.add_argument("--seed", type=seed, default=0, help="seed of the random numbers (default: %(default)s)")
    lengths = {"--epochs": (epochs, "passes over the data"), "--steps": (steps, "steps of the optimizer")}
    for option, (value, help) in {**lengths, "--batch-size": (batch_size, "samples in a step")}.items():
        if value is not None:
            run.add_argument(option, type=count, default=value, help=f"{help} (default: %(default)s)")
    run.add_argument("--lr", type=positive, default=lr, help="learning rate (default: %(default)s)")
    if record:
        run.add_argument(
            "--record", action="store_true", help="record the training step and replay it: faster, the same numbers"
        )
        run.add_argument(
            "--explore",
            type=output_file,
            metavar="PAGE",
            help="write a page on which to step through the first training step, then go on training",
        )
    files = parser.add_argument_group("files")
    files.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        default=Path(out.format(model=model)),
        help="the folder for the checkpoint and the figures (default: %(default)s)",
    )
    files.add_argument(
        "--resume", type=existing_file, metavar="CHECKPOINT", help="continue an earlier run from its checkpoint"
    )
    files.add_argument("--json", type=output_file, metavar="FILE", help="write the metrics of the run to FILE")


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Add --data, --data-dir and --split, which `load_data` reads."""
    data = parser.add_argument_group("data")
    data.add_argument(
        "--data",
        choices=("digits", "mnist"),
        default="digits",
        help="digits: 1,797 that are part of the package; mnist: from --data-dir, or downloaded (default: %(default)s)",
    )
    data.add_argument("--data-dir", type=Path, metavar="FOLDER", help="a folder with MNIST's IDX files")
    data.add_argument(
        "--split",
        choices=("random", "writers"),
        default="random",
        help="random: test on digits of the writers that are trained on; writers: on other writers' digits (only with "
        "--data digits; default: %(default)s)",
    )


def load_data(args: argparse.Namespace) -> Split:
    """The images of 28×28 pixels that the options of `add_data_options` select.

    Raises:
        UsageError: if the options contradict one another.
        CorruptFileError: as `minitorch.datasets.load_mnist`.
        OSError: as `minitorch.datasets.load_mnist`.
    """
    if args.data == "digits":
        if args.data_dir is not None:
            raise UsageError("--data-dir is where MNIST's files are: give --data mnist with it")
        return load_digits(28, args.split)
    if args.split != "random":
        raise UsageError(f"--split {args.split} is for --data digits: MNIST's own split is fixed")
    return load_mnist(args.data_dir)


def count(text: str) -> int:
    """A whole number from 1 to 2³¹ - 1 (for argparse)."""
    return _whole(text, 1, 2**31 - 1)


def seed(text: str) -> int:
    """A seed for ``manual_seed``: a whole number from −2⁶³ to 2⁶⁴ − 1 (for argparse)."""
    return _whole(text, -(2**63), 2**64 - 1)


def positive(text: str) -> float:
    """A finite number above 0 (for argparse)."""
    value = _number(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number above 0, but got {text!r}")
    return value


def fraction(text: str) -> float:
    """A number from 0 to 1 (for argparse)."""
    value = _number(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, but got {text!r}")
    return value


def existing_file(text: str) -> Path:
    """The path of an existing file (for argparse)."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return path


def output_file(text: str) -> Path:
    """The path of a file that can be written; its folder must exist (for argparse)."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"expected a file to write, but {text!r} is a folder")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r} to write {path.name!r} to")
    try:
        check_writable(path)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot write {text!r}: {error.strerror}") from None
    return path


def device(text: str) -> str:
    """The name of a device of this machine: ``cpu``, ``cuda``, ``cuda:1``, or a registered backend (for argparse)."""
    name, colon, number = text.partition(":")
    try:
        found = get_backend(name)
        devices = found.device_count() if found.is_available() else 0
    except (LookupError, RuntimeError) as error:
        raise argparse.ArgumentTypeError(str(error.args[0]) if error.args else str(error)) from None
    if not devices:
        raise argparse.ArgumentTypeError(
            f"no {name} device is available on this machine: {found.unavailable_because()}"
        )
    if colon and (not number.isdecimal() or int(number) >= devices or not (found.indexed or int(number) == 0)):
        raise argparse.ArgumentTypeError(
            f"expected {name} or {name}:N with N from 0 to {devices - 1}, but got {text!r}"
        )
    return text


def _whole(text: str, low: int, high: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        raise argparse.ArgumentTypeError(f"expected a whole number from {low} to {high}, but got {text!r}")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, but got {text!r}") from None
