"""The random numbers that a step on a GPU draws on the host: a replay of the step's graph draws them again."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import numpy as np

import kernels
from minitorch.cuda.graphs import graph_pool_handle
from minitorch.random.generator import Generator
from minitorch.recording.stand_ins import DRAWS, RESTARTS


class Draw(NamedTuple):
    """Random numbers that a step draws: their array on the GPU, how to draw them, and where the generator was.

    Attributes:
        place: the array that the graph reads.
        again: draws the next numbers, on the host.
        generator: the generator.
        state: its state before the draw.
    """

    place: Any
    again: Callable[[], Any]
    generator: Generator
    state: Any


@contextmanager
def noted_draws() -> Iterator[list[Draw]]:
    """A block in which numbers that this thread draws on the host are noted, and their place on the GPU is returned.

    Afterwards the generators are where they were before the block.
    """
    draws: list[Draw] = []
    running = False
    here = threading.get_ident()
    xp = kernels.get_backend("cuda").xp
    room = graph_pool_handle()  # not the graph's memory, in which the graph may have another array before the draw

    def noting(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def draw(generator: Any, *args: Any, **kwargs: Any) -> Any:
            nonlocal running
            if running or threading.get_ident() != here:  # a draw that uses another one; a loader of data
                return method(generator, *args, **kwargs)
            if str(generator.device) != "cpu" or any(hasattr(a, "dtype") and np.ndim(a) for a in args):
                raise RuntimeError(
                    f"{name} of a generator on the GPU, or with an array of probabilities, cannot be part of a CUDA "
                    "graph: draw outside of the step, and pass the numbers as an argument"
                )
            state, running = generator.get_state(), True
            try:
                drawn = np.asarray(method(generator, *args, **kwargs))
            finally:
                running = False
            with xp.cuda.using_allocator(room.malloc):
                place = xp.empty(drawn.shape, drawn.dtype)
            draws.append(Draw(place, functools.partial(method, generator, *args, **kwargs), generator, state))
            return place

        return draw

    def refusing(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def refuse(*args: Any, **kwargs: Any) -> Any:
            if running or threading.get_ident() != here:
                return method(*args, **kwargs)
            raise RuntimeError(f"{name} of a generator: call it outside of the step")

        return refuse

    classes: list[type[Any]] = [Generator, *Generator.__subclasses__()]
    with ExitStack() as stack:
        for kind in {base for each in classes for base in each.__mro__}:
            for names, stand_in in ((DRAWS, noting), (RESTARTS, refusing)):
                for name in names:
                    if name in kind.__dict__:
                        stack.callback(setattr, kind, name, kind.__dict__[name])
                        setattr(kind, name, stand_in(name, kind.__dict__[name]))
        try:
            yield draws
        finally:
            stack.close()
            for each in reversed(draws):
                each.generator.set_state(each.state)
