"""The exception of recordings."""

from __future__ import annotations


class RecordingError(RuntimeError):
    """A step cannot be recorded, or a recording no longer says what the step would do.

    The message names the line of the script, what was expected, what came, and the mend.
    """
