"""Runs a piece of Python under the emulation, in a separate process, for tests."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[2]


def launch(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``python -m kernels.cusim`` with arguments, in `folder`."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1"}
    environment.pop("MINITORCH_CHECK_VALUES", None)  # set by the tests; a program must not inherit it
    command = [sys.executable, "-m", "kernels.cusim", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def run(program: str, *options: str, folder: Path) -> str:
    """Run `program`, which must succeed, and return its output.

    NumPy and CuPy are imported, and ``emulator`` is the emulation.
    """
    done = run_unchecked(program, *options, folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_unchecked(program: str, *options: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `program`, which may fail."""
    head = "import numpy as np, cupy as cp\nfrom kernels.cusim.emulator import current\nemulator = current()\n"
    path = folder / "program.py"
    path.write_text(head + textwrap.dedent(program))
    return launch(*options, "python", str(path), folder=folder)
