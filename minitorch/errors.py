"""The exceptions that have no counterpart in torch: those of files and of commands."""


class UsageError(Exception):
    """What the user of a command asked for cannot be done; the message is one line that says what to do instead."""


class CorruptFileError(ValueError):
    """A file's content is not what it must be: truncated, altered, or of another kind. The message names the file."""


class DownloadError(OSError):
    """No mirror gave the file. The message names each mirror with its reason, and how to go on without it."""
