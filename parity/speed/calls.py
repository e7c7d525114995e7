"""Single layers and functions, forward and backward, each at three sizes.

First those that once took several times torch's time (small maps, large channels, activations, reductions of small
arrays), then one of each common family. The text of a call is evaluated with either library as ``torch``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.runs.stand_in import StandIn
from parity.speed.sides import Built, Workload

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Family:
    """A call at several sizes.

    Attributes:
        name: the name of the call.
        text: the call, over ``torch``, ``F`` (``torch.nn.functional``) and the names of its arrays.
        sizes: in words, with the shapes of the arrays, by name. A name that begins with ``i`` is of integers below
            `below`, all others are of float32 and get gradients, save those in `constant`.
        below: the limit of the integers.
        constant: the names of arrays without gradient.
    """

    name: str
    text: str
    sizes: Sequence[tuple[str, dict[str, Shape]]]
    below: int = 0
    constant: Sequence[str] = ()


def _conv(c: int, o: int, k: int, width: int, batch: int, groups: int = 1) -> tuple[str, dict[str, Shape]]:
    shapes = {"x": (batch, c, width, width), "w": (o, c // groups, k, k), "b": (o,)}
    return f"{c}→{o} on {width}×{width}, batch {batch}", shapes


def _deconv(c: int, o: int, width: int, batch: int) -> tuple[str, dict[str, Shape]]:
    return f"{c}→{o} on {width}×{width}, batch {batch}", {"x": (batch, c, width, width), "w": (c, o, 4, 4)}


def _maps(*shapes: Shape) -> list[tuple[str, dict[str, Shape]]]:
    return [("×".join(map(str, shape)), {"x": shape}) for shape in shapes]


def _pairs(*shapes: Shape) -> list[tuple[str, dict[str, Shape]]]:
    return [("×".join(map(str, shape)), {"x": shape, "y": shape}) for shape in shapes]


_MAP = _maps((4, 32, 8, 8), (16, 128, 16, 16), (32, 128, 32, 32))
_ROWS = _maps((64, 27), (512, 27), (4096, 128))
_LSTM = ((28, 50, 28, 64), (50, 32, 64, 128), (112, 50, 28, 64))
"""Length, batch, inputs, hidden units."""

FAMILIES: Sequence[Family] = (
    Family(
        "conv2d 3×3 on small maps",
        "F.conv2d(x, w, b, padding=1)",
        [_conv(512, 512, 3, width, 32) for width in (1, 2, 4)],
    ),
    Family(
        "conv2d 3×3 stride 2",
        "F.conv2d(x, w, b, stride=2, padding=1)",
        [_conv(512, 512, 3, 2, 32), _conv(256, 512, 3, 3, 32), _conv(64, 128, 3, 16, 32)],
    ),
    Family(
        "conv_transpose2d 4×4",
        "F.conv_transpose2d(x, w)",
        [_deconv(100, 512, 1, 16), _deconv(100, 64, 4, 16), _deconv(64, 32, 8, 16)],
    ),
    Family(
        "depthwise conv2d 3×3",
        "F.conv2d(x, w, b, padding=1, groups=w.shape[0])",
        [_conv(c, c, 3, width, 8, groups=c) for c, width in ((32, 8), (192, 16), (192, 32))],
    ),
    Family(
        "conv2d 5×5",
        "F.conv2d(x, w, b, padding=2)",
        [_conv(1, 16, 5, 28, 50), _conv(16, 32, 5, 14, 50), _conv(16, 32, 5, 14, 200)],
    ),
    Family(
        "conv2d 3×3",
        "F.conv2d(x, w, b, padding=1)",
        [_conv(3, 16, 3, 32, 8), _conv(16, 32, 3, 32, 32), _conv(64, 64, 3, 16, 32)],
    ),
    Family(
        "conv2d 1×1",
        "F.conv2d(x, w, b)",
        [_conv(32, 64, 1, 8, 8), _conv(64, 128, 1, 16, 16), _conv(256, 64, 1, 16, 32)],
    ),
    Family("relu", "F.relu(x - 0.5)", _MAP),
    Family("leaky_relu", "F.leaky_relu(x - 0.5)", _MAP),
    Family("elu", "F.elu(x - 0.5)", _MAP),
    Family("softplus", "F.softplus(x)", _MAP),
    Family("gelu", "F.gelu(x - 0.5)", _MAP),
    Family("sigmoid", "torch.sigmoid(x)", _MAP),
    Family("tanh", "torch.tanh(x)", _MAP),
    Family("exp", "torch.exp(x)", _MAP),
    Family(
        "adaptive_avg_pool2d to 1×1",
        "F.adaptive_avg_pool2d(x, 1)",
        _maps((32, 512, 2, 2), (32, 128, 8, 8), (32, 64, 32, 32)),
    ),
    Family("max_pool2d 2×2", "F.max_pool2d(x, 2)", _maps((8, 16, 14, 14), (50, 16, 28, 28), (32, 64, 32, 32))),
    Family("avg_pool2d 2×2", "F.avg_pool2d(x, 2)", _maps((8, 16, 14, 14), (50, 16, 28, 28), (32, 64, 32, 32))),
    Family(
        "batch_norm",
        "F.batch_norm(x, None, None, w, b, training=True)",
        [
            (f"{n}×{c}×{s}×{s}", {"x": (n, c, s, s), "w": (c,), "b": (c,)})
            for n, c, s in ((16, 16, 8), (16, 128, 16), (32, 128, 32))
        ],
    ),
    Family(
        "layer_norm",
        "F.layer_norm(x, (x.shape[-1],), w, b)",
        [(f"{n}×{d}", {"x": (n, d), "w": (d,), "b": (d,)}) for n, d in ((64, 64), (512, 256), (4096, 512))],
    ),
    Family(
        "embedding",
        "F.embedding(i, w)",
        [
            (f"{n} of {rows}×{d}", {"i": (n,), "w": (rows, d)})
            for n, rows, d in ((32, 100, 16), (512, 5000, 64), (4096, 20000, 128))
        ],
        below=100,
    ),
    Family(
        "cross_entropy",
        "F.cross_entropy(x, i)",
        [(f"{n}×{c}", {"x": (n, c), "i": (n,)}) for n, c in ((64, 10), (512, 27), (4096, 1000))],
        below=10,
    ),
    Family("softmax", "torch.softmax(x, -1)", _ROWS),
    Family("log_softmax", "torch.log_softmax(x, -1)", _ROWS),
    Family("mse_loss", "F.mse_loss(x, y)", _pairs((64, 1), (64, 784), (4096, 784)), constant=("y",)),
    Family(
        "linear",
        "F.linear(x, w, b)",
        [
            (f"{n}×{i}→{o}", {"x": (n, i), "w": (o, i), "b": (o,)})
            for n, i, o in ((64, 10, 10), (64, 784, 128), (256, 1024, 1024))
        ],
    ),
    Family(
        "matmul of a batch",
        "x @ y",
        [(f"{b}×{n}×{n}", {"x": (b, n, n), "y": (b, n, n)}) for b, n in ((8, 16), (32, 64), (32, 256))],
    ),
    Family("add", "x + y", _pairs((4,), (512, 512), (2048, 2048))),
    Family("mul", "x * y", _pairs((4,), (512, 512), (2048, 2048))),
    Family("sum over rows", "x.sum(0)", _maps((64, 10), (512, 512), (2048, 2048))),
    Family("mean", "x.mean()", _maps((64, 10), (512, 512), (2048, 2048))),
    Family("max over columns", "x.max(1).values", _maps((64, 10), (512, 512), (2048, 2048))),
    Family("transposed copy", "x.t().contiguous()", _maps((64, 10), (512, 512), (2048, 2048))),
    Family("cat", "torch.cat([x, y], 1)", _pairs((64, 10), (512, 512), (2048, 1024))),
    Family("stack", "torch.stack([x] * 100)", _maps((4,), (64,), (64, 64))),
    Family(
        "gather",
        "x.gather(1, i)",
        [(f"{n}×{c}", {"x": (n, c), "i": (n, 1)}) for n, c in ((64, 2), (512, 27), (4096, 1000))],
        below=2,
    ),
    Family("row x[3]", "x[3]", _maps((64, 10), (512, 512), (2048, 2048))),
)


def workloads(quick: bool = False) -> list[Workload]:
    """Every family at its sizes, and the LSTM at three; `quick`: each at its smallest only."""
    found = [_lstm(*sizes) for sizes in (_LSTM[:1] if quick else _LSTM)]
    for family in FAMILIES:
        for setting, shapes in sorted(family.sizes, key=_count)[:1] if quick else family.sizes:
            found.append(_workload(family, setting, shapes))
    return found


def _count(size: tuple[str, dict[str, Shape]]) -> int:
    return sum(int(np.prod(shape)) for shape in size[1].values())


def _workload(family: Family, setting: str, shapes: dict[str, Shape]) -> Workload:
    rng = np.random.default_rng(0)
    inputs = [
        rng.integers(0, family.below, shape) if name.startswith("i") else rng.random(shape, np.float32)
        for name, shape in shapes.items()
    ]
    return Workload(family.name, setting, inputs, lambda models: _build(family, list(shapes), models), checked=1)


def _build(family: Family, names: Sequence[str], models: StandIn) -> Built:
    torch = models.library
    wanted = [i for i, name in enumerate(names) if not name.startswith("i") and name not in family.constant]
    call = eval(compile(f"lambda torch, F, {', '.join(names)}: {family.text}", family.name, "eval"))
    incoming = _Incoming(torch)

    def step(*inputs: Any) -> Sequence[Any]:
        leaves = [x.detach().requires_grad_() if i in wanted else x for i, x in enumerate(inputs)]
        y = call(torch, torch.nn.functional, *leaves)
        y.backward(incoming(y))
        return (y.detach(), *(leaves[i].grad for i in wanted))

    return Built(step)


def _lstm(length: int, batch: int, features: int, hidden: int) -> Workload:
    """An LSTM layer: the output, and the gradients of its input and its weights."""
    inputs = [np.random.default_rng(0).random((length, batch, features), np.float32)]

    def build(models: StandIn) -> Built:
        layer, incoming = models.library.nn.LSTM(features, hidden), _Incoming(models.library)

        def step(x: Any) -> Sequence[Any]:
            leaf = x.detach().requires_grad_()
            layer.zero_grad()
            y, _ = layer(leaf)
            y.backward(incoming(y))
            return (y.detach(), leaf.grad, *(p.grad for p in layer.parameters()))

        return Built(step, tensors=list(layer.parameters()))

    return Workload("lstm", f"length {length}, batch {batch}, {features}→{hidden}", inputs, build, checked=1)


class _Incoming:
    """The gradient that a result gets: random, so that no sum over it cancels; made at the first call."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.made: Any = None

    def __call__(self, y: Any) -> Any:
        if self.made is None:
            self.made = self.torch.from_numpy(np.random.default_rng(1).random(tuple(y.shape), np.float32))
        return self.made
