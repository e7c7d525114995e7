import gzip
import struct
from contextlib import suppress
from pathlib import Path

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from minitorch.datasets import read_idx
from minitorch.errors import CorruptFileError

CODES = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}


def encode(array):
    """An array as an IDX file's content, written from the format's description."""
    header = bytes([0, 0, CODES[array.dtype.name], array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write(folder, content, name="file"):
    path = Path(folder) / name
    path.write_bytes(content)
    return path


SMALL = encode(np.arange(24, dtype=np.int16).reshape(2, 3, 4))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("idx")


@given(
    array=st.sampled_from(sorted(CODES)).flatmap(
        lambda name: hnp.arrays(name, hnp.array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=4))
    ),
    compressed=st.booleans(),
    named=st.booleans(),
)
def test_every_type_and_shape_comes_back(folder, array, compressed, named):
    content = gzip.compress(encode(array)) if compressed else encode(array)
    read = read_idx(write(folder, content, "file.gz" if compressed and named else "file"))
    assert read.dtype == array.dtype
    assert read.dtype.isnative
    assert read.flags.writeable
    np.testing.assert_array_equal(read, array)


@pytest.mark.parametrize("length", range(len(SMALL)))
def test_a_truncated_file_is_refused(tmp_path, length):
    path = write(tmp_path, SMALL[:length])
    with pytest.raises(CorruptFileError, match=str(path)):
        read_idx(path)


def test_a_truncated_gzip_file_is_refused(tmp_path):
    content = gzip.compress(SMALL)
    for length in range(len(content)):
        path = write(tmp_path, content[:length], "file.gz")
        with pytest.raises(CorruptFileError, match=str(path)):
            read_idx(path)


def test_a_flipped_bit_in_a_gzip_file_never_changes_a_value(tmp_path):
    content = gzip.compress(SMALL, mtime=0)
    expected = read_idx(write(tmp_path, SMALL))
    refused = 0
    for bit in range(8 * len(content)):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            read = read_idx(write(tmp_path, flipped, "file.gz"))
        except CorruptFileError:
            refused += 1
        else:
            np.testing.assert_array_equal(read, expected)
    # What may be altered unseen is no content: gzip's 10 bytes of header, and the last byte of the compressed stream.
    assert refused >= 8 * (len(content) - 11)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "begins with nothing"),
        (b"\x89PNG\r\n\x1a\n", "begins with 89 50 4e 47"),
        (b"\0\0\x0a\x01\0\0\0\x00", "begins with 00 00 0a 01"),
        (b"\0\0\x08\x00\x05", "begins with 00 00 08 00"),
        (b"\0\0\x08\xff" + bytes(4 * 255), "begins with 00 00 08 ff"),
        (b"\0\0\x08\x03\0\0\0\x02", "sizes of 3 dimensions, but the file ends after 8 bytes"),
        (SMALL + b"\0", r"expected 48 bytes of int16 values of shape \(2, 3, 4\), but got more"),
        (SMALL[:-3], r"expected 48 bytes of int16 values of shape \(2, 3, 4\), but got only 45"),
        (b"\0\0\x0e\x04" + b"\xff" * 16, "but got only 0"),
    ],
)
def test_the_error_says_what_is_wrong(tmp_path, content, message):
    for path in (write(tmp_path, content), write(tmp_path, gzip.compress(content), "file.gz")):
        with pytest.raises(CorruptFileError, match=message):
            read_idx(path)


@given(st.binary(max_size=64), st.booleans())
def test_any_content_is_read_or_refused(folder, content, headed):
    path = write(folder, b"\0\0\x08\x02" + content if headed else content)
    with suppress(CorruptFileError):  # no other error
        read_idx(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read_idx(tmp_path / "nowhere")
