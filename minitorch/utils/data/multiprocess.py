"""Iterating over a `DataLoader` with worker processes: the code of the main process.

Every worker has two pipes, one for lists of indices and one for batches. The main process waits for all pipes at
once, and for the end of any worker. So it notices a dead worker immediately, without threads or signals.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import weakref
from collections.abc import Callable
from multiprocessing import connection, get_context
from typing import TYPE_CHECKING, Any, NamedTuple

from minitorch.utils.data.iterator import LoaderIterator
from minitorch.utils.data.worker import CHECK_INTERVAL, Exhausted, Failure, Resume, Task, WorkerOptions, receive, work

if TYPE_CHECKING:
    from minitorch.utils.data.dataloader import DataLoader

__all__ = ["MultiProcessIterator"]

_own_ends: weakref.WeakSet[Any] = weakref.WeakSet()
"""The ends of all pipes to workers that this process has open."""


class _Worker(NamedTuple):
    process: Any
    tasks: Any
    results: Any

    def close(self) -> None:
        """Tell the worker that it is no longer needed."""
        try:
            # Closing tells it too, but not while a process that the user forked has a copy of this end.
            if select.select([], [self.tasks], [], 0)[1]:
                self.tasks.send(None)
        except (OSError, ValueError):
            pass
        self.tasks.close()
        self.results.close()


class MultiProcessIterator(LoaderIterator):
    """Batches that worker processes prepare in advance, in the order of the sampler."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        super().__init__(loader)
        self._workers: list[_Worker] = []
        self._owner = os.getpid()
        self._error: str | None = None
        self._epoch = -1
        self._in_order = loader.in_order
        self._timeout = loader.timeout
        self._persistent = loader.persistent_workers
        self._per_worker = loader.prefetch_factor or 0
        if self._per_worker <= 0:
            raise AssertionError("prefetch_factor must be greater than 0 for MultiProcessingDataLoaderIter")
        context: Any = loader.multiprocessing_context or get_context()
        try:
            for i in range(loader.num_workers):
                self._workers.append(self._start(context, loader, i))
        except BaseException:
            self.shutdown()
            raise
        self.reset(loader)

    def _start(self, context: Any, loader: DataLoader[Any], number: int) -> _Worker:
        task_reader, tasks = context.Pipe(duplex=False)
        results, result_writer = context.Pipe(duplex=False)
        options = WorkerOptions(
            self._dataset, loader._auto_collation, loader.collate_fn, loader.drop_last, loader.worker_init_fn,
            self._base_seed, number, loader.num_workers,
        )  # fmt: skip
        _own_ends.update((tasks, results))
        inherited = list(_own_ends) if context.get_start_method() == "fork" else []
        process = context.Process(
            target=work, args=(options, task_reader, result_writer, os.getpid(), inherited), daemon=True
        )
        try:
            process.start()
        except BaseException:
            tasks.close()
            results.close()
            raise
        finally:
            task_reader.close()
            result_writer.close()
        return _Worker(process, tasks, results)

    @property
    def usable(self) -> bool:
        """Whether another epoch can begin: no worker has died, and no message was cut short."""
        return self._error is None

    def reset(self, loader: DataLoader[Any]) -> None:
        """Begin an epoch."""
        first = self._epoch < 0
        if not first:
            super().reset(loader)
        self._epoch += 1
        self._sent = self._next = 0  # the numbers of the next task to send, and of the next batch to return
        self._assigned: dict[int, int] = {}  # by task whose batch has not been returned: its worker
        self._arrived: dict[int, Any] = {}  # batches that arrived before their turn
        self._active = [True] * len(self._workers)  # whether the worker's dataset has more samples
        self._turn = 0
        if not first:
            for i in range(len(self._workers)):
                self._send(i, Resume(self._epoch))
        for _ in range(self._per_worker * len(self._workers)):
            self._send_task()

    def _next_batch(self) -> Any:
        if self._error is not None:
            raise RuntimeError(self._error)
        while True:
            while self._next < self._sent and self._is_lost(self._next):
                self._assigned.pop(self._next, None)
                self._next += 1
            if self._next == self._sent:
                if not self._persistent:
                    self.shutdown()
                raise StopIteration
            if self._next in self._arrived:
                return self._give(self._next, self._arrived.pop(self._next))
            try:
                number, batch = self._receive()
            except KeyboardInterrupt:
                self._error = "the DataLoader was interrupted"  # perhaps during a message
                self.shutdown()
                raise
            if isinstance(batch, Exhausted):
                self._active[self._assigned[number]] = False
                self._send_task()
            elif number == self._next or not self._in_order:
                return self._give(number, batch)
            else:
                self._arrived[number] = batch

    def _is_lost(self, number: int) -> bool:
        """Whether no batch with this number will arrive: it was returned, or its worker had no more samples."""
        if number in self._arrived:
            return False
        return number not in self._assigned or not self._active[self._assigned[number]]

    def _give(self, number: int, batch: Any) -> Any:
        del self._assigned[number]
        if number == self._next:
            self._next += 1
        self._send_task()
        if isinstance(batch, Failure):
            batch.reraise()
        return batch

    def _send_task(self) -> None:
        """Send the next list of indices, if there is one, to the next worker that still has samples."""
        if not any(self._active):
            return
        try:
            indices = next(self._sampler_iter)
        except StopIteration:
            return
        load = list(self._assigned.values())
        share = self._per_worker * len(self._workers) // sum(self._active)
        for _ in self._workers:
            worker, self._turn = self._turn, (self._turn + 1) % len(self._workers)
            if self._active[worker] and (self._in_order or load.count(worker) < share):
                break
        else:
            return
        self._assigned[self._sent] = worker
        self._send(worker, Task(self._epoch, self._sent, indices))
        self._sent += 1

    def _send(self, worker: int, message: Any) -> None:
        try:
            self._workers[worker].tasks.send(message)
        except (BrokenPipeError, ConnectionResetError):
            self._fail([worker])

    def _receive(self) -> tuple[int, Any]:
        """The next message of this epoch."""
        deadline = time.monotonic() + self._timeout if self._timeout > 0 else None
        results = {worker.results: i for i, worker in enumerate(self._workers)}
        ends = {worker.process.sentinel: i for i, worker in enumerate(self._workers)}
        needed = {i for i in self._assigned.values() if self._active[i]}
        while True:
            left = CHECK_INTERVAL if deadline is None else max(deadline - time.monotonic(), 0)
            ready = connection.wait([*results, *(end for end, i in ends.items() if i in needed)], left)
            for reader in ready:
                if reader in results:
                    try:
                        epoch, number, batch = receive(reader)  # type: ignore[arg-type]  # `results` has connections only
                    except (EOFError, OSError):
                        if results[reader] in needed:
                            self._fail([results[reader]])
                        del results[reader]
                        continue
                    if epoch == self._epoch:
                        return number, batch
            dead = [ends[end] for end in ready if end in ends and self._workers[ends[end]].results not in ready]
            if dead:
                self._fail(dead)
            if deadline is not None and time.monotonic() >= deadline:
                raise RuntimeError(f"DataLoader timed out after {self._timeout} seconds")

    def _fail(self, dead: list[int]) -> None:
        processes = [self._workers[i].process for i in dead]
        for process in processes:
            process.join(CHECK_INTERVAL)
        pids = ", ".join(str(process.pid) for process in processes)
        reasons = ", ".join(_reason(process.exitcode) for process in processes)
        self._error = f"DataLoader worker (pid(s) {pids}) exited unexpectedly: {reasons}"
        self.shutdown()
        raise RuntimeError(self._error)

    def shutdown(self) -> None:
        """End the workers; a worker that is still busy after a few seconds is killed."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.close()
        deadline = time.monotonic() + CHECK_INTERVAL
        for worker in workers:
            worker.process.join(max(deadline - time.monotonic(), 0))
        for worker in workers:
            for end in (worker.process.terminate, worker.process.kill):
                if worker.process.exitcode is None:
                    end()
                    worker.process.join(CHECK_INTERVAL)
            worker.process.close()

    def __del__(self, is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        # At exit multiprocessing ends the workers; a forked process, which has a copy of this object, must not.
        if not is_finalizing() and getattr(self, "_workers", None) and self._owner == os.getpid():
            self.shutdown()


def _reason(exitcode: int | None) -> str:
    if exitcode is None:
        return "no exit status"
    if exitcode < 0:
        names = {number.value: number.name for number in signal.Signals}
        return f"killed by signal {names.get(-exitcode, -exitcode)}"
    return f"exit code {exitcode}"
