"""``python -m parity speed``: its sections, its files, what it refuses. No test looks at how long anything takes."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from minitorch import recording
from parity.__main__ import main
from parity.runs.stand_in import StandIn
from parity.speed import (
    apart,
    benchmark,
    calls,
    contestants,
    growth,
    imports,
    lessons,
    limits,
    machine,
    memory,
    op,
    sides,
    timing,
)
from parity.speed.contestants import formulas, start
from parity.speed.limits import Limits, Work
from parity.speed.report import html, tables
from parity.speed.sides import COMPILED, EAGER, RECORDED, TORCH, Built, Side, Workload
from tests.parity.test_html import read, rendered

TIMED = ("steps", "eval", "growth", "kernels")


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """The number of threads that was in force, again after each test."""
    before = minitorch.get_num_threads(), torch.get_num_threads()
    yield
    minitorch.set_num_threads(before[0])
    torch.set_num_threads(before[1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the short form, with two rows in each section and none from other processes."""
    path = tmp_path_factory.mktemp("speed")
    peaks = {"first": 4 << 20, "peak": 3 << 20, "grown": 1024, "objects": 0}
    memory_rows = [
        {"name": name, "steps": steps, "memory": {TORCH: peaks, EAGER: peaks}, "missing": {RECORDED: "not built"}}
        for name, steps in (("cnn", 5), ("dqn, 100 steps", 100))
    ]
    import_rows = [{"name": name, "seconds": 0.2, "low": 0.1, "high": 0.3} for name in ("numpy", "torch")]
    with pytest.MonkeyPatch.context() as patch:
        for part, kept in ((lessons, slice(6, 8)), (growth, slice(6, 8)), (calls, slice(8, 10))):
            few = part.workloads(quick=True)[kept]
            patch.setattr(part, "workloads", lambda quick, few=few: few)
        patch.setattr(op, "OPS", op.OPS[:2])
        patch.setattr(memory, "measure", lambda *args: iter(memory_rows))
        patch.setattr(imports, "measure", lambda *args: iter(import_rows))
        files = [f"--{kind}={path / kind}" for kind in ("json", "html", "markdown")]
        assert main(["speed", "--quick", *files]) == 0
    (path / "html").rename(path / "speed.html")
    return path


@pytest.fixture(scope="module")
def content(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "json").read_text(encoding="utf-8"))
    return found


def test_short_form(tmp_path: Path) -> None:
    """The whole benchmark on tiny sizes: every section, every row, every figure in its place."""
    file = tmp_path / "speed.json"
    assert main(["speed", "--quick", "--json", str(file)]) == 0
    found = json.loads(file.read_text(encoding="utf-8"))["sections"]
    assert tuple(found) == benchmark.SECTIONS
    assert [row["name"] for row in found["steps"]] == list(lessons.NAMES)
    assert [row["name"] for row in found["eval"]] == list(lessons.NAMES)
    assert [row["name"] for row in found["kernels"]] == ["lstm", *(family.name for family in calls.FAMILIES)]
    assert [row["name"] for row in found["op"]] == [o.name for o in op.OPS]
    assert [row["name"] for row in found["import"]] == ["numpy", "minitorch", "torch"]
    for section in TIMED:
        for row in found[section]:
            check_row(row, section)
    for row in found["op"]:
        assert all(row["times"][name]["seconds"] > 0 for name in (TORCH, EAGER, op.NUMPY))
    peak, many = found["memory"]
    if sys.platform.startswith("linux"):
        assert peak["memory"][EAGER]["peak"] > 0
        assert set(many["memory"][TORCH]) == {"first", "peak", "grown", "objects"}
    for row in found["import"]:
        assert 0 < row["low"] <= row["seconds"] <= row["high"]


def check_row(row: dict[str, Any], section: str) -> None:
    assert set(row) == {"name", "setting", "size", "axis", "wrong", "times", "missing", "least", "flops", "bytes"}
    assert not row["wrong"]
    assert {TORCH, EAGER} <= set(row["times"])
    assert row["times"][TORCH]["ratio"] == 1
    assert row["least"] > 0
    assert row["bytes"] > 0
    for time in row["times"].values():
        assert 0 < time["low"] <= time["seconds"] <= time["high"]
        assert 0 < time["ratio_low"] <= time["ratio"] <= time["ratio_high"]
    if section in ("steps", "growth"):
        assert (RECORDED in row["times"]) != (RECORDED in row["missing"])


def test_says_where_it_ran(content: dict[str, Any], folder: Path) -> None:
    m = content["machine"]
    assert m["threads"] == 1
    assert m["cores"] == machine.cores()
    assert m["versions"]["torch"] == torch.__version__
    assert content["limits"]["flops"] > 0
    assert len(content["limits"]["bandwidth"]) == len(limits.SIZES)
    assert content["command"] == "parity speed --quick --threads 1"
    for text in (
        (folder / "markdown").read_text(encoding="utf-8"),
        (folder / "speed.html").read_text(encoding="utf-8"),
    ):
        assert m["processor"] in text
        assert "1 thread for each library" in text
        assert "its times mean nothing" in text


def test_shows_a_file_again(content: dict[str, Any], folder: Path, tmp_path: Path, capsys: Any) -> None:
    assert main(["speed", "--from", str(folder / "json"), "--html", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again").read_bytes() == (folder / "speed.html").read_bytes()
    out = capsys.readouterr().out
    assert all(title in out for title in tables.TITLES.values())


@pytest.mark.parametrize("text", ["", "[]", "{", '{"command": "parity speed"}', '{"command": "", "machine": 3}'])
def test_refuses_another_file(text: str, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "other"
    file.write_text(text, encoding="utf-8")
    assert main(["speed", "--from", str(file)]) == 2
    assert "is not what parity speed --json writes" in capsys.readouterr().err


def test_tables_within_a_page(folder: Path, tmp_path: Path, capsys: Any) -> None:
    page = tmp_path / "page.md"
    page.write_text("Before.\n<!-- begin: parity speed -->\nold\n<!-- end -->\nAfter.\n", encoding="utf-8")
    for _ in range(2):
        assert main(["speed", "--from", str(folder / "json"), "--markdown", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("Before.\n<!-- begin: parity speed -->\n")
    assert text.endswith("\n<!-- end -->\nAfter.\n")
    assert "old" not in text
    whole = (folder / "markdown").read_text(encoding="utf-8").strip()
    assert text.count(whole) == 1
    assert sorted(tmp_path.iterdir()) == [page]


def test_page_is_well_formed_and_needs_nothing_else(folder: Path, content: dict[str, Any]) -> None:
    text = (folder / "speed.html").read_text(encoding="utf-8")
    checked = read(text)
    names = [attributes["id"] for _, attributes in checked.tags if attributes.get("id")]
    assert names == list(benchmark.SECTIONS)
    assert not any(tag in ("link", "img", "iframe", "base", "script") for tag, _ in checked.tags)
    assert not re.search(r"https?:|url\(|@import", text)
    curves = {row["name"] for row in content["sections"]["growth"]}
    assert sum(tag == "svg" for tag, _ in checked.tags) == 2 + len(curves) + 2
    assert "prefers-color-scheme: dark" in text


def test_page_escapes_what_it_shows(content: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(content))
    changed["command"] = "<b>&'\""
    for section in TIMED:
        changed["sections"][section][0]["name"] = "</svg><i>&'\""
        changed["sections"][section][0]["missing"] = {"a<b": "</ul>"}
    checked = read(html.page(changed))
    assert "<b>&'\"" in checked.texts["code"]
    assert any("</svg><i>&'\"" in text for text in checked.texts["td"])


def test_page_of_rows_without_times(content: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(content))
    for section in TIMED:
        for row in changed["sections"][section]:
            row |= {"times": {}, "least": None, "wrong": f"{row['name']} differs"}
    assert "dqn differs" in read(html.page(changed)).texts["li"]
    assert "dqn differs" in tables.text(changed)


def test_page_in_a_browser(folder: Path) -> None:
    """As wide as a phone, nothing but the tables' own frames is wider than the page."""
    act = (
        "document.documentElement.style.width = '360px';"
        "document.title = document.documentElement.scrollWidth <= innerWidth && document.body.scrollWidth <= 360"
        " ? 'fits' : `${document.body.scrollWidth} wide`;"
    )
    text = (folder / "speed.html").read_text(encoding="utf-8")
    file = folder / "narrow.html"
    file.write_text(text.replace("</body>", f"<script>{act}</script></body>"), encoding="utf-8")
    assert rendered(file).texts["title"][0] == "fits"


def row_of(contestant: Callable[[Workload], Side], name: str = "a side", lesson: str = "dqn") -> dict[str, Any]:
    """The row of a lesson's step under torch, minitorch and a contestant."""
    settings = benchmark.Settings(effort=timing.QUICK)
    three = {TORCH: sides.eager(torch), EAGER: sides.eager(minitorch), name: contestant}
    (row,) = benchmark.compared([lessons.lesson(lesson, 8)], three, settings, Limits(1.0, {1: 1.0}), "steps")
    return row


def standing_in(replay: Callable[..., Any]) -> Callable[..., Callable[..., Any]]:
    """A stand-in for ``minitorch.recording.record``: makes two real steps, then calls `replay` with the step and its inputs."""

    def record(step: Callable[..., Any], *inputs: Any) -> Callable[..., Any]:
        step(*inputs)
        first = step(*inputs)
        return lambda *again: replay(step, first, *again)

    return record


def test_recorded_steps_are_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "record", standing_in(lambda step, first, *inputs: step(*inputs)))
    row = row_of(sides.recorded, RECORDED)
    assert not row["wrong"]
    assert row["times"][RECORDED]["seconds"] > 0


def test_recorded_steps_of_an_optimizer_that_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "record", standing_in(lambda step, first, *inputs: step(*inputs)))
    work = next(work for work in growth.workloads(quick=True) if work.name == growth.WIDTH)
    made = sides.make(work, {TORCH: sides.eager(torch), RECORDED: sides.recorded})
    assert set(made.ready) == {TORCH, RECORDED}


def test_a_stale_recording_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "record", standing_in(lambda step, first, *inputs: first))
    row = row_of(sides.recorded, RECORDED)
    assert "dqn, batch 8: minitorch recorded computes something else than torch: result 1 of call 1" in row["wrong"]
    assert not row["times"]
    assert benchmark.wrong({"sections": {"steps": [row]}}) == [row["wrong"]]


def test_why_a_step_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def record(step: Any, *inputs: Any) -> None:
        raise RuntimeError("\nline 3 reads a value\nmore")

    monkeypatch.setattr(recording, "record", record)
    assert row_of(sides.recorded, RECORDED)["missing"] == {RECORDED: "not recorded: line 3 reads a value"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda losses: [losses[0] * 1.01], "result 1 of call 1"),
        (lambda losses: [losses[0] * float("nan")], "is nan away"),
        (lambda losses: [losses[0].reshape(1)], r"returns the shapes \[\(1,\)\], not \[\(\)\]"),
        (lambda losses: [], r"returns the shapes \[\], not \[\(\)\]"),
    ],
)
def test_what_computes_something_else_is_not_timed(change: Callable[[Any], Any], message: str) -> None:
    def contestant(work: Workload) -> Side:
        side = sides.eager(minitorch)(work)
        return Side(side.run, lambda result: change(side.values(result)))

    row = row_of(contestant)
    assert re.search(message, row["wrong"])
    assert not row["times"]


def test_what_fails_is_not_timed() -> None:
    def contestant(work: Workload) -> Side:
        def fail() -> None:
            raise ValueError("a replay of another shape\nmore")

        return Side(fail, lambda result: [])

    row = row_of(contestant)
    assert row["wrong"] == "dqn, batch 8: a side fails: ValueError: a replay of another shape"
    assert not row["times"]


def test_steps_made_beforehand_are_few() -> None:
    def contestant(work: Workload) -> Side:
        side = sides.eager(minitorch)(work)
        for _ in range(sides.MOST_TAKEN + 1):
            side.run()
        return Side(side.run, side.values, (sides.MOST_TAKEN + 1,))

    assert "more than 4 steps before it was ready" in row_of(contestant)["wrong"]


def test_the_exit_code_says_that_something_differs(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(benchmark, "eager", lambda library: lambda work: _shifted(work, library))
    few = lessons.workloads(quick=True)[-1:]
    monkeypatch.setattr(lessons, "workloads", lambda quick: few)
    assert main(["speed", "--quick", "--only", "steps"]) == 1
    assert "minitorch computes something else than torch" in capsys.readouterr().out


def _shifted(work: Workload, library: Any) -> Side:
    side = sides.eager(library)(work)
    add = 1 if library is minitorch else 0
    return Side(side.run, lambda result: [a + add for a in side.values(result)], built=side.built)


def test_ctrl_c_leaves_what_was_complete(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> None:
    def stop(*args: Any) -> Iterator[dict[str, Any]]:
        yield {"name": "numpy", "seconds": 0.2, "low": 0.1, "high": 0.3}
        raise KeyboardInterrupt

    monkeypatch.setattr(imports, "measure", stop)
    file = tmp_path / "speed.json"
    page = tmp_path / "page.md"
    files = ["--json", str(file), "--html", str(tmp_path / "page.html"), "--markdown", str(page)]
    assert main(["speed", "--quick", "--only", "import", *files]) == 130
    assert not page.exists()
    captured = capsys.readouterr()
    assert "stopped" in captured.err
    assert "Stopped before the end." in captured.out
    assert [row["name"] for row in json.loads(file.read_text(encoding="utf-8"))["sections"]["import"]] == ["numpy"]


def test_sides_in_processes_of_their_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> None:
    few = lessons.evaluations(quick=True)[-1:]
    monkeypatch.setattr(lessons, "evaluations", lambda quick: few)
    file = tmp_path / "speed.json"
    assert main(["speed", "--quick", "--apart", "--only", "eval", "--threads", "2", "--json", str(file)]) == 0
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["command"] == "parity speed --only eval --quick --apart --threads 2"
    (row,) = found["sections"]["eval"]
    check_row(row, "eval")
    assert "2 threads for each library, each side in a process of its own" in capsys.readouterr().out


def test_the_process_of_a_side() -> None:
    """It computes with the threads it is given, what it computes is compared, and an error there is told here."""
    work = lessons.workloads(quick=True)[-1]
    settings = benchmark.Settings(effort=timing.QUICK)
    both = {TORCH: sides.eager(torch), EAGER: sides.eager(minitorch)}
    with apart.Sides(1, quick=True) as processes:
        prepared = processes.contestant(EAGER, "steps")(work)
        here = sides.eager(torch)(work)
        for _ in range(3):
            np.testing.assert_allclose(prepared.values(prepared.run()), here.values(here.run()), rtol=1e-4)
        assert processes.timed(EAGER)(2) > 0
        (row,) = benchmark.compared([work], both, settings, Limits(1.0, {1: 1.0}), "growth", processes)
        assert "torch fails: RuntimeError: LookupError: growth has no dqn, batch 16" in row["wrong"]
        process = processes._started[EAGER][0]
        assert process.is_alive()
    assert not process.is_alive()


def test_no_such_section() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["speed", "--only", "nothing"])


def test_no_such_contestant(capsys: Any) -> None:
    assert main(["speed", "--quick", "--with", "nothing"]) == 2
    assert "there is no contestant 'nothing'; there are torch.compile, jax" in capsys.readouterr().err


@pytest.mark.parametrize("name", [name for name in contestants.CONTESTANTS if name != COMPILED])
def test_how_to_install_a_contestant(name: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda package: None)
    assert main(["speed", "--quick", "--with", name]) == 2
    assert f"{name} is not installed: pip install " in capsys.readouterr().err


def test_compiling_needs_a_compiler(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert main(["speed", "--quick", "--with", COMPILED]) == 2
    assert "torch.compile needs a C++ compiler: apt-get install g++" in capsys.readouterr().err


@pytest.mark.parametrize("name", [name for name in contestants.CONTESTANTS if name != COMPILED])
def test_contestants_that_are_installed(name: str) -> None:
    if importlib.util.find_spec(contestants.CONTESTANTS[name].package) is None:  # some import only within `old_names`
        pytest.skip(contestants.CONTESTANTS[name].install)
    row = row_of(contestants.side(name, 1), name)
    assert not row["wrong"]
    assert row["times"][name]["seconds"] > 0


def test_contestants_are_imported_only_when_asked_for() -> None:
    packages = {c.package for name, c in contestants.CONTESTANTS.items() if name != COMPILED}
    code = f"import sys, parity.__main__; print(*sorted({packages!r} & set(sys.modules)))"
    root = Path(benchmark.__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


@pytest.mark.parametrize("name", ["autoencoder", "rnn", "lstm", "dqn", "gan"])
def test_formulas_are_the_lessons(name: str) -> None:
    """Each formula, over NumPy, gives the loss of the lesson's first step."""
    work = lessons.lesson(name, 8)
    p, inputs = start.parameters(work), work.inputs
    right = [float(loss) for loss in sides.eager(torch)(work).run()]
    if name == "gan":
        D, G = p[:4], p[4:]
        found = [
            formulas.discriminator_loss(np, D, G, *inputs),
            formulas.generator_loss(np, G, D, inputs[1]),
        ]
    elif name == "dqn":
        found = [formulas.dqn(np, p, p, *inputs)]
    else:
        found = [getattr(formulas, name)(np, p, *inputs)]
    np.testing.assert_allclose(found, right, rtol=1e-5)


def test_adam_is_torchs() -> None:
    rng = np.random.default_rng(0)
    values = [rng.standard_normal(shape).astype(np.float32) for shape in ((3, 4), (5,))]
    tensors = [torch.from_numpy(x.copy()).requires_grad_() for x in values]
    ours, theirs = start.Adam(values, 0.01), torch.optim.Adam(tensors, lr=0.01)
    for _ in range(5):
        gradients = [rng.standard_normal(x.shape).astype(np.float32) for x in values]
        for t, g in zip(tensors, gradients, strict=True):
            t.grad = torch.from_numpy(g)
        ours.step(gradients)
        theirs.step()
    for x, t in zip(values, tensors, strict=True):
        np.testing.assert_allclose(x, t.detach().numpy(), rtol=1e-5)


def test_sides_are_called_in_turn() -> None:
    called: list[str] = []
    three = {name: (lambda name=name: called.append(name)) for name in "abc"}
    found = timing.compare(three, "a", timing.Effort(rounds=4, sample=0, warm_up=0))
    assert "".join(called) == "aaabbbccc" + "abc" + "bca" + "cab" + "abc"
    assert found["a"].ratio == found["a"].ratio_low == found["a"].ratio_high == 1
    assert {measure.rounds for measure in found.values()} == {4}


def test_rounds_end_with_the_budget() -> None:
    found = timing.compare({"a": lambda: None}, "a", timing.Effort(rounds=50, sample=0, warm_up=0, budget=0))
    assert found["a"].rounds == timing.FEWEST


def test_least_time() -> None:
    roof = Limits(flops=100.0, bandwidth={1 << 10: 1000.0, 1 << 20: 10.0})
    assert roof.least(Work(flops=500, bytes=1000)) == 5
    assert roof.least(Work(flops=0, bytes=2000)) == 2
    assert roof.least(Work(flops=0, bytes=1 << 21)) == (1 << 21) / 10


def test_flops() -> None:
    x, w = torch.ones(2, 3, 8, 8), torch.ones(5, 3, 3, 3, requires_grad=True)
    forward = 2 * 2 * 5 * 8 * 8 * 3 * 3 * 3
    assert limits.count_flops(lambda: torch.conv2d(x, w, padding=1)) == forward
    assert limits.count_flops(lambda: torch.conv2d(x, w, padding=1).sum().backward()) == 2 * forward
    y = torch.ones(2, 6, 8, 8, requires_grad=True)
    for groups in (1, 2, 6):
        v = torch.ones(6, 6 // groups, 3, 3, requires_grad=True)
        once = 2 * 2 * 6 * 8 * 8 * 6 // groups * 3 * 3
        assert (
            limits.count_flops(lambda v=v, n=groups: torch.conv2d(y, v, None, 1, 1, 1, n).sum().backward()) == 3 * once
        )
    u = torch.ones(6, 4, 2, 2, requires_grad=True)
    once = 2 * 2 * 6 * 8 * 8 * 4 * 2 * 2
    assert limits.count_flops(lambda: torch.conv_transpose2d(y, u, None, 2).sum().backward()) == 3 * once
    layer = torch.nn.LSTM(4, 6)
    products = 2 * 10 * 3 * 4 * 6 * (4 + 6)
    with torch.no_grad():
        assert limits.count_flops(lambda: layer(torch.ones(10, 3, 4))) == products


def test_bytes_of_a_step() -> None:
    """Inputs and results once; parameters and what Adam keeps of them (two moments, a step number) twice."""
    work = Workload("", "", [np.ones((2, 3), np.float32)], _one_linear)
    side = sides.eager(torch)(work)
    side.run()
    needed = benchmark._work(work, side)
    assert needed.bytes == 4 * (6 + 1 + 2 * 3 * (3 * 5 + 5) + 2 * 2)


def _one_linear(models: StandIn) -> Built:
    library = models.library
    layer = library.nn.Linear(3, 5)
    optimizer = library.optim.Adam(layer.parameters())

    def step(x: Any) -> Sequence[Any]:
        loss = layer(x).sum()
        loss.backward()
        optimizer.step()
        return (loss.detach(),)

    return Built(step, [optimizer], list(layer.parameters()))


def test_growth_has_every_axis() -> None:
    points = growth.workloads()
    sizes = {name: [p.size for p in points if p.name == name] for name in dict.fromkeys(p.name for p in points)}
    assert sizes[growth.CNN][0] == 10
    assert sizes[growth.CNN][-1] == 400
    assert sizes[growth.LENGTH][-1] == 224
    assert sizes[growth.HIDDEN][-1] == 512
    assert sizes[growth.WIDTH][-1] == 2048
    assert sizes[growth.ROWS][-1] == 100_000
    assert sizes[f"{growth.MAPS} on 1×1"] == [3, 16, 64, 256, 512]
    assert sizes[f"{growth.MAPS} on 64×64"]
    for found in sizes.values():
        assert found == sorted(set(found))


def test_every_call_has_three_sizes() -> None:
    assert all(len({setting for setting, _ in family.sizes}) == 3 for family in calls.FAMILIES)


@pytest.mark.parametrize("number", range(len(op.OPS)))
def test_numpys_own_code_computes_the_same(number: int) -> None:
    """Of a chain the last value; of the rest what the call returns."""
    this = op.OPS[number]
    space = {"np": np, "numbers": [0.5 * i for i in range(100)]}
    values = np.linspace(0.1, 0.4, 4, dtype=np.float32)
    square = np.eye(4, dtype=np.float32) + values / 10
    own = {**space, "a": values, "b": values, "g": values, "m": square, "k": square, "h": square}
    theirs = {"torch": torch, **space, **{n: torch.from_numpy(x.copy()) for n, x in own.items() if n in "abgmkh"}}
    for name in "abmk":
        theirs[name].requires_grad_()
    first, last = this.own.splitlines()[:2], this.code.splitlines()[:2]
    if this.count > 1:
        exec("\n".join(first), own)
        exec("\n".join(last), theirs)
        found, right = own["x"], theirs["x"]
    else:
        found, right = eval(first[0], own), eval(last[0].removesuffix(".backward(g)"), theirs)
    np.testing.assert_allclose(found, right.detach() if isinstance(right, torch.Tensor) else right, rtol=1e-4)
