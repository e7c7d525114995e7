"""Step 4: broadcasting, undone in one place.

At the end of this step, tensors of different shapes can be added and multiplied, as NumPy's arrays can, and there are
ops that change shapes: `total` (a sum), `reshape`, `transpose`, `matmul`. No rule of step 2 changes.

NumPy stretches the smaller of two arrays until the shapes agree: this is called broadcasting.

    x, shape (2, 3)          b, shape (3,)            x + b, shape (2, 3)
    1 2 3                    10 20 30                 11 22 33
    4 5 6                                             14 25 36

What is the gradient of b? The number 10 was used twice, in 11 and in 14. In step 1 we saw what to do with a number that
is used twice: add its gradients. So the gradient of b is the gradient of the result, summed over the rows.

In general: **what broadcasting repeats, its gradient sums.** The rule of `add` need not know about it. It says
``lambda g: g``, and so sends a gradient of shape (2, 3) to b. Where gradients are delivered, we know the shape of the
target, and can sum there, once for all ops.

The sum is an op itself, so that it can be recorded (step 3). Its own gradient is the reverse: a sum over rows gives its
gradient to every row. So there are two ops, each the rule of the other: `expand` repeats, `sum_to` sums.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import step02_ops
import step03_higher_order
from step02_ops import Tensor


class Op(step02_ops.Op):
    """An op whose rules may also ask for the shape of an input, as ``x_shape``: this costs no memory."""

    def known(self, values: list[Any], out: Any) -> dict[str, Any]:
        """What a rule can ask for, by name."""
        shapes = {f"{name}_shape": getattr(v, "shape", ()) for name, v in zip(self.inputs, values, strict=True)}
        return {**super().known(values, out), **shapes}


def repeated_axes(shape: tuple[int, ...], to: tuple[int, ...]) -> tuple[int, ...]:
    """The axes of an array of shape `to` along which broadcasting repeats an array of shape `shape`."""
    new = len(to) - len(shape)  # axes that were put in front
    return tuple(i for i in range(len(to)) if i < new or (shape[i - new] == 1 and to[i] != 1))


expand = Op(lambda x, shape: np.broadcast_to(x, shape), x=lambda g, x_shape: sum_to(g, x_shape))
sum_to = Op(
    lambda x, shape: x.sum(axis=repeated_axes(shape, x.shape)).reshape(shape), x=lambda g, x_shape: expand(g, x_shape)
)


class Sweep(step03_higher_order.Sweep):
    """A backward pass in which each gradient is summed to the shape of its target."""

    def deliver(self, target: Any, g: Any) -> None:
        """Add g to the gradient that a node or a leaf has received."""
        super().deliver(target, g if g.shape == target.shape else sum_to(g, target.shape))


# Now the ops that change shapes. The gradient of `reshape` is a reshape back, that of a transposed matrix is transposed
# back. A product of matrices, Z = X · Y, has the gradients G · Yᵀ and Xᵀ · G, in which G is the gradient of Z. (To see
# this, write out one element: z[i, j] = Σ x[i, k] · y[k, j]. So the gradient of x[i, k] is Σ g[i, j] · y[k, j], summed
# over j.)

reshape = Op(lambda x, shape: x.reshape(shape), x=lambda g, x_shape: reshape(g, x_shape))
transpose = Op(lambda x: x.T, x=lambda g: transpose(g))
matmul = Op(
    lambda x, y: x @ y,  # two matrices
    x=lambda g, y: matmul(g, transpose(y)),
    y=lambda g, x: matmul(transpose(x), g),
)
Tensor.__matmul__ = lambda x, y: matmul(x, y)


def total(x: Any, *axes: int) -> Any:
    """The sum over `axes`, or over all of them; these axes are gone from the result."""
    axes = axes or tuple(range(len(x.shape)))
    kept = [1 if i in axes else n for i, n in enumerate(x.shape)]
    return reshape(sum_to(x, tuple(kept)), tuple(n for i, n in enumerate(x.shape) if i not in axes))


def grad(y: Tensor, inputs: list[Tensor], create_graph: bool = False, sweep: type = Sweep) -> list[Any]:
    """The derivatives of the sum of y with respect to leaves, as in step 3."""
    return step03_higher_order.grad(y, inputs, create_graph, sweep)


def backward(result: Tensor, sweep: type = Sweep) -> None:
    """Add to the `grad` of each leaf the derivative of the sum of `result` with respect to it."""
    back = sweep()
    back.run(result, np.ones_like(result.array))
    for leaf, g in back.leaves.values():
        leaf.grad = g if leaf.grad is None else leaf.grad + g


if __name__ == "__main__":
    x = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    b = Tensor([10.0, 20.0, 30.0], requires_grad=True)
    backward(x + b)
    print(b.grad)  # [2. 2. 2.]

    # A column times a row is a table. Each number of the column is used once for each number of the row.
    column, row = Tensor([[1.0], [2.0]], requires_grad=True), Tensor([[3.0, 4.0, 5.0]], requires_grad=True)
    backward(column * row)
    print(column.grad.tolist(), row.grad.tolist())  # [[12.0], [12.0]] [[3.0, 3.0, 3.0]]

    # A linear layer multiplies its input by a matrix, the weight, and adds the same numbers, the bias, to each row.
    # Here the input is x: two rows of three numbers each.
    weight, bias = Tensor(np.ones((3, 4)), requires_grad=True), Tensor(np.zeros(4), requires_grad=True)
    squares = total((x @ weight + bias) ** 2)
    backward(squares)
    print(weight.grad[:, 0], bias.grad)  # [132. 174. 216.] [42. 42. 42. 42.]

    # The second derivative goes through `sum_to` and `expand` as through any op. Of a sum of squares, the second
    # derivative with respect to one number of the bias is 2, for each of the two rows.
    (slope,) = grad(total((x @ weight + bias) ** 2), [bias], create_graph=True)
    print(grad(slope, [bias])[0])  # [4. 4. 4. 4.]

# What it grew into
# -----------------
#
# ../../minitorch/autograd/engine.py: `Sweep._deliver`, which also converts a gradient to its target's dtype. `expand`
# and `sum_to` are in ../../minitorch/autograd/basic.py, the ops of shapes in ../../minitorch/ops/shape.py, and the
# product of matrices, also of stacks of matrices, in ../../minitorch/ops/linear_algebra.py.
#
# Everything that a network needs is here now: go to step 6 if you want to train one. Step 5 is about a danger which we
# have not met because we never wrote into an array.
