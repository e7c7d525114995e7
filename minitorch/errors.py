"""The exceptions that have no counterpart in torch: errors of files and of commands."""

from __future__ import annotations

from pickle import UnpicklingError


class UsageError(Exception):
    """A command cannot do what its user asked for. The message is one line that says what to do instead."""


class CorruptFileError(ValueError):
    """A file does not have the content that it must have: it is cut off, altered, or another kind of file.

    The message names the file.
    """


class CorruptCheckpointError(CorruptFileError, RuntimeError):
    """A damaged checkpoint. It is also a RuntimeError, which is what torch raises for one."""


class CorruptPickleError(CorruptFileError, UnpicklingError):
    """The pickle in a checkpoint is damaged. It is also an UnpicklingError, which is what torch raises for one."""


class EmptyFileError(CorruptFileError, EOFError):
    """A checkpoint has no content at all. It is also an EOFError, which is what torch raises for one."""


class DeviceNotFoundError(RuntimeError):
    """A checkpoint was saved from, or is to be loaded to, a device that is not there. The message names the file."""


class DownloadError(OSError):
    """No mirror gave the file. The message names each mirror with its reason, and how to go on without it."""
