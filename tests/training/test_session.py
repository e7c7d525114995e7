import argparse
import io

import pytest

from minitorch.training import session
from minitorch.training.checkpoint import Run


@pytest.mark.parametrize(("waited", "written"), [(31.0, True), (29.0, False)])
def test_a_run_that_dies_has_lost_half_a_minute_at_most(tmp_path, monkeypatch, waited, written):
    now = [100.0]
    monkeypatch.setattr(session.time, "monotonic", lambda: now[0])
    args = argparse.Namespace(out=tmp_path, resume=None, json=None)
    run = Run(args, ())

    def die():
        with session.Session("toy", args, run, total=9, unit="steps", done=lambda: run.step) as sitting:
            for _ in run.steps(9):
                run.count(0.5)
                now[0] += waited
                sitting.step(loss=0.5)
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        die()
    assert (tmp_path / "checkpoint.pt").exists() == written
    if written:
        again = Run(args, ())
        again.resume(tmp_path / "checkpoint.pt", "toy")
        assert (again.step, again.losses) == (1, [0.5])


@pytest.mark.parametrize("blocked", ["out", "out/checkpoint.pt", "out/toy.png", "metrics.json"])
def test_what_cannot_be_written_is_told_before_the_training(tmp_path, blocked):
    if blocked == "out":
        (tmp_path / "out").write_bytes(b"a file")
    else:
        (tmp_path / blocked).mkdir(parents=True)
    args = argparse.Namespace(out=tmp_path / "out", resume=None, json=tmp_path / "metrics.json")
    with pytest.raises(OSError, match=blocked):
        session.Session("toy", args, Run(args, ()), total=9, unit="steps", done=lambda: 0)


def test_a_checkpoint_is_written_before_a_report_that_cannot_be_printed(tmp_path):
    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError(32, "Broken pipe")

    args = argparse.Namespace(out=tmp_path, resume=None, json=None)
    run = Run(args, ())

    def train():
        with session.Session("toy", args, run, total=9, unit="steps", done=lambda: 0) as sitting:
            sitting.progress._out = Closed()
            for _ in run.steps(9):
                run.count(0.5)
                sitting.step(loss=0.5)
                sitting.report("step")

    with pytest.raises(BrokenPipeError):
        train()
    again = Run(args, ())
    again.resume(tmp_path / "checkpoint.pt", "toy")
    assert again.step == 1
