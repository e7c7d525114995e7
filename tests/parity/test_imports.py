"""The imports between the parts of `parity`, and that `import parity` imports little."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import parity

ROOT = Path(parity.__file__).parent
MAY_IMPORT = {
    "compare": {"compare"},
    "cases": {"compare", "cases"},
    "report": {"compare", "cases", "report"},
}


def imported(path: Path) -> Iterator[str]:
    """The parts of parity that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("parity."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.ImportFrom) and node.module == "parity":
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_comparing_and_reporting_know_no_case(part: str) -> None:
    for path in sorted((ROOT / part).rglob("*.py")):
        wrong = set(imported(path)) - MAY_IMPORT[part]
        assert not wrong, f"{path.relative_to(ROOT)} imports parity.{wrong.pop()}"


def test_the_package_alone_loads_nothing() -> None:
    code = "import sys, parity; print(*sorted({'numpy', 'hypothesis', 'torch', 'minitorch'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT.parent, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


def test_names_for_cases_of_ones_own() -> None:
    from parity import Draw, case
    from parity.compare import case as cases, draw

    assert (Draw, case) == (draw.Draw, cases.case)
    with pytest.raises(AttributeError, match="no attribute 'Case'"):
        _ = parity.Case
