"""A process that is forked while other threads draw random numbers, or change the forms of kernels, does not hang."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.host("the locks are the host's"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
]

SCRIPT = """
import os, signal, threading
import minitorch as torch
from kernels.dispatch import using

own, stop = torch.Generator(), threading.Event()

def draw(generator):
    while not stop.is_set():
        torch.randn(20_000, generator=generator)

def force():
    while not stop.is_set():
        with using("reference"):
            pass

threads = [threading.Thread(target=draw, args=(generator,)) for generator in (None, own, own)]
threads.append(threading.Thread(target=force))
for thread in threads:
    thread.start()
for i in range(30):
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # ends a child that hangs
        torch.randn(20_000)
        torch.randn(20_000, generator=own)
        assert torch.get_rng_state().numel() == 5056
        torch.manual_seed(1)
        torch.Generator().seed()
        with using("reference"):
            torch.ones(2) + 1
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7, i
stop.set()
for thread in threads:
    thread.join()
print(torch.randn(2, generator=own).shape)
"""


def test_a_fork_while_threads_draw():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert (done.returncode, done.stdout) == (0, "torch.Size([2])\n"), done.stderr


def test_a_fork_within_a_draw_of_the_same_thread():
    script = """
import os
import minitorch as torch
with torch.default_generator.lock:
    child = os.fork()
    if child == 0:
        torch.randn(3)
        os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
"""
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=120)
    assert done.returncode == 0, done.stderr
