"""Builds the emulation: CUDA's driver and runtime, cuBLAS and cuRAND for the host, and CuPy's binding to them.

One file of CuPy's package is its binding to the CUDA runtime, with the runtime linked in. It is rebuilt from CuPy's
unchanged sources and linked to the emulation instead. All other files of the package are used as they are.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

from kernels.cusim.toolchain import INCLUDE, cache_folder, digest_of, run_compiler

CUPY = "14.2.0"
"""The version of CuPy that the emulation is written for."""

PACKAGES = (
    f"cupy-cuda13x=={CUPY}",
    "cython==3.2.4",
    "nvidia-cuda-crt",
    "nvidia-cuda-nvrtc",
    "nvidia-cuda-runtime",
    "setuptools",
)
"""What must be installed: the extra ``cusim``."""
INSTALL = "pip install 'minitorch-parity[cusim]'"

_SDIST = f"cupy-{CUPY}.tar.gz"
_SDIST_SHA256 = "cfed725e612178cfbdbf62f4a3a598b60edecbbca718c0d4580c21a16ae4a62c"
_SOURCES = Path(__file__).parent / "emulation"
_CUDA_VERSION = 13020  # of the API that is emulated, in the form of CUDA_VERSION in cuda.h


class EmulationUnavailable(RuntimeError):
    """The emulation cannot be built, or is for another version of a package; the message says what to do."""


def check_packages() -> None:
    """Check that the packages are installed, CuPy in the version that the emulation is written for.

    Raises:
        EmulationUnavailable: if not; the message has the command that installs them.
    """
    for requirement in PACKAGES:
        name, _, wanted = requirement.partition("==")
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            raise EmulationUnavailable(f"CuPy on the host needs {name}, which is not installed: {INSTALL}") from None
        if wanted and found != wanted:
            raise EmulationUnavailable(
                f"CuPy on the host is written for {requirement}, but {found} is installed: {INSTALL}"
            )


def emulation() -> Path:
    """The folder of the built libraries. They are built if they are not in the cache yet.

    Raises:
        EmulationUnavailable: if a package is missing or has another version, or CuPy's sources cannot be downloaded.
        CompileError: if the host compiler refuses them.
        ToolchainMissing: if there is no host compiler.
    """
    check_packages()
    sources = [p.read_text() for p in sorted(_SOURCES.rglob("*")) if p.suffix in (".cpp", ".h")]
    digest = digest_of(sources, Path(__file__).read_text(), sys.implementation.cache_tag, PACKAGES)
    folder = cache_folder() / f"emulation-{digest}"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other processes wait, and then find it built
        if not folder.exists():
            print("cusim: building the emulation of CUDA (once)", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
                _build(Path(temporary, "out"), Path(temporary))
                os.rename(Path(temporary, "out"), folder)
    return folder


def _build(out: Path, scratch: Path) -> None:
    out.mkdir()
    cuda = _cuda_headers()
    flags = ["-std=c++17", "-O1", "-fPIC", f"-I{_SOURCES}", f"-I{INCLUDE}", f"-I{cuda}"]
    binding = _compile_binding(scratch, cuda)
    parts = [
        _object(_SOURCES / f"{name}.cpp", flags, scratch)
        for name in ("devices", "memory", "streams", "modules", "sorting")
    ]
    parts.append(_refusals([binding], parts, "cu", 801, scratch))
    driver = out / "libcuda.so.1"
    run_compiler(["-shared", "-Wl,-soname,libcuda.so.1", *parts, "-o", driver, "-ldl"])
    run_compiler(["-shared", binding, driver, "-o", out / f"runtime{sysconfig.get_config_var('EXT_SUFFIX')}"])
    _build_library(out, "cublas", "13", [_object(_SOURCES / "blas.cpp", flags, scratch)], 15, scratch)
    _build_library(out, "curand", "10", [], 999, scratch)


def _build_library(out: Path, name: str, version: str, parts: list[Path], status: int, scratch: Path) -> None:
    """A CUDA library: `parts`, and a refusal for every other function of it that CuPy's binding calls."""
    package = Path(str(importlib.metadata.distribution("cupy-cuda13x").locate_file("cupy_backends/cuda/libs")))
    refusals = _refusals(package.glob(f"{name}.*.so"), parts, name, status, scratch)
    soname = f"lib{name}.so.{version}"
    versions = scratch / f"{name}.map"
    versions.write_text(f"{soname} {{ global: *; }};\n")
    link = ["-shared", f"-Wl,-soname,{soname}", f"-Wl,--version-script={versions}"]
    run_compiler([*link, *parts, refusals, out / "libcuda.so.1", "-o", out / soname])


def _compile_binding(scratch: Path, cuda: Path) -> Path:
    """CuPy's ``runtime.pyx`` as an object file."""
    with tarfile.open(_sdist()) as archive:
        archive.extractall(scratch, filter="data")
    root = scratch / _SDIST.removesuffix(".tar.gz")
    constants = {
        "CUPY_CUDA_VERSION": _CUDA_VERSION,
        "CUPY_HIP_VERSION": 0,
        "CUPY_USE_CUDA_PYTHON": False,
        "CUPY_CUFFT_STATIC": False,
        "CUPY_CYTHON_VERSION": importlib.metadata.version("cython"),
    }
    command = [
        sys.executable,
        "-m",
        "cython",
        "--cplus",
        "-3",
        "-E",
        ",".join(f"{k}={v}" for k, v in constants.items()),
    ]
    for directive in (
        "embedsignature=True",
        "c_api_binop_methods=True",
        "binding=False",
        "freethreading_compatible=True",
    ):
        command += ["-X", directive]
    done = subprocess.run(
        [*command, "cupy_backends/cuda/api/runtime.pyx"], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise EmulationUnavailable(f"Cython refuses CuPy's runtime.pyx:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    binding = scratch / "runtime.o"
    includes = [sysconfig.get_paths()["include"], cuda, _SOURCES / "include", root]
    flags = ["-std=c++17", "-O1", "-fPIC", "-w", *(f"-I{folder}" for folder in includes)]
    run_compiler([*flags, "-c", root / "cupy_backends/cuda/api/runtime.cpp", "-o", binding])
    return binding


def _sdist() -> Path:
    """CuPy's source distribution, from the cache or, once, from the package index (pip asks for it)."""
    kept = cache_folder() / _SDIST
    if not kept.exists():
        with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "cupy"]
            done = subprocess.run(
                [*command, "--dest", folder, f"cupy=={CUPY}"],
                env={**os.environ, "CUPY_INSTALL_USE_STUB": "1"},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                raise EmulationUnavailable(
                    f"CuPy's sources cannot be downloaded; put {_SDIST} into {cache_folder()} yourself.\n"
                    f"{done.stderr[-2000:]}"
                )
            shutil.move(Path(folder, _SDIST), kept)
    digest = hashlib.sha256(kept.read_bytes()).hexdigest()
    if digest != _SDIST_SHA256:
        raise EmulationUnavailable(f"{kept} is damaged or another release: its SHA-256 is {digest}; delete it")
    return kept


def _cuda_headers() -> Path:
    """The folder with ``cuda.h``, from NVIDIA's package of the runtime."""
    for file in importlib.metadata.files("nvidia-cuda-runtime") or ():
        if file.name == "cuda.h":
            return Path(str(file.locate())).parent
    raise EmulationUnavailable("the package nvidia-cuda-runtime has no cuda.h; install it again")


def _object(source: Path, flags: list[str], scratch: Path) -> Path:
    path = scratch / f"{source.stem}.o"
    run_compiler([*flags, "-c", source, "-o", path])
    return path


def _symbols(objects: Iterable[Path], *, defined: bool) -> set[str]:
    """The names of the C functions that object files define, or that they call and do not define."""
    names: set[str] = set()
    for path in objects:
        which = ["-D"] if ".so" in path.suffixes else []
        done = subprocess.run(["nm", *which, str(path)], capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            *_, kind, name = line.split()
            if (kind == "T") == defined and (kind == "U") != defined:
                names.add(name.partition("@")[0])
    return names


def _refusals(users: Iterable[Path], parts: list[Path], prefix: str, status: int, scratch: Path) -> Path:
    """An object file that defines the functions that `users` call and `parts` lack: each prints its name and returns an
    error status.
    """
    missing = _symbols(users, defined=False) - _symbols(parts, defined=True)
    lines = ['extern "C" int cusim_unsupported(const char* name);']
    for name in sorted(n for n in missing if n.startswith(prefix)):
        lines.append(f'extern "C" int {name}() {{ return cusim_unsupported("{name}"), {status}; }}')
    source = scratch / f"{prefix}_refusals.cpp"
    source.write_text("\n".join(lines) + "\n")
    return _object(source, ["-fPIC"], scratch)
