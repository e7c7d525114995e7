"""``python -m parity``: its table, its exit code, its JSON, and the scripts that it prints."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import minitorch
from parity import commands
from parity.__main__ import COMMANDS, main
from parity.cases import CASES
from parity.compare.case import PINNED
from parity.compare.findings import ORDERS
from parity.report.table import summary


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nn.functional.linear", "--examples", "5", "--rows"]) == 0
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines() if line.startswith("nn.functional.linear")]
    assert len(rows) == 15  # three orders in two dtypes and behaviour, drawn and pinned; refusals
    assert all(row[-1] == "ok" for row in rows)
    assert f"minitorch {minitorch.__version__}" in out
    assert re.search(
        r"^PASS: 1 case, [0-9]+ examples: float32 error [0-9.]+× torch's at worst \(limit 4×\),", out, re.M
    )


def test_same_table_every_time(capsys: pytest.CaptureFixture[str]) -> None:
    tables = []
    for seed in ("3", "3", "4"):
        assert main(["matmul", "--examples", "5", "--seed", seed, "--dtype", "float32", "--rows"]) == 0
        tables.append(capsys.readouterr().out.partition("\n\nErrors")[0].rpartition("\n\n")[2])
    assert tables[0] == tables[1] != tables[2]
    assert "float64" not in tables[0]


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conv2d", "--list"]) == 0
    assert capsys.readouterr().out.startswith("nn.functional.conv2d  plain stride padding")
    assert main(["--list"]) == 0
    assert "models.cnn" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("nothing of the kind", "--list"),
        ("nn.Linar", "did you mean nn.Linear"),
        ("surfce", "did you mean the command parity surface?"),
    ],
)
def test_no_such_case(capsys: pytest.CaptureFixture[str], wrong: str, message: str) -> None:
    assert main([wrong]) == 2
    assert message in capsys.readouterr().err


def test_commands_are_those_that_there_are() -> None:
    there = {
        path.stem for path in Path(commands.__file__).parent.glob("*.py") if "\ndef main(" in path.read_text("utf-8")
    }
    assert there == {*COMMANDS, "cases"}


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_a_wrong_option_names_the_nearest(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([*filter(None, [command]), "--hepl"])
    assert f"parity {command}".strip() + ": error: " in capsys.readouterr().err


OWN = """from parity import Draw, case

@case("mish by hand")
def mish(d: Draw) -> str:
    x = d.floats("x", d.shape())
    return f"{x} * torch.tanh(F.softplus({x}))"
"""


def test_a_case_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_cases.py").write_text(OWN, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    try:
        assert main(["mish by hand", "--load", "own_cases", "--examples", "3"]) == 0
    finally:
        CASES.pop("mish by hand", None)
    assert "mish by hand" in capsys.readouterr().out


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "table.json"
    assert main(["nn.Linear", "--examples", "5", "--json", str(file)]) == 0
    content = json.loads(file.read_text(encoding="utf-8"))
    assert content["command"] == {"pattern": "nn.Linear", "examples": 5, "seed": 0, "dtype": None}
    assert set(content["versions"]) >= {"minitorch", "torch", "numpy", "python", "machine"}
    assert content["failures"] == []
    orders = [(row["dtype"], row["order"]) for row in content["rows"]]
    assert orders[:6] == [(dtype, order) for order in ORDERS for dtype in ("float32", "float64")]
    assert all(row["passed"] and row["tried"] for row in content["rows"])
    worst = content["rows"][0]
    assert 0 < worst["ours"] < 10
    assert 0 < worst["median"] <= worst["ratio"] <= 4
    assert "nn.Linear(" in worst["worst"]


def test_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "table.json"
    assert main(["nn.Linear", "--examples", "5", "--json", str(file)]) == 0
    rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
    ratios = [row["ratio"] for row in rows if row["dtype"] == "float32"]
    assert summary(rows)["worst"] == max(ratios)
    assert summary(rows)["typical"] == statistics.median(ratios)
    assert f"float32 error {max(ratios):.2f}× torch's at worst" in capsys.readouterr().out
    exact = {**rows[0], "ours": 0.0, "torch": 0.0, "ratio": 0.0, "median": 0.0}
    assert summary([*rows, exact, exact, exact, exact]) == summary(rows) | {"rows": len(rows) + 4}
    assert summary([row for row in rows if not row["dtype"]])["worst"] is None


def test_parts_join_to_the_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["L1Loss", "--examples", "3"]
    assert main([*arguments, "--json", str(tmp_path / "whole.json")]) == 0
    parts = [str(tmp_path / f"{i}.json") for i in (1, 2)]
    for i, part in enumerate(parts, 1):
        assert main([*arguments, "--part", f"{i}/2", "--json", part]) == 0
    joined = tmp_path / "joined.json"
    assert main(["--from", *parts, "--json", str(joined), "--markdown", str(tmp_path / "table.md")]) == 0
    whole = json.loads((tmp_path / "whole.json").read_text(encoding="utf-8"))
    assert len(whole["rows"]) > 8
    assert json.loads(joined.read_text(encoding="utf-8"))["rows"] == whole["rows"]
    assert ", joined from 2 parts: minitorch" in (tmp_path / "table.md").read_text(encoding="utf-8")
    assert main([*arguments, "--jobs", "2", "--json", str(joined)]) == 0
    assert json.loads(joined.read_text(encoding="utf-8")) == whole
    capsys.readouterr()


def test_parts_of_different_tables_do_not_join(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(tmp_path / f"{n}.json") for n in (2, 3)]
    for n, file in zip("23", files, strict=True):
        assert main(["nn.Flatten", "--examples", n, "--json", file]) == 0
    assert main(["--from", *files]) == 2
    assert "has examples 3" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["nn.Flatten", "--part", "3/2"])
    assert "--part" in capsys.readouterr().err


def test_markdown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "table.md"
    assert main(["nn.functional.conv1d", "--examples", "3", "--markdown", str(file)]) == 0
    assert main(["nn.functional.conv1d", "--list"]) == 0
    listed = capsys.readouterr().out.splitlines()[-1].split()
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# The parity table\n\nMade by `parity nn.functional.conv1d --examples 3 --markdown FILE`")
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    assert [line[:2] for line in lines[2:]] == [[f"`{listed[0]}`", group] for group in (*listed[1:], PINNED)]
    assert {len(line) for line in lines} == {11}
    assert all(line[8] == "3" for line in lines[2:-1])
    assert all(line[10].startswith("ok") for line in lines[2:])
    assert sum(bool(line[9]) for line in lines[2:]) == 1  # calls that are refused belong to the case as a whole


def test_what_was_mended_counts_from_the_last_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after, joined = (tmp_path / f"{name}.json" for name in ("before", "after", "joined"))
    assert main(["nn.Flatten", "--examples", "3", "--json", str(after)]) == 0
    content = json.loads(after.read_text(encoding="utf-8"))
    content["rows"][0] |= {"verdict": "over budget", "passed": False}
    place = {name: content["rows"][0][name] for name in ("case", "group")}
    content["failures"] = [{**place, "title": "nn.Flatten differs", "report": "by much"}]
    before.write_text(json.dumps(content), encoding="utf-8")
    assert main(["--from", str(before), "--json", str(joined)]) == 1
    assert "by much" in capsys.readouterr().out
    assert main(["--from", str(before), str(after), "--json", str(joined)]) == 0
    mended = json.loads(joined.read_text(encoding="utf-8"))
    assert mended["command"].pop("parts") == 2
    assert mended == json.loads(after.read_text(encoding="utf-8"))
    assert "by much" not in capsys.readouterr().out


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minitorch whose `tanh` has an error of 1e-5 in float32."""
    right = minitorch.tanh

    def tanh(x: Any) -> Any:
        return right(x) * (1 + 1e-5) if x.dtype == minitorch.float32 else right(x)

    monkeypatch.setattr(minitorch, "tanh", tanh)


@pytest.mark.usefixtures("wrong")
def test_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "table.json"
    assert main(["tanh", "--examples", "30", "--json", str(file)]) == 1
    out = capsys.readouterr().out
    assert re.search(r"^FAIL  tanh .*\n +error of .* units, torch's own .* in [0-9]+ of 30 examples", out, re.M | re.S)
    assert "tanh differs from torch in the smallest example found:\n  forward in float32: out: error of" in out
    content = json.loads(file.read_text(encoding="utf-8"))
    failed = [(row["dtype"], row["order"]) for row in content["rows"] if not row["passed"]]
    assert ("float32", "forward") in failed
    assert "float64" not in {dtype for dtype, _ in failed}
    assert content["failures"][0]["title"].startswith("tanh differs")


def test_a_printed_script_runs_with_torch_and_minitorch_alone(tmp_path: Path) -> None:
    file = tmp_path / "table.json"
    assert main(["nn.functional.conv2d", "--examples", "3", "--json", str(file)]) == 0
    rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
    texts = [row["worst"] for row in rows if row["order"] == "second order" and row["worst"]]
    script = tmp_path / "script.py"
    script.write_text(texts[-1], encoding="utf-8")
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=environment, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("gradients") == ran.stdout.count("second") == 2
    assert "parity" not in texts[-1]
