"""1,797 handwritten digits of 8×8 pixels. They are part of the package and need no download.

They are the test set of *Optical Recognition of Handwritten Digits* by E. Alpaydin and C. Kaynak (1998), UCI Machine
Learning Repository, https://doi.org/10.24432/C50P49, under CC BY 4.0 (``data/NOTICE``). A pixel is the number of
dark points in a 4×4 block of the scanned 32×32 bitmap, 0 to 16. The file has the digits of its 13 writers one writer
after the other.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from pathlib import Path
from typing import Literal

import numpy as np

from minitorch.datasets.split import Split
from minitorch.errors import CorruptFileError

__all__ = ["load_digits"]

FILE = Path(__file__).with_name("data") / "optdigits.tes.gz"
SHA256 = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"  # of optdigits.tes as UCI publishes it
_SEED = 1998


def load_digits(size: Literal[8, 28] = 28, split: Literal["random", "writers"] = "random") -> Split:
    """The digits as images of `size` × `size` pixels: 1,437 to train on and 360 to test on, always the same.

    Args:
        size: 8 gives the original pixels; 28, the size of MNIST, makes each a block of 3×3 and adds a margin of 2.
        split: ``"random"`` draws the test digits from the whole file, a fifth of each class; then every writer has
            digits in both parts. ``"writers"`` tests on the last fifth of the file, which was written by other people
            than the rest: this is harder.

    Returns:
        Images (N, 1, size, size), float32 in [0, 1], and labels (N,), int64.

    Raises:
        ValueError: for another size or split.
        CorruptFileError: if the file in the package is not the published one.
    """
    if size not in (8, 28):
        raise ValueError(f"expected size 8 or 28, but got {size!r}")
    if split not in ("random", "writers"):
        raise ValueError(f'expected split "random" or "writers", but got {split!r}')
    pixels, labels = _read()
    images = pixels.astype(np.float32) / 16
    if size == 28:
        images = np.pad(images.repeat(3, axis=1).repeat(3, axis=2), ((0, 0), (2, 2), (2, 2)))
    train, test = _random_split(labels) if split == "random" else np.split(np.arange(len(labels)), [-360])
    images = images.reshape(-1, 1, size, size)
    return Split(images[train], labels[train], images[test], labels[test])


def _read() -> tuple[np.ndarray, np.ndarray]:
    """The pixels (1797, 8, 8), uint8, and labels (1797,), int64, in the file's order."""
    try:
        content = gzip.decompress(FILE.read_bytes())
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CorruptFileError(f"{FILE}: expected a whole gzip file, but got a damaged one: {error}") from error
    actual = hashlib.sha256(content).hexdigest()
    if actual != SHA256:
        raise CorruptFileError(f"{FILE}: expected content with SHA-256 {SHA256}, but got {actual}")
    rows = np.loadtxt(io.BytesIO(content), dtype=np.uint8, delimiter=",")
    return rows[:, :64].reshape(-1, 8, 8), rows[:, 64].astype(np.int64)


def _random_split(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices to train on and to test on: shuffle, order by label, and test on every fifth.

    The generator is RandomState, because NumPy promises that its numbers are the same in all versions.
    """
    order = np.random.RandomState(_SEED).permutation(len(labels))
    by_label = order[np.argsort(labels[order], kind="stable")]
    chosen = np.zeros(len(labels), dtype=bool)
    chosen[by_label[::5]] = True
    return order[~chosen[order]], order[chosen[order]]
