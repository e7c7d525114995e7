"""The results of a run: its metrics as JSON for other programs, and the confusion table of a classifier."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np

from minitorch.files import atomic_write
from minitorch.version import __version__

__all__ = ["confusion_matrix", "confusion_table", "run_record", "versions", "write_json"]


def versions() -> dict[str, str]:
    """The versions of the software on which a run's numbers depend."""
    return {
        "minitorch": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }


def run_record(model: str, options: argparse.Namespace, **results: Any) -> dict[str, Any]:
    """The model, its options, its results by name, and the versions of the software, in one dict."""
    plain = {name: value for name, value in vars(options).items() if not callable(value)}
    return {"model": model, "options": plain, **results, "versions": versions()}


def write_json(path: str | os.PathLike[str], record: Mapping[str, Any]) -> None:
    """Write `record` as JSON in UTF-8; if that fails, an existing file keeps its content.

    NumPy's scalars and arrays become numbers and lists, paths become strings. JSON has no NaN and no infinities:
    they are written as null. A byte of a path that is not UTF-8 is written as Python's surrogate escape.

    Raises:
        TypeError: for a value that JSON cannot represent.
        OSError: if the file cannot be written.
    """
    text = json.dumps(_plain(record), indent=2, ensure_ascii=False, allow_nan=False)
    with atomic_write(path) as file:
        file.write((text + "\n").encode("utf-8", "backslashreplace"))


def _plain(value: Any) -> Any:
    """`value` as JSON's types: dicts, lists, numbers, strings and None."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, PurePath):
        return str(value)
    return value


def confusion_matrix(labels: Any, predictions: Any, classes: int) -> np.ndarray:
    """How often each class (row) was predicted as each class (column): (classes, classes), int64.

    Args:
        labels: the true classes, (N,), integers from 0 to classes − 1.
        predictions: the predicted classes, (N,), integers from 0 to classes − 1.
        classes: the number of classes.

    Raises:
        ValueError: if the shapes differ, or a class is out of range.
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.shape != predictions.shape or labels.ndim != 1:
        raise ValueError(
            f"expected labels and predictions of one shape (N,), but got {labels.shape} and {predictions.shape}"
        )
    for name, values in (("labels", labels), ("predictions", predictions)):
        if values.size and not (values.min() >= 0 and values.max() < classes):
            raise ValueError(f"expected {name} from 0 to {classes - 1}, but got {values.min()} to {values.max()}")
    pairs = labels.astype(np.int64) * classes + predictions.astype(np.int64)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def confusion_table(matrix: np.ndarray, names: Sequence[str] | None = None) -> str:
    """`matrix` as text: a row for each true class with its percentage of hits, a column for each prediction.

    A zero is shown as a dot, so that the mistakes are easy to see.

    Raises:
        ValueError: if `matrix` does not have a row and a column for each name.
    """
    names = [str(i) for i in range(len(matrix))] if names is None else list(names)
    if matrix.shape != (len(names), len(names)):
        raise ValueError(f"expected a square matrix of {len(names)} classes, but got {matrix.shape}")
    width = max(len(str(matrix.max(initial=0))), *(len(name) for name in names)) + 1
    stub = max(4, *(len(name) for name in names))
    lines = [
        " " * (stub + 1) + "predicted",
        "true".ljust(stub) + " " + "".join(name.rjust(width) for name in names) + "    right",
    ]
    for name, row, right in zip(names, matrix, matrix.diagonal(), strict=True):
        cells = "".join((str(n) if n else "·").rjust(width) for n in row)
        share = f"{100 * right / row.sum():6.1f} %" if row.sum() else "     –"
        lines.append(f"{name.rjust(stub)} {cells} {share}")
    return "\n".join(lines)
