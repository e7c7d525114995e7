"""Where a node's backward step runs: on the device of its gradients, and in the stream in which its forward ran.

Only nodes that are made while a stream is chosen remember it (`remembering`); all others belong to the default stream.
A backward pass has one order, in whatever streams its steps run: each step in another stream than the caller's begins
after what the caller's stream was given before, and the caller's stream waits for its end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import kernels
from minitorch.autograd.creation import ignore, observe
from minitorch.autograd.graph import Node, Variable
from minitorch.autograd.origins import notes


class _Streams:
    """Who uses streams, in all threads."""

    lock = threading.Lock()
    blocks = 0
    used = False


def _remember(node: Node) -> None:
    backend = kernels.loaded("cuda")
    stream = None if backend is None else backend.current_stream()
    if stream is not None:
        notes(node)["stream"] = stream


def begin_remembering() -> None:
    """Let nodes remember the stream that is current when they are made, until `end_remembering`."""
    with _Streams.lock:
        _Streams.used = True
        _Streams.blocks += 1
        if _Streams.blocks == 1:
            observe(_remember)


def end_remembering() -> None:
    """Undo one `begin_remembering`."""
    with _Streams.lock:
        _Streams.blocks -= 1
        if _Streams.blocks == 0:
            ignore(_remember)


@contextmanager
def remembering() -> Iterator[None]:
    """A block in which nodes remember the stream that is current when they are made."""
    begin_remembering()
    try:
        yield
    finally:
        end_remembering()


def where_forward_ran(visit: Callable[[Node, list[Any]], None]) -> Callable[[Node, list[Any]], None]:
    """`visit`, which runs the backward step of a node, on the device of the gradients, in the stream of the forward."""

    def visit_there(node: Node, grads: list[Any]) -> None:
        g = next((g for g in grads if g is not None), None)
        if g is None:  # no gradient has arrived: only hooks run
            visit(node, grads)
            return
        array = g._array if isinstance(g, Variable) else g
        with kernels.on_device_of(array):
            if not _Streams.used:
                visit(node, grads)
                return
            stream = getattr(node, "_notes", {}).get("stream")
            with remembering(), kernels.backend_of(array).in_stream(stream):
                visit(node, grads)

    return visit_there
