"""How long ``import`` takes, each time in a new process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from parity.speed.memory import environment

MODULES = ("numpy", "minitorch", "torch")
ROUNDS = 7
_CODE = "import time; began = time.perf_counter(); import {}; print(time.perf_counter() - began)"


def measure(quick: bool, further: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """A row for each module: the median and the quartiles of the time that importing it takes, in seconds.

    Args:
        quick: take the time once.
        further: modules to import beside `MODULES`.
    """
    modules = [*MODULES, *further]
    times: dict[str, list[float]] = {name: [] for name in modules}
    for i in range(1 if quick else ROUNDS + 1):
        for name in modules:
            command = [sys.executable, "-c", _CODE.format(name)]
            ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
            if i or quick:  # the first time files are read from the disk
                times[name].append(float(ran.stdout))
    for name, found in times.items():
        low, median, high = np.quantile(found, (0.25, 0.5, 0.75)).tolist()
        yield {"name": name, "seconds": median, "low": low, "high": high}
