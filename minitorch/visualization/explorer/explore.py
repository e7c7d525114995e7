"""Writing the page of a step: of a recording's step, of a script's, of a model's first."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from minitorch.as_torch import is_aliased
from minitorch.autograd.graph import Variable
from minitorch.files import atomic_write
from minitorch.visualization.explorer.frames import called
from minitorch.visualization.explorer.page import Torch, page
from minitorch.visualization.explorer.script import trace_script
from minitorch.visualization.explorer.trace import Trace
from minitorch.visualization.explorer.tracer import Tracer

COMPARISON = "parity.explorer"
"""The module that compares a trace with torch. It is found by its name: minitorch does not import parity."""


def explore_script(script: Path, out: Path, arguments: Sequence[str] = (), step: int = 1) -> Trace:
    """Write the page of one training step of a script, which is stopped after it.

    Args:
        script: the script; its ``import torch`` imports minitorch.
        out: the page.
        arguments: of the script.
        step: which step, from 1.

    Raises:
        UsageError: if the script ends before that step.
        OSError: if the script cannot be read or the page cannot be written.
    """
    trace = trace_script(script, arguments, step)
    write(trace, script.name, out)
    return trace


def explore_step(step: Callable[..., Any], args: Sequence[Any], out: str | os.PathLike[str], title: str) -> Any:
    """Call a step, write its page, and return what it returns."""
    tracer = Tracer()
    with tracer.active():
        result = called(step, *args)
    write(tracer.trace, title, out)
    return result


def write(trace: Trace, title: str, out: str | os.PathLike[str]) -> None:
    """Write the page of a trace."""
    text = page(trace, title, _beside_torch(trace))
    with atomic_write(out, text=True) as file:
        file.write(text)


def _beside_torch(trace: Trace) -> Torch:
    """The trace's results beside torch's, where torch and parity are installed."""
    if is_aliased():
        return Torch("", "not compared with torch: in this process `import torch` imports minitorch", {})
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec(COMPARISON.partition(".")[0]) is None:
        return Torch("", 'not compared with torch, which is not installed: pip install "minitorch-parity[parity]"', {})
    found: Torch = importlib.import_module(COMPARISON).beside_torch(trace)
    return found


@contextmanager
def unchanged(tensors: Iterable[Any], optimizers: Iterable[Any], generators: Iterable[Any]) -> Iterator[None]:
    """A block after which these tensors, their gradients, optimizers and generators are as before."""
    held = [*tensors, *(t for o in optimizers for kept in o.state.values() for t in kept.values())]
    held = [*{id(t): t for t in held if isinstance(t, Variable)}.values()]
    held += [t._grad for t in held if t._grad is not None]
    before = [(t, t._array, t._array.copy(), t._counter[0], t._grad) for t in held]
    states = [(o.state, [(p, kept, dict(kept)) for p, kept in o.state.items()]) for o in optimizers]
    drawn = [(g, g.get_state()) for g in generators]
    try:
        yield
    finally:
        for t, array, values, counter, grad in before:
            array[...] = values
            t._array, t._counter[0], t._grad = array, counter, grad
        for all_states, known in states:
            all_states.clear()
            for p, kept, content in known:
                kept.clear()
                kept.update(content)
                all_states[p] = kept
        for generator, state in drawn:
            generator.set_state(state)
