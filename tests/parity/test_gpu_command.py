"""``parity gpu``: what its report keeps when sections fail, crash, hang or run out of time."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from minitorch import cuda
from parity.__main__ import main
from parity.cases import CASES
from parity.commands import gpu
from parity.gpu import comparisons, processes, report as reports
from parity.gpu.processes import Progress
from parity.gpu.section import Outcome, Section

pytestmark = pytest.mark.host("it chooses the devices itself")

ITEMS = ("first", "breaks", "crashes", "hangs", "loses the GPU", "fails", "last")
WORKER = """
    import os, signal, sys, time, types
    from parity.gpu.section import Outcome, Section
    from parity.gpu.worker import work

    def refuse():
        raise RuntimeError("cudaErrorIllegalAddress")

    def check(options, item):
        print("what a check prints is no answer")
        yield Outcome([[item, "begun"]])
        if item == "breaks":
            raise ValueError("planted")
        if item == "crashes":
            os.kill(os.getpid(), signal.SIGSEGV)
        if item == "hangs":
            time.sleep(600)
        if item == "loses the GPU":
            runtime = types.SimpleNamespace(deviceSynchronize=refuse)
            sys.modules["cupy"] = types.SimpleNamespace(cuda=types.SimpleNamespace(runtime=runtime))
        yield Outcome([[item, f"done by {os.getpid()}"]], [f"{item}: it is wrong"] if item == "fails" else [])

    items = ITEMS
    work(Section("s", "S", ("item", "how"), lambda options: items, check, share=1.0), None)
"""


def section(share: float = 1.0, limit: float = 1.5, workers: int = 1, name: str = "s") -> Section:
    return Section(name, name.upper(), ("item", "how"), list, _none, share=share, limit=limit, workers=workers)


def _none(options: object, item: str):
    yield Outcome()


def command(items: object = ITEMS) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(WORKER).replace("ITEMS", repr(list(items)))]  # type: ignore[call-overload]  # a tuple of texts


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU with a name."""
    monkeypatch.setattr(cuda, "get_device_name", lambda device=None: "a GPU")


def test_a_crash_a_hang_and_a_lost_gpu_cost_a_row_each():
    found = processes.run(section(), command(), time.monotonic() + 60, lambda progress: None)
    assert not found.missing
    rows = {item: outcome.rows for item, outcome in found.found.items()}
    assert rows["breaks"] == [["breaks", "begun"], ["breaks", "ValueError: planted"]]
    assert rows["crashes"][0] == ["crashes", "begun"]
    crash = r'the process was ended by SIGSEGV: Fatal Python error: .*: File "<string>", line \d+'
    assert re.match(crash, rows["crashes"][1][1])
    assert rows["hangs"] == [["hangs", "begun"], ["hangs", "no end within 2 s"]]
    who = {item: rows[item][0][1] for item in ("first", "loses the GPU", "fails", "last")}
    assert len(set(who.values())) == 3  # a fresh process after the GPU was lost; the same one for what merely fails
    assert who["fails"] == who["last"]
    assert "refused all further work of the process (cudaErrorIllegalAddress)" in " ".join(found.failures)
    assert [f.split(":")[0] for f in found.failures] == ["breaks", "crashes", "hangs", "loses the GPU", "fails"]


def test_what_was_found_until_the_time_was_up_is_kept(tmp_path: Path, named: None):
    started, path = time.monotonic(), tmp_path / "report.md"
    report = reports.Report(path, ["s"])
    found = processes.run(
        section(limit=600), command(["first", "hangs", "last"]), started + 4, lambda p: report.show(p, True)
    )
    assert time.monotonic() - started < 30
    assert found.missing == ["hangs", "last"]
    assert not found.failures  # what was not reached is no failure
    text = path.read_text()
    assert "| first | done by" in text
    assert "| hangs | begun |" in text
    assert "when the time was up: hangs, last." in text


def test_workers_share_the_items():
    items = [f"item {i}" for i in range(12)]
    found = processes.run(section(workers=2), command(items), time.monotonic() + 60, lambda progress: None)
    assert set(found.finished) == set(items)


def test_a_section_whose_process_cannot_begin_is_reported():
    broken = [sys.executable, "-c", "raise ImportError('planted')"]
    found = processes.run(section(), broken, time.monotonic() + 60, lambda progress: None)
    assert found.failures == ["no process could begin: the process ended with 1: ImportError: planted"]


def test_a_section_without_items_has_shown_nothing():
    found = processes.run(section(), command([]), time.monotonic() + 60, lambda progress: None)
    assert found.failures == ["there is nothing to check: the section has no items here"]


@pytest.mark.parametrize(
    ("items", "budget", "code", "verdict"),
    [
        (["first", "last"], 60.0, 0, "Everything holds"),
        (["first", "fails"], 60.0, 1, "- S: fails: it is wrong"),
        (["first", "hangs"], 5.0, 3, "Everything that ran holds"),
    ],
)
def test_the_exit_code_and_the_verdict(
    items: list[str], budget: float, code: int, verdict: str, tmp_path: Path, named: None, monkeypatch
):
    monkeypatch.setattr(processes, "worker_command", lambda name, argv: command(items))
    started, path = time.monotonic(), tmp_path / "report.md"
    assert gpu.run([section(limit=600)], path, budget, []) == code
    assert time.monotonic() - started < budget + 5
    assert verdict in path.read_text()


def test_sections_that_were_not_reached_are_named(tmp_path: Path, named: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(processes, "worker_command", lambda name, argv: command(["hangs"]))
    path = tmp_path / "report.md"
    assert gpu.run([section(limit=600), section(name="t")], path, 4.0, []) == 3
    assert re.search(r"Not run, or not to the end:\n\n- S: 1 item of 1\n- t\n", path.read_text())


@pytest.mark.parametrize("emulated", [True, False])
def test_the_mark_of_the_emulation(emulated: bool, named: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(reports, "emulated", lambda: emulated)
    report = reports.Report(tmp_path / "r", ["s"])
    report.show(Progress(section(), ["a|b"], {"a|b": Outcome([["a|b"]])}, {"a|b"}))
    assert ("EMULATED" in report.text()) == emulated
    assert "| a\\|b |  |" in report.text()


def test_a_terminated_command_leaves_its_report_and_no_process(tmp_path: Path):
    program = f"""
        import signal, sys
        from pathlib import Path
        from minitorch import cuda
        from parity.commands import gpu
        from parity.gpu import processes
        from parity.gpu.section import Section
        cuda.get_device_name = lambda device=None: "a GPU"
        processes.worker_command = lambda name, argv: {command(["first", "hangs"])!r}
        signal.signal(signal.SIGTERM, gpu._stop)
        s = Section("s", "S", ("item", "how"), list, None, share=1.0, limit=600)
        gpu.run([s], Path({str(tmp_path / "r.md")!r}), None, [])
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stderr=subprocess.PIPE, text=True)
    _until(lambda: "first | done by" in _text(tmp_path / "r.md"))
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) != 0
    worker = int(re.findall(r"done by (\d+)", _text(tmp_path / "r.md"))[0])
    _until(lambda: not Path(f"/proc/{worker}").exists() or "Z" in Path(f"/proc/{worker}/stat").read_text().split()[2])


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.skipif(cuda.is_available(), reason="there is a GPU, or an emulated one")
def test_without_a_gpu_it_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["gpu", "--report", str(tmp_path / "report.md")]) == 2
    assert "cuda" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_unknown_models_are_refused(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["gpu", "--report", "report.md", "--models", "cnn,resnet"])
    assert "no model resnet" in capsys.readouterr().err


@pytest.mark.skipif(not cuda.is_available(), reason="CuPy finds no GPU here, not even an emulated one")
def test_on_a_gpu(tmp_path: Path):
    report = tmp_path / "report.md"
    arguments = ["--cases", "matmul", "--models", "gan", "--examples", "1", "--seconds", "0.05"]
    only = ["environment", "exchange", "steps", "training", "kernels", "parity", "suite"]
    small = ["--suite", "tests/ladder/test_l3_graphs.py"]
    code = main(["gpu", "--report", str(report), *arguments, "--only", *only, *small])
    text = report.read_text()
    assert code == 0, text
    assert text.count("\n## ") == len(only)
    assert re.search(r"\| tests/ladder/test_l3_graphs.py \| \d+ \| 0 \| 0 \|  \|", text)


def test_what_fails_on_the_host_too_is_told_apart(tmp_path: Path, named: None):
    report = reports.Report(tmp_path / "r.md", ["s"])
    found = {"a": Outcome([["a"]], [], ["a: with this torch it fails"]), "b": Outcome([["b"]])}
    report.show(Progress(section(), ["a", "b"], found, {"a", "b"}), now=True)
    text = report.path.read_text()
    assert not report.failures
    assert "Everything holds." in text
    assert "fail on this machine's host too:\n\n- S: a: with this torch it fails" in text


def test_cases_are_found_by_names_with_spaces():
    found = comparisons._groups("")
    assert all(group in CASES[name].groups for name, group in found.values())
    assert found["cat(mixed dtypes)"] == ("cat(mixed dtypes)", "")
    assert {name for name, _ in found.values()} == CASES.keys()
