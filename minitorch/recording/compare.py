"""Whether two runs of a step did the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitorch.recording.capture import Capture, Gradient, Input, Returned
from minitorch.recording.program import Call, Expression, Value
from minitorch.recording.recorder import Number, Options


def difference(a: Capture, b: Capture) -> str | None:
    """What differs between two runs, in words, with the line; None if they did the same."""
    for one, other in zip(a.program.calls, b.program.calls, strict=False):
        what = _call_difference(one, other)
        if what is not None:
            where = f"{other.place.file}:{other.place.line}"
            return (
                f"{where}: {what}. Two steps in turn did not do the same, so a replay would be wrong: pass what "
                "changes as a tensor argument, or do it outside of the step"
            )
    if len(a.program.calls) != len(b.program.calls):
        longer = max(a.program.calls, b.program.calls, key=len)
        place = longer[min(len(a.program.calls), len(b.program.calls))].place
        return (
            f"{place.file}:{place.line}: of two steps in turn one did {len(a.program.calls)} array operations, the "
            f"other {len(b.program.calls)}: what Python decides in the step must not change from step to step"
        )
    if [id(t) for _, t, _ in a.program.externals] != [id(t) for _, t, _ in b.program.externals]:
        return "two steps in turn used different tensors of those that were there before; pass them as arguments"
    if _plain(a.result) != _plain(b.result):
        return f"two steps in turn returned different values: {_plain(a.result)} and {_plain(b.result)}"
    if [_gradient(g) for g in a.gradients] != [_gradient(g) for g in b.gradients]:
        return "two steps in turn left other tensors without gradients (grad)"
    if [n for _, n in a.counts] != [n for _, n in b.counts]:
        return "two steps in turn wrote tensors a different number of times"
    return None


def _call_difference(a: Call, b: Call) -> str | None:
    if (a.form, a.name, a.place.section, a.expected) != (b.form, b.name, b.place.section, b.expected):
        return f"{a.name} in one step, {b.name} in the other" if a.name != b.name else "a check came out differently"
    one, other = _plain((a.args, a.kwargs)), _plain((b.args, b.kwargs))
    if one != other:
        return f"an argument of {b.name} was {_changed(one, other)}"
    if _plain(a.result) != _plain(b.result):
        return f"{b.name} gave an array of shape {_shapes(a)} in one step and {_shapes(b)} in the next"
    if [m.index for m in a.writes] != [m.index for m in b.writes]:
        return f"{b.name} wrote other arrays"
    return None


def _shapes(call: Call) -> str:
    return ", ".join(str(v.host.shape) for v in call.results())


def _changed(a: Any, b: Any) -> str:
    """The first leaf that differs, in words."""
    if type(a) is type(b) and isinstance(a, tuple) and len(a) == len(b):
        for one, other in zip(a, b, strict=True):
            if one != other:
                return _changed(one, other)
    return f"{_short(a)} in one step and {_short(b)} in the next"


def _short(x: Any) -> str:
    text = str(x[1] if isinstance(x, tuple) and x and x[0] in ("float", "object") else x)
    return text if len(text) < 100 else text[:97] + "..."


def _plain(x: Any) -> Any:
    """Nested arguments as tuples that can be compared: equal only if a replay would be the same."""
    if isinstance(x, Value):
        return ("value", x.index, *x.described())
    if isinstance(x, Number):
        return ("number", x.index)
    if isinstance(x, Options):
        return ("options", id(x.optimizer), x.group)
    if isinstance(x, Expression):
        return ("expression", *map(_plain, x.parts))
    if isinstance(x, Returned):
        return (
            "returned",
            _plain(x.value),
            x.requires_grad,
            x.writes,
            x.shares if isinstance(x.shares, int) else id(x.shares),
        )
    if isinstance(x, Input):
        return ("input", x.number)
    if isinstance(x, tuple | list):
        return (type(x).__name__, *map(_plain, x))
    if isinstance(x, dict):
        return ("dict", *((key, _plain(value)) for key, value in x.items()))
    if isinstance(x, slice):
        return ("slice", _plain(x.start), _plain(x.stop), _plain(x.step))
    if isinstance(x, np.ndarray):
        return ("array", x.shape, x.dtype.str, x.tobytes())
    if isinstance(x, float):
        return ("float", repr(x))
    if isinstance(x, int | str | bool | None):
        return (type(x).__name__, x)
    if isinstance(x, np.generic | np.dtype):
        return (type(x).__name__, repr(x))
    return ("object", id(x)) if callable(x) or hasattr(x, "__dict__") else ("object", repr(x))


def _gradient(g: Gradient) -> Any:
    leaf = g.leaf if isinstance(g.leaf, int) else id(g.leaf)
    after = g.after
    if not isinstance(after, Returned) and after is not None:
        after = "old" if after is g.before else id(after)
    return leaf, _plain(after) if isinstance(after, Returned) else after, g.used
