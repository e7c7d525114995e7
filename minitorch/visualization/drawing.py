"""A graph as a drawing, laid out by graphviz."""

from __future__ import annotations

import os
from html import escape
from typing import Any

from minitorch.visualization.graph import Graph, Step, leaf_text, module_text
from minitorch.visualization.memory import amount

INSTALL = 'pip install "minitorch-parity[graph]"'


def _package() -> Any:
    try:
        import graphviz
    except ImportError:
        raise ImportError(f"drawing a graph needs the package graphviz: {INSTALL}", name="graphviz") from None
    return graphviz


def drawn(graph: Graph, form: str) -> bytes:
    """The drawing in a form that graphviz knows: ``svg``, ``png``, ``pdf``.

    Raises:
        ImportError: without the package graphviz.
        RuntimeError: without its program ``dot``.
        ValueError: for an unknown form.
    """
    package = _package()
    try:
        content: bytes = digraph(graph).pipe(format=form)
    except package.ExecutableNotFound:
        raise RuntimeError(
            "drawing a graph needs graphviz's program dot, which is not on the PATH: apt install graphviz, "
            "brew install graphviz, or see https://graphviz.org/download; print(graph) shows it as text"
        ) from None
    return content


def digraph(graph: Graph) -> Any:
    """The graph as a `graphviz.Digraph`: data flow down, a box for each module around its operations."""
    drawing = _package().Digraph(
        graph_attr={"rankdir": "TB", "fontname": "sans-serif", "fontsize": "11", "bgcolor": "white"},
        node_attr={"shape": "plain", "fontname": "sans-serif", "fontsize": "11"},
        edge_attr={"fontname": "sans-serif", "fontsize": "9", "color": "#666666", "fontcolor": "#444444"},
    )
    _boxes(drawing, graph, graph.steps, 0)
    by_number = {step.number: step for step in graph.steps}
    for step in graph.steps:
        for number, index in step.inputs:
            drawing.edge(str(number), str(step.number), label=_shape(by_number[number], index))
    for i, (number, index) in enumerate(graph.results):
        drawing.node(f"result{i}", f"result {i}" if len(graph.results) > 1 else "result", shape="none")
        drawing.edge(str(number), f"result{i}", label=_shape(by_number[number], index))
    return drawing


def _boxes(drawing: Any, graph: Graph, steps: list[Step], depth: int) -> None:
    """Draw steps, those of each module that is `depth` modules deep in a box of its own."""
    inside: dict[str, list[Step]] = {}
    for step in steps:
        if len(step.modules) > depth:
            inside.setdefault(step.modules[depth], []).append(step)
        elif step.leaf is not None:
            drawing.node(str(step.number), _leaf(step))
        else:
            drawing.node(str(step.number), _operation(step), tooltip=_place(step))
    for path, within in inside.items():
        with drawing.subgraph(name=f"cluster {depth} {path}") as box:
            box.attr(label=module_text(graph, path), style="rounded", color="#8888aa", labeljust="l")
            _boxes(box, graph, within, depth + 1)


def _operation(step: Step) -> str:
    rows = [f"<b>{escape(step.name)}</b>"]
    for saved in step.saved:
        size = f", {amount(saved.nbytes)} B" if saved.nbytes else ""
        rows.append(f"saves {escape(saved.name)} {escape(saved.text)}{size}")
    if step.freed:
        rows.append("<i>freed</i>")
    if step.origin is not None and step.origin.line:
        rows.append(f'<font color="#777777">{escape(os.path.basename(step.origin.file))}:{step.origin.line}</font>')
    return _table(rows, "#f4f4fb")


def _leaf(step: Step) -> str:
    color = "#e2f0e2" if step.leaf._grad is not None else "#fbeedd"
    rows = [f"<b>{escape(step.name)}</b>", escape(str(step.shapes[0])), escape(leaf_text(step.leaf))]
    return _table(rows, color)


def _table(rows: list[str], color: str) -> str:
    """A box of lines, in graphviz's HTML."""
    cells = "".join(f'<tr><td align="left">{row}</td></tr>' for row in rows)
    return f'<<table border="1" cellborder="0" cellspacing="0" cellpadding="2" bgcolor="{color}">{cells}</table>>'


def _shape(step: Step, index: int) -> str:
    return str(step.shapes[index] if index < len(step.shapes) else ())


def _place(step: Step) -> str:
    return "" if step.origin is None else f"{step.origin.file}:{step.origin.line} {step.origin.text}"
