"""A kernel under a sanitizer: in a separate executable, so that the sanitizer checks only the kernel."""

from __future__ import annotations

import itertools
import os
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from kernels.cusim.toolchain import INCLUDE, cached, digest_of, run_compiler

Sanitizer = Literal["address", "undefined", "thread"]

_FLAGS = {
    "address": ("-fsanitize=address",),
    "undefined": ("-fsanitize=undefined", "-fno-sanitize-recover=all"),
    "thread": ("-fsanitize=thread",),
}
_OPTIONS = {
    # The scheduler switches stacks, and threads that never end never free theirs: neither is a fault.
    "ASAN_OPTIONS": "detect_leaks=0:detect_stack_use_after_return=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:report_thread_leaks=0",
}


class SanitizerError(RuntimeError):
    """A sanitizer found a fault in a kernel; the message is the sanitizer's report."""


def build_program(text: str, flags: Sequence[str], sanitizer: Sanitizer) -> Path:
    """The executable for a translated module.

    Raises:
        ValueError: for an unknown sanitizer.
    """
    if sanitizer not in _FLAGS:
        raise ValueError(f"sanitizer: expected one of {', '.join(_FLAGS)}, but got {sanitizer!r}")
    flags = [*flags, *_FLAGS[sanitizer], "-O1", "-g", "-rdynamic", f"-I{INCLUDE}"]
    flags += ["-include", "standalone.h", "-include", "cusim.h"]

    def make(path: Path) -> None:
        run_compiler([*flags, "-xc++", "-", "-o", path, "-ldl"], '#line 1 "kernel.cu"\n' + text)

    return cached(f"programs/{digest_of(text, flags)}", make)


def run_program(program: Path, symbol: str, launch: bytes, values: Sequence[np.ndarray | np.generic | None]) -> None:
    """Run a kernel in `program`, on copies of the arrays, and copy the results back into them.

    Args:
        program: from `build_program`.
        symbol: of the kernel.
        launch: grid, block, shared memory, order and seed: the first bytes of the job (see ``include/standalone.h``).
        values: the checked arguments. Arrays that start at the same address share a buffer, of the size of the largest.

    Raises:
        SanitizerError: if the program fails; the message is what it printed.
        ValueError: if arrays overlap in part.
    """
    buffers: dict[int, np.ndarray] = {}
    for value in values:
        if isinstance(value, np.ndarray) and value.nbytes:
            known = buffers.setdefault(value.ctypes.data, value)
            if value.nbytes > known.nbytes:
                buffers[value.ctypes.data] = value
    order = sorted(buffers)
    for first, second in itertools.pairwise(order):
        if first + buffers[first].nbytes > second:
            raise ValueError(f"{symbol}: expected arrays apart or from the same address, but two overlap in part")
    buffers = {address: buffers[address] for address in order}
    job = [launch, struct.pack("=II", len(buffers), len(values))]
    for array in buffers.values():
        job += [struct.pack("=Q", array.nbytes), array.tobytes(order="A")]
    for value in values:
        if isinstance(value, np.generic):
            job.append(struct.pack("=II", 0, value.dtype.itemsize) + value.tobytes())
        else:
            index = -1 if value is None or value.ctypes.data not in buffers else order.index(value.ctypes.data)
            job.append(struct.pack("=IiQ", 1, index, 0))
    with tempfile.TemporaryDirectory() as folder:
        job_path, result_path = Path(folder, "job"), Path(folder, "result")
        job_path.write_bytes(b"".join(job))
        done = subprocess.run(
            [program, symbol, job_path, result_path],
            capture_output=True,
            text=True,
            errors="replace",
            env={**os.environ, **_OPTIONS},
            check=False,
        )
        if done.returncode != 0:
            raise SanitizerError(f"{symbol}: {done.stderr.strip() or f'ended with {done.returncode}'}")
        result = result_path.read_bytes()
    start = 0
    for array in buffers.values():
        if array.flags.writeable:
            flat = np.frombuffer(result, array.dtype, array.size, start)
            array[...] = flat.reshape(array.shape, order="C" if array.flags.c_contiguous else "F")
        start += array.nbytes
