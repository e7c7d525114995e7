"""How the time of a training step grows with one of its sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from parity.runs.stand_in import StandIn
from parity.speed.lessons import lesson
from parity.speed.sides import Built, Workload

CNN, LENGTH, HIDDEN, WIDTH, ROWS = "cnn", "lstm", "lstm of 28 rows", "mlp", "embedding"
MAPS = "conv2d 3×3"
BUDGET = 6e9
"""Points of the grid of channels and maps whose forward pass takes more flops than this are left out."""


def workloads(quick: bool = False) -> list[Workload]:
    """All points of all curves; `quick`: the first two of each curve."""
    curves = [
        [_cnn(n) for n in (10, 25, 50, 100, 200, 400)],
        [_lstm(LENGTH, length, 64, length) for length in (10, 28, 56, 112, 224)],
        [_lstm(HIDDEN, 28, hidden, hidden) for hidden in (32, 64, 128, 256, 512)],
        [_mlp(width) for width in (64, 128, 256, 512, 1024, 2048)],
        [_embedding(rows) for rows in (100, 1_000, 10_000, 100_000)],
        *([_maps(c, w) for c in (3, 16, 64, 256, 512) if _flops(c, w) <= BUDGET] for w in (1, 2, 4, 8, 16, 32, 64)),
    ]
    if quick:
        curves = [[_cnn(2), _cnn(4)], *(curve[:2] for curve in curves[1:4]), curves[4][:2], curves[5][:2]]
    return [point for curve in curves for point in curve]


def axis(name: str) -> str:
    """The size that grows along the curve of this name."""
    axes = {CNN: "batch", LENGTH: "length", HIDDEN: "hidden units", WIDTH: "width", ROWS: "rows"}
    return axes.get(name, "channels")


def _cnn(batch: int) -> Workload:
    work = lesson("cnn", batch)
    return Workload(CNN, work.setting, work.inputs, work.build, batch)


def _lstm(name: str, length: int, hidden: int, size: int) -> Workload:
    rng = np.random.default_rng(0)
    inputs: list[np.ndarray] = [rng.random((50, length, 28), np.float32), rng.integers(0, 10, 50)]

    def build(models: StandIn) -> Built:
        nn = models.library.nn
        layer, out = nn.LSTM(28, hidden, batch_first=True), nn.Linear(hidden, 10)
        parameters = [*layer.parameters(), *out.parameters()]
        return _trained(models.library, parameters, lambda x: out(layer(x)[0][:, -1]))

    return Workload(name, f"{axis(name)} {size}", inputs, build, size)


def _mlp(width: int) -> Workload:
    rng = np.random.default_rng(0)
    inputs: list[np.ndarray] = [rng.random((64, width), np.float32), rng.integers(0, 10, 64)]

    def build(models: StandIn) -> Built:
        nn = models.library.nn
        net = nn.Sequential(
            nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 10)
        )
        return _trained(models.library, list(net.parameters()), net)

    return Workload(WIDTH, f"width {width}", inputs, build, width)


def _embedding(rows: int) -> Workload:
    rng = np.random.default_rng(0)
    inputs: list[np.ndarray] = [rng.integers(0, rows, (64, 16)), rng.integers(0, 10, 64)]

    def build(models: StandIn) -> Built:
        nn = models.library.nn
        table, out = nn.Embedding(rows, 32), nn.Linear(32, 10)
        parameters = [*table.parameters(), *out.parameters()]
        return _trained(models.library, parameters, lambda x: out(table(x).mean(1)))

    return Workload(ROWS, f"{rows:,} rows", inputs, build, rows)


def _maps(channels: int, width: int) -> Workload:
    rng = np.random.default_rng(0)
    inputs: list[np.ndarray] = [rng.random((8, channels, width, width), np.float32), rng.integers(0, 10, 8)]

    def build(models: StandIn) -> Built:
        nn = models.library.nn
        net = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU(), nn.Flatten(2))
        out = nn.Linear(channels, 10)
        return _trained(models.library, [*net.parameters(), *out.parameters()], lambda x: out(net(x).mean(2)))

    return Workload(f"{MAPS} on {width}×{width}", f"{channels} channels", inputs, build, channels)


def _flops(channels: int, width: int) -> float:
    """Of the forward pass of a 3×3 convolution with as many outputs as inputs, on eight maps."""
    return 2.0 * 8 * (3 * channels * width) ** 2


def _trained(library: Any, parameters: Sequence[Any], predict: Any) -> Built:
    """A step of stochastic gradient descent on a classifier."""
    optimizer = library.optim.SGD(parameters, lr=0.01)

    def step(x: Any, y: Any) -> Sequence[Any]:
        loss = library.nn.functional.cross_entropy(predict(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return (loss.detach(),)

    return Built(step, [optimizer], parameters)
