"""Standard output and standard error of a command, whatever they are connected to."""

from __future__ import annotations

import codecs
import os
import sys
from contextlib import suppress

__all__ = ["discard_if_broken", "prepare"]

_PLAIN = str.maketrans({"·": ".", "–": "-", "−": "-", "×": "x", "…": "...", "²": "^2"})


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    """The error handler of a codec: it replaces a character by a similar ASCII character, or by its number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    plain = error.object[error.start : error.end].translate(_PLAIN)
    return plain.encode("ascii", "backslashreplace").decode("ascii"), error.end


codecs.register_error("minitorch.plain", _replace)


def prepare() -> None:
    """Make sure that printing does not fail because a stream is closed or a terminal cannot show a character.

    A stream that was closed when the process began (``>&-``) is None in Python; it becomes one that discards what is
    written. On an ASCII terminal ``·`` is printed as ``.`` instead of raising a UnicodeEncodeError.
    """
    if sys.stdout is None or sys.stderr is None:
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:  # else the next file would get the number 1 or 2,
            pass  # and what a library writes to standard output would go into it
        os.close(descriptor)
        null = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - it stays open as long as the process lives
        sys.stdout, sys.stderr = sys.stdout or null, sys.stderr or null
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="minitorch.plain")


def discard_if_broken() -> None:
    """Connect a broken stream to the null device, so that Python can flush it at exit without an error."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError), open(os.devnull, "wb") as null:
                os.dup2(null.fileno(), stream.fileno())
