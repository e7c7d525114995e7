"""The engine's files: each imports only files that come before it, and the tour's figures are true."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

AUTOGRAD = Path(__file__).parents[2] / "minitorch" / "autograd"
ORDER = [
    "grad_fn",
    "graph",
    "grad_mode",
    "hooks",
    "messages",
    "views",
    "mixed_devices",
    "plan",
    "op",
    "basic",
    "inplace",
    "anomaly",
    "accumulate",
    "requested",
    "engine",
    "reentrant",
    "backward_and_grad",
    "function",
    "functional",
    "gradcheck",
    "old_variable",
]


def parsed(name: str) -> ast.Module:
    return ast.parse((AUTOGRAD / f"{name}.py").read_text(encoding="utf-8"))


def imports(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node


def imported_files(name: str) -> set[str]:
    """The files of `minitorch.autograd` that one of them imports."""
    found = set()
    for node in imports(parsed(name)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif node.module == "minitorch.autograd":
            modules = [f"minitorch.autograd.{alias.name}" for alias in node.names]
        else:
            modules = [node.module or ""]
            assert not node.level, f"{name}.py has a relative import"
        found |= {m.split(".")[2] for m in modules if m.startswith("minitorch.autograd.")}
    return found


def test_the_order_names_every_file() -> None:
    assert sorted(ORDER) == sorted(path.stem for path in AUTOGRAD.glob("*.py") if path.stem != "__init__")


def test_files_import_only_files_before_them() -> None:
    for i, name in enumerate(ORDER):
        later = imported_files(name) - set(ORDER[:i])
        assert not later, f"{name}.py imports {', '.join(sorted(later))}"


def test_all_imports_are_at_top_level() -> None:
    for name in ORDER:
        tree = parsed(name)
        nested = [node.lineno for node in imports(tree) if node not in tree.body]
        assert not nested, f"{name}.py has imports in functions or blocks, at lines {nested}"


def test_the_tour_counts_lines_truly() -> None:
    tour = (AUTOGRAD.parents[1] / "docs" / "engine.md").read_text(encoding="utf-8")
    told = {
        name: int(lines) for name, lines in re.findall(r"^\| \[(\w+)\.py\]\([^)]*\) \| (\d+) \|", tour, re.MULTILINE)
    }
    counted = {name: len((AUTOGRAD / f"{name}.py").read_text(encoding="utf-8").splitlines()) for name in ORDER}
    assert told == counted, "docs/engine.md: the tables of files"
    path = sum(counted[name] for name in ("graph", "op", "basic", "engine"))
    assert int(re.search(r"(\d+) lines\s+together", tour)[1]) == path // 10 * 10
