"""Step 8: a recurrent layer, as one fused op, and as its composite of small ops.

At the end of this step you have a layer that reads a sequence step by step, and you know why such a layer has two
forms: one that is fast, and one that can be differentiated again.

A recurrent layer has a state h. At each step it computes the next state from the input of that step and from the state:

    h_t = tanh(z_t + h_{t−1} · weightᵀ)

(z_t is the input after a linear layer. All z_t are computed with one product before, so that only this is left.)

Written with small ops, T steps are about 6·T nodes: each cuts its rows out of z, transposes the weight, multiplies,
adds, takes the tanh, and joins the result to the others. The arrays are small, so Python takes more time than the
arithmetic. This form is called the *composite*.

The *fused* form is one op. Its kernel runs the loop in NumPy, and its gradient is a kernel too, written by hand: it
goes from the last step to the first. At each step, the gradient of h_t is what comes from outside, plus what comes back
from step t+1; tanh' = 1 − h_t²; and the product sends its share to h_{t−1} and to the weight.

But this gradient is plain NumPy. It cannot be recorded, and so it cannot be differentiated again. Step 3 would be lost.
The mend: if the backward pass is recorded (`create_graph`), the engine does not call the fused gradient. It **runs the
composite**, on the inputs that were saved, and goes back from its result instead, which is the same. So the ordinary
backward pass is fast, and gradients of gradients are right; only they pay for the small ops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import step04_broadcasting
from step02_ops import Node, Tensor, tanh
from step03_higher_order import in_graph
from step04_broadcasting import Op, grad, matmul, transpose

# Two ops for rows: `rows` selects some, `join` puts two groups below each other. The gradient of `rows` is 0 in all
# other rows; `placed` makes that array.

rows = Op(lambda x, start, stop: x[start:stop], x=lambda g, start, x_shape: placed(g, start, x_shape))
join = Op(
    lambda x, y: np.concatenate((x, y)),
    x=lambda g, x_shape: rows(g, 0, x_shape[0]),
    y=lambda g, x_shape: rows(g, x_shape[0], g.shape[0]),
)


def _placed(x: Any, start: int, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, x.dtype)
    out[start : start + len(x)] = x
    return out


placed = Op(_placed, x=lambda g, start, x_shape: rows(g, start, start + x_shape[0]))


def joined(parts: list[Any]) -> Any:
    """All parts below each other."""
    half = len(parts) // 2
    return join(joined(parts[:half]), joined(parts[half:])) if half else parts[0]


# z has the rows of the first step, then those of the second, and so on: (T·N, H), for N sequences. h0 is the state
# before the first step, (N, H). The result has the states after each step, (T·N, H).


def composite(z: Any, h0: Any, weight: Any) -> Any:
    """The layer in small ops."""
    n, states = h0.shape[0], [h0]
    for start in range(0, z.shape[0], n):
        states.append(tanh(rows(z, start, start + n) + matmul(states[-1], transpose(weight))))
    return joined(states[1:])


def _rnn(z: Any, h0: Any, weight: Any) -> Any:
    out, h, n = np.empty_like(z), h0, len(h0)
    for start in range(0, len(z), n):
        h = out[start : start + n] = np.tanh(z[start : start + n] + h @ weight.T)
    return out


def _rnn_grad(g: Any, out: Any, h0: Any, weight: Any) -> tuple[Any, Any, Any]:
    """The gradients of z, h0 and weight."""
    z_grad, h_grad, n = np.empty_like(out), np.zeros_like(h0), len(h0)
    for start in reversed(range(0, len(out), n)):
        step = slice(start, start + n)
        z_grad[step] = (g[step] + h_grad) * (1 - out[step] ** 2)
        h_grad = z_grad[step] @ weight
    before = np.concatenate((h0, out[:-n]))  # the state before each step
    return z_grad, h_grad, z_grad.T @ before


class Fused(Op):
    """An op with one kernel for all gradients, and a composite. It saves its result, and its inputs."""

    def __init__(
        self, kernel: Callable[..., Any], gradients: Callable[..., Any], composite: Callable[..., Any]
    ) -> None:
        super().__init__(kernel)
        self.gradients, self.composite = gradients, composite
        self.rules = dict.fromkeys(self.inputs)  # every input has a gradient, though no rule of its own
        self.needs = {name: [*self.inputs, "out"] for name in self.inputs}


rnn = Fused(_rnn, gradients=lambda g, s: _rnn_grad(g, s["out"], s["h0"], s["weight"]), composite=composite)


class Sweep(step04_broadcasting.Sweep):
    """A backward pass, through fused ops too."""

    def visit(self, node: Node, g: Any) -> None:
        """Compute the gradients of a node's inputs, and deliver them."""
        if not isinstance(node.op, Fused):
            super().visit(node, g)
        elif isinstance(g, Tensor):  # Recorded. The new nodes have the highest numbers, so they are visited next.
            inputs = [in_graph(node, name, node.saved[name]) for name in node.op.inputs]
            self.deliver(node.op.composite(*inputs).node, g)
        else:
            for name, share in zip(node.op.inputs, node.op.gradients(g, node.saved), strict=True):
                if name in node.edges:
                    self.deliver(node.edges[name], share)


def nodes_behind(y: Tensor) -> int:
    """How many nodes lead to y."""
    found, waiting = set(), [y.node]
    while waiting:
        if isinstance(node := waiting.pop(), Node) and node not in found:
            found.add(node)
            waiting += node.edges.values()
    return len(found)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    shapes = {"z": (20 * 3, 4), "h0": (3, 4), "weight": (4, 4)}  # 20 steps of 3 sequences, a state of 4 numbers
    inputs = [Tensor(rng.normal(size=shape), requires_grad=True) for shape in shapes.values()]
    print(nodes_behind(rnn(*inputs)), nodes_behind(composite(*inputs)))  # 1 119

    fused, small = grad(rnn(*inputs), inputs, sweep=Sweep), grad(composite(*inputs), inputs)
    print(all(np.allclose(a, b) for a, b in zip(fused, small, strict=True)))  # True

    # The second derivative: how the gradient of z would change with the weight.
    z_grad, _, weight_grad = grad(rnn(*inputs), inputs, create_graph=True, sweep=Sweep)
    print(np.allclose(weight_grad.array, fused[2]), grad(z_grad, [inputs[2]], sweep=Sweep)[0].shape)  # True (4, 4)

# What it grew into: ../../kernels/rnn.py has the kernels of the layers RNN, LSTM and GRU, ../../minitorch/ops/rnn.py
# the ops with `joint` gradients and their composites, ../../minitorch/autograd/engine.py the choice (`Sweep._visit`).
