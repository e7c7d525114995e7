"""`minitorch.summary`: a net's layers with their output shapes, parameters, multiply-adds and saved bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any

from minitorch._tensor import Tensor
from minitorch.autograd.grad_fn import AccumulateGrad, seen
from minitorch.autograd.grad_mode import enable_grad, no_grad
from minitorch.autograd.graph import Node, Variable
from minitorch.autograd.op import OpNode
from minitorch.autograd.origins import keep_origins
from minitorch.nn.modules.module import Module
from minitorch.random import get_rng_state, set_rng_state
from minitorch.visualization.graph import reached
from minitorch.visualization.memory import Pieces, amount

_HEADERS = ("layer", "output shape", "parameters", "multiply-adds", "saved bytes")


@dataclass
class Row:
    """A module of the net.

    Attributes:
        path: its name in the net, empty for the net itself.
        kind: the name of its class.
        output: the shapes of its output, as text; empty if it was not called.
        parameters: how many numbers it has itself, without the modules in it; shared parameters count once.
        multiply_adds: of the matrix products, convolutions and recurrent steps of its own `forward`.
        saved: the bytes that its own operations keep for the backward pass, besides parameters and inputs.
    """

    path: str
    kind: str
    output: str = ""
    parameters: int = 0
    multiply_adds: int = 0
    saved: int = 0


class Summary:
    """What `summary` returns; it prints as a table.

    Attributes:
        rows: the net and its modules, each before those in it.
        trainable: how many numbers the parameters have that require a gradient.
        frozen: how many the other parameters have.
    """

    def __init__(self, rows: list[Row], trainable: int, frozen: int) -> None:
        self.rows = rows
        self.trainable = trainable
        self.frozen = frozen

    @property
    def parameters(self) -> int:
        """How many numbers all parameters have."""
        return self.trainable + self.frozen

    @property
    def multiply_adds(self) -> int:
        """The multiply-adds of one forward pass."""
        return sum(row.multiply_adds for row in self.rows)

    @property
    def saved(self) -> int:
        """The bytes that a forward pass keeps for the backward pass, besides parameters and inputs."""
        return sum(row.saved for row in self.rows)

    def _cells(self) -> list[tuple[str, ...]]:
        found = []
        for row in self.rows:
            depth = row.path.count(".") + 1 if row.path else 0
            name = f"{'  ' * depth}{row.path.rpartition('.')[2] + ': ' if row.path else ''}{row.kind}"
            numbers = (row.parameters, row.multiply_adds, row.saved)
            found.append((name, row.output or "not called", *(amount(n) if n else "" for n in numbers)))
        return [*found, ("total", "", *map(amount, (self.parameters, self.multiply_adds, self.saved)))]

    def __repr__(self) -> str:
        cells = [_HEADERS, *self._cells()]
        widths = [max(len(row[i]) for row in cells) for i in range(len(_HEADERS))]
        lines = [
            "  ".join(c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
            for row in cells
        ]
        rule = "-" * len(lines[0])
        frozen = f", {amount(self.frozen)} of them frozen" if self.frozen else ""
        end = f"{amount(self.parameters)} parameters{frozen}"
        return "\n".join([lines[0].rstrip(), rule, *(x.rstrip() for x in lines[1:-1]), rule, lines[-1].rstrip(), end])

    def _repr_html_(self) -> str:
        from html import escape

        def row(cells: tuple[str, ...], tag: str) -> str:
            styles = ["text-align:left;white-space:pre"] * 2 + ["text-align:right"] * 3
            parts = (f'<{tag} style="{s}">{escape(c)}</{tag}>' for c, s in zip(cells, styles, strict=True))
            return f"<tr>{''.join(parts)}</tr>"

        body = "".join(row(cells, "td") for cells in self._cells())
        return f"<table><thead>{row(_HEADERS, 'th')}</thead><tbody>{body}</tbody></table>"


def summary(net: Module, *inputs: Any) -> Summary:
    """The layers of a net, as one forward pass on an example shows them.

    The net is called twice, in the mode that it is in; its buffers and the random numbers are then as before.

    Args:
        net: what is called.
        inputs: its arguments, such as one batch: shapes and bytes are those of this example.

    Returns:
        A table with a row for each module: the shape of its output, how many numbers its parameters have, the
        multiply-adds of its matrix products, convolutions and recurrent steps (elementwise arithmetic is not counted),
        and the bytes that its operations keep for the backward pass.

    Raises:
        TypeError: if `net` is no module. An error of the net itself is raised as it is; if no input is a tensor, with a
            note that says what summary() expects.
    """
    if not isinstance(net, Module):
        raise TypeError(f"summary() takes a module and example inputs, but got {type(net).__name__}")
    rows = {id(module): Row(path, type(module).__name__) for path, module in net.named_modules()}
    with _as_before(net):
        try:
            outputs = _called(net, inputs, rows)
        except (TypeError, AttributeError) as error:
            if not any(isinstance(x, Variable) for x in inputs):
                error.add_note(
                    "summary() calls the net on example inputs, not on shapes: summary(net, torch.zeros(16, 3))"
                )
            raise
        known = [p._array for p in (*net.parameters(), *net.buffers(), *inputs) if isinstance(p, Variable)]
        pieces = Pieces(known)
        for node in _nodes(outputs):
            row = _row(node, rows)
            for _, value in node._kept() or ():
                row.saved += pieces.add(value)
        for node in _nodes(_called(net, _differentiable(inputs), rows, all_require_grad=True)):
            _row(node, rows).multiply_adds += multiply_adds(node)
    counted: set[int] = set()
    for module in net.modules():
        for p in module.parameters(recurse=False):
            if id(p) not in counted:
                counted.add(id(p))
                rows[id(module)].parameters += p.numel()
    trainable = sum(p.numel() for p in net.parameters() if p.requires_grad)
    return Summary(list(rows.values()), trainable, sum(row.parameters for row in rows.values()) - trainable)


def _called(net: Module, inputs: Any, rows: dict[int, Row], all_require_grad: bool = False) -> Any:
    """The result of the net; notes the shapes of the modules' outputs in their rows."""

    def note(module: Module, args: Any, output: Any) -> None:
        rows[id(module)].output = ", ".join(str(tuple(t.shape)) for t in _tensors(output))

    with ExitStack() as stack:
        for module in net.modules():
            stack.enter_context(module.register_forward_hook(note))
        for p in net.parameters() if all_require_grad else ():
            stack.callback(p.requires_grad_, p.requires_grad)
            p.requires_grad_(True)
        stack.enter_context(enable_grad())
        stack.enter_context(keep_origins())
        return net(*inputs)


@contextmanager
def _as_before(net: Module) -> Iterator[None]:
    """A block after which the buffers of `net` and the random numbers are as before."""
    buffers = [(b, b.clone()) for b in net.buffers()]
    state = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(state)
        with no_grad():
            for buffer, before in buffers:
                buffer.copy_(before)


def _differentiable(inputs: Any) -> Any:
    """Copies of the inputs that require a gradient, if of floating point, so that every operation is recorded."""
    return [
        x.detach().clone().requires_grad_() if isinstance(x, Tensor) and x.is_floating_point() else x for x in inputs
    ]


def _tensors(value: Any) -> Iterator[Any]:
    if isinstance(value, Variable):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _tensors(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _tensors(part)


def _nodes(outputs: Any) -> list[Any]:
    """The operations that lead to tensors, in the order in which they were recorded."""
    nodes = reached([seen(t._node) for t in _tensors(outputs) if t._node is not None])
    return [n for n in nodes if not isinstance(n, AccumulateGrad)]


def _row(node: Any, rows: dict[int, Row]) -> Row:
    """The row of the innermost module that a node was made in."""
    modules = node.origin.modules if node.origin is not None else ()
    return next((rows[id(m)] for m in reversed(modules) if id(m) in rows), next(iter(rows.values())))


def multiply_adds(node: Node) -> int:
    """How often the operation multiplies two numbers and adds the product to a sum.

    - matmul (…, m, k) (…, k, n): k for each element of the result; linear: the same.
    - convolution: C / groups · kernel for each element of the result; transposed, for each element of its input.
    - recurrent layers: the hidden weights once for each step of each sequence; the input weights are a linear.
    """
    if not isinstance(node, OpNode):
        return 0
    outputs = [prod(shape) for shape, _ in node._outputs]
    name = node.op.name
    if name == "matmul":
        return outputs[0] * (_shape(node, "x") or (0,))[-1]
    if name == "linear":
        return outputs[0] * _shape(node, "weight")[1]
    if name == "convolution":
        rows = prod(_shape(node, "g")) if "g" in node.plan.names else outputs[0]
        return rows * prod(_shape(node, "weight")[1:])
    if name in ("rnn", "lstm", "gru"):
        steps = node._outputs[0][0][0]
        weights = [_shape(node, w) for w in ("weight_hh", "weight_hr") if w in node.plan.names]
        return int(steps) * sum(prod(w) for w in weights if w)
    return 0


def _shape(node: OpNode, name: str) -> tuple[int, ...]:
    """The shape of an operand: from where its gradient goes, or from what is saved of it; empty if it was not given."""
    plan = node.plan
    p = plan.names.index(name)
    if p in plan.positions:
        edge = node._edges[plan.positions.index(p)]
        if edge is not None:
            target, index = edge
            return tuple(target._outputs[index][0] if index >= 0 else target._array.shape)
    for (kind, q), value in zip(plan.sources, node.saved or (), strict=False):
        if q == p and kind != "dtype" and value is not None:
            return tuple(value if kind == "shape" else value.shape)
    return ()
