"""A file or package of the user's that has the name of one of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("file", ["kernels.py", "kernels/__init__.py"])
def test_another_module_named_kernels_is_named(tmp_path: Path, file: str) -> None:
    other = tmp_path / file
    other.parent.mkdir(exist_ok=True)
    other.write_text("def get_kernel(name):\n    return name\n", encoding="utf-8")
    (tmp_path / "script.py").write_text("import minitorch\n", encoding="utf-8")
    ran = run(tmp_path, "script.py")
    assert ran.returncode == 1
    last = ran.stderr.splitlines()[-1]
    assert last.startswith("ImportError: minitorch needs its own package 'kernels'")
    assert str(other) in last


def test_a_file_kernels_that_imports_minitorch(tmp_path: Path) -> None:
    (tmp_path / "kernels.py").write_text("import minitorch\n", encoding="utf-8")
    assert "rename it" in run(tmp_path, "kernels.py").stderr + run(tmp_path, "-c", "import kernels").stderr


@pytest.mark.parametrize("name", ["kernels.py", "parity.py", "torch.py", "numpy.py"])
def test_a_start_does_not_hide_a_module(tmp_path: Path, name: str) -> None:
    ran = run(tmp_path, "-m", "parity", "init", name)
    assert ran.returncode == 2
    assert "take another name" in ran.stderr
    assert not list(tmp_path.iterdir())
