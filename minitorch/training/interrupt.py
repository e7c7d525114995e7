"""Stopping a training between two steps, where its state is whole."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType, TracebackType

__all__ = ["CleanStop"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class CleanStop:
    """Turns the first Ctrl-C (or a termination signal) into a request that the training loop asks for.

        with CleanStop() as stop:
            for batch in loader:
                ...                      # never cut in the middle
                if stop.requested:
                    save(...)
                    break

    A second one raises KeyboardInterrupt at once. Outside the main thread, where Python delivers no signals, it
    does nothing.

    Attributes:
        requested: whether the training is to stop after this step.
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
