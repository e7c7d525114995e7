"""The roofline: how fast this machine multiplies matrices and moves bytes, and the least time that work can take.

S. Williams, A. Waterman, D. Patterson 2009, https://doi.org/10.1145/1498765.1498785.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

SIZES = (1 << 18, 1 << 22, 1 << 26)
"""The sizes, in bytes, of the arrays that are copied: in a core's own cache, in a shared one, in memory."""


@dataclass(frozen=True)
class Work:
    """The least work of a computation.

    Attributes:
        flops: operations of its matrix products and convolutions, two for a product and its addition.
        bytes: what must be read or written at least once.
    """

    flops: float
    bytes: float


@dataclass(frozen=True)
class Limits:
    """The speed of the machine with the current number of threads.

    Attributes:
        flops: of float32 matrix products, per second.
        bandwidth: bytes read and written per second, by the size of the arrays that are copied.
    """

    flops: float
    bandwidth: dict[int, float]

    def least(self, work: Work) -> float:
        """The seconds that `work` takes at least: its flops at full rate, or its bytes at the rate of the array size
        nearest to theirs, whichever is longer.
        """
        size = min(self.bandwidth, key=lambda size: abs(math.log(size / max(work.bytes, 1))))
        return max(work.flops / self.flops, work.bytes / self.bandwidth[size])


def measure(quick: bool = False) -> Limits:
    """The highest rates of NumPy's and torch's products of square matrices, and of their copies."""
    import numpy as np
    import torch

    n = 128 if quick else 1024
    seconds = 0.001 if quick else 0.4
    a, out = np.ones((n, n), np.float32), np.empty((n, n), np.float32)
    ta, tout = torch.ones(n, n), torch.empty(n, n)
    product = min(_best(lambda: np.matmul(a, a, out), seconds), _best(lambda: torch.mm(ta, ta, out=tout), seconds))
    bandwidth = {}
    for size in SIZES:
        x, y = np.ones(size // 4, np.float32), np.ones(size // 4, np.float32)
        tx, ty = torch.from_numpy(x), torch.from_numpy(y)
        copy = min(_best(partial(np.copyto, x, y), seconds), _best(partial(tx.copy_, ty), seconds))
        bandwidth[size] = 2 * size / copy
    return Limits(2 * n**3 / product, bandwidth)


def _best(call: Callable[[], Any], seconds: float) -> float:
    """The shortest time of a call, of as many as fit into `seconds`; three at least."""
    best, began, calls = math.inf, time.perf_counter(), 0
    while calls < 3 or time.perf_counter() - began < seconds:
        start = time.perf_counter()
        call()
        best, calls = min(best, time.perf_counter() - start), calls + 1
    return best


def count_flops(call: Callable[[], Any]) -> float:
    """The flops of the matrix products and convolutions in a call of torch, forward and backward.

    torch's own counter counts the products that it sees. Recurrent layers are shown to it as their products, without
    oneDNN, which has them as one operation.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # setting oneDNN's flags warns of missing GPUs
        own = {torch.ops.aten.convolution_backward: _convolution_backward}
        with torch.backends.mkldnn.flags(enabled=False), FlopCounterMode(display=False, custom_mapping=own) as counter:
            call()
    return float(counter.get_total_flops())


def _convolution_backward(g: Any, x: Any, w: Any, *options: Any, **named: Any) -> int:
    """Flops of a convolution's gradients, from shapes: of each what the forward pass takes.

    torch's own formula takes the weight's gradient of a grouped convolution for an ungrouped one's. `options` are those
    of ``aten::convolution_backward``: the fifth says whether it is transposed, the last which gradients are wanted.
    """
    transposed, wanted = options[4], options[-1]
    return 2 * math.prod(x if transposed else g) * math.prod(w[1:]) * (bool(wanted[0]) + bool(wanted[1]))


def total_bytes(tensors: Iterable[Any]) -> int:
    """The size of some tensors of torch, taken together."""
    return sum(t.numel() * t.element_size() for t in tensors)
