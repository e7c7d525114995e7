"""Step 6: modules and optimizers. A network learns to read digits.

At the end of this step a network of two layers, trained for a second, reads 97 of 100 handwritten digits that it has
not seen. Nothing in the engine changes; the new parts are ordinary Python around it.

What training is. A network is a formula with many numbers in it, its parameters: here weights and biases of two linear
layers. Its result for the image of a digit is ten numbers, one for each digit; the largest is its answer. A *loss* says
how wrong the answers are, in one number. Going back from the loss, we get its derivative with respect to every
parameter: how the loss changes when this parameter changes. So we change each parameter a little in the direction in
which the loss gets smaller, take the next images, and repeat.

So we need: `relu` and `log_softmax`, two ops of which networks and losses are made; a `Module`, which can list its
parameters and those of the modules in it; the loop; and an optimizer, here `SGD`, which changes parameters, given their
gradients. Its `lr`, the learning rate, says how large a change is; `momentum`, how much of the changes before is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from step02_ops import Tensor, exp
from step04_broadcasting import Op, backward, matmul, sum_to, total, transpose

# Between two linear layers there must be something that is not linear, or both together would be one linear layer.
# Mostly this is `relu`: negative numbers become 0. Its derivative is 1 where the result is positive, and 0 elsewhere.
# The op `positive` says where that is. It jumps from 0 to 1 and is constant otherwise, so it has no rule.

relu = Op(lambda x: np.maximum(x, 0), x=lambda g, out: g * positive(out))
positive = Op(lambda x: (x > 0).astype(x.dtype))

# `softmax` turns ten numbers into ten probabilities: exp(x), divided by the sum. We take its logarithm, which is x
# minus the logarithm of that sum. (The largest number is subtracted first, because exp(1000) is too large for a float.
# The result is the same.) If g is the gradient of the logarithms, the gradient of x is g − softmax(x) · Σ g.


def _log_softmax(x: Any) -> Any:
    shifted = x - x.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


log_softmax = Op(_log_softmax, x=lambda g, out: g - exp(out) * sum_to(g, (g.shape[0], 1)))


def cross_entropy(logits: Tensor, targets: Any) -> Tensor:
    """The mean over images of −log(probability of the right class).

    Args:
        logits: (N, classes), the results of a network; a class is a possible answer, here one of ten digits.
        targets: (N, classes), an array with a 1 for the right class and 0 elsewhere.
    """
    return -total(log_softmax(logits) * targets) / targets.shape[0]


class Module:
    """A part of a network. Its parameters are its attributes that are leaves; other modules may be attributes too."""

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """The parameters of this module and of the modules in it, with names such as ``hidden.weight``."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield from value.named_parameters(f"{prefix}{name}.")
            elif isinstance(value, Tensor) and value.requires_grad:
                yield prefix + name, value

    def __call__(self, x: Tensor) -> Tensor:
        return self.forward(x)


class Linear(Module):
    """x · weightᵀ + bias, (N, inputs) to (N, outputs); weight has a row for each output. It begins at random."""

    def __init__(self, inputs: int, outputs: int, rng: np.random.Generator) -> None:
        bound = inputs**-0.5
        self.weight = Tensor(rng.uniform(-bound, bound, (outputs, inputs)).astype("float32"), requires_grad=True)
        self.bias = Tensor(rng.uniform(-bound, bound, outputs).astype("float32"), requires_grad=True)

    def forward(self, x: Tensor) -> Tensor:
        return matmul(x, transpose(self.weight)) + self.bias


class Net(Module):
    """Images (N, 64) to ten numbers each."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.hidden = Linear(64, 32, rng)
        self.out = Linear(32, 10, rng)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(relu(self.hidden(x)))


class SGD:
    """Stochastic gradient descent: v ← momentum · v + gradient, parameter ← parameter − lr · v."""

    def __init__(self, parameters: Iterable[Tensor], lr: float, momentum: float = 0.0) -> None:
        self.parameters, self.lr, self.momentum = list(parameters), lr, momentum
        self.velocity: list[Any] = [0.0] * len(self.parameters)

    def zero_grad(self) -> None:
        """Forget the gradients; without this, `backward` would add the new ones to the old."""
        for p in self.parameters:
            p.grad = None

    def step(self) -> None:
        """Change all parameters once."""
        for i, p in enumerate(self.parameters):
            self.velocity[i] = self.velocity[i] * self.momentum + p.grad
            p.array = p.array - self.velocity[i] * self.lr


def train_step(net: Module, optimizer: SGD, images: Any, targets: Any) -> Tensor:
    """Change the parameters once, for these images; returns the loss from before."""
    loss = cross_entropy(net(Tensor(images)), targets)
    optimizer.zero_grad()
    backward(loss)
    optimizer.step()
    return loss


def train(net: Module, optimizer: SGD, images: Any, labels: Any, epochs: int, rng: np.random.Generator) -> list[float]:
    """Work through the images `epochs` times in random order, 50 at a time (a *batch*); returns the losses."""
    losses, targets = [], np.eye(10, dtype=images.dtype)[labels]
    for _ in range(epochs):
        for batch in np.split(order := rng.permutation(len(images)), range(50, len(order), 50)):
            losses.append(float(train_step(net, optimizer, images[batch], targets[batch]).array))
    return losses


def accuracy(net: Module, images: Any, labels: Any) -> float:
    """The fraction of images that the network reads right."""
    return float((net(Tensor(images)).array.argmax(axis=1) == labels).mean())


if __name__ == "__main__":
    from minitorch.datasets import load_digits  # only the data: 1,797 digits of 8×8 pixels, as arrays

    data, rng = load_digits(size=8), np.random.default_rng(0)
    net = Net(rng)
    optimizer = SGD([p for _, p in net.named_parameters()], lr=0.1, momentum=0.9)
    losses = train(net, optimizer, data.train_images.reshape(-1, 64), data.train_labels, epochs=20, rng=rng)
    print([name for name, _ in net.named_parameters()])  # ['hidden.weight', 'hidden.bias', 'out.weight', 'out.bias']
    print(f"the loss: {losses[0]:.2f} at the beginning, {np.mean(losses[-29:]):.2f} in the last epoch")
    print(accuracy(net, data.test_images.reshape(-1, 64), data.test_labels) > 0.96)  # True

# What it grew into: ../../minitorch/nn/modules/module.py (buffers, saving and loading, moving to a device, hooks), the
# layers beside it, ../../minitorch/nn/functional/cross_entropy.py, ../../minitorch/optim/optimizer.py.
# ../../kernels/softmax.py has the formula of `log_softmax`. A whole lesson in this style is
# ../../minitorch/models/regression.py.
