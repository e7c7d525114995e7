"""The generated NumPy file runs alone and gives the losses of the step, bit for bit; the table has all kernels."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import Tensor, nn, optim
from minitorch.recording import RecordingError, record
from tests.recording.lessons import LESSONS, lesson

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def printed(file: Path, steps: int, packages: bool) -> list[str]:
    """What a generated file prints: a line for each step."""
    path = {"PYTHONPATH": str(ROOT) if packages else ""}
    command = [sys.executable, "-W", "error", str(file), str(steps)]
    done = subprocess.run(command, cwd=file.parent, env=os.environ | path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def as_printed(result: Any) -> str:
    """A step's result as the file prints it."""
    tensors = [result] if isinstance(result, Tensor) else list(result)
    arrays = tuple(t.detach().numpy() for t in tensors)
    return repr(arrays[0] if len(arrays) == 1 else arrays)


@pytest.mark.parametrize("name", LESSONS)
def test_the_file_of_a_lesson(name: str, tmp_path: Path) -> None:
    ours = lesson(torch, name)
    batch = ours.inputs()
    recording = record(ours.step, *batch)
    text = recording.source(tmp_path / "step.py")
    needs_kernels = re.search(r"^import (kernels|minitorch)", text, re.MULTILINE) is not None
    assert needs_kernels == (name in ("cnn", "gan", "dropout")), "NumPy alone, but for two threads and random numbers"
    found = "\n".join(printed(tmp_path / "step.py", 4, needs_kernels))
    assert found == "\n".join(as_printed(recording(*batch)) for _ in range(4))


def two_layers(x: Tensor, y: Tensor) -> Any:
    """A recording of a small net's step."""
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    optimizer = optim.AdamW(net.parameters(), lr=0.01)

    def step(x: Tensor, y: Tensor) -> Tensor:
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return record(step, x, y), optimizer


def test_it_begins_from_the_state_of_now(tmp_path: Path) -> None:
    x, y = torch.randn(5, 4), torch.randint(0, 3, (5,))
    recording, optimizer = two_layers(x, y)
    for _ in range(3):
        recording(x, y)
    optimizer.param_groups[0]["lr"] = 0.5
    recording.source(tmp_path / "step.py")
    assert printed(tmp_path / "step.py", 3, packages=False) == [as_printed(recording(x, y)) for _ in range(3)]


def test_sections_names_and_lines() -> None:
    recording, _ = two_layers(torch.randn(5, 4), torch.randint(0, 3, (5,)))
    text = recording.source()
    sections = [text.index(f"# -- {section}") for section in ("forward", "backward", "optimizer")]
    assert sections == sorted(sections)
    for name in ("net_0_weight", "grad_net_0_weight", "net_2_bias_exp_avg", "adamw.lr", "def step(x, y)", "loss"):
        assert name in text
    assert re.search(r"# test_source.py:\d+ +net.0 +linear: x · weightᵀ", text)


def _size(text: str) -> float:
    """Bytes as the table writes them."""
    return float(text.replace(" ", "").replace("KB", "e3").replace("B", "") or 0)


def test_the_table() -> None:
    recording, _ = two_layers(torch.randn(5, 4), torch.randint(0, 3, (5,)))
    lines = repr(recording).splitlines()
    assert lines[0].split() == ["section", "module", "kernel", "result", "bytes", "frees", "line"]
    first = lines[1].split()
    assert first[:4] == ["1", "forward", "net.0", "linear"]
    assert "float32[5, 8]" in lines[1]
    assert re.search(r"test_source.py:\d+$", lines[1])
    bounds = [lines[0].index(word) for word in ("bytes", "frees", "line")]
    made = sum(_size(line[bounds[0] : bounds[1]]) for line in lines[1:-1])
    freed = sum(_size(line[bounds[1] : bounds[2]]) for line in lines[1:-1])
    assert 0 < freed < made  # gradients and the loss are not let go
    assert sum(line.split()[1] == "optimizer" for line in lines[1:-1]) >= 4


def test_nothing_is_recorded_yet() -> None:
    recording = record(lambda x: x * 2, on_change="record")
    assert "not yet recorded" in repr(recording)
    with pytest.raises(RecordingError, match="not yet recorded"):
        recording.source()


def test_the_readme_shows_what_is_generated() -> None:
    """The step of a net of two layers, as README.md has it."""
    script = re.search(r"<!-- recorded step -->\n```python\n(.+?)```", README, re.DOTALL)
    shown = re.search(r"<!-- generated -->\n```python\n(.+?)\n```", README, re.DOTALL)
    assert script
    assert shown
    space: dict[str, Any] = {}
    exec(compile(script[1], "train.py", "exec"), space)
    text = space["recording"].source()
    assert shown[1] == text[text.index("def step") : text.index("\n\nif __name__")].strip()


def test_modules_of_the_backward_pass_where_the_step_keeps_origins() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh())

    def step(x: Tensor) -> Tensor:
        with torch.autograd.keep_origins():
            loss = net(x).sum()
        loss.backward()
        return loss

    program = record(step, torch.ones(2, 3)).program
    assert program is not None
    modules = {k.name: k.place.module for k in program.kernels if k.place.section == "backward"}
    assert modules["linear_weight_grad"] == "net.0"
