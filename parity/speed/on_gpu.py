"""The steps of the lessons on a GPU: minitorch beside torch, as Python runs them and as one CUDA graph.

Both libraries compute in float32: torch's TF32 is off. A time is the median of many steps, each with a wait for the GPU
("wall"); of the same steps without the wait, how long Python took ("host"); and, by the GPU's events, of many steps
without waits, divided by their number ("events"). What the GPU does in a step (launches of kernels, copies), and how
long it works on that ("busy"), is counted by torch's profiler, for both libraries. The emulation counts launches
itself; its times are those of a processor.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import minitorch
from parity.gpu.report import table as markdown
from parity.runs.stand_in import StandIn
from parity.speed import lessons
from parity.speed.sides import Built

EAGER, GRAPH = "eager", "one graph"
"""The step as Python runs it; and the whole step as a CUDA graph: by `minitorch.record`, or `torch.cuda.graph`."""
LIBRARIES = ("minitorch", "torch")
COUNTED = 10
"""Over how many steps the GPU's work is counted."""


COLUMNS = ("wall ms", "host ms", "ms by events", "launches", "busy ms")
"""Of a table of `Measured`."""


class Measured(NamedTuple):
    """Of one step: milliseconds, and what the GPU did, or None where nothing counts it."""

    wall: float
    host: float
    events: float
    launches: float | None
    busy: float | None

    def cells(self) -> list[str]:
        """The numbers for a table."""
        counts = ("" if n is None else f"{n:.4g}" for n in (self.launches, self.busy))
        return [*(f"{ms:.3f}" for ms in self[:3]), *counts]


def torch_in_float32() -> Any:
    """torch. On a GPU it multiplies float32 matrices in TF32, with 10 bits, unless it is told not to."""
    import torch

    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    return torch


def libraries() -> list[str]:
    """Those that can use the GPU: torch cannot use the emulation."""
    return [*LIBRARIES] if torch_in_float32().cuda.is_available() else ["minitorch"]


def measure(lesson: str, name: str, what: str, seconds: float) -> Measured:
    """The step of a lesson under one library.

    Args:
        lesson: one of `lessons.NAMES`.
        name: minitorch or torch.
        what: `EAGER` or `GRAPH`.
        seconds: how long steps are timed.
    """
    library = minitorch if name == "minitorch" else torch_in_float32()
    work = lessons.lesson(lesson, lessons.BATCH[lesson])
    library.manual_seed(0)
    with library.device("cuda"):
        built = work.build(StandIn(library))
    inputs = [library.tensor(array).to("cuda") for array in work.inputs]
    step = _STEPS[name, what](library, built, inputs)
    return Measured(*_timed(library, step, seconds), *_counted(library, step))


def _eager(library: Any, built: Built, inputs: list[Any]) -> Callable[[], object]:
    return lambda: built.step(*inputs)


def _recorded(library: Any, built: Built, inputs: list[Any]) -> Callable[[], object]:
    recording = library.record(built.step, *inputs)
    return lambda: recording(*inputs)


def _captured(library: Any, built: Built, inputs: list[Any]) -> Callable[[], object]:
    """What copies the inputs and replays torch's step, as `minitorch.record` does."""
    for optimizer in built.optimizers:
        for group in optimizer.param_groups:
            group["capturable"] = True
    own = [x.clone() for x in inputs]
    side = library.cuda.Stream()
    side.wait_stream(library.cuda.current_stream())
    with library.cuda.stream(side):
        for _ in range(3):
            built.step(*own)
    library.cuda.synchronize()
    graph = library.cuda.CUDAGraph()
    with library.cuda.graph(graph):
        results = built.step(*own)

    def replay() -> object:
        for to, x in zip(own, inputs, strict=True):
            to.copy_(x)
        graph.replay()
        return [r.clone() for r in results]

    return replay


_STEPS = {
    ("minitorch", EAGER): _eager,
    ("torch", EAGER): _eager,
    ("minitorch", GRAPH): _recorded,
    ("torch", GRAPH): _captured,
}


def _timed(library: Any, work: Callable[[], object], seconds: float) -> tuple[float, float, float]:
    """Milliseconds of `work`: with a wait, of the host alone, and by events."""
    wait = library.cuda.synchronize
    for _ in range(5):
        work()
    wait()
    wall: list[float] = []
    host: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(wall) < 3:
        begun = time.perf_counter()
        work()
        given = time.perf_counter()
        wait()
        host.append(given - begun)
        wall.append(time.perf_counter() - begun)
    count = max(3, int(seconds / statistics.median(wall) / 2))
    start, end = (library.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    for _ in range(count):
        work()
    end.record()
    end.synchronize()
    return 1e3 * statistics.median(wall), 1e3 * statistics.median(host), start.elapsed_time(end) / count


def _counted(library: Any, work: Callable[[], object]) -> tuple[float | None, float | None]:
    """How many kernels and copies the GPU runs in a step, and its milliseconds for them."""
    emulator = sys.modules.get("kernels.cusim.emulator")
    running = None if emulator is None else emulator.current()
    if running is not None:
        library.cuda.synchronize()  # it may do all work late
        before = running.counters()
        work()
        library.cuda.synchronize()
        done = running.counters() - before
        return done.launches - done.launches_in_graphs + done.graph_launches, None
    torch = torch_in_float32()
    profiled = torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA], acc_events=True)
    with profiled:
        for _ in range(COUNTED):
            work()
        torch.cuda.synchronize()
    found = [e for e in profiled.events() if e.device_type == torch.autograd.DeviceType.CUDA]
    return len(found) / COUNTED, sum(e.time_range.elapsed_us() for e in found) / COUNTED / 1e3


def table(names: Sequence[str], seconds: float, progress: Callable[[str], None]) -> str:
    """A Markdown table of the lessons: times, counts, and ratios to the time of torch's eager step, measured by events.

    Args:
        names: the lessons.
        seconds: how long each step is timed.
        progress: called with what is being measured.
    """
    rows, there = [], libraries()
    for lesson in names:
        usual: float | None = None
        for what in (EAGER, GRAPH):
            for library in reversed(there):  # torch first
                progress(f"{lesson}: {library}, {what}")
                found = measure(lesson, library, what, seconds)
                usual = found.events if usual is None and library == "torch" else usual
                ratio = "" if usual is None else f"{found.events / usual:.2f}"
                rows.append([lesson, library, what, *found.cells(), ratio])
    return markdown(rows, ("lesson", "library", "", *COLUMNS, "to torch, eager"))
