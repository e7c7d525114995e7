"""A lesson called from Python: what the command does, with figures that a notebook shows."""

import base64
import json
import re

import pytest

import minitorch
from minitorch.errors import UsageError
from minitorch.training.lesson import train


def test_a_lesson_shows_its_figure(tmp_path, capsys):
    lesson = train("regression", steps=3, out=tmp_path / "run", record=None, json=None)
    assert "step 3/3" in capsys.readouterr().out
    assert lesson.code == 0
    assert lesson.figures == [tmp_path / "run" / "regression.png"]
    assert minitorch.load(lesson.checkpoint)
    (image,) = re.findall(r'src="data:image/png;base64,([^"]+)"', lesson._repr_html_())
    assert base64.b64decode(image) == lesson.figures[0].read_bytes()
    assert repr(lesson) == f"<lesson regression in {tmp_path / 'run'}, 1 figures>"


def test_options_are_the_commands(tmp_path, capsys):
    train("rnn", steps=2, seed=5, record=True, json=tmp_path / "run.json", out=tmp_path)
    options = json.loads((tmp_path / "run.json").read_text())["options"]
    assert (options["steps"], options["seed"], options["record"]) == (2, 5, True)
    train("rnn", steps=2, seed=5, record=False, json=tmp_path / "run.json", out=tmp_path)
    assert json.loads((tmp_path / "run.json").read_text())["options"]["record"] is False


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ("regresion", {}, "there is no lesson 'regresion'; did you mean 'regression'?"),
        ("regression", {"learning_rate": 1}, r"unrecognized arguments: --learning-rate"),
        ("regression", {"lr": -1}, r"argument --lr: expected a number above 0, but got '-1'"),
        ("regression", {"steps": 1.5}, r"argument --steps: expected a whole number"),
    ],
)
def test_what_the_command_does_not_take_is_an_error(model, options, message):
    with pytest.raises(UsageError, match=message):
        train(model, **options)
