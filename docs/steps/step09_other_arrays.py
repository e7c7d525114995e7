"""Step 9: the same on another array library.

At the end of this step the network of step 6 trains on arrays that are not NumPy's: here a small library of our own,
which stands in for one that computes on a GPU. It refuses to mix with NumPy's arrays, as such libraries do.

What does the engine know about arrays? Look through the steps: it adds gradients with ``+``, it asks for `shape`, and
it makes the array of ones with which a backward pass begins. The rules are written with operators and ops. All the rest
of the arithmetic is in the kernels. Most of these say ``x + y``, ``x.sum(...)``, ``x.T``: any array that has these
operators and methods will do. But a few name NumPy: ``np.exp(x)`` computes with NumPy even if x is from another
library.

So a kernel asks the array for its library, `namespace(x)`, and takes `exp` from there. This is the whole change.

CuPy's module, for NVIDIA GPUs, has NumPy's names on purpose: `cupy.exp`, `cupy.maximum`. So kernels that are written
this way compute on a GPU too.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import step02_ops
import step04_broadcasting
import step06_training
from step02_ops import Tensor
from step04_broadcasting import Sweep
from step06_training import SGD, Net, cross_entropy

# The library
# -----------
# Its arrays are on a "device": in the attribute `memory`, which only the function `run` below may look into.


class Array:
    """An array of the library, with NumPy's operators and methods as far as the kernels use them."""

    __array_ufunc__ = None  # ``numpy_array + array`` must not be done by NumPy

    def __init__(self, host: Any) -> None:
        self.memory = np.asarray(host)

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise TypeError("an array on the device does not become NumPy's by itself; use to_host()")

    def to_host(self) -> Any:
        """A copy as NumPy's array."""
        return self.memory.copy()

    shape = property(lambda self: self.memory.shape)
    dtype = property(lambda self: self.memory.dtype)
    T = property(lambda self: run(np.transpose, self))


calls: list[str] = []  # the functions that the device was asked for


def run(function: Any, *args: Any, **options: Any) -> Array:
    """Let the device compute a function."""
    if any(isinstance(a, np.ndarray) for a in args):
        raise TypeError(f"{function.__name__}: an array of NumPy's among arrays on the device")
    calls.append(function.__name__)
    return Array(function(*[a.memory if isinstance(a, Array) else a for a in args], **options))


for word in ("add", "sub", "mul", "truediv", "matmul", "pow", "neg", "gt"):
    function = getattr(operator, word)
    setattr(Array, f"__{word}__", lambda *args, function=function: run(function, *args))
    setattr(Array, f"__r{word}__", lambda x, y, function=function: run(function, y, x))
for word in ("sum", "max", "reshape", "astype"):
    setattr(Array, word, lambda *args, word=word, **options: run(getattr(np.ndarray, word), *args, **options))


class Library:
    """The library's module: functions with NumPy's names."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **options: run(getattr(np, name), *args, **options)


# The change
# ----------

LIBRARIES: dict[type, Any] = {Array: Library()}


def namespace(x: Any) -> Any:
    """The module of the library that made the array x."""
    return LIBRARIES.get(type(x), np)


def _log_softmax(x: Any) -> Any:
    xp = namespace(x)
    shifted = x - x.max(axis=1, keepdims=True)
    return shifted - xp.log(xp.exp(shifted).sum(axis=1, keepdims=True))


step02_ops.exp.kernel = lambda x: namespace(x).exp(x)
step02_ops.tanh.kernel = lambda x: namespace(x).tanh(x)
step04_broadcasting.expand.kernel = lambda x, shape: namespace(x).broadcast_to(x, shape)
step06_training.relu.kernel = lambda x: namespace(x).maximum(x, 0)
step06_training.log_softmax.kernel = _log_softmax


def backward(result: Tensor) -> None:
    """Add derivatives to the `grad` of leaves, as in step 4; the array of ones is from the result's library."""
    back = Sweep()
    back.run(result, namespace(result.array).ones_like(result.array))
    for leaf, g in back.leaves.values():
        leaf.grad = g if leaf.grad is None else leaf.grad + g


def train_step(net: Any, optimizer: SGD, images: Any, targets: Any) -> Tensor:
    """Change the parameters once, as in step 6; returns the loss from before."""
    loss = cross_entropy(net(Tensor(images)), targets)
    optimizer.zero_grad()
    backward(loss)
    optimizer.step()
    return loss


def net_and_data(to: Any = np.asarray) -> tuple[Any, ...]:
    """A network, its optimizer, and 50 made-up images with their targets; `to` moves arrays to the library."""
    rng = np.random.default_rng(0)
    net = Net(rng)
    for _, p in net.named_parameters():
        p.array = to(p.array)
    images = rng.normal(size=(50, 64)).astype("float32")
    targets = np.eye(10, dtype="float32")[rng.integers(10, size=50)]
    return net, SGD([p for _, p in net.named_parameters()], lr=0.1, momentum=0.9), to(images), to(targets)


if __name__ == "__main__":
    on_host, on_device = net_and_data(), net_and_data(Array)
    losses = [(train_step(*on_host).array, train_step(*on_device).array.to_host()) for _ in range(5)]
    print(all(ours == theirs for ours, theirs in losses))  # True
    print(type(on_device[0].out.weight.array).__name__, "maximum" in calls, "log" in calls)  # Array True True

    try:
        train_step(*on_device[:2], on_host[2], on_device[3])  # the images are not on the device
    except TypeError as error:
        print(error)  # matmul: an array of NumPy's among arrays on the device

# What it grew into: ../../kernels/backend.py (`namespace`, `Backend`); all of ../../kernels/ is written with
# `namespace`. ../../kernels/cuda/backend.py is CuPy, ../../tests/backends/strict.py a library like this one, on which
# all tests of minitorch run, and ../../docs/backends.md says how to register your own, in 25 lines.
