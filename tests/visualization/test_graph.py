"""`minitorch.graph`: what it says of operations, modules, saved values and leaves, as text and as a drawing."""

from __future__ import annotations

import re
import shutil
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

import minitorch
from minitorch import nn

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz's program dot is not installed")


def net() -> nn.Sequential:
    minitorch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Sequential(nn.Linear(4, 2)))


def loss(model: nn.Module) -> Any:
    with minitorch.autograd.keep_origins():
        return (model(minitorch.ones(5, 3)) ** 2).mean()


def test_steps() -> None:
    model = net()
    found = minitorch.graph(loss(model))
    leaves = [step for step in found.steps if step.leaf is not None]
    operations = [step for step in found.steps if step.leaf is None]
    assert {step.name for step in leaves} == {name for name, _ in model.named_parameters()}
    assert [step.name for step in operations] == [
        *("LinearBackward0", "TanhBackward0", "LinearBackward0", "SquareBackward0", "MeanBackward0")
    ]
    first, tanh, second, square, mean = operations
    assert [step.shapes for step in operations] == [[(5, 4)], [(5, 4)], [(5, 2)], [(5, 2)], [()]]
    assert first.modules == ("Sequential", "0")
    assert tanh.modules == ("Sequential", "1")
    assert second.modules == ("Sequential", "2", "2.0")
    assert square.modules == mean.modules == ()
    assert found.kinds["2.0"] == "Linear"
    assert [(s.name, s.nbytes) for s in first.saved] == [("x", 5 * 3 * 4)]
    assert [(s.name, s.nbytes) for s in tanh.saved] == [("out", 5 * 4 * 4)]
    assert [(s.name, s.nbytes) for s in second.saved] == [("x", 0), ("weight", 0)]  # counted before, and a parameter
    assert found.nbytes == 60 + 80 + 40
    assert square.origin is not None
    assert square.origin.file == __file__
    assert {found.steps[number - 1].name for number, _ in second.inputs} == {"TanhBackward0", "2.0.weight", "2.0.bias"}
    assert found.results == [(mean.number, 0)]


def test_text() -> None:
    model = net()
    lines = repr(minitorch.graph(loss(model))).splitlines()
    assert lines[0] == "5 operations, which keep 180 bytes besides the leaves"
    assert "  0.weight (4, 3): no gradient" in lines
    assert "Sequential" in lines
    assert "  1: Tanh" in lines
    assert "  2: Sequential" in lines
    assert "    2.0: Linear" in lines
    assert any(re.fullmatch(r"      #6 TanhBackward0 \(5, 4\) from #5   test_graph.py:\d+", line) for line in lines)
    assert "          saves out (5, 4) float32, 80 bytes" in lines
    assert lines[-1] == "result: #9 MeanBackward0"


def test_after_the_backward_pass() -> None:
    model = net()
    value = loss(model)
    value.backward()
    text = repr(minitorch.graph(value))
    assert "which keep 0 bytes" in text
    assert "TanhBackward0 (5, 4) from #5, freed" in text
    norm = float(model[0].weight.grad.norm())
    assert f"0.weight (4, 3): gradient (4, 3), norm {norm:.3g}" in text


def test_names_from_a_net_without_origins() -> None:
    model = net()
    value = model(minitorch.ones(5, 3)).sum()
    assert "leaf (4, 3)" in repr(minitorch.graph(value))
    assert "0.weight (4, 3)" in repr(minitorch.graph(value, net=model))
    assert all(step.modules == () for step in minitorch.graph(value, net=model).steps)


def test_two_nets_and_several_results() -> None:
    one, two = net(), net()
    with minitorch.autograd.keep_origins():
        a, b = one(minitorch.ones(5, 3)), two(minitorch.ones(5, 3))
    found = minitorch.graph(a, b)
    assert {"Sequential-1.0.weight", "Sequential-2.0.weight"} <= {step.name for step in found.steps}
    assert len(found.results) == 2


def test_a_function_of_the_user() -> None:
    class Double(minitorch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * 2

    found = minitorch.graph(Double.apply(minitorch.ones(2, requires_grad=True) * 3))
    step = found.steps[-1]
    assert step.name == "DoubleBackward"
    assert [(s.name, s.nbytes) for s in step.saved] == [("argument_0", 8)]


def test_what_has_no_graph() -> None:
    with pytest.raises(ValueError, match="no recorded operation made this tensor"):
        minitorch.graph(minitorch.ones(2, requires_grad=True))
    with pytest.raises(ValueError, match="no recorded operation made this tensor"):
        minitorch.graph(minitorch.ones(2))
    with pytest.raises(ValueError, match="at least one tensor"):
        minitorch.graph()
    with pytest.raises(TypeError, match=r"got Sequential; for a net: graph\(net\(x\), net=net\)"):
        minitorch.graph(net())


@needs_dot
def test_svg(tmp_path: Path) -> None:
    found = minitorch.graph(loss(net()))
    found.save(tmp_path / "graph.svg")
    root = ElementTree.parse(tmp_path / "graph.svg").getroot()
    texts = {element.text for element in root.iter() if element.text and element.text.strip()}
    assert {"TanhBackward0", "0.weight", "1: Tanh", "2.0: Linear", "(5, 4)", "saves out (5, 4) float32, 80 B"} <= texts
    assert found._repr_svg_() is not None
    found.save(tmp_path / "graph.png")
    assert (tmp_path / "graph.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="unknown format"):
        found.save(tmp_path / "graph.nothing")


def test_source(tmp_path: Path) -> None:
    found = minitorch.graph(loss(net()))
    assert found.source.startswith("digraph {")
    assert 'subgraph "cluster 1 1"' in found.source
    found.save(tmp_path / "graph.dot")
    assert (tmp_path / "graph.dot").read_text(encoding="utf-8") == found.source


def test_without_graphviz(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = minitorch.graph(loss(net()))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="program dot, which is not on the PATH: apt install graphviz"):
        found.save(tmp_path / "graph.svg")
    assert found._repr_svg_() is None
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(ImportError, match=re.escape('pip install "minitorch-parity[graph]"')):
        found.save(tmp_path / "graph.svg")
    assert found._repr_svg_() is None
    assert not (tmp_path / "graph.svg").exists()
