import gzip
import hashlib

import numpy as np
import pytest

from minitorch.datasets import digits, load_digits
from minitorch.errors import CorruptFileError

# The SHA-256 under which the file optdigits.tes of UCI's archive is known elsewhere.
PUBLISHED = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"


def in_file_order():
    """Pixels (1797, 64) and labels, put together from the result of `load_digits`."""
    split = load_digits(8, "writers")
    images = np.concatenate([split.train_images, split.test_images]).reshape(-1, 64)
    return images, np.concatenate([split.train_labels, split.test_labels])


def test_they_are_the_published_file():
    images, labels = in_file_order()
    rows = np.column_stack([images * 16, labels]).astype(int)
    text = "".join(",".join(map(str, row)) + "\n" for row in rows.tolist())
    assert hashlib.sha256(text.encode()).hexdigest() == PUBLISHED


@pytest.mark.parametrize("size", [8, 28])
@pytest.mark.parametrize("split", ["random", "writers"])
def test_shapes_types_and_range(size, split):
    data = load_digits(size, split)
    for images, labels, count in (
        (data.train_images, data.train_labels, 1437),
        (data.test_images, data.test_labels, 360),
    ):
        assert images.shape == (count, 1, size, size)
        assert images.dtype == np.float32
        assert labels.shape == (count,)
        assert labels.dtype == np.int64
        assert (images.min(), images.max()) == (0, 1)
        assert set(labels.tolist()) == set(range(10))


def test_the_random_split_is_a_partition():
    split = load_digits(8)
    parts = [
        np.column_stack([images.reshape(len(images), 64), labels])
        for images, labels in ((split.train_images, split.train_labels), (split.test_images, split.test_labels))
    ]
    together = np.concatenate(parts)
    whole = np.column_stack(in_file_order())
    assert sorted(map(tuple, together)) == sorted(map(tuple, whole))


def test_the_random_split_is_stratified_and_shuffled():
    split = load_digits(8)
    share = np.bincount(split.test_labels) / np.bincount(in_file_order()[1])
    np.testing.assert_allclose(share, 0.2, atol=1 / 174)  # within one image of each class
    for labels in (split.train_labels, split.test_labels):
        assert np.corrcoef(labels[:-1], labels[1:])[0, 1] < 0.1  # the file itself counts 0, 1, 2, …


def test_the_random_split_is_always_the_same():
    first = load_digits(8)
    np.random.seed(5)  # noqa: NPY002 - the global generator must have no say
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    second = load_digits(8)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    np.testing.assert_array_equal(first.train_images, second.train_images)
    np.testing.assert_array_equal(first.test_labels, second.test_labels)
    # Written down when the split was chosen: numbers in a README stand on it.
    assert first.test_labels[:20].tolist() == [2, 4, 7, 8, 0, 2, 3, 6, 9, 1, 8, 6, 2, 0, 4, 7, 5, 8, 9, 7]


def test_28_is_8_in_blocks():
    small, large = load_digits(8), load_digits(28)
    blocks = large.train_images[:, :, 2:26, 2:26].reshape(-1, 1, 8, 3, 8, 3)
    np.testing.assert_array_equal(blocks, np.broadcast_to(small.train_images[:, :, :, None, :, None], blocks.shape))
    margin = large.train_images.copy()
    margin[:, :, 2:26, 2:26] = 0
    assert not margin.any()


@pytest.mark.parametrize(("size", "split", "message"), [(14, "random", "size 8 or 28"), (8, "all", '"random" or')])
def test_bad_arguments(size, split, message):
    with pytest.raises(ValueError, match=message):
        load_digits(size, split)


def test_a_damaged_file_is_refused(tmp_path, monkeypatch):
    content = digits.FILE.read_bytes()
    path = tmp_path / "optdigits.tes.gz"
    monkeypatch.setattr(digits, "FILE", path)
    other = gzip.decompress(content).replace(b"0", b"1", 1)
    for damaged, message in (
        (content[:-100], "damaged"),
        (content[:2000] + b"\0" + content[2001:], "damaged|SHA-256"),
        (b"", "SHA-256"),
        (gzip.compress(other), f"SHA-256 {PUBLISHED}, but got {hashlib.sha256(other).hexdigest()}"),
    ):
        path.write_bytes(damaged)
        with pytest.raises(CorruptFileError, match=message) as caught:
            load_digits()
        assert str(path) in str(caught.value)


def test_the_source_is_named_beside_the_file():
    notice = digits.FILE.with_name("NOTICE").read_text()
    for word in ("Alpaydin", "Kaynak", "UCI Machine Learning Repository", "CC BY 4.0", PUBLISHED):
        assert word in notice
