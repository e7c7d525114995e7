"""What tensors, modules, optimizers and recordings show in a notebook: one line, which opens to more.

Their methods `_repr_html_` call these functions. The HTML is made of `details` elements: no script, no style sheet.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import numpy as np

from minitorch._tensor import Tensor
from minitorch.nn.modules.module import Module
from minitorch.nn.parameter import Parameter
from minitorch.optim.optimizer import Optimizer
from minitorch.recording.recording import Recording
from minitorch.recording.table import lines_of
from minitorch.visualization.graph import leaf_text
from minitorch.visualization.memory import Pieces, amount

FEW = 40
"""The elements of a tensor that is shown opened."""


def details(summary: str, body: Iterable[str], opened: bool = False) -> str:
    """A line of HTML that opens to a body of HTML; the line alone if the body is empty."""
    inside = "".join(body)
    if not inside:
        return f"<div>{summary}</div>"
    return (
        f"<details{' open' if opened else ''}><summary>{summary}</summary>"
        f'<div style="margin-left: 1.5em">{inside}</div></details>'
    )


def pre(text: str) -> str:
    """Text with its line breaks and spaces."""
    style = "margin: 0; font-family: monospace; white-space: pre; overflow-x: auto"
    return f'<pre style="{style}">{escape(text)}</pre>'


def tensor(t: Tensor) -> str:
    """A line with shape, dtype, range and origin, which opens to the elements."""
    array = t.detach().cpu().numpy()
    return details(" · ".join(filter(None, _parts(t, array))), [pre(repr(t))], opened=array.size <= FEW)


def _parts(t: Tensor, array: np.ndarray) -> Iterable[str]:
    yield f"<b>{escape(type(t).__name__)}</b> {tuple(t.shape)} {str(t.dtype).rpartition('.')[2]}"
    yield "" if t.device.type == "cpu" else escape(str(t.device))
    yield from _numbers(array)
    if t.grad_fn is not None:
        yield escape(t.grad_fn.name())
    elif t.requires_grad:
        yield leaf_text(t)


def _numbers(array: np.ndarray) -> Iterable[str]:
    """The smallest, mean and largest of the finite elements, and how many are not finite."""
    if array.dtype.kind == "b" or array.size < 2:
        return
    finite = array[np.isfinite(array)]
    if finite.size:
        yield f"{finite.min():.4g} to {finite.max():.4g}, mean {finite.mean(dtype='float64'):.4g}"
    if finite.size < array.size:
        yield f"<b>{amount(array.size - finite.size)} not finite</b>"


def module(m: Module, name: str = "") -> str:
    """A line with the class, its options and how many numbers it has, which opens to its parameters and modules."""
    count = sum(p.numel() for p in m.parameters())
    kind = f"{f'{name}: ' if name else ''}<b>{escape(type(m).__name__)}</b>"
    options = f"({escape(m.extra_repr())})" if m.extra_repr() else ""
    mode = "" if m.training else " · eval"
    inside = [_named(key, t) for key, t in (*m._parameters.items(), *m._buffers.items()) if t is not None]
    inside += [module(child, escape(key)) for key, child in m._modules.items() if child is not None]
    numbers = f" · {amount(count)} parameters" if count else ""
    return details(f"{kind}{options}{numbers}{mode}", inside, opened=not name)


def _named(name: str, t: Tensor) -> str:
    about = leaf_text(t) if isinstance(t, Parameter) and t.requires_grad else "frozen"
    about = about if isinstance(t, Parameter) else "buffer"
    return f"<div>{escape(name)} {tuple(t.shape)} · {about}</div>"


def optimizer(o: Optimizer) -> str:
    """A line with the class and its learning rates, which opens to the options of each group, and the state's size."""
    parameters = [p for group in o.param_groups for p in group["params"]]
    rates = ", ".join(dict.fromkeys(f"{float(group['lr']):g}" for group in o.param_groups))
    pieces = Pieces()
    state: dict[str, int] = {}
    for kept in o.state.values():
        for name, value in kept.items():
            state[name] = state.get(name, 0) + pieces.add(getattr(value, "_array", None))
    inside = [
        details(
            f"group {i}: {len(group['params'])} tensors",
            [
                pre(
                    "\n".join(
                        f"{name}: {value}" for name, value in group.items() if name not in ("params", "param_names")
                    )
                )
            ],
            opened=len(o.param_groups) == 1,
        )
        for i, group in enumerate(o.param_groups)
    ]
    if state:
        inside.append(f"<div>state: {', '.join(f'{escape(k)} {amount(v)} bytes' for k, v in state.items())}</div>")
    count = amount(sum(p.numel() for p in parameters))
    return details(f"<b>{escape(type(o).__name__)}</b> · lr {rates} · {count} parameters", inside)


def recording(r: Recording) -> str:
    """A line with the step's name and how many kernel calls it has in each section, which opens to the table."""
    first = r._first
    if first is None:
        return f"<div>{escape(repr(r))}</div>"
    sections = [line.place.section for line in lines_of(first.capture.program, first.results)]
    counts = [f"{sections.count(name)} {name}" for name in dict.fromkeys(sections)]
    return details(f"<b>Recording</b> of {escape(r._step_name())} · calls: {', '.join(counts)}", [pre(repr(r))])
