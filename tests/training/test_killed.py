"""SIGKILL at random moments, most of them in the middle of writing a checkpoint: nothing is lost but the last step."""

import multiprocessing
import random
import signal
import sys
import time

import pytest

import minitorch
from tests.training import killed

KILLS = 50
pytestmark = pytest.mark.host("the processes that are killed run on the CPU")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_run_that_is_killed_50_times_is_the_uninterrupted_run(tmp_path):
    context = multiprocessing.get_context("forkserver")  # which imports minitorch once for all sittings
    context.set_forkserver_preload([killed.__name__])
    moments = random.Random(0)
    folder = tmp_path / "cut"
    steps, half_written = 0, 0
    for _ in range(KILLS):
        heard, tell = context.Pipe(duplex=False)
        process = context.Process(target=killed.train, args=(folder, sys.maxsize, tell))
        process.start()
        tell.close()
        first = heard.recv()  # EOFError if it died before its first checkpoint
        assert first == steps + 1
        time.sleep(moments.uniform(0, 0.05))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL

        saved = minitorch.load(folder / "checkpoint.pt")
        assert saved["step"] == len(saved["losses"]) == len(saved["extra"]["inputs"]) >= first
        steps = saved["step"]
        left = [path for path in folder.iterdir() if path.name != "checkpoint.pt"]
        assert len(left) <= 1  # what earlier kills left has been cleared away
        half_written += len(left)
    assert half_written > KILLS / 10

    cut = killed.train(folder, steps + 3)
    assert [path.name for path in folder.iterdir()] == ["checkpoint.pt"]
    assert cut == killed.train(tmp_path / "whole", steps + 3)
    cut, whole = (minitorch.load(tmp_path / name / "checkpoint.pt") for name in ("cut", "whole"))
    assert cut["extra"] == whole["extra"]
    for name, weight in whole["parts"]["net"].items():
        assert minitorch.equal(cut["parts"]["net"][name], weight)
