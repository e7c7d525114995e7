"""Running the events of a trace in torch, from the inputs that minitorch had, and measuring by the error budget.

Each event is compared by itself: torch gets the arrays that the operation, its backward step or the optimizer got, so
no error of an earlier event is counted. The oracle is torch in float64, as in `parity.compare.budget`. Where minitorch
seems past its budget, torch's own error is measured on neighbouring inputs too, one rounding error away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from minitorch.autograd.op import Op
from minitorch.visualization.explorer.page import Compared, Torch
from minitorch.visualization.explorer.trace import Event, Part, Trace
from parity.compare.budget import limit, measure
from parity.explorer.counterparts import counterpart, key_of, terms, terms_of_gradient

NEIGHBOURS = 3
NONE = Compared(None, 0.0, 0.0, 0.0, "has no single function for this")
NO_RESULT = Compared(None, 0.0, 0.0, 0.0, "its function does not return this")
OTHER_DTYPE = Compared(None, 0.0, 0.0, 0.0, "only float32 is compared")
LARGE = Compared(None, 0.0, 0.0, 0.0, "not compared: the arrays are too large to be kept")
NOTE = "each result beside torch {}'s for the same inputs"
Change = Callable[[np.ndarray], np.ndarray]


def beside_torch(trace: Trace) -> Torch:
    """What torch computes for each event of a trace."""
    results: dict[tuple[int, int], Compared] = {}
    with torch.random.fork_rng(devices=[]):
        for event in trace.events:
            if event.kind not in ("forward", "backward", "update"):
                continue
            for i, found in enumerate(_compared(trace, event)):
                results[event.number, i] = found
    version = torch.__version__.partition("+")[0]
    return Torch(version, NOTE.format(version), results)


def _compared(trace: Trace, event: Event) -> Iterator[Compared]:
    """Each output of an event beside torch's."""
    kept = trace.arrays.kept
    made = event if event.kind != "backward" or event.forward is None else trace.events[event.forward]
    parts = [p for p in (*event.inputs, *made.inputs, *event.outputs) if p.array is not None]
    if not all(kept[p.array].whole for p in parts if p.array is not None):
        yield from [LARGE] * len(event.outputs)
        return
    taken = [kept[p.array].dtype for p in (*event.inputs, *made.inputs) if p.array is not None]
    if any(dtype.kind == "f" and dtype != np.float32 for dtype in taken):
        yield from [OTHER_DTYPE] * len(event.outputs)
        return
    replay = _update if event.kind == "update" else _operation
    try:
        theirs, oracle = replay(trace, event, torch.float32, _same), replay(trace, event, torch.float64, _same)
    except (NotImplementedError, RuntimeError, TypeError, ValueError, IndexError):
        theirs = oracle = None
    if theirs is None or oracle is None:
        yield from [NONE] * len(event.outputs)
        return
    drawn = _drawn(trace, event)
    counts = _terms(trace, event)
    for i, part in enumerate(event.outputs):
        mine = kept[part.array].data if part.array is not None else None
        t, o = (r[i] if i < len(r) else None for r in (theirs, oracle))
        if mine is None or t is None or o is None or t.shape != mine.shape:
            yield NO_RESULT
        elif mine.dtype.kind != "f" or t.dtype != mine.dtype:
            wrong = int((mine != t).sum()) if mine.dtype.kind != "f" else None
            yield NONE if wrong is None else Compared(t, float(wrong), 0.0, 1.0, f"{wrong} others" if wrong else "")
        else:
            n = counts[i]
            found = measure(mine, t, o, n, drawn=drawn)
            if found.fault:
                own = max([found.torch, *(_near(trace, event, replay, i, n, drawn))])
                found = measure(mine, t, o, n, torch_error=own, drawn=drawn)
            yield Compared(t, found.ours, found.torch, limit(mine.dtype.name) * max(found.torch, 1.0), found.fault)


def _near(trace: Trace, event: Event, replay: Any, i: int, n: int, drawn: float) -> Iterator[float]:
    """torch's own error on neighbouring inputs."""
    for seed in range(NEIGHBOURS):

        def moved(x: np.ndarray, seed: int = seed) -> np.ndarray:
            up = np.random.default_rng((seed, x.size)).random(x.shape) < 0.5
            return np.where(up, np.nextafter(x, np.inf, dtype=x.dtype), np.nextafter(x, -np.inf, dtype=x.dtype))

        theirs, oracle = replay(trace, event, torch.float32, moved), replay(trace, event, torch.float64, moved)
        yield measure(theirs[i], theirs[i], oracle[i], n, drawn=drawn).torch


def _same(x: np.ndarray) -> np.ndarray:
    return x


def _drawn(trace: Trace, event: Event) -> float:
    """How large the floating-point inputs of an event are."""
    inputs = [trace.arrays.kept[p.array] for p in event.inputs if p.array is not None]
    return max((float(np.abs(k.data).max(initial=0.0)) for k in inputs if k.dtype.kind == "f"), default=1.0)


def _terms(trace: Trace, event: Event) -> list[int]:
    """For each output, how many numbers are summed for an element of it."""
    if event.kind == "update":
        return [1] * len(event.outputs)
    made = event if event.forward is None else trace.events[event.forward]
    shapes = [trace.arrays.kept[a.array].shape for a in made.arguments if isinstance(a, Part) and a.array is not None]
    outputs = [trace.arrays.kept[p.array].shape for p in made.outputs if p.array is not None]
    name = key_of(made.rule)
    if event.kind == "forward":
        return [terms(name, shapes, outputs)] * len(event.outputs)
    tensors = [i for i, a in enumerate(made.arguments) if isinstance(a, Part)]
    return [terms_of_gradient(name, tensors.index(p), shapes, outputs) for p in event.differentiated]


def _operation(trace: Trace, event: Event, dtype: Any, change: Change) -> list[Any] | None:
    """The results of an operation in torch, or, for a backward step, the gradients of its arguments."""
    made = event if event.kind == "forward" else trace.events[event.forward] if event.forward is not None else None
    if made is None or not isinstance(made.rule, Op):
        return None
    function = counterpart(key_of(made.rule))
    if function is None:
        return None
    args = [_tensor(trace, a, dtype, change) if isinstance(a, Part) else _plain(a, dtype) for a in made.arguments]
    if event.kind == "forward":
        with torch.no_grad():
            return [None if t is None else _array(t) for t in _tuple(function(*args))]
    leaves = [args[p].requires_grad_() for p in event.differentiated]
    outs = _tuple(function(*args))
    names = [p.name for p in made.outputs]
    pairs = [(outs[names.index(p.name)], _tensor(trace, p, dtype, change)) for p in event.inputs]
    grads = torch.autograd.grad([o for o, _ in pairs], leaves, [g for _, g in pairs], allow_unused=True)
    return [None if g is None else _array(g) for g in grads]


def _update(trace: Trace, event: Event, dtype: Any, change: Change) -> list[Any] | None:
    """A parameter and its state in the optimizer after a step in torch."""
    kind = getattr(torch.optim, event.name, None)
    if kind is None or not event.rule.__module__.startswith("minitorch."):
        return None
    before = {p.name: _tensor(trace, p, dtype, change) for p in event.inputs if p.array is not None}
    parameter, grad = before.pop("parameter"), before.pop("grad")
    optimizer = kind([parameter], lr=1.0)
    optimizer.param_groups[0].update(event.arguments[0])
    parameter.grad = grad
    if before:
        optimizer.state[parameter].update(before)
    optimizer.step()
    after = {"parameter": parameter.detach(), **optimizer.state[parameter]}
    return [_array(after[p.name]) if p.name in after else None for p in event.outputs]


def _tensor(trace: Trace, part: Part, dtype: Any, change: Change) -> Any:
    """An array of the trace as a tensor, floating-point numbers in `dtype`."""
    assert part.array is not None
    data = trace.arrays.kept[part.array].data
    if data.dtype.kind != "f":
        return torch.from_numpy(data.copy())
    return torch.from_numpy(change(data).copy()).to(dtype)


def _plain(value: Any, dtype: Any) -> Any:
    """A plain argument, with its arrays, such as the arrays in an index, as tensors."""
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(_plain(v, dtype) for v in value)
    if isinstance(value, np.ndarray):
        t = torch.from_numpy(value.copy())
        return t.to(dtype) if t.is_floating_point() else t
    return value


def _tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _array(t: Any) -> np.ndarray:
    found: np.ndarray = t.detach().numpy().copy()
    return found
