"""The engine's files: each imports only files that come before it, and the line counts in the tour are right."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

AUTOGRAD = Path(__file__).parents[2] / "minitorch" / "autograd"
TOUR = Path(__file__).parents[2] / "docs" / "engine.md"
ORDER = [
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
    "requested",
    "node_hooks",
    "saved_values",
    "creation",
    "origins",
    "placement",
    "grad_fn",
    "anomaly",
    "accumulate",
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
    """The files of `minitorch.autograd` that the file `name` imports."""
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


def with_true_counts(tour: str) -> str:
    """The text of `docs/engine.md` with the current line counts of the files."""
    counts = {name: len((AUTOGRAD / f"{name}.py").read_text(encoding="utf-8").splitlines()) for name in ORDER}
    tour = re.sub(
        r"^(\| \[(\w+)\.py\]\([^)]*\) \|) \d+ \|", lambda row: f"{row[1]} {counts[row[2]]} |", tour, flags=re.MULTILINE
    )
    together = round(sum(counts[name] for name in ("graph", "op", "basic", "engine")), -1)
    return re.sub(r"about \d+ lines(\s+)together", rf"about {together} lines\1together", tour)


def test_the_tour_names_every_file_and_counts_its_lines() -> None:
    tour = TOUR.read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| \[(\w+)\.py\]", tour, flags=re.MULTILINE)) == sorted(ORDER)
    assert tour == with_true_counts(tour), "to write the new numbers: python -m tests.autograd.test_files"


if __name__ == "__main__":
    TOUR.write_text(with_true_counts(TOUR.read_text(encoding="utf-8")), encoding="utf-8")
