"""Step 7: a convolution is a product of matrices, and its gradients are convolutions too.

At the end of this step there is a layer for images, `conv2d`, and a small convolutional network reads the digits.

A linear layer looks at all pixels at once. A convolution looks at small windows of the image, here of 3×3 pixels, and
asks the same question at every place: its weight is a pattern of 3×3 numbers, and the result says for each window how
well it fits, Σ weight[i, j] · window[i, j]. With several patterns (*channels*) there are several results for each
window.

Written as loops, this is one sum of products:

    y[n, o, h, w] = Σ x[n, c, h + i, w + j] · weight[o, c, i, j]        over c, i, j

n is the image, c the channel of the input, o that of the result. Python's loops would be slow. But put all windows into
the rows of a table, one window in a row, and all patterns into the columns of another one, and this sum is the product
of two matrices, which NumPy computes fast:

    windows (N·H·W, C·3·3)  ·  patterns (C·3·3, O)  =  results (N·H·W, O)

The gradients. Multiply y by its gradient g, and sum over everything. The derivatives of this number, with g held
constant, are the gradients that we look for:

    Σ g[n, o, h, w] · x[n, c, h + i, w + j] · weight[o, c, i, j]

There are three factors. Leave one out, and the sum of the products of the other two gives what belongs to its place:
without g it is the convolution, without weight the gradient of the weight, without x the gradient of x. So there are
three kernels, and each is the rule of the other two: gradients of any order, without a fourth kernel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from step02_ops import Tensor
from step04_broadcasting import Op, reshape
from step06_training import SGD, Linear, Module, accuracy, relu, train


def table_of_windows(x: Any, size: int) -> Any:
    """All windows of size × size of x (N, C, height, width), one in a row: (N·H·W, C·size·size)."""
    windows = sliding_window_view(x, (size, size), axis=(2, 3))  # (N, C, H, W, size, size): a view, nothing is copied
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, x.shape[1] * size * size)


def as_rows(y: Any) -> Any:
    """Results (N, O, H, W) as the matrix (N·H·W, O)."""
    return y.transpose(0, 2, 3, 1).reshape(-1, y.shape[1])


def _conv2d(x: Any, weight: Any) -> Any:
    out, _, size, _ = weight.shape
    rows = table_of_windows(x, size) @ weight.reshape(out, -1).T
    height, width = x.shape[2] - size + 1, x.shape[3] - size + 1
    return rows.reshape(x.shape[0], height, width, out).transpose(0, 3, 1, 2)


def _weight_grad(g: Any, x: Any, weight_shape: tuple[int, ...]) -> Any:
    return (as_rows(g).T @ table_of_windows(x, weight_shape[2])).reshape(weight_shape)


def _input_grad(g: Any, weight: Any, x_shape: tuple[int, ...]) -> Any:
    n, out, height, width = g.shape
    size = weight.shape[2]
    windows = (as_rows(g) @ weight.reshape(out, -1)).reshape(n, height, width, -1, size, size)
    x_grad = np.zeros(x_shape, g.dtype)
    for i in range(size):  # windows overlap: a pixel gets the sum of its gradients in all windows that it is in
        for j in range(size):
            x_grad[:, :, i : i + height, j : j + width] += windows[..., i, j].transpose(0, 3, 1, 2)
    return x_grad


# An input of the last two ops is called g. So in their rules the gradient of the result is called h.

conv2d = Op(
    _conv2d,
    x=lambda g, weight, x_shape: input_grad(g, weight, x_shape),
    weight=lambda g, x, weight_shape: weight_grad(g, x, weight_shape),
)
input_grad = Op(
    _input_grad,
    g=lambda h, weight: conv2d(h, weight),
    weight=lambda h, g, weight_shape: weight_grad(g, h, weight_shape),
)
weight_grad = Op(
    _weight_grad,
    g=lambda h, x: conv2d(x, h),
    x=lambda h, g, x_shape: input_grad(g, h, x_shape),
)

# What is saved: x and weight. The table of windows, nine times as large as x, is not: the rules make it again.


class ConvNet(Module):
    """Images of 8×8 pixels, (N, 64), to ten numbers each."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.weight = Tensor(rng.uniform(-1 / 3, 1 / 3, (16, 1, 3, 3)).astype("float32"), requires_grad=True)
        self.bias = Tensor(np.zeros((16, 1, 1), "float32"), requires_grad=True)
        self.out = Linear(16 * 6 * 6, 10, rng)

    def forward(self, x: Tensor) -> Tensor:
        y = relu(conv2d(reshape(x, (-1, 1, 8, 8)), self.weight) + self.bias)  # (N, 16, 6, 6)
        return self.out(reshape(y, (-1, 16 * 6 * 6)))


if __name__ == "__main__":
    # The product of matrices against the loops of the formula.
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(2, 3, 5, 6)), rng.normal(size=(4, 3, 3, 3))
    loops = np.zeros((2, 4, 3, 4))
    for n, o, h, w in np.ndindex(loops.shape):
        loops[n, o, h, w] = (x[n, :, h : h + 3, w : w + 3] * weight[o]).sum()
    print(np.allclose(conv2d(x, weight), loops))  # True

    from minitorch.datasets import load_digits

    data = load_digits(size=8)
    net = ConvNet(rng)
    optimizer = SGD([p for _, p in net.named_parameters()], lr=0.1, momentum=0.9)
    train(net, optimizer, data.train_images.reshape(-1, 64), data.train_labels, epochs=8, rng=rng)
    print(accuracy(net, data.test_images.reshape(-1, 64), data.test_labels) > 0.96)  # True

# What it grew into
# -----------------
#
# ../../kernels/conv.py has the three kernels, with stride, padding, dilation and groups; ../../kernels/cpu/conv.py
# faster forms of them. ../../minitorch/ops/conv.py has the three ops, each the rule of the other two.
