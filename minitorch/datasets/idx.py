"""The IDX file format, in which MNIST and similar data sets are published.

The file begins with four bytes: zero, zero, a code for the type, and the number of dimensions. The size of each
dimension follows, a big-endian 32-bit number, then the values, big-endian and in C order. Source: the description of
the format on the MNIST page of Y. LeCun, C. Cortes and C. Burges (http://yann.lecun.com/exdb/mnist/).
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from minitorch.errors import CorruptFileError

__all__ = ["read_idx"]

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20
_MAX_DIMENSIONS = 32


def read_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """The array in an IDX file, plain or gzip-compressed.

    A file that is truncated or too long, or whose gzip checksum is wrong, is refused. (A plain file has no checksum:
    altered values cannot be noticed.)

    Returns:
        A new array in native byte order with the file's shape; its dtype is uint8, int8, int16, int32, float32
        or float64, as the file says.

    Raises:
        CorruptFileError: if the content does not agree with the header; the message names the file, what was expected
            and what was found.
        OSError: if the file cannot be read.
    """
    path = Path(path)
    with path.open("rb") as raw:
        compressed = path.suffix == ".gz" or raw.read(2) == _GZIP_MAGIC
        raw.seek(0)
        if not compressed:
            return _read(raw, path)
        try:
            with gzip.GzipFile(fileobj=raw, mode="rb") as file:
                return _read(cast(BinaryIO, file), path)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise CorruptFileError(f"{path}: expected a whole gzip file, but got a damaged one: {error}") from error


def _read(file: BinaryIO, path: Path) -> np.ndarray:
    magic = _take(file, 4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _DTYPES or not 1 <= magic[3] <= _MAX_DIMENSIONS:
        codes = ", ".join(f"{code:02x}" for code in _DTYPES)
        raise CorruptFileError(
            f"{path}: expected an IDX file, which begins with 00 00, a type ({codes}) and the number of dimensions "
            f"(1 to {_MAX_DIMENSIONS}), but it begins with {magic.hex(' ') or 'nothing'}"
        )
    dtype, ndim = np.dtype(_DTYPES[magic[2]]), magic[3]
    sizes = _take(file, 4 * ndim)
    if len(sizes) < 4 * ndim:
        raise CorruptFileError(
            f"{path}: expected the sizes of {ndim} dimensions, but the file ends after {4 + len(sizes)} bytes"
        )
    shape = struct.unpack(f">{ndim}I", sizes)
    expected = math.prod(shape) * dtype.itemsize
    values = _take(file, expected)
    if len(values) < expected or file.read(1):
        actual = f"only {len(values):,}" if len(values) < expected else "more"
        raise CorruptFileError(
            f"{path}: expected {expected:,} bytes of {dtype.name} values of shape {shape}, but got {actual}"
        )
    return np.frombuffer(values, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _take(file: BinaryIO, count: int) -> bytearray:
    """The next `count` bytes, fewer only at the end of the file.

    They are read in pieces, because ``file.read(count)`` allocates as many bytes as a damaged header claims.
    """
    taken = bytearray()
    while len(taken) < count and (chunk := file.read(min(count - len(taken), _CHUNK))):
        taken += chunk
    return taken
