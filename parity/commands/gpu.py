"""``python -m parity gpu --report FILE``: all checks of this code on a GPU, and a report.

On a machine with an NVIDIA GPU, it shows whether the code, which was checked without one, is right there. Under
the emulation, ``python -m kernels.cusim parity gpu --report FILE``, the command tests itself; the report is then marked
EMULATED, and its times say nothing about any GPU.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate

import kernels
import minitorch
from minitorch import cuda
from minitorch.command_line import Parser
from minitorch.files import atomic_write
from parity.cases import select
from parity.commands import backends
from parity.compare.explore import explore
from parity.runs import trace
from parity.runs.comparison import NAMES

NEAR = 1e-4
"""How far apart the losses of one model may be on the host and on the GPU, relative to the host's, over a short run."""


@dataclass
class Section:
    """A part of the report.

    Attributes:
        title: its heading.
        text: Markdown.
        failures: what failed.
    """

    title: str
    text: str
    failures: list[str] = field(default_factory=list)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code is 1 if something fails, 2 if there is no GPU."""
    options = _parser().parse_args(argv)
    try:
        cuda.get_device_properties()
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 2
    started, sections = time.monotonic(), []
    for name, make in SECTIONS.items():
        if name in options.skip:
            continue
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            sections.append(make(options))
        except Exception as error:  # the report says so, and goes on
            text = f"{type(error).__name__}: {error}"
            sections.append(Section(name, f"This part broke off: `{text}`", [text]))
    text = report(sections, time.monotonic() - started)
    with atomic_write(options.report) as file:
        file.write(text.encode())
    failures = [f"{s.title}: {failure}" for s in sections for failure in s.failures]
    print("\n".join(failures) or "everything holds", file=sys.stderr)
    return 1 if failures else 0


def emulated() -> bool:
    """Whether CuPy runs on the emulation instead of a GPU."""
    return "emulat" in cuda.get_device_name().lower() or "kernels.cusim.emulator" in sys.modules


def report(sections: Sequence[Section], seconds: float) -> str:
    """The report as Markdown."""
    mark = "**EMULATED.** No GPU has run any of this; times say nothing of any GPU.\n\n" if emulated() else ""
    failures = [f"- {s.title}: {failure}" for s in sections for failure in s.failures]
    verdict = "Everything holds." if not failures else "What does not hold:\n\n" + "\n".join(failures)
    date = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
    head = f"# minitorch on {cuda.get_device_name()}\n\n{mark}{date} UTC, {seconds:.0f} s. {verdict}\n"
    return head + "".join(f"\n## {s.title}\n\n{s.text}\n" for s in sections)


def environment(options: argparse.Namespace) -> Section:
    """The hardware and the versions of the software."""
    import torch

    runtime, p = _cupy().cuda.runtime, cuda.get_device_properties()
    rows = [
        ("GPU", p.name + (" (EMULATED)" if emulated() else "")),
        ("compute capability", f"{p.major}.{p.minor}"),
        ("memory", f"{p.total_memory / 2**30:.1f} GiB"),
        ("multiprocessors", p.multi_processor_count),
        ("GPUs", cuda.device_count()),
        ("CUDA driver, runtime", f"{runtime.driverGetVersion()}, {runtime.runtimeGetVersion()}"),
        ("CuPy", _cupy().__version__),
        ("NumPy", np.__version__),
        ("torch", f"{torch.__version__}, {'with' if torch.cuda.is_available() else 'without'} CUDA"),
        ("minitorch", minitorch.__version__),
        ("Python", platform.python_version()),
        ("processor", f"{platform.machine()}, {os.cpu_count()} cores"),
    ]
    return Section("Environment", _table(rows, ["", ""]))


def compiled(options: argparse.Namespace) -> Section:
    """Every kernel compiled for this GPU and loaded by its driver: registers, and bytes spilled to local memory."""
    from kernels.cuda import launch

    rows, failures = [], []
    for template in launch.TEMPLATES:
        for expression in template.expressions()[: 1 if emulated() else None]:
            function = launch.compiled_by_cupy(launch.source(template.file), expression)
            # On a GPU this is a cupy.RawKernel, which counts these; `launch.Launch` asks for the call alone.
            spilled = 0 if emulated() else int(function.local_size_bytes)  # type: ignore[attr-defined]
            registers = "" if emulated() else function.num_regs  # type: ignore[attr-defined]
            rows.append((f"`{expression}`", template.file, registers, spilled))
            if spilled:
                failures.append(f"{expression} spills {spilled} bytes")
    note = "One instance of each; no registers there.\n\n" if emulated() else ""
    text = note + _table(rows, ["kernel", "file", "registers", "spilled"])
    return Section("Kernels compiled and loaded", text, failures)


def suite(options: argparse.Namespace) -> Section:
    """The project's tests, with tensors on the GPU."""
    root = Path(__file__).parents[2]
    start = ["-m", "kernels.cusim", "pytest"] if emulated() else ["-m", "pytest"]
    command = [sys.executable, *start, "-q", "--backend", "cuda", "-p", "no:cacheprovider", *options.suite.split()]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    lines = (done.stdout or done.stderr).strip().splitlines()
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    shown = "\n".join([*failed, *lines[-1:]])
    text = f"`pytest --backend cuda {options.suite}`\n\n```text\n{shown}\n```"
    return Section("The tests on the GPU", text, [] if done.returncode == 0 else [lines[-1] if lines else "no output"])


def by_kernel(options: argparse.Namespace) -> Section:
    """Every kernel against its reference on NumPy."""
    calls = backends.recorded([c for c in select() if options.cases in c.name])
    both = [kernels.get_backend("cpu"), kernels.get_backend("cuda")]
    found = {
        n: [backends.outcome(kernels.KERNELS[n], calls[n], b, options.repeat) for b in both] for n in sorted(calls)
    }
    failures = [f"{name} on {b.name}: {o.failure}" for name in found
                for b, o in zip(both, found[name], strict=True) if o.failure]  # fmt: skip
    text = f"{backends.LEGEND}\n\n```text\n{backends.table(found, [b.name for b in both])}\n```"
    return Section("Kernels: NumPy and the GPU", text, failures)


class OnGpu:
    """torch with the tensors that a comparison makes on the GPU."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._torch, name)

    def tensor(self, *args: Any, **options: Any) -> Any:
        """A tensor on the GPU."""
        return self._torch.tensor(*args, **{"device": "cuda", **options})


def by_case(options: argparse.Namespace) -> Section:
    """The parity cases on the host, on the GPU, and with torch's own GPU code in our place, all by the same budget."""
    import torch

    libraries: dict[str, tuple[Any, str]] = {"NumPy": (minitorch, "cpu"), "GPU": (minitorch, "cuda")}
    if torch.cuda.is_available():
        libraries["torch on the GPU"] = OnGpu(torch), "cpu"
    worst: dict[tuple[str, str], dict[str, float]] = {}
    failures = []
    for case in select():
        if options.cases not in case.name:
            continue
        for group in case.groups:
            for who, (library, device) in libraries.items():
                with minitorch.device(device):
                    found = explore(case, group, library, torch, options.examples, shrink=False)
                ratios = [row.ratio for row in found.rows if row.ratio is not None]
                worst.setdefault((case.name, group), {})[who] = max(ratios, default=0.0)
                if found.faults and who == "GPU":
                    failures.append(f"{case.name} {group}: {found.faults[0]}")
    rows = [(name, group, *(f"{ratios[who]:.3g}" for who in libraries)) for (name, group), ratios in worst.items()]
    text = "The worst error of each, relative to torch's own in float32 on the host (the budget of docs/parity.md).\n\n"
    return Section("Parity", text + _table(rows, ["case", "options", *libraries]), failures)


def determinism(options: argparse.Namespace) -> Section:
    """The same run twice: they must be equal bit for bit. Also compared with a run on the host."""
    rows, failures = [], []
    for name in options.models:
        runs = [trace.train(name, minitorch, ["--device", where], short=True) for where in ("cuda", "cuda", "cpu")]
        first, second, host = (np.array(run.losses) for run in runs)
        equal = np.array_equal(first, second, equal_nan=True) and runs[0].metrics == runs[1].metrics
        seen = np.isfinite(host)
        off = float((np.abs(first - host)[seen] / np.abs(host[seen]).clip(1e-12)).max(initial=0))
        rows.append((name, len(first), "yes" if equal else "NO", f"{off:.2g}"))
        if not equal:
            failures.append(f"{name}: two runs differ")
        if not off <= NEAR and name not in CHAOTIC:
            failures.append(f"{name}: {off:.2g} from the host's losses")
    return Section(
        "Two runs, and the host's", _table(rows, ["model", "steps", "equal", "from the host's losses"]), failures
    )


CHAOTIC = ("gan", "cgan", "dqn", "optimizers", "regularization", "dropout", "batchnorm")
"""Chaotic models: rounding alone makes losses differ (docs/runs.md)."""


def memory(options: argparse.Namespace) -> Section:
    """The memory that is still in use on the GPU after a training run: none."""
    rows, failures = [], []
    for name in options.models:
        gc.collect()
        before = cuda.memory_allocated()
        cuda.reset_peak_memory_stats()
        trace.train(name, minitorch, ["--device", "cuda"], short=True)
        gc.collect()
        after = cuda.memory_allocated()
        rows.append((name, before, cuda.max_memory_allocated(), after))
        if after != before:
            failures.append(f"{name}: {after - before} bytes are still held")
    return Section("Memory", _table(rows, ["model", "bytes before", "most", "after"]), failures)


def exchange(options: argparse.Namespace) -> Section:
    """DLPack both ways, on the same memory: with torch on the GPU if it has CUDA, with CuPy in any case."""
    import torch

    x = minitorch.arange(6.0, device="cuda").reshape(2, 3).t()
    rows, failures = [], []
    others: dict[str, tuple[Callable[[Any], Any], Callable[[Any], int]]] = {
        "CuPy": (_cupy().from_dlpack, lambda y: y.data.ptr)
    }
    if torch.cuda.is_available():
        others["torch"] = (torch.from_dlpack, lambda y: y.data_ptr())
    for name, (take, address) in others.items():
        theirs = take(x)
        back = minitorch.from_dlpack(theirs)
        theirs[0, 0] += 1
        held = address(theirs) == x.data_ptr() == back.data_ptr() and back.tolist() == x.tolist()
        rows.append((name, "both ways, without a copy" if held else "NO"))
        if not held:
            failures.append(f"with {name}: not the same memory")
    return Section("Exchange by DLPack", _table(rows, ["with", ""]), failures)


def timings(options: argparse.Namespace) -> Section:
    """A short run of every model: the second of two, so that nothing is compiled in it."""
    import torch

    columns: dict[str, tuple[Any, str]] = {"minitorch, GPU": (minitorch, "cuda"), "minitorch, host": (minitorch, "cpu")}
    columns["torch, host"] = torch, "cpu"
    if torch.cuda.is_available():
        columns["torch, GPU"] = torch, "cuda"
    rows = []
    for name in options.models:
        took = [_seconds(partial(_trained, name, library, where)) for library, where in columns.values()]
        rows.append((name, *(f"{seconds:.2f}" for seconds in took)))
    note = "Seconds." + (" EMULATED: of no GPU." if emulated() else "")
    return Section("Times", f"{note}\n\n{_table(rows, ['model', *columns])}")


def _trained(name: str, library: Any, where: str) -> None:
    trace.train(name, library, ["--device", where], short=True)
    if where == "cuda":
        library.cuda.synchronize()


def _seconds(work: Callable[[], None]) -> float:
    work()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _cupy() -> Any:
    return kernels.get_backend("cuda").xp


def _table(rows: Sequence[Sequence[Any]], headers: Sequence[str]) -> str:
    return tabulate(rows, headers, tablefmt="github", disable_numparse=True)


SECTIONS: dict[str, Callable[[argparse.Namespace], Section]] = {
    "environment": environment,
    "compiled": compiled,
    "suite": suite,
    "kernels": by_kernel,
    "parity": by_case,
    "determinism": determinism,
    "memory": memory,
    "exchange": exchange,
    "timings": timings,
}


def _models(text: str) -> list[str]:
    unknown = set(text.split(",")) - set(NAMES)
    if unknown:
        raise argparse.ArgumentTypeError(f"no model {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    return text.split(",")


def _runnable() -> Iterator[str]:
    """The models that can run here: `dqn` needs gymnasium."""
    import importlib.util

    for name in NAMES:
        if name != "dqn" or importlib.util.find_spec("gymnasium"):
            yield name


def _parser() -> Parser:
    parser = Parser(prog="parity gpu", description=__doc__)
    parser.add_argument("--report", type=Path, required=True, metavar="FILE", help="the Markdown file to write")
    parser.add_argument("--skip", nargs="+", choices=list(SECTIONS), default=[], help="leave these parts out")
    parser.add_argument("--cases", default="", help="only parity cases whose name contains this")
    parser.add_argument("--examples", type=int, default=10, help="examples of each case and option group (%(default)s)")
    parser.add_argument("--models", type=_models, default=list(_runnable()), metavar="NAME,…", help="only these models")
    parser.add_argument("--suite", default="tests", metavar="PATHS", help="the tests to run (%(default)s)")
    parser.add_argument("--repeat", type=int, default=5, help="calls of a kernel to take the time of (%(default)s)")
    return parser
