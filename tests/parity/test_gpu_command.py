"""``parity gpu``: the report from a GPU, and what it says where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from minitorch import cuda
from parity.__main__ import main
from parity.commands import gpu

pytestmark = pytest.mark.host("it chooses the devices itself")


@pytest.mark.skipif(cuda.is_available(), reason="there is a GPU, or an emulated one")
def test_without_a_gpu_it_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["gpu", "--report", str(tmp_path / "report.md")]) == 2
    assert "cuda" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_unknown_models_are_refused(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["gpu", "--report", "report.md", "--models", "cnn,resnet"])
    assert "no model resnet" in capsys.readouterr().err


@pytest.mark.parametrize("emulated", [True, False])
def test_the_report(emulated: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gpu, "emulated", lambda: emulated)
    monkeypatch.setattr(cuda, "get_device_name", lambda device=None: "a GPU")
    fine, wrong = gpu.Section("One", "what it says"), gpu.Section("Two", "more", ["something differs"])
    assert "Everything holds" in gpu.report([fine], 1)
    text = gpu.report([fine, wrong], 1)
    assert ("EMULATED" in text) == emulated
    assert "- Two: something differs" in text
    assert "Everything holds" not in text
    assert text.index("## One") < text.index("what it says") < text.index("## Two")


def test_a_part_that_breaks_off_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def breaks(options: object) -> gpu.Section:
        raise ValueError("planted")

    monkeypatch.setattr(cuda, "get_device_properties", lambda device=None: None)
    monkeypatch.setattr(cuda, "get_device_name", lambda device=None: "a GPU")
    monkeypatch.setattr(gpu, "SECTIONS", {"one": breaks, "two": lambda options: gpu.Section("Two", "fine")})
    report = tmp_path / "report.md"
    assert gpu.main(["--report", str(report)]) == 1
    assert "This part broke off: `ValueError: planted`" in report.read_text()
    assert "## Two" in report.read_text()


@pytest.mark.skipif(not cuda.is_available(), reason="CuPy finds no GPU here, not even an emulated one")
def test_on_a_gpu(tmp_path: Path):
    report = tmp_path / "report.md"
    code = main(["gpu", "--report", str(report), "--skip", "suite", "compiled", "--cases", "matmul", "--models", "gan"])
    text = report.read_text()
    assert code == 0, text
    for title in ("Environment", "Kernels: NumPy and the GPU", "Parity", "Memory", "Exchange by DLPack", "Times"):
        assert f"## {title}" in text
