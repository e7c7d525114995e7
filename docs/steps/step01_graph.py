"""Step 1: a number that remembers where it came from.

At the end of this step you have a program of about 40 lines that computes derivatives: you write a formula with ``+``,
``*`` and ``tanh``, and it tells you how the result changes when each input changes. This project's engine does it the
same way.

Run it: ``python docs/steps/step01_graph.py``. A comment behind a ``print`` is what it prints.

The idea
--------

Take ``y = tanh(a * b + a)``. Python computes it in three operations:

    p = a * b
    s = p + a
    y = tanh(s)

How much does y change when a changes a little? The chain rule of calculus answers: go back from y, operation by
operation, and multiply by the derivative of each.

- y changes by ``1 - y²`` times the change of s. This is the derivative of tanh.
- s = p + a changes as much as p changes, and as much as a changes.
- p = a * b changes by ``b`` times the change of a, and by ``a`` times the change of b.

Call "the gradient of s" the derivative of y with respect to s. Then each line above is a rule: *given the gradient g of
the result of an operation, this is the gradient of its input*. For a product, the gradient of a is ``g * b``.

With a = 0.5 and b = 2 we have p = 1, s = 1.5, y = 0.905. The gradient of y is 1, so s gets 1 − 0.905² = 0.181, and
p gets the same. The product gives b the gradient 0.181 · 0.5 = 0.090, and a the gradient 0.181 · 2 = 0.361.
But a is used in the sum as well, which gives it 0.181. Both uses change y, so the two are added: 0.542.

This is the *backward pass*; computing y is the *forward pass*. The backward pass needs to know which operations were
done. So in the forward pass each operation leaves a note: a `Node`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any


class Number:
    """A number, and the node of the operation that made it. An input of the formula has no node: it is a leaf."""

    def __init__(self, value: float, node: Node | None = None) -> None:
        self.value = value
        self.node = node
        self.grad = 0.0  # of a leaf: the derivative of the result with respect to it; `backward` adds to it

    def __add__(self, other: Number) -> Number:
        return Number(self.value + other.value, Node((self, lambda g: g), (other, lambda g: g)))

    def __mul__(self, other: Number) -> Number:
        x, y = self.value, other.value
        return Number(x * y, Node((self, lambda g: g * y), (other, lambda g: g * x)))


def tanh(x: Number) -> Number:
    """The hyperbolic tangent."""
    out = math.tanh(x.value)
    return Number(out, Node((x, lambda g: g * (1 - out * out))))


class Node:
    """An operation that was done: for each input, where its gradient goes, and the rule that computes it.

    A gradient goes to the node that made the input, or to the input itself if it is a leaf: this is an *edge*. Nodes
    are numbered.
    """

    numbers = itertools.count()

    def __init__(self, *inputs: tuple[Number, Callable[[float], float]]) -> None:
        self.number = next(Node.numbers)
        self.edges = [(x.node or x, rule) for x, rule in inputs]


# The backward pass
# -----------------
# In which order do we visit the nodes? A node may be visited only when its gradient is complete, that is, when all
# operations that used its result have been visited. In the example, s must come before p.
#
# Nodes are numbered as they are made, and an operation is done after the operations that made its inputs. So gradients
# go from higher numbers to lower ones. Among the nodes that have received a gradient, the one with the highest number
# has received all of it. A heap (Python's `heapq`) gives the smallest of its numbers fast; we want the highest, so we
# put negative numbers into it.


def backward(result: Number) -> None:
    """Add to the `grad` of each leaf the derivative of `result` with respect to it."""
    pending: dict[int, list[Any]] = {}  # by number: a node, and its gradient so far
    heap: list[int] = []

    def deliver(target: Node | Number, g: float) -> None:
        if isinstance(target, Number):
            target.grad += g
        elif target.number in pending:
            pending[target.number][1] += g
        else:
            pending[target.number] = [target, g]
            heappush(heap, -target.number)

    deliver(result.node or result, 1.0)  # the derivative of the result with respect to itself
    while heap:
        node, g = pending.pop(-heappop(heap))
        for target, rule in node.edges:
            deliver(target, rule(g))


# It works
# --------
if __name__ == "__main__":
    a, b = Number(0.5), Number(2.0)
    y = tanh(a * b + a)
    backward(y)
    print(round(a.grad, 6), round(b.grad, 6))  # 0.54212 0.090353

    # Is that right? Change a by a millionth and see how y changes.
    h = 1e-6
    difference = math.tanh((0.5 + h) * 2.0 + (0.5 + h)) - math.tanh((0.5 - h) * 2.0 + (0.5 - h))
    print(round(difference / (2 * h), 6))  # 0.54212

    # Each of these 50 operations uses the result before it twice, so there are 2⁵⁰ ways from x to y. Still each node is
    # visited once, because it waits until its gradient is complete.
    x = y = Number(1.0)
    for _ in range(50):
        y = y + y
    backward(y)
    print(x.grad == 2.0**50)  # True

    # And there is no recursion, so a long chain is no problem.
    x = y = Number(1.0)
    for _ in range(100_000):
        y = y + x
    backward(y)
    print(x.grad)  # 100001.0


# What it grew into
# -----------------
# ../../minitorch/autograd/graph.py has `Variable` and `Node`, ../../minitorch/autograd/engine.py the loop: a heap of
# negative numbers, `pending`, `_deliver`. They add: arrays in the place of numbers, operations with several results,
# the choice of what is recorded (`requires_grad`), and hooks, which are functions of yours that are called with a
# gradient.
#
# What is clumsy still: a rule is a `lambda` that keeps variables, such as y in ``g * y``, where nobody can see them.
# Every new operation is a function of several lines. In step 2 it is one line that says what it keeps.
