"""Sections about the GPU itself: what it is, its compiler, training on it, and memory shared with other libraries."""

from __future__ import annotations

import gc
import importlib.util
import os
import platform
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import kernels
import minitorch
from minitorch import cuda
from minitorch.errors import UsageError
from parity.gpu.section import Options, Outcome, Section, emulated
from parity.runs import trace
from parity.runs.comparison import NAMES
from parity.speed.on_gpu import torch_in_float32

NEAR = 1e-4
"""How far apart the losses of one model may be on the host and on the GPU, relative to the host's, over a short run."""
CHAOTIC = ("gan", "cgan", "dqn", "optimizers", "regularization", "dropout", "batchnorm")
"""Chaotic models: rounding alone makes losses differ (docs/runs.md)."""


def _environment(options: Options, item: str) -> Iterator[Outcome]:
    """The hardware and the versions of the software, or the time of the first step of a net."""
    if item == "the first step":
        started = time.perf_counter()
        net = minitorch.nn.Linear(4, 2).to("cuda")
        net(minitorch.ones(3, 4, device="cuda")).sum().backward()
        cuda.synchronize()
        yield Outcome([[item, f"{time.perf_counter() - started:.1f} s, with what had to be compiled"]])
        return
    torch = torch_in_float32()
    xp, p = kernels.get_backend("cuda").xp, cuda.get_device_properties()
    runtime = xp.cuda.runtime
    yield Outcome(
        [
            ["GPU", p.name + (" (EMULATED)" if emulated() else "")],
            ["compute capability", f"{p.major}.{p.minor}"],
            ["memory", f"{p.total_memory / 2**30:.1f} GiB"],
            ["multiprocessors", str(p.multi_processor_count)],
            ["GPUs", str(cuda.device_count())],
            ["CUDA driver, runtime", f"{runtime.driverGetVersion()}, {runtime.runtimeGetVersion()}"],
            ["CuPy", xp.__version__],
            ["NumPy", np.__version__],
            ["torch", f"{torch.__version__}, {'with' if torch.cuda.is_available() else 'without'} CUDA"],
            ["minitorch", minitorch.__version__],
            ["Python", platform.python_version()],
            ["processor", f"{platform.machine()}, {os.cpu_count()} cores"],
        ]
    )


def _instances() -> dict[str, tuple[Any, str]]:
    """Each kernel's template and expression, by its name in its file; under the emulation one instance of each."""
    from kernels.cuda import all_kernels as all_kernels, launch

    chosen = slice(1) if emulated() else slice(None)
    return {f"{e} in {t.file}": (t, e) for t in launch.TEMPLATES for e in t.expressions()[chosen]}


def _compiled(options: Options, item: str) -> Iterator[Outcome]:
    """A kernel compiled for this GPU and loaded by its driver: registers, and bytes of local memory."""
    from kernels.cuda import launch

    template, expression = _instances()[item]
    function = launch.raw_kernel(launch.source(template.file), expression)
    spilled = int(function.local_size_bytes)
    failures = [f"{item} spills {spilled} bytes"] if spilled else []
    yield Outcome([[expression, template.file, str(function.num_regs), str(spilled)]], failures)


def _models(options: Options) -> list[str]:
    """The models of ``--models``; by default all models that can run here: `dqn` needs gymnasium."""
    return options.models or [n for n in NAMES if n != "dqn" or importlib.util.find_spec("gymnasium")]


def _training(options: Options, item: str) -> Iterator[Outcome]:
    """A short run of a model, twice on the GPU and once on the host; the two must be equal bit for bit.

    After the runs, no memory may be in use on the GPU.
    """
    gc.collect()
    before = cuda.memory_allocated()
    cuda.reset_peak_memory_stats()
    try:
        first, second = (trace.train(item, minitorch, ["--device", "cuda"], short=True) for _ in range(2))
    except UsageError as error:  # for want of gymnasium or of a data set
        yield Outcome([[item, "", f"not run: {error}"]])
        return
    gc.collect()
    most, held = cuda.max_memory_allocated(), cuda.memory_allocated() - before
    equal = np.array_equal(first.losses, second.losses, equal_nan=True) and first.metrics == second.metrics
    row = [item, str(len(first.losses)), "yes" if equal else "NO", "", str(most), str(held)]
    failures = [] if equal else [f"{item}: two runs differ"]
    failures += [f"{item}: {held} bytes are still held after the runs"] if held else []
    yield Outcome([row], failures)
    host = np.array(trace.train(item, minitorch, ["--device", "cpu"], short=True).losses)
    seen = np.isfinite(host)
    off = float((np.abs(np.array(first.losses) - host)[seen] / np.abs(host[seen]).clip(1e-12)).max(initial=0))
    failures += [f"{item}: {off:.2g} from the host's losses"] if not off <= NEAR and item not in CHAOTIC else []
    yield Outcome([[*row[:3], f"{off:.2g}", *row[4:]]], failures)


def _exchange(options: Options, item: str) -> Iterator[Outcome]:
    """DLPack both ways, on the same memory."""
    x = minitorch.arange(6.0, device="cuda").reshape(2, 3).t()
    address: Callable[[Any], int]
    if item == "torch":
        torch = torch_in_float32()
        if not torch.cuda.is_available():
            yield Outcome([[item, "not run: this torch is without CUDA"]])
            return
        take, address = torch.from_dlpack, lambda y: y.data_ptr()
    else:
        take, address = kernels.get_backend("cuda").xp.from_dlpack, lambda y: y.data.ptr
    theirs = take(x)
    back = minitorch.from_dlpack(theirs)
    theirs[0, 0] += 1
    held = address(theirs) == x.data_ptr() == back.data_ptr() and back.tolist() == x.tolist()
    failures = [] if held else [f"with {item}: not the same memory"]
    yield Outcome([[item, "both ways, without a copy" if held else "NO"]], failures)


ENVIRONMENT = Section(
    "environment",
    "Environment",
    ("", ""),
    lambda options: ["hardware and software", "the first step"],
    _environment,
    share=0.1,
)
COMPILED = Section(
    "compiled",
    "Kernels compiled and loaded",
    ("kernel", "file", "registers", "spilled"),
    lambda options: list(_instances()),
    _compiled,
    share=0.15,
    workers=14,
)
EXCHANGE = Section("exchange", "Exchange by DLPack", ("with", ""), lambda _: ["CuPy", "torch"], _exchange, share=0.05)
TRAINING = Section(
    "training",
    "Training: two runs, and the host's",
    ("model", "steps", "equal", "from the host's losses", "most bytes", "still held"),
    _models,
    _training,
    share=0.25,
    workers=7,
    note="The two runs must be equal bit for bit, and no bytes may still be held after them.",
)
