"""Same seed, same run: every model with torch and with minitorch; and the comparison finds planted faults."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from parity.__main__ import main
from parity.commands import runs
from parity.runs import comparison, run_budget
from parity.runs.comparison import CLOSE, EARLY, NAMES, Comparison, Distribution, compare, units_apart
from parity.runs.stand_in import StandIn
from parity.runs.trace import Trace, train
from tests.parity.test_planted import Planted

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.host("torch has no such device: the models' tensors are made on the CPU")


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _needs(request: pytest.FixtureRequest) -> None:
    if "dqn" in request.node.name:
        pytest.importorskip("gymnasium", reason="gymnasium is not installed (extra rl)")


# -- every model


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_run(name: str) -> None:
    c = compare(name, minitorch, torch, short=True, oracle=False)
    assert c.ulp <= (1 if name == "batchnorm" else 0)  # the one whose weights are normal numbers
    assert len(c.torch.losses) == len(c.ours.losses)
    assert len(c.lessons) > EARLY
    assert c.differences[:EARLY].max() <= CLOSE
    assert c.passed
    assert list(c.ours.metrics) == list(c.torch.metrics)
    assert c.metric in c.torch.metrics


def test_the_files_run_under_torch() -> None:
    world = StandIn(torch)
    cgan = world.load("minitorch.models.cgan")
    assert isinstance(cgan.generator(), torch.nn.Module)
    assert isinstance(cgan.X, torch.Tensor)  # which it has from the file of gan
    assert cgan.X is world.load("minitorch.models.gan").X
    from minitorch.models import gan

    assert isinstance(gan.X, minitorch.Tensor)
    with pytest.raises(ModuleNotFoundError):
        world.load("minitorch.models.none")


def test_a_run_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.chdir(tmp_path)
    train("regression", torch, short=True)
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().out == ""


def test_in_float64_the_runs_are_one() -> None:
    """With float32's random numbers, and rounding out of the way."""
    ours, theirs = (train("dropout", lib, short=True, dtype="float64") for lib in (minitorch, torch))
    assert {w.dtype for w in ours.initial.values()} == {np.dtype("float64")}
    np.testing.assert_allclose(ours.losses, theirs.losses, rtol=1e-13)
    single = train("dropout", torch, short=True).losses
    np.testing.assert_allclose(single, theirs.losses, rtol=1e-5)
    assert single != theirs.losses


def test_within_the_budget() -> None:
    found = run_budget.explore_run("lstm", minitorch, torch)
    assert not found.faults, found.report
    assert [row.order for row in found.rows] == ["behaviour", "training"]
    assert found.rows[1].measures
    itself = run_budget.explore_run("regression", torch, torch)
    assert itself.rows[1].ours == itself.rows[1].torch


def test_a_run_in_which_torch_is_close_by_luck_is_judged_by_its_neighbours() -> None:
    """Without neighbours a run that differs by one rounding error is over budget where torch's own error is nothing."""
    theirs, oracle = train("regression", torch, short=True), train("regression", torch, short=True, dtype="float64")
    moved = train("regression", torch, short=True, neighbour=1)
    assert moved.losses != theirs.losses
    assert all(np.abs(moved.initial[k] - v).max() <= np.spacing(np.abs(v).max()) for k, v in theirs.initial.items())
    lucky = dataclasses.replace(oracle, series={name: list(map(float, s)) for name, s in oracle.series.items()})
    apart = dataclasses.replace(theirs, series={"loss": [x + 1e-5 for x in oracle.losses]})
    assert run_budget._measures(apart, [(lucky, oracle)])[1]
    other = dataclasses.replace(theirs, series={"loss": [x - 1e-5 for x in oracle.losses]})
    assert not run_budget._measures(apart, [(lucky, oracle), (other, oracle)])[1]


# -- what is planted is found


def planted(model: str, **faults: Any) -> Comparison:
    """A model with faults in minitorch; ``__`` in a keyword stands for the dot of a path."""
    library = Planted(minitorch, {path.replace("__", "."): fault for path, fault in faults.items()})
    return compare(model, library, torch, short=True, oracle=False)


class Initialised(minitorch.nn.Linear):
    """A linear layer that starts from other numbers of the same distribution."""

    def reset_parameters(self) -> None:
        super().reset_parameters()
        with minitorch.no_grad():
            self.weight.mul_(-1)


def test_another_initialisation() -> None:
    c = planted("regression", nn__Linear=Initialised)
    assert c.ulp > 1
    assert not c.passed
    library = Planted(minitorch, {"nn.Linear": Initialised})
    found = run_budget.explore_run("regression", library, torch)
    assert "hidden.weight starts" in found.report
    assert not found.rows[0].passed


def test_another_shuffling() -> None:
    right = minitorch.utils.data.DataLoader

    def unlike(dataset: Any, *, shuffle: bool, **options: Any) -> Any:
        return right(minitorch.utils.data.Subset(dataset, range(len(dataset))[::-1]), shuffle=shuffle, **options)

    c = planted("optimizers", utils__data__DataLoader=unlike)
    assert c.ulp == 0
    assert not c.passed
    assert c.past(c.differences) == 1


def test_another_dropout() -> None:
    class Dropout(minitorch.nn.Dropout):
        def forward(self, x: Any) -> Any:
            minitorch.rand(1)
            return super().forward(x)

    c = planted("dropout", nn__Dropout=Dropout)
    assert c.ulp == 0
    assert not c.passed


def test_other_noise() -> None:
    c = planted("gan", randn=lambda *size: -minitorch.randn(*size))
    assert c.ulp == 0
    assert not c.passed


def test_a_wrong_optimizer() -> None:
    """Adam with other betas: its first step is the same."""

    class Adam(minitorch.optim.Adam):
        def __init__(self, params: Any, **options: Any) -> None:
            super().__init__(params, **{**options, "betas": (0.8, 0.999)})

    c = planted("rnn", optim__Adam=Adam)
    assert c.ulp == 0
    assert not c.passed
    assert c.past(c.differences) in (2, 3)


def test_an_error_of_the_size_of_rounding_is_over_budget_only() -> None:
    class SGD(minitorch.optim.SGD):
        def __init__(self, params: Any, lr: float) -> None:
            super().__init__(params, lr=lr * (1 + 1e-5))

    library = Planted(minitorch, {"optim.SGD": SGD})
    assert compare("classification", library, torch, short=True, oracle=False).passed
    found = run_budget.explore_run("classification", library, torch)
    assert found.rows[1].verdict == "over budget"
    assert "torch's own" in found.report


# -- the measures


def trace(losses: list[float], **more: list[float]) -> Trace:
    return Trace({"w": np.zeros(2, np.float32)}, {"loss": losses, **more}, {"mse": 1.0})


def test_differences() -> None:
    nan = math.nan
    c = Comparison("regression", 0, trace([nan, 1.0, 2.1, 0.0]), trace([nan, 1.0, 2.0, 0.0]))
    assert c.lessons.tolist() == [1, 2, 3]
    np.testing.assert_allclose(c.differences, [0, 0.05, 0])
    assert c.past(c.differences) == 3  # the third step, in the count from 1
    assert not c.passed
    lost = Comparison("regression", 0, trace([1.0, nan]), trace([1.0, 1.0]))
    assert lost.differences.tolist() == [0, math.inf]
    assert not lost.passed
    shorter = Comparison("regression", 0, trace([1.0]), trace([1.0, 1.0]))
    assert shorter.differences.tolist() == [0, math.inf]
    other = Comparison("gan", 0, trace([1.0], p_real=[0.5]), trace([1.0], p_real=[0.4]))
    assert not other.passed
    late = [1.0] * EARLY
    assert Comparison("gan", 0, trace([*late, 2.0]), trace([*late, 1.0])).passed
    same = trace([1.0])
    assert Comparison("gan", 0, same, same, trace([1.1])).chaotic
    assert not Comparison("gan", 0, same, same, same).chaotic


def test_units_apart() -> None:
    one = np.array([1.0, 0.0, -2.0], np.float32)
    assert units_apart(one, one.copy()) == 0
    assert units_apart(one, np.nextafter(one, np.float32(9))) == 1
    tiny = np.finfo(np.float32).smallest_subnormal
    assert units_apart(np.array([tiny]), np.array([-tiny])) == 2
    assert units_apart(one, one.astype(np.float64)) == math.inf
    assert units_apart(one, np.array([1.0, math.nan, -2.0], np.float32)) == math.inf
    assert units_apart(np.array([1]), np.array([2])) == math.inf


def test_permutation_test() -> None:
    """By hand: of the 20 divisions of six numbers in halves two are as far apart as these, the given and its mirror."""
    assert Distribution("gan", "inside", (1.0, 2.0, 3.0), (4.0, 5.0, 6.0)).p == pytest.approx(2 / 20)
    assert Distribution("gan", "inside", (1.0, 2.0), (1.0, 2.0)).p == 1


# -- the command


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    page.write_text("above\n<!-- begin: parity runs regression --seeds 2 --short -->\nold\n<!-- end -->\nbelow\n")
    record = tmp_path / "runs.json"
    words = ["runs", "regression", "--short", "--seeds", "2", "--out", str(tmp_path), "--json", str(record)]
    assert main([*words, "--page", str(page)]) == 0
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines() if line.startswith("regression")]
    assert [row[:4] for row in rows[:2]] == [["regression", "0", "40", "equal"], ["regression", "1", "40", "equal"]]
    assert "all agree" in out
    assert f"minitorch {minitorch.__version__}" in out
    assert (tmp_path / "runs.png").read_bytes().startswith(b"\x89PNG")
    text = page.read_text()
    assert text.startswith("above\n<!-- begin")
    assert text.endswith("<!-- end -->\nbelow\n")
    assert "old" not in text
    assert "| regression" in text
    content = json.loads(record.read_text())
    first, second = content["runs"]
    assert first["passed"]
    assert first["chaotic"] is False
    assert second["torch_itself"] is None
    assert len(first["losses"]["torch"]) == len(first["losses"]["minitorch"]) == first["steps"] == 40
    assert first["losses"] != second["losses"]
    assert content["distributions"][0]["p"] > 0.5


def test_command_fails_where_a_model_differs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(minitorch.nn, "Linear", Initialised)
    assert main(["runs", "regression", "--short", "--no-oracle"]) == 1
    assert "regression  DIFFERS" in capsys.readouterr().out


def test_ctrl_c_leaves_what_is_complete(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    def stopped(model: str, *args: Any, **options: Any) -> Comparison:
        if model == "classification":
            raise KeyboardInterrupt
        return compare(model, *args, **options)

    monkeypatch.setattr(runs, "compare", stopped)
    assert main(["runs", "--short", "--no-oracle"]) == 130
    output = capsys.readouterr()
    assert "regression " in output.out
    assert "1 runs were complete" in output.err


def test_command_refuses(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["runs", "nothing of the kind"]) == 2
    assert "dynamic-rnn" in capsys.readouterr().err
    assert main(["runs", "cnn", "--data", "mnist", "--data-dir", str(tmp_path)]) == 2
    assert "cnn is left out" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["runs", "cnn", "--page", str(ROOT / "README.md")])
    assert "begin: parity runs cnn -->" in capsys.readouterr().err
    assert comparison.select("rnn") == ["rnn"]
    assert comparison.select("gan") == ["gan"]
    assert comparison.select("an") == ["gan", "cgan"]
    assert comparison.select("lstm", "an") == ["lstm", "gan", "cgan"]
    assert comparison.select() == NAMES


def test_script_of_a_failure_runs() -> None:
    code = run_budget.SCRIPT.format(model="regression")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 40
