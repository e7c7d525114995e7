"""Worker processes end: after an interrupted epoch, Ctrl-C, the interpreter's end, or the main process's death."""

from __future__ import annotations

import gc
import multiprocessing
import multiprocessing.resource_tracker
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import minitorch
import minitorch.utils.data
from minitorch.utils.data import DataLoader
from tests.utils.test_workers import ROOT, Made, nothing_left_behind as nothing_left_behind, numbers

pytestmark = [
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Setting 'in_order'"),
]


@pytest.mark.parametrize("persistent", [False, True])
def test_a_pass_that_is_broken_off(persistent: bool) -> None:
    minitorch.manual_seed(0)
    loader = DataLoader(numbers(minitorch), batch_size=2, num_workers=2, shuffle=True, persistent_workers=persistent)
    for _ in range(3):
        for batch in loader:
            assert len(batch) == 2
            break
    assert sorted(int(i) for _, batch in loader for i in batch) == list(range(23))  # nothing of the broken passes


def test_several_loaders_at_once_end_quickly() -> None:
    """Workers that are forked later do not keep pipes of earlier ones open."""
    loaders = [
        DataLoader(numbers(minitorch), batch_size=2, num_workers=1, persistent_workers=persistent)
        for persistent in (True, False, True)
    ]
    started = time.monotonic()
    passes = [iter(loader) for loader in loaders]
    for batches in passes:
        next(batches)
    loaders.clear()
    while passes:
        passes.pop(0)
        del batches
        batches = None
    assert multiprocessing.active_children() == []
    assert time.monotonic() - started < 4.5


def test_persistent_workers_are_the_same_ones() -> None:
    pids = Made(lambda i: os.getpid(), 4)
    lasting = DataLoader(pids, batch_size=None, num_workers=2, persistent_workers=True)
    assert set(lasting) == set(lasting)
    passing = DataLoader(pids, batch_size=None, num_workers=2)
    assert not set(passing) & set(passing)


def test_a_forked_process_does_not_end_its_parents_workers() -> None:
    loader = DataLoader(numbers(minitorch), batch_size=2, num_workers=1)
    batches = iter(loader)
    next(batches)
    child = os.fork()
    if child == 0:
        del batches
        gc.collect()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert len(list(batches)) == 11


SCRIPT = """
import os, sys, time
from minitorch.utils.data import DataLoader
class Data:
    def __len__(self): return 1000
    def __getitem__(self, i):
        time.sleep(0.05)
        return os.getpid()
batches = iter(DataLoader(Data(), batch_size=None, num_workers=2))
print(next(batches), next(batches), flush=True)
"""


def run(rest: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT + rest], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    assert process.stdout is not None
    return [int(pid) for pid in process.stdout.readline().split()]


def gone(pid: int) -> bool:
    """Whether the process has ended (perhaps its exit status has not been read)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state in "ZX"


def all_gone_soon(pids: list[int]) -> bool:
    deadline = time.monotonic() + 20
    while not all(map(gone, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks at processes in /proc")


@needs_proc
def test_ctrl_c_ends_all_and_says_so_once() -> None:
    process = run("for _ in batches: pass")
    pids = workers_of(process)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert errors.count("KeyboardInterrupt") == 1
    assert errors.count("Traceback") == 1
    assert all_gone_soon(pids)


@needs_proc
def test_a_program_that_handles_ctrl_c_keeps_its_workers() -> None:
    rest = "import signal; signal.signal(signal.SIGINT, lambda *_: None); print(0, flush=True); time.sleep(0.3)\n"
    process = run(rest + "print(sum(1 for _, b in zip(range(5), batches)), flush=True)")
    pids = workers_of(process)
    workers_of(process)
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output.strip(), errors) == (0, "5", "")
    assert all_gone_soon(pids)


@needs_proc
def test_the_interpreters_end_is_quiet() -> None:
    process = run("")
    pids = workers_of(process)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert all_gone_soon(pids)


@needs_proc
def test_workers_do_not_outlive_a_main_process_that_is_killed() -> None:
    process = run("time.sleep(60)")
    pids = workers_of(process)
    process.kill()
    process.communicate(timeout=60)
    assert all_gone_soon(pids)
