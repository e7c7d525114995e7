import io
import re

import pytest

from minitorch.training.progress import Progress


def test_reports_are_weighted_means_since_the_last(capsys):
    with Progress(total=40) as progress:
        progress.step(10, loss=1.0, accuracy=0.5)
        progress.step(30, loss=3.0, accuracy=1.0)
        first = progress.report("epoch 1/2", test_accuracy=0.75)
        progress.step(5, loss=7.0)
        second = progress.report("epoch 2/2")
    assert first == {"loss": 2.5, "accuracy": 0.875, "test_accuracy": 0.75}
    assert second == {"loss": 7.0}
    out, err = capsys.readouterr()
    lines = out.splitlines()
    number = r"[\d,]+ images/s"
    assert re.fullmatch(rf"epoch 1/2  loss 2\.5  accuracy 87\.50 %  test accuracy 75\.00 %  {number}", lines[0])
    assert re.fullmatch(rf"epoch 2/2  loss 7  {number}", lines[1])
    assert len(lines) == 2
    assert err == ""  # no terminal, no bar


def test_a_figure_may_be_absent_from_some_steps():
    with Progress(total=3, out=io.StringIO()) as progress:
        progress.step(1, loss=1.0)
        progress.step(1, loss=3.0, reward=10.0)
        assert progress.report("") == {"loss": 2.0, "reward": 10.0}


def test_a_report_without_steps():
    out = io.StringIO()
    with Progress(total=3, out=out) as progress:
        assert progress.report("start") == {}
        assert progress.report("start", test_accuracy=0.1) == {"test_accuracy": 0.1}
    assert out.getvalue() == "start\nstart  test accuracy 10.00 %\n"


def test_the_rate_counts_the_steps_alone(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("minitorch.training.progress.perf_counter", lambda: now[0])
    out = io.StringIO()
    with Progress(total=100, unit="steps", out=out) as progress:
        for end in (1.0, 2.0):
            now[0] = end
            progress.step(50)
        now[0] = 60.0  # an evaluation
        progress.report("a")
        now[0] = 61.0
        progress.step(7)
        progress.report("b")
    assert out.getvalue() == "a  50 steps/s\nb  7 steps/s\n"


@pytest.mark.parametrize("done", [0, 50])
def test_the_bar_shows_the_latest_figures(capsys, done):
    with Progress(total=100, done=done, show_bar=True) as progress:
        progress.step(50, loss=0.25, accuracy=0.5)
        progress.report("half")
    out, err = capsys.readouterr()
    assert out.startswith("half  loss 0.25  accuracy 50.00 %")
    assert f"image {done + 50}/100 █" in err
    assert "█ loss 0.25  accuracy 50.00 %" in err or "  loss 0.25  accuracy 50.00 %" in err


@pytest.mark.parametrize("columns", [40, 80])
def test_the_bar_fits_the_terminal(capsys, monkeypatch, columns):
    now = [0.0]
    monkeypatch.setattr("minitorch.training.progress.perf_counter", lambda: now[0])
    progress = Progress(total=400, epochs=4, show_bar=True)
    monkeypatch.setattr(progress._bar, "dynamic_ncols", lambda file: (columns, 24))
    progress._bar.mininterval = 0
    with progress:
        for _ in range(20):
            now[0] += 1
            progress.step(15, loss=0.25, accuracy=0.5)
    frames = capsys.readouterr().err.split("\r")
    assert any(re.match(r"epoch 3/4 █{2,}", frame) and "loss 0.25" in frame for frame in frames)
    assert any("accuracy 50.00 %" in frame for frame in frames) == (columns == 80)
    assert max(map(len, frames)) <= columns


def test_lines_without_reports():
    out = io.StringIO()
    with Progress(total=7, unit="steps", lines=3, out=out) as progress:
        for i in range(7):
            progress.step(1, loss=float(i))
    lines = [line.partition("  ")[::2] for line in out.getvalue().splitlines()]
    assert [title for title, _ in lines] == ["step 3/7", "step 6/7", "step 7/7"]
    assert [figures.split("  ")[0] for _, figures in lines] == ["loss 1", "loss 4", "loss 6"]
