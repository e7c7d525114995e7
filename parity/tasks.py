"""A table's tasks: the option groups, pinned examples and refusals of each case, run here or in several processes."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from minitorch.errors import UsageError
from parity.cases import CASES
from parity.compare.case import PINNED, REFUSED, Case
from parity.compare.explore import Exploration, broken, explore, explore_examples, explore_refusals, skipped
from parity.compare.loading import load as load_all
from parity.runs.run_budget import PREFIX, explore_run

RUN = "run"


@dataclass(frozen=True)
class Task:
    """A part of the work that yields an exploration.

    Attributes:
        name: of the case, or of the model to train.
        group: the option group, `PINNED` for the examples, `REFUSED` for the invalid calls.
        kind: empty for a group of a case, else `RUN`.
    """

    name: str
    group: str = ""
    kind: str = ""


def tasks(cases: Sequence[Case], models: Sequence[str]) -> list[Task]:
    """All there is to do, in the order of the table."""
    found = []
    for c in cases:
        found += [Task(c.name, group) for group in c.groups]
        found += [Task(c.name, PINNED)] if c.examples else []
        found += [Task(c.name, REFUSED)] if c.refused or c.invalid else []
    return found + [Task(name, kind=RUN) for name in models]


def part(work: Sequence[Task], i: int, n: int) -> Sequence[Task]:
    """The `i`-th of `n` stretches of nearly equal length."""
    return work[(i - 1) * len(work) // n : i * len(work) // n]


def done(
    work: Sequence[Task],
    examples: int,
    seed: int | None,
    dtypes: Sequence[str],
    jobs: int = 1,
    backend: str = "cpu",
    load: Sequence[str] = (),
) -> Generator[Exploration, None, None]:
    """What each task found, in order.

    Args:
        work: the tasks.
        examples: how many to draw for each.
        seed: of the drawing.
        dtypes: the floating-point dtypes to run in.
        jobs: how many processes to use; what is found does not depend on it.
        backend: the device that minitorch's tensors are made on.
        load: files and modules to import before: they register cases and backends.

    A task that cannot be done here, for want of a package or of a data set, or that raises an error of its own, gives
    a row that says so.
    """
    do = partial(_do, examples=examples, seed=seed, dtypes=tuple(dtypes), backend=backend, load=tuple(load))
    if jobs == 1:
        yield from map(do, work)
        return
    # Processes of their own, not copies of this one: neither library's threads survive a fork.
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_leave_interrupts)
    try:
        yield from pool.map(do, work)
    finally:  # also where the caller stops early: what has not begun is left out
        pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """Leave Ctrl-C, which the terminal sends to all processes, to the first one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _do(
    task: Task, examples: int, seed: int | None, dtypes: tuple[str, ...], backend: str, load: tuple[str, ...]
) -> Exploration:
    ours, torch = _libraries()
    load_all(load)
    name = PREFIX + task.name if task.kind == RUN else task.name
    with ours.device("cpu" if task.kind == RUN else backend):  # a model has an option --device of its own
        try:
            return _explored(task, examples, seed, dtypes, ours, torch)
        except (UsageError, ModuleNotFoundError) as error:
            return skipped(name, task.group, str(error))
        except Exception as error:
            return broken(name, task.group, error)


def _explored(
    task: Task, examples: int, seed: int | None, dtypes: tuple[str, ...], ours: Any, torch: Any
) -> Exploration:
    if task.kind == RUN:
        return explore_run(task.name, ours, torch, dtypes)
    if task.group == REFUSED:
        return explore_refusals(CASES[task.name], ours, torch, examples, seed)
    if task.group == PINNED:
        return explore_examples(CASES[task.name], ours, torch, dtypes)
    return explore(CASES[task.name], task.group, ours, torch, examples, seed, dtypes)


def _libraries() -> tuple[Any, Any]:
    import torch

    import minitorch

    torch.set_num_threads(1)
    return minitorch, torch
