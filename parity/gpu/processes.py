"""Runs the items of a section in processes, each until it fails, and none longer than the time that is left.

A process that crashes, hangs or has lost the GPU costs one item: its row says why, and a fresh process goes on with the
next one.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from parity.gpu.section import Outcome, Section
from parity.gpu.worker import with_reason

ROOT = Path(__file__).parents[2]
START = 90.0
"""Seconds that a process may take until it names the section's items."""

TICK = 1.0


@dataclass
class Progress:
    """How far a section is.

    Attributes:
        section: the section.
        items: all its items; None until the first process has named them.
        found: what was found, by item, also of an item that was not finished.
        finished: the items that were.
        failure: why no process could begin.
        seconds: how long the section took.
    """

    section: Section
    items: list[str] | None = None
    found: dict[str, Outcome] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    failure: str = ""
    seconds: float = 0.0

    @property
    def missing(self) -> list[str]:
        """The items that were not reached, or not finished."""
        return [item for item in self.items or () if item not in self.finished]

    @property
    def failures(self) -> list[str]:
        """Everything that is wrong."""
        all_found = [failure for outcome in list(self.found.values()) for failure in outcome.failures]
        return [self.failure, *all_found] if self.failure else all_found


class Ended(Exception):
    """A process did not answer; the message says why. `fault` is False if only the section's time was up."""

    def __init__(self, reason: str, fault: bool = True) -> None:
        super().__init__(reason)
        self.fault = fault


def run(section: Section, command: Sequence[str], deadline: float, changed: Callable[[Progress], None]) -> Progress:
    """Check all items of a section that can be checked in time.

    Args:
        section: the section.
        command: starts a worker of it.
        deadline: by `time.monotonic`; all processes are ended then.
        changed: called whenever something was found, from any thread, and every `TICK` seconds.
    """
    progress, started = Progress(section), time.monotonic()
    first = _Worker(command, section.limit, deadline)
    try:
        progress.items = first.ask(None, START)["items"]
    except Ended as ended:
        first.end()
        progress.failure = f"no process could begin: {ended}" if ended.fault else ""
        progress.seconds = time.monotonic() - started
        return progress
    waiting = deque(progress.items or ())
    if not waiting:
        progress.failure = "there is nothing to check: the section has no items here"
    others = min(section.workers, os.cpu_count() or 1, len(waiting)) - 1
    workers = [first, *(_Worker(command, section.limit, deadline, lazily=True) for _ in range(others))]
    threads = [threading.Thread(target=_serve, args=(w, waiting, progress, changed), daemon=True) for w in workers]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive():
                thread.join(TICK)
                changed(progress)
    finally:  # also where the command itself is told to end
        waiting.clear()
        for w in workers:
            w.stop()
    progress.seconds = time.monotonic() - started
    return progress


def _serve(worker: _Worker, waiting: deque[str], progress: Progress, changed: Callable[[Progress], None]) -> None:
    """Let a worker check items until there are none, or the time is up."""
    try:
        while waiting and time.monotonic() < worker.deadline:
            try:
                item = waiting.popleft()
            except IndexError:  # another worker was faster
                break
            for found, finished in _checked(worker, item):
                progress.found[item] = found
                if finished:
                    progress.finished.add(item)
                changed(progress)
    finally:
        worker.end()


def _checked(worker: _Worker, item: str) -> Iterator[tuple[Outcome, bool]]:
    """What a worker has found for an item so far, each time that it tells, and whether that is all."""
    found = Outcome()
    until = time.monotonic() + worker.limit
    try:
        answer = worker.ask(item, worker.limit)
        while "end" not in answer:
            found = Outcome(**answer)
            yield found, False
            answer = worker.ask(None, max(0.0, until - time.monotonic()))
        if answer["end"]:
            worker.end()
            found.failures.append(f"{item}: then the GPU refused all further work of the process ({answer['end']})")
        yield found, True
    except Ended as ended:
        worker.end()
        if ended.fault:
            yield with_reason(found, item, str(ended)), True


class _Worker:
    """A process that checks items, started when it is needed, and again after it ended."""

    def __init__(self, command: Sequence[str], limit: float, deadline: float, lazily: bool = False) -> None:
        self.command, self.limit, self.deadline = command, limit, deadline
        self.process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._unread = b""
        self._stopped = threading.Event()
        if not lazily:
            self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONFAULTHANDLER": "1", "PYTHONUNBUFFERED": "1"}
        environment.pop("CUDA_LAUNCH_BLOCKING", None)  # it makes every launch wait, and so hides missing waits
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(paths)
        self._errors, self._unread = tempfile.TemporaryFile(), b""  # noqa: SIM115 - `end` closes it
        self.process = subprocess.Popen(
            self.command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,  # so that it is ended with all processes that it started
        )
        return self.process

    def ask(self, item: str | None, seconds: float) -> dict[str, Any]:
        """Send an item, if one is given, and return the next answer.

        Raises:
            Ended: if there is none.
        """
        process = self.process
        if self._stopped.is_set():
            raise Ended("stopped", fault=False)
        if process is None:
            process = self._start()
            self._answer(process, START)  # the items, which are known
        if item is not None and process.stdin is not None:
            with suppress(BrokenPipeError):  # the process has ended: reading tells why
                process.stdin.write(json.dumps(item).encode() + b"\n")
                process.stdin.flush()
        return self._answer(process, seconds)

    def _answer(self, process: subprocess.Popen[bytes], seconds: float) -> dict[str, Any]:
        until, stream = time.monotonic() + seconds, process.stdout
        assert stream is not None
        while b"\n" not in self._unread:
            left = min(until, self.deadline) - time.monotonic()
            if left <= 0 or not select.select([stream], [], [], left)[0]:
                fault = until <= self.deadline
                raise Ended(f"no end within {self.limit:.0f} s" if fault else "the time was up", fault)
            read = os.read(stream.fileno(), 1 << 16)
            if not read:
                in_time = time.monotonic() < self.deadline and not self._stopped.is_set()
                raise Ended(self._reason(process), fault=in_time)
            self._unread += read
        line, _, self._unread = self._unread.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def _reason(self, process: subprocess.Popen[bytes]) -> str:
        """How a process ended, and where: from Python's fault handler, or else the last line on standard error."""
        try:
            code = process.wait(5)
        except subprocess.TimeoutExpired:
            return "the process closed its output"
        how = f"the process was ended by {signal.Signals(-code).name}" if code < 0 else f"the process ended with {code}"
        assert self._errors is not None
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        crash = next((i for i, line in enumerate(lines) if line.startswith("Fatal Python error")), None)
        if crash is not None:
            calls = [line.strip() for line in lines[crash:] if line.startswith("  File")]
            return f"{how}: {lines[crash]}: {'; '.join(calls[:3])}"
        return f"{how}: {lines[-1]}" if lines else how

    def stop(self) -> None:
        """End the process for good, from another thread than the one that asks it."""
        self._stopped.set()
        process = self.process
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def end(self) -> None:
        """End the process and the processes that it started."""
        process, self.process = self.process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        for stream in (process.stdin, process.stdout, self._errors):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        with suppress(subprocess.TimeoutExpired):  # a process that waits for a hung driver cannot be ended
            process.wait(5)


def worker_command(name: str, arguments: Sequence[str]) -> list[str]:
    """The command of a worker of a section, with the arguments of this process's command; also under the emulation."""
    through = ["kernels.cusim", "parity"] if "kernels.cusim.emulator" in sys.modules else ["parity"]
    return [sys.executable, "-m", *through, "gpu", *arguments, "--worker", name]
