"""Type checkers on a user's script: real types for existing names, errors for missing names."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from parity.commands import surface

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCRIPTS = ("accepted.py", "refused.py", "names.py")
KINDS = {  # how mypy and pyright call what `refused.py` marks
    "attribute": {"attr-defined", "reportAttributeAccessIssue", "reportUnknownMemberType"},
    "argument": {"arg-type", "call-arg", "call-overload", "reportArgumentType", "reportCallIssue"},
    "assignment": {"assignment", "reportAssignmentType"},
    "optional": {"union-attr", "reportOptionalMemberAccess"},
    "call": {"operator", "reportCallIssue"},
    "operator": {"operator", "reportOperatorIssue"},
}
Errors = dict[str, dict[int, set[str]]]  # by script and line, the codes of the errors


def mypy(folder: Path) -> Errors:
    """The messages of ``mypy --strict`` on the scripts."""
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--config-file=", *SCRIPTS]
    paths = os.environ | {"MYPYPATH": str(ROOT)}
    output = subprocess.run(command, cwd=folder, env=paths, capture_output=True, text=True)
    assert not output.stderr, output.stderr
    found: Errors = {name: {} for name in SCRIPTS}
    for line in output.stdout.splitlines():
        told = re.match(r"(\S+):(\d+): error: .*\[([\w-]+)\]$", line)
        if told:
            found.setdefault(told[1], {}).setdefault(int(told[2]), set()).add(told[3])
    return found


def pyright(folder: Path) -> Errors:
    """The messages of pyright on the scripts, in its strict mode."""
    settings = {"extraPaths": [str(ROOT)], "typeCheckingMode": "strict", "reportUnusedExpression": False}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson"]
    quiet = os.environ | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    output = json.loads(subprocess.run(command, cwd=folder, env=quiet, capture_output=True, text=True).stdout)
    assert output["summary"]["filesAnalyzed"] == len(SCRIPTS)
    found: Errors = {name: {} for name in SCRIPTS}
    for one in output["generalDiagnostics"]:
        line = one["range"]["start"]["line"] + 1
        found.setdefault(Path(one["file"]).name, {}).setdefault(line, set()).add(one.get("rule", one["message"]))
    return found


@pytest.fixture(scope="module", params=[mypy, pyright], ids=lambda checker: checker.__name__)
def errors(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Errors:
    """The messages of a checker on the scripts in a separate folder, outside of the project and its settings."""
    folder = tmp_path_factory.mktemp("scripts")
    for name in ("accepted.py", "refused.py"):
        shutil.copy(HERE / name, folder)
    (folder / "names.py").write_text(
        "\n".join(["import minitorch as torch", *(f"torch.{name}" for name in provided())])
    )
    return request.param(folder)


def provided() -> list[str]:
    """The names in the project's list of torch's names that minitorch has."""
    entries = [surface.entry(name) for name in surface.names() if "._" not in name]
    return [entry.name for entry in entries if entry.provided]


def test_what_there_is_has_real_types(errors: Errors) -> None:
    assert set(errors) == set(SCRIPTS), "errors in the package itself"
    lines = (HERE / "accepted.py").read_text(encoding="utf-8").splitlines()
    assert not {f"{n}: {lines[n - 1].strip()}": codes for n, codes in errors["accepted.py"].items()}


def test_what_there_is_not_is_an_error(errors: Errors) -> None:
    lines = (HERE / "refused.py").read_text(encoding="utf-8").splitlines()
    marked = {n: found[1] for n, line in enumerate(lines, 1) if (found := re.search(r"# error: (\w+)$", line))}
    assert len(marked) > 40
    told = errors["refused.py"]
    assert told.keys() == marked.keys(), [lines[n - 1] for n in sorted(told.keys() ^ marked.keys())]
    for number, kind in marked.items():
        assert told[number] <= KINDS[kind], lines[number - 1]


def test_every_name_that_is_provided_is_known(errors: Errors) -> None:
    assert len(provided()) > 400
    assert not errors["names.py"]


def test_the_sample_is_large() -> None:
    text = (HERE / "accepted.py").read_text(encoding="utf-8")
    assert text.count("assert_type(") > 200
    assert len(set(re.findall(r"\.(\w+)\(", text))) > 150
