"""What takes the place of NumPy, of the host's backend and of generators while a step is recorded."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FunctionType
from typing import Any

import numpy as np

from kernels import backend
from minitorch.autograd import creation
from minitorch.autograd.graph import Node
from minitorch.optim.optimizer import Optimizer
from minitorch.random.generator import Generator
from minitorch.recording.boxes import ACTIVE, BACKEND, NUMPY, Noting, as_float, path_of
from minitorch.recording.recorder import Recorder

DRAWS = [
    "uniform",
    "normal",
    "log_normal",
    "exponential",
    "cauchy",
    "geometric",
    "bernoulli",
    "dropout",
    "integers",
    "full_range",
    "permutation",
    "multinomial",
]
"""The methods of a generator that draw."""
RESTARTS = ("manual_seed", "seed", "set_state")
"""The methods of a generator that make it start elsewhere."""

_NOT_KERNELS = {"kernels.backend", "kernels.dispatch", "kernels.floating_point_errors"}

for _type in BACKEND.array_types:
    backend._BY_TYPE[_type] = BACKEND


@contextmanager
def stand_ins(recorder: Recorder) -> Iterator[None]:
    """A block in which the recorder is active, and NumPy, the host's backend and generators tell it what they do."""
    with ExitStack() as stack:

        def put(space: Any, name: str, value: Any) -> None:
            if isinstance(space, dict):
                stack.callback(space.__setitem__, name, space[name]) if name in space else stack.callback(
                    space.pop, name
                )
                space[name] = value
            else:
                old = space.__dict__[name]
                stack.callback(setattr, space, name, old)
                setattr(space, name, value)

        for name, module in [*sys.modules.items()]:
            space = vars(module) if name.startswith(("kernels.", "minitorch.optim.")) else {}
            if name.startswith(("kernels.optimizer", "kernels.cpu.optimizer", "minitorch.optim.")):
                put(space, "float", as_float)
                if "BLOCK" in space:
                    put(space, "BLOCK", sys.maxsize)  # a replay makes blocks itself
            if name.startswith(("kernels.cuda", "kernels.cusim", "minitorch.")) or name in _NOT_KERNELS:
                continue
            for word, value in [*space.items()]:
                if value is np:
                    put(space, word, NUMPY)
                elif isinstance(value, FunctionType) and value.__module__.startswith("numpy"):
                    put(space, word, Noting(value, path_of(value)))
                elif word in ("in_halves", "in_blocks"):
                    put(space, word, _told(word, value))
        put(backend._BACKENDS, "cpu", BACKEND)
        for cls in _subclasses(Optimizer):
            if "_options" in cls.__dict__ and cls.__module__.startswith("minitorch.optim"):
                put(cls, "_options", _noting_options(cls.__dict__["_options"]))
        for name in DRAWS:
            put(Generator, name, _noting_draw(name, Generator.__dict__[name]))
        for name in RESTARTS:
            owner = next(c for c in Generator.__mro__ if name in c.__dict__)
            put(owner, name, _refusing(name, owner.__dict__[name]))
        stack.callback(creation.ignore, _node_made)
        creation.observe(_node_made)
        ACTIVE.recorder, ACTIVE.thread = recorder, threading.get_ident()
        stack.callback(setattr, ACTIVE, "recorder", None)
        yield


def _node_made(node: Node) -> None:
    recorder = ACTIVE.here()
    if recorder is not None:
        recorder.node_made(node)


def _subclasses(cls: type[Any]) -> Iterator[type[Any]]:
    sub: type[Any]
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)


def _noting_options(options: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(options)
    def noted(self: Any, group: dict[str, Any]) -> Any:
        recorder = ACTIVE.here()
        values = options(self, group)
        return values if recorder is None else recorder.add_options(self, group, values)

    return noted


def _noting_draw(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def noted(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorder = ACTIVE.here()
        return method(self, *args, **kwargs) if recorder is None else recorder.draw(self, name, method, args, kwargs)

    return noted


def _told(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """`in_halves` or `in_blocks` of the kernels, replaced by the recorder's method of that name while it records."""

    def run(*args: Any) -> Any:
        recorder = ACTIVE.here()
        return function(*args) if recorder is None else getattr(recorder, name)(*args)

    return run


def _refusing(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def refused(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorder = ACTIVE.here()
        if recorder is not None:
            recorder.fail(f"the step calls {name} of a generator: call it outside of the step")
        return method(self, *args, **kwargs)

    return refused
