"""A training step that is recorded and replayed, for the option --record of models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def recorded(step: Callable[..., Any], record: bool = True) -> Callable[..., Any]:
    """`step` as a recording of `minitorch.record`, for arguments of the shapes of its first call.

    Arguments of other shapes, such as an incomplete last batch, are given to `step` itself. Results are the same.

    Args:
        step: a training step, a function of tensors.
        record: False: return `step` itself.
    """
    if not record:
        return step
    import minitorch

    replay = minitorch.record(step, on_change="record")
    usual: list[Any] = []

    def run(*args: Any) -> Any:
        shapes = [a.shape for a in args]
        if not usual:
            usual.append(shapes)
        return replay(*args) if shapes == usual[0] else step(*args)

    return run
