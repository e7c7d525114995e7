"""The benchmark's sections, one after the other, as plain dicts: what ``--json`` writes, what reports are made from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from parity.speed import apart, calls, growth, imports, lessons, limits, machine, memory, op
from parity.speed.limits import Limits, Work
from parity.speed.sides import EAGER, RECORDED, TORCH, Differs, Side, Workload, eager, make, recorded
from parity.speed.timing import QUICK, Effort, compare, quiet_collector

SECTIONS = ("steps", "eval", "growth", "kernels", "op", "memory", "import")
Contestants = Mapping[str, Callable[[Workload], Side]]


@dataclass(frozen=True)
class Settings:
    """What to measure, and how.

    Attributes:
        sections: of `SECTIONS`.
        threads: that each library computes on.
        apart: whether each side of the sections in `parity.speed.apart.WORKLOADS` is in a process of its own.
        effort: how often each side is timed.
        quick: tiny sizes, to see that everything runs.
        further: contestants beside torch and minitorch, for the steps of the lessons.
        packages: distributions whose versions the report names.
        modules: whose import is timed too.
        progress: called with what is being measured.
    """

    sections: Sequence[str] = SECTIONS
    threads: int = 1
    apart: bool = False
    effort: Effort = field(default_factory=Effort)
    quick: bool = False
    further: Contestants = field(default_factory=dict)
    packages: Sequence[str] = ()
    modules: Sequence[str] = ()
    progress: Callable[[str], None] = lambda what: None


def run(settings: Settings) -> dict[str, Any]:
    """Measure. The result has the keys ``date``, ``quick``, ``apart``, ``stopped`` (by Ctrl-C, which leaves the rows
    that were complete), ``machine``, ``limits``, ``load`` (before and after), ``seconds`` and ``sections``: by section
    its rows.
    """
    import torch

    import minitorch

    if settings.quick:
        settings = replace(settings, effort=QUICK)
    machine.pin(settings.threads)
    began, load = time.perf_counter(), machine.load()
    settings.progress("limits of the machine")
    roof = limits.measure(settings.quick)
    both: Contestants = {TORCH: eager(torch), EAGER: eager(minitorch)}
    three: Contestants = {**both, RECORDED: recorded}
    sections: dict[str, list[dict[str, Any]]] = {}
    processes = apart.Sides(settings.threads, settings.quick) if settings.apart else None

    def timed(section: str, works: Sequence[Workload], contestants: Contestants) -> Iterator[dict[str, Any]]:
        return compared(works, contestants, settings, roof, section, processes)

    measures: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
        "steps": lambda: timed("steps", lessons.workloads(settings.quick), {**three, **settings.further}),
        "eval": lambda: timed("eval", lessons.evaluations(settings.quick), both),
        "growth": lambda: timed("growth", growth.workloads(settings.quick), three),
        "kernels": lambda: timed("kernels", calls.workloads(settings.quick), both),
        "op": lambda: op.measure(settings.effort),
        "memory": lambda: memory.measure(settings.threads, settings.quick, settings.progress),
        "import": lambda: imports.measure(settings.quick, settings.modules),
    }
    with quiet_collector(), processes or nullcontext():
        try:
            for section in SECTIONS:
                if section in settings.sections:
                    settings.progress(section)
                    rows = sections[section] = []
                    rows.extend(measures[section]())
            stopped = False
        except KeyboardInterrupt:  # the rows that were complete are kept
            stopped = True
    settings.progress("")
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "quick": settings.quick,
        "apart": settings.apart,
        "stopped": stopped,
        "machine": machine.describe(settings.threads, settings.packages),
        "limits": {"flops": roof.flops, "bandwidth": {str(size): rate for size, rate in roof.bandwidth.items()}},
        "load": [load, machine.load()],
        "seconds": time.perf_counter() - began,
        "sections": sections,
    }


def compared(
    works: Iterable[Workload],
    contestants: Contestants,
    settings: Settings,
    roof: Limits,
    section: str,
    processes: apart.Sides | None = None,
) -> Iterator[dict[str, Any]]:
    """A row for each workload; with `processes` each contestant is in one of these.

    Its ``times`` are the measures by contestant; ``missing`` says why a contestant has none; ``wrong`` what it computes
    that torch does not, in which case nothing is timed; ``least`` is the roofline's bound in seconds.
    """
    for work in works:
        settings.progress(f"{section}: {work.name}, {work.setting}")
        row: dict[str, Any] = {"name": work.name, "setting": work.setting, "size": work.size, "wrong": ""}
        row |= {"axis": growth.axis(work.name), "times": {}, "missing": {}, "least": None, "flops": None, "bytes": None}
        try:
            if processes is None:
                sides = make(work, contestants)
            else:
                sides = make(work, {name: processes.contestant(name, section) for name in contestants})
        except Differs as difference:
            yield row | {"wrong": str(difference)}
            continue
        row["missing"] = sides.missing
        if processes is None:
            found = compare({name: side.run for name, side in sides.ready.items()}, TORCH, settings.effort)
            torch_side = sides.ready[TORCH]
        else:
            found = compare(
                {name: processes.timed(name) for name in sides.ready}, TORCH, settings.effort, apart.take_turn
            )
            torch_side = contestants[TORCH](work)
            torch_side.run()
        row["times"] = {name: asdict(measure) for name, measure in found.items()}
        needed = _work(work, torch_side)
        yield row | {"flops": needed.flops, "bytes": needed.bytes, "least": roof.least(needed)}


def _work(work: Workload, side: Side) -> Work:
    """What a call of torch's side does at least: the flops of its products; its inputs and parameters read, its results
    written; with an optimizer the optimizer's state read, and it and the parameters written.
    """
    built = side.built
    assert built is not None
    kept = [
        *built.tensors,
        *(t for o in built.optimizers for s in o.state.values() for t in s.values() if t is not None),
    ]
    results = limits.total_bytes(side.run())
    passes = 2 if built.optimizers else 1
    moved = sum(x.nbytes for x in work.inputs) + results + passes * limits.total_bytes(kept)
    return Work(limits.count_flops(side.run), moved)


def wrong(content: Mapping[str, Any]) -> list[str]:
    """What a contestant computed otherwise than torch, in the result of `run`."""
    return [row["wrong"] for rows in content["sections"].values() for row in rows if row.get("wrong")]
