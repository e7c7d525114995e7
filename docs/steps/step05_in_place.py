"""Step 5: writing into arrays, and views.

At the end of this step you can write into a tensor (``y.mul_(2)``, ``table[1] = row``), the gradients are right
afterwards, and where they cannot be, there is an error instead of a wrong number.

The danger: `exp` saves its result, because its rule is ``g * out``. If that array is changed before the backward pass,
the rule computes with other numbers than the formula meant. Nothing crashes; the gradient is wrong. Four ideas:

1. Each piece of memory has **a counter of the writes to it**. A node notes the counters of what it saves. In the
   backward pass it compares, and raises an error if a counter has moved on.
2. ``y.mul_(2)`` is the op `mul`, whose result is written over y. From then on, y is in the graph **the result of this
   mul**: y gets a new node.
3. ``row = table[1]`` is a *view*: it has no memory of its own, it shows a part of the memory of `table`, its base. A
   write to `row` changes `table`. In the graph, `table` becomes **a copy of the old table in which the row is
   replaced**: an op, `copy_slices`. What was replaced no longer influences the result, so its gradient is 0.
4. A write to `table` changes all its views, but a tensor does not know its views (a list of them would keep them in
   memory). So **a view remembers how it was made from its base**. Used after a write, it makes its node again from the
   base.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import step02_ops
import step04_broadcasting
from step02_ops import Node
from step04_broadcasting import backward


class Tensor(step02_ops.Tensor):
    """A tensor that knows how often its memory was written, and for a view, how it was made from its base."""

    def __init__(self, array: Any, requires_grad: bool = False, node: Node | None = None) -> None:
        self.writes = [0]  # a list, so that a base and its views can share it
        self.base: Tensor | None = None
        self.path: tuple[Any, ...] = ()  # the ops, and their arguments, that lead from the base to this view
        self.seen = 0  # the number of writes when the view's node was computed
        super().__init__(array, requires_grad, node)

    def get_node(self) -> Node | None:
        """The node that made it; for a view whose memory was written, made again."""
        if self.base is not None and self.seen != self.writes[0] and self.base.requires_grad:
            self.seen = self.writes[0]
            self.current_node = follow(self.path, self.base).node
        return self.current_node

    node = property(get_node, lambda self, node: setattr(self, "current_node", node))
    requires_grad = property(  # also true for a view whose base has got a node
        lambda self: self.wanted or self.node is not None, lambda self, wanted: setattr(self, "wanted", wanted)
    )


class Op(step04_broadcasting.Op):
    """An op whose nodes note the counters of what they save."""

    def __call__(self, *args: Any) -> Any:
        out = super().__call__(*args)
        if isinstance(out, Tensor):
            if self is select:
                x = args[0]
                out.base, out.path = x.base or x, (*x.path, (self, args[1:]))
                out.writes, out.seen = x.writes, x.writes[0]
            if out.node is not None:
                tensors = {**dict(zip(self.inputs, args, strict=True)), "out": out}
                saved = [(n, t) for n, t in tensors.items() if n in out.node.saved and isinstance(t, Tensor)]
                out.node.counters = [(name, t.writes, t.writes[0]) for name, t in saved]
        return out


def follow(path: tuple[Any, ...], x: Any) -> Any:
    """The part of x, a tensor or an array, to which a path leads."""
    for op, args in path:
        x = op(x, *args)
    return x


def replaced(x: Any, source: Any, path: tuple[Any, ...]) -> Any:
    """A copy of the array x with `source` in the place of the part to which a path leads."""
    out = x.copy()
    follow(path, out)[...] = source
    return out


add = Op(lambda x, y: x + y, x=lambda g: g, y=lambda g: g)
mul = Op(lambda x, y: x * y, x=lambda g, y: g * y, y=lambda g, x: g * x)
exp = Op(lambda x: np.exp(x), x=lambda g, out: g * out)
assign = Op(lambda x, source: np.broadcast_to(source, x.shape), source=lambda g: g)  # x itself gets no gradient
select = Op(  # a view; index is a number or a slice
    lambda x, index: x[index, ...],
    x=lambda g, index, x_shape: replaced(np.zeros(x_shape, g.dtype), g, ((select, (index,)),)),
)
copy_slices = Op(replaced, x=lambda g, path: replaced(g, 0, path), source=lambda g, path: follow(path, g))


def write(x: Tensor, op: Op, *args: Any) -> Tensor:
    """Write ``op(x, *args)`` into x."""
    base = x.base or x
    if base.requires_grad and base.node is None:
        raise RuntimeError("a leaf that requires a gradient cannot be written: its old value would have no gradient")
    result = op(Tensor(x.array.copy(), node=x.node), *args)  # what the op saves of x must keep the old numbers
    base.node = result.node if x is base else copy_slices(base, result, x.path).node
    x.array[...] = result.array
    x.writes[0] += 1
    return x


Tensor.__add__ = Tensor.__radd__ = lambda x, y: add(x, y)
Tensor.__mul__ = Tensor.__rmul__ = lambda x, y: mul(x, y)
Tensor.__getitem__ = lambda x, index: select(x, index)
Tensor.__setitem__ = lambda x, index, value: write(select(x, index), assign, value)  # x[index] = value
Tensor.add_ = lambda x, y: write(x, add, y)
Tensor.mul_ = lambda x, y: write(x, mul, y)


class Sweep(step04_broadcasting.Sweep):
    """A backward pass that refuses to compute with memory that was written since it was saved."""

    def visit(self, node: Node, g: Any) -> None:
        """Compute the gradients of a node's inputs, and deliver them."""
        for name, writes, then in node.counters:
            if writes[0] != then:
                raise RuntimeError(f"{name!r} was saved for the gradient, but its memory was written since")
        super().visit(node, g)


if __name__ == "__main__":
    y = exp(Tensor([1.0, 2.0], requires_grad=True))
    y.add_(1)  # now y is no longer eˣ, which the rule of exp needs
    try:
        backward(y, Sweep)
    except RuntimeError as error:
        print(error)  # 'out' was saved for the gradient, but its memory was written since

    w, table = Tensor([1.0, 2.0, 3.0], requires_grad=True), Tensor(np.zeros((2, 3)))
    table[1] = w * w  # the gradient finds its way from the table to the row, and to w
    backward(table * 10, Sweep)
    print(w.grad)  # [20. 40. 60.]

    v = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    table = v * 1
    head = table[:2]
    table.mul_(10)  # `head`, which was made before, is multiplied too
    backward(head, Sweep)
    print(head.array, v.grad)  # [10. 20.] [10. 10.  0.]

# What it grew into: ../../minitorch/autograd/inplace.py and ../../minitorch/autograd/views.py, with `copy_slices` in
# ../../minitorch/autograd/basic.py. They add: all view ops, index arrays, dtypes, elements that share memory, gradients
# of gradients through all of it. The check is `OpNode._unpack` in ../../minitorch/autograd/op.py.
