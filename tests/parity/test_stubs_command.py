"""The stubs are up to date, and contain exactly the public names."""

from __future__ import annotations

import ast

import pytest

import minitorch
from parity.commands import stubs


@pytest.mark.parametrize("name", sorted(stubs.FILES))
def test_a_stub_is_fresh(name):
    written = (stubs.PACKAGE / name).read_text(encoding="utf-8")
    assert written == stubs.FILES[name](), "renew it: parity stubs --write"


def defined(text):
    """The names that a stub's text or class defines or exports."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign):
            yield node.target.id
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.asname for alias in node.names if alias.asname == alias.name or node.module == "math")


def test_all_public_names_are_there():
    there = {name for name in defined(stubs.package()) if not name.startswith("_") or name == "__version__"}
    assert there >= set(stubs.public_names())
    for name in there:
        assert hasattr(minitorch, name), name


def test_every_method_is_there():
    (tree,) = (n for n in ast.parse(stubs.methods()).body if isinstance(n, ast.ClassDef))
    there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    written = stubs.written_in("Tensor")
    assert {name for name, value in vars(minitorch.Tensor).items() if callable(value)} <= there | written
    assert there <= set(dir(minitorch.Tensor))
    assert len(there) > 300


def test_methods_take_self_and_no_out():
    (tree,) = (n for n in ast.parse(stubs.methods()).body if isinstance(n, ast.ClassDef))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            assert names[0] == "self", node.name
            assert "out" not in names, node.name


def test_no_other_module_has_a_stub_that_would_be_checked_in_its_place():
    found = {str(path.relative_to(stubs.PACKAGE)) for path in stubs.PACKAGE.rglob("*.pyi")}
    assert found == set(stubs.FILES)
    assert [name for name in found if (stubs.PACKAGE / name).with_suffix(".py").exists()] == ["__init__.pyi"]
    assert (stubs.PACKAGE / "py.typed").exists()


def test_the_command_says_what_is_stale(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(stubs, "PACKAGE", tmp_path)
    assert stubs.main([]) == 1
    assert "not fresh" in capsys.readouterr().out
    assert stubs.main(["--write"]) == 0
    assert stubs.main([]) == 0
    assert {path.name for path in tmp_path.iterdir()} == set(stubs.FILES)
