"""MNIST: 70,000 handwritten digits of 28×28 pixels, by Y. LeCun, C. Cortes and C. J. C. Burges.

Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document Recognition",
Proceedings of the IEEE 86(11), 1998; http://yann.lecun.com/exdb/mnist/.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from minitorch.datasets.download import cache_folder, fetch
from minitorch.datasets.idx import read_idx
from minitorch.datasets.split import Split
from minitorch.errors import CorruptFileError, DownloadError

__all__ = ["load_mnist"]

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)

# The number of bytes and the SHA-256 of each file, as several frameworks publish them.
FILES = {
    "train-images-idx3-ubyte.gz": (9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
    "train-labels-idx1-ubyte.gz": (28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    "t10k-images-idx3-ubyte.gz": (1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
    "t10k-labels-idx1-ubyte.gz": (4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
}
_NAMES = "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte"


def load_mnist(data_dir: str | os.PathLike[str] | None = None, *, download: bool = True) -> Split:
    """MNIST from a folder, or from the cache folder, to which it is downloaded at the first call.

    Args:
        data_dir: a folder with the IDX files under their published names, compressed (``.gz``) or not. If only the two
            ``t10k`` files are there, their first four fifths are for training and their last fifth for testing. By
            default the four files are read from the cache folder, ``~/.cache/minitorch/mnist`` (or
            ``$XDG_CACHE_HOME/minitorch/mnist``).
        download: whether to download files that are missing in the cache folder (False: FileNotFoundError). Nothing is
            ever written to `data_dir`.

    Returns:
        Images (N, 1, 28, 28), float32 in [0, 1], and labels (N,), int64: 60,000 to train on and 10,000 to test on
        (8,000 and 2,000 if there are only the ``t10k`` files).

    Raises:
        FileNotFoundError: if files are missing.
        CorruptFileError: if a file is damaged or is not what its name says, or if there is no image to train on or
            none to test on.
        DownloadError: if a missing file could not be downloaded; the message says what to do instead.
    """
    folder = _cached(download) if data_dir is None else Path(data_dir)
    train, test = _pair(folder, "train"), _pair(folder, "t10k")
    if test is None:
        raise FileNotFoundError(f"{folder}: expected {_NAMES}, or the two t10k files alone (each with or without .gz)")
    if train is None:
        images, labels = test
        count = len(images) * 4 // 5
        train, test = (images[:count], labels[:count]), (images[count:], labels[count:])
    if not len(train[0]) or not len(test[0]):
        raise CorruptFileError(
            f"{folder}: expected images to train on and images to test on, but got {len(train[0])} and {len(test[0])}"
        )
    return Split(*train, *test)


def _cached(download: bool) -> Path:
    """The cache folder, after downloading missing files and checking the checksums of all four."""
    folder = cache_folder("mnist")
    for name, (size, sha256) in FILES.items():
        mend = f"put {_NAMES} into {folder}, or name a folder that has them (data_dir, --data-dir)"
        if not download and not (folder / name).is_file():
            raise FileNotFoundError(f"{folder / name} is not there; allow its download, or {mend}")
        try:
            fetch([mirror + name for mirror in MIRRORS], folder / name, size=size, sha256=sha256)
        except DownloadError as error:
            raise DownloadError(f"{error}. Without a connection, {mend}; the digits data set needs none") from error
    return folder


def _pair(folder: Path, part: str) -> tuple[np.ndarray, np.ndarray] | None:
    """The images (N, 1, 28, 28) and labels (N,) of one part; None if the folder has neither of its files."""
    image_path, label_path = (_find(folder, f"{part}-{kind}-ubyte") for kind in ("images-idx3", "labels-idx1"))
    if image_path is None and label_path is None:
        return None
    if image_path is None or label_path is None:
        raise FileNotFoundError(f"{image_path or label_path}: the other file of {part} is missing in this folder")
    images, labels = read_idx(image_path), read_idx(label_path)
    if images.dtype != np.uint8 or images.shape[1:] != (28, 28):
        raise CorruptFileError(
            f"{image_path}: expected uint8 images (N, 28, 28), but got {images.dtype} {images.shape}"
        )
    if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
        raise CorruptFileError(
            f"{label_path}: expected uint8 labels of shape {images.shape[:1]}, but got {labels.dtype} {labels.shape}"
        )
    if labels.max(initial=0) > 9:
        raise CorruptFileError(f"{label_path}: expected labels from 0 to 9, but got {labels.max()}")
    return np.divide(images[:, None], 255, dtype=np.float32), labels.astype(np.int64)


def _find(folder: Path, name: str) -> Path | None:
    """The path of the file of that name, compressed or not; None if there is none."""
    return next((path for path in (folder / f"{name}.gz", folder / name) if path.is_file()), None)
