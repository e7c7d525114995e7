"""Checks of every optimizer besides its results: its repr, and a run continued in the other library from its state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from parity.compare.budget import measure
from parity.compare.call import Call, run, scope
from parity.compare.library import Library, start
from parity.compare.structure import to_numpy


def differences(call: Call, ours: Library, torch: Library, oracle: Library) -> Iterator[str]:
    """The differences if a run is continued after half of its steps in the other library.

    The second optimizer has other options until it loads the options of the first.
    """
    texts = [repr(_started(call, library)["optimizer"]) for library in (ours, torch)]
    if texts[0] != texts[1]:
        yield f"repr: expected {texts[1]}, got {texts[0]}"
    whole = {library: _twice(call, library) for library in (ours, torch, oracle)}
    for first, then, who in ((torch, ours, "torch continued by ours"), (ours, torch, "ours continued by torch")):
        names = _started(call, first)
        run(call.text, names)
        moved = _started(call, then)
        with then.lib.no_grad():
            for p, q in zip(moved["params"], names["params"], strict=True):
                p.copy_(then.tensor(to_numpy(q)))
        for group in moved["optimizer"].param_groups:
            group.update({name: 0.5 for name, value in group.items() if isinstance(value, float)}, lr=7.0)
        moved["optimizer"].load_state_dict(_moved(names["optimizer"].state_dict(), first, then))
        run(call.text, moved)
        for i, p in enumerate(moved["params"]):
            found = measure(to_numpy(p), whole[torch][i], whole[oracle][i], call.terms, size=1.0)
            if found.fault:
                yield f"{who}: parameter {i}: {found.fault}"


def _started(call: Call, library: Library) -> dict[str, Any]:
    names = scope(library.lib, library.dtype) | {x.name: library.input(x) for x in call.inputs}
    start(call, names)
    return names


def _twice(call: Call, library: Library) -> list[np.ndarray]:
    """The parameters after the call's steps have been run twice."""
    names = _started(call, library)
    run(call.text, names)
    run(call.text, names)
    return [to_numpy(p) for p in names["params"]]


def _moved(value: Any, source: Library, target: Library) -> Any:
    """A nested state_dict with every tensor of one library converted to one of the other."""
    if isinstance(value, source.lib.Tensor):
        array = np.array(to_numpy(value))
        return target.lib.tensor(array, dtype=getattr(target.lib, str(array.dtype)))
    if isinstance(value, Mapping):
        return {key: _moved(part, source, target) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_moved(part, source, target) for part in value)
    return value
