"""The direction of the imports, and what `import minitorch` may not load."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {  # what each package may import of the other three worlds
    "kernels": {"cupy"},
    "minitorch": {"kernels"},
    "parity": {"kernels", "minitorch", "torch"},
}
WORLDS = {"kernels", "minitorch", "parity", "torch", "cupy"}


def imported(path):
    """The top-level packages that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_imports_go_one_way(package):
    for path in sorted((ROOT / package).rglob("*.py")):
        wrong = set(imported(path)) & WORLDS - ALLOWED[package] - {package}
        assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(sorted(wrong))}"


def test_only_the_forms_for_cupy_and_its_emulation_import_cupy():
    for path in sorted((ROOT / "kernels").rglob("*.py")):
        if not {"cuda", "cusim"} & set(path.parts):
            assert "cupy" not in set(imported(path)), path


def loaded_by(statement):
    code = f"import sys\n{statement}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    return set(
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.split()
    )


def test_importing_minitorch_loads_no_optional_package():
    loaded = loaded_by("import minitorch")
    for name in (
        "torch",
        "cupy",
        "matplotlib",
        "hypothesis",
        "gymnasium",
        "tqdm",
        "threadpoolctl",
        "multiprocessing",
        "parity",
    ):
        assert name not in loaded


def test_training_on_the_cpu_loads_no_optional_package():
    loaded = loaded_by(
        "import minitorch as t\n"
        "net = t.nn.Sequential(t.nn.Linear(3, 2), t.nn.ReLU())\n"
        "optimizer = t.optim.Adam(net.parameters())\n"
        "net(t.randn(5, 3)).sum().backward()\n"
        "optimizer.step()"
    )
    for name in ("torch", "cupy", "matplotlib", "hypothesis", "gymnasium", "parity"):
        assert name not in loaded
