"""The zip archive of a checkpoint. Its records are not compressed, and each begins at a multiple of 64 bytes.

`ArchiveWriter` writes every field as torch does, so that minitorch's and torch's files are equal byte for byte.
`ArchiveReader` checks every field, because the file may be damaged or malicious. Formats:
https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT and https://docs.pytorch.org/docs/stable/notes/serialization.html
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from minitorch.errors import CorruptCheckpointError
from minitorch.serialization.source import Source

if TYPE_CHECKING:
    from zipfile import ZipInfo

__all__ = ["ALIGNMENT", "ArchiveReader", "ArchiveWriter"]

ALIGNMENT = 64
_VERSION = b"3\n"
_NEWEST_VERSION = 10
_UINT32_MAX = 0xFFFFFFFF  # larger values do not fit: they are written in the zip64 extra field
_UINT16_MAX = 0xFFFF
_UTF8, _SIZES_FOLLOW = 0x0800, 0x0008
_CHUNK = 1 << 20

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")


class _Written(NamedTuple):
    name: bytes
    crc: int
    size: int
    offset: int


def _flags(record: _Written) -> int:
    return _UTF8 | (_SIZES_FOLLOW if record.size else 0)


class ArchiveWriter:
    """Writes records one after the other; at the end of its ``with`` block, the last records and the directory.

    Args:
        file: the file to write to; only its `write` is used.
        root: the folder inside the archive that contains all records.
    """

    def __init__(self, file: Any, root: str) -> None:
        self._file = file
        self._root = root
        self._at = 0
        self._records: list[_Written] = []

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            return
        self.write("version", _VERSION)
        names = zlib.crc32(b"".join(record.name for record in self._records))
        contents = zlib.crc32(np.array([record.crc for record in self._records], "<u4").tobytes())
        self.write(".data/serialization_id", b"%020d%020d" % (names, contents))
        self._write_directory()

    def write(self, name: str, data: Any) -> None:
        """Add a record: bytes, or an object with the buffer protocol, such as a contiguous array."""
        data = memoryview(data).cast("B") if len(data) else b""
        record = _Written(f"{self._root}/{name}".encode(), zlib.crc32(data), len(data), self._at)
        extra = self._local_zip64(record)
        before_data = self._at + _LOCAL.size + len(record.name) + len(extra) + 4
        padding = -before_data % ALIGNMENT
        extra += struct.pack("<2sH", b"FB", padding) + b"Z" * padding
        self._put(_LOCAL.pack(b"PK\3\4", 0, _flags(record), 0, 0, 0, 0, 0, 0, len(record.name), len(extra)))
        self._put(record.name)
        self._put(extra)
        if record.size:
            self._put(data)
            wide = record.size >= _UINT32_MAX or record.offset >= _UINT32_MAX
            self._put(struct.pack("<4sL2Q" if wide else "<4s3L", b"PK\7\10", record.crc, record.size, record.size))
        self._records.append(record)

    def _put(self, data: Any) -> None:
        self._file.write(data)
        self._at += len(data)

    @staticmethod
    def _local_zip64(record: _Written) -> bytes:
        fields = [record.size] * 2 if record.size >= _UINT32_MAX else []
        fields += [record.offset] if record.offset >= _UINT32_MAX else []
        return struct.pack(f"<2H{len(fields)}Q", 1, 8 * len(fields), *fields) if fields else b""

    def _write_directory(self) -> None:
        start = self._at
        for record in self._records:
            extra = self._local_zip64(record)
            size, offset = min(record.size, _UINT32_MAX), min(record.offset, _UINT32_MAX)
            sizes = (record.crc, size, size, len(record.name), len(extra))
            self._put(_CENTRAL.pack(b"PK\1\2", 0, 0, _flags(record), 0, 0, 0, *sizes, 0, 0, 0, 0, offset))
            self._put(record.name)
            self._put(extra)
        end, count = self._at, len(self._records)
        self._put(_END64.pack(b"PK\6\6", _END64.size - 12, 0x031E, 45, 0, 0, count, count, end - start, start))
        self._put(_LOCATOR64.pack(b"PK\6\7", 0, end, 1))
        short = min(count, _UINT16_MAX)
        self._put(_END.pack(b"PK\5\6", 0, 0, short, short, min(end - start, _UINT32_MAX), min(start, _UINT32_MAX), 0))


class ArchiveReader:
    """Reads the records of an archive. It uses no more memory than the length of the file, and unpacks nothing to disk.

    Args:
        source: the archive.
        path: the archive's path; only `mapped` needs it.

    Raises:
        CorruptCheckpointError: if the file is not such an archive, is truncated or damaged, or has records that a
            checkpoint does not have: compressed, encrypted or overlapping ones, or names that lead out of the archive.
    """

    def __init__(self, source: Source, path: str | None = None) -> None:
        import zipfile

        self._source = source
        self._path = path
        self._mapped: Any = None
        length = source.length
        with self._errors("reading zip archive"):
            self._zip = zipfile.ZipFile(source)
            entries = self._zip.infolist()
        if not entries:
            raise self._error("the archive has no records")
        root, slash, _ = entries[0].filename.partition("/")
        if not slash:
            raise self._error(f"record {entries[0].filename[:100]!r} is not in a folder")
        total = 0
        self._entries: dict[str, ZipInfo] = {}
        for entry in entries:
            parts = entry.filename.replace("\\", "/").split("/")
            if ".." in parts or parts[0] == "":
                raise self._error(f"record name {entry.filename[:100]!r} leads out of the archive")
            if entry.filename in self._entries:
                raise self._error(f"there are two records named {entry.filename[:100]!r}")
            if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
                raise self._error(
                    f"record {entry.filename[:100]!r} is compressed; a checkpoint's records are stored as they are"
                )
            total += entry.file_size
            self._entries[entry.filename] = entry
        if total > length:
            raise self._error(f"its records claim {total} bytes, but the file has only {length}")
        self._prefix = root + "/"
        self._check_version()

    def __contains__(self, name: str) -> bool:
        return self._prefix + name in self._entries

    def size(self, name: str) -> int:
        """The length of a record in bytes."""
        return self._entry(name).file_size

    def read(self, name: str) -> bytes:
        """The content of a record; its checksum is verified."""
        return self.array(name).tobytes()

    def array(self, name: str, dtype: Any = np.uint8) -> np.ndarray:
        """The content of a record as a new 1-D array of a dtype; its checksum is verified.

        Incomplete elements at the end are left out; the caller must compare `size` with the expected size.
        """
        entry = self._entry(name)
        content = np.empty(entry.file_size // np.dtype(dtype).itemsize, dtype)
        left = memoryview(content.view(np.uint8).data)
        with self._errors(f"reading record {name[:100]!r}"), self._zip.open(entry) as record:
            while left:
                chunk = record.read(min(len(left), _CHUNK))
                if not chunk:
                    raise EOFError(f"{len(left)} bytes are missing")
                left[: len(chunk)] = chunk
                left = left[len(chunk) :]
        return content

    def mapped(self, name: str) -> np.ndarray:
        """The content of a record as a uint8 array that is read from the file on access.

        Its checksum is not verified. What is written to the array changes memory only, not the file.
        """
        entry = self._entry(name)
        if self._mapped is None:
            self._mapped = np.memmap(str(self._path), np.uint8, mode="c")
        with self._errors(f"reading record {name[:100]!r}"), self._zip.open(entry):  # checks the header of the record
            header = self._mapped[entry.header_offset :][: _LOCAL.size].tobytes()
            start = entry.header_offset + _LOCAL.size + sum(_LOCAL.unpack(header)[-2:])
        if start + entry.file_size > len(self._mapped):
            raise self._error(f"record {name[:100]!r} ends after the end of the file")
        return np.asarray(self._mapped[start : start + entry.file_size])

    def _entry(self, name: str) -> ZipInfo:
        try:
            return self._entries[self._prefix + name]
        except KeyError:
            raise self._error(f"record {name[:100]!r} is missing") from None

    def _check_version(self) -> None:
        name = ".data/version" if ".data/version" in self else "version"
        text = self.read(name)
        if len(text) > 4 or not text.strip().isdigit() or not 1 <= int(text) <= _NEWEST_VERSION:
            raise self._error(f"its version is {text[:20]!r}; versions 1 to {_NEWEST_VERSION} can be read")

    @staticmethod
    def _error(message: str) -> CorruptCheckpointError:
        return CorruptCheckpointError(f"PytorchStreamReader failed: {message}")

    @contextmanager
    def _errors(self, doing: str) -> Iterator[None]:
        """Convert the errors of `zipfile` for a damaged archive to CorruptCheckpointError."""
        import zipfile

        try:
            yield
        except (
            zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, ValueError,
            OverflowError, struct.error, zlib.error,
        ) as error:  # fmt: skip
            if self._source.failure is not None:
                raise self._source.failure from error
            raise CorruptCheckpointError(
                f"PytorchStreamReader failed {doing}: {str(error)[:300]}; the file is truncated or damaged"
            ) from error
