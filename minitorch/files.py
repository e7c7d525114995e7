"""Writing a file so that it is never half written: a temporary file beside it is written, then renamed over it.

The temporary file, ``.NAME.xxxxxxxx.tmp``, is locked by its writer. If a writer is killed, its temporary file stays,
but the lock is gone: the next writer removes temporary files that nobody has locked. (On Windows and some network file
systems there are no such locks, and nothing is removed.)
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

__all__ = ["atomic_write", "check_writable", "place", "sha256_of"]


@overload
@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]: ...
@overload
@contextmanager
def atomic_write(path: str | os.PathLike[str], *, text: Literal[True]) -> Iterator[TextIO]: ...
@contextmanager
def atomic_write(path: str | os.PathLike[str], *, text: bool = False) -> Iterator[IO[Any]]:
    """Open a seekable file that replaces `path` when the ``with`` block ends without an error.

    If the block raises, or the process dies in it, `path` keeps its old content. It is never missing or half
    written.

    As with a plain ``open(path, "w")``, a new file gets the permissions that the umask leaves, an existing file keeps
    its permissions, and if `path` is a symbolic link, its target is written. A path that is not a regular file (a
    pipe, ``/dev/stdout``) cannot be replaced: it is written directly.

    Args:
        path: the file to write; its folder must exist.
        text: yield a text file in UTF-8 instead of a binary one.

    Raises:
        OSError: as `open` would, with `path` as the file's name.
    """
    target = Path(os.path.realpath(path))
    mode, encoding = ("w+", "utf-8") if text else ("w+b", None)
    found = _existing(target, os.fspath(path))
    if found is not None and not stat.S_ISREG(found.st_mode):
        with open(target, mode[0] + mode[2:], encoding=encoding) as file:
            yield file
        return

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


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise the error that `atomic_write` would raise at its start; `path` is not changed.

    Raises:
        OSError: as `atomic_write`.
    """
    target = Path(os.path.realpath(path))
    found = _existing(target, os.fspath(path))
    if found is None or stat.S_ISREG(found.st_mode):
        temporary, descriptor = _create(target, os.fspath(path))
        os.close(descriptor)
        temporary.unlink()


def place(temporary: Path, target: Path) -> None:
    """Rename `temporary` to `target`. Even after a power cut `target` is the whole old file or the whole new one.

    Both must be in the same folder. The content is flushed to the disk before the rename, the folder after it.
    """
    _sync(temporary, os.O_RDWR)
    os.replace(temporary, target)
    if os.name == "posix":  # on other systems a folder cannot be opened to be flushed
        _sync(target.parent, os.O_RDONLY)


def sha256_of(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _existing(target: Path, name: str) -> os.stat_result | None:
    """The status of the file `target`, None if there is no file. Error messages call it `name`."""
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
    return found


def _create(target: Path, name: str) -> tuple[Path, int]:
    """Create a temporary file in the folder of `target`; returns its path and its open, locked descriptor.

    Error messages call it `name`.
    """
    while True:
        # A file can only be renamed within its file system, so both are in one folder. 60 characters fit any limit.
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
        os.close(descriptor)  # another writer removed it before it was locked


def _clear(target: Path) -> None:
    """Remove the temporary files of killed writers of `target`."""
    if sys.platform == "win32":
        return
    start, end = f".{target.name[:60]}.", ".tmp"
    with suppress(OSError):  # the folder may be unreadable; if there is none, `_create` will raise
        for entry in list(os.scandir(target.parent)):
            if entry.name.startswith(start) and entry.name.endswith(end) and len(entry.name) == len(start + end) + 8:
                with suppress(OSError):  # its writer is running and has locked it, or another writer has removed it
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
