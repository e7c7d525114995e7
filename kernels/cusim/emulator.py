"""Makes CuPy use the emulation, in this process. ``python -m kernels.cusim COMMAND`` does so, then runs a program."""

from __future__ import annotations

import atexit
import ctypes
import importlib.machinery
import importlib.util
import os
import shutil
import sys
import tempfile
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernels.cusim.build import EmulationUnavailable, emulation
from kernels.cusim.options import ORDERS, Options
from kernels.cusim.programs import replace_programs
from kernels.cusim.sorting import make_module

BANNER = "EMULATED: no GPU is in use. CuPy runs on this machine's processor; see docs/cusim.md."
_BINDING = "cupy_backends.cuda.api.runtime"
_LIBRARIES = {"cuda": "libcuda.so.1", "cublas": "libcublas.so.13", "curand": "libcurand.so.10"}


class _Counters(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_uint64)
        for name in (
            "launches",
            "copies_to_device",
            "copies_to_host",
            "copies_on_device",
            "bytes_to_device",
            "bytes_to_host",
            "synchronizations",
            "allocations",
            "graph_launches",
            "launches_in_graphs",
        )
    )


@dataclass(frozen=True)
class Counters:
    """How often since the start the emulated devices ran kernels, copied, made the host wait, and allocated.

    `launches` counts kernels, also those of graphs; `launches_in_graphs` is their part.
    """

    launches: int
    copies_to_device: int
    copies_to_host: int
    copies_on_device: int
    bytes_to_device: int
    bytes_to_host: int
    synchronizations: int
    allocations: int
    graph_launches: int
    launches_in_graphs: int

    def __sub__(self, earlier: Counters) -> Counters:
        return Counters(**{name: getattr(self, name) - getattr(earlier, name) for name in Counters.__annotations__})


_running: Emulator | None = None


class Emulator:
    """The emulation that is running in this process."""

    def __init__(self, libraries: dict[str, ctypes.CDLL], options: Options) -> None:
        self._cuda = libraries["cuda"]
        self._libraries = libraries
        self._cuda.cusim_used.restype = ctypes.c_size_t
        self.options = options

    def counters(self) -> Counters:
        """The counts up to now."""
        raw = _Counters()
        self._cuda.cusim_counters(ctypes.byref(raw))
        return Counters(**{name: int(getattr(raw, name)) for name, *_ in _Counters._fields_})

    def used_memory(self, device: int = 0) -> int:
        """Bytes allocated on a device, including memory that CuPy's pool keeps for reuse."""
        return int(self._cuda.cusim_used(device))

    def set_order(self, order: str, seed: int = 0) -> None:
        """Set the order of blocks and threads for all kernels that are launched later."""
        self._cuda.cusim_schedule(ORDERS.index(order), seed)

    def forget_failure(self) -> None:
        """Let later work run after a kernel failed. On a GPU only a new process can do that."""
        self._cuda.cusim_forget_failure()

    def print_kernels(self) -> None:
        """Print to standard error which kernels ran and how long each took."""
        self._cuda.cusim_print_kernels()


def current() -> Emulator | None:
    """The emulation in this process, or None."""
    return _running


def start(options: Options) -> Emulator:
    """Make CuPy use the emulation, and say so on standard error. CuPy must not have been imported yet.

    Raises:
        EmulationUnavailable: if it cannot be built here, or CuPy is loaded already.
        CompileError, ToolchainMissing: from building it.
    """
    global _running
    if _running is not None or any(name.partition(".")[0] in ("cupy", "cupy_backends") for name in sys.modules):
        raise EmulationUnavailable("the emulation must start once, and before CuPy is imported")
    folder = emulation()
    os.environ.update(options.environment())
    os.environ["CUPY_ACCELERATORS"] = ""  # CUB is precompiled device code
    os.environ["CUPY_CACHE_IN_MEMORY"] = "1"  # compiled kernels are in the emulation's own cache
    os.environ["CUPY_CACHE_DIR"] = _temporary_folder()
    libraries = {key: ctypes.CDLL(str(folder / name), mode=ctypes.RTLD_GLOBAL) for key, name in _LIBRARIES.items()}
    libraries["cudart"] = libraries["cuda"]
    _use_openblas(libraries["cublas"])
    _running = Emulator(libraries, options)
    _answer_pathfinder(libraries)
    sys.meta_path.insert(0, _BindingFinder(next(folder.glob("runtime.*"))))
    sys.modules["cupy.cuda.thrust"] = make_module(libraries["cuda"])
    replace_programs(also_nvrtc=options.nvrtc)
    _refuse_generators()
    if options.guarded:
        import cupy

        cupy.cuda.set_allocator(None)  # the pool would place arrays directly after one another
    print(BANNER, file=sys.stderr, flush=True)
    return _running


class _BindingFinder:
    """Imports the rebuilt binding to the CUDA runtime in place of CuPy's own."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != _BINDING:
            return None
        loader = importlib.machinery.ExtensionFileLoader(name, self._path)
        return importlib.util.spec_from_file_location(name, self._path, loader=loader)


def _temporary_folder() -> str:
    folder = tempfile.mkdtemp(prefix="minitorch-cusim-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _use_openblas(cublas: ctypes.CDLL) -> None:
    """Let the emulated cuBLAS multiply matrices with the OpenBLAS that NumPy's package contains."""
    import numpy as np

    for path in Path(np.__file__).parent.with_name("numpy.libs").glob("libscipy_openblas64_*"):
        library = ctypes.CDLL(str(path))
        functions = (library.scipy_cblas_sgemm64_, library.scipy_cblas_dgemm64_)
        cublas.cusim_set_blas(*(ctypes.cast(f, ctypes.c_void_p) for f in functions))
        return
    raise EmulationUnavailable(
        "cuBLAS is emulated with the OpenBLAS inside NumPy's package from PyPI, but this NumPy has none; reinstall it "
        "with pip"
    )


def _answer_pathfinder(libraries: dict[str, ctypes.CDLL]) -> None:
    """Let NVIDIA's pathfinder, which CuPy asks for libraries, return the emulated ones."""
    from cuda import pathfinder

    real = pathfinder.load_nvidia_dynamic_lib

    def load(name: str) -> Any:
        found = libraries.get(name)
        if found is None:
            return real(name)
        return types.SimpleNamespace(
            _handle_uint=found._handle, abs_path=found._name, was_already_loaded_from_elsewhere=True
        )

    pathfinder.load_nvidia_dynamic_lib = load


def _refuse_generators() -> None:
    """Raise an error where ``cupy.random.Generator`` is used: it is precompiled device code."""
    from cupy.random import _generator_api

    def refuse(*_: Any, **__: Any) -> None:
        raise NotImplementedError("CuPy on the host: cupy.random.Generator is not emulated")

    _generator_api.init_curand = refuse
