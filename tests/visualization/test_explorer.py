"""The explorer: what its trace notes, that the page's numbers are those of the step, and that the page works."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minitorch as torch
import minitorch.nn.functional as F
from minitorch import cli, nn, optim
from minitorch.recording import RecordingError, record
from minitorch.visualization.explorer import explore as explorer
from minitorch.visualization.explorer.page import ELEMENTS, SCRIPTS, Torch, page, page_data
from minitorch.visualization.explorer.script import trace_script
from minitorch.visualization.explorer.trace import Event, Trace, corner, statistics
from minitorch.visualization.explorer.tracer import Tracer
from tests.recording.lessons import lesson

ROOT = Path(__file__).parents[2]
ALONE = Torch("", "not compared", {})
LESSON = """
import minitorch as torch
from minitorch import nn
import minitorch.nn.functional as F

torch.manual_seed(0)
x = torch.linspace(-2, 2, 16).reshape(16, 1)
y = torch.sin(2 * x)
net = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(3):
    loss = F.mse_loss(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item())
"""


def data_of(html: str) -> dict[str, Any]:
    """The data in a page."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def elements(data: dict[str, Any], part: dict[str, Any]) -> np.ndarray:
    """The elements of an array in a page."""
    array = data["arrays"][part["array"]]
    dtype = np.dtype(array["dtype"]).newbyteorder("<")
    return np.frombuffer(base64.b64decode(array["data"]), dtype).reshape(array["sample"])


def assert_same(data: dict[str, Any], part: dict[str, Any], expected: Any) -> None:
    """A part of a page holds the elements of a tensor, bit for bit: all of them, or its first ones."""
    host = expected.detach().numpy()
    array = data["arrays"][part["array"]]
    assert (array["shape"], array["dtype"]) == (list(host.shape), host.dtype.name)
    shown = elements(data, part)
    assert shown.tobytes() == host[tuple(map(slice, shown.shape))].tobytes()


def parts(data: dict[str, Any], kind: str, name: str = "") -> list[dict[str, Any]]:
    """The events of a kind."""
    return [e for e in data["events"] if e["kind"] == kind and name in e["name"]]


class Training:
    """A small convolutional net with batch norm and dropout, and a step of it."""

    def __init__(self) -> None:
        torch.manual_seed(3)
        self.net = nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.3),
            nn.Linear(36, 5),
        )  # fmt: skip
        self.optimizer = optim.SGD(self.net.parameters(), lr=0.1, momentum=0.9)
        self.x, self.y = torch.randn(6, 1, 8, 8), torch.randint(0, 5, (6,))

    def step(self, x: Any, y: Any) -> Any:
        """A step of training."""
        loss = F.cross_entropy(self.net(x), y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss

    def state(self) -> list[Any]:
        """All that a step changes."""
        state = [*self.net.state_dict().values(), *(p.grad for p in self.net.parameters()), torch.get_rng_state()]
        return state + [t for kept in self.optimizer.state.values() for t in kept.values()]


def explored(recording: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The data of a recording's page, made without torch."""
    monkeypatch.setattr(explorer, "_beside_torch", lambda trace: ALONE)
    recording.explore(tmp_path / "step.html")
    return data_of((tmp_path / "step.html").read_text(encoding="utf-8"))


def test_a_recordings_page_has_the_numbers_of_an_eager_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    eager, recorded = Training(), Training()
    recording = record(recorded.step, recorded.x, recorded.y)
    torch.manual_seed(3)
    Training()  # draws the initial weights and the batch
    for _ in range(recording.steps_taken):
        eager.step(eager.x, eager.y)
    state = torch.get_rng_state()
    data = explored(recording, tmp_path, monkeypatch)
    results: dict[str, Any] = {}
    retained: list[Any] = []
    for name, module in eager.net.named_children():

        def keep(module: Any, args: Any, out: Any, name: str = name) -> None:
            out.retain_grad()
            retained.append((name, out))
            results[name] = out.clone()

        module.register_forward_hook(keep)
    before = {name: p.clone() for name, p in eager.net.named_parameters()}
    loss = eager.step(eager.x, eager.y)
    torch.set_rng_state(state)
    assert recording(recorded.x, recorded.y).item() == loss.item()

    paths = [call["path"].rpartition(".")[2] for call in data["calls"]]
    last: dict[str, dict[str, Any]] = {}  # by module: its last operation
    for e in parts(data, "forward"):
        for call in e["modules"]:
            last[paths[call]] = e
    for name, out in results.items():
        assert_same(data, last[name]["outputs"][0], out)
    assert_same(data, parts(data, "forward", "nll_loss")[0]["outputs"][0], loss)
    numbers = dict(enumerate(data["events"]))
    for name, out in retained:
        steps = [e for e in numbers.values() if e["kind"] == "backward" and numbers[e["forward"]] is last[name]]
        assert len(steps) == 1
        assert_same(data, steps[0]["inputs"][0], out.grad)
    leaves = [leaf["name"] for leaf in data["leaves"]]
    arrived = {leaves[e["inputs"][0]["leaf"]]: e for e in parts(data, "leaf")}
    updated = {leaves[e["outputs"][0]["leaf"]]: e for e in parts(data, "update", "SGD")}
    assert set(arrived) == set(updated) == set(before)
    for name, p in eager.net.named_parameters():
        assert_same(data, arrived[name]["outputs"][0], p.grad)
        assert_same(data, updated[name]["inputs"][0], before[name])
        assert_same(data, updated[name]["outputs"][0], p)
        assert_same(data, updated[name]["outputs"][1], eager.optimizer.state[p]["momentum_buffer"])


def test_exploring_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[list[bytes]] = []
    for look in (False, True):
        t, found = Training(), []
        recording = record(t.step, t.x, t.y)
        for _ in range(2):
            if look:
                explored(recording, tmp_path, monkeypatch)
            recording(t.x, t.y)
            found += [a.numpy().tobytes() for a in t.state()]
        states.append(found)
    assert states[0] == states[1]


def test_a_step_that_is_not_recorded_yet_cannot_be_explored(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is not yet recorded"):
        record(Training().step, on_change="record").explore(tmp_path / "step.html")


def traced(step: Callable[[], Any]) -> tuple[Trace, Any]:
    """The trace of a function, and what it returned."""
    tracer = Tracer()
    with tracer.active():
        result = step()
    return tracer.trace, result


def test_the_meter_counts_what_the_graph_keeps() -> None:
    t = Training()
    trace, loss = traced(lambda: F.cross_entropy(t.net(t.x), t.y))
    assert trace.events[-1].held == torch.graph(loss, net=t.net).nbytes > 0
    assert all(event.freed is None for event in trace.events)
    trace, _ = traced(loss.backward)
    assert trace.events[-1].held == 0


def test_the_backward_pass_in_the_order_of_the_heap() -> None:
    t = Training()
    trace, _ = traced(lambda: t.step(t.x, t.y))
    backward = [e for e in trace.events if e.kind == "backward"]
    loss = next(e for e in trace.events if e.name == "nll_loss")
    reached, pending = {loss.number}, [loss]
    while pending:
        for part in pending.pop().inputs:
            if part.source is not None and trace.events[part.source[0]].recorded and part.source[0] not in reached:
                reached.add(part.source[0])
                pending.append(trace.events[part.source[0]])
    assert [e.forward for e in backward] == sorted(reached, reverse=True)
    for e in backward:
        made = trace.events[e.forward or 0]
        assert made.freed == (e.number if made.saved else None)
        for part in e.outputs:
            if part.target is not None:
                assert part.target[0] < (e.forward or 0)
    assert [e.held for e in backward] == sorted((e.held for e in backward), reverse=True)


def test_a_graph_that_is_dropped_lets_go_without_a_backward_pass() -> None:
    x = torch.ones(3, requires_grad=True)

    def step() -> None:
        (x.exp() * 2).sum()
        (x * 3).sum()

    trace, _ = traced(step)
    exp = trace.events[0]
    assert (exp.name, exp.saved[0].nbytes) == ("exp", 12)
    assert exp.freed == next(e.number for e in trace.events if [p.text for p in e.inputs][-1] == "3")


def test_nothing_is_left_in_place(tmp_path: Path) -> None:
    from minitorch.autograd.engine import Sweep
    from minitorch.autograd.graph import Node
    from minitorch.autograd.op import Op

    before = Op.__call__, Sweep.run, Sweep._visit, Sweep._deliver, Node.on_creation
    with pytest.raises(ZeroDivisionError), Tracer().active():
        1 / 0  # noqa: B018
    assert before == (Op.__call__, Sweep.run, Sweep._visit, Sweep._deliver, Node.on_creation)


# -- scripts


def script(tmp_path: Path, text: str) -> Path:
    """A file with this text."""
    path = tmp_path / "lesson.py"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def no_alias(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts import minitorch: here torch itself may have been imported before."""
    from contextlib import nullcontext

    monkeypatch.setattr("minitorch.visualization.explorer.script.as_torch", nullcontext)


def trace_of(tmp_path: Path, text: str, step: int = 1) -> Trace:
    """The trace of a step of a script."""
    return trace_script(script(tmp_path, text), (), step)


def counts(events: list[Event]) -> dict[str, int]:
    """How many events there are of each kind."""
    kinds = [e.kind for e in events]
    return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}


def test_names_lines_and_modules_of_a_script(
    tmp_path: Path, no_alias: None, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = trace_of(tmp_path, LESSON)
    assert len(capsys.readouterr().out.split()) == 1  # stopped after a step and what follows it
    data = page_data(trace, "lesson.py", ALONE)
    assert counts(trace.events) == {"forward": 4, "root": 1, "backward": 4, "leaf": 4, "update": 4}
    assert data["files"] == [{"name": "lesson.py", "lines": LESSON.splitlines()}]
    lines = LESSON.splitlines()
    assert [lines[e["lines"][0][1] - 1].strip() for e in data["events"]] == [
        *["loss = F.mse_loss(net(x), y)"] * 4, "loss.backward()", *["loss = F.mse_loss(net(x), y)"] * 4,
        *["loss.backward()"] * 4, *["optimizer.step()"] * 4,
    ]  # fmt: skip
    first = data["events"][0]
    assert [data["calls"][i] for i in first["modules"]] == [
        {"path": "net", "kind": "Sequential"}, {"path": "net.0", "kind": "Linear"},
    ]  # fmt: skip
    assert [leaf["name"] for leaf in data["leaves"]] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    loss = data["events"][3]
    assert (loss["inputs"][0]["source"], loss["inputs"][1]["label"], loss["inputs"][2]["text"]) == (
        (2, 0),
        "y",
        "'mean'",
    )


@pytest.mark.parametrize("step", [2, 3])
def test_a_later_step(tmp_path: Path, no_alias: None, capsys: pytest.CaptureFixture[str], step: int) -> None:
    trace = trace_of(tmp_path, LESSON, step)
    assert len(trace.events) == 17
    shown = capsys.readouterr().out.split()
    assert float(shown[step - 1]) == pytest.approx(float(trace.arrays.kept[trace.events[3].outputs[0].array or 0].data))


def test_a_step_of_two_optimizers(tmp_path: Path, no_alias: None) -> None:
    text = """
import minitorch as torch
a, b = (torch.nn.Linear(2, 2) for _ in range(2))
first, second = (torch.optim.SGD(m.parameters(), lr=0.1) for m in (a, b))
for _ in range(3):
    for m, o in ((a, first), (b, second)):
        o.zero_grad()
        m(torch.ones(1, 2)).sum().backward()
        o.step()
"""
    for step in (1, 2):
        trace = trace_of(tmp_path, text, step)
        updated = [trace.leaves[e.inputs[0].leaf or 0] for e in trace.events if e.kind == "update"]
        expected = [p for root in trace.roots.values() for p in root.parameters()]
        assert list(map(id, updated)) == list(map(id, expected))
        assert counts(trace.events)["root"] == 2


@pytest.mark.parametrize("call", ["optimizer.step(closure)", "optimizer.step(closure=closure)"])
def test_an_update_after_a_closure(tmp_path: Path, no_alias: None, call: str) -> None:
    text = (
        "import minitorch as torch\nw = torch.tensor([3.0], requires_grad=True)\n"
        "optimizer = torch.optim.SGD([w], lr=0.25)\n"
        "def closure():\n    optimizer.zero_grad()\n    loss = (w * w).sum()\n    loss.backward()\n    return loss\n"
        f"for _ in range(3):\n    assert {call}.item() > 0\n"
    )
    for step, before in ((1, 3.0), (2, 1.5)):
        trace = trace_of(tmp_path, text, step)
        (update,) = [event for event in trace.events if event.kind == "update"]
        taken = {part.name: trace.arrays.kept[part.array].data for part in update.inputs if part.array is not None}
        assert {name: data.tolist() for name, data in taken.items()} == {"parameter": [before], "grad": [2 * before]}


def test_a_script_without_an_optimizer(tmp_path: Path, no_alias: None) -> None:
    text = """
import minitorch as torch
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * g * x
w = torch.ones(3, requires_grad=True)
for _ in range(3):
    loss = Square.apply(w * 2).sum()
    loss.backward()
    with torch.no_grad():
        w.sub_(0.1 * w.grad)
    w.grad = None
"""
    for step in (1, 2):
        trace = trace_of(tmp_path, text, step)
        names = [e.name for e in trace.events]
        assert names == [
            *("mul", "Square", "mul", "sum", "backward", "SumBackward0", "SquareBackward", "mul", "mul"),
            *("MulBackward0", "AccumulateGrad", "mul", "sub"),
        ]
        square = trace.events[1]
        assert [p.array for p in square.inputs] == [trace.events[0].outputs[0].array]
        assert [p.array for p in square.outputs] == [trace.events[3].inputs[0].array]
        assert square.freed == 6


def test_writing_into_a_view() -> None:
    w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)

    def step() -> None:
        table = w * torch.zeros(2, 3)
        table[1] = w * w
        table.sum().backward()

    def fresh() -> None:
        table = torch.zeros(2, 3)
        table[1] = w * 2
        table.sum().backward()

    trace, _ = traced(fresh)
    back = next(e for e in trace.events if e.kind == "backward" and e.name == "CopySlices")
    assert [(p.name, trace.arrays.kept[p.array or 0].data.tolist()) for p in back.outputs] == [("source", [1, 1, 1])]
    trace, _ = traced(step)
    copied = next(e for e in trace.events if e.name == "CopySlices")
    assert [p.source for p in copied.inputs] == [(0, 0), (copied.number - 1, 0)]
    total = next(e for e in trace.events if e.name == "sum")
    assert total.inputs[0].source == (copied.number, 0)
    assert trace.arrays.kept[copied.outputs[0].array or 0].data.tolist() == [[0, 0, 0], [1, 4, 9]]
    assert copied.held == trace.events[copied.number - 1].held > 0
    back = next(e for e in trace.events if e.forward == copied.number)
    assert [p.target for p in back.outputs] == [(0, 0), (copied.number - 1, 0)]
    assert trace.events[-1].held == 0


def test_gradients_of_gradients(tmp_path: Path, no_alias: None) -> None:
    text = """
import minitorch as torch
torch.manual_seed(0)
cell = torch.nn.RNNCell(2, 3)
h = cell(torch.ones(1, 2))
(g,) = torch.autograd.grad(h.sum(), cell.weight_hh, create_graph=True)
(h.sum() + g.sum()).backward()
"""
    trace = trace_of(tmp_path, text)
    data = page_data(trace, "", ALONE)
    assert [e["name"] for e in data["events"] if e["kind"] == "root"] == ["grad", "backward"]
    composite = next(e for e in trace.events if e.kind == "backward" and e.name == "RnnBackward0")
    assert composite.outputs[0].name == "to the composite"
    assert composite.differentiated == []


@pytest.mark.parametrize(
    ("text", "step", "message"),
    [
        ("print('hello')", 1, "the script trains no step: no operation on a tensor that requires a gradient was run"),
        (LESSON, 9, "the script ends after 3 steps: there is no step 9"),
    ],
)
def test_a_script_without_the_step(
    tmp_path: Path, no_alias: None, capsys: Any, text: str, step: int, message: str
) -> None:
    out = tmp_path / "page.html"
    assert cli.main(["explore", "--step", str(step), "--out", str(out), str(script(tmp_path, text))]) == 2
    assert capsys.readouterr().err == f"minitorch: error: {message}\n"
    assert not out.exists()


def test_an_error_of_the_script_is_its_own(tmp_path: Path, no_alias: None) -> None:
    with pytest.raises(ZeroDivisionError):
        trace_of(tmp_path, "1 / 0")
    assert sys.modules["__main__"].__dict__.get("__file__") != str(tmp_path / "lesson.py")


def test_an_error_of_the_script_is_shown_from_its_own_line_on(tmp_path: Path, no_alias: None, capsys: Any) -> None:
    path = script(tmp_path, "def read():\n    return open('no/such/file')\nread()\n")
    assert cli.main(["explore", str(path)]) == 1
    shown = capsys.readouterr().err.splitlines()
    assert shown[:2] == ["Traceback (most recent call last):", f'  File "{path}", line 3, in <module>']
    assert shown[-1] == "FileNotFoundError: [Errno 2] No such file or directory: 'no/such/file'"


def test_the_script_is_the_only_argument_that_is_required(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        cli.main(["explore"])
    assert "the following arguments are required: SCRIPT (see" in capsys.readouterr().err


def test_a_model_that_is_explored_trains_as_it_does_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer, "_beside_torch", lambda trace: ALONE)
    losses = []
    for options in (
        [],
        ["--explore", str(tmp_path / "page.html")],
        ["--record", "--explore", str(tmp_path / "page.html")],
    ):
        out = tmp_path / "metrics.json"
        command = ["train", "gan", "--steps", "5", "--batch-size", "8", "--out", str(tmp_path), "--json", str(out)]
        assert cli.main([*command, *options]) == 0
        losses.append(json.loads(out.read_text(encoding="utf-8"))["losses"])
    assert losses[0] == losses[1] == losses[2]
    data = data_of((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert data["title"] == "minitorch train gan"
    assert len(parts(data, "update", "Adam")) == 8
    assert data["files"][0]["name"] == "gan.py"


def test_a_script_gets_its_arguments(
    tmp_path: Path, no_alias: None, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(explorer, "_beside_torch", lambda trace: ALONE)
    path = script(tmp_path, "import sys\nassert sys.argv[1:] == ['--step', '7', 'x']\n" + LESSON)
    out = tmp_path / "page.html"
    assert cli.main(["explore", "--step", "2", "--out", str(out), str(path), "--step", "7", "x"]) == 0
    # Whoever wrote --step behind the script's name by mistake reads where it went.
    assert "minitorch: --step went to the script; for explore, write it before SCRIPT\n" in capsys.readouterr().err
    assert data_of(out.read_text(encoding="utf-8"))["title"] == "lesson.py"


# -- the page


class Scripts(HTMLParser):
    """Finds the scripts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: list[str | None] = []
        self.texts: list[str] = []
        self.others: list[str] = []
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "script":
            self.kinds.append(attributes.get("type"))
        self.others += [name for name in attributes if name.startswith("on") or name in ("src", "href")]
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"] or ""

    def handle_data(self, data: str) -> None:
        if self.lasttag in ("script", "style"):
            self.texts.append(data)


def test_a_page_runs_its_own_script_and_nothing_of_the_data(tmp_path: Path, no_alias: None) -> None:
    attack = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u2028"
    text = f"{LESSON}\n# {attack}\n"
    html = page(trace_of(tmp_path, text), attack, ALONE)
    found = Scripts()
    found.feed(html)
    assert found.kinds == ["application/json", None]
    assert found.others == []
    folder = ROOT / "minitorch" / "visualization" / "explorer" / "page"
    for names, kind in ((("style.css",), "style-src"), (SCRIPTS, "script-src")):
        content = b"".join((folder / name).read_bytes() for name in names)
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in found.policy
    assert found.policy.startswith("default-src 'none'")
    data = data_of(html)
    assert data["title"] == attack
    assert data["files"][0]["lines"][-1] == f"# {attack}"


def test_large_arrays_are_cut_and_said_to_be() -> None:
    array = np.arange(3 * 50 * 100, dtype="float32").reshape(3, 50, 100)
    assert corner(array, 4096).shape == (1, 40, 100)
    assert corner(array, 50).shape == (1, 1, 50)
    assert corner(np.float32(3).reshape(()), 1).shape == ()
    assert corner(np.zeros((0, 5)), 10).shape == (0, 5)
    w = torch.ones(200, 300, requires_grad=True)
    trace, _ = traced(lambda: (w * 2).sum().backward())
    data = page_data(trace, "", ALONE)
    cut = data["arrays"][data["events"][0]["outputs"][0]["array"]]
    assert (cut["shape"], cut["sample"]) == ([200, 300], [54, 300])
    assert cut["sample"][0] * cut["sample"][1] <= ELEMENTS[0]
    assert cut["numbers"] == {
        "size": 60000, "nan": 0, "infinite": 0, "zero": 0, "min": 2.0, "max": 2.0, "mean": 2.0, "std": 0.0,
    }  # fmt: skip


def test_statistics() -> None:
    found = statistics(np.array([0.0, -1.0, 3.0, np.nan, np.inf, -np.inf], "float32"))
    histogram = found.pop("histogram")
    assert found == {
        "size": 6, "nan": 1, "infinite": 2, "zero": 1, "min": -1.0, "max": 3.0,
        "mean": pytest.approx(2 / 3), "std": pytest.approx(np.std([0, -1, 3])),
    }  # fmt: skip
    assert sum(histogram) == 3
    assert (histogram[0], histogram[8], histogram[31]) == (1, 1, 1)
    assert statistics(np.zeros((0, 3))) == {"size": 0}


@pytest.mark.parametrize("name", ["cnn", "lstm", "autoencoder", "gan", "dropout", "batchnorm"])
def test_the_text_of_every_operation_of_the_lessons(name: str) -> None:
    taken = lesson(torch, name)
    trace, _ = traced(lambda: taken.step(*taken.inputs()))
    data = page_data(trace, name, ALONE)
    assert sum(len(array["data"]) for array in data["arrays"]) <= 4_000_000
    for rule, made in zip(data["rules"], {e.rule: e for e in trace.events if e.rule is not None}.values(), strict=True):
        assert rule["formula"], made.name
        for excerpt in rule["excerpts"]:
            lines = (ROOT / excerpt["file"]).read_text(encoding="utf-8").splitlines(keepends=True)
            count = excerpt["text"].count("\n")
            assert excerpt["text"] == "".join(lines[excerpt["line"] - 1 : excerpt["line"] - 1 + count])
        titles = [excerpt["title"] for excerpt in rule["excerpts"]]
        assert "its kernel's reference" in titles or "its forward function" in titles, made.name
        if made.kind != "update":
            assert "the operation and its gradients" in titles, made.name
            for gradient in rule["gradients"]:
                assert any(x["file"] == gradient["file"] for x in rule["excerpts"])


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WALK = """
<script>
const seen = [];
addEventListener("error", (e) => seen.push("error: " + e.message));
for (let i = 0; i < events.length; i++) {
  if (i) document.getElementById("next").click();
  for (const b of document.querySelectorAll('#arrays [data-name="numbers"]')) b.click();
  seen.push({ at: document.getElementById("position").textContent,
    line: document.querySelector("#source .now .gutter").textContent,
    row: document.querySelector("#graph .row.now .num").textContent, hash: location.hash,
    cards: [...document.querySelectorAll("#arrays .card")].map((c) => [...c.querySelectorAll(".show td")].map((td) => {
      td.click();
      return [td.textContent, c.querySelector(".at").textContent, c.querySelector(".how .note")?.textContent];
    })) });
}
for (const view of ["heat map", "images", "histogram"]) {
  for (const b of document.querySelectorAll(`[data-name="${view}"]`)) b.click();
}
const pre = document.createElement("pre");
pre.id = "walk";
pre.textContent = JSON.stringify(seen);
document.body.append(pre);
</script>
"""


class Walk(HTMLParser):
    """Reads what the page wrote at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = False
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = dict(attrs).get("id") == "walk" or (self.inside and tag != "pre")

    def handle_data(self, data: str) -> None:
        self.text += data if self.inside else ""

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "pre"


def test_every_event_is_reached_in_a_browser_and_shows_its_numbers(tmp_path: Path, no_alias: None) -> None:
    if CHROMIUM is None:
        pytest.skip("there is no chromium (Debian: apt-get install chromium)")
    images = """
import minitorch as torch
from minitorch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(2, 2, 3, stride=2, padding=1), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3))
(net(torch.randn(2, 2, 7, 7, requires_grad=True)) @ torch.randn(3, 2)).sum().backward()
"""
    html = page(trace_of(tmp_path, images), "lesson.py", ALONE)
    data = data_of(html)
    count = len(data["events"])
    file = tmp_path / "page.html"
    file.write_text(re.sub(r"<meta http-equiv[^>]*>", "", html).replace("</body>", WALK + "</body>"), encoding="utf-8")
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
    ]  # fmt: skip
    ran = subprocess.run([*command, file.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    walk = Walk()
    walk.feed(ran.stdout)
    seen = json.loads(walk.text)
    assert [s["at"] for s in seen] == [f"{i + 1} / {count}" for i in range(count)]
    assert [s["hash"] for s in seen][1:] == [f"#step={i + 1}" for i in range(1, count)]
    sums = 0
    for s, e in zip(seen, data["events"], strict=True):
        assert int(s["line"]) == e["lines"][0][1]
        own = e["forward"] if e["kind"] == "backward" else data["events"].index(e)
        assert s["row"] == f"#{own + 1}"
        first = [p for p in e["inputs"] if "array" in p]
        cards = s["cards"][: len(first)] + s["cards"][len(s["cards"]) - len(e["outputs"]) :]  # not what was kept
        for card, part in zip(cards, [*first, *e["outputs"]], strict=True):
            values = elements(data, part)
            values = (values.reshape(-1, *values.shape[-2:])[0] if values.ndim > 2 else values).ravel()
            assert len(card) == values.size
            for (shown, full, made), value in zip(card, values, strict=True):
                if made is not None:  # the sum of the products that the page shows
                    sums += 1
                    total = re.findall(r"(\S+?)\.$", made)[0].replace("−", "-")
                    assert float(total) == pytest.approx(float(value), rel=6e-3, abs=2e-7)
                assert float(full.rpartition("= ")[2].replace("−", "-")) == pytest.approx(float(value), rel=1e-8, abs=0)
                number = full.rpartition("= ")[2].replace("−", "-")
                assert np.dtype("float32").type(number) == value  # nine digits give the number back
                assert float(shown.replace("−", "-")) == pytest.approx(float(value), rel=6e-3, abs=0)
    assert sums == 16 + 49 + (6 + 16 + 24) + (4 + 6)  # of conv2d, linear, matmul: results and gradients


def test_the_command_for_a_script_of_torch(tmp_path: Path) -> None:
    """The page of an unchanged script, each result beside torch's, and a fault where one is planted."""
    pytest.importorskip("torch")
    text = LESSON.replace("minitorch", "torch")
    run = subprocess.run(
        [sys.executable, "-m", "minitorch", "explore", str(script(tmp_path, text))],
        cwd=tmp_path, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert "17 events of step 1" in run.stderr
    data = data_of((tmp_path / "lesson-step.html").read_text(encoding="utf-8"))
    assert data["torch"]["version"]
    compared = [p for e in data["events"] for p in e["outputs"] if e["kind"] in ("forward", "backward", "update")]
    assert all(p["torch"]["fault"] == "" and p["torch"]["ours"] <= p["torch"]["allowed"] for p in compared)
