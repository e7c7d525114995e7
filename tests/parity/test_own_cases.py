"""Comparing something of one's own: the file that `parity init` writes, cases in files, the plugin of pytest."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

import kernels
from parity import case
from parity.__main__ import main
from parity.cases import CASES
from parity.compare import names
from parity.compare.loading import LOADED

ROOT = Path(__file__).parents[2]
BAD = """
from parity import Draw, both, case, twin
twin("square", minitorch=lambda x: x.where(x < 1, x * x * x), torch=lambda x: x * x)

@case("my.square")
def square(d: Draw) -> str:
    return f"square({d.floats('x', d.shape())})"

square.example("square(x)", x=[1.0, -float("inf")])

@case("my.mistake")
def mistake(d: Draw) -> str:
    return f"torch.nonsense({d.floats('x', d.shape())})"

@case("my.absent")
def absent(d: Draw) -> str:
    import a_package_that_is_absent
"""

LOST = """
import signal
from parity import Draw, case

@case("my.lost")
def lost(d: Draw) -> str:
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:  # as in a finalizer, from which Python lets no exception out
        pass
    return f"{d.floats('x', d.shape())}.exp()"
"""


@pytest.fixture(autouse=True)
def registries(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A folder to work in; what a test registers is forgotten after it."""
    monkeypatch.chdir(tmp_path)
    kept = [(r, dict(r)) for r in (CASES, names.NAMES, names._built, LOADED, kernels.KERNELS)]
    modules, path = set(sys.modules), list(sys.path)
    yield
    for registry, before in kept:
        registry.clear()
        registry.update(before)  # type: ignore[arg-type] # each with its own
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]
    sys.path[:] = path


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False,
        env={k: v for k, v in os.environ.items() if k != "HYPOTHESIS_STORAGE_DIRECTORY"}
        | {"PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


def test_the_file_to_start_from_agrees_with_torch(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["init", "mycase.py"]) == 0
    assert main(["mycase.py", "--examples", "8"]) == 0
    out = capsys.readouterr().out
    for line in ("my.Swish [beta]", "my.Swish [refused]", "my.cube [pinned]", "my.log_cosh", "my.Lion"):
        assert re.search(rf"^PASS  {re.escape(line)} ", out, re.MULTILINE), line
    assert "PASS: 4 cases, " in out
    assert "parity mycase.py" in (tmp_path / "mycase.py").read_text(encoding="utf-8")


def test_a_file_that_is_there_is_left_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("1\n", encoding="utf-8")
    for name in ("mine.py", "my-case.py", "class.py", "mine.txt", "absent/mine.py"):
        assert main(["init", name]) == 2, name
    assert (tmp_path / "mine.py").read_text(encoding="utf-8") == "1\n"
    assert capsys.readouterr().err.count("parity: ") == 5


def test_differences_mistakes_and_absent_packages(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(BAD, encoding="utf-8")
    assert main(["bad.py"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"^FAIL  my.square .*\n +error of .*, in [0-9]+ of 20\s+examples", out, re.M | re.S)
    assert "-inf where torch has inf (1 of 2 elements), in 1 of 1 example" in " ".join(out.split())
    assert "module 'torch' has no attribute 'nonsense'" in " ".join(out.split())
    assert re.search(r"^SKIP  my.absent\n +No module named 'a_package_that_is_absent'", out, re.M)
    assert "2 of 2 cases differ from torch: my.square, my.square [pinned], my.mistake; 1 case skipped" in " ".join(
        out.split()
    )


def test_chosen_by_name_after_loading(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(BAD, encoding="utf-8")
    assert main(["my.square", "--load", "bad"]) == 1
    assert main(["my.square", "--load", "bad.py", "--list"]) == 0
    assert main(["my.absent", "--load", "bad"]) == 2  # nothing was compared
    assert main(["my.square", "--load", "absent"]) == 2
    assert "no module 'absent'" in capsys.readouterr().err


def test_the_script_of_a_failing_case_runs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(BAD, encoding="utf-8")
    assert main(["bad.py", "-x", "--failed"]) == 1
    out = capsys.readouterr().out
    assert "stopped at the first difference; 3 of 4 were not compared" in out
    script = out[out.index("import torch") : out.index("run(minitorch)") + len("run(minitorch)")]
    other = tmp_path / "other"
    other.mkdir()
    (other / "script.py").write_text(script, encoding="utf-8")
    ran = command(str(other / "script.py"))
    assert ran.returncode == 0, ran.stderr
    theirs, ours = ran.stdout.splitlines()[0], ran.stdout.splitlines()[-1]
    assert theirs.startswith("tensor(")
    assert theirs != ours


SLIGHT = """
import minitorch
from parity import both, case


@both
def scaled(torch):
    def scaled(x, factor):
        ours = torch is minitorch
        if factor <= 0:
            raise (TypeError if ours else ValueError)(f"factor {factor} is not positive")
        return x * (factor + 1e-8 * ours)

    return scaled


@case("my.scaled")
def slight(d):
    return f"scaled({d.floats('x', d.shape())}, 2.0)"


slight.refuses("scaled(torch.ones(2), -1.0)")
"""


def test_scripts_show_small_differences_and_both_errors(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "slight.py").write_text(SLIGHT, encoding="utf-8")
    assert main(["slight.py"]) == 1
    out = capsys.readouterr().out
    assert "1 of 1 case differs from torch: my.scaled, my.scaled [refused]" in " ".join(out.split())
    scripts = re.findall(r"^import torch$.*?^run\(minitorch\)$", out, re.M | re.S)
    shown = [command("-c", script).stdout.splitlines() for script in scripts]
    assert shown[0][0] != shown[0][-1]  # 0.25146043 and 0.251460432 in float64
    assert shown[1] == [
        "torch raises ValueError: factor -1.0 is not positive",
        "minitorch raises TypeError: factor -1.0 is not positive",
    ]


@pytest.mark.parametrize(
    ("text", "error"), [("import absent_one\n", "ModuleNotFoundError"), ("x = (\n", "SyntaxError")]
)
@pytest.mark.parametrize("arguments", [["faulty.py"], ["my", "--load", "faulty"]])
def test_an_error_in_the_file_is_not_a_difference(
    text: str, error: str, arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "faulty.py").write_text(text, encoding="utf-8")
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert re.match(rf"parity: faulty(\.py)? raised an error while it was imported\n.*faulty.py.*{error}", told, re.S)
    assert "importlib" not in told


@pytest.mark.parametrize("columns", ["40", "80"])
def test_lines_fit_the_terminal(columns: str, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(BAD, encoding="utf-8")
    ran = command("-m", "parity", "bad.py", COLUMNS=columns)
    assert ran.returncode == 1, ran.stderr
    shown = ran.stdout.partition("\nmy.square differs")[0] + ran.stdout.rpartition("FAIL: ")[2]
    assert max(map(len, shown.splitlines())) <= int(columns)
    assert "\033" not in ran.stdout
    assert not (tmp_path / ".hypothesis").exists()


def test_a_path_that_cannot_be_written_is_told_first(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["nn.Linear", "--html", "absent/report.html"])
    captured = capsys.readouterr()
    assert "no folder 'absent'" in captured.err
    assert not captured.out


def test_names_of_written_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nn.Flatten", "--examples", "2", "--html", "report.html"]) == 0
    assert "wrote report.html" in capsys.readouterr().out


def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path) -> None:
    """hypothesis is hidden by a finder that a sitecustomize installs."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Hide:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('hypothesis', 'torch', 'tabulate'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Hide())\n",
        encoding="utf-8",
    )
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    helped = command("-m", "parity", "--help", PYTHONPATH=path)
    assert helped.returncode == 0, helped.stderr
    assert "exit codes" in helped.stdout
    assert command("-m", "parity", "init", "mycase.py", PYTHONPATH=path).returncode == 0
    for arguments in (["nn.Linear"], ["runs"], ["backends"], ["programs"]):
        ran = command("-m", "parity", *arguments, PYTHONPATH=path)
        assert ran.returncode == 2
        assert "pip install 'minitorch-parity[parity]'" in ran.stderr
        assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_leaves_what_was_compared(jobs: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "parity", "nn.", "--jobs", jobs, "--json", "part.json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True,
    ) as ran:  # fmt: skip
        assert ran.stdout is not None
        lines = [ran.stdout.readline() for _ in range(4)]
        os.killpg(ran.pid, signal.SIGINT)  # as a terminal does, to all processes
        out, err = ran.communicate(timeout=120)
    assert ran.returncode == 130
    assert all(line.startswith("PASS") for line in lines[1:])
    assert re.search(r"stopped; [0-9]+ of [0-9]+ were compared", err)
    assert "Traceback" not in err
    assert re.search("^PASS: [0-9]+ cases?, ", out, re.MULTILINE)
    assert len(json.loads(Path("part.json").read_text(encoding="utf-8"))["rows"]) >= 3


def test_pytest_runs_cases(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(BAD + "\ndef test_of_the_usual_kind():\n    pass\n", encoding="utf-8")
    plugin = ["-m", "pytest", "-p", "parity.pytest_plugin", "-p", "no:cacheprovider"]
    ran = command(*plugin, "--parity", "bad.py", "--parity-examples", "5", "--junitxml", "junit.xml")
    assert ran.returncode == 1, ran.stderr
    suite = ET.parse(tmp_path / "junit.xml").getroot()[0]
    results = {case.get("name"): [child.tag for child in case] for case in suite}
    assert results == {
        "test_of_the_usual_kind": [],
        "my.square": ["failure"],
        "my.square[pinned]": ["failure"],
        "my.mistake": ["failure"],
        "my.absent": ["skipped"],
    }
    assert "run(minitorch)" in ran.stdout
    assert not (tmp_path / ".hypothesis").exists()
    ran = command(*plugin, "bad.py")
    assert "1 passed" in ran.stdout


def test_names_are_checked() -> None:
    with pytest.raises(ValueError, match="take another"):
        names.twin("torch", minitorch=1, torch=2)
    with pytest.raises(ValueError, match="expected a name"):
        names.twin("not a name", minitorch=1, torch=2)


@pytest.mark.parametrize(
    ("options", "body", "told"),
    [
        ("", "d.floats('x', d.shape())", "expected the case to return the text of a call, but it returned None"),
        ("", "return f\"y = torch.relu({d.floats('x', d.shape())})\"", "statements that assign the result to out"),
        ("", "return 'absent_name(1)'", "'absent_name' is not defined (parity.both and parity.twin give names"),
        (", kind='module'", "return 'm(1)'", "expected the case to set d.build, the text that makes the module"),
    ],
)
def test_mistakes_in_a_case_are_told(
    options: str, body: str, told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lines = ["from parity import case", f"@case('my.mistaken'{options})", "def mistaken(d):", f"    {body}"]
    (tmp_path / "mistaken.py").write_text("\n".join(lines), encoding="utf-8")
    assert main(["mistaken.py", "--markdown", "table.md"]) == 1
    assert told in " ".join(capsys.readouterr().out.split())
    assert "## Your own\n" in (tmp_path / "table.md").read_text(encoding="utf-8")


def test_the_kind_of_a_case_is_checked() -> None:
    with pytest.raises(ValueError, match="expected kind to be one of 'op', 'module', 'optimizer', but got 'layer'"):
        case("my.layer", kind="layer")  # type: ignore[arg-type] # that is the mistake


def test_an_interrupt_that_is_lost_in_a_call_stops_the_command(tmp_path: Path) -> None:
    (tmp_path / "lost.py").write_text(LOST, encoding="utf-8")
    ran = command("-m", "parity", "lost.py", "--examples", "3")
    assert ran.returncode == 130, ran.stderr
    assert re.search(r"stopped; [01] of [0-9]+ were compared", ran.stderr)
