"""CUDA C → g++ → kernels that are called with NumPy arrays.

    module = Module(source)
    module.get_function("softmax")((rows,), (128,), (x, y, np.int32(n)), shared_mem=512, schedule=shuffled(3))

The text is the same that NVRTC compiles. ``include/cusim/scheduler.h`` describes how it runs: one CUDA thread after the
other, switching at barriers and warp operations, in the order of the schedule.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kernels.cusim.sanitize import Sanitizer, build_program, run_program
from kernels.cusim.toolchain import INCLUDE, cached, digest_of, run_compiler
from kernels.cusim.translate import MACROS, Translated, translate

FLAGS = ("-std=c++17", "-fPIC", "-w", "-ffp-contract=off", "-fno-strict-aliasing", "-fvisibility=hidden")
"""As NVRTC compiles, except that sums of products are not contracted to fused multiply-adds: NumPy does not either."""

_ORDERS = {"forward": 0, "reversed": 1, "shuffled": 2}


class LaunchError(RuntimeError):
    """A kernel could not be launched, or failed; says why."""


@dataclass(frozen=True)
class Schedule:
    """The order in which the blocks of a grid, and the threads of a block between two barriers, run.

    A correct kernel gives the same results under all schedules, except for the rounding of atomic additions.
    """

    order: Literal["forward", "reversed", "shuffled"] = "forward"
    seed: int = 0


FORWARD = Schedule()
REVERSED = Schedule("reversed")


def shuffled(seed: int) -> Schedule:
    """A random order, anew at every barrier."""
    return Schedule("shuffled", seed)


@dataclass(frozen=True)
class Parameter:
    """A parameter of a kernel, as its C++ type says.

    Attributes:
        kind: ``p`` pointer, ``f`` floating point, ``i`` signed, ``u`` unsigned, ``b`` bool, ``h`` half, ``s`` other.
        size: in bytes.
        pointee_kind: for a pointer, the kind of the element that it points to.
        pointee_size: for a pointer, the size of that element in bytes; 0 for ``void``.
        writable: whether it is a pointer to non-const.
    """

    kind: str
    size: int
    pointee_kind: str
    pointee_size: int
    writable: bool


class _Parameter(ctypes.Structure):
    _fields_ = (
        ("kind", ctypes.c_char),
        ("pointee_kind", ctypes.c_char),
        ("writable", ctypes.c_bool),
        ("size", ctypes.c_uint),
        ("pointee_size", ctypes.c_uint),
    )


class _Launch(ctypes.Structure):
    _fields_ = (
        ("grid", ctypes.c_uint * 3),
        ("block", ctypes.c_uint * 3),
        ("shared_bytes", ctypes.c_uint64),
        ("order", ctypes.c_int),
        ("seed", ctypes.c_uint),
        ("lenient", ctypes.c_int),
        ("stacks", ctypes.c_void_p),
        ("is_device_pointer", ctypes.c_void_p),
        ("error", ctypes.c_char * 256),
    )


_RUN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Launch), ctypes.POINTER(ctypes.c_void_p))


class _KernelInfo(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("run", _RUN),
        ("parameter_count", ctypes.c_uint),
        ("parameters", ctypes.POINTER(_Parameter)),
    )


_lock = threading.RLock()  # one kernel runs at a time: all use the same memory for the stacks of CUDA threads
if hasattr(os, "register_at_fork"):  # a process forked while another thread runs a kernel would wait for it for ever
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)
_stacks: int | None = None


class Module:
    """A compiled text.

    Args:
        source: CUDA C.
        options: for the compiler: ``-D``, ``-U`` and ``-I`` as NVRTC has them. Others are refused.
        name_expressions: instances of templates to compile, such as ``"scale<float>"``.
        sanitizer: run every kernel in a separate process that checks for accesses out of bounds (``"address"``),
            undefined behaviour (``"undefined"``) or data races (``"thread"``).

    Raises:
        CompileError: if the host compiler refuses it.
        TranslationError: if it declares shared memory in a way that the translation does not support.
        ToolchainMissing: if there is no host compiler.
        ValueError: for an unknown option or sanitizer.
    """

    def __init__(
        self,
        source: str,
        options: Sequence[str] = (),
        *,
        name_expressions: Sequence[str] = (),
        sanitizer: Sanitizer | None = None,
    ) -> None:
        unknown = [o for o in options if not o.startswith(("-D", "-U", "-I"))]
        if unknown:
            raise ValueError(f"options: expected -D…, -U… or -I…, but got {unknown}")
        self.sanitizer = sanitizer
        self._translated = translated(source, options, name_expressions)
        self._library = ctypes.CDLL(str(build_library(self._translated, options)))
        self._program = build_program(self._translated.text, (*FLAGS, *options), sanitizer) if sanitizer else None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of kernels, and the name expressions, that `get_function` accepts."""
        return tuple(self._translated.symbols)

    def get_function(self, name: str) -> Kernel:
        """The kernel `name`, or the instance of a template, by its name expression.

        Raises:
            LookupError: if there is none. An instance of a template must have been among `name_expressions`.
        """
        symbol = self._translated.symbols.get(name)
        if symbol is None:
            raise LookupError(f"no kernel {name!r} in this module; it has {', '.join(self.names) or 'none'}")
        return Kernel(_KernelInfo.in_dll(self._library, f"cusim_kernel_{symbol}"), name, symbol, self._program)


class Kernel:
    """A kernel that can be launched over host memory.

    Attributes:
        name: its name in the text.
        parameters: its parameters.
    """

    def __init__(self, info: _KernelInfo, name: str, symbol: str, program: Path | None = None) -> None:
        self._info = info
        self._symbol = symbol
        self._program = program
        self.name = name
        self.parameters = tuple(
            Parameter(p.kind.decode(), p.size, p.pointee_kind.decode().strip("\0"), p.pointee_size, p.writable)
            for p in info.parameters[: info.parameter_count]
        )

    def __call__(
        self,
        grid: Sequence[int],
        block: Sequence[int],
        args: Sequence[Any],
        *,
        shared_mem: int = 0,
        schedule: Schedule = FORWARD,
    ) -> None:
        """Run the whole grid; arrays are changed in place.

        Args:
            grid: how many blocks in up to three directions.
            block: how many threads in a block.
            args: arrays for pointers (None: the null pointer), NumPy scalars for values. Python's int, float and bool
                count as int64, float64 and bool, as they do for CuPy.
            shared_mem: bytes of dynamic shared memory.
            schedule: the order of blocks and threads.

        Raises:
            TypeError: for another number of arguments, or one whose kind or size the kernel does not expect.
            ValueError: for an array that is not contiguous (in row-major or column-major order).
            LaunchError: for a grid that no GPU accepts, threads that do not all reach a barrier, or a deadlock.
            SanitizerError: if the module's sanitizer found something.
        """
        values = self._checked(args)
        three = [(*shape, 1, 1)[:3] for shape in (tuple(grid), tuple(block))]
        launch = _Launch(shared_bytes=shared_mem, order=_ORDERS[schedule.order], seed=schedule.seed)
        launch.grid[:], launch.block[:] = three
        if self._program is not None:
            run_program(self._program, self._symbol, bytes(launch)[: _Launch.lenient.offset], values)
        else:
            self._run_here(launch, values)

    def _checked(self, args: Sequence[Any]) -> list[np.ndarray | np.generic | None]:
        """`args` as arrays and NumPy scalars of the kinds and sizes of the parameters."""
        if len(args) != len(self.parameters):
            raise TypeError(f"{self.name}: takes {len(self.parameters)} arguments, but got {len(args)}")
        return [
            _checked(f"{self.name}: argument {i}", p, a)
            for i, (p, a) in enumerate(zip(self.parameters, args, strict=True))
        ]

    def _run_here(self, launch: _Launch, values: Sequence[np.ndarray | np.generic | None]) -> None:
        global _stacks
        kept = [_value(v) for v in values]
        pointers = (ctypes.c_void_p * max(1, len(kept)))(*[ctypes.addressof(v) for v in kept])
        with _lock:
            launch.stacks = _stacks
            error = self._info.run(ctypes.byref(launch), pointers)
            _stacks = launch.stacks
        if error:
            raise LaunchError(f"{self.name}: {launch.error.decode(errors='replace')}")


def translated(source: str, options: Sequence[str], name_expressions: Sequence[str]) -> Translated:
    """`source` as C++. Macros that contain ``__global__`` or ``__shared__`` are expanded first; no header is read."""
    if MACROS.search(source):
        kept = source.replace("#include", "//cusim#include")
        expanded = run_compiler(["-E", "-C", "-D__CUSIM__", *options, "-xc++", "-"], kept)
        source = expanded.replace("//cusim#include", "#include")
    return translate(source, name_expressions)


def build_library(module: Translated, options: Sequence[str]) -> Path:
    """The shared object of a module, from the cache if it is there."""
    flags = [*FLAGS, "-O1", f"-I{INCLUDE}"]
    options = ["-shared", "-include", str(_precompiled(flags)), *options]

    def make(path: Path) -> None:
        run_compiler([*flags, *options, "-xc++", "-", "-o", path], '#line 1 "kernel.cu"\n' + module.text)

    return cached(f"kernels/{digest_of(module.text, flags, options)}.so", make)


def _precompiled(flags: Sequence[str]) -> Path:
    """A header that includes the shim, with its compiled form beside it: that halves the time to compile a kernel.

    The compiler uses the compiled form if it was made with the same options, and otherwise reads the text.
    """
    folder = f"headers/{digest_of(flags)}"

    def write(path: Path) -> None:
        path.write_text('#include "cusim.h"\n')

    def compile_(path: Path) -> None:
        run_compiler([*flags, "-xc++-header", INCLUDE / "cusim.h", "-o", path])

    cached(f"{folder}/shim.h.gch", compile_)
    return cached(f"{folder}/shim.h", write)


def _checked(where: str, parameter: Parameter, value: Any) -> np.ndarray | np.generic | None:
    if parameter.kind == "p":
        if value is None:
            return None
        if not isinstance(value, np.ndarray):
            raise TypeError(f"{where}: expected an array for a pointer, but got {type(value).__name__}")
        if not (value.flags.c_contiguous or value.flags.f_contiguous):
            raise ValueError(f"{where}: expected a contiguous array, but got strides {value.strides}")
        if parameter.writable and not value.flags.writeable:
            raise ValueError(f"{where}: the kernel may write to it, but the array is read-only")
        if parameter.pointee_kind in "fiubh" and not _matches(
            parameter.pointee_kind, parameter.pointee_size, value.dtype
        ):
            raise TypeError(f"{where}: expected {_described(parameter)}, but got an array of {value.dtype}")
        return value
    if isinstance(value, bool | int | float) and not isinstance(value, np.generic):  # np.float64 is a float
        value = {bool: np.bool_, int: np.int64, float: np.float64}[type(value)](value)
    if not isinstance(value, np.generic):
        raise TypeError(f"{where}: expected {_described(parameter)}, but got {type(value).__name__}")
    if not _matches(parameter.kind, parameter.size, value.dtype):
        raise TypeError(f"{where}: expected {_described(parameter)}, but got {value.dtype}")
    return value


def _matches(kind: str, size: int, dtype: np.dtype[Any]) -> bool:
    """Whether values of `dtype` can be passed as a C++ type of this kind and size; signed and unsigned are alike."""
    if kind == "s":
        return size == dtype.itemsize
    kinds = {"f": "f", "h": "f", "i": "iu", "u": "iu", "b": "b"}[kind]
    if size == 1 and kind in "iub":
        kinds = "iub"  # bool arrays go to kernels as bytes
    return dtype.kind in kinds and dtype.itemsize == size


def _described(parameter: Parameter) -> str:
    names = {"f": "floating", "h": "half", "i": "signed integer", "u": "unsigned integer", "b": "bool", "s": "struct"}
    if parameter.kind == "p":
        return f"a pointer to {names[parameter.pointee_kind]} of {parameter.pointee_size} bytes"
    return f"{names[parameter.kind]} of {parameter.size} bytes"


def _value(value: np.ndarray | np.generic | None) -> Any:
    """The C value of an argument: the launch passes its address."""
    if value is None:
        return ctypes.c_void_p(0)
    if isinstance(value, np.ndarray):
        return ctypes.c_void_p(value.ctypes.data)
    return ctypes.create_string_buffer(value.tobytes(), value.dtype.itemsize)
