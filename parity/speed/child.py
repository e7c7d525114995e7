"""Run in a separate process by `parity.speed.memory`: how much memory one lesson's steps take under one contestant.

    python -m parity.speed.child CONTESTANT LESSON BATCH STEPS THREADS

prints one line of JSON.
"""

from __future__ import annotations

import ctypes
import gc
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


def main(argv: Sequence[str]) -> int:
    """Take the steps and print what they needed."""
    contestant, lesson, batch, steps, threads = argv
    from parity.speed.lessons import lesson as made
    from parity.speed.sides import EAGER, RECORDED, TORCH, Side, Unavailable, Workload, eager, recorded

    library = library_alone(contestant == TORCH, int(threads))
    ways: dict[str, Callable[[Workload], Side]] = {EAGER: eager(library), TORCH: eager(library), RECORDED: recorded}
    work = made(lesson, int(batch))
    eager(library)(made(lesson, 2)).run()  # what a first step loads of the library itself is not the step's
    gc.collect()
    _reset_peak()
    before = _status("VmRSS")
    try:
        side = ways[contestant](work)
    except Unavailable as reason:
        print(json.dumps({"missing": str(reason)}))
        return 0
    early: dict[str, int] = {}
    count = int(steps)
    side.run()
    first = _status("VmHWM") - before
    _give_back()
    _reset_peak()
    for i in range(count):
        side.run()
        if i + 1 == max(count // 10, 1):
            early = _now()
    late = _now()
    print(
        json.dumps(
            {
                "first": first,
                "peak": _status("VmHWM") - before,
                "grown": late["resident"] - early["resident"],
                "objects": late["objects"] - early["objects"],
            }
        )
    )
    return 0


def library_alone(torch: bool, threads: int) -> Any:
    """The library alone, its threads and products started."""
    if torch:
        import torch as library
    else:
        import minitorch as library
    library.set_num_threads(threads)
    x = library.ones(256, 256)
    (x @ x).sum()
    return library


def _now() -> dict[str, int]:
    gc.collect()
    return {"resident": _status("VmRSS"), "objects": len(gc.get_objects())}


def _give_back() -> None:
    """Give memory that nobody uses back to the system: of glibc, whose `malloc` keeps some for the next arrays."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _status(name: str) -> int:
    """A size of this process, in bytes; Linux counts it."""
    found = re.search(rf"^{name}:\s*(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    if found is None:
        raise OSError(f"/proc/self/status does not tell {name}")
    return int(found.group(1)) * 1024


def _reset_peak() -> None:
    """Let the peak, VmHWM, begin anew at what is resident now."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
