"""The files of `load` and `save`: a Source never reads beyond the file's end, a Sink always writes all bytes."""

from __future__ import annotations

import os
from typing import Any

__all__ = ["Sink", "Source"]


class Source:
    """A binary file whose reads are limited to the existing bytes.

    ``file.read(n)`` of an ordinary file allocates n bytes before it reads. A damaged checkpoint may say that a text of
    4 GB follows, so everything that reads checkpoints uses this class: a read gets at most the remaining bytes, and a
    seek to a position before the beginning raises ValueError.

    Args:
        file: a file with `read`, `readline`, `seek` and `tell`, at any position.

    Attributes:
        length: the file's length in bytes.
        failure: the error of a failed read, if any; `zipfile` would report some of them as a damaged archive.

    Raises:
        TypeError: if `file` returns text instead of bytes.
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        self._position: int = file.tell()
        file.seek(0, os.SEEK_END)
        self.length: int = file.tell()
        file.seek(self._position)
        self.failure: OSError | None = None

    def read(self, count: int = -1) -> bytes:
        """The next `count` bytes, fewer only at the end of the file; all remaining bytes if `count` is negative."""
        left = max(self.length - self._position, 0)
        count = left if count < 0 else min(count, left)
        try:
            data = self._checked(self._file.read(count))
            while len(data) < count and (more := self._checked(self._file.read(count - len(data)))):
                data += more  # an unbuffered file may return fewer bytes
        except OSError as error:
            self.failure = error
            raise
        self._position += len(data)
        return data

    def readline(self, limit: int = -1) -> bytes:
        """The bytes up to and with the next newline, at most `limit` bytes if `limit` is not negative."""
        left = max(self.length - self._position, 0)
        data = self._checked(self._file.readline(left if limit < 0 else min(limit, left)))
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position, as `io.IOBase.seek` does; returns the new one."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.length}[whence]
        if base + offset < 0:
            raise ValueError(f"negative seek value {base + offset}")
        self._file.seek(base + offset)
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """The position in the file."""
        return self._position

    def seekable(self) -> bool:
        """Always True; `zipfile` calls it."""
        return True

    @staticmethod
    def _checked(data: Any) -> bytes:
        if not isinstance(data, bytes):
            raise TypeError(f"expected a file opened in binary mode ('rb'), but its read() gave {type(data).__name__}")
        return data


class Sink:
    """A binary file that always writes all bytes.

    An unbuffered file (``open(path, "wb", buffering=0)``) may write only the beginning and return its length: Linux
    writes at most 2 GiB at a time. The rest would be missing in the checkpoint.

    Args:
        file: a file with `write`, and perhaps `flush`.
    """

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: Any) -> int:
        """Write bytes, or an object with the buffer protocol; returns their number."""
        view = memoryview(data)
        size = view.nbytes
        written = self._file.write(data)
        while isinstance(written, int) and 0 < written < view.nbytes:
            view = view[written:]
            written = self._file.write(view)
        return size

    def flush(self) -> None:
        """Flush the file if it can be flushed."""
        if hasattr(self._file, "flush"):
            self._file.flush()
