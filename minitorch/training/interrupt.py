"""Stopping a training run between two steps, when its state is consistent."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType, TracebackType

__all__ = ["CleanStop"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class CleanStop:
    """Turns the first Ctrl-C (or termination signal) into a flag that the training loop checks.

        with CleanStop() as stop:
            for batch in loader:
                ...                      # a whole step, which the signal does not interrupt
                if stop.requested:
                    save(...)
                    break

    A second signal raises KeyboardInterrupt at once. In a thread other than the main thread, which Python gives no
    signals, it does nothing.

    Attributes:
        requested: True after a signal: the training should stop after this step.
    """

    requested = False

    def __enter__(self) -> CleanStop:
        main = threading.current_thread() is threading.main_thread()
        self._previous = {number: signal.signal(number, self._request) for number in _SIGNALS} if main else {}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _request(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
        print("\nstopping after this step (once more to stop at once)", file=sys.stderr, flush=True)
