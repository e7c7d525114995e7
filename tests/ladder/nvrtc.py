"""L1: NVRTC, CUDA's own compiler, accepts every kernel for every architecture, and none of them spills registers.

NVRTC needs no driver: it compiles to machine code (a "cubin"), and its last stage, ptxas, reports the registers and
memory of each kernel. The options are those with which CuPy compiles.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from kernels.cuda import launch
from kernels.cusim.toolchain import cached

ARCHITECTURES = (75, 80, 86, 90, 100, 120)
"""Compute capabilities: Turing, Ampere (A100 and RTX 30), Hopper, Blackwell (B200 and RTX 50)."""
REGISTERS = 65536
"""Registers of a multiprocessor, on all of these; the threads of a block share them."""

_PROPERTIES = re.compile(
    r"Compiling entry function '(\w+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads"
    r".*?Used (\d+) registers",
    re.DOTALL,
)


class CompileError(Exception):
    """NVRTC reported an error or a warning; the message is NVRTC's."""


@dataclass(frozen=True)
class Usage:
    """What ptxas reports of a kernel: bytes of local memory, those for spilled registers, and registers per thread."""

    stack: int
    spill_stores: int
    spill_loads: int
    registers: int

    @property
    def complaint(self) -> str | None:
        """The fault, or None."""
        if self.spill_stores or self.spill_loads:
            return f"spills registers ({self.spill_stores} bytes stored, {self.spill_loads} loaded)"
        if self.stack:
            return f"keeps {self.stack} bytes in local memory, as an array with computed indices does"
        if self.registers * launch.MAX_THREADS > REGISTERS:
            return f"uses {self.registers} registers: too many for {launch.MAX_THREADS} threads"
        return None


def compile_text(text: str, expressions: Sequence[str], architecture: int) -> dict[str, Usage]:
    """Compile a text's kernels, named by expressions, and return the usage of each.

    Raises:
        CompileError: if NVRTC reports an error or a warning.
        ImportError: if there is no CuPy, which holds the binding, or no NVRTC.
    """
    from cupy.cuda import nvrtc

    program = nvrtc.createProgram(text, "kernel.cu", (), ())
    try:
        for expression in expressions:
            nvrtc.addNameExpression(program, expression)
        options = (f"--gpu-architecture=sm_{architecture}", "-ftz=true", "--ptxas-options=-v", *launch.OPTIONS)
        try:
            nvrtc.compileProgram(program, options)
        except nvrtc.NVRTCError:
            raise CompileError(nvrtc.getProgramLog(program)) from None
        log = nvrtc.getProgramLog(program)
        if "warning" in log:
            raise CompileError(log)
        mangled = {e: nvrtc.getLoweredName(program, e) for e in expressions}
    finally:
        nvrtc.destroyProgram(program)
    used = {name: Usage(*map(int, numbers)) for name, *numbers in _PROPERTIES.findall(log)}
    return {expression: used[name] for expression, name in mangled.items()}


def compile_file(file: str, architecture: int) -> dict[str, Usage]:
    """`compile_text` of all instances of all templates in a `.cu` file; results are cached on disk."""
    from cupy.cuda import nvrtc

    expressions = [e for t in launch.TEMPLATES if t.file == file for e in t.expressions()]
    text = launch.source(file)
    asked = repr((text, expressions, architecture, launch.OPTIONS, nvrtc.getVersion(), Path(__file__).read_text()))

    def make(path: Path) -> None:
        found = compile_text(text, expressions, architecture)
        path.write_text(json.dumps({name: asdict(usage) for name, usage in found.items()}))

    kept = cached(f"nvrtc/{hashlib.sha256(asked.encode()).hexdigest()[:32]}.json", make)
    return {name: Usage(**usage) for name, usage in json.loads(kept.read_text()).items()}


def unavailable_because() -> str | None:
    """Why NVRTC cannot be used here; None if it can."""
    try:
        from cupy.cuda import nvrtc
    except ImportError as error:
        return f"needs CuPy (pip install 'minitorch-parity[cuda13]'): {error}"
    try:
        nvrtc.getVersion()
    except Exception as error:
        return f"needs NVRTC (pip install nvidia-cuda-nvrtc): {error}"
    return None
