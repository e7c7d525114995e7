"""Step 3: gradients of gradients, by the same text.

At the end of this step you can differentiate a gradient again, as often as you like. No rule of step 2 changes, and
there is no second set of rules. The addition is one method of `Sweep`.

Look at a rule of step 2 once more:

    mul = Op(lambda x, y: x * y,   x=lambda g, y: g * y,   y=lambda g, x: g * x)

The rule ``g * y`` is a product. If g and y are arrays, NumPy computes it, and no trace remains. If they are tensors,
this same ``*`` is the op `mul`: it computes the product and records a node for it. Then the gradient is a tensor which
remembers where it came from, and a backward pass can begin there.

So all that is needed is to call the rules with tensors. The gradient g is a tensor if we start with one. The saved
values are arrays; we must turn each into the tensor that it was, with the node it had, or the second derivative would
miss what depends on the inputs through it:

- ``out`` is the result of this node;
- an input that needs a gradient has an edge, and this leads to the node that made it, or is the leaf itself;
- anything else is a constant.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import step02_ops
from step02_ops import Node, Op, Tensor, exp

sin = Op(lambda x: np.sin(x), x=lambda g, x: g * cos(x))
cos = Op(lambda x: np.cos(x), x=lambda g, x: -g * sin(x))
power = Op(lambda x, n: x**n, x=lambda g, x, n: g * n * x ** (n - 1))  # n is a plain number
Tensor.__pow__ = lambda x, n: power(x, n)


def in_graph(node: Node, name: str, value: Any) -> Any:
    """What `node` has saved under `name`, as the tensor that it was."""
    if not hasattr(value, "shape"):
        return value  # a plain number
    if name == "out":
        return Tensor(value, node=node)
    source = node.edges.get(name)
    return source if isinstance(source, Tensor) else Tensor(value, node=source)


class Sweep(step02_ops.Sweep):
    """A backward pass, which is recorded if the gradient that it starts with is a tensor."""

    def visit(self, node: Node, g: Any) -> None:
        """Compute the gradients of a node's inputs, and deliver them."""
        saved = node.saved
        if isinstance(g, Tensor):
            saved = {name: in_graph(node, name, value) for name, value in saved.items()}
        for name, target in node.edges.items():
            self.deliver(target, node.gradient(name, g, saved))


def grad(y: Tensor, inputs: list[Tensor], create_graph: bool = False, sweep: type = Sweep) -> list[Any]:
    """The derivatives of the sum of y with respect to leaves; with `create_graph` they are tensors, and recorded.

    Later steps have other classes of backward passes, and give theirs as `sweep`.
    """
    back = sweep()
    ones = np.ones_like(y.array)
    back.run(y, Tensor(ones) if create_graph else ones)
    return [back.leaves[id(x)][1] for x in inputs]


# A backward pass under `create_graph` makes new nodes while it runs. Their numbers are higher than all numbers in the
# heap, but they do not get into it: the heap has only what is reached from y, which was there before.

if __name__ == "__main__":
    # The derivatives of x³ at 2: 3x² = 12, 6x = 12, 6.
    x = Tensor(2.0, requires_grad=True)
    (first,) = grad(x**3, [x], create_graph=True)
    (second,) = grad(first, [x], create_graph=True)
    (third,) = grad(second, [x])
    print(first.array, second.array, third)  # 12.0 12.0 6.0

    # The fourth derivative of the sine is the sine.
    x = Tensor([0.0, 0.5, 1.0], requires_grad=True)
    y = sin(x)
    for _ in range(4):
        (y,) = grad(y, [x], create_graph=True)
    print(np.allclose(y.array, np.sin(x.array)))  # True

    # A use: Newton's method looks for a minimum, where the slope is 0. It divides the slope by the second derivative,
    # which says how fast the slope changes. For eˣ - 2x the minimum is where eˣ = 2.
    x = Tensor(0.0, requires_grad=True)
    for _ in range(6):
        (slope,) = grad(exp(x) - 2 * x, [x], create_graph=True)
        (curvature,) = grad(slope, [x])
        x.array = x.array - slope.array / curvature
    print(abs(x.array - np.log(2)) < 1e-12)  # True

# What it grew into
# -----------------
#
# ../../minitorch/autograd/op.py: `OpNode.gradients` with its `_in_graph`;
# ../../minitorch/autograd/backward_and_grad.py: `grad`, which takes inputs that are not leaves too, and then visits
# only nodes on the way to them. ../../minitorch/autograd/functional.py makes Jacobians and Hessians of it.
#
# What is missing: arrays of different shapes. ``2 * x`` works above because the 2 needs no gradient. If it were a
# tensor of shape () that needs one, and x of shape (3,), the backward pass would raise an error. Step 4 mends this.
