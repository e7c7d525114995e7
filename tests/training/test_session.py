import argparse

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
