"""The command-line options that models share, checked before any work begins."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from kernels.backend import get_backend
from minitorch.datasets import Split, load_digits, load_mnist
from minitorch.errors import UsageError

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
) -> None:
    """Add --device, --seed, --epochs or --steps, --batch-size, --lr, --out, --resume, --json, with a model's defaults.

    An option whose default is None is left out. `out` may hold ``{model}``, which stands for the last word of the
    parser's program name.
    """
    model = parser.prog.split()[-1]
    run = parser.add_argument_group("training")
    run.add_argument("--device", type=device, default="cpu", help="cpu, cuda or cuda:N (default: %(default)s)")
    run.add_argument("--seed", type=seed, default=0, help="of all random numbers (default: %(default)s)")
    lengths = {"--epochs": (epochs, "passes over the data"), "--steps": (steps, "steps of the optimizer")}
    for option, (value, help) in {**lengths, "--batch-size": (batch_size, "samples a step")}.items():
        if value is not None:
            run.add_argument(option, type=count, default=value, help=f"{help} (default: %(default)s)")
    run.add_argument("--lr", type=positive, default=lr, help="learning rate (default: %(default)s)")
    files = parser.add_argument_group("files")
    files.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        default=Path(out.format(model=model)),
        help="where the checkpoint and the figure go (default: %(default)s)",
    )
    files.add_argument(
        "--resume", type=existing_file, metavar="CHECKPOINT", help="go on from a checkpoint of an earlier run"
    )
    files.add_argument("--json", type=output_file, metavar="FILE", help="write the metrics of the run to FILE")


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Add --data, --data-dir and --split, which `load_data` reads."""
    data = parser.add_argument_group("data")
    data.add_argument(
        "--data",
        choices=("digits", "mnist"),
        default="digits",
        help="digits: 1,797 that are shipped; mnist: from --data-dir, or downloaded (default: %(default)s)",
    )
    data.add_argument("--data-dir", type=Path, metavar="FOLDER", help="a folder with MNIST's IDX files")
    data.add_argument(
        "--split",
        choices=("random", "writers"),
        default="random",
        help="test on digits of the writers trained on, or on other writers' (digits only; default: %(default)s)",
    )


def load_data(args: argparse.Namespace) -> Split:
    """The images of 28×28 that the options of `add_data_options` ask for.

    Raises:
        UsageError: if the options contradict one another.
        OSError: as `minitorch.datasets.load_mnist`; so CorruptFileError.
    """
    if args.data == "digits":
        if args.data_dir is not None:
            raise UsageError("--data-dir is where MNIST's files are: give --data mnist with it")
        return load_digits(28, args.split)
    if args.split != "random":
        raise UsageError(f"--split {args.split} is for --data digits: MNIST's own split is fixed")
    return load_mnist(args.data_dir)


def count(text: str) -> int:
    """A whole number of at least 1 (for argparse)."""
    return _whole(text, 1, None)


def seed(text: str) -> int:
    """A seed that ``manual_seed`` takes: a whole number from −2⁶³ to 2⁶⁴ − 1 (for argparse)."""
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
    """The path of a file that is there (for argparse)."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return path


def output_file(text: str) -> Path:
    """The path of a file whose folder is there, and is not itself a folder (for argparse)."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"expected a file to write, but {text!r} is a folder")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r} to write {path.name!r} to")
    return path


def device(text: str) -> str:
    """A device that this machine has: ``cpu``, ``cuda``, ``cuda:1``, or a registered backend's name (for argparse)."""
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


def _whole(text: str, low: int, high: int | None) -> int:
    try:
        value = int(text)
    except ValueError:
        value = None
    if value is None or value < low or (high is not None and value > high):
        limits = f"of at least {low}" if high is None else f"from {low} to {high}"
        raise argparse.ArgumentTypeError(f"expected a whole number {limits}, but got {text!r}")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, but got {text!r}") from None
