"""The host compiler g++, and the cache of what it compiled."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

INCLUDE = Path(__file__).parent / "include"
_MESSAGE = 4000  # characters of the compiler's messages to show: the first error is the one that matters


class CompileError(RuntimeError):
    """The host compiler reported an error; the message is the compiler's."""


class ToolchainMissing(RuntimeError):
    """There is no host compiler; the message says how to install one."""


def cache_folder() -> Path:
    """The folder of compiled kernels and of the emulation: ``MINITORCH_CUSIM_CACHE``, or one in the user's cache."""
    chosen = os.environ.get("MINITORCH_CUSIM_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "minitorch-cusim"


def compiler() -> str:
    """The host compiler's path: ``CXX`` or ``g++``.

    Raises:
        ToolchainMissing: if it is not there.
    """
    name = os.environ.get("CXX", "g++")
    found = shutil.which(name)
    if found is None:
        raise ToolchainMissing(
            f"running CUDA code on the host needs {name!r}, which is not installed (Debian: apt install g++)"
        )
    return found


@functools.cache
def _version(path: str) -> str:
    return subprocess.run([path, "-dumpfullversion", "-dumpmachine"], capture_output=True, text=True, check=True).stdout


@functools.cache
def _shim_digest() -> str:
    """A digest of all files of the shim: after a change of one, everything is compiled anew."""
    digest = hashlib.sha256()
    for path in sorted(INCLUDE.rglob("*.h")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def digest_of(*parts: object) -> str:
    """A file name for the result of compiling `parts` with this compiler and this shim."""
    text = repr((parts, _version(compiler()), _shim_digest()))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def cached(name: str, make: Callable[[Path], None]) -> Path:
    """The file `name` in the cache, which ``make(path)`` writes if it is not there yet.

    Safe with many processes: each writes another file and renames it when it is complete.
    """
    target = cache_folder() / name
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    os.close(handle)
    try:
        make(Path(temporary))
        os.replace(temporary, target)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return target


def run_compiler(arguments: Sequence[str | Path], text: str | None = None) -> str:
    """Run the host compiler, with `text` as its standard input; return its standard output.

    Raises:
        CompileError: if it fails.
        ToolchainMissing: if there is none.
    """
    command = [compiler(), *map(str, arguments)]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CompileError(f"{done.stderr.strip()[:_MESSAGE]}\n(command: {' '.join(command)})")
    return done.stdout
