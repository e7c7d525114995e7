"""CuPy's NVRTC programs, replaced: they compile with g++ to shared objects, where NVRTC makes cubins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kernels.cusim.compiler import build_library, translated
from kernels.cusim.toolchain import CompileError, cached, digest_of
from kernels.cusim.translate import TranslationError

_IMAGE = b"cusim:"  # how an image begins that emulation/modules.cpp can load


def replace_programs(*, also_nvrtc: bool) -> None:
    """Make CuPy compile kernels with g++.

    Args:
        also_nvrtc: compile each with NVRTC first, as on a machine with a GPU; its errors are raised.
    """
    from cupy.cuda import compiler

    nvrtc_compile = compiler._NVRTCProgram.compile
    nvrtc_create = compiler._NVRTCProgram.__init__

    def create(
        self: Any,
        src: str | bytes,
        name: str = "default_program",
        headers: Any = (),
        include_names: Any = (),
        name_expressions: Sequence[str] | None = None,
        method: str = "ptx",
    ) -> None:
        self.ptr = None
        self.src = src.decode() if isinstance(src, bytes) else src
        self.name = name
        self.name_expressions = name_expressions
        self.method = method
        self.headers = headers, include_names

    def compile_(self: Any, options: Sequence[str] = (), log_stream: Any = None) -> tuple[bytes, dict[str, str] | None]:
        if self.method == "lto" or self.headers[0]:
            raise NotImplementedError("CuPy on the host: link-time optimization and jitify are not emulated")
        if also_nvrtc:

            def check() -> None:
                headers, names = self.headers
                nvrtc_create(self, self.src, self.name, headers, names, self.name_expressions, self.method)
                nvrtc_compile(self, options, log_stream)

            _once(("nvrtc", self.src, tuple(options), self.name_expressions), check)
        expressions = tuple(self.name_expressions or ())
        kept = host_options(options)
        try:
            module = translated(self.src, kept, expressions)
            library = build_library(module, kept)
        except (CompileError, TranslationError) as error:
            raise compiler.CompileException(str(error), self.src, self.name, options, "g++") from error
        mapping = {e: module.symbols[e] for e in expressions} if self.name_expressions else None
        return _IMAGE + str(library).encode() + b"\0", mapping

    compiler._NVRTCProgram.__init__ = create
    compiler._NVRTCProgram.compile = compile_
    compiler._preprocess = lambda *_: ""  # asks NVRTC for its version, for the key of a cache that is not used


def host_options(options: Sequence[str]) -> list[str]:
    """The options of NVRTC that g++ gets too: macros, and folders of headers except CUDA's own."""
    kept = []
    for option in options:
        if option.startswith(("-D", "-U")):
            kept.append(option)
        elif option.startswith("--define-macro="):
            kept.append("-D" + option.partition("=")[2])
        elif option.startswith("-I") and "_cccl" not in option and not Path(option[2:], "cuda.h").exists():
            kept.append(option)
    return kept


def _once(key: tuple[Any, ...], check: Callable[[], None]) -> None:
    """Run `check` unless it has passed for this key in this or an earlier process."""

    def make(path: Path) -> None:
        check()
        path.write_text("accepted\n")

    cached(f"nvrtc/{digest_of(key)}", make)
