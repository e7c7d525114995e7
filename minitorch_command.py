"""The console script ``minitorch``. It is outside the package, to handle Ctrl-C while the package is imported."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

__all__ = ["main"]


def main() -> int:
    """Import minitorch and run its command; returns the exit code."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # otherwise the process was started with Ctrl-C ignored
        signal.signal(signal.SIGINT, _stop)
    from minitorch.cli import main as run

    signal.signal(signal.SIGINT, before)
    return run()


def _stop(number: int, frame: FrameType | None) -> None:
    """End the process at once: during an import there is nothing to save, and an exception could be lost in it."""
    if sys.stderr is not None:
        print("minitorch: stopped", file=sys.stderr, flush=True)
    os._exit(130)
