"""Peak memory of a lesson's step under each library, and whether it grows over thousands of small steps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from parity.speed.lessons import BATCH, NAMES
from parity.speed.sides import EAGER, RECORDED, TORCH

CONTESTANTS = (TORCH, EAGER, RECORDED)
SMALL = "dqn"
"""The lesson that is repeated often: its steps are the smallest."""
STEPS, MANY = 5, 10_000
"""Steps of which the peak is taken, and steps over which memory must not grow."""


def measure(threads: int, quick: bool, progress: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    """A row for each lesson (`quick`: for `SMALL` alone), and one for many small steps. Each side runs in a process of
    its own.

    ``first`` is the most memory that was resident up to the end of the first step, less what was before the net was
    built (a recorded step is recorded in it); ``peak`` the same during the steps after it; ``grown`` how much more was
    resident after the last step than after a tenth of them; ``objects`` how many more Python objects there were.
    """
    for lesson in () if quick else NAMES:
        progress(f"memory: {lesson}")
        yield {"name": lesson, "steps": STEPS, **_row(lesson, BATCH[lesson], STEPS, threads)}
    many = 100 if quick else MANY
    progress(f"memory: {many} steps")
    last = _row(SMALL, BATCH[SMALL], many, threads)
    if quick:
        yield {"name": SMALL, "steps": STEPS, **last}
    yield {"name": f"{SMALL}, {many:,} steps", "steps": many, **last}


def _row(lesson: str, batch: int, steps: int, threads: int) -> dict[str, Any]:
    found: dict[str, Any] = {"memory": {}, "missing": {}}
    for name in CONTESTANTS:
        if not sys.platform.startswith("linux"):
            found["missing"][name] = "peak memory is read from Linux's /proc"
            continue
        told = _run([name, lesson, str(batch), str(steps), str(threads)])
        if "missing" in told:
            found["missing"][name] = told["missing"]
        else:
            found["memory"][name] = told
    return found


def _run(arguments: Sequence[str]) -> dict[str, Any]:
    """The output of the child process.

    Raises:
        RuntimeError: with its error message, if it failed.
    """
    command = [sys.executable, "-m", "parity.speed.child", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment())
    if ran.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{ran.stderr}")
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def environment() -> dict[str, str]:
    """This process's environment, in which Python finds the same packages from any folder."""
    here = str(Path(__file__).resolve().parents[2])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))}
