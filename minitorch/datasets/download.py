"""Downloading a published file once: from any of several mirrors, continued after an interruption, and verified."""

from __future__ import annotations

import http.client
import os
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from tqdm.auto import tqdm

from minitorch.errors import DownloadError
from minitorch.files import place, sha256_of
from minitorch.version import __version__

if sys.platform != "win32":
    import fcntl

__all__ = ["cache_folder", "fetch"]

_ATTEMPTS = 8  # per mirror; an attempt follows only one that received more bytes, or that removed a wrong `.part` file
_CHUNK = 1 << 16


def cache_folder(name: str) -> Path:
    """The folder for downloaded files called `name`: ``$XDG_CACHE_HOME/minitorch/<name>``, or under ``~/.cache``.

    Raises:
        FileNotFoundError: if neither is known, because the user has no home folder.
    """
    root = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(root) if root else Path.home() / ".cache") / "minitorch" / name
    except RuntimeError as error:
        raise FileNotFoundError(f"no folder for downloads is known ({error}): set XDG_CACHE_HOME to one") from error


def fetch(urls: Sequence[str], path: str | os.PathLike[str], *, size: int, sha256: str, timeout: float = 30.0) -> Path:
    """Download a file of known content to `path`, unless it is there already.

    The bytes are written to a ``.part`` file beside it. If the connection ends, a later attempt continues that file
    (HTTP Range), with the same mirror or another one, in this process or another one. Only a file with the right
    SHA-256 is renamed to `path`. If several processes want the same file, only one downloads it.

    Args:
        urls: the addresses (http or https) of the file on several mirrors, in the order in which they are tried.
        path: the file to make; missing folders are made too.
        size: its size in bytes.
        sha256: its SHA-256, in hexadecimal.
        timeout: how many seconds to wait for data from a mirror.

    Raises:
        DownloadError: if the file could not be downloaded; the message says why each mirror failed.
        OSError: if the folder cannot be written.
    """
    path = Path(path)
    if _is_whole(path, sha256):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with _locked(path.parent):
        if _is_whole(path, sha256):  # another process has downloaded it meanwhile
            return path
        reasons = []
        for url in urls:
            reason = _from_mirror(url, part, size, sha256, timeout)
            if reason is None:
                place(part, path)
                return path
            reasons.append(f"{_host(url)}: {reason}")
    kept = f" ({_held(part):,} bytes are kept for the next attempt)" if _held(part) else ""
    raise DownloadError(f"could not download {path.name} ({size:,} bytes){kept}: {'; '.join(reasons)}")


def _host(url: str) -> str:
    """The name of a mirror in messages: its host, or the whole address if it has no host."""
    with suppress(ValueError):
        return urlsplit(url).netloc.rpartition("@")[2] or repr(url)  # without a password
    return repr(url)


def _from_mirror(url: str, part: Path, size: int, sha256: str, timeout: float) -> str | None:
    """Complete `part` and verify it. Returns None, or the reason for a failure."""
    reason = f"gave up after {_ATTEMPTS} attempts"
    for _ in range(_ATTEMPTS):
        before = _held(part)
        try:
            _receive(url, part, size, timeout)
        except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: urllib cannot read the address
            reason = str(error) or type(error).__name__
            if _held(part) <= before:
                return reason
            continue  # the connection ended, but some bytes were received: continue from there
        actual = sha256_of(part)
        if actual == sha256:
            return None
        part.unlink()
        reason = f"expected SHA-256 {sha256}, but got {actual}"
        if before == 0:
            return reason
        # The bytes from before this attempt may be wrong: download all of them once more.
    return reason


def _receive(url: str, part: Path, size: int, timeout: float) -> None:
    """Append the missing bytes of `size` to `part`; if the server ignores the Range header, write all again."""
    held = _held(part)
    if held == size:
        return
    request = urllib.request.Request(url, headers={"User-Agent": f"minitorch/{__version__}"})
    if 0 < held < size:
        request.add_header("Range", f"bytes={held}-")
    with urllib.request.urlopen(request, timeout=timeout) as response:
        if not isinstance(response, http.client.HTTPResponse):  # ftp:, file: or data:, also after a redirect
            raise OSError("expected an address that begins with http:// or https://")
        held, offered = _offer(response, held)
        if offered is not None and offered != size:
            raise OSError(f"expected a file of {size:,} bytes, but the server offers one of {offered:,}")
        with (
            part.open("ab" if held else "wb") as file,
            tqdm(total=size, initial=held, desc=part.stem, unit="B", unit_scale=True, disable=None, leave=False) as bar,
        ):
            while held < size and (chunk := response.read(min(size - held, _CHUNK))):
                file.write(chunk)
                held += len(chunk)
                bar.update(len(chunk))
    if held < size:
        raise OSError(f"the connection ended after {held:,} of {size:,} bytes")


def _offer(response: http.client.HTTPResponse, held: int) -> tuple[int, int | None]:
    """The position in the file at which the response begins, and the size of the file, None if unknown."""
    if response.status == 206:
        span = response.headers.get("Content-Range", "")
        start, _, total = span.removeprefix("bytes ").replace("-", "/").partition("/")
        if start != str(held):
            raise OSError(f"asked for the bytes from {held:,} on, but the server sent {span!r}")
        total = total.rpartition("/")[2]
        return held, int(total) if total.isdecimal() else None
    return 0, response.length


def _held(part: Path) -> int:
    """The number of bytes that have been downloaded so far."""
    return part.stat().st_size if part.exists() else 0


def _is_whole(path: Path, sha256: str) -> bool:
    return path.is_file() and sha256_of(path) == sha256


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """A context that only one process at a time can enter, if the system has file locks."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
