"""What the explorer shows: the events of a step, in order, with the arrays that went in and came out.

An event is an operation, its backward step, the arrival of a gradient at a leaf, or the update of one parameter.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np

from kernels import backend_of

Kind = Literal["forward", "root", "backward", "leaf", "update"]

KEPT = 1 << 30
"""How many bytes of arrays a trace holds at most. Of later arrays it keeps a corner, and cannot compare them."""
CORNER = 1 << 16
"""How many elements that corner has at most."""


class Line(NamedTuple):
    """A line of the user's program that is running.

    Attributes:
        file: its file.
        line: its number, from 1.
        function: the function that it is in.
    """

    file: str
    line: int
    function: str


class Kept:
    """An array as it was when an event used it.

    Args:
        host: a NumPy array; it is copied.
        whole: whether to keep all elements, or a corner only.

    Attributes:
        whole: whether `data` is the whole array.
        data: a copy, or the first elements along each dimension.
        numbers: what is known of all elements: see `statistics`.
    """

    def __init__(self, host: np.ndarray, whole: bool) -> None:
        self.shape: tuple[int, ...] = host.shape
        self.dtype = host.dtype
        self.whole = whole
        self.data = host.copy(order="C") if whole else corner(host, CORNER).copy(order="C")
        self.numbers = statistics(host)


class Arrays:
    """The arrays of a trace; arrays with the same elements, shape and dtype are one."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []
        self.nbytes = 0
        self._numbers: dict[tuple[Any, ...], int] = {}

    def add(self, array: Any) -> int:
        """The number of an array; it is copied if it is new."""
        host = np.asarray(backend_of(array).to_host(array))
        content = hashlib.blake2b(np.ascontiguousarray(host).data, digest_size=16).digest()
        key = (content, host.shape, host.dtype)
        if key not in self._numbers:
            whole = self.nbytes + host.nbytes <= KEPT
            self.nbytes += host.nbytes if whole else 0
            self._numbers[key] = len(self.kept)
            self.kept.append(Kept(host, whole))
        return self._numbers[key]


@dataclass
class Part:
    """An argument or a result in an event.

    Attributes:
        name: the op's name for it: ``x``, ``weight``, ``out``.
        array: its number in `Trace.arrays`; None for a plain argument.
        text: a plain argument, as text.
        value: of an argument that is a named tuple, such as a window: its fields.
        label: the variable of the script that holds it, if one does.
        source: (event, which result) that made it; None if that was before the trace.
        leaf: the number of the leaf that it is, if it is one.
        target: of an outgoing gradient: (event, which result) of the operation whose result it is for.
        nbytes: of a saved array: the memory that is kept for it and was not kept before.
    """

    name: str
    array: int | None = None
    text: str = ""
    value: dict[str, Any] | None = None
    label: str = ""
    source: tuple[int, int] | None = None
    leaf: int | None = None
    target: tuple[int, int] | None = None
    nbytes: int = 0


@dataclass
class Event:
    """One event.

    Attributes:
        number: its place in `Trace.events`.
        kind: ``forward``: an operation; ``root``: a call of `backward` or `grad`; ``backward``: the backward step of
            an operation; ``leaf``: a gradient arrives at a leaf; ``update``: an optimizer changes a parameter.
        name: of the operation or the optimizer.
        lines: the user's lines that were running, the innermost first.
        modules: numbers of calls in `Trace.calls`, from the outermost module to the innermost.
        rule: the op, `Function` or optimizer, whose text is shown.
        inputs: what it takes; of a backward step the incoming gradients.
        outputs: what it makes; of a backward step the outgoing gradients.
        saved: of an operation: what its node keeps.
        recorded: of an operation: whether it has a node.
        forward: of a backward step: the number of the operation's event, None if that was before the trace.
        freed: of an operation: the number of the event after which its node keeps nothing any more.
        inside: the number of the `root` event during which this one happened.
        held: bytes that all nodes keep after this event, besides leaves.
        arguments: of an operation: its arguments; for a tensor its `Part`. Of an update: a dictionary of the options.
        differentiated: of a backward step: the arguments of the operation that the outgoing gradients are for.
    """

    number: int
    kind: Kind
    name: str
    lines: list[Line]
    modules: list[int] = field(default_factory=list)
    rule: Any = None
    inputs: list[Part] = field(default_factory=list)
    outputs: list[Part] = field(default_factory=list)
    saved: list[Part] = field(default_factory=list)
    recorded: bool = False
    forward: int | None = None
    freed: int | None = None
    inside: int | None = None
    held: int = 0
    arguments: list[Any] = field(default_factory=list)
    differentiated: list[int] = field(default_factory=list)


class Trace:
    """The events of a step.

    Attributes:
        events: in order.
        arrays: what they refer to.
        leaves: the tensors that require a gradient and that no operation made.
        calls: the modules that were called, one entry for each call, in order.
        roots: by variable of the script: the outermost modules.
        labels: by number of a leaf: a variable of the script that holds it.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.arrays = Arrays()
        self.leaves: list[Any] = []
        self.calls: list[Any] = []
        self.roots: dict[str, Any] = {}
        self.labels: dict[int, str] = {}

    def cut(self, length: int) -> None:
        """Keep the first `length` events."""
        del self.events[length:]
        for event in self.events:
            if event.freed is not None and event.freed >= length:
                event.freed = None


def corner(host: np.ndarray, limit: int) -> np.ndarray:
    """The first elements along each dimension, at most `limit`: the first dimensions are cut first."""
    shape, left = [], max(limit, 1)
    for size in reversed(host.shape):
        shape.append(min(size, left))
        left //= max(shape[-1], 1)
    return host[tuple(slice(0, size) for size in reversed(shape))]


def statistics(host: np.ndarray) -> dict[str, Any]:
    """What is known of all elements: how many are zero, NaN or infinite; smallest, largest, mean, deviation; histogram.

    The histogram has 32 bins of equal width from the smallest to the largest finite element.
    """
    found: dict[str, Any] = {"size": host.size}
    if host.dtype.kind not in "fiub" or not host.size:
        return found
    flat = host.ravel()
    finite = np.isfinite(flat)
    found["nan"] = int(np.isnan(flat).sum())
    found["infinite"] = int(flat.size - finite.sum()) - found["nan"]
    found["zero"] = int((flat == 0).sum())
    numbers = flat[finite].astype("float64")
    if numbers.size:
        low, high = float(numbers.min()), float(numbers.max())
        found |= {"min": low, "max": high, "mean": float(numbers.mean()), "std": float(numbers.std())}
        if high > low and np.isfinite(high - low):
            found["histogram"] = [int(n) for n in np.histogram(numbers, 32, (low, high))[0]]
    return found
