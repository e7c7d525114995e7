"""Faults of waiting, planted in minitorch, and found by running test_l3_streams.py and others on lazy streams.

A missing wait, a step in the wrong stream, memory that is used again too early: on a GPU such faults show only now and
then. Lazy streams do their work as late as CUDA allows, and so show them every time.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cusim.emulated import ROOT, launch
from tests.cusim.requirements import needs_emulation

pytestmark = [needs_emulation, pytest.mark.host("it starts the emulation itself")]

TESTS = [str(ROOT / "tests/ladder" / name) for name in ("test_l3_streams.py", "test_l3_products.py")]
FAULTS = {
    "pinned memory is read after the call": (
        "CupyBackend.is_pinned = lambda self, array: False",
        ["test_a_copy_from_pinned_memory_waits"],
    ),
    "the step does not wait for the caller's stream": (
        "from contextlib import contextmanager\n"
        "@contextmanager\n"
        "def in_stream(self, stream):\n"
        "    import cupy\n"
        "    with cupy.cuda.Stream.null if stream is None else stream:\n"
        "        yield\n"
        "CupyBackend.in_stream = in_stream",
        ["test_backward_runs_in_the_stream_of_the_forward", "test_a_graph_over_two_streams"],
    ),
    "backward runs in the caller's stream": (
        "from minitorch.autograd import placement\nplacement._remember = lambda node: None",
        ["test_backward_runs_in_the_stream_of_the_forward"],
    ),
    "recorded memory is used again at once": (
        "CupyBackend.record_stream = lambda self, array, stream: None",
        ["test_recorded_memory_is_not_used_again_too_early"],
    ),
    "products in all streams have one workspace": (
        "from kernels.cuda.cublas import Handle, _workspaces\n"
        "def move(self, stream):\n"
        "    self.workspace = self.workspace or _workspaces.malloc(self.size)\n"
        "    self._set(stream, self.workspace)\n"
        "    self.stream = stream\n"
        "Handle.move = move",
        ["test_streams_and_threads_do_not_share_a_workspace"],
    ),
    "a captured product has the workspace of its stream": (
        "from kernels.cuda.cublas import Handle\n"
        "def capture(self, stream):\n"
        "    if self.stream != stream:\n"
        "        self.move(stream)\n"
        "Handle.capture = capture",
        ["test_a_replay_and_other_products_do_not_share_a_workspace"],
    ),
    "recorded memory is used again while its stream works": (
        "import kernels.cuda.memory as memory\nmemory.end_of = lambda stream: type('Event', (), {'done': True})()",
        ["test_recorded_memory_is_not_used_again_too_early"],
    ),
}


def failed(folder: Path, plant: str) -> set[str]:
    """The tests that fail on lazy streams with a fault planted."""
    (folder / "fault.py").write_text(f"from kernels.cuda.backend import CupyBackend\n{plant}\n")
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "fault",
        "--rootdir",
        str(ROOT),
        "-c",
        str(ROOT / "pyproject.toml"),
    ]
    done = launch("--lazy", "pytest", *options, *TESTS, folder=folder)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    lines = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAILED")]
    return {line.split("::")[1].partition("[")[0] for line in lines}


def test_without_a_fault_nothing_fails(tmp_path: Path):
    assert failed(tmp_path, "") == set()


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fault_is_found(fault: str, tmp_path: Path):
    plant, expected = FAULTS[fault]
    found = failed(tmp_path, plant)
    for name in expected:
        assert any(test.startswith(name) for test in found), f"{name} passes; failed: {found}"
