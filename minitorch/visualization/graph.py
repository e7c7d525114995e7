"""`minitorch.graph`: the operations behind a tensor, with shapes, modules, saved values, parameters and gradients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernels import is_array
from minitorch.autograd.grad_fn import AccumulateGrad, GradFn, seen
from minitorch.autograd.graph import Variable
from minitorch.autograd.origins import Origin
from minitorch.autograd.views import edge_to
from minitorch.nn.modules.module import Module
from minitorch.visualization.memory import Pieces

if TYPE_CHECKING:
    from minitorch._tensor import Tensor


@dataclass
class Saved:
    """An array that an operation keeps for its backward step.

    Attributes:
        name: as its gradients spell it, ``x`` or ``out``.
        text: its shape and dtype.
        nbytes: of memory that was not counted before: the whole of what it views, 0 for a parameter's.
    """

    name: str
    text: str
    nbytes: int


@dataclass
class Step:
    """An operation of the graph, or a leaf.

    Attributes:
        number: in the order in which operations were recorded, from 1; leaves come first.
        name: ``MulBackward0``; for a leaf its name in the net, or ``leaf``.
        shapes: of its results.
        inputs: (number of a step, of which result) for each input that requires a gradient.
        modules: the modules that it was recorded in, as paths from the outermost to the innermost.
        saved: the arrays that it keeps; empty if they have been freed.
        freed: whether a backward pass has freed what it kept.
        origin: the line that made it, if that is known.
        leaf: the tensor, for a leaf.
    """

    number: int
    name: str
    shapes: list[tuple[int, ...]]
    inputs: list[tuple[int, int]] = field(default_factory=list)
    modules: tuple[str, ...] = ()
    saved: list[Saved] = field(default_factory=list)
    freed: bool = False
    origin: Origin | None = None
    leaf: Any = None

    @property
    def nbytes(self) -> int:
        """The bytes that it keeps, and no step before it."""
        return sum(s.nbytes for s in self.saved)


class Graph:
    """What `graph` returns. In a terminal it prints as a tree of modules, in a notebook it is drawn.

    Attributes:
        steps: leaves, then operations in the order in which they were recorded.
        kinds: by path of a module, the name of its class.
        results: (number of a step, of which result): the tensors that the graph was made for.
    """

    def __init__(self, steps: list[Step], kinds: dict[str, str], results: list[tuple[int, int]]) -> None:
        self.steps = steps
        self.kinds = kinds
        self.results = results

    @property
    def nbytes(self) -> int:
        """The bytes that the graph keeps alive, besides those of the leaves."""
        return sum(step.nbytes for step in self.steps)

    def __repr__(self) -> str:
        from minitorch.visualization.text import text

        return text(self)

    @property
    def source(self) -> str:
        """The drawing in graphviz's language DOT.

        Raises:
            ImportError: without the package graphviz, which ``pip install "minitorch-parity[graph]"`` installs.
        """
        from minitorch.visualization.drawing import digraph

        return str(digraph(self).source)

    def save(self, file: str | Path) -> None:
        """Write the drawing to a file; its ending says in which form: ``.svg``, ``.png``, ``.pdf``, ``.dot``.

        Raises:
            ImportError: without the package graphviz.
            RuntimeError: without graphviz's program ``dot``, which computes the layout.
            ValueError: if the ending names no form that graphviz knows.
        """
        from minitorch.files import atomic_write
        from minitorch.visualization.drawing import drawn

        path = Path(file)
        content = self.source.encode() if path.suffix == ".dot" else drawn(self, path.suffix.removeprefix("."))
        with atomic_write(path) as opened:
            opened.write(content)

    def _repr_svg_(self) -> str | None:
        """The drawing, for notebooks; None where it cannot be made, so that they show the text."""
        from minitorch.visualization.drawing import drawn

        try:
            return drawn(self, "svg").decode()
        except (ImportError, RuntimeError):
            return None


def graph(*tensors: Tensor, net: Module | None = None) -> Graph:
    """The recorded operations that lead to `tensors`.

    In a terminal the result prints as text; a notebook draws it, and `Graph.save` writes the drawing to a file. For
    operations recorded inside ``with minitorch.autograd.keep_origins():`` it shows in which modules they were, and the
    line that made them.

    Args:
        tensors: for example a loss.
        net: the module whose names of parameters and modules are shown; by default, of operations whose modules are
            known, the outermost.

    Raises:
        TypeError: for anything but tensors.
        ValueError: if no tensor is given, or one that no recorded operation made.
    """
    if not tensors:
        raise ValueError("graph() takes at least one tensor, for example graph(loss)")
    for t in tensors:
        if not isinstance(t, Variable):
            raise TypeError(f"graph() takes tensors, but got {type(t).__name__}; for a net: graph(net(x), net=net)")
    edges = [edge_to(t) for t in tensors]
    if any(edge is None or edge[1] < 0 for edge in edges):
        raise ValueError(
            "no recorded operation made this tensor: there is a graph for what was computed, with gradients enabled, "
            "from a tensor that requires a gradient"
        )
    nodes = reached([seen(edge[0]) for edge in edges if edge is not None])
    names = Names(nodes, net)
    pieces = Pieces(node.variable._array for node in nodes if isinstance(node, AccumulateGrad))
    numbers = {id(node): i for i, node in enumerate(nodes, 1)}
    steps = [_step(node, numbers, names, pieces) for node in nodes]
    return Graph(steps, names.kinds, [(numbers[id(edge[0])], edge[1]) for edge in edges if edge is not None])


def reached(roots: list[Any]) -> list[Any]:
    """The nodes from which results are reached: leaves, then operations, in the order in which they were made."""
    found: dict[int, Any] = {}
    pending = list(roots)
    while pending:
        node = pending.pop()
        if id(node) not in found:
            found[id(node)] = node
            pending += [n for n, _ in node.next_functions if n is not None]
    order = list(found.values())
    leaves = [node for node in reversed(order) if isinstance(node, AccumulateGrad)]
    return leaves + sorted((n for n in order if not isinstance(n, AccumulateGrad)), key=lambda n: n._sequence_nr())


def _step(node: GradFn, numbers: dict[int, int], names: Names, pieces: Pieces) -> Step:
    number = numbers[id(node)]
    if isinstance(node, AccumulateGrad):
        return Step(number, names.of_leaf(node.variable), [tuple(node.variable._array.shape)], leaf=node.variable)
    outputs: Any = node._outputs  # type: ignore[attr-defined]  # every node but a leaf's has it
    kept = node._kept()
    return Step(
        number,
        node.name(),
        [tuple(shape) for shape, _ in outputs],
        [(numbers[id(n)], max(i, 0)) for n, i in node.next_functions if n is not None],
        names.of_modules(node.origin),
        [
            Saved(name, f"{tuple(value.shape)} {value.dtype}", pieces.add(value))
            for name, value in kept or ()
            if is_array(value)
        ],
        kept is None,
        node.origin,
    )


class Names:
    """Names for leaves and modules.

    Args:
        nodes: of the graph.
        net: the module to name them after; None: the outermost modules in which the nodes were made.
    """

    def __init__(self, nodes: list[Any], net: Module | None) -> None:
        origins = [node.origin for node in nodes if node.origin is not None]
        outermost = {id(o.modules[0]): o.modules[0] for o in origins if o.modules}
        roots = list(outermost.values()) if net is None else [net]
        self.kinds: dict[str, str] = {}
        self._modules: dict[int, str] = {}
        self._leaves: dict[int, str] = {}
        for i, root in enumerate(roots):
            label = type(root).__name__ if len(roots) == 1 else f"{type(root).__name__}-{i + 1}"
            for path, module in root.named_modules():
                full = path or label
                if len(roots) > 1 and path:
                    full = f"{label}.{path}"
                if self._modules.setdefault(id(module), full) == full:
                    self.kinds[full] = type(module).__name__
            for path, parameter in root.named_parameters():
                self._leaves.setdefault(id(parameter), path if len(roots) == 1 else f"{label}.{path}")

    def of_leaf(self, leaf: Any) -> str:
        """The name of a parameter; ``leaf`` for any other tensor."""
        return self._leaves.get(id(leaf), "leaf")

    def of_modules(self, origin: Origin | None) -> tuple[str, ...]:
        """The paths of the modules of an origin, as far as they have names."""
        if origin is None:
            return ()
        return tuple(self._modules[id(m)] for m in origin.modules if id(m) in self._modules)


def module_text(graph: Graph, path: str) -> str:
    """How a module is shown: its path and class; the net itself by its class alone."""
    kind = graph.kinds[path]
    return kind if path == kind else f"{path}: {kind}"


def in_modules(steps: list[Step]) -> Iterator[tuple[tuple[str, ...], list[Step]]]:
    """Runs of operations that are in the same modules, in order."""
    run: list[Step] = []
    for step in steps:
        if run and run[-1].modules != step.modules:
            yield run[0].modules, run
            run = []
        run.append(step)
    if run:
        yield run[0].modules, run


def leaf_text(leaf: Any) -> str:
    """What is known of a leaf: whether it has a gradient, and how large that is."""
    grad = leaf._grad
    if grad is None:
        return "no gradient"
    return f"gradient {tuple(grad.shape)}, norm {float(grad.norm()):.3g}"
