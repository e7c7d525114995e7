"""``import torch`` imports minitorch: in this process, in a script, in the processes that a script starts."""

import doctest
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

SCRIPT = """
import multiprocessing, os, sys
import helper
import torch
import torch.nn as nn

class Net(nn.Linear):
    pass

def total(n):
    return torch.ones(n).sum().item(), torch.__name__, Net(1, n).weight.numel()

if __name__ == "__main__":
    print(sys.argv[1:], __name__, os.path.basename(__file__), torch.__name__, helper.nn is nn)
    for method in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(1) as pool:
            print(method, pool.map(total, [2]))
    sys.exit(3)
"""


def python(*arguments, cwd=ROOT):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=cwd, env=environment, timeout=120
    )


def test_a_script_and_its_processes(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "helper.py").write_text("from torch import nn\n")
    done = python("-m", "minitorch.as_torch", str(tmp_path / "script.py"), "-x", "1")
    assert done.stdout.splitlines() == [
        "['-x', '1'] __main__ script.py minitorch True",
        *(f"{method} [(2.0, 'minitorch', 2)]" for method in ("fork", "spawn", "forkserver")),
    ], done.stderr
    assert done.returncode == 3


@pytest.mark.parametrize(
    ("line", "family"),
    [("from torch.nn import Liner", "nn"), ("import torch; torch.ones(2).no_such()", "Tensor"), ("[].no_such", "")],
)
def test_a_missing_name_is_followed_by_where_names_are_listed(tmp_path, line, family):
    (tmp_path / "script.py").write_text(line)
    last = python("-m", "minitorch.as_torch", "script.py", cwd=tmp_path).stderr.splitlines()[-1]
    assert (f"parity surface {family} lists" in last) == bool(family)


def test_errors_of_a_script_show_its_own_lines(tmp_path):
    (tmp_path / "script.py").write_text("import torch\n\ntorch.ones(2) @ torch.ones(3)\n")
    done = python("-m", "minitorch.as_torch", "script.py", cwd=tmp_path)
    assert 'script.py", line 3' in done.stderr
    assert done.stderr.splitlines()[-1].startswith("RuntimeError")
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "code", "says"), [([], 2, "usage"), (["-h"], 0, "usage"), (["no.py"], 2, "'no.py'")]
)
def test_wrong_commands(arguments, code, says):
    done = python("-m", "minitorch.as_torch", *arguments)
    assert done.returncode == code
    assert says in done.stdout + done.stderr


def test_in_a_process_and_back():
    code = """
import sys
import minitorch
with minitorch.as_torch():
    import torch, torch.nn as nn, torch.nn.functional as F, torch.utils.data as Data
    from torch.optim import lr_scheduler
    from torch.autograd import Variable
    assert torch is minitorch is sys.modules["torch"] and torch.nn is minitorch.nn
    assert F is minitorch.nn.functional and Data is minitorch.utils.data
    assert minitorch.nn.__spec__.name == "minitorch.nn" and minitorch.__spec__.name == "minitorch"
    with minitorch.as_torch():
        pass
    import torch.autograd.functional
    for wrong in ("torch.fx", "torch.nn.qat", "torch.version.cuda"):
        try:
            __import__(wrong)
        except ModuleNotFoundError as error:
            assert error.name == wrong and "minitorch" in str(error) or "package" in str(error), error
        else:
            raise AssertionError(wrong)
    try:
        from torch import nothing
    except ImportError as error:
        assert "minitorch" in str(error)
assert not any(name.split(".")[0] == "torch" for name in sys.modules)
import torch
assert torch.__name__ == "torch"
try:
    minitorch.as_torch()
except RuntimeError as error:
    assert "already" in str(error)
else:
    raise AssertionError
"""
    done = python("-c", code)
    assert done.returncode == 0, done.stderr


def test_importing_a_submodule_replaces_nothing():
    """A submodule may have the name of a function: `torch.autograd.gradcheck` stays the function after its import."""
    code = """
import importlib, pkgutil, sys
import minitorch
names = [m.name for m in pkgutil.walk_packages(minitorch.__path__, "minitorch.") if not m.name.endswith("__main__")]
found = {}
for name in names:
    parent, _, child = name.rpartition(".")
    importlib.import_module(name)
    found[name] = getattr(sys.modules[parent], child)
shared = [name for name in names if found[name] is not sys.modules[name]]
assert "minitorch.autograd.gradcheck" in shared, shared
with minitorch.as_torch():
    from torch.autograd.gradcheck import GradcheckError, gradcheck
    import torch
    assert torch.autograd.gradcheck is gradcheck
    for name in names:
        module = importlib.import_module("torch" + name.removeprefix("minitorch"))
        assert module is sys.modules[name] and module.__spec__.name == name
    for name in names:
        parent, _, child = name.rpartition(".")
        assert getattr(sys.modules[parent], child) is found[name], name
assert not any(name.split(".")[0] == "torch" for name in sys.modules)
print(len(names), len(shared))
"""
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    code = """
import minitorch
minitorch.as_torch()
from torch.autograd.gradcheck import GradcheckError
import torch
assert type(torch.autograd.gradcheck).__name__ == "function"
"""
    done = python("-c", code)
    assert done.returncode == 0, done.stderr


def test_the_page_about_it():
    code = "import doctest, sys; sys.exit(doctest.testfile(sys.argv[1], module_relative=False).failed)"
    done = python("-c", code, str(ROOT / "docs" / "scripts.md"))
    assert done.returncode == 0, done.stdout
    assert doctest.DocTestParser().get_examples((ROOT / "docs" / "scripts.md").read_text())
