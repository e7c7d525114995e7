"""The files of `load` and `save`: a Source is read no further than it is long, a Sink writes all that it is given."""

from __future__ import annotations

import os
from typing import Any

__all__ = ["Sink", "Source"]


class Source:
    """A binary file whose reads are cut to the bytes that are there.

    ``file.read(n)`` of an ordinary file allocates n bytes before it reads any. A damaged checkpoint may say that a text
    of 4 GB follows, so everything that reads checkpoints reads through this class: a read gets at most the bytes that
    are left, and a seek to before the beginning is a ValueError.

    Args:
        file: has `read`, `readline`, `seek` and `tell`; its position may be anywhere.

    Attributes:
        length: the file's length in bytes.
        failure: the error that a read raised, if one did: `zipfile` takes some of them for a damaged archive.

    Raises:
        TypeError: if `file` gives text instead of bytes.
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        self._position: int = file.tell()
        file.seek(0, os.SEEK_END)
        self.length: int = file.tell()
        file.seek(self._position)
        self.failure: OSError | None = None

    def read(self, count: int = -1) -> bytes:
        """The next `count` bytes, fewer only at the end of the file; all that follow if `count` is negative."""
        left = max(self.length - self._position, 0)
        count = left if count < 0 else min(count, left)
        try:
            data = self._checked(self._file.read(count))
            while len(data) < count and (more := self._checked(self._file.read(count - len(data)))):
                data += more  # an unbuffered file may give fewer bytes than there are
        except OSError as error:
            self.failure = error
            raise
        self._position += len(data)
        return data

    def readline(self, limit: int = -1) -> bytes:
        """The bytes up to and with the next newline, at most `limit` of them if that is not negative."""
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
        """True: `zipfile` asks."""
        return True

    @staticmethod
    def _checked(data: Any) -> bytes:
        if not isinstance(data, bytes):
            raise TypeError(f"expected a file opened in binary mode ('rb'), but its read() gave {type(data).__name__}")
        return data


class Sink:
    """A binary file that writes everything it is given.

    An unbuffered file (``open(path, "wb", buffering=0)``) may write only the beginning and return its length: Linux
    writes at most 2 GiB at a time. The rest would be missing in the checkpoint.

    Args:
        file: has `write`, and perhaps `flush`.
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
