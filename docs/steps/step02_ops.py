"""Step 2: operations that name what they save, on arrays.

At the end of this step an operation is one line: its arithmetic, and one rule for each input. The names of a rule's
parameters say what is kept for the backward pass, and nothing else is kept.

In step 1 a value was one number. Here it is a NumPy array. All operations work element by element, so the rules stay as
they are, and the gradient of an array is an array of the same shape. One thing changes: the result y has many elements.
We start with a 1 for each of them; what we compute is then the derivative of the *sum* of y.

A rule often needs a value from the forward pass: the rule of tanh needs its result, the rule of a product needs, for
one factor, the other one. Such values stay in memory until the backward pass. In a large network they are most of the
memory, so we want to see them, and keep no more than is needed. We write the operations so:

    mul = Op(lambda x, y: x * y,       x=lambda g, y: g * y,   y=lambda g, x: g * x)
    tanh = Op(lambda x: np.tanh(x),    x=lambda g, out: g * (1 - out * out))

First the arithmetic, called the kernel; its parameters name the inputs. Then, for each input, its rule. The first
parameter of a rule is g, the gradient of the result. The others are names: of inputs, or ``out``, the result. Python
can read the names of a function's parameters (`inspect.signature`), so a call knows what to save. If only x needs a
gradient, the rule of y will not be used, and x is not saved.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from heapq import heappop, heappush
from inspect import signature
from typing import Any

import numpy as np


class Tensor:
    """An array, and the node that made it. A leaf has no node; `requires_grad` says whether we want its gradient."""

    __array_ufunc__ = None  # in ``array * tensor``, NumPy then leaves the work to the tensor

    def __init__(self, array: Any, requires_grad: bool = False, node: Node | None = None) -> None:
        self.array = array if hasattr(array, "dtype") else np.array(array, float)
        self.requires_grad = requires_grad or node is not None  # a result needs one if it has a node
        self.node = node
        self.grad: Any = None

    shape = property(lambda self: self.array.shape)


class Node:
    """A call of an op: where the gradients of its inputs go, by name of the input, and what was saved, by name."""

    numbers = itertools.count()

    def __init__(self, op: Op, edges: dict[str, Any], saved: dict[str, Any], shape: tuple[int, ...]) -> None:
        self.number = next(Node.numbers)
        self.op, self.edges, self.saved, self.shape = op, edges, saved, shape

    def gradient(self, name: str, g: Any, saved: dict[str, Any]) -> Any:
        """The gradient of the input `name`, given the gradient g of the result."""
        return self.op.rules[name](g, *[saved[needed] for needed in self.op.needs[name]])


class Op:
    """An operation: a kernel, and for each input the rule of its gradient. It takes tensors, or only arrays."""

    def __init__(self, kernel: Callable[..., Any], **rules: Callable[..., Any]) -> None:
        self.kernel, self.rules = kernel, rules
        self.inputs = list(signature(kernel).parameters)
        self.needs = {name: list(signature(rule).parameters)[1:] for name, rule in rules.items()}

    def __call__(self, *args: Any) -> Any:
        values = [a.array if isinstance(a, Tensor) else a for a in args]
        out = self.kernel(*values)
        tensors = [a for a in args if isinstance(a, Tensor)]
        # The result is of the inputs' class, since step 5 has a class of its own.
        return type(tensors[0])(out, node=self.record(args, values, out)) if tensors else out

    def record(self, args: Any, values: list[Any], out: Any) -> Node | None:
        """The node of a call; None if no input needs a gradient."""
        inputs = [(name, a) for name, a in zip(self.inputs, args, strict=True) if name in self.rules]
        edges = {name: a.node or a for name, a in inputs if isinstance(a, Tensor) and a.requires_grad}
        known = self.known(values, out)
        saved = {needed: known[needed] for name in edges for needed in self.needs[name]}
        return Node(self, edges, saved, out.shape) if edges else None

    def known(self, values: list[Any], out: Any) -> dict[str, Any]:
        """What a rule can ask for, by name."""
        return {**dict(zip(self.inputs, values, strict=True)), "out": out}


add = Op(lambda x, y: x + y, x=lambda g: g, y=lambda g: g)
sub = Op(lambda x, y: x - y, x=lambda g: g, y=lambda g: -g)
mul = Op(lambda x, y: x * y, x=lambda g, y: g * y, y=lambda g, x: g * x)
div = Op(lambda x, y: x / y, x=lambda g, y: g / y, y=lambda g, y, out: -g * out / y)  # x / y² = out / y
neg = Op(lambda x: -x, x=lambda g: -g)
exp = Op(lambda x: np.exp(x), x=lambda g, out: g * out)
tanh = Op(lambda x: np.tanh(x), x=lambda g, out: g * (1 - out * out))

for operator, op in {"add": add, "sub": sub, "mul": mul, "truediv": div}.items():
    setattr(Tensor, f"__{operator}__", lambda x, y, op=op: op(x, y))  # tensor + 1
    setattr(Tensor, f"__r{operator}__", lambda y, x, op=op: op(x, y))  # 1 + tensor
Tensor.__neg__ = lambda x: neg(x)


class Sweep:
    """A backward pass. This is the loop of step 1, in three methods, so that later steps can change one."""

    def __init__(self) -> None:
        self.pending: dict[int, list[Any]] = {}  # by number: a node, and its gradient so far
        self.leaves: dict[int, list[Any]] = {}  # by id: a leaf, and its gradient so far
        self.heap: list[int] = []

    def run(self, result: Tensor, g: Any) -> None:
        """Go back from `result`, whose gradient is g."""
        self.deliver(result.node or result, g)
        while self.heap:
            self.visit(*self.pending.pop(-heappop(self.heap)))

    def visit(self, node: Node, g: Any) -> None:
        """Compute the gradients of a node's inputs, and deliver them."""
        for name, target in node.edges.items():
            self.deliver(target, node.gradient(name, g, node.saved))

    def deliver(self, target: Any, g: Any) -> None:
        """Add g to the gradient that a node or a leaf has received."""
        if g.shape != target.shape:
            raise ValueError(f"a gradient of shape {g.shape} for an array of shape {target.shape}")
        received, key = (self.leaves, id(target)) if isinstance(target, Tensor) else (self.pending, target.number)
        if key not in received and received is self.pending:
            heappush(self.heap, -key)
        received[key] = [target, received[key][1] + g if key in received else g]


if __name__ == "__main__":
    x, c = Tensor([0.5, -1.0], requires_grad=True), Tensor([2.0, 3.0])
    y = tanh(x * c + x)
    sweep = Sweep()
    sweep.run(y, np.ones(2))
    print(sweep.leaves[id(x)][1].round(6))  # [0.54212  0.005364]

    # What does each node keep? tanh keeps its result, the sum nothing. The product keeps its second input, c, because
    # the rule of the first one asks for it; `mul` calls it y. The first, x, is not kept, since c needs no gradient.
    total = y.node.edges["x"]
    product = total.edges["x"]
    print(list(y.node.saved), list(total.saved), list(product.saved))  # ['out'] [] ['y']
    print(product.saved["y"] is c.array)  # True

# What it grew into: ../../minitorch/autograd/op.py is this class `Op`, and ../../minitorch/ops/elementwise.py the table
# of such lines. They add: dtypes, several results, rules for several inputs at once. The kernels have files of their
# own, with a formula each, such as ../../kernels/elementwise.py. ../../minitorch/autograd/plan.py reads the names once,
# not at every call. ../../minitorch/autograd/engine.py has the class `Sweep`, with `_visit` and `_deliver`.
