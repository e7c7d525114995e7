"""Streams are queues of GPU work: each runs in order, several run at the same time. Events are marks in streams."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from minitorch.autograd.placement import begin_remembering, remembering
from minitorch.cuda.gpus import device as on_device, index, required
from minitorch.devices import device as Device


class Event:
    """A mark in a stream. It tells whether, and when, the work before it has finished.

    Args:
        enable_timing: whether `elapsed_time` can be called.
        blocking: whether `synchronize` puts the thread to sleep, instead of polling.
        interprocess: must be False.

    Raises:
        RuntimeError: if there is no GPU.
        NotImplementedError: for `interprocess`.
    """

    def __init__(self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False) -> None:
        if interprocess:
            raise NotImplementedError("Event: interprocess=True is not supported; leave it out")
        self._cupy = required().xp.cuda
        self._event = self._cupy.Event(block=blocking, disable_timing=not enable_timing)
        self._timed, self._recorded = enable_timing, False

    def record(self, stream: Stream | None = None) -> None:
        """Place the mark after all work in the stream, by default the current stream."""
        self._event.record((stream or current_stream())._stream)
        self._recorded = True

    def wait(self, stream: Stream | None = None) -> None:
        """Let later work in the stream wait for the mark. The call itself returns at once."""
        (stream or current_stream())._stream.wait_event(self._event)

    def query(self) -> bool:
        """Whether the work before the mark has finished; True if the event was never recorded."""
        return not self._recorded or bool(self._event.done)

    def synchronize(self) -> None:
        """Wait until the work before the mark has finished."""
        self._event.synchronize()

    def elapsed_time(self, end_event: Event) -> float:
        """Milliseconds from this mark to another.

        Raises:
            ValueError: if one of the events was not made with ``enable_timing=True``.
        """
        if not (self._timed and end_event._timed):
            raise ValueError("Both events must be created with argument 'enable_timing=True'.")
        return float(self._cupy.get_elapsed_time(self._event, end_event._event))


class Stream:
    """A queue of work for a GPU. In ``with minitorch.cuda.stream(s):`` the block's work goes to the stream `s`.

    Args:
        device: the GPU, by default the current one.
        priority: streams with lower numbers run first.

    Raises:
        RuntimeError: if there is no GPU.
    """

    def __init__(self, device: Any = None, priority: int = 0, *, _stream: Any = None) -> None:
        found = required(device)
        number = index(device)
        self.device_index = (found.current_index() or 0) if number is None else number
        with found.on(self.device_index):
            self._stream = (
                found.xp.cuda.Stream(non_blocking=True, priority=priority or None) if _stream is None else _stream
            )
        self.priority = priority

    @property
    def device(self) -> Device:
        """The GPU on which the stream's work runs."""
        return Device("cuda", self.device_index)

    @property
    def cuda_stream(self) -> int:
        """CUDA's handle of the stream."""
        return int(self._stream.ptr)

    def synchronize(self) -> None:
        """Wait until all work in the stream has finished."""
        self._stream.synchronize()

    def query(self) -> bool:
        """Whether all work in the stream has finished."""
        return bool(self._stream.done)

    def record_event(self, event: Event | None = None) -> Event:
        """Place an event, by default a new one, after all work in the stream, and return it."""
        event = Event() if event is None else event
        event.record(self)
        return event

    def wait_event(self, event: Event) -> None:
        """Let later work in this stream wait for an event."""
        event.wait(self)

    def wait_stream(self, stream: Stream) -> None:
        """Let later work in this stream wait for the work that is now in another stream."""
        self.wait_event(stream.record_event())

    def __enter__(self) -> Stream:
        self._block = _using(self)
        self._block.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._block.__exit__(*error)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stream) and (self.cuda_stream, self.device) == (other.cuda_stream, other.device)

    def __hash__(self) -> int:
        return hash((self.cuda_stream, self.device_index))

    def __repr__(self) -> str:
        return f"<torch.cuda.Stream device={self.device} cuda_stream={self.cuda_stream:#x}>"


@contextmanager
def _using(stream: Stream) -> Iterator[None]:
    with remembering(), on_device(stream.device_index), stream._stream:
        yield


class _Nothing:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass


def stream(stream: Stream | None) -> Any:
    """A context whose work goes to `stream`, on the stream's GPU; None changes nothing."""
    return _Nothing() if stream is None else _using(stream)


def set_stream(stream: Stream | None) -> None:
    """Let all later work of this thread go to `stream`, on the stream's GPU; None changes nothing."""
    if stream is not None:
        required(stream.device_index).use(stream.device_index)
        stream._stream.use()
        if stream.cuda_stream:  # for good: other threads may still use it when this one has gone back to the default
            begin_remembering()


def current_stream(device: Any = None) -> Stream:
    """The current stream of a GPU, by default of the current GPU.

    Raises:
        RuntimeError: if there is no GPU.
    """
    found = required(device)
    with found.on(index(device)):
        return Stream(device, _stream=found.xp.cuda.get_current_stream())


def default_stream(device: Any = None) -> Stream:
    """The stream that is used if no other has been set.

    Raises:
        RuntimeError: if there is no GPU.
    """
    return Stream(device, _stream=required(device).xp.cuda.Stream.null)
