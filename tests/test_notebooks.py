"""The notebooks in docs/notebooks: their cells run in order, show what is in them, and are small."""

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.host("they run in processes of their own")

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
KINDS = {"stream": {"name", "text"}, "execute_result": {"data", "execution_count", "metadata"}}


def start(*arguments):
    command = [sys.executable, str(ROOT / "docs" / "make_notebooks.py"), *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def checks():
    """The checks of all notebooks, which run at the same time."""
    running = {path.stem: start("--check", path.stem) for path in NOTEBOOKS}
    return {name: (process.communicate()[1], process.returncode) for name, process in running.items()}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_is_in_it(path, checks):
    errors, code = checks[path.stem]
    assert code == 0, f"{errors}\npython docs/make_notebooks.py {path.stem} writes the outputs anew"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_in_jupyters_format_and_small(path):
    text = path.read_text(encoding="utf-8")
    assert len(text) < 200_000
    assert not re.search(r'["\s(](/home|/root|/tmp|/work|/usr|[A-Z]:\\)', text)
    notebook = json.loads(text)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["cells"][0]["cell_type"] == "markdown"
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        for output in cell["outputs"]:
            assert output.keys() - {"output_type"} == KINDS[output["output_type"]]


def test_the_notebooks_show_tensors_nets_recordings_and_figures():
    forms = {
        form
        for path in NOTEBOOKS
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        for output in cell.get("outputs", [])
        for form in output.get("data", {})
    }
    assert forms == {"text/plain", "text/html", "image/svg+xml"}


def test_a_changed_output_and_a_failing_cell_are_found(tmp_path, capsys):
    make = runpy.run_path(str(ROOT / "docs" / "make_notebooks.py"))["make"]
    path = tmp_path / "one.ipynb"

    def made(source, shown=None):
        """Whether making (without `shown`) or checking succeeds, and the cell afterwards."""
        cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": [source], "outputs": []}
        if shown is not None:
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [shown]}]
        path.write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
        return make(path, shown is not None), json.loads(path.read_text(encoding="utf-8"))["cells"][0]

    done, cell = made("print('a', 0.123)\n1 + 1")
    assert done
    assert cell["outputs"][0]["text"] == ["a 0.123\n"]
    assert cell["outputs"][1]["data"] == {"text/plain": ["2"]}
    assert made("print('a', 0.123)", "a 0.1234\n")[0]
    assert not made("print('a', 0.123)", "a 0.23\n")[0]
    assert not made("print('a', 1)", "a 2\n")[0]
    assert not made("print('b')", "a\n")[0]
    capsys.readouterr()
    assert not made("1 / 0", "")[0]
    errors = capsys.readouterr().err
    assert "ZeroDivisionError" in errors
    assert "one.ipynb: cell 1 fails" in errors
