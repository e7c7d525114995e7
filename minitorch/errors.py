"""Exceptions that torch does not have: errors of files and of commands."""

from __future__ import annotations

from pickle import UnpicklingError


class UsageError(Exception):
    """A command cannot do what the user asked for. The message is one line that says what to do instead."""


class CorruptFileError(ValueError):
    """A file does not have the content that it must have: it is cut off, altered, or another kind of file.

    The message names the file.
    """


class CorruptCheckpointError(CorruptFileError, RuntimeError):
    """A damaged checkpoint. It is also a RuntimeError, because torch raises that."""


class CorruptPickleError(CorruptFileError, UnpicklingError):
    """The pickle in a checkpoint is damaged. It is also an UnpicklingError, because torch raises that."""


class EmptyFileError(CorruptFileError, EOFError):
    """A checkpoint has no content at all. It is also an EOFError, because torch raises that."""


class DeviceNotFoundError(RuntimeError):
    """A checkpoint was saved from, or is to be loaded to, a missing device. The message names the file."""


class DownloadError(OSError):
    """A file could not be downloaded. The message says why each mirror failed, and what to do instead."""
