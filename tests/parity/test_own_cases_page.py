"""docs/own-cases.md: its code is a file of cases that agree with torch."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "own-cases.md").read_text(encoding="utf-8")


def test_the_code_of_the_page(tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "mycase.py").write_text("\n".join(blocks), encoding="utf-8")
    plugin = [sys.executable, "-m", "pytest", "-p", "parity.pytest_plugin", "-p", "no:cacheprovider", "-v"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    ran = subprocess.run(
        [*plugin, "--parity", "mycase.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
    for name in (
        "my::Swish[beta]",
        "my::Dense",
        "my::norm",
        "my::cube[pinned]",
        "my::Cube",
        "my::log_cosh",
        "my::Lion[refused]",
    ):
        assert f"{name} PASSED" in ran.stdout


def test_the_page_shows_what_the_command_prints(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    for arguments in (["init", "mycase.py"], ["mycase.py"]):
        ran = subprocess.run(
            [sys.executable, "-m", "parity", *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout
    shown = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[0].splitlines()
    plain = [re.sub(r"[0-9.]+×", "N", line) for line in ran.stdout.splitlines()]  # rounding may depend on the machine
    for line in shown:
        assert re.sub(r"[0-9.]+×", "N", line) in plain, line


def test_the_page_shows_a_failure_as_it_is(tmp_path: Path) -> None:
    block = next(b for b in re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) if "my.Cube" in b)
    code = "import minitorch\nfrom parity import Draw, case, twin\n\n" + block.replace("g * x * x * 3", "g * x * x * 2")
    (tmp_path / "mycase.py").write_text(code, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "parity", "mycase.py"], cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    page, printed = ("".join(re.sub(r"[0-9][0-9.e+-]*", "N", text).split()) for text in (PAGE, ran.stdout))
    line = printed[printed.index("FAILmy.Cube") :].partition("my.Cube[")[0].partition("my.Cubediffers")[0]
    assert line in page
