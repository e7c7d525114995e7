"""Sides in processes of their own, so that each library has the processors and its threads to itself in its turn.

In one process the threads of both libraries' products would wait for each other in busy loops, and a library's time
would be the other's waiting. Here each side is a process that has imported only its library and has that library's
threads alone. It waits for its turn, without computing, while another one is timed.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Mapping
from typing import Any

from parity.speed import calls, growth, lessons
from parity.speed.child import library_alone
from parity.speed.contestants import side as further
from parity.speed.sides import EAGER, RECORDED, TORCH, Side, Unavailable, Workload, eager, recorded
from parity.speed.timing import quiet_collector, sample

REST = 0.05
"""Seconds before each turn: the threads whose turn is over look for more work for a while before they sleep."""
WORKLOADS: Mapping[str, Callable[[bool], list[Workload]]] = {
    "steps": lessons.workloads,
    "eval": lessons.evaluations,
    "growth": growth.workloads,
    "kernels": calls.workloads,
}
"""By section: its workloads, given whether the sizes are tiny. A process makes its own."""


class Sides:
    """The processes of the sides, one for each, from the first use to the end of the block.

    Args:
        threads: how many each library computes on.
        quick: whether the sizes are tiny, and the sides do not rest.
    """

    def __init__(self, threads: int, quick: bool) -> None:
        self.threads, self.quick = threads, quick
        self._started: dict[str, tuple[Any, Any]] = {}

    def __enter__(self) -> Sides:
        return self

    def __exit__(self, *error: object) -> None:
        for process, pipe in self._started.values():
            pipe.close()  # at the end of its pipe the process ends
            process.join()

    def contestant(self, name: str, section: str) -> Callable[[Workload], Side]:
        """What prepares a workload of a section in the process of the side `name`."""

        def prepared(work: Workload) -> Side:
            taken = self._ask(name, "prepare", section, work.name, work.setting)
            return Side(lambda: self._ask(name, "run"), lambda values: values, taken)

        return prepared

    def timed(self, name: str) -> Callable[[int], float]:
        """What takes the turn of the side `name`: so many calls; returns the seconds of one."""
        return lambda repeats: self._ask(name, "time", repeats)

    def _ask(self, name: str, *request: Any) -> Any:
        """The answer of a process.

        Raises:
            Unavailable: if the library cannot do the workload.
            RuntimeError: with the message of an error there.
        """
        if name not in self._started:
            spawn = multiprocessing.get_context("spawn")
            ours, theirs = spawn.Pipe()
            process = spawn.Process(target=_serve, args=(theirs, name, self.threads, self.quick), daemon=True)
            process.start()
            theirs.close()
            self._started[name] = process, ours
        pipe = self._started[name][1]
        pipe.send(request)
        try:
            kind, answer = pipe.recv()
        except EOFError:
            raise RuntimeError(f"the process of {name} has ended") from None
        if kind == "unavailable":
            raise Unavailable(answer)
        if kind == "failed":
            raise RuntimeError(answer)
        return answer


def take_turn(side: Callable[[int], float], repeats: int) -> float:
    """One sample of a side in another process, for `parity.speed.timing.compare`."""
    return side(repeats)


def _serve(pipe: Any, name: str, threads: int, quick: bool) -> None:
    """Answer requests until the pipe is closed, or Ctrl-C."""
    answers = _Answers(name, threads, quick)
    try:
        with quiet_collector():
            while True:
                request, *args = pipe.recv()
                try:
                    pipe.send(("done", getattr(answers, request)(*args)))
                except Unavailable as reason:
                    pipe.send(("unavailable", str(reason)))
                except Exception as error:  # of any kind: the process that asked says what failed
                    pipe.send(("failed", f"{type(error).__name__}: {error}"))
    except (EOFError, KeyboardInterrupt):
        pass


class _Answers:
    """What the process of a side does when it is asked."""

    def __init__(self, name: str, threads: int, quick: bool) -> None:
        library = library_alone(name == TORCH, threads)
        ways = {TORCH: eager(library), EAGER: eager(library), RECORDED: recorded}
        self.contestant = ways[name] if name in ways else further(name, threads)
        self.quick = quick

    def prepare(self, section: str, name: str, setting: str) -> Any:
        """Prepare a workload; returns `Side.taken`."""
        for work in WORKLOADS[section](self.quick):
            if (work.name, work.setting) == (name, setting):
                self.side = self.contestant(work)
                break
        else:
            raise LookupError(f"{section} has no {name}, {setting}")
        return list(self.side.taken)

    def run(self) -> Any:
        """The arrays of one call."""
        return self.side.values(self.side.run())

    def time(self, repeats: int) -> float:
        """The seconds of a call. One call before wakes this library's threads."""
        if not self.quick:
            time.sleep(REST)
            self.side.run()
        return sample(self.side.run, repeats)
