import os
import subprocess
import sys
from pathlib import Path

import matplotlib.colors
import matplotlib.image
import numpy as np
import pytest
from matplotlib.figure import Figure

from minitorch.training.figures import draw_losses, draw_predictions, save_figure

ROOT = Path(__file__).parents[2]


def test_a_figure_is_a_png_of_its_size(tmp_path):
    def draw(figure):
        left, right = figure.subfigures(1, 2)
        draw_losses(left.subplots(), [2.0, 1.0, 0.5], per_epoch=2)
        draw_predictions(right, np.zeros((6, 1, 28, 28)), range(6), range(6), columns=3)

    path = tmp_path / "a.png"
    assert save_figure(path, draw, size=(5, 2))
    assert matplotlib.image.imread(path).shape[:2] == (240, 600)


def test_without_matplotlib_it_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert not save_figure(tmp_path / "a.png", lambda figure: pytest.fail("nothing to draw on"))
    assert not list(tmp_path.iterdir())
    out, err = capsys.readouterr()
    assert out == ""
    assert 'pip install "minitorch-parity[plot]"' in err
    assert err.count("\n") == 1


def test_a_figure_that_cannot_be_drawn_leaves_the_old_one(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError):
        save_figure(path, lambda figure: 1 / 0)
    assert path.read_bytes() == b"old"


def test_losses_and_their_means():
    axes = Figure().subplots()
    draw_losses(axes, [4.0, 2.0, 1.0, 1.0, 0.5], per_epoch=2)
    steps, means = axes.lines
    np.testing.assert_allclose(steps.get_xydata(), [[0.5, 4], [1, 2], [1.5, 1], [2, 1], [2.5, 0.5]])
    np.testing.assert_allclose(means.get_xydata(), [[0.5, 3], [1.5, 1], [2.25, 0.5]])
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_yscale()) == ("epoch", "loss", "log")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["each step", "mean of the epoch"]


@pytest.mark.parametrize("losses", [[], [0.0, 0.0], [float("nan")] * 3])
def test_losses_without_a_logarithm(tmp_path, losses):
    assert save_figure(tmp_path / "a.png", lambda figure: draw_losses(figure.subplots(), losses, per_epoch=2))


def test_predictions_show_what_was_wrong():
    figure = Figure()
    draw_predictions(figure, np.zeros((4, 8, 8)), [1, 2, 3, 4], [1, 2, 8, 4], columns=3)
    titles = [axes.title for axes in figure.axes]
    assert [title.get_text() for title in titles] == ["1", "2", "8 (is 3)", "4", "", ""]
    colors = [matplotlib.colors.to_hex(title.get_color()) for title in titles[:4]]
    assert colors[0] == colors[1] == colors[3] != colors[2]


def test_the_users_backend_does_not_matter(tmp_path):
    code = """
import os, sys
from minitorch.training.figures import save_figure
assert save_figure(sys.argv[1], lambda figure: figure.subplots().plot([1, 2]))
assert os.environ["MPLBACKEND"] == "nonsense"
"""
    command = [sys.executable, "-c", code, str(tmp_path / "a.png")]
    subprocess.run(command, check=True, env={**os.environ, "MPLBACKEND": "nonsense"}, cwd=ROOT)


def test_a_broken_matplotlib_is_told(tmp_path, monkeypatch, capsys):
    (tmp_path / "matplotlib").mkdir()
    (tmp_path / "matplotlib" / "__init__.py").write_text("raise AttributeError('of another numpy')")
    for module in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.syspath_prepend(tmp_path)
    assert not save_figure(tmp_path / "a.png", lambda figure: pytest.fail("nothing to draw on"))
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "matplotlib cannot be imported: AttributeError: of another numpy" in err
