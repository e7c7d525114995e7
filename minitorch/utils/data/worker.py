"""The code of a worker process of a `DataLoader`: lists of indices come by one pipe, batches go by another."""

from __future__ import annotations

import collections
import os
import pickle
import random
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import threadpoolctl  # noqa: F401 - what `set_num_threads` imports, so that forked workers need not

from minitorch import random as generators
from minitorch._tensor import Tensor
from minitorch.threads import set_num_threads
from minitorch.utils.data.dataset import IterableDataset
from minitorch.utils.data.fetch import Fetch, fetcher
from minitorch.utils.data.info import WorkerInfo, set_worker_info

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = [
    "CHECK_INTERVAL",
    "Exhausted",
    "Failure",
    "Resume",
    "Task",
    "WorkerOptions",
    "receive",
    "work",
]

CHECK_INTERVAL = 5.0
"""Seconds between two checks that the other process still exists."""


class Task(NamedTuple):
    """The indices of one batch, and the number of the batch within the epoch."""

    epoch: int
    number: int
    indices: Any


class Resume(NamedTuple):
    """A new epoch begins; tasks of earlier epochs need not be done any more."""

    epoch: int


class Exhausted(NamedTuple):
    """Sent instead of a batch: the worker's copy of an iterable dataset has no more samples."""


class Failure:
    """Sent instead of a batch: an exception, its traceback, and where it was raised."""

    def __init__(self, error: BaseException, where: str) -> None:
        self.kind = type(error)
        self.text = "".join(traceback.format_exception(error))
        self.where = where

    def reraise(self) -> None:
        """Raise an exception of the same type in this process, with the traceback of the worker in its message."""
        message: Any = f"Caught {self.kind.__name__} {self.where}.\nOriginal {self.text}"
        if self.kind is KeyError:
            message = _KeyErrorMessage(message)
        try:
            make: Any = self.kind
            error = make(message=message) if getattr(make, "message", None) else make(message)
        except Exception:  # its constructor has other arguments
            error = RuntimeError(message)
        raise error from None


class _KeyErrorMessage(str):
    """A text whose line breaks a KeyError shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class WorkerOptions(NamedTuple):
    """The arguments of a worker."""

    dataset: Any
    batched: bool
    collate_fn: Callable[[Any], Any]
    drop_last: bool
    init_fn: Callable[[int], None] | None
    base_seed: int
    id: int
    num_workers: int


def work(options: WorkerOptions, tasks: Connection, results: Connection, parent: int, inherited: Any) -> None:
    """Do tasks until the pipe `tasks` is closed, or the main process has ended.

    Args:
        options: the arguments of the worker.
        tasks: the pipe with `Task` and `Resume`, and None at the end.
        results: the pipe for (epoch, number, batch or `Failure` or `Exhausted`).
        parent: the id of the main process.
        inherited: the main process's ends of pipes, which a forked process inherits. They are closed: while a copy
            is open, a worker does not see that the main process has closed its end.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the main process handles it
    for connection in inherited:
        connection.close()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the main process has closed its ends
        _work(options, tasks, _Sender(results), parent)


def _work(options: WorkerOptions, tasks: Connection, sender: _Sender, parent: int) -> None:
    seed = options.base_seed + options.id
    random.seed(seed)
    generators.manual_seed(seed)
    np.random.seed(_numpy_seed(options.base_seed, options.id))  # noqa: NPY002 - users' datasets may draw from it
    set_worker_info(WorkerInfo(options.id, options.num_workers, seed, options.dataset))
    set_num_threads(1)  # there are several workers
    where = f"in DataLoader worker process {options.id}"

    def new_fetch(init_fn: Callable[[int], None] | None = None) -> Fetch | Failure:
        try:
            if init_fn is not None:
                init_fn(options.id)
            return fetcher(options.dataset, options.batched, options.collate_fn, options.drop_last)
        except Exception as error:
            return Failure(error, where)

    fetch = new_fetch(options.init_fn)
    waiting: collections.deque[Task] = collections.deque()
    exhausted = False
    while True:
        while not waiting or tasks.poll(0):
            while not tasks.poll(CHECK_INTERVAL):
                if os.getppid() != parent:
                    return
            message = tasks.recv()
            if message is None:
                return
            if isinstance(message, Resume):
                waiting.clear()
                exhausted, fetch = False, new_fetch()
            else:
                waiting.append(message)
        task = waiting.popleft()
        if exhausted:
            continue
        batch: Any = fetch
        if not isinstance(fetch, Failure):
            try:
                batch = fetch(task.indices)
            except Exception as error:
                exhausted = isinstance(error, StopIteration) and isinstance(options.dataset, IterableDataset)
                batch = Exhausted() if exhausted else Failure(error, where)
        sender.send(task.epoch, task.number, batch, where)


def _numpy_seed(base_seed: int, worker_id: int) -> np.ndarray:
    """The seed of NumPy's old global generator in a worker, as torch computes it.

    It is computed by the algorithm of `numpy.random.SeedSequence` from the worker's number and the base seed.
    """
    entropy = [worker_id, base_seed & 0xFFFFFFFF, base_seed >> 32, 0]
    return np.random.SeedSequence(entropy).generate_state(4)


class _Sender:
    """Sends batches in another thread, so that the worker can receive tasks while the pipe is full."""

    def __init__(self, results: Connection) -> None:
        import queue
        import threading

        self._results = results
        self._queue: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def send(self, epoch: int, number: int, batch: Any, where: str) -> None:
        """Send a batch, or a `Failure` if it cannot be pickled."""
        try:
            self._queue.put(_pack((epoch, number, batch)))
        except Exception as error:
            self._queue.put(_pack((epoch, number, Failure(error, where))))

    def _run(self) -> None:
        try:
            while True:
                for part in self._queue.get():
                    self._results.send_bytes(part)
        except OSError:
            pass  # the main process does not read any more


def _pack(message: Any) -> list[Any]:
    """A message in pieces: the number of arrays, their lengths and the pickle; then the arrays' memory, not copied."""
    import io
    from multiprocessing.reduction import ForkingPickler

    class Pickler(ForkingPickler):
        def reducer_override(self, obj: Any) -> Any:
            if isinstance(obj, Tensor) and not obj.is_leaf:
                raise RuntimeError(
                    "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not "
                    "support crossing process boundaries. If you just want to transfer the data, call detach() on the "
                    "tensor before serializing (e.g., putting it on the queue)."
                )
            return NotImplemented

    buffers: list[pickle.PickleBuffer] = []
    text = io.BytesIO()
    Pickler(text, 5, True, buffers.append).dump(message)
    memory = [buffer.raw() for buffer in buffers]
    header = np.array([len(memory), *(part.nbytes for part in memory)], np.int64).tobytes()
    return [header + text.getvalue(), *(part for part in memory if part.nbytes)]


def receive(results: Connection) -> tuple[int, int, Any]:
    """The next message of a worker: epoch, number, batch, or a `Failure` or `Exhausted` instead of the batch.

    Raises:
        EOFError: if the worker has ended.
    """
    head = results.recv_bytes()
    count = int(np.frombuffer(head, np.int64, 1)[0])
    lengths = np.frombuffer(head, np.int64, count, 8).tolist()
    memory = [bytearray(length) for length in lengths]
    for part in memory:
        if part:
            results.recv_bytes_into(part)
    return pickle.loads(head[8 * (count + 1) :], buffers=memory)
