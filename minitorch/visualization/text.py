"""A graph as text: a tree of modules with their operations, in the order in which they were recorded."""

from __future__ import annotations

import os
from collections.abc import Iterator

from minitorch.visualization.graph import Graph, Step, in_modules, leaf_text, module_text
from minitorch.visualization.memory import amount


def text(graph: Graph) -> str:
    """The graph as lines of text: leaves, then operations below the modules that they are in."""
    operations = [step for step in graph.steps if step.leaf is None]
    lines = [f"{len(operations)} operations, which keep {amount(graph.nbytes)} bytes besides the leaves"]
    names = {step.number: _name(step) for step in graph.steps}
    for step in graph.steps:
        if step.leaf is not None:
            lines.append(f"  {_name(step)} {step.shapes[0]}: {leaf_text(step.leaf)}")
    open_: tuple[str, ...] = ()
    for modules, run in in_modules(operations):
        for depth, path in enumerate(modules):
            if open_[: depth + 1] != modules[: depth + 1]:
                lines.append(f"{'  ' * depth}{module_text(graph, path)}")
        open_ = modules
        lines += [f"{'  ' * len(modules)}  {line}" for step in run for line in _lines(step, names)]
    results = ", ".join(names[number] for number, _ in graph.results)
    return "\n".join([*lines, f"result: {results}"])


def _name(step: Step) -> str:
    return f"#{step.number} {step.name}" if step.leaf is None or step.name == "leaf" else step.name


def _lines(step: Step, names: dict[int, str]) -> Iterator[str]:
    taken = ", ".join(names[number].partition(" ")[0] for number, _ in step.inputs) or "nothing that needs a gradient"
    shapes = ", ".join(map(str, step.shapes))
    line = f"{_name(step)} {shapes} from {taken}"
    if step.freed:
        line += ", freed"
    if step.origin is not None and step.origin.line:
        line += f"   {os.path.basename(step.origin.file)}:{step.origin.line}"
    yield line
    for saved in step.saved:
        yield f"    saves {saved.name} {saved.text}" + (f", {amount(saved.nbytes)} bytes" if saved.nbytes else "")
