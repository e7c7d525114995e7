import gzip
import hashlib
import shutil
import struct

import numpy as np
import pytest

from minitorch.cli import main
from minitorch.datasets import load_mnist, mnist, read_idx
from minitorch.errors import CorruptFileError, DownloadError
from tests.datasets.test_download import Mirror, serving


def write(folder, part, count, *, images=None, labels=None, compressed=True):
    """Write one part of a data set like MNIST, of `count` random digits; returns the content."""
    random = np.random.default_rng(count)
    images = random.integers(0, 256, (count, 28, 28), dtype=np.uint8) if images is None else images
    labels = random.integers(0, 10, count, dtype=np.uint8) if labels is None else labels
    for name, array in (("images-idx3", images), ("labels-idx1", labels)):
        content = b"\0\0\x08" + struct.pack(f">B{array.ndim}I", array.ndim, *array.shape) + array.tobytes()
        path = folder / f"{part}-{name}-ubyte{'.gz' if compressed else ''}"
        path.write_bytes(gzip.compress(content, mtime=0) if compressed else content)
    return images, labels


@pytest.mark.parametrize("compressed", [True, False])
def test_a_folder_with_all_four_files(tmp_path, compressed):
    images, labels = write(tmp_path, "train", 50, compressed=compressed)
    test_images, test_labels = write(tmp_path, "t10k", 20, compressed=compressed)
    split = load_mnist(tmp_path)
    assert split.train_images.dtype == split.test_images.dtype == np.float32
    assert split.train_labels.dtype == split.test_labels.dtype == np.int64
    np.testing.assert_array_equal(split.train_images, (images / 255.0).astype(np.float32)[:, None])
    np.testing.assert_array_equal(split.train_labels, labels)
    np.testing.assert_array_equal(split.test_images, (test_images / 255.0).astype(np.float32)[:, None])
    np.testing.assert_array_equal(split.test_labels, test_labels)


def test_the_test_files_alone(tmp_path):
    images, labels = write(tmp_path, "t10k", 10)
    split = load_mnist(tmp_path)
    np.testing.assert_array_equal(split.train_labels, labels[:8])
    np.testing.assert_array_equal(split.test_labels, labels[8:])
    np.testing.assert_array_equal(split.test_images, (images[8:] / 255.0).astype(np.float32)[:, None])


def test_the_real_test_files_alone(mnist_folder):
    split = load_mnist(mnist_folder)
    assert split.train_images.shape == (8000, 1, 28, 28)
    assert split.test_images.shape == (2000, 1, 28, 28)
    images = np.concatenate([split.train_images, split.test_images])
    # Facts of MNIST's test set that everybody can look up.
    np.testing.assert_allclose((images.mean(), images.std()), (0.1325, 0.3105), atol=1e-4)
    assert split.train_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    counts = np.bincount(np.concatenate([split.train_labels, split.test_labels]))
    assert counts.tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_the_real_files_are_those_that_are_downloaded(mnist_folder):
    for name in ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"):
        content = (mnist_folder / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == mnist.FILES[name]


def test_a_real_file_cut_or_altered_is_refused(mnist_folder, tmp_path):
    for name in ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"):
        shutil.copy(mnist_folder / name, tmp_path / name)
    path = tmp_path / "t10k-images-idx3-ubyte.gz"
    content = bytearray(path.read_bytes())
    content[1_000_000] ^= 4
    for damaged in (content, content[:1_000_000]):
        path.write_bytes(damaged)
        with pytest.raises(CorruptFileError, match=str(path)):
            load_mnist(tmp_path)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=f"{tmp_path}: expected train-images-idx3-ubyte, .*t10k files alone"):
        load_mnist(tmp_path)
    write(tmp_path, "train", 5)
    with pytest.raises(FileNotFoundError, match="t10k files alone"):
        load_mnist(tmp_path)
    write(tmp_path, "t10k", 5)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match=r"t10k-images-idx3-ubyte\.gz: the other file of t10k is missing"):
        load_mnist(tmp_path)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"images": np.zeros((5, 14, 14), np.uint8)},
            r"expected uint8 images \(N, 28, 28\), but got uint8 \(5, 14, 14\)",
        ),
        ({"images": np.zeros((5, 784), np.uint8)}, r"but got uint8 \(5, 784\)"),
        ({"labels": np.zeros(4, np.uint8)}, r"labels of shape \(5,\), but got uint8 \(4,\)"),
        ({"labels": np.array([0, 1, 2, 10, 4], np.uint8)}, "labels from 0 to 9, but got 10"),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path, arrays, message):
    write(tmp_path, "t10k", 5, **arrays)
    with pytest.raises(CorruptFileError, match=message):
        load_mnist(tmp_path)


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A small data set published on a mirror of this machine, and an empty cache to download it to."""
    source = tmp_path / "source"
    source.mkdir()
    write(source, "train", 50)
    write(source, "t10k", 20)
    contents = {name: (source / name).read_bytes() for name in mnist.FILES}
    files = {name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in contents.items()}

    class Site(Mirror):
        def answer(self, handler):
            self.content = contents[handler.path.rpartition("/")[2]]
            super().answer(handler)

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(mnist, "FILES", files)
    site = Site()
    with serving(site) as (url,):
        monkeypatch.setattr(mnist, "MIRRORS", (url.removesuffix("file"),))
        yield source, tmp_path / "cache" / "minitorch" / "mnist", site


def test_the_cache_is_filled_once(published):
    source, cache, site = published
    with pytest.raises(
        FileNotFoundError, match=r"train-images-idx3-ubyte\.gz is not there; allow its download, or put"
    ):
        load_mnist(download=False)
    first = load_mnist()
    assert len(site.requests) == 4
    assert {path.name for path in cache.iterdir()} == set(mnist.FILES)
    second, plain = load_mnist(download=False), load_mnist(source)
    assert len(site.requests) == 4
    for split in (second, plain):
        np.testing.assert_array_equal(split.train_images, first.train_images)
        np.testing.assert_array_equal(split.test_labels, first.test_labels)
    np.testing.assert_array_equal(first.test_labels, read_idx(source / "t10k-labels-idx1-ubyte.gz"))


def test_offline_the_error_says_what_to_do(published, monkeypatch):
    _, cache, _ = published
    with serving(Mirror()) as (url,):
        pass
    monkeypatch.setattr(mnist, "MIRRORS", (url,))
    with pytest.raises(DownloadError) as caught:
        load_mnist()
    message = str(caught.value)
    for words in ("refused", "train-images-idx3-ubyte", "t10k-labels-idx1-ubyte", str(cache), "--data-dir", "data_dir"):
        assert words in message
    assert "\n" not in message


@pytest.mark.parametrize(("train", "test"), [(None, 0), (None, 1), (0, 3), (3, 0), (0, 0)])
def test_too_few_images(tmp_path, train, test):
    if train is not None:
        write(tmp_path, "train", train)
    write(tmp_path, "t10k", test)
    with pytest.raises(
        CorruptFileError, match=f"{tmp_path}: expected images to train on and images to test on, but got"
    ):
        load_mnist(tmp_path)


@pytest.mark.parametrize(("train", "test"), [(None, 2), (None, 3), (1, 1), (1, 3), (3, 1)])
@pytest.mark.parametrize("model", ["cnn", "lstm", "autoencoder"])
def test_few_images_are_enough_for_every_model(tmp_path, model, train, test):
    if train is not None:
        write(tmp_path, "train", train)
    write(tmp_path, "t10k", test)
    options = ["--data", "mnist", "--data-dir", str(tmp_path), "--epochs", "1", "--out", str(tmp_path / "out")]
    assert main(["train", model, *options]) == 0
    assert (tmp_path / "out" / f"{model}.png").exists()


def test_without_a_home_folder(monkeypatch):
    def unknown():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pathlib.Path.home", unknown)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    with pytest.raises(FileNotFoundError, match="set XDG_CACHE_HOME"):
        load_mnist()
