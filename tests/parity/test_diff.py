"""`parity diff`: planted faults are found at their line, clean scripts and the lessons' models have none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import settings

import minitorch
import minitorch.ops.elementwise
import minitorch.ops.linear_algebra
from minitorch.models import MODELS
from parity.__main__ import main
from parity.diff.judge import Verdict, judge
from parity.diff.report import rate_of_growth, report
from parity.diff.script import Imports, model, run_all, script
from parity.diff.trace import Place
from tests.parity.planted import Planted

pytestmark = pytest.mark.host("torch has no such device")
SCRIPTS = Path(__file__).parents[1] / "scripts"
THOROUGH = settings().max_examples > 500

SCRIPT = """\
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(3)
x = torch.randn(32, 5)
y = (x[:, :1] * 2 - x[:, 1:2]).tanh()

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(5, 16), nn.Linear(16, 1)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        hidden = self.first(x)
        hidden = torch.tanh(hidden)
        hidden = self.drop(hidden)
        return self.second(hidden)

net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for step in range(6):
    out = net(x)
    loss = F.mse_loss(out, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print("printed", loss.item())
"""


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lesson.py"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


def line(text: str) -> int:
    """The number of the script's line that holds `text`."""
    return next(i for i, found in enumerate(SCRIPT.splitlines(), 1) if text in found)


def verdict(file: Path, ours: Any = minitorch, steps: int | None = None) -> Verdict:
    return judge(run_all(script(file), ours, steps=steps))


def lines(found: Verdict) -> list[int]:
    assert found.finding is not None
    return [place.line for place, _ in found.finding.places]


# -- clean


def test_a_clean_script(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = verdict(file)
    assert found.finding is None
    assert found.compared > 100
    assert len(found.growth) == 6
    assert max(ours for ours, _ in found.growth) < 1e-6
    assert "printed" not in capsys.readouterr().out
    assert "no fault" in report(found)


@pytest.mark.parametrize("name", [m for m in MODELS if m != "all"] if THOROUGH else ["classification", "rnn", "gan"])
def test_the_models_have_no_fault(name: str) -> None:
    if name == "dqn":
        pytest.importorskip("gymnasium", reason="gymnasium is not installed (extra rl)")
    runs = run_all(model(name), steps=20 if THOROUGH else 4)
    assert runs.torch.error is None
    assert runs.ours.error is None
    found = judge(runs)
    assert found.finding is None, report(found)
    assert found.compared > 30


LESSONS = sorted(path.name for path in SCRIPTS.glob("*.py") if not path.name.startswith("_"))


@pytest.mark.parametrize("name", LESSONS if THOROUGH else ["optimizers.py"])
def test_the_scripts_of_lessons_have_no_fault(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    runs = run_all(script(SCRIPTS / name), steps=10)
    if runs.torch.error is not None:
        pytest.skip(f"the script does not run under torch here: {runs.torch.error[0]}")
    found = judge(runs)
    assert found.finding is None, report(found)


def test_a_chaotic_net_has_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "chaos.py"
    path.write_text(
        "import torch\n"
        "w = torch.nn.Parameter(torch.rand(20))\n"
        "opt = torch.optim.SGD([w], lr=1.0)\n"
        "for step in range(40):\n"
        "    loss = -torch.cos(2 * w).sum() + (w**2).sum() / 20\n"
        "    opt.zero_grad()\n"
        "    loss.backward()\n"
        "    opt.step()\n",
        encoding="utf-8",
    )
    found = verdict(path)
    assert found.finding is None, report(found)
    assert found.growth[-1][1] > 0.1
    assert rate_of_growth([torch for _, torch in found.growth]) > 1.2
    assert "this is rounding, growing" in report(found)


# -- faults


@pytest.fixture
def wrong_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    """tanh of minitorch returns numbers that are too large by a ten-thousandth."""
    op = minitorch.ops.elementwise.tanh
    monkeypatch.setitem(op.by_type, np.ndarray, lambda x: np.tanh(x) * np.float32(1.0001))


@pytest.fixture
def wrong_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gradient of minitorch's linear for the weight leaves out one row of the batch."""
    op = minitorch.ops.linear_algebra.linear
    right = dict(op.gradients)

    def wrong(g: Any, x: Any) -> Any:
        return right["weight"](g[1:], x[1:])

    monkeypatch.setattr(op, "gradients", [(name, wrong if name == "weight" else f) for name, f in right.items()])
    monkeypatch.setattr(op, "plans", {})


def test_a_wrong_forward_is_found_at_its_line(wrong_forward: None, file: Path) -> None:
    found = verdict(file)
    assert lines(found) == [line("y = (x")]
    assert found.finding is not None
    assert found.finding.kind == "values"
    assert found.finding.errors is not None
    assert 5e-5 < found.finding.errors.ours < 2e-4
    assert found.finding.errors.torch < 1e-6
    text = report(found)
    assert f"lesson.py:{line('y = (x')}   torch.Tensor.tanh" in text
    assert "y = (x[:, :1] * 2 - x[:, 1:2]).tanh()" in text
    assert "torch's own in float32" in text


def test_a_wrong_gradient_is_found_at_its_line(wrong_gradient: None, file: Path) -> None:
    found = verdict(file)
    assert lines(found) == [line("self.second(hidden)")]
    assert found.finding is not None
    assert found.finding.entry is not None
    assert found.finding.entry.kind == "gradient"
    assert "its backward step: gradient of Linear.weight" in report(found)
    assert "from there on, at the same call:" in report(found)
    assert len(found.later) == 5


def test_a_wrong_gradient_of_an_activation_is_found_at_its_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    op = minitorch.ops.elementwise.tanh
    monkeypatch.setattr(op, "gradients", [("x", lambda g, out: g * (1 - out * out) * 1.001)])
    monkeypatch.setattr(op, "plans", {})
    found = verdict(file)
    assert lines(found) == [line("torch.tanh(hidden)")]


def test_a_wrong_optimizer_is_found_at_its_line(file: Path) -> None:
    class SGD(minitorch.optim.SGD):
        """Its momentum is another; the first step is the same."""

        def __init__(self, params: Any, lr: float, momentum: float) -> None:
            super().__init__(params, lr=lr, momentum=momentum * 0.99)

    found = verdict(file, Planted(minitorch, {"optim.SGD": SGD}))
    assert lines(found) == [line("opt.step()")]
    assert found.finding is not None
    assert found.finding.entry is not None
    assert found.finding.entry.step == 1


def test_other_random_numbers_are_found_at_their_line(file: Path) -> None:
    class Dropout(minitorch.nn.Dropout):
        def forward(self, x: Any) -> Any:
            minitorch.rand(1)
            return super().forward(x)

    found = verdict(file, Planted(minitorch, {"nn.Dropout": Dropout}))
    assert lines(found) == [line("self.drop(hidden)")]


def test_another_shape_is_found_at_its_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = minitorch.nn.functional.mse_loss
    monkeypatch.setattr(minitorch.nn.functional, "mse_loss", lambda a, b: right(a, b).reshape(1))
    found = verdict(file)
    assert found.finding is not None
    assert found.finding.kind == "shapes"
    assert lines(found) == [line("F.mse_loss")]
    assert "expected results of shapes [()], got [(1,)]" in report(found)


def test_an_error_is_found_at_its_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    op = minitorch.ops.elementwise.tanh
    monkeypatch.setitem(op.by_type, np.ndarray, np.linalg.inv)  # which refuses what is not square
    found = verdict(file)
    assert found.finding is not None
    assert found.finding.kind == "error"
    assert lines(found) == [line("y = (x")]
    assert "minitorch raises LinAlgError: " in report(found)


def test_another_way_is_found(tmp_path: Path) -> None:
    path = tmp_path / "ways.py"
    path.write_text(
        "import torch\nx = torch.ones(3) * 2\nif torch.__name__ == 'torch':\n    y = x + 1\nz = x * 3\n",
        encoding="utf-8",
    )
    found = verdict(path)
    assert found.finding is not None
    assert found.finding.kind == "way"
    assert lines(found) == [4]


# -- scripts


def test_every_run_draws_the_same_numbers(tmp_path: Path) -> None:
    path = tmp_path / "draws.py"
    path.write_text(
        "import random\nimport numpy as np\nimport torch\nfrom torch import nn\n"
        "x = torch.tensor(np.random.randn(4, 3), dtype=torch.float32) * random.random() + torch.rand(3)\n"
        "x = x + torch.randn_like(x) + torch.empty(4, 3).uniform_() + torch.normal(x, 1.0) + torch.bernoulli(x.sigmoid())\n"
        "x = nn.functional.dropout(nn.init.kaiming_uniform_(torch.empty(4, 3)) + x, 0.3)\n"
        "order = torch.randperm(4)\n"
        "y = x[order]\n",
        encoding="utf-8",
    )
    runs = run_all(script(path))
    for trace in (runs.ours, runs.oracle, *runs.near):
        for a, b in zip(trace.calls(), runs.torch.calls(), strict=True):
            for x, y in zip(a.values, b.values, strict=True):
                np.testing.assert_allclose(x, y, 1e-4, 1e-5)
    assert judge(runs).finding is None


def test_the_command(file: Path, capsys: pytest.CaptureFixture[str], wrong_forward: None) -> None:
    assert main(["diff", str(file), "--steps", "2"]) == 1
    printed = capsys.readouterr().out
    assert "the runs part here:" in printed
    assert f"lesson.py:{line('y = (x')}" in printed


def test_the_command_without_a_fault(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", str(file), "--steps", "2"]) == 0
    assert "no fault" in capsys.readouterr().out


def test_what_the_command_cannot_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "nowhere.py"]) == 2
    assert "there is no file 'nowhere.py'" in capsys.readouterr().err
    path = tmp_path / "wrong.py"
    path.write_text("import torch\nraise ValueError('not today')\n", encoding="utf-8")
    assert main(["diff", str(path)]) == 2
    assert "under torch the script ends with ValueError: not today" in capsys.readouterr().err


def test_a_script_that_fails_under_torch_runs_once_under_each_library(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.py"
    path.write_text("import sys\nimport torch\nprint('once', file=sys.stderr)\nsys.exit(3)\n", encoding="utf-8")
    assert main(["diff", str(path)]) == 2
    assert capsys.readouterr().err.count("once") == 2


@pytest.mark.parametrize("options", [[], ["--steps", "3"]])
def test_what_follows_two_dashes_are_the_scripts_arguments(options: list[str], tmp_path: Path) -> None:
    path = tmp_path / "arguments.py"
    path.write_text("import sys\nimport torch\nassert sys.argv[1:] == ['--lr', '1', '--', 'x']\n", encoding="utf-8")
    assert main(["diff", str(path), *options, "--", "--lr", "1", "--", "x"]) == 0


def test_an_argument_of_the_script_without_the_dashes(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["diff", str(file), "--lr", "1"])
    assert "unrecognized arguments: --lr 1; arguments of the script follow -- (see" in capsys.readouterr().err


def test_a_script_in_float64_and_what_gradcheck_calls(tmp_path: Path) -> None:
    path = tmp_path / "double.py"
    path.write_text(
        "import numpy as np\nimport torch\n"
        "def f(x):\n    return (x**3 - 2 * x).sin()\n"
        "x = torch.randn(4, dtype=torch.float64, requires_grad=True)\n"
        "print(torch.autograd.gradcheck(f, (x,)))\n"
        "points = torch.linspace(-3, 3, 7, dtype=torch.float64)\n"
        "a = torch.full((), 0.3, dtype=torch.float64, requires_grad=True)\n"
        "(a * points).sum().backward()\n"  # a gradient that is nothing but rounding errors
        "y = a.grad * 2\n",
        encoding="utf-8",
    )
    found = verdict(path)
    assert found.finding is None, report(found)
    assert found.compared < 20


def test_arrays_and_recurrent_layers_in_the_reference(tmp_path: Path) -> None:
    path = tmp_path / "arrays.py"
    path.write_text(
        "import numpy as np\nimport torch\n"
        "x = torch.from_numpy(np.random.randn(2, 5, 3).astype('float32'))\n"
        "out, _ = torch.nn.LSTM(3, 4, batch_first=True)(x)\n"
        "out.sum().backward()\n",
        encoding="utf-8",
    )
    from_numpy = torch.from_numpy
    runs = run_all(script(path))
    assert runs.oracle.error is None
    assert {v.dtype.name for entry in runs.oracle.entries for v in entry.values} == {"float64"}
    assert judge(runs).finding is None
    assert torch.from_numpy is from_numpy


def test_numbers_that_differ_from_run_to_run_are_named(tmp_path: Path) -> None:
    path = tmp_path / "unseeded.py"
    path.write_text(
        "import numpy as np\nimport torch\nx = torch.ones(3) / 3\ny = torch.tensor(np.random.default_rng().random(3))\n",
        encoding="utf-8",
    )
    found = verdict(path)
    assert found.unlike is not None
    assert found.unlike.place.line == 4


def test_imports_of_a_script(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("import torch\nname = torch.__name__\n", encoding="utf-8")
    text = (
        "import sys\nimport torch.nn.functional as F\nimport minitorch as m\nfrom torch.utils.data import DataLoader\n"
        "import torch.optim.lr_scheduler\nfrom torch import nn, optim\nimport helper\nfrom helper import name\n"
        "found = [F.__name__, m.__name__, DataLoader.__module__.partition('.')[0], nn.__name__, helper.name, name]\n"
    )
    path = tmp_path / "script.py"
    path.write_text(text, encoding="utf-8")
    for library in (torch, minitorch):
        top = library.__name__
        module = Imports(library, tmp_path).execute(path, "__main__")
        assert module.found == [f"{top}.nn.functional", top, top, f"{top}.nn", top, top]
    assert Place("a", 1) == ("a", 1)


def test_everything_is_as_before(file: Path) -> None:
    add, linear = minitorch.Tensor.__add__, minitorch.nn.functional.linear
    own = "tanh" in vars(minitorch.Tensor)
    verdict(file, steps=1)
    assert minitorch.Tensor.__add__ is add
    assert minitorch.nn.functional.linear is linear
    assert ("tanh" in vars(minitorch.Tensor)) == own
