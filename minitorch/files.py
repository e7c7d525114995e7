"""Files that are whole or not there: written beside the old one, flushed to the disk, then renamed over it.

The file beside it, ``.NAME.xxxxxxxx.tmp``, is locked for as long as its writer lives. So the next writer can tell what
a killed one has left from what another one is writing, and clears the former away. (Where there are no such locks, on
Windows and some network file systems, nothing is cleared away.)
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal, TextIO, overload

if sys.platform != "win32":
    import fcntl

__all__ = ["atomic_write", "place", "sha256_of"]


@overload
@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]: ...
@overload
@contextmanager
def atomic_write(path: str | os.PathLike[str], *, text: Literal[True]) -> Iterator[TextIO]: ...
@contextmanager
def atomic_write(path: str | os.PathLike[str], *, text: bool = False) -> Iterator[IO[Any]]:
    """Open a file that takes the place of `path` when the block ends well.

    Until then, and for ever if the block raises or the process dies, `path` stays as it was: there is no moment
    at which it is missing or half written. The file is seekable.

    As with a plain ``open(path, "w")``, a new file gets the permissions that the umask leaves, an existing one
    keeps its own, and a symbolic link is written through. What is no regular file (a pipe, ``/dev/stdout``)
    cannot be replaced, and is written to directly.

    Args:
        path: the file to write; its folder must exist.
        text: yield a text file in UTF-8 instead of a binary one.

    Raises:
        OSError: as `open` would, with `path` as the file's name.
    """
    target = Path(os.path.realpath(path))
    mode, encoding = ("w+", "utf-8") if text else ("w+b", None)
    try:
        found = target.stat()
    except FileNotFoundError:
        found = None
    if found is not None and not stat.S_ISREG(found.st_mode):
        with open(target, mode[0] + mode[2:], encoding=encoding) as file:
            yield file
        return

    if found is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(path))

    _clear(target)
    temporary, descriptor = _create(target, os.fspath(path))
    lock = os.dup(descriptor)  # keeps the lock until the file has its name
    try:
        with open(descriptor, mode, encoding=encoding) as file:
            if found is not None:
                os.chmod(temporary, stat.S_IMODE(found.st_mode))
            yield file
        place(temporary, target)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise
    finally:
        os.close(lock)


def place(temporary: Path, target: Path) -> None:
    """Rename `temporary` to `target`, over what is there, such that either outlives a power cut whole.

    Both must be in the same folder. The content is flushed to the disk before the rename, the folder after it.
    """
    _sync(temporary, os.O_RDWR)
    os.replace(temporary, target)
    if os.name == "posix":  # elsewhere a folder cannot be opened to be flushed
        _sync(target.parent, os.O_RDONLY)


def sha256_of(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _create(target: Path, name: str) -> tuple[Path, int]:
    """A new temporary file beside `target`, open and locked. Errors call it `name`."""
    while True:
        # Renaming needs the same file system, hence a sibling. 60 characters fit in any name limit.
        temporary = target.with_name(f".{target.name[:60]}.{secrets.token_hex(4)}.tmp")
        try:
            descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as error:
            raise OSError(error.errno, error.strerror, name) from None
        if sys.platform == "win32":
            return temporary, descriptor
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if temporary.exists():
            return temporary, descriptor
        os.close(descriptor)  # another writer cleared it away before it was locked


def _clear(target: Path) -> None:
    """Remove the temporary files that killed writers of `target` have left."""
    if sys.platform == "win32":
        return
    start, end = f".{target.name[:60]}.", ".tmp"
    with suppress(OSError):  # the folder may be written but not listed, or is not there, which opening a file will say
        for entry in list(os.scandir(target.parent)):
            if entry.name.startswith(start) and entry.name.endswith(end) and len(entry.name) == len(start + end) + 8:
                with suppress(OSError):  # it is locked, so in use; or another writer has cleared it away
                    descriptor = os.open(entry.path, os.O_RDWR)
                    try:
                        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        os.unlink(entry.path)
                    finally:
                        os.close(descriptor)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
