"""``python -m kernels.cusim``: its options, what it starts, what it refuses."""

import importlib.metadata
import tomllib

import pytest

from kernels.cusim.__main__ import main, parser
from kernels.cusim.build import CUPY, PACKAGES, EmulationUnavailable, check_packages
from kernels.cusim.options import Options, from_environment
from tests.cusim.emulated import ROOT, launch
from tests.cusim.requirements import needs_emulation


def test_options_travel_in_the_environment(monkeypatch):
    options = Options(2, 90, 1 << 20, True, "shuffled", 7, True, True, True)
    for name, value in options.environment().items():
        monkeypatch.setenv(name, value)
    assert from_environment() == options


@pytest.mark.parametrize(("text", "size"), [("512", 512), ("3k", 3072), ("64M", 64 << 20), ("1.5G", 3 << 29)])
def test_sizes(text, size):
    assert parser().parse_args([f"--memory={text}"]).memory == size


def test_bad_options():
    with pytest.raises(ValueError, match="order: expected one of forward, reversed, shuffled, but got 'random'"):
        Options(order="random")
    with pytest.raises(ValueError, match="devices: expected at least 1, but got 0"):
        Options(devices=0)


def test_a_command_is_needed(capsys):
    with pytest.raises(SystemExit):
        main([])
    assert "expected a COMMAND, such as: minitorch train cnn --device cuda" in capsys.readouterr().err


def test_another_cupy_is_refused(monkeypatch):
    real = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "15.0.0" if "cupy" in name else real(name))
    message = rf"written for cupy-cuda13x=={CUPY}, but 15.0.0 is installed: pip install 'minitorch-parity\[cusim\]'"
    with pytest.raises(EmulationUnavailable, match=message):
        check_packages()


def test_a_missing_package_is_named(monkeypatch):
    def version(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    with pytest.raises(EmulationUnavailable, match=r"needs cupy-cuda13x, .*: pip install 'minitorch-parity\[cusim\]'"):
        check_packages()


def test_the_extra_installs_what_is_checked():
    with open(ROOT / "pyproject.toml", "rb") as file:
        extra = tomllib.load(file)["project"]["optional-dependencies"]["cusim"]
    assert sorted(extra) == sorted(PACKAGES)


@needs_emulation
def test_what_it_starts(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import sys, cupy\nprint(__name__, sys.argv[1:], int(cupy.arange(4).sum()))\nsys.exit(3)\n")
    done = launch("--counters", "python", str(program), "a", "--b", folder=tmp_path)
    assert (done.returncode, done.stdout) == (3, "__main__ ['a', '--b'] 6\n")
    assert done.stderr.startswith("EMULATED: no GPU is in use.")
    assert "EMULATED: launches 2," in done.stderr
    assert "cupy_arange" in done.stderr

    done = launch("python", "-m", "program", folder=tmp_path)
    assert (done.returncode, done.stdout) == (3, "__main__ [] 6\n")

    test = tmp_path / "test_it.py"
    test.write_text(
        "import cupy\n"
        "kernel = cupy.RawKernel('extern \"C\" __global__ void f(int* x) { x[0] = 1; }', 'f')\n"
        "def test_fault():\n    kernel((1,), (1,), (8,))\n"
        "def test_after():\n    assert cupy.arange(4).sum() == 6\n"
    )
    for workers in ((), ("-n", "1")):
        done = launch("pytest", "-p", "no:cacheprovider", *workers, str(test), folder=tmp_path)
        assert done.returncode == 1
        assert "1 failed, 1 passed" in done.stdout
        assert "not a pointer to device memory" in done.stdout

    done = launch("ls", folder=tmp_path)
    assert done.returncode == 2
    assert "cusim: ls: expected python, pytest, minitorch or parity" in done.stderr
